"""AnoRand beside an autoencoder and a VAE of the same layers: the digit 1, with sevens among it (Figs. 6 and 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.ndimage import laplace
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from anogen import datasets
from anogen.detectors.anorand import AnoRand, fit_together
from companion.experiment import Arrays, Experiment, Inputs, at_least, digits, stack
from notebooks.anorand.anorand.variants import PixelAnoRand, PixelAutoencoder, PixelVAE
from notebooks.anorand.common import Rows, judged, together

MODELS = {"AE": PixelAutoencoder, "VAE": PixelVAE, "AnoRand": PixelAnoRand}  # the first axis of the arrays
LATENTS = ("z", "z_1")  # what the decoder is given, and the encoder's part of it
SHARE = 0.05  # of the training set, and of the set that is judged, is anomalous
SHOWN = 6  # images of each digit that are kept with their copies


@dataclass(frozen=True, kw_only=True)
class Digits(Experiment):
    """Three networks of the same layers learn ones, of which 5% are sevens (Figs. 6 and 7).

    Arrays, for K models and S seeds: `ap` and `roc` (K, S, 3) of score, y_mlp and y_AE, on the held-out ones and as
    many held-out sevens as make 5% of the whole; `false_alarms` (K, S), the share of ones that score above all but 5%
    of the sevens; `missed` (K, S), the share of sevens that score below all but 5% of the ones; `errors` (K, S, 3), the
    mean squared error of a pixel over ones, sevens and both; `silhouette` and `probe` (K, S, 2), for `LATENTS`: of the
    true labels, and balanced accuracy of a logistic regression fitted to the other half; `laplacian` (K, S, 3), mean
    |Laplacian| of held-out images, of their copies, and the quotient; `alpha` (K, S), `quartiles` (K, S, 2). Of the
    first seed: `plane` (K, n, 2), the latent vectors z on their first two principal axes; `plane_labels` (n,);
    `originals` (2, 6, d) and `copies` (K, 2, 6, d).
    """

    name = "anorand-digits"
    named: ClassVar = ("dataset",)
    quick: ClassVar = {"dataset": "mnist-5k", "seeds": 2, "epochs": 2}
    tolerance = 0.3

    dataset: str = "mnist"
    normal: int = 1
    anomaly: int = 7
    seeds: int = 5
    noise: float = 1.0
    w: float = 0.2
    epochs: int = 200
    batch_size: int = 128
    learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.normal, self.anomaly)
        at_least(1, seeds=self.seeds, epochs=self.epochs)

    def cells(self) -> Sequence[tuple]:
        """One cell for each model, whose seeds train as one tensor."""
        return [(model,) for model in MODELS]

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train one kind of model from every seed, and judge it."""
        (model,) = cell
        sets = [self.data(seed) for seed in range(self.seeds)]
        detectors: list[AnoRand] = [
            MODELS[model](
                self.w, self.noise, "synthetic", self.epochs, self.batch_size, self.learning_rate, random_state=seed
            )
            for seed in range(self.seeds)
        ]
        fit_together(detectors, [rows.train for rows, _ in sets])
        held_out, labels = self.held_out()
        parts = [self.judge(one, rows, held_out, labels) for one, (rows, _) in zip(detectors, sets, strict=True)]
        return together(parts) | self.pictures(detectors[0], held_out, labels)

    def data(self, seed: int) -> tuple[Rows, np.ndarray]:
        """Return what a seed trains on and is judged on, and which of the held-out images that is."""
        data, rng = datasets.load(self.dataset), self.rng(seed)
        ones = data.x_train[data.y_train == self.normal]
        sevens = data.x_train[data.y_train == self.anomaly]
        chosen = rng.choice(len(sevens), _share(len(ones)), replace=False)
        train = _flat(np.concatenate([ones, sevens[chosen]]))
        held_out, labels = self.held_out()
        few = rng.choice(np.flatnonzero(labels), _share(int((labels == 0).sum())), replace=False)
        kept = np.concatenate([np.flatnonzero(labels == 0), few])
        return Rows(train, np.repeat([0, 1], [len(ones), len(chosen)]), held_out[kept], labels[kept]), kept

    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all held-out images of both digits, (n, d), and their labels, 1 for the anomalous digit."""
        data = datasets.load(self.dataset)
        of = np.isin(data.y_test, (self.normal, self.anomaly))
        return _flat(data.x_test[of]), (data.y_test[of] == self.anomaly).astype(np.int8)

    def judge(self, detector: AnoRand, rows: Rows, held_out: np.ndarray, labels: np.ndarray) -> Arrays:
        """Return the measures of one model."""
        scores, copies = detector.decision_function(held_out), detector.copies(held_out)
        normal, anomalous = scores[labels == 0], scores[labels == 1]
        squared = np.square(copies - held_out).mean(axis=1)
        sharp, blurred = (_laplacian(images) for images in (held_out, copies))
        latents = detector.latents(held_out)
        parts = [latents, latents[:, -detector.latent :]]
        return judged(detector, rows) | {
            "false_alarms": np.array((normal >= np.quantile(anomalous, 0.05)).mean()),
            "missed": np.array((anomalous <= np.quantile(normal, 0.95)).mean()),
            "errors": np.array([squared[labels == 0].mean(), squared[labels == 1].mean(), squared.mean()]),
            "silhouette": np.array([silhouette_score(z, labels) for z in parts]),
            "probe": np.array([_probe(z, labels) for z in parts]),
            "laplacian": np.array([sharp, blurred, blurred / sharp]),
        }

    def pictures(self, detector: AnoRand, held_out: np.ndarray, labels: np.ndarray) -> Arrays:
        """Return the latent plane, and a few images beside their copies."""
        z = detector.latents(held_out).astype(np.float64)
        z -= z.mean(axis=0)
        axes = np.linalg.svd(z, full_matrices=False)[2][:2]
        axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]  # the sign of an axis is arbitrary
        shown = np.stack([np.flatnonzero(labels == label)[:SHOWN] for label in (0, 1)])
        return {
            "plane": (z @ axes.T).astype(np.float32),
            "copies": _levels(detector.copies(held_out[shown.ravel()])).reshape(2, SHOWN, -1),
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the models."""
        held_out, labels = self.held_out()
        shown = np.stack([held_out[labels == label][:SHOWN] for label in (0, 1)])
        return stack(parts, len(MODELS)) | {"plane_labels": labels, "originals": _levels(shown)}


def _share(n: int) -> int:
    """Return how many anomalies make up 5% beside n normal images."""
    return round(n * SHARE / (1 - SHARE))


def _flat(images: np.ndarray) -> np.ndarray:
    """Return images as rows in [0, 1], (n, d)."""
    return images.reshape(len(images), -1).astype(np.float64) / 255


def _levels(x: np.ndarray) -> np.ndarray:
    """Return images in [0, 1] as uint8."""
    return (x.clip(0, 1) * 255).round().astype(np.uint8)


def _laplacian(rows: np.ndarray) -> float:
    """Return the mean |Laplacian| of square images given as rows (n, d)."""
    side = round(rows.shape[1] ** 0.5)
    return float(np.abs([laplace(image) for image in rows.reshape(-1, side, side)]).mean())


def _probe(z: np.ndarray, labels: np.ndarray) -> float:
    """Return the balanced accuracy on every second vector of a logistic regression fitted to the others."""
    scaled = StandardScaler().fit(z[::2])
    linear = LogisticRegression(max_iter=2000, class_weight="balanced").fit(scaled.transform(z[::2]), labels[::2])
    return float(balanced_accuracy_score(labels[1::2], linear.predict(scaled.transform(z[1::2]))))
