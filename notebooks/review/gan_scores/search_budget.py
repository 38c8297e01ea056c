"""The budget of a latent search: tolerance, limit, starts, and the dimension of the latent space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import latent_search
from anogen.detectors.gan.anogan import AnoGAN
from anogen.metrics.detection import roc_auc
from companion.datasets import heartbeats
from companion.experiment import Arrays, Experiment, Inputs, ascending, at_least
from notebooks.review.gan_challenges.one_class import test_rows
from notebooks.review.gan_review.inference import NEAR, median_distance

EPSILONS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.4)
LIMITS = (5, 20, 50, 100, 200, 500)
STARTS = (1, 4, 16)
BATCH = 64  # rows whose mean dissimilarity decides, where it does


def train_gan(
    experiment: "SearchBudget | LatentSizes", cell: tuple, latent: int
) -> tuple[AnoGAN, np.ndarray, torch.Tensor, np.ndarray]:
    """Train a GAN of the normal class, and return it with its training rows, test rows (n, d) and labels (n,).

    The seed of a cell fixes training and test rows, whatever the latent dimension.
    """
    name, rng = experiment.dataset, experiment.rng(*cell)
    data = heartbeats.load() if name == heartbeats.NAME else datasets.load(name)
    label = data.label(experiment.normal)
    train = unit(data.x_train[data.y_train == label])
    x, labels = test_rows(data, label, experiment.rows, rng)
    gan = AnoGAN(latent=latent, iterations=experiment.iterations, random_state=int(rng.integers(2**31)))
    list(gan.training(train))
    return gan, train, torch.from_numpy(x), labels


def first_step(reached: np.ndarray) -> np.ndarray:
    """Return the first true step of each of n columns of a mask (t, n), (n,); t if there is none."""
    return np.asarray(np.where(reached.any(axis=0), reached.argmax(axis=0), len(reached)))


def differing(apart: np.ndarray, epsilon: float) -> float:
    """Return the share of rows whose own dissimilarity (t, n) decides otherwise than the mean of their batch.

    Both decide at the step where the batch stops. Normal and other rows are mixed in every batch.
    """
    batches, different = -(-apart.shape[1] // BATCH), []
    for b in range(batches):
        own = apart[:, b::batches]
        stop = min(int(first_step(own.mean(axis=1, keepdims=True) <= epsilon)[0]), len(own) - 1)
        different.append((own[stop] <= epsilon) != (own[stop].mean() <= epsilon))
    return float(np.concatenate(different).mean())


@dataclass(frozen=True, kw_only=True)
class SearchBudget(Experiment):
    """AnoGAN's search by tolerance ε, limit n_max and starts z_0 (claims c-25, c-26 and c-32).

    The search descends 1 less a Gaussian kernel whose bandwidth is the median distance of two training rows; the score
    is the residual where it stops. A row's way does not depend on where it stops, so one search of the longest limit
    holds all of them. Test rows are half normal.

    Arrays, for S seeds, E tolerances, N limits and K numbers of starts: `auc` (S, E, N); `steps` (S, E, N), mean;
    `start_auc` (S, K), at the fourth limit without tolerance, by the start whose end is the most similar; `differs`
    (S, E), share of rows that by themselves would have decided otherwise where the mean of their batch of 64 decided
    to stop, or at the last limit; `near` (S, N), the median dissimilarity after a limit.
    """

    name = "search-budget"
    axes: ClassVar = ("seeds",)
    named: ClassVar = ("dataset",)
    quick: ClassVar = {
        "dataset": "mnist-5k", "iterations": 8, "seeds": 1, "rows": 10, "limits": (1, 2, 3, 4), "starts": (1, 2),
    }  # fmt: skip
    least: ClassVar = {"seeds": 1, "iterations": 1, "latent": 1, "rows": 4}

    dataset: str = "mnist"
    normal: int | str = 4
    seeds: int = 2
    iterations: int = 1_500
    latent: int = 16
    rows: int = 192  # normal ones, and as many others
    epsilons: tuple[float, ...] = EPSILONS
    limits: tuple[int, ...] = LIMITS
    starts: tuple[int, ...] = STARTS

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(4, limits=len(self.limits))
        ascending(limits=self.limits, starts=self.starts)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train a GAN, and search its latent space."""
        gan, train, x, labels = train_gan(self, cell, self.latent)
        rng = self.rng(*cell, 1)
        generator = gan.networks_["generator"]
        loss = latent_search.kernel(generator, x, median_distance(train, rng))

        def search_from(z: torch.Tensor, limit: int) -> tuple[np.ndarray, np.ndarray]:
            """Return dissimilarity and residual after each step, (t, n)."""
            apart, residual = [], []
            config = latent_search.LatentSearchConfig(limit=limit, near=NEAR)
            for state in latent_search.descend(loss, z.expand(len(x), -1), config):
                apart.append(state.loss.numpy())
                with torch.no_grad():
                    residual.append(latent_search.residual(x, generator(state.z)).numpy())
            return np.array(apart), np.array(residual)

        z = torch.from_numpy(rng.normal(size=(max(self.starts), self.latent)).astype(np.float32))
        apart, residual = search_from(z[0], self.limits[-1])
        auc, steps = np.zeros((2, len(self.epsilons), len(self.limits)))
        rows = np.arange(len(x))
        for e, epsilon in enumerate(self.epsilons):
            for n, limit in enumerate(self.limits):
                stop = np.minimum(first_step(apart <= epsilon), limit)
                auc[e, n] = roc_auc(residual[stop, rows], labels)
                steps[e, n] = stop.mean()
        ends = [[values[-1] for values in search_from(start, self.limits[3])] for start in z]
        end_apart, end_residual = (np.array(values) for values in zip(*ends, strict=True))  # (starts, n)
        chosen = [end_residual[end_apart[:k].argmin(axis=0), rows] for k in self.starts]
        return {
            "auc": auc,
            "steps": steps,
            "near": np.median(apart[list(self.limits)], axis=1),
            "differs": np.array([differing(apart, epsilon) for epsilon in self.epsilons]),
            "start_auc": np.array([roc_auc(scores, labels) for scores in chosen]),
        }


