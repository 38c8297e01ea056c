"""The evolutionary search under other settings: population, mutation, generations (thesis 6.1.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from anogen.generators import noise
from anogen.generators.evolution import init
from anogen.scorers import Scorer
from companion.experiment import Arrays, Inputs, Slice, ascending, at_least
from companion.studies.evaluation_data import Drawing
from companion.studies.evolution_run import search

STEP = 10  # generations from one entry of the history to the next
NOISE = 1  # key of the seeds


@dataclass(frozen=True, kw_only=True)
class SearchSetting(Drawing):
    """The search under one setting, for several seeds; each seed trains its own detector and starts its own search.

    Arrays, for S seeds and T generations: `images` (S, T, d) and `scores` (S, T) of the image shown after each of
    `stops`; `start_images` (S, d), the best of the first population; `history` (S, n), the lowest score of the
    population, at `history_generations` (n,); `noise_scores` and `real_scores` (S,), the detector's median scores of
    uniform noise and of held-out normal images.
    """

    name = "search-setting"
    quick: ClassVar = {"dataset": "mnist-5k", "stops": (20, 40), "trainings": 2}

    detector: str = "autoencoder"
    stops: tuple[int, ...] = (1_000, 2_000, 3_000, 4_000, 5_000)
    trainings: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(stops=self.stops)
        at_least(1, trainings=self.trainings)

    def cells(self) -> Sequence[tuple]:
        """One cell for each seed."""
        return [(training,) for training in range(self.trainings)]

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * self.stops[-1] * self.population)

    def marks(self) -> np.ndarray:
        """Return the generations at which the history is kept."""
        return np.unique([1, *range(STEP, self.stops[-1], STEP), self.stops[-1]])

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search on one training of the detector."""
        (training,) = cell
        score = self.trained(training)
        seed = int(self.rng(0, training).integers(2**31))
        for item in search(score, seed, self.stops[-1], self.settings, self.marks(), state, self.stops):
            yield {**self.around(score, seed, training), **_kept(item)} if isinstance(item, dict) else item

    def around(self, score: Scorer, seed: int, training: int) -> Arrays:
        """Return what a search is seen against: where it began, and how noise and normal images score."""
        generator = torch.Generator().manual_seed(int(self.rng(NOISE, training).integers(2**31)))
        return {
            "start_images": init(score, [seed], self.settings).current_best()[0].numpy().astype(np.float16),
            "noise_scores": score(noise((1_000, score.n_features_in_), generator)).median().numpy(),
            "real_scores": score(torch.from_numpy(self.data.test_normal)).median().numpy(),
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the seeds."""
        return {key: np.stack([part[key] for part in parts]) for key in parts[0]} | {
            "history_generations": self.marks()
        }


def _kept(found: Arrays) -> Arrays:
    return {"images": found["frames"], "scores": found["frame_scores"], "history": found["history"]}
