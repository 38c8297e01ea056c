"""The parts of the score of GANs of one class, their latent space, and three encoders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from scipy import stats
from torch import Tensor

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import latent_search
from anogen.detectors.gan.anogan import EGBAD, AnoGAN, FAnoGAN, GANDetector
from anogen.metrics import quality
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Experiment, Inputs, at_least, digits
from notebooks.review.gan_challenges.one_class import choose
from notebooks.review.gan_scores import measures
from notebooks.review.gan_scores.measures import Labelled

JUDGES = ("discrimination", "features")  # Eq. 5 and Eq. 6
LAMBDAS = np.linspace(0, 1, 21)
SETS = (
    ("residual",), ("discrimination",), ("features",), ("norm",),
    ("residual", "discrimination"), ("residual", "features"),
    ("residual", "discrimination", "norm"), ("residual", "features", "norm"),
    ("residual", "discrimination", "features", "norm"),
)  # fmt: skip
WAYS = ("f-AnoGAN", "EGBAD", "EGBAD with cycle")  # encoders trained afterwards, jointly, jointly with the cycle's loss
LATENT = ("from the origin", "from the copy's code")  # ‖E(x)‖, and ‖E(x) - E(G(E(x)))‖
RANGE = 0.99  # of the norms of latent vectors
SHOWN = 4  # normal rows, and as many others


class Rows(NamedTuple):
    """Rows in [0, 1], normal and other ones in turn, and their labels."""

    x: np.ndarray  # (n, d)
    labels: np.ndarray  # (n,), 1 = anomalous


def alternate(images: np.ndarray, normal: np.ndarray, other: np.ndarray) -> Rows:
    """Return normal and other images, chosen by index, in turn."""
    both = np.stack((normal, other[: len(normal)]), axis=1).ravel()
    return Rows(unit(images[both]), np.arange(len(both)) % 2)


@dataclass(frozen=True, kw_only=True)
class ScoreParts(Experiment):
    """A GAN for each class and seed, with an encoder trained after it, and two GANs with encoders trained jointly.

    Validation rows are of the training set and not trained on. AnoGAN searches with λ = 0.1 and feature matching.
    Claims c-01, 03, 04, 10, 11, 12, 22, 23, 24, 31, 33 and 34.

    Arrays, for C classes, S seeds, M `marks` of the training, 2 `JUDGES`, L `LAMBDAS`, K `SETS` of parts and W `WAYS`:
    `validated` (C, S, M, 2, L), AUC on validation rows by λ; `tested` (C, S, 2, L), on test rows, in the end;
    `linear`, `best`, `machine` (C, S, K), test AUC of weights chosen on validation rows, of those best on the test
    rows, and of a machine fitted to validation rows; `full` (C, S, 1 + W), AUC of AnoGAN's score and of the encoders';
    `image` (C, S, W), AUC of the residual, `code` (C, S, W, 2), of the `LATENT` distances; `inversion` (C, S, W, 2),
    relative errors of E(G(z)) and G(E(x)); `norms` (C, S, n), of the searched latent vectors of test rows, normal ones
    and others in turn, `outside` (C, S, 2), the share of each that is outside the inner 99% of the chi law; `near`,
    `jumps`, `div_ratio`, `nn_ratio` as in `measures`; `shown` (C, 2 + W, 8, d) uint8, rows of the first seed with
    their copies by the search and by each encoder.
    """

    name = "score-parts"
    axes: ClassVar = ("classes", "seeds")
    quick: ClassVar = {
        "dataset": "mnist-5k", "classes": (4,), "seeds": 1, "iterations": 8, "marks": 2, "rows": 10, "limit": 3,
    }  # fmt: skip
    least: ClassVar = {"seeds": 1, "marks": 1, "limit": 1, "rows": 2 * SHOWN}

    dataset: str = "mnist"
    classes: tuple[int, ...] = (4, 8)
    seeds: int = 3
    iterations: int = 1_500
    latent: int = 16
    marks: int = 6
    rows: int = 300  # normal ones for validation, and for testing; with as many others
    limit: int = 100  # n_max

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(*self.classes)
        at_least(1, classes=len(self.classes))
        at_least(self.marks, iterations=self.iterations)

    def measured_at(self) -> np.ndarray:
        """Return the iterations after which the GAN is measured, (M,)."""
        return np.linspace(0, self.iterations, self.marks + 1).round().astype(int)[1:]

    def parted(self, data: datasets.Dataset, label: int, rng: np.random.Generator) -> tuple[np.ndarray, Rows, Rows]:
        """Return training rows (n, d), validation rows and test rows."""
        own = choose(rng, data.y_train == label, len(data.y_train))
        other, inside, outside = (
            choose(rng, mask, self.rows) for mask in (data.y_train != label, data.y_test == label, data.y_test != label)
        )
        validation = alternate(data.x_train, own[: self.rows], other)
        return unit(data.x_train[own[self.rows :]]), validation, alternate(data.x_test, inside, outside)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train the three GANs, and measure the parts of their scores."""
        label, seed = cell
        data, rng = datasets.load(self.dataset), self.rng(label, seed)
        train, validation, test = self.parted(data, label, rng)
        options: dict[str, Any] = {"latent": self.latent, "iterations": self.iterations}
        options["random_state"] = int(rng.integers(2**31))
        after, marks = FAnoGAN(**options), set(self.measured_at().tolist())
        validated = []
        for done in after.training(train):
            if done in marks:  # until the last of the GAN; its encoder is trained after that
                known = split_scores(self.searching(after, options), validation)
                validated.append(curves(comparable(known, known)))
        anogan = self.searching(after, options)
        searched = split_scores(anogan, test)
        joint = [EGBAD(cycle=cycle, **options) for cycle in (0.0, 1.0)]
        for model in joint:
            list(model.training(train))
        reference = quality.Reference.fit(train, validation.x[::2], data.image_shape)
        make = after.networks_["generator"]
        return (
            {"validated": np.array(validated)}
            | composed(comparable(known, known), comparable(searched, known))
            | self.lengths(searched)
            | measures.smoothness(make, self.latent, rng)
            | measures.truncation(make, self.latent, reference, self.rows, rng)
            | self.encoders([anogan, after, *joint], test, searched, rng)
        )

    def searching(self, made: FAnoGAN, options: dict[str, Any]) -> AnoGAN:
        """Return a detector that searches the latent space of a GAN which another one has trained."""
        anogan = AnoGAN(settings=latent_search.LatentSearchConfig(limit=self.limit), **options)
        for fitted in ("networks_", "low_", "span_", "n_features_in_"):
            setattr(anogan, fitted, getattr(made, fitted))
        return anogan

    def lengths(self, test: "ScoredRows") -> Arrays:
        """Compare the norms of the searched latent vectors with the chi law."""
        norms = test.z.norm(dim=1).numpy()
        low, high = stats.chi.ppf(((1 - RANGE) / 2, (1 + RANGE) / 2), self.latent)
        outside = (norms < low) | (norms > high)
        shares = [outside[test.labels == kind].mean() for kind in (0, 1)]
        return {"norms": norms.astype(np.float16), "outside": np.array(shares)}

    def encoders(
        self, models: Sequence[GANDetector], test: Rows, searched: "ScoredRows", rng: np.random.Generator
    ) -> Arrays:
        """Compare AnoGAN, the first of the models, with the encoders of the others."""
        scored = [searched, *(split_scores(model, test) for model in models[1:])]
        normal = models[0].unit(test.x[::2])
        code, inverse = [], []
        for model, one in zip(models[1:], scored[1:], strict=True):
            encode = model.networks_["encoder"]
            with torch.no_grad():
                apart = (one.z - encode(one.copy)).norm(dim=1)
            code.append([roc_auc(distance, test.labels) for distance in (one.z.norm(dim=1), apart)])
            z = measures.draw_latent(rng, len(normal), self.latent)
            inverse.append(measures.inversion(model.networks_["generator"], encode, normal, z))
        shown = np.stack([test.x[: 2 * SHOWN], *(one.copy[: 2 * SHOWN].numpy() for one in scored)])
        weighted = [
            (1 - model.weight) * one.parts["residual"] + model.weight * one.parts["features"]
            for model, one in zip(models, scored, strict=True)
        ]
        return {
            "full": np.array([roc_auc(score, test.labels) for score in weighted]),
            "image": np.array([roc_auc(one.parts["residual"], test.labels) for one in scored[1:]]),
            "code": np.array(code),
            "inversion": np.array(inverse),
            "shown": np.rint(255 * shown).astype(np.uint8),
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the cells, and keep images of the first seed."""
        stacked = super().collect(parts, inputs)
        return stacked | {"marks": self.measured_at(), "shown": stacked["shown"][:, 0]}


class ScoredRows(NamedTuple):
    """Latent vectors and copies of rows by a detector, and the parts of their scores."""

    parts: dict[str, np.ndarray]  # (n,) each
    labels: np.ndarray  # (n,)
    z: Tensor  # (n, d_z)
    copy: Tensor  # (n, d)


def split_scores(model: GANDetector, rows: Rows) -> ScoredRows:
    """Return the parts of the scores of rows."""
    x = model.unit(rows.x)
    z, copy = model.reconstruct(x)
    return ScoredRows(model.parts_of(x, z, copy), rows.labels, z, copy)


def comparable(rows: ScoredRows, known: ScoredRows) -> Labelled:
    """Return the parts of rows, divided by their deviation over the normal validation rows."""
    normal = known.labels == 0
    parts = {name: values / (known.parts[name][normal].std() or 1.0) for name, values in rows.parts.items()}
    return Labelled(parts, rows.labels)


def composed(validation: Labelled, test: Labelled) -> Arrays:
    """Judge the choice of validation rows on test rows."""
    linear, best = np.array([measures.linear(validation, test, names) for names in SETS]).T
    machine = np.array([measures.svm(validation, test, names) for names in SETS])
    return {"tested": curves(test), "linear": linear, "best": best, "machine": machine}


def curves(data: Labelled) -> np.ndarray:
    """Return the AUC of (1 - λ) L_res + λ L_disc (Eq. 7) by λ, for either judge, (2, L)."""
    residual, judges = data.parts["residual"], [data.parts[judge] for judge in JUDGES]
    return np.array([[roc_auc((1 - w) * residual + w * part, data.labels) for w in LAMBDAS] for part in judges])
