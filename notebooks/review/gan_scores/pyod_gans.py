"""PyOD's AnoGAN, ALAD and VAE beside ours: whether they copy a row at all, and repeat what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from pyod.models import alad, anogan, vae
from torch import Tensor

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import latent_search as search
from anogen.detectors.gan.anogan import EGBAD, Adversarial, AdversarialVAE, AnoGAN, FAnoGAN, GANomaly
from anogen.detectors.gan.encoders import divergence
from anogen.detectors.seeded_fit import seeded
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Experiment, Inputs, at_least, stack
from notebooks.review.common.one_class import some

PYOD = ("AnoGAN (PyOD)", "ALAD (PyOD)", "VAE (PyOD)")
OURS: dict[str, tuple[type[Adversarial], dict[str, Any]]] = {
    "AnoGAN": (AnoGAN, {"settings": search.Settings(limit=100)}),
    "f-AnoGAN": (FAnoGAN, {}),
    "EGBAD": (EGBAD, {}),
    "EGBAD with cycle": (EGBAD, {"cycle": 1.0}),
    "GANomaly": (GANomaly, {}),
    "VAE": (AdversarialVAE, {"adversarial": False}),
    "adversarial VAE": (AdversarialVAE, {}),
}
METHODS = (*PYOD, *OURS)


@dataclass(frozen=True, kw_only=True)
class PyodGans(Experiment):
    """Detectors of PyOD with their defaults, and ours, on the same rows of one class.

    Arrays, for S seeds and the `METHODS` M: `auc` (S, M); `unlike` (S, M), the median relative difference of two
    scores of the same row; `varied` (S, M), how much copies differ from row to row, in units of how much
    rows do. `template` (S,), the largest error of PyOD's AnoGAN's score, relative, if it is taken for the distance from
    one fixed image; `mean_auc` (S,), of the distance from the mean training row. `divergence` (S, 2), median KL
    of the codes of normal rows by PyOD's VAE and by ours, in nats; `penalty` (S,), what PyOD's loss counts of it.
    """

    name = "pyod-gans"
    tolerance = 0.5
    absolute = 1e-6  # `template` is a rounding error
    quick: ClassVar = {
        "dataset": "mnist-5k", "training": 32, "rows": 10, "seeds": 1, "iterations": 4, "epochs": 1,
    }  # fmt: skip

    dataset: str = "mnist"
    normal: int | str = 4
    training: int = 500
    rows: int = 250  # normal ones, and as many others
    seeds: int = 1
    iterations: int = 1_500  # of ours
    epochs: int = 500  # of PyOD's AnoGAN

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, seeds=self.seeds, iterations=self.iterations, epochs=self.epochs)
        at_least(4, rows=self.rows)
        at_least(20, training=self.training)

    def cells(self) -> Sequence[tuple]:
        """One cell for each seed."""
        return [(seed,) for seed in range(self.seeds)]

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Fit all of them, and ask each twice."""
        data, rng = datasets.load(self.dataset), self.rng(*cell)
        label = data.label(self.normal)
        train = unit(data.x_train[some(rng, data.y_train == label, self.training)])
        normal, other = (some(rng, (data.y_test == label) == inside, self.rows) for inside in (True, False))
        x = unit(data.x_test[np.concatenate((normal, other))])
        labels, seed = np.arange(len(x)) >= len(normal), int(rng.integers(2**31))
        with seeded(seed):
            theirs = [anogan.AnoGAN(epochs=self.epochs), alad.ALAD(), vae.VAE(verbose=0)]
            for one in theirs:
                one.fit(train)
            scores = [(one.decision_function(x), one.decision_function(x)) for one in theirs]
            copies = pyod_copies(theirs[0], theirs[1], theirs[2], x)
            found = {"template": np.array(template(theirs[0], x, scores[0][0]))}
            own, penalty = codes(theirs[2], x[: len(normal)])
        for name, (kind, options) in OURS.items():
            model = kind(iterations=self.iterations, random_state=seed, **options)
            for _ in model.training(train):
                pass
            rows = model.unit(x)
            copies.append(varied(model.copies(rows)[1], rows))
            scores.append((model.decision_function(x), model.decision_function(x)))
            if name == "VAE":
                with torch.no_grad():
                    mean, log_variance = model.networks_["encoder"](rows[: len(normal)]).chunk(2, dim=1)
                ours = divergence(mean, log_variance).median().item()
        return found | {
            "auc": np.array([roc_auc(first, labels) for first, _ in scores]),
            "unlike": np.array([np.median(np.abs(first - again) / np.abs(first)) for first, again in scores]),
            "varied": np.array(copies),
            "mean_auc": np.array(roc_auc(np.abs(x - train.mean(axis=0)).sum(axis=1), labels)),
            "divergence": np.array([own, ours]),
            "penalty": np.array(penalty),
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the seeds."""
        return stack(parts, self.seeds)


def varied(copies: Tensor, rows: Tensor) -> float:
    """Return how much copies (n, d) differ from row to row, in units of how much the rows do."""
    return float(copies.std(dim=0).mean() / rows.std(dim=0).mean())


def template(model: anogan.AnoGAN, x: np.ndarray, scores: np.ndarray) -> float:
    """Return the largest relative error of PyOD's scores (n,) if they are taken for distances from one image g.

    This is mean |x - g| + |D(x) - D(g)|, with g what the generator makes of the bias of its query layer.
    """
    rows = torch.from_numpy(x)
    with torch.no_grad():
        g = model.generator(model.query_model.z_gamma_layer.bias[None])
        expected = (rows - g).abs().mean(dim=1) + (model.discriminator(rows) - model.discriminator(g)).abs()[:, 0]
    return float((np.abs(expected.numpy() - scores) / scores).max())


def pyod_copies(gan: anogan.AnoGAN, pairs: alad.ALAD, coder: vae.VAE, x: np.ndarray) -> list[float]:
    """Return how much the copies of PyOD's three vary; the VAE's are those of standardised rows."""
    rows = torch.from_numpy(x)
    standard = standardised(coder, x)
    with torch.no_grad():
        g = gan.generator(gan.query_model.z_gamma_layer(torch.zeros(len(rows), gan.latent_dim_G)))
        back = pairs.dec(pairs.enc(rows))
        decoded = coder.model.decode(coder.model.encode(standard)[0])
    return [varied(g, rows), varied(back, rows), varied(decoded, standard)]


def standardised(coder: vae.VAE, x: np.ndarray) -> Tensor:
    """Return rows as PyOD's VAE sees them."""
    return torch.from_numpy(((x - coder.X_mean) / (coder.X_std + 1e-8)).astype(np.float32))


def codes(coder: vae.VAE, x: np.ndarray) -> tuple[float, float]:
    """Return the median KL divergence of the codes of PyOD's VAE, and what its loss counts of it."""
    rows, (low, high) = standardised(coder, x), coder.logvar_clip_
    with torch.no_grad():
        mean, log_variance = coder.model.encode(rows)
        given = rows, rows, mean, log_variance
        counted = vae.vae_loss(*given, beta=coder.beta, capacity=coder.capacity, logvar_clip=coder.logvar_clip_)
    return divergence(mean, log_variance.clamp(low, high)).median().item(), counted.item()
