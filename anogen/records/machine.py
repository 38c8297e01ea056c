"""Where a record was computed, and the witness that lets another machine or newer code check it."""

import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import threadpoolctl
import torch

from anogen.datasets.stated import stated
from anogen.experiments.base import Arrays, Experiment
from anogen.records import digest

VERSIONS_OF = ("numpy", "scipy", "scikit-learn", "torch", "pyod")


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, since the last bits of a sum depend on how many threads share it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpoolctl.threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(threads)


@cache
def fingerprint() -> str:
    """Name everything on this machine that the last bits of a result may depend on."""
    kernels = sorted(
        {str(pool.get("architecture")) for pool in threadpoolctl.threadpool_info() if pool.get("architecture")}
    )
    return " ".join(
        [
            platform.system(),
            platform.machine(),
            _processor(),
            torch.backends.cpu.get_cpu_capability(),
            *kernels,
            *(f"{name} {metadata.version(name)}" for name in VERSIONS_OF),
        ]
    )


def _processor() -> str:
    """Return the processor's name, family, model and stepping where the system tells."""
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return platform.processor() or "unknown"
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
    return (
        "/".join(told[key] for key in ("model name", "cpu family", "model", "stepping") if key in told)
        or platform.machine()
    )


def provenance(experiment: Experiment) -> dict[str, Any]:
    """Return what a record says of its parameters, data, versions and machine."""
    loaded = {name: stated(name) for name in experiment.datasets()}
    return {
        "experiment": experiment.name,
        "parameters": experiment.parameters,
        "scale": experiment.scale,
        "seed": experiment.seed,
        "data": {
            asked: {"name": data.name, "sha256": data.sha256, "provenance": data.provenance}
            for asked, data in loaded.items()
        },
        "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in VERSIONS_OF}},
        "platform": fingerprint(),
        "threads": 1,
    }


def witness(experiment: Experiment, arrays: Arrays | None = None) -> dict[str, Any]:
    """Return the witness of a quick experiment: its hash here, and a summary that other platforms can compare."""
    if arrays is None:
        arrays = run_quick(experiment)
    return {
        "experiment": experiment.id,
        "sha256": digest.of_arrays(arrays),
        "platform": fingerprint(),
        "tolerance": experiment.tolerance,
        "summary": summary(arrays),
    }


_ran: dict[tuple[str, str], Arrays] = {}


def run_quick(experiment: Experiment) -> Arrays:
    """Compute an experiment here and now; many records share one witness, which is computed once a process."""
    key = (experiment.id, digest.of_code(digest.module_of(type(experiment))))
    if key not in _ran:
        with one_thread():
            _ran[key] = experiment.run({role: run_quick(needed) for role, needed in experiment.requires().items()})
    return _ran[key]


def summary(arrays: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """Return mean and standard deviation of what is known in every numeric array; NaN stands for unknown."""
    numeric = {key: array.astype(np.float64) for key, array in arrays.items() if array.dtype.kind in "biuf"}
    numeric = {key: array for key, array in numeric.items() if not np.isnan(array).all()}  # nor if it is empty
    return {key: [float(f"{v:.9g}") for v in (np.nanmean(a), np.nanstd(a))] for key, a in sorted(numeric.items())}


def agrees(stored: Mapping[str, Any], arrays: Arrays, kind: Experiment | type[Experiment]) -> bool:
    """Tell whether arrays of a kind of experiment agree with a witness: bytes on one platform, summaries elsewhere."""
    if stored["platform"] == fingerprint():
        return bool(stored["sha256"] == digest.of_arrays(arrays))
    return close(stored["summary"], summary(arrays), stored["tolerance"], kind)


def close(
    first: Mapping[str, list[float]],
    second: Mapping[str, list[float]],
    tolerance: float,
    kind: Experiment | type[Experiment] = Experiment,
) -> bool:
    """Compare two summaries: each mean and deviation within the tolerance, relative to the array's size.

    An experiment may need more: `absolute`, a difference that counts as none whatever the size, and `uncompared`,
    arrays that only have to be there.
    """
    if first.keys() != second.keys():
        return False
    return all(
        abs(a - b) <= tolerance * (abs(first[key][0]) + first[key][1]) + kind.absolute
        for key in first
        if not any(fnmatchcase(key, pattern) for pattern in kind.uncompared)
        for a, b in zip(first[key], second[key], strict=True)
    )
