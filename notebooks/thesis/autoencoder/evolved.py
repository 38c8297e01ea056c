"""Images evolved on some of the trainings of `Architecture`, whose descents draw digits: judged, and not kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from companion.experiment import Arrays, Experiment, Inputs, Slice, digits, stack
from companion.studies.ensemble_training import required
from companion.studies.evaluation_data import DetectorExperiment, SearchExperiment
from companion.studies.evolution_run import log_steps, search
from companion.studies.judged import judged
from notebooks.thesis.autoencoder.architectures import NETWORKS, spec
from notebooks.thesis.common.guided import Guided

KEPT = ("normal_looking", "votes", "quality", "old_div_ratio")


@dataclass(frozen=True, kw_only=True)
class Evolved(SearchExperiment):
    """Evolve images from noise on the networks of `Architecture` with the same seed.

    Arrays, for D digits, N trainings and S starts: the judgements of `Judged` called `normal_looking`, `votes`,
    `quality` (D, N, S) and `old_div_ratio` (D, N); `numbers` (N,), of the trainings.
    """

    name = "autoencoder-evolved"
    quick: ClassVar = {"dataset": "mnist-5k", "numbers": (0,), "generations": 60, "starts": 2, "normals": (3,)}
    axes: ClassVar = ("normals", "numbers", "starts")
    named: ClassVar = ("detector",)
    listed: ClassVar = {"numbers": "numbers"}
    least: ClassVar = {"generations": 1, "starts": 2}

    detector: str = spec(NETWORKS[0])
    normals: tuple[int, ...] = (3, 4)
    numbers: tuple[int, ...] = (1, 3)
    generations: int = 5_000
    starts: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(*self.normals)

    def requires(self) -> dict[str, Experiment]:
        """Need the ensemble, and the single network."""
        return required(self.scale)

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start on one training."""
        digit, number, _ = cell
        trained = DetectorExperiment(dataset=self.dataset, detector=self.detector, normal=digit, seed=self.seed)
        seed, logged = int(self.rng(1, *cell).integers(2**31)), log_steps(self.generations)
        yield from search(trained.scorer(number), seed, self.generations, self.config, logged, state)

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Judge the images."""
        images = stack(parts, len(self.normals), len(self.numbers), self.starts)["images"]
        by_digit = [
            judged(Guided.at(self.scale, dataset=self.dataset, normal=digit)).judge(rows, inputs)
            for digit, rows in zip(self.normals, images, strict=True)
        ]
        return {key: np.stack([values[key] for values in by_digit]) for key in KEPT} | self.common(inputs)
