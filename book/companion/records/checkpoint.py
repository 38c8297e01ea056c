"""What there is of an unfinished record: the parts of finished cells and the states of begun ones."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from anogen import paths
from companion.experiment import Arrays, Experiment
from companion.records import store
from companion.records.slices import Basis, Result


class Work:
    """The folder of an unfinished record. Only the process that was asked for the record writes into it."""

    def __init__(self, experiment: Experiment, basis: Basis) -> None:
        # Other code, or MNIST where its stand-in was used before, is other work.
        text = f"{experiment.id} {basis.code} {' '.join(sha256 for _, sha256 in basis.data)}"
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.folder = paths.cache() / "work" / f"{experiment.name}-{key}"

    def part(self, index: int) -> Arrays | None:
        """Return the arrays of a finished cell."""
        return read(self.folder / f"{index}.npz")

    def state(self, index: int) -> Arrays | None:
        """Return the state from which a begun cell goes on."""
        return read(self.folder / f"{index}.state.npz")

    def put(self, index: int, result: Result) -> None:
        """Store what a worker handed back, and what it cost."""
        spent = read(self.folder / f"{index}.seconds.npz") or {}
        seconds = np.array(result.seconds + float(spent.get("seconds", 0)))
        platforms = np.array(sorted({result.platform, *spent.get("platforms", np.array([], str)).tolist()}))
        if result.finished:
            store.save_arrays(self.folder / f"{index}.npz", result.arrays, compress=False)
            (self.folder / f"{index}.state.npz").unlink(missing_ok=True)
        else:
            store.save_arrays(self.folder / f"{index}.state.npz", result.arrays, compress=False)
        cost = {"seconds": seconds, "platforms": platforms}
        store.save_arrays(self.folder / f"{index}.seconds.npz", cost, compress=False)

    def seconds(self) -> float:
        """Return the seconds of computation so far, summed over the cells whatever the number of workers."""
        return sum(float(spent["seconds"]) for spent in self._costs())

    def platforms(self) -> set[str]:
        """Return the fingerprints of the machines that computed."""
        return {platform for spent in self._costs() for platform in spent.get("platforms", np.array([], str)).tolist()}

    def _costs(self) -> Iterator[Arrays]:
        for path in self.folder.glob("*.seconds.npz"):
            yield read(path) or {"seconds": np.array(0.0)}

    def discard(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


def read(path: Path) -> Arrays | None:
    """Return the arrays of a file that is whole; files are moved into place, so a broken one is not there."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}
