"""A detector is trained several times, and images are evolved on every training (thesis 6.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from anogen.generators.inputs import random_mask
from companion.experiment import Arrays, Inputs, Slice, fraction
from companion.studies.evaluation_data import SearchExperiment, compare_with_optimum, known_optima, quick, score_rows
from companion.studies.evolution_run import log_steps, search
from companion.studies.quality import ImageQuality

# Other searches that fit the thesis's description. A tournament of two has almost the default's distribution.
UNSTATED: dict[str, dict[str, Any]] = {
    "unclipped": {"clip": False, "starts": 2},
    "truncation": {"selection": "truncation", "starts": 2},
}


@dataclass(frozen=True, kw_only=True)
class Retraining(SearchExperiment):
    """A detector is trained several times; on each training images evolve from several starts (Figs. 6.18 and 6.19).

    Arrays, for T trainings, S starts, G generations and images of d pixels:
    `images` (T, S, d) and `scores` (T, S) of the last generations' best; `best_scores` (T, S), of all generations;
    `history` (T, S, 101), the lowest score of the population along the way, and `history_generations` (101,);
    `optimum_points` (T, m, d), padded with NaN, and `optimum_score` (T,) where the most normal points are known;
    `gap` (T, S), L2 distance of the image to the nearest of them, with fixed pixels to the most normal completion;
    `tried` (T,), the number of seeds until the detector accepted one;
    `test_normal_scores` (T, n) of the held-out normal images.
    """

    name = "retraining"
    quick: ClassVar = quick(trainings=2, starts=2)
    axes: ClassVar = ("trainings", "starts")
    halved: ClassVar = "images"
    least: ClassVar = {"generations": 1, "trainings": 1, "starts": 1}

    generations: int = 30_000
    k: float = 0.0
    trainings: int = 5
    starts: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(k=self.k)

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start on one training."""
        training, start = cell
        scorer = self.scorer(training)
        rng = self.rng(training, start)
        seed = int(rng.integers(2**31))
        guidance = self.guidance(rng) if self.k else {}
        kept = log_steps(self.generations)
        for item in search(scorer, seed, self.generations, self.config, kept, state, **guidance):
            if isinstance(item, dict):
                item["gap"] = compare_with_optimum(scorer, item["images"], guidance)["gap"]
            yield item

    def guidance(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return the fixed pixels of one run: a random share k of a random test image of the class."""
        normal = self.data.test_normal
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        reference = torch.from_numpy(normal[rng.integers(len(normal))])
        return {"mask": random_mask(len(reference), self.k, generator), "reference": reference}

    def common(self, inputs: Inputs) -> Arrays:
        """Return the arrays of the trainings, and the logged generations."""
        normal = torch.from_numpy(self.data.test_normal)
        scorers = [self.scorer(training) for training in range(self.trainings)]
        return {
            "tried": np.array([self.n_attempts(training) for training in range(self.trainings)]),
            "history_generations": log_steps(self.generations),
            "test_normal_scores": np.stack([score_rows(scorer, normal) for scorer in scorers]),
            **known_optima(scorers),
        }


@dataclass(frozen=True, kw_only=True)
class RetrainingQuality(ImageQuality, Retraining):
    """The measures of the images of `Retraining`: see `measure_images`; groups are trainings."""

    name = "retraining-quality"
    search = Retraining
    least: ClassVar = {"starts": 2}  # one image has no diversity
