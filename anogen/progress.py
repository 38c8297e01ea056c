"""The progress of long computations, in a terminal."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tqdm import tqdm


class Progress(NamedTuple):
    """The progress of a long computation."""

    id: str  # of the record
    done: float  # finished cells, including fractions of running ones
    cells: int
    results: str = ""  # what has been determined by now, if it is known


Report = Callable[[Progress], None]


class Bar:
    """A progress bar in a terminal for each record that is being computed; silent elsewhere."""

    def __init__(self) -> None:
        self.bar: Any = tqdm(disable=True)
        self.id = ""

    def __enter__(self) -> "Bar":
        return self

    def __call__(self, progress: Any) -> None:
        """Show a `Progress`."""
        if progress.id != self.id:
            self.bar.close()
            self.id = progress.id
            shape = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
            self.bar = tqdm(total=progress.cells, desc=progress.id[:60], bar_format=shape, leave=False, disable=None)
        self.bar.n = min(progress.done, progress.cells)
        self.bar.refresh()

    def __exit__(self, *_: object) -> None:
        self.bar.close()
