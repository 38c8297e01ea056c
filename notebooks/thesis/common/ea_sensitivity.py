"""The evolutionary search under other settings: population, mutation, generations (thesis 6.1.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from anogen.generators.evolution import init
from anogen.generators.inputs import noise
from anogen.scorers import Scorer
from companion.experiment import Arrays, Inputs, Slice, ascending, at_least
from companion.studies.evaluation_data import SearchExperiment
from companion.studies.evolution_run import search
from companion.studies.quality import ImageQuality

STEP = 10  # generations from one entry of the history to the next
NOISE = 1  # key of the seeds


@dataclass(frozen=True, kw_only=True)
class SearchSetting(SearchExperiment):
    """The search under one setting, for several seeds; each seed trains its own detector and starts its own search.

    Arrays, for S seeds and T generations: `images` (S, T, d) and `scores` (S, T) of the best image after each of
    `stops`; `start_images` (S, d), the best of the first population; `history` (S, n), the lowest score of the
    population, at `history_generations` (n,); `noise_scores` and `real_scores` (S,), the detector's median scores of
    uniform noise and of held-out normal images.
    """

    name = "search-setting"
    quick: ClassVar = {"dataset": "mnist-5k", "stops": (20, 40), "trainings": 2}
    axes: ClassVar = ("trainings",)

    detector: str = "autoencoder"
    stops: tuple[int, ...] = (1_000, 2_000, 3_000, 4_000, 5_000)
    trainings: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(stops=self.stops)
        at_least(1, trainings=self.trainings)

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * self.stops[-1] * self.population)

    def log_steps(self) -> np.ndarray:
        """Return the generations at which the history is kept."""
        return np.unique([1, *range(STEP, self.stops[-1], STEP), self.stops[-1]])

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search on one training of the detector."""
        (training,) = cell
        scorer = self.scorer(training)
        seed = int(self.rng(0, training).integers(2**31))
        for item in search(scorer, seed, self.stops[-1], self.config, self.log_steps(), state, self.stops):
            if isinstance(item, Slice):
                yield item
            else:
                kept = {"images": item["frames"], "scores": item["frame_scores"], "history": item["history"]}
                yield self.reference_points(scorer, seed, training) | kept

    def reference_points(self, scorer: Scorer, seed: int, training: int) -> Arrays:
        """Return the start of the search, and the median scores of noise and of normal images."""
        generator = torch.Generator().manual_seed(int(self.rng(NOISE, training).integers(2**31)))
        return {
            "start_images": init(scorer, [seed], self.config).current_best()[0].numpy().astype(np.float16),
            "noise_scores": scorer(noise((1_000, scorer.n_features_in_), generator)).median().numpy(),
            "real_scores": scorer(torch.from_numpy(self.data.test_normal)).median().numpy(),
        }

    def common(self, inputs: Inputs) -> Arrays:
        """Return the logged generations."""
        return {"history_generations": self.log_steps()}


@dataclass(frozen=True, kw_only=True)
class SearchSettingQuality(ImageQuality, SearchSetting):
    """The measures of the images of `SearchSetting`, (T, S): see `measure_images`; each of `stops` has a group."""

    name = "search-setting-quality"
    search = SearchSetting

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        yield self.measure(inputs["search"]["images"].swapaxes(0, 1), inputs)
