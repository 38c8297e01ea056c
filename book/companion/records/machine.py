"""Provenance of a record, and the witness with which newer code or another computer can check it."""

import platform
from collections.abc import Mapping
from fnmatch import fnmatchcase
from importlib import metadata
from typing import Any

import numpy as np

from anogen.machine import VERSIONS_OF, fingerprint, one_thread
from companion.datasets.info import dataset_info
from companion.experiment import Arrays, Experiment
from companion.records import digest, store

ROUNDING = 1e-6  # relative to an array's size: what two machines of one name may differ by


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


def witness(experiment: Experiment) -> dict[str, Any]:
    """Return the witness of a quick experiment: the hash of its arrays, and a summary for other platforms."""
    arrays = run_quick(experiment)
    return {
        "experiment": experiment.id,
        "sha256": digest.of_arrays(arrays),
        "platform": fingerprint(),
        "tolerance": experiment.tolerance,
        "summary": summary(arrays),
    }


_computed: dict[tuple[str, str], Arrays] = {}


def run_quick(experiment: Experiment) -> Arrays:
    """Compute an experiment in this process; a witness that many records share is computed once."""
    key = (experiment.id, digest.of_code(type(experiment).__module__))
    if key not in _computed:
        with one_thread():
            _computed[key] = experiment.run({role: run_quick(needed) for role, needed in experiment.requires().items()})
    return _computed[key]


def summary(arrays: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """Return mean and standard deviation of each numeric array, ignoring NaN (unknown)."""
    numeric = {key: array.astype(np.float64) for key, array in arrays.items() if array.dtype.kind in "biuf"}
    numeric = {key: array for key, array in numeric.items() if not np.isnan(array).all()}  # nor empty
    return {key: [float(f"{v:.9g}") for v in (np.nanmean(a), np.nanstd(a))] for key, a in sorted(numeric.items())}


def agrees(stored: Mapping[str, Any], arrays: Arrays, experiment: Experiment | type[Experiment]) -> bool:
    """Return whether arrays agree with a witness: in bytes or within `ROUNDING` on its platform, else the tolerance.

    The platform's name does not tell everything that the last bits depend on, such as the size of caches.
    """
    same_platform = stored["platform"] == fingerprint()
    if same_platform and stored["sha256"] == digest.of_arrays(arrays):
        return True
    tolerance = ROUNDING if same_platform else stored["tolerance"]
    return close(stored["summary"], summary(arrays), tolerance, experiment)


def close(
    first: Mapping[str, list[float]],
    second: Mapping[str, list[float]],
    tolerance: float,
    experiment: Experiment | type[Experiment] = Experiment,
) -> bool:
    """Return whether each mean and deviation of two summaries agrees within the tolerance, relative to its size.

    The experiment may add `absolute`, a tolerance whatever the size, and `uncompared`, arrays that only have to exist.
    """
    if first.keys() != second.keys():
        return False
    return all(
        abs(a - b) <= tolerance * (abs(first[key][0]) + first[key][1]) + experiment.absolute
        for key in first
        if not any(fnmatchcase(key, pattern) for pattern in experiment.uncompared)
        for a, b in zip(first[key], second[key], strict=True)
    )
