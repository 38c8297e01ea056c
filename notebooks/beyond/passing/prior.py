"""How much of a picture comes from the prior: the same descent on a trained detector, an untrained one, and on none.

The prior is the choice of coordinates and the weight of the total variation. The criteria of anogen-c-23 and
anogen-c-24 were fixed before anything was computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from anogen import datasets, detectors
from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.generators.inputs import noise
from anogen.scorers import Scorer, make_scorer
from companion.experiment import Arrays, Experiment, Inputs
from companion.studies.ensemble import EnsembleJudge
from companion.studies.ensemble_training import required
from companion.studies.evaluation_data import score_rows
from notebooks.beyond.passing.parametrised import Parametrisation, coordinates, total_variation

PRIORS = (
    Parametrisation("pixels"), Parametrisation("pixels", 1.0), Parametrisation("fourier"),
    Parametrisation("fourier", 1.0),
)  # fmt: skip
STATES = ("trained", "untrained")
FIT, ROWS, START, NOISE = range(1, 5)  # keys of the seeds
HELD_OUT = 300  # images whose scores and total variations are the units of the loss
UNCHANGED = 1e-30  # a learning rate that is too small to change a weight


@dataclass(frozen=True, kw_only=True)
class Prior(Experiment):
    """Descents with each of `PRIORS`, on trainings of detectors and digits, and on the same detectors untrained.

    The loss is the score, plus the weight times the total variation, each in interquartile ranges of held-out images.
    An untrained autoencoder has its initial weights; an untrained KDE is fitted to uniform noise. Each training has
    another seed, and KDE another sample of images.

    Arrays, for D detectors, C digits, T trainings, 2 states, P priors and S starts, which are the same for all:
    `normal` (D, C, T, 2, P, S), whether the ensemble accepts the image as the digit; `shared` (D, C, T, P), the squared
    correlation of the pixels of the trained and the untrained detector's image, mean over starts; `constant` (D, C, T,
    P), the same with the image of a constant score; `trainings` (D, C, P), the same of two trainings, mean over pairs
    of the first and another; `images` (D, C, 2, P, d), of the first training and start, and `constant_images` (P, d).
    """

    name = "prior"
    axes: ClassVar = ("detectors", "digits", "n_trainings")
    quick: ClassVar = {
        "dataset": "mnist-5k", "detectors": ("kde",), "digits": (4,), "n_trainings": 2, "iterations": 10, "starts": 2,
        "rows": 100,
    }  # fmt: skip
    least: ClassVar = {"iterations": 1, "starts": 1, "n_trainings": 2, "rows": 10}
    effort: ClassVar = ("iterations", "starts")

    dataset: str = "mnist"
    detectors: tuple[str, ...] = ("autoencoder", "kde")
    digits: tuple[int, ...] = (3, 4, 7)
    n_trainings: int = 5
    iterations: int = 500
    starts: int = 4
    rows: int = 1_000  # of KDE
    rate: float = 0.02  # Adam's, of the coordinates

    def requires(self) -> dict[str, Experiment]:
        """Need the ensemble that judges digits."""
        return {"ensemble": required(self.scale)["ensemble"]}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Descend on one training, and on its untrained counterpart, with each prior."""
        detector, digit, training = cell
        data = datasets.load(self.dataset).one_class(digit)
        held_out = torch.from_numpy(data.test_normal[:HELD_OUT])
        images = np.stack([
            [self.descend(scorer, prior, held_out).numpy() for prior in PRIORS]
            for scorer in self.scorers(detector, data.X_train, data.image_shape, digit, training)
        ])  # fmt: skip
        flat = images.reshape(-1, images.shape[-1])
        normal = EnsembleJudge(inputs["ensemble"]).predict(flat, digit)["normal_looking"]
        return {"all": images, "normal": normal.reshape(images.shape[:-1])}

    def scorers(self, detector: str, train: np.ndarray, shape: tuple[int, ...], *key: int) -> list[Scorer]:
        """Return the score of a trained detector, and of the same one untrained."""
        seed = int(self.rng(FIT, *key).integers(2**31))
        if detector == "autoencoder":
            fitted = [ConvAutoencoder(shape, random_state=seed).fit(train)]
            fitted.append(ConvAutoencoder(shape, epochs=1, learning_rate=UNCHANGED, random_state=seed).fit(train))
            return [make_scorer(one) for one in fitted]
        rows = train[self.rng(ROWS, *key).permutation(len(train))[: self.rows]]
        random = self.rng(NOISE, *key).random(rows.shape)
        return [make_scorer(detectors.fit(detector, some, seed), rows.shape[1]) for some in (rows, random)]

    def descend(self, scorer: Scorer | None, prior: Parametrisation, held_out: Tensor) -> Tensor:
        """Return the images (S, d) found from the starts; without a scorer, with a constant score."""
        side = round(held_out.shape[1] ** 0.5)
        unit = 1.0 if scorer is None else _spread(score_rows(scorer, held_out))
        variation = prior.variation / _spread(total_variation(held_out.reshape(-1, side, side)).numpy())
        generator = torch.Generator().manual_seed(int(self.rng(START).integers(2**31)))
        x, image = coordinates(prior.coordinates, noise((self.starts, side, side), generator))
        x = x.clone().requires_grad_()
        adam = torch.optim.Adam([x], lr=self.rate)
        for _ in range(self.iterations):
            now = image(x)
            loss = variation * total_variation(now).sum()
            if scorer is not None:
                loss = loss + scorer(now.flatten(1)).sum() / unit
            adam.zero_grad()
            loss.backward()
            adam.step()
        return image(x.detach()).flatten(1)

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Compare the images of states, priors and trainings."""
        shape = len(self.detectors), len(self.digits), self.n_trainings
        images = np.stack([part["all"] for part in parts]).reshape(*shape, *parts[0]["all"].shape)
        normal = np.stack([part["normal"] for part in parts]).reshape(images.shape[:-1])
        held_out = torch.from_numpy(datasets.load(self.dataset).one_class(self.digits[0]).test_normal[:HELD_OUT])
        constant = np.stack([self.descend(None, prior, held_out).numpy() for prior in PRIORS])
        trained, untrained = images[:, :, :, 0], images[:, :, :, 1]  # (D, C, T, P, S, d)
        return {
            "normal": normal,
            "shared": squared_correlation(trained, untrained).mean(axis=-1),
            "constant": squared_correlation(trained, constant).mean(axis=-1),
            "trainings": squared_correlation(trained[:, :, :1], trained[:, :, 1:]).mean(axis=(2, -1)),
            "images": _bytes(images[:, :, 0, :, :, 0]),
            "constant_images": _bytes(constant[:, 0]),
        }


def squared_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the squared correlation over the pixels of images (..., d), (...,); 0 if one of them is constant."""
    a, b = (x - x.mean(axis=-1, keepdims=True) for x in (a.astype(float), b.astype(float)))
    norms = (a**2).sum(axis=-1) * (b**2).sum(axis=-1)
    return np.asarray((a * b).sum(axis=-1) ** 2 / np.where(norms > 0, norms, 1))


def _spread(values: np.ndarray) -> float:
    """Return the interquartile range."""
    low, high = np.percentile(values, [25, 75])
    return float(high - low)


def _bytes(images: np.ndarray) -> np.ndarray:
    """Return images in [0, 1] as uint8."""
    return (images * 255).round().astype(np.uint8)
