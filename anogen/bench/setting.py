"""What the benchmark measures on: a machine, data, detectors fitted to them, and a population to be scored."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anogen import datasets, detectors, machine
from anogen.detectors import detector_class as kind
from anogen.generators import EvolutionConfig, evolve
from anogen.scorers import make_scorer

CLASS, SEED = 4, 0
HALF = 1000  # generations in which CBLOF's population has lost its noise by half
VERSIONS_OF = (*machine.VERSIONS_OF, "numba")


@dataclass(frozen=True)
class Setting:
    """How much is measured.

    Attributes
    ----------
    data
        The data set; detectors are fitted to its images of class 4.
    seconds
        For which one call is repeated (three times at least).
    generations
        Of an end-to-end run.
    threads
        Numbers of threads for scorers.
    run_threads
        And for end-to-end runs.
    detectors
        Names of the catalogue; none stands for all that are PyOD's.
    """

    data: str
    seconds: float
    generations: int
    threads: tuple[int, ...] = (1, 2)
    run_threads: tuple[int, ...] = (1, 2)
    detectors: tuple[str, ...] = ()


def comparable() -> tuple[str, ...]:
    """Return the detectors of the catalogue that are PyOD's; the others have no call of PyOD to be compared with."""
    return tuple(name for name in detectors.CATALOGUE if any(map(_is_a_model, kind(name).__mro__)))


def _is_a_model(one: type) -> bool:
    """Tell whether a class is one of PyOD's detectors, and not what all detectors are made from."""
    return one.__module__.startswith("pyod.models.") and not one.__module__.startswith("pyod.models.base")


def train(setting: Setting) -> np.ndarray:
    """Return the rows (n, d), float64, that detectors are fitted to."""
    return datasets.load(setting.data).one_class(CLASS).X_train.astype(np.float64)


def population(rows: np.ndarray) -> Tensor:
    """Return a population half-way from noise to an image, (150, d), float32: what scorers are given in a search."""
    score = make_scorer(detectors.fit("cblof", rows, SEED))
    *_, (last, _) = evolve(score, [SEED], n_generations=HALF)
    return last.population[0].clone()


def machine_name() -> str:
    """Return what the processor and the system call themselves, and the number of cores."""
    return f"{machine._processor().split('/')[0]}, {cores()} cores, {platform.system()} {platform.machine()}"


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def conditions(setting: Setting) -> dict[str, Any]:
    """Return what the times depend on."""
    data = datasets.load(setting.data)
    return {
        "machine": machine_name(),
        "date": datetime.now(UTC).date().isoformat(),
        "conditions": {
            "platform": machine.fingerprint(),
            "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in VERSIONS_OF}},
            "data": data.provenance,
            "train_rows": len(data.one_class(CLASS).X_train),
            "rows": EvolutionConfig().population_size,
            "vector_instructions": torch.backends.cpu.get_cpu_capability(),
        },
    }
