"""Provenance of a record, and the witness with which newer code or another computer can check it.

A witness is the experiment at scale quick, computed on one thread with a fixed instruction set, so that its bytes are
the same on AMD and Intel processors. Elsewhere (another architecture or versions) its arrays are compared one by one,
within the difference that another instruction set made when the witness was computed.
"""

import atexit
import os
import platform
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from multiprocessing import get_context
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from anogen.machine import VERSIONS_OF, fingerprint, threads
from companion import digest
from companion.datasets.info import dataset_info
from companion.experiment import Arrays, Experiment
from companion.records import store

# The instructions of every x86-64 processor since 2013, and sums in the same order on all of them.
FIXED_INSTRUCTIONS = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "COMPATIBLE",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "NUMBA_CPU_FEATURES": "+avx2,+fma",
    "NUMBA_CPU_NAME": "haswell",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
ROUNDING = 1e-6  # relative to an array's size: the least that two machines may differ by
HUGE = 1e100  # in place of infinity, so that a square is finite
MARGIN = 4.0  # times the difference between two instruction sets, for processors that were unavailable


def provenance(experiment: Experiment) -> dict[str, Any]:
    """Return the parameters, detectors, data, versions and platform that a record states."""
    return {
        "experiment": experiment.name,
        "parameters": experiment.parameters,
        "scale": experiment.scale,
        "seed": experiment.seed,
        "detectors": store.implementations(experiment),
        "data": {
            name: {key: getattr(dataset_info(name), key) for key in ("name", "sha256", "provenance")}
            for name in experiment.datasets()
        },
        "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in VERSIONS_OF}},
        "platform": fingerprint(),
        "threads": 1,
    }


def has_fixed_instructions() -> bool:
    """Return whether this process was started with `FIXED_INSTRUCTIONS`."""
    return all(os.environ.get(name) == value for name, value in FIXED_INSTRUCTIONS.items())


@contextmanager
def _environment(changed: Mapping[str, str | None]) -> Iterator[None]:
    """Let this process, and those that it starts, have other environment variables; None removes one."""
    before = dict(os.environ)
    for name in changed:
        os.environ.pop(name, None)
    os.environ.update({name: value for name, value in changed.items() if value is not None})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@cache
def _other_process() -> ProcessPoolExecutor:
    """Return a process with the other instruction set, which stays for further witnesses."""
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with _environment(dict.fromkeys(FIXED_INSTRUCTIONS) if has_fixed_instructions() else FIXED_INSTRUCTIONS):
        pool.submit(has_fixed_instructions).result()  # started by its first task
    atexit.register(pool.shutdown)
    return pool


@cache
def _private_cache() -> TemporaryDirectory[str]:
    """Return a cache for this process: trained detectors of other code or instructions must not enter a witness."""
    return TemporaryDirectory(prefix="anogen-witness-")


def run_elsewhere(experiment: Experiment) -> Arrays:
    """Compute an experiment like `run_quick`, in a process with the other instruction set."""
    return _other_process().submit(run_quick, experiment).result()


_computed: dict[tuple[str, str], Arrays] = {}


def run_quick(experiment: Experiment) -> Arrays:
    """Compute an experiment in this process; a witness that many records share is computed once."""
    key = (experiment.id, digest.of_code(type(experiment).__module__))
    if key not in _computed:
        with threads(1), _environment({"ANOGEN_CACHE": _private_cache().name}):
            _computed[key] = experiment.run({role: run_quick(needed) for role, needed in experiment.requires().items()})
    return _computed[key]


def witness(experiment: Experiment) -> dict[str, Any]:
    """Return the witness of a quick experiment: each array's hash, its summary, and how far the summary may differ."""
    fixed, native = run_quick(experiment), run_elsewhere(experiment)
    if not has_fixed_instructions():
        fixed, native = native, fixed
    arrays = {}
    for key, array in sorted(fixed.items()):
        values, other = summary(array), summary(native[key])
        spread = max((abs(a - b) / _size(values) for a, b in zip(values, other, strict=True)), default=0.0)
        tolerance = float(f"{max(MARGIN * spread, ROUNDING):.3g}")
        arrays[key] = {"sha256": digest.of_array(array), "summary": values, "tolerance": tolerance}
    return {"experiment": experiment.id, "platform": fingerprint(), "arrays": arrays}


def summary(array: np.ndarray) -> list[float]:
    """Return mean, standard deviation and two random projections of a numeric array, NaN as 0; nothing for text.

    A projection is the sum with random signs over the square root of the size: it notices what changes place.
    """
    if array.dtype.kind not in "biuf" or not array.size:
        return []
    values = np.clip(np.nan_to_num(array.astype(np.float64).ravel()), -HUGE, HUGE)
    signs = np.random.Generator(np.random.SFC64(0)).choice([-1.0, 1.0], size=(2, values.size))
    numbers = [values.mean(), values.std(), *(signs @ values / np.sqrt(values.size))]
    return [float(f"{number:.9g}") for number in numbers]


def _size(values: list[float]) -> float:
    """Return the size that differences are relative to: |mean| plus standard deviation."""
    return abs(values[0]) + values[1] or 1.0


def differing(witness: Mapping[str, Any], arrays: Arrays) -> list[str]:
    """Return the names of the arrays that differ from a witness's in bytes, and by more than rounding or the tolerance.

    With the fixed instruction set, the same system and the same versions only rounding is accepted, on any processor:
    the instructions do not determine everything that the last bits depend on, such as the size of caches.
    """
    here = has_fixed_instructions() and _without_processor(witness["platform"]) == _without_processor(fingerprint())
    stored = witness["arrays"]
    wrong = arrays.keys() ^ stored.keys()
    for key in arrays.keys() & stored.keys():
        limit = ROUNDING if here else stored[key]["tolerance"]
        if not agrees(arrays[key], stored[key]["sha256"], stored[key]["summary"], limit):
            wrong.add(key)
    return sorted(wrong)


def _without_processor(platform: str) -> str:
    """Return the system, the architecture and the versions of a `fingerprint`."""
    return re.sub(r"^(\S+ \S+) .*? (numpy .*)$", r"\1 \2", platform)


def agrees(array: np.ndarray, sha256: str, known: list[float], limit: float) -> bool:
    """Return whether an array has the hash, or a summary within a limit, relative to its size, of the known one."""
    if digest.of_array(array) == sha256:
        return True
    pairs = list(zip(known, summary(array), strict=False))  # texts have no summary
    return bool(pairs) and all(abs(a - b) <= limit * _size(known) for a, b in pairs)
