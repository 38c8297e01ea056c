"""Chapter `gan-challenges`: the five challenges of the review, each as experiments; here those without networks."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import ClassVar

import numpy as np
from sklearn.decomposition import PCA

from anogen.metrics.detection import phi, precision_recall_f1, roc_auc
from companion.experiment import Arrays, Experiment, Inputs, ascending
from notebooks.review.gan_challenges.one_class import Contamination, Copies, Likelihoods
from notebooks.review.gan_challenges.toys import LatentLaw, ModeCoverage, OptimalDiscriminator

ALARMS = ("always", "at random", "a good detector")
MODELS = ("8 components", "components of 95% of the variance")
TUNED = ("gan", "wgan-gp", "adversarial vae")  # trained with the settings of WGAN-GP's authors
TRAININGS = 5  # seeds that a verdict takes
CONTAMINATIONS = 3  # seeds of the contaminated training sets
STEP = 10  # weights are multiples of a tenth


@dataclass(frozen=True, kw_only=True)
class Imbalance(Experiment):
    """F1 and the phi coefficient of three detectors, by the share of anomalies in the test set (claim c-37).

    Arrays, for the `ALARMS` A and P shares: `shares` (P,); `f1` and `phi` (A, P).
    """

    name = "imbalance"
    exact = True
    quick: ClassVar = {"points": 400}
    least: ClassVar = {"points": 200}

    shares: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    points: int = 20_000

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Judge the detectors at every share."""
        rng, f1, coefficient = self.rng(0), [], []
        for share in self.shares:
            labels = (np.arange(self.points) < round(share * self.points)).astype(np.int8)
            good = rng.random(self.points) < np.where(labels == 1, 0.9, 0.1)
            alarms = np.ones_like(labels), rng.integers(0, 2, self.points), good.astype(np.int8)
            f1.append([precision_recall_f1(alarm, labels).f1 for alarm in alarms])
            coefficient.append([phi(alarm, labels) for alarm in alarms])
        return {"shares": np.array(self.shares), "f1": np.array(f1).T, "phi": np.array(coefficient).T}


def weights(parts: int, step: int = STEP) -> Iterator[tuple[int, ...]]:
    """Yield all weights of a score of `parts` parts (Eq. 9), as multiples of 1/step with sum 1."""
    if parts == 1:
        yield (step,)
        return
    for first in range(step + 1):
        for rest in weights(parts - 1, step - first):
            yield (first, *rest)


