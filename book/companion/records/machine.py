"""Where a record was computed, and the witness that lets another machine or newer code check it."""

import platform
from collections.abc import Mapping
from fnmatch import fnmatchcase
from importlib import metadata
from typing import Any

import numpy as np

from anogen.machine import VERSIONS_OF, fingerprint, one_thread
from companion.datasets.info import stated
from companion.experiment import Arrays, Experiment
from companion.records import digest


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
