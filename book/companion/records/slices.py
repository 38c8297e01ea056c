"""A slice of the computation: one cell for some seconds, resumed from the state that its previous slice stored."""

import hashlib
import shutil
import socket
import sys
import threading
import time
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import joblib
import numpy as np

from anogen import machine, paths
from anogen.datasets.formats import DamagedError, npz
from anogen.errors import InputError
from companion import digest
from companion.datasets.info import dataset_info
from companion.experiment import Arrays, Experiment, Inputs
from companion.records import store

# Threads and the random generators of libraries belong to the process, so a worker's threads take turns.
_lock = threading.RLock()


class Result(NamedTuple):
    """The result of a slice: the cell's arrays, or the state from which to resume."""

    finished: bool
    fraction: float
    arrays: Arrays
    seconds: float
    platform: str


class Fingerprint(NamedTuple):
    """Everything but the parameters that a result depends on; it must agree wherever slices are computed."""

    code: str
    data: tuple[tuple[str, str], ...]  # name and sha256
    versions: tuple[tuple[str, str], ...]

    @classmethod
    def compute(cls, experiment: Experiment, code: str | None = None) -> "Fingerprint":
        """Return the fingerprint of an experiment in this process, with another code digest if one is passed."""
        return cls(
            code or store.code_digest(experiment),
            tuple((name, dataset_info(name).sha256) for name in experiment.datasets()),
            tuple((name, metadata.version(name)) for name in machine.VERSIONS_OF),
        )


def compute_slice(
    experiment: Experiment,
    cell: tuple,
    inputs: Inputs,
    state: Arrays | None,
    seconds: float,
    expected: Fingerprint | None,
) -> Result:
    """Compute one cell on one thread, to its end or until `seconds` have passed, if the fingerprint is the expected."""
    # Inside a task of Dask, joblib might distribute what scikit-learn computes over the whole cluster.
    with _lock, machine.threads(1), joblib.parallel_config(backend="sequential"):
        if expected is not None:
            check(experiment, expected)
        began = time.perf_counter()
        for item in experiment.steps(cell, inputs, state):
            spent = time.perf_counter() - began
            if isinstance(item, dict):
                return Result(True, 1.0, item, spent, machine.fingerprint())
            if spent >= seconds:
                return Result(False, item.done, item.state(), spent, machine.fingerprint())
    raise TypeError(f"{type(experiment).__name__}.steps ended without the cell's arrays")


def check(experiment: Experiment, expected: Fingerprint) -> None:
    """Raise `InputError` if this process has other code, data or package versions than expected."""
    actual = Fingerprint.compute(experiment, store.code_digest(experiment, _loaded))
    host = socket.gethostname()
    if actual.code != expected.code:
        raise InputError(f"the worker on {host} has other code of {experiment.name}: install the same, and restart it")
    for kind in ("data", "versions"):
        for (name, wanted), (_, found) in zip(getattr(expected, kind), getattr(actual, kind), strict=True):
            if wanted != found:
                remedy = f"`anogen data fetch {name}`, or ANOGEN_DATA," if kind == "data" else f"{name}=={wanted}"
                raise InputError(
                    f"the worker on {host} has another {name} ({kind} {found[:12]}, not {wanted[:12]}): "
                    f"install the same ({remedy} there), and restart it"
                )


@cache
def _loaded(*modules: str) -> str:
    """Return the digest of modules as they were when this process first used them; files may be edited later."""
    return digest.of_code(*modules)


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
        seconds, platforms = _cost(self.folder / f"{index}.seconds.npz")
        state = self.folder / f"{index}.state.npz"
        store.save_arrays(self.folder / f"{index}.npz" if result.finished else state, result.arrays, compress=False)
        if result.finished:
            state.unlink(missing_ok=True)
        platforms.add(result.platform)
        cost = {"seconds": np.array(seconds + result.seconds), "platforms": np.array(sorted(platforms))}
        store.save_arrays(self.folder / f"{index}.seconds.npz", cost, compress=False)

    def cost(self) -> tuple[float, set[str]]:
        """Return the seconds of computation so far, summed over the cells, and the names of the platforms."""
        costs = [_cost(path) for path in self.folder.glob("*.seconds.npz")]
        return sum(seconds for seconds, _ in costs), set().union(*(platforms for _, platforms in costs))

    def discard(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _cost(path: Path) -> tuple[float, set[str]]:
    spent = read(path) or {"seconds": np.array(0.0), "platforms": np.array([], str)}
    return float(spent["seconds"]), set(spent["platforms"].tolist())


def read(path: Path) -> Arrays | None:
    """Return the arrays of a file; None if it is absent or damaged: it is set aside then, and its work repeated."""
    if not path.is_file():
        return None
    try:
        return npz(path)
    except DamagedError as error:
        aside = path.replace(path.with_suffix(".damaged"))
        print(f"anogen: {error}; it is {aside.name} now, and its work is repeated", file=sys.stderr)  # noqa: T201
        return None
