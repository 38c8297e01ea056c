"""Chapter `normal-map`: the lowest score for every amount of ink and roughness."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from companion.experiment import Arrays, Experiment, Inputs
from companion.studies import ensemble
from companion.studies.ensemble_training import required
from companion.studies.evaluation_data import DetectorExperiment, score_rows
from companion.studies.known_images import NONE
from notebooks.beyond.normal_map.elites import BATCH, cells, explore

DETECTORS = ("cblof", "gmm", "pca", "deep-svdd", "loda", "hbos")
PICTURED = ("cblof", "hbos")  # whose elites the book keeps as images
QUICK = {"detectors": ["cblof"]}


@dataclass(frozen=True, kw_only=True)
class NormalMap(DetectorExperiment):
    """The image of the lowest score in each cell of ink and roughness, found by MAP-Elites on independent islands.

    An island has its own random numbers, so the map does not depend on the number of processes. The lowest score of
    all islands counts.

    Arrays, for a map of side x side cells, rows of rising roughness and columns of rising ink: `elite_scores` (side,
    side), NaN where no image was found; `digit` (side, side), whether the ensemble sees any digit in the elite;
    `normal_looking` (side, side), the digit of the normal class; `real` (side, side), the number of held-out images;
    `real_quartiles` (3,), of their scores; `images` (shown, shown, d), uint8 of 16 greys, elites of evenly spaced
    cells. `seconds` (islands,), processor seconds without the training, are measurements, off at quick.
    """

    name = "normal-map"
    quick: ClassVar = {"dataset": "mnist-5k", "evaluations": 4_000, "side": 10, "islands": 2, "timed": False}
    least: ClassVar = {"evaluations": 2 * BATCH, "side": 2, "islands": 1, "shown": 0}
    effort: ClassVar = ("evaluations",)
    axes: ClassVar = ("islands",)
    timings: ClassVar = ("seconds",)

    evaluations: int = 1_000_000  # of all islands together
    side: int = 20
    islands: int = 4
    shown: int = 0  # rows and columns of images that are kept
    timed: bool = True

    def requires(self) -> dict[str, Experiment]:
        """Need the ensemble that judges digits."""
        return {"ensemble": required(self.scale)["ensemble"]}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Explore from one island."""
        (island,) = cell
        scorer, train = self.scorer(), self.data.X_train.astype(np.float32)
        explore(scorer, train, 2 * BATCH, self.side, self.rng(0, island))  # the first calls are slower
        began = time.process_time()
        archive = explore(scorer, train, self.evaluations // self.islands, self.side, self.rng(1, island))
        seconds = {"seconds": np.array(time.process_time() - began)} if self.timed else {}
        return {"images": archive.images, "scores": archive.scores, **seconds}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Join the islands, and judge the elites."""
        scores, shape = np.stack([part["scores"] for part in parts]), (self.side, self.side)
        best, lowest = scores.argmin(axis=0), scores.min(axis=0)
        images = np.stack([part["images"] for part in parts])[best, np.arange(self.side**2)]
        found, normal = np.isfinite(lowest), self.data.test_normal.astype(np.float32)
        judge = ensemble.EnsembleJudge(inputs["ensemble"])
        judgement = judge.predict(images, self.normal)
        probability = judge.probabilities(judge.member_probabilities(images))
        digit = (probability.argmax(axis=1) < NONE) & (probability.max(axis=1) >= ensemble.THRESHOLD)
        places = cells(normal, self.side)
        real = np.bincount(places[places >= 0], minlength=self.side**2)
        step = self.side // self.shown if self.shown else self.side
        kept = images.reshape(*shape, -1)[::step, ::step] if self.shown else images[:0].reshape(0, 0, images.shape[1])
        return {
            "elite_scores": np.where(found, lowest, np.nan).reshape(shape),
            "digit": (found & digit & ~judgement["noise_like"]).reshape(shape),
            "normal_looking": (found & judgement["normal_looking"]).reshape(shape),
            "real": real.reshape(shape).astype(np.uint16),
            "real_quartiles": np.percentile(score_rows(self.scorer(), torch.from_numpy(normal)), [25, 50, 75]),
            "images": 17 * (15 * kept).round().astype(np.uint8),
            **({"seconds": np.array([part["seconds"] for part in parts])} if self.timed else {}),
        }


def chapter_experiments(
    scale: str = "laptop", digit: int = 4, detectors: Sequence[str] = DETECTORS, seed: int = 0
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook, one for each detector."""
    names = [detectors] if isinstance(detectors, str) else detectors
    shown = {name: 10 if name in PICTURED else 0 for name in names}
    return {name: NormalMap.at(scale, detector=name, normal=digit, seed=seed, shown=shown[name]) for name in names}
