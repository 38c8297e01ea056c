"""What every search on a detector of the catalogue has: data, a trained detector, the settings of the evolution."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np

from anogen import datasets
from anogen.datasets import OneClass
from anogen.detectors import Detector, named
from anogen.errors import InputError
from anogen.experiments.base import Arrays, Experiment, at_least, digits
from anogen.experiments.search import marks
from anogen.generation import Settings
from anogen.paths import cache
from anogen.scoring import Scorer, scorer

AGAIN = 1_000_000  # key of the seeds for another try, which no start has
GENERATIONS = {"autoencoder": 5_000, "copod": 5_000, "dean": 1_000}  # as the thesis; 30,000 for all others


def generations_of(detector: str) -> int:
    """Return how many generations the thesis gave a detector (6.1.3, 6.3.1, 6.4)."""
    return GENERATIONS.get(detector.partition(":")[0], 30_000)


@dataclass(frozen=True, kw_only=True)
class Drawing(Experiment):
    """A detector, trained on one class, on which images are evolved."""

    tolerance = 0.3  # the search is chaotic: another platform gives other images of the same kind
    named: ClassVar = ("dataset", "detector", "normal")

    dataset: str = "mnist"
    detector: str = "cblof"
    normal: int | str = 4
    generations: int = 30_000
    population: int = 150
    mutation_rate: float = 0.5
    sigma: float = 0.01
    selection: Literal["linear", "tournament", "truncation"] = "linear"
    clip: bool = True
    precision: Literal["double", "single"] = "double"

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.normal, int):
            digits(self.normal)
        named.parse(self.detector)
        at_least(1, generations=self.generations)
        _ = self.settings

    @property
    def settings(self) -> Settings:
        """The parameters of the evolutionary search."""
        return Settings(self.population, self.mutation_rate, self.sigma, self.selection, self.clip)

    @property
    def data(self) -> OneClass:
        """The images, the class being the normal one."""
        return datasets.load(self.dataset).normal(self.normal)

    def marks(self) -> np.ndarray:
        """Return the generations at which the history is kept."""
        return marks(self.generations, 101)

    def trained(self, training: int = 0) -> Scorer:
        """Return the scorer of one training, in the precision that is asked for; each training has its own seed."""
        score = self._fitted(training)[1]
        return score.single() if self.precision == "single" else score

    def fitted(self, training: int = 0) -> Detector:
        """Return the detector of one training."""
        return self._fitted(training)[0]

    def tried(self, training: int = 0) -> int:
        """Return how many seeds were tried until the detector accepted one."""
        return self._fitted(training)[2]

    def _fitted(self, training: int) -> tuple[Detector, Scorer, int]:
        seeds = [int(self.rng(training).integers(2**31)), *self.rng(training, AGAIN).integers(2**31, size=20).tolist()]
        return _first_fit(self.detector, self.dataset, self.normal, tuple(seeds))


@lru_cache(maxsize=2)
def _first_fit(spec: str, dataset: str, label: int | str, seeds: tuple[int, ...]) -> tuple[Detector, Scorer, int]:
    """Fit with the first seed that the detector accepts.

    PyOD's CBLOF refuses a clustering whose smallest cluster holds more than a tenth of the images: no number of the
    larger ones then reaches alpha = 0.9. Whoever trains it anew meets that error and tries again, and so do we.
    """
    data = datasets.load(dataset).normal(label)
    for tried, seed in enumerate(seeds, start=1):
        try:
            detector = _fit_or_load(spec, data, seed)
            return detector, scorer(detector, data.train.shape[1]), tried
        except ValueError as error:
            if "valid cluster separation" not in str(error):
                raise
    raise InputError(f"{spec} refused all of {len(seeds)} trainings on class {label} of {dataset}: try another class")


def _fit_or_load(spec: str, data: OneClass, seed: int) -> Detector:
    """Fit; a detector that can be saved is trained once a machine."""
    name, options = named.parse(spec)
    kind = named.kind(name)
    if not hasattr(kind, "save"):
        return named.fitted(spec, data.train, seed, data.shape)
    key = hashlib.sha256(f"{name} {sorted(options.items())} {seed}".encode() + data.train.tobytes()).hexdigest()
    path = cache() / "detectors" / f"{name}-{key[:16]}.npz"
    if not path.exists():
        named.fitted(spec, data.train, seed, data.shape).save(path)  # type: ignore[attr-defined]
    return kind.load(path)


def gap(score: Scorer, image: np.ndarray) -> float:
    """Return the L2 distance of an image (d,) to the nearest known optimum, NaN if none is known."""
    optimum = score.optimum()
    return float(np.linalg.norm(optimum.points.numpy() - image, axis=1).min()) if optimum else np.nan


def optima(scorers: Sequence[Scorer]) -> Arrays:
    """Return the known optima of every training, padded with NaN to the same number."""
    known = [s.optimum() for s in scorers]
    if any(o is None for o in known):
        return {}
    points = [o.points.numpy() for o in known if o]
    most = max(map(len, points))
    padded = [np.pad(p, ((0, most - len(p)), (0, 0)), constant_values=np.nan) for p in points]
    return {
        "optimum_points": np.stack(padded).astype(np.float16),
        "optimum_score": np.array([o.score for o in known if o]),
    }


def quick(**more: Any) -> dict[str, Any]:
    """Return what scale quick replaces in every search."""
    return {"dataset": "mnist-5k", "generations": 200, **more}
