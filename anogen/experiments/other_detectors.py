"""Chapter `other-detectors` (thesis 6.4): images evolved on detectors that are no neural networks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from anogen import datasets, detectors
from anogen.errors import InputError
from anogen.experiments.base import Arrays, Experiment, Inputs, Slice, at_least, digits, fraction, stack
from anogen.experiments.quality import Quality
from anogen.experiments.search import marks, search
from anogen.generation import Settings, random_mask
from anogen.scoring import Scorer, scorer

AGAIN = 1_000_000  # key of the seeds for another try, which no start has
# What else the thesis's description of the search admits. A tournament of two has almost the default's law.
UNSTATED: dict[str, dict[str, Any]] = {
    "unclipped": {"clip": False, "starts": 2},
    "truncation": {"selection": "truncation", "starts": 2},
}
QUICK = {"generations": 200, "trainings": 2, "starts": 2}


@dataclass(frozen=True, kw_only=True)
class Retraining(Experiment):
    """A detector is trained several times, and images are evolved on each training from several starts (Fig. 6.18).

    Arrays, for T trainings, S starts, G generations and images of d pixels:
    `images` (T, S, d) and `scores` (T, S) of the images shown; `best_scores` (T, S), the lowest ever seen;
    `history` (T, S, 101), the lowest score of the population along the way, and `history_generations` (101,);
    `optimum_points` (T, m, d), padded with NaN, and `optimum_score` (T,) where the most normal points are known;
    `gap` (T, S), L2 distance of the image to the nearest of them;
    `tried` (T,), the number of seeds until the detector accepted one;
    `test_normal_scores` (T, n) of the held-out normal images.
    """

    name = "retraining"
    quick: ClassVar = {"dataset": "mnist-5k", **QUICK}
    tolerance = 0.3  # the search is chaotic: another platform gives other images of the same kind

    named: ClassVar = ("detector", "digit")

    dataset: str = "mnist"
    detector: str = "cblof"
    digit: int = 4
    generations: int = 30_000
    population: int = 150
    mutation_rate: float = 0.5
    sigma: float = 0.01
    selection: Literal["linear", "tournament", "truncation"] = "linear"
    clip: bool = True
    k: float = 0.0
    trainings: int = 5
    starts: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.digit)
        detectors.entry(self.detector)
        at_least(1, generations=self.generations, trainings=self.trainings, starts=self.starts)
        fraction(k=self.k)
        _ = self.settings

    @property
    def settings(self) -> Settings:
        """The parameters of the evolutionary search."""
        return Settings(self.population, self.mutation_rate, self.sigma, self.selection, self.clip)

    def cells(self) -> Sequence[tuple]:
        """One cell for each training and start."""
        return [(training, start) for training in range(self.trainings) for start in range(self.starts)]

    def trained(self, training: int) -> Scorer:
        """Return the scorer of one training; each has its own seed."""
        return self._fitted(training)[0]

    def _fitted(self, training: int) -> tuple[Scorer, int]:
        """Return the scorer of one training, and how many seeds were tried until the detector accepted one."""
        seeds = [int(self.rng(training).integers(2**31)), *self.rng(training, AGAIN).integers(2**31, size=20).tolist()]
        return _first_fit(self.detector, self.dataset, self.digit, tuple(seeds))

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start on one training."""
        training, start = cell
        score = self.trained(training)
        rng = self.rng(training, start)
        seed = int(rng.integers(2**31))
        guidance = self.guidance(rng) if self.k else {}
        for item in search(score, seed, self.generations, self.settings, self.marks(), state, **guidance):
            if isinstance(item, dict):
                item["gap"] = np.array(_gap(score, item["images"]))
            yield item

    def marks(self) -> np.ndarray:
        """Return the generations at which the history is kept."""
        return marks(self.generations, 101)

    def guidance(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return the fixed pixels of one run: a random share k of a random test image of the class."""
        normal = datasets.load(self.dataset).normal(self.digit).test_normal
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        reference = torch.from_numpy(normal[rng.integers(len(normal))])
        return {"fixed": random_mask(len(reference), self.k, generator), "reference": reference}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the cells as (trainings, starts, ...)."""
        stacked = stack(parts, self.trainings, self.starts, halved="images")
        normal = datasets.load(self.dataset).normal(self.digit).test_normal
        fitted = [self._fitted(training) for training in range(self.trainings)]
        scorers = [score for score, _ in fitted]
        return stacked | {
            "tried": np.array([tried for _, tried in fitted]),
            "history_generations": self.marks(),
            "test_normal_scores": np.stack([s(torch.from_numpy(normal)).numpy() for s in scorers]),
            **_optima(scorers),
        }


@dataclass(frozen=True, kw_only=True)
class RetrainingQuality(Quality, Retraining):
    """The measures of the images of `Retraining`: see `quality.measured`; groups are trainings."""

    name = "retraining-quality"
    search = Retraining


def wanted(
    scale: str = "laptop",
    digit: int = 4,
    detector: str = "cblof",
    generations: int = 30_000,
    population: int = 150,
    k: float = 0.0,
    trainings: int = 5,
    starts: int = 8,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    given = {
        "digit": digit, "detector": detector, "generations": generations, "population": population, "k": k,
        "trainings": trainings, "starts": starts, "seed": seed,
    }  # fmt: skip
    # The unstated choices are the book's own sweep, whatever the reader's parameters are.
    sweep = {f"retraining-{name}": Retraining(**choice) for name, choice in UNSTATED.items()}
    measures = {f"retraining-{name}-quality": RetrainingQuality(**choice) for name, choice in UNSTATED.items()}
    return {
        "retraining": Retraining.at(scale, **given),
        "quality": RetrainingQuality.at(scale, **given),
        **sweep,
        **measures,
    }


@lru_cache(maxsize=2)
def _first_fit(detector: str, dataset: str, digit: int, seeds: tuple[int, ...]) -> tuple[Scorer, int]:
    """Fit with the first seed that the detector accepts.

    PyOD's CBLOF refuses a clustering whose smallest cluster holds more than a tenth of the images: no number of the
    larger ones then reaches alpha = 0.9. Whoever trains it anew meets that error and tries again, and so do we.
    """
    train = datasets.load(dataset).normal(digit).train
    for tried, seed in enumerate(seeds, start=1):
        try:
            return scorer(detectors.fit(detector, train, seed), train.shape[1]), tried
        except ValueError as error:
            if "valid cluster separation" not in str(error):
                raise
    raise InputError(
        f"{detector} refused all of {len(seeds)} trainings on class {digit} of {dataset}: try another class"
    )


def _gap(score: Scorer, image: np.ndarray) -> float:
    """Return the L2 distance of an image (d,) to the nearest known optimum, NaN if none is known."""
    optimum = score.optimum()
    return float(np.linalg.norm(optimum.points.numpy() - image, axis=1).min()) if optimum else np.nan


def _optima(scorers: Sequence[Scorer]) -> Arrays:
    """Return the known optima of every training, padded with NaN to the same number."""
    optima = [s.optimum() for s in scorers]
    if any(o is None for o in optima):
        return {}
    points = [o.points.numpy() for o in optima if o]
    most = max(map(len, points))
    padded = [np.pad(p, ((0, most - len(p)), (0, 0)), constant_values=np.nan) for p in points]
    return {
        "optimum_points": np.stack(padded).astype(np.float16),
        "optimum_score": np.array([o.score for o in optima if o]),
    }