@dataclass(frozen=True, kw_only=True)
class WeightGrid(Experiment):
    """How many weightings a score of k parts has, and how long it takes to try them all (claim c-36).

    Arrays, for k = 1 to K: `counts` (K,), as enumerated; `expected` (K,), C(9 + k, k - 1); `best` (K,), the highest AUC
    of random parts that are a little informative. `processor_seconds` (R, K) are measurements, and off at quick.
    """

    name = "weight-grid"
    exact = True
    quick: ClassVar = {"points": 50, "parts": 3, "repeats": 1, "timed": False}
    least: ClassVar = {"parts": 1, "repeats": 1, "points": 10}
    timings: ClassVar = ("processor_seconds",)

    parts: int = 5
    points: int = 400
    repeats: int = 5
    timed: bool = True

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Try every weighting of the first k parts."""
        labels, sizes = np.arange(self.points) % 2, range(1, self.parts + 1)
        values = self.rng(0).normal(size=(self.parts, self.points)) + 0.5 * labels
        seconds, best = np.zeros((self.repeats, self.parts)), np.zeros(self.parts)
        for repeat in range(self.repeats):
            for k in sizes:
                began = time.process_time()
                best[k - 1] = max(roc_auc(np.array(w) @ values[:k], labels) for w in weights(k))
                seconds[repeat, k - 1] = time.process_time() - began
        counts = np.array([sum(1 for _ in weights(k)) for k in sizes])
        expected = np.array([comb(STEP - 1 + k, k - 1) for k in sizes])
        found = {"counts": counts, "expected": expected, "best": best}
        return found | ({"processor_seconds": seconds} if self.timed else {})


def heartbeat_like(length: int, rng: np.random.Generator) -> np.ndarray:
    """Return a synthetic series (length,) with a peak about every 40 samples, before it and after it a lower wave."""
    t, series = np.arange(length), rng.normal(0, 0.03, length)
    at = rng.uniform(-40, 0)
    while at < length + 40:
        height, stretch = rng.normal(1, 0.1), rng.normal(1, 0.05)
        for shift, width, share in ((-8, 2.5, 0.15), (0, 1.2, 1.0), (11, 4.0, 0.3)):
            series += share * height * np.exp(-0.5 * ((t - at - shift * stretch) / width) ** 2)
        at += max(25.0, rng.normal(40, 3))
    return np.asarray(series)


@dataclass(frozen=True, kw_only=True)
class Subsequences(Experiment):
    """False alarms of a reconstruction of synthetic series, by the length of the subsequences (claim c-39).

    Arrays, for the `MODELS` M, L lengths and S seeds: `lengths` (L,); `rates` (M, L, S), the share of held-out normal
    subsequences whose error is above the 95th percentile of the training errors; `example` (256,).
    """

    name = "subsequences"
    exact = True
    axes: ClassVar = ("seeds",)
    quick: ClassVar = {"seeds": 1, "training": 60, "held_out": 100}
    least: ClassVar = {"seeds": 1, "held_out": 1, "training": 20}

    lengths: tuple[int, ...] = (32, 64, 128, 256)
    training: int = 200
    held_out: int = 1_000
    seeds: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(lengths=self.lengths)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Fit both models at every length."""
        rates = np.zeros((len(MODELS), len(self.lengths)))
        for column, length in enumerate(self.lengths):
            rng = self.rng(*cell, length)
            rows = np.array([heartbeat_like(length, rng) for _ in range(self.training + self.held_out)])
            seen, unseen = rows[: self.training], rows[self.training :]
            for row, components in enumerate((8, 0.95)):
                model = PCA(components, svd_solver="full").fit(seen)
                copies = ((x, model.inverse_transform(model.transform(x))) for x in (seen, unseen))
                trained, held_out = (np.square(x - copy).mean(axis=1) for x, copy in copies)
                rates[row, column] = (held_out > np.percentile(trained, 95)).mean()
        return {"rates": rates}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the rates with the seeds last."""
        rates = np.stack([part["rates"] for part in parts], axis=-1)
        return {"lengths": np.array(self.lengths), "rates": rates, "example": heartbeat_like(256, self.rng(0, 0))}


def chapter_experiments(
    scale: str = "laptop",
    normal: int | str = 4,
    seeds: int = ModeCoverage.seeds,
    iterations: int = ModeCoverage.iterations,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    explicit = {"seeds": seeds, "iterations": iterations}
    given = {key: value for key, value in explicit.items() if value != getattr(ModeCoverage, key)}
    colour = {} if scale == "quick" else {"copies-colour": Copies.at(scale, dataset="cifar10", seed=seed)}
    trainings = {} if scale == "quick" else {"seeds": CONTAMINATIONS}
    longer = {} if scale == "quick" or "iterations" in given else {"iterations": 4_000}
    authors = {**given, **longer, "methods": TUNED, "penalty": 0.1, "radius": 2.0, "seed": seed}
    repeated: dict[str, Experiment] = {}  # further trainings, for the verdicts only
    if scale != "quick" and seed == 0:
        for other in range(1, TRAININGS):
            repeated[f"copies-{other}"] = Copies.at(scale, seed=other)
            repeated[f"likelihoods-{other}"] = Likelihoods.at(scale, seed=other)
        repeated["contamination-1"] = Contamination.at(scale, seed=1, seeds=TRAININGS - CONTAMINATIONS)
        repeated["discriminator-1"] = OptimalDiscriminator.at(scale, seed=1, seeds=15)
    return {
        "modes": ModeCoverage.at(scale, **given, seed=seed),
        "modes-authors": ModeCoverage.at(scale, **authors, deviation=0.004),
        "discriminator": OptimalDiscriminator.at(scale, seed=seed),
        "law": LatentLaw.at(scale, seed=seed),
        "copies": Copies.at(scale, seed=seed),
        **colour,
        "contamination": Contamination.at(scale, normal=normal, seed=seed, **trainings),
        "likelihoods": Likelihoods.at(scale, seed=seed),
        "imbalance": Imbalance.at(scale, seed=seed),
        "grid": WeightGrid.at(scale, seed=seed),
        "subsequences": Subsequences.at(scale, seed=seed),
        **repeated,
    }