@dataclass(frozen=True, kw_only=True)
class LatentSizes(Experiment):
    """AnoGAN by the dimension of its latent space (claim c-08). Test rows are half normal.

    Arrays, for S seeds and D `dimensions`: `auc` (S, D), of the residual; `error` (S, D), the mean squared error of a
    pixel of normal rows' copies; `shown` (D, 4, d) uint8, copies of the first seed, `rows` (4, d) uint8.
    """

    name = "latent-sizes"
    axes: ClassVar = ("seeds", "dimensions")
    listed: ClassVar = {"dimensions": "dimensions"}
    quick: ClassVar = {
        "dataset": "mnist-5k", "iterations": 8, "seeds": 1, "rows": 10, "limit": 3, "dimensions": (2, 8),
    }  # fmt: skip
    least: ClassVar = {"seeds": 1, "iterations": 1, "limit": 1, "rows": 4}

    dataset: str = "mnist"
    normal: int | str = 4
    dimensions: tuple[int, ...] = (2, 8, 32, 128, 512)
    seeds: int = 2
    iterations: int = 1_500
    rows: int = 250  # normal ones, and as many others
    limit: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(dimensions=self.dimensions)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train with one dimension, and search."""
        seed, dimension = cell
        gan, _, x, labels = train_gan(self, (seed,), dimension)
        gan.settings = latent_search.LatentSearchConfig(limit=self.limit)
        _, copy = gan.reconstruct(x)
        normal = labels == 0
        return {
            "auc": np.array(roc_auc(latent_search.residual(x, copy).numpy(), labels)),
            "error": (x - copy)[normal].square().mean().numpy().astype(np.float64),
            "shown": np.rint(255 * copy[normal][:4].numpy()).astype(np.uint8),
            "rows": np.rint(255 * x[normal][:4].numpy()).astype(np.uint8),
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the cells, and keep images of the first seed."""
        stacked = super().collect(parts, inputs)
        return stacked | {"shown": stacked["shown"][0], "rows": stacked["rows"][0, 0]}
