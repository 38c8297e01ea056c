"""One normal class: contaminated training data, copies by a β-VAE, likelihoods of other data."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from anogen import datasets, detectors
from anogen.datasets.dataset import unit
from anogen.detectors.gan import objectives
from anogen.detectors.gan.anogan import AdversarialVAE
from anogen.detectors.gan.objectives import Encoder, Generator, Sizes, init_weights
from anogen.detectors.gan.training import Batch, Data, TrainStep, train
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Experiment, Inputs, fraction
from companion.studies.images import laplacian_energy

JUDGED = ("knn", "ocsvm", "vae with a discriminator")
PATCH = 6  # pixels
PATCHES = ("white", "noise")
LEVELS = 256


def choose(rng: np.random.Generator, among: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of at most `count` of the rows that a mask (n,) marks, without replacement."""
    return np.asarray(rng.permutation(np.flatnonzero(among))[:count])


def test_rows(
    data: datasets.Dataset, label: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return at most `count` normal test rows, then as many others, (n, d), and labels (n,), 1 = anomalous."""
    normal, other = (choose(rng, (data.y_test == label) == inside, count) for inside in (True, False))
    rows = unit(data.x_test[np.concatenate((normal, other))])
    return rows, (np.arange(len(rows)) >= len(normal)).astype(np.int8)


@dataclass(frozen=True, kw_only=True)
class Contamination(Experiment):
    """Detectors whose training set holds images of other classes (claim c-16).

    Arrays, for P shares, D detectors (`JUDGED`) and S seeds: `shares` (P,); `auc` (D, P, S), on test images.
    """

    name = "contamination"
    judged: ClassVar = JUDGED
    axes: ClassVar = ("judged", "shares", "seeds")
    listed: ClassVar = {"shares": "shares"}
    quick: ClassVar = {
        "dataset": "mnist-5k", "training": 100, "tested": 60, "seeds": 1, "iterations": 30, "shares": (0.0, 0.1)
    }  # fmt: skip
    least: ClassVar = {"seeds": 1, "iterations": 1, "training": 20, "tested": 20}

    dataset: str = "mnist"
    normal: int | str = 4
    shares: tuple[float, ...] = (0.0, 0.01, 0.05, 0.1, 0.2)
    training: int = 1_500
    tested: int = 500  # of normal and of other test images each
    seeds: int = 3
    iterations: int = 1_500

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(**{f"shares[{i}]": share for i, share in enumerate(self.shares)})

    def uses(self) -> tuple[str, ...]:
        """Return the detectors of the catalogue among the judged."""
        return tuple(name for name in JUDGED if name in detectors.CATALOGUE)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train one detector on one mixture p_total (Eq. 2), and judge it."""
        name, share, seed = cell
        data, rng = datasets.load(self.dataset), self.rng(seed)
        label = data.label(self.normal)
        wrong = round(share * self.training)
        good, bad = (choose(rng, (data.y_train == label) == inside, self.training) for inside in (True, False))
        train_rows = unit(data.x_train[np.concatenate((good[: len(good) - wrong], bad[:wrong]))])
        x, labels = test_rows(data, label, self.tested, rng)
        start = int(rng.integers(2**31))
        if name in detectors.CATALOGUE:
            detector: Any = detectors.fit(name, train_rows, start)
        else:
            detector = AdversarialVAE(iterations=self.iterations, random_state=start).fit(train_rows)
        return {"auc": np.array(roc_auc(detector.decision_function(x.astype(np.float64)), labels))}


@dataclass(frozen=True, kw_only=True)
class Copies(Experiment):
    """A β-VAE for each class as the normal one, and its copies of test images (claims c-02, c-13, c-14, c-38).

    Arrays, for C classes and n test images, the same for all: `classes` (n,); `errors` (C, n), float32, summed squares;
    `auc` (C,); `sharpness` (C, 2), mean |Laplacian| of real normal images and of their copies; `patched` (C, 2, m),
    pixel AUROC of |x - x̂| for a pasted patch, by the `PATCHES` kinds and m normal images; `shown` (C, 2, 4, d) uint8,
    four normal images and their copies.
    """

    name = "copies"
    axes: ClassVar = ("labels",)
    named: ClassVar = ("dataset",)
    quick: ClassVar = {"dataset": "mnist-5k", "tested": 10, "iterations": 10, "labels": (4,)}
    least: ClassVar = {"tested": 5, "iterations": 1, "latent": 1}

    dataset: str = "mnist"
    labels: tuple[int, ...] = tuple(range(10))
    tested: int = 100  # images of each class
    iterations: int = 1_000
    latent: int = 16

    def chosen(self, data: datasets.Dataset) -> np.ndarray:
        """Return the indices of the test images, sorted."""
        rng = self.rng(0)
        return np.sort(np.concatenate([choose(rng, data.y_test == c, self.tested) for c in range(len(data.classes))]))

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train with one class as the normal one."""
        (label,), data = cell, datasets.load(self.dataset)
        seed = int(self.rng(1).integers(2**31))
        vae = AdversarialVAE(adversarial=False, latent=self.latent, iterations=self.iterations, random_state=seed)
        vae.fit(unit(data.x_train[data.y_train == label]))
        chosen = self.chosen(data)
        x, inside = unit(data.x_test[chosen]), data.y_test[chosen] == label
        errors = np.square(self.copy(vae, x) - x).sum(axis=1)
        normal = x[inside]
        sharp = [laplacian_energy(rows, data.image_shape).mean() for rows in (normal, self.copy(vae, normal))]
        return {
            "errors": errors.astype(np.float32),
            "auc": np.array(roc_auc(errors, ~inside)),
            "sharpness": np.array(sharp),
            "patched": np.array([self.patch_auroc(vae, normal, data.image_shape, kind) for kind in PATCHES]),
            "shown": np.rint(255 * np.stack((normal[:4], self.copy(vae, normal[:4])))).astype(np.uint8),
        }

    def copy(self, vae: AdversarialVAE, rows: np.ndarray) -> np.ndarray:
        """Return the copies of rows (n, d)."""
        return np.asarray(vae.reconstruct(torch.from_numpy(rows))[1].numpy())

    def patch_auroc(self, vae: AdversarialVAE, rows: np.ndarray, shape: tuple[int, ...], kind: str) -> np.ndarray:
        """Paste a patch somewhere into each row, and return the AUROC (n,) of the error as a score of its pixels."""
        rng, scores = self.rng(2, PATCHES.index(kind)), []
        for row in rows:
            image, mask = row.reshape(shape).copy(), np.zeros(shape, bool)
            top, left = (int(rng.integers(0, size - PATCH + 1)) for size in shape[:2])
            place = slice(top, top + PATCH), slice(left, left + PATCH)
            patch = rng.random((PATCH, PATCH, *shape[2:]))
            image[place], mask[place] = 1.0 if kind == "white" else patch, True
            flat = image.reshape(1, -1)
            scores.append(roc_auc(np.abs(flat - self.copy(vae, flat))[0], mask.ravel()))
        return np.array(scores)

    def common(self, inputs: Inputs) -> Arrays:
        """Return the classes of the test images."""
        data = datasets.load(self.dataset)
        return {"classes": data.y_test[self.chosen(data)]}


@dataclass(frozen=True, kw_only=True)
class Likelihoods(Experiment):
    """A VAE with a likelihood of grey levels, of test images of its own data and of other data (claim c-21).

    A pixel's distribution is logistic around the decoder's output, with a scale of its own, cut into 256 levels. The
    bound on the log-likelihood is the mean of `draws` of log p(x|z) less the KL divergence.

    Arrays: `own`, `other` (n,), bounds in bits a pixel; `noise` (n,), of uniform noise.
    """

    name = "likelihoods"
    quick: ClassVar = {"dataset": "mnist-5k", "other": "uniform", "tested": 20, "iterations": 10}
    least: ClassVar = {"tested": 1, "iterations": 1, "latent": 1, "draws": 1}

    dataset: str = "fashion_mnist"
    other: str = "mnist"
    tested: int = 1_000
    iterations: int = 3_000
    latent: int = 16
    width: int = 128
    draws: int = 8

    def datasets(self) -> tuple[str, ...]:
        """Return both data sets."""
        return (self.dataset, self.other)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train on all classes of one data set, and bound the likelihood of both and of noise."""
        own, other = (datasets.load(name) for name in self.datasets())
        d = int(np.prod(own.image_shape))
        sizes = Sizes(d, self.latent, self.width)
        networks: dict[str, nn.Module] = {"encoder": Encoder(sizes, variance=True), "generator": Generator(sizes)}
        networks["scale"] = Scale(d)
        init_weights(networks, seed := int(self.rng(0).integers(2**31)))

        def loss(batch: Batch) -> dict[str, Tensor]:
            return {"loss": -self.bound(networks, batch.x, batch.source).mean() / d}

        rows = torch.from_numpy(own.x_train.reshape(-1, d).copy())
        data = Data(rows, torch.zeros(len(rows), dtype=torch.int64), 64)
        steps = {"all": TrainStep(tuple(networks), loss, rate=1e-3)}
        list(train(networks, steps, data, iterations=self.iterations, seed=seed))
        noise = self.rng(1).random((self.tested, d))
        rows_of = {
            "own": unit(own.x_test[choose(self.rng(2), own.y_test >= 0, self.tested)]),
            "other": unit(other.x_test[choose(self.rng(3), other.y_test >= 0, self.tested)]),
            "noise": (np.rint(255 * noise) / 255).astype(np.float32),
        }
        source = torch.Generator().manual_seed(seed)
        found = {}
        with torch.no_grad():
            for key, x in rows_of.items():
                draws = [self.bound(networks, torch.from_numpy(x), source) for _ in range(self.draws)]
                found[key] = torch.stack(draws).mean(dim=0).div(d * np.log(2)).numpy()
        return found

    def bound(self, networks: dict[str, nn.Module], x: Tensor, source: torch.Generator) -> Tensor:
        """Return one draw of the bound on log p(x) of rows (b, d), in nats, (b,)."""
        z, mean, log_variance = objectives.reparameterise(networks["encoder"](x), source)
        middle, scale = networks["generator"](z), networks["scale"](x)
        half = 0.5 / (LEVELS - 1)
        upper, lower = ((x + side - middle) / scale for side in (half, -half))
        above = torch.where(x > 1 - half, torch.zeros_like(x), torch.sigmoid(-upper))  # the ends take their tails
        below = torch.where(x < half, torch.zeros_like(x), torch.sigmoid(lower))
        return (1 - above - below).clamp(min=1e-7).log().sum(dim=1) - objectives.kl_divergence(mean, log_variance)


class Scale(nn.Module):
    """The scale of every pixel's logistic distribution, equal for all images."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.full((dimension,), -2.0))

    def forward(self, x: Tensor) -> Tensor:
        """(b, d) -> (d,)."""
        return self.log.clamp(-6, 2).exp()
