"""Descents from noise on any detector with a gradient (thesis 6.1.1), and their cost compared with evolution (5.3)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from anogen.generators.evolution import evolve
from anogen.generators.gradient import GradientConfig, descend
from anogen.generators.inputs import noise
from companion.experiment import Arrays, Inputs
from companion.studies.evaluation_data import DetectorExperiment, SearchExperiment, score_rows
from companion.studies.quality import ImageQuality

# The stated learning rate under every rule and reduction that the thesis leaves open.
WAYS = tuple(GradientConfig(0.01, rule, reduction) for rule in ("plain", "adam") for reduction in ("sum", "mean"))


@dataclass(frozen=True, kw_only=True)
class Descents(DetectorExperiment):
    """Descend from noise in each of `WAYS`, beyond the first stop to test its convergence (Figs. 6.3 and 6.4).

    Arrays, for W ways, S starts, T numbers of steps: `images` (W, S, d) after the first of `stops`; `scores`
    (W, S, T) after each of them; `start_scores` (W, S); `history` (W, S, 101) at `history_steps`. For the class:
    `real_mean` (d,), the mean training image; `test_normal_scores` (n,).
    """

    name = "descent"
    quick: ClassVar = {"dataset": "mnist-5k", "stops": (20, 40), "starts": 2}
    ways: ClassVar = len(WAYS)
    axes: ClassVar = ("ways", "starts")
    effort: ClassVar = ("stops",)
    least: ClassVar = {"starts": 1}
    increasing: ClassVar = ("stops",)

    detector: str = "autoencoder"
    stops: tuple[int, ...] = (500, 2_000)
    starts: int = 16

    def log_steps(self) -> np.ndarray:
        """Return the steps at which the history is kept."""
        return np.unique(np.linspace(0, self.stops[-1], 101).round().astype(int))

    def start(self, number: int) -> torch.Tensor:
        """Return the noise of one start, (1, d); the same for every way."""
        generator = torch.Generator().manual_seed(int(self.rng(0, number).integers(2**31)))
        return noise((1, self.scorer().n_features_in_), generator)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Descend from one start in one way."""
        way, start = cell
        scorer, images, scores, history = self.scorer(), [], [], []
        for now, before in descend(scorer, self.start(start), n_iterations=self.stops[-1], config=WAYS[way]):
            history.append(before.item())
            if now.iteration in self.stops:
                images.append(now.images[0].numpy().astype(np.float16))
                scores.append(scorer(now.images).item())
        return {
            "images": images[0],
            "scores": np.array(scores),
            "start_scores": np.array(history[0]),
            "history": np.array([*history, scores[-1]])[self.log_steps()],
        }

    def common(self, inputs: Inputs) -> Arrays:
        """Return the logged steps, and the arrays of the class."""
        data = self.data
        return {
            "history_steps": self.log_steps(),
            "real_mean": data.X_train.mean(axis=0, dtype=np.float64).astype(np.float32),
            "test_normal_scores": score_rows(self.scorer(), torch.from_numpy(data.test_normal)),
        }


@dataclass(frozen=True, kw_only=True)
class DescentsQuality(ImageQuality, Descents):
    """The measures of the images of `Descents`, (W, S): see `measure_images`; groups are ways."""

    name = "descent-quality"
    search = Descents


@dataclass(frozen=True, kw_only=True)
class Cost(SearchExperiment):
    """The time of one image by gradient and one by evolution, on the same detector and one thread (thesis-c-13).

    Arrays, for R repeats and (gradient, evolution): `scores` (2,), of the images; `seconds` (R, 2), of wall time, and
    `processor_seconds` (R, 2), without the time of other processes. The times are measurements and differ
    every time; `timed` is off at quick, so that a witness can be the same.
    """

    name = "search-cost"
    quick: ClassVar = {"dataset": "mnist-5k", "generations": 20, "iterations": 10, "repeats": 1, "timed": False}
    timings: ClassVar = ("seconds", "processor_seconds")
    least: ClassVar = {"iterations": 1, "repeats": 1}
    effort: ClassVar = ("repeats", "generations")  # the gradient steps take little time

    detector: str = "autoencoder"
    generations: int = 5_000
    iterations: int = 500
    repeats: int = 3
    timed: bool = True

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Generate an image by either method, `repeats` times."""
        scorer = self.scorer()
        seed = int(self.rng(0).integers(2**31))
        start = noise((1, scorer.n_features_in_), torch.Generator().manual_seed(seed))

        def gradient() -> float:
            for now, _ in descend(scorer, start, n_iterations=self.iterations):
                images = now.images
            return scorer(images).item()

        def evolution() -> float:
            with torch.inference_mode():
                for _, info in evolve(scorer, [seed], n_generations=self.generations, config=self.config):
                    last = info.best
            return last.item()

        def measure(generate: Callable[[], float]) -> tuple[float, float, float]:
            wall, processor = time.perf_counter(), time.process_time()
            return generate(), time.perf_counter() - wall, time.process_time() - processor

        runs = np.array([[measure(generate) for generate in (gradient, evolution)] for _ in range(self.repeats)])
        scores, seconds, busy = np.moveaxis(runs, -1, 0)
        return {"scores": scores[-1]} | ({"seconds": seconds, "processor_seconds": busy} if self.timed else {})
