"""Chapter `cblof` (thesis 6.4): a detector is trained anew, and images are evolved again (Figs. 6.18 and 6.19)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from anogen.generators import random_mask
from companion.experiment import Arrays, Inputs, Slice, at_least, fraction, stack
from companion.studies.evaluation_data import Drawing, against_optimum, alone, optima, quick
from companion.studies.evolution_run import marks, search
from companion.studies.quality import Measured

# What else the thesis's description of the search admits. A tournament of two has almost the default's law.
UNSTATED: dict[str, dict[str, Any]] = {
    "unclipped": {"clip": False, "starts": 2},
    "truncation": {"selection": "truncation", "starts": 2},
}


@dataclass(frozen=True, kw_only=True)
class Retraining(Drawing):
    """A detector is trained several times, and images are evolved on each training from several starts (Fig. 6.18).

    Arrays, for T trainings, S starts, G generations and images of d pixels:
    `images` (T, S, d) and `scores` (T, S) of the images shown; `best_scores` (T, S), the lowest ever seen;
    `history` (T, S, 101), the lowest score of the population along the way, and `history_generations` (101,);
    `optimum_points` (T, m, d), padded with NaN, and `optimum_score` (T,) where the most normal points are known;
    `gap` (T, S), L2 distance of the image to the nearest of them, beside fixed pixels to the most normal completion;
    `tried` (T,), the number of seeds until the detector accepted one;
    `test_normal_scores` (T, n) of the held-out normal images.
    """

    name = "retraining"
    quick: ClassVar = quick(trainings=2, starts=2)

    generations: int = 30_000
    k: float = 0.0
    trainings: int = 5
    starts: int = 8

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, generations=self.generations, trainings=self.trainings, starts=self.starts)
        fraction(k=self.k)

    def cells(self) -> Sequence[tuple]:
        """One cell for each training and start."""
        return [(training, start) for training in range(self.trainings) for start in range(self.starts)]

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start on one training."""
        training, start = cell
        score = self.trained(training)
        rng = self.rng(training, start)
        seed = int(rng.integers(2**31))
        guidance = self.guidance(rng) if self.k else {}
        kept = marks(self.generations)
        for item in search(score, seed, self.generations, self.settings, kept, state, **guidance):
            if isinstance(item, dict):
                item["gap"] = against_optimum(score, item["images"], guidance)["gap"]
            yield item

    def guidance(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return the fixed pixels of one run: a random share k of a random test image of the class."""
        normal = self.data.test_normal
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        reference = torch.from_numpy(normal[rng.integers(len(normal))])
        return {"mask": random_mask(len(reference), self.k, generator), "reference": reference}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the cells as (trainings, starts, ...)."""
        stacked = stack(parts, self.trainings, self.starts, halved="images")
        normal = torch.from_numpy(self.data.test_normal)
        scorers = [self.trained(training) for training in range(self.trainings)]
        return stacked | {
            "tried": np.array([self.tried(training) for training in range(self.trainings)]),
            "history_generations": marks(self.generations),
            "test_normal_scores": np.stack([alone(score, normal) for score in scorers]),
            **optima(scorers),
        }


@dataclass(frozen=True, kw_only=True)
class RetrainingQuality(Measured, Retraining):
    """The measures of the images of `Retraining`: see `quality.measured`; groups are trainings."""

    name = "retraining-quality"
    search = Retraining

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(2, starts=self.starts)  # one image has no diversity
