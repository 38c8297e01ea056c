"""A slice of the computation: one cell for some seconds, resumed from the state where its previous slice ended."""

import socket
import threading
import time
from functools import cache
from importlib import metadata
from typing import NamedTuple

import joblib

from anogen import machine
from anogen.errors import InputError
from companion.datasets.info import dataset_info
from companion.experiment import Arrays, Experiment, Inputs
from companion.records import digest, store

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
    """Compute one cell on one thread, to its end or until `seconds` have passed.

    Raises
    ------
    InputError
        If this process does not have the expected fingerprint.
    """
    # Inside a task joblib's Dask backend would distribute what scikit-learn computes over the whole cluster.
    with _lock, machine.one_thread(), joblib.parallel_config(backend="sequential"):
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
    pairs = (("data", expected.data, actual.data), ("version", expected.versions, actual.versions))
    for kind, expected_values, actual_values in pairs:
        for (name, wanted), (_, found) in zip(expected_values, actual_values, strict=True):
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
