"""Tables of the pages: a head and rows of text."""

from collections.abc import Sequence
from typing import NamedTuple


class Table(NamedTuple):
    """A table's head and its rows; every cell is Markdown."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """Return the table as Markdown."""
        if isinstance(self.head, str):  # a sequence of letters
            raise TypeError(f"the head {self.head!r} is one text: give a sequence of cells")
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def percent(share: float) -> str:
    """Return a share as a percentage without decimals."""
    return f"{float(share):.0%}"


def join_names(names: Sequence[str]) -> str:
    """Return names as one phrase: `a, b and c`; `none` for no names."""
    *others, last = names or ["none"]
    return f"{', '.join(others)} and {last}" if others else last
