"""Latent search beside an encoder, on heartbeats and on one machine: Table 1 of the review."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import latent_search
from anogen.detectors.gan.anogan import AdversarialVAE
from anogen.metrics.detection import average_precision, phi, roc_auc
from companion.datasets import heartbeats
from companion.experiment import Arrays, Experiment, Inputs

NEAR = 0.05  # dissimilarity below which the search's rate is a tenth
STARTS = ("random", "encoder")  # z_0 drawn, and z_0 = E(x)


class Row(NamedTuple):
    """A row of Table 1; an encoder has neither epsilon nor n_max."""

    epsilon: float
    limit: int
    batch: int
    reported: float  # milliseconds a sample, as the source has them


ROWS = (
    Row(0.005, 500, 1, 1139.7),
    Row(0.005, 500, 64, 38.27),
    Row(0.005, 1000, 1, 2254.4),
    Row(0.05, 500, 1, 325.8),
    Row(0.05, 100, 1, 77.9),
    Row(0, 0, 1, 1.9),
    Row(0, 0, 512, 0.08),
)


@dataclass(frozen=True, kw_only=True)
class InferenceTimes(Experiment):
    """Every row of Table 1, with a β-VAEGAN of normal beats (claims c-27 to c-30).

    The dissimilarity is 1 less a Gaussian kernel, whose bandwidth, which the source leaves open, is the median distance
    of two training beats. Every sample stops by itself. Detection is measured on all chosen test beats, searched in one
    batch; times on `timed_samples` of them at batch 1, on all of them in larger batches. The threshold of phi is the
    one that is best on validation beats, of patients in neither training nor test.

    Arrays, for the `ROWS` R, `STARTS` K and n beats: `labels` (n,); `scores` (K, R, n), the residual of the copy;
    `steps` (K, R, n); `measures` (K, R, 3): AUC, average precision, phi; `all_auc`, of the encoder on all test beats.
    `seconds` and `processor_seconds` (K, R, m), a sample's, NaN from the number of measurements on: they are
    measurements, and off at quick.
    """

    name = "inference-times"
    timings: ClassVar = ("seconds", "processor_seconds")
    quick: ClassVar = {
        "dataset": "mnist-5k", "normal": 4, "iterations": 20, "tested": 20, "timed_samples": 2, "shortened": 50,
        "timed": False,
    }  # fmt: skip
    least: ClassVar = {"iterations": 1, "latent": 1, "shortened": 1, "tested": 2, "timed_samples": 2}

    dataset: str = heartbeats.NAME
    normal: int | str = "N"
    iterations: int = 3_000
    latent: int = 16
    tested: int = heartbeats.TESTED
    timed_samples: int = 48
    shortened: int = 1  # divides n_max
    timed: bool = True

    def parted(self) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray], Arrays]:
        """Return training rows, and rows with labels for validation and for testing; last, all test rows and labels."""
        if self.dataset == heartbeats.NAME:
            data, fold = heartbeats.load(), heartbeats.training_fold()
            validating, chosen = fold == 1, heartbeats.tested(data)[: self.tested]
        else:
            data = datasets.load(self.dataset)
            validating = np.arange(len(data.x_train)) % 5 == 0
            chosen = self.rng(0).permutation(len(data.x_test))[: self.tested]
        label = data.label(self.normal)
        train = unit(data.x_train[~validating & (data.y_train == label)])
        few = self.rng(1).permutation(np.flatnonzero(validating))[: self.tested]
        validation = unit(data.x_train[few]), (data.y_train[few] != label).astype(np.int8)
        test = unit(data.x_test), (data.y_test != label).astype(np.int8)
        return train, validation, (test[0][chosen], test[1][chosen]), {"x": test[0], "y": test[1]}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train, then go through the table."""
        train, validation, (x, labels), everything = self.parted()
        seed = int(self.rng(2).integers(2**31))
        model = AdversarialVAE(latent=self.latent, iterations=self.iterations, random_state=seed)
        model.fit(train)
        bandwidth = median_distance(train, self.rng(3))
        n = len(x)
        scores, steps = np.zeros((2, len(ROWS), n)), np.zeros((2, len(ROWS), n), np.int32)
        measures = np.zeros((2, len(ROWS), 3))
        m = max(self.timed_samples, n // 64)
        seconds, busy = np.full((2, 2, len(ROWS), m), np.nan)
        mixed = x[self.rng(4).permutation(n)]
        for k, start in enumerate(STARTS):
            for r, row in enumerate(ROWS):
                run = self.runner(model, row, start, bandwidth)
                scores[k, r], steps[k, r] = run(x)
                threshold = best_threshold(run(validation[0])[0], validation[1])
                alarms = (scores[k, r] > threshold).astype(np.int8)
                areas = (measure(scores[k, r], labels) for measure in (roc_auc, average_precision))
                measures[k, r] = (*areas, phi(alarms, labels))
                if self.timed:
                    self.measure(run, mixed, row, seconds[k, r], busy[k, r])
        encoded = self.runner(model, ROWS[-1], STARTS[0], bandwidth)(everything["x"])[0]
        found = {
            "labels": labels,
            "scores": scores.astype(np.float32),
            "steps": steps,
            "measures": measures,
            "all_auc": np.array(roc_auc(encoded, everything["y"])),
        }
        return found | ({"seconds": seconds, "processor_seconds": busy} if self.timed else {})

    def runner(
        self, model: AdversarialVAE, row: Row, start: str, bandwidth: float
    ) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """Return a function from rows to residual and number of steps of each."""
        encoder, generator = model.networks_["encoder"], model.networks_["generator"]
        settings = latent_search.LatentSearchConfig(row.epsilon, row.limit // self.shortened, near=NEAR)

        def run(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            x = model.unit(rows)
            with torch.no_grad():
                z = encoder(x)[:, : self.latent]
            steps = torch.zeros(len(x), dtype=torch.int64)
            if row.limit:
                if start == "random":
                    z = torch.randn(len(x), self.latent, generator=torch.Generator().manual_seed(self.seed))
                end = latent_search.find(latent_search.kernel(generator, x, bandwidth), z, settings)
                z, steps = end.z, end.steps
            with torch.no_grad():
                return latent_search.residual(x, generator(z)).numpy(), steps.numpy()

        return run

    def measure(self, run: Callable, x: np.ndarray, row: Row, seconds: np.ndarray, busy: np.ndarray) -> None:
        """Time batches one after the other, and put down what a sample of each took."""
        batches = max(1, len(x) // row.batch)
        count = batches if row.batch > 1 and row.limit else self.timed_samples
        for i in range(count):
            first = i % batches * row.batch
            rows = x[first : first + row.batch]
            wall, processor = time.perf_counter(), time.process_time()
            run(rows)
            seconds[i] = (time.perf_counter() - wall) / len(rows)
            busy[i] = (time.process_time() - processor) / len(rows)


def median_distance(rows: np.ndarray, rng: np.random.Generator) -> float:
    """Return the median distance of 200 pairs of rows (n, d), or of n/2 if there are fewer."""
    chosen = rng.permutation(len(rows))[:400]
    half = len(chosen) // 2
    return float(np.median(np.linalg.norm(rows[chosen[:half]] - rows[chosen[half : 2 * half]], axis=1)))


def best_threshold(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the threshold τ (Eq. 8) with the highest phi coefficient on validation data."""
    candidates = np.unique(np.quantile(scores, np.linspace(0, 1, 101)))
    return float(candidates[np.argmax([phi((scores > c).astype(np.int8), labels) for c in candidates])])
