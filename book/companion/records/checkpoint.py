"""Unfinished records: the arrays of finished cells and the states of interrupted ones."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from anogen import paths
from companion.experiment import Arrays, Experiment
from companion.records import store
from companion.records.slices import Fingerprint, Result


class Checkpoint:
    """The folder of an unfinished record. Only the process that computes the record writes into it."""

    def __init__(self, experiment: Experiment, fingerprint: Fingerprint) -> None:
        # With other code or data (MNIST where its stand-in was used before) the computation starts over.
        text = f"{experiment.id} {fingerprint.code} {' '.join(sha256 for _, sha256 in fingerprint.data)}"
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.folder = paths.cache() / "work" / f"{experiment.name}-{key}"

    def part(self, index: int) -> Arrays | None:
        """Return the arrays of a finished cell."""
        return read(self.folder / f"{index}.npz")

    def state(self, index: int) -> Arrays | None:
        """Return the state from which an interrupted cell resumes."""
        return read(self.folder / f"{index}.state.npz")

    def put(self, index: int, result: Result) -> None:
        """Store a worker's result and its cost."""
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
        """Return the seconds of computation so far, summed over the cells, whatever the number of workers."""
        return sum(float(spent["seconds"]) for spent in self._costs())

    def platforms(self) -> set[str]:
        """Return the names of the platforms that computed."""
        return {platform for spent in self._costs() for platform in spent.get("platforms", np.array([], str)).tolist()}

    def _costs(self) -> Iterator[Arrays]:
        for path in self.folder.glob("*.seconds.npz"):
            yield read(path) or {"seconds": np.array(0.0)}

    def discard(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def read(path: Path) -> Arrays | None:
    """Return the arrays of a file, or None if it is absent; files are moved into place, so none is incomplete."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}
