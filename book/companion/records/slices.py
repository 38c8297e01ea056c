"""What is computed at once: one cell for some seconds, from the state where an earlier slice of it ended."""

import socket
import threading
import time
from functools import cache
from importlib import metadata
from typing import NamedTuple

import joblib

from anogen.errors import InputError
from anogen.machine import VERSIONS_OF, fingerprint, one_thread
from companion.datasets.info import stated
from companion.experiment import Arrays, Experiment, Inputs
from companion.records import digest, store

# Threads and the random generators of libraries belong to the process: a worker with several threads takes turns.
_one_at_a_time = threading.RLock()


class Result(NamedTuple):
    """What a worker hands back: the cell's arrays, or the state from which to go on."""

    finished: bool
    fraction: float
    arrays: Arrays
    seconds: float
    platform: str


class Basis(NamedTuple):
    """What a result depends on besides the parameters, so that it has to be the same wherever slices are computed."""

    code: str
    data: tuple[tuple[str, str], ...]  # name and sha256
    versions: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, experiment: Experiment, code: str | None = None) -> "Basis":
        """Return the basis of an experiment in this process, or with other code."""
        return cls(
            code or store.code_digest(experiment),
            tuple((name, stated(name).sha256) for name in experiment.datasets()),
            tuple((name, metadata.version(name)) for name in VERSIONS_OF),
        )


def work(
    experiment: Experiment, cell: tuple, inputs: Inputs, state: Arrays | None, seconds: float, basis: Basis | None
) -> Result:
    """Work on one cell for so many seconds, or to its end, on one thread.

    Raises
    ------
    InputError
        If a basis is given and this process has another one.
    """
    # Inside a task joblib's Dask backend would hand what scikit-learn computes to the whole cluster.
    with _one_at_a_time, one_thread(), joblib.parallel_config(backend="sequential"):
        if basis is not None:
            check(experiment, basis)
        began = time.perf_counter()
        for item in experiment.steps(cell, inputs, state):
            spent = time.perf_counter() - began
            if isinstance(item, dict):
                return Result(True, 1.0, item, spent, fingerprint())
            if spent >= seconds:
                return Result(False, item.done, item.state(), spent, fingerprint())
    raise TypeError(f"{type(experiment).__name__}.steps ended without the cell's arrays")


def check(experiment: Experiment, basis: Basis) -> None:
    """Raise `InputError` if this process has other code, data or packages than a basis."""
    here = Basis.of(experiment, store.code_digest(experiment, _loaded))
    host = socket.gethostname()
    if here.code != basis.code:
        raise InputError(f"the worker on {host} has other code of {experiment.name}: install the same, and restart it")
    for kind, ours, theirs in (("data", basis.data, here.data), ("version", basis.versions, here.versions)):
        for (name, wanted), (_, found) in zip(ours, theirs, strict=True):
            if wanted != found:
                remedy = f"`anogen data fetch {name}`, or ANOGEN_DATA," if kind == "data" else f"{name}=={wanted}"
                raise InputError(
                    f"the worker on {host} has another {name} ({kind} {found[:12]}, not {wanted[:12]}): "
                    f"give it the same ({remedy} there), and restart it"
                )


@cache
def _loaded(*modules: str) -> str:
    """Return the digest of modules as they were when this process first computed with it; files may be edited later."""
    return digest.of_code(*modules)
