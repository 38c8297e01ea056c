"""An ensemble of four classifiers that decides whether an image shows a given digit, another one, or none.

The members are a CNN, a k-NN classifier, RBF-SVMs and an MLP; the last three see principal components and the distance
from their subspace. All are trained on degraded digits as well, and on an eleventh class, `NONE`, of images without a
digit. A temperature, fitted to held-out images, calibrates each member and their mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import cdist
from scipy.special import log_softmax, logsumexp
from sklearn.decomposition import PCA
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from anogen.errors import require
from anogen.metrics.images import checked, per_image
from companion.experiment import Arrays
from companion.studies import classifier
from companion.studies.known_images import NONE

MEMBERS = ("CNN", "k-NN", "SVM", "MLP")
THRESHOLD = 0.5  # of the intended class's probability: more probable than all others together
MAJORITY = 3  # of the four members
CUT = 0.4  # cycles per pixel above which a spatial frequency is high; 0.5 is the highest along a row
COMPONENTS = 40
NEIGHBOURS, SMOOTHING = 10, 0.1  # of the k-NN member
Floats = NDArray[np.float64]


def high_frequency_share(x: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Return the share (n,) of the variance of images (n, d) at spatial frequencies above `CUT`; 0 if constant."""

    def metric(images: Floats) -> Floats:
        _, h, w, _ = images.shape
        power = np.abs(np.fft.fft2(images - images.mean(axis=(1, 2), keepdims=True), axes=(1, 2))) ** 2
        high = np.hypot(np.fft.fftfreq(h)[:, None], np.fft.fftfreq(w)) > CUT
        total = power.sum(axis=(1, 2, 3))
        share = (power * high[:, :, None]).sum(axis=(1, 2, 3)) / np.where(total > 0, total, 1)
        return np.where(images.max(axis=(1, 2, 3)) > images.min(axis=(1, 2, 3)), share, 0.0)

    return per_image(x, shape, metric)


def calibration_error(confidence: ArrayLike, correct: ArrayLike, bins: int = 10) -> float:
    """Return the expected calibration error: the mean of |accuracy - confidence| over bins of confidence."""
    p, hit = np.asarray(confidence, dtype=float), np.asarray(correct, dtype=float)
    index = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs((hit - p)[index == i].sum()) for i in range(bins)) / len(p))


@dataclass(frozen=True, eq=False)
class EnsembleJudge:
    """The fitted ensemble.

    Attributes
    ----------
    arrays : its parameters by name, as `fit` returns them and a record of `ensemble` stores them.
    shape : the shape of one image.
    """

    arrays: Mapping[str, NDArray[Any]]
    shape: tuple[int, ...] = (28, 28)

    @cached_property
    def network(self) -> classifier.Weights:
        """The weights of the CNN."""
        return {k.removeprefix("cnn."): v for k, v in self.arrays.items() if k.startswith("cnn.")}

    @property
    def noise_limit(self) -> float:
        """The 99.9th percentile of the high-frequency share of real digits, above which an image is noise-like."""
        return float(self.arrays["noise_limit"])

    def member_probabilities(self, x: ArrayLike) -> Floats:
        """Return the calibrated probabilities (4, n, 11) of ten digits and `NONE` by each member, of images (n, d)."""
        rows = checked(x, self.shape).astype(np.float32)
        logits = np.concatenate([self._logits(rows[i : i + 1000]) for i in range(0, len(rows), 1000)], axis=1)
        return _softmax(logits, self.arrays["temperatures"][:, None, None])

    def probabilities(self, members: Floats) -> Floats:
        """Return the ensemble's probabilities (n, 11): the calibrated mean of the members' (4, n, 11)."""
        return _softmax(_log(members.mean(axis=0)), self.arrays["mean_temperature"])

    def features(self, x: ArrayLike) -> NDArray[np.float32]:
        """Return the features of the CNN for images (n, d), scaled to norm 1."""
        return normalized(classifier.features(self.network, checked(x, self.shape), self.shape))

    def predict(self, x: ArrayLike, intended: ArrayLike) -> Arrays:
        """Judge images x (n, d) in [0, 1] of which each is intended to show a digit, (n,) or one for all.

        Returns, each (n,) unless stated:

        - `probability`: of the intended digit by the ensemble; `members` (n, 4): by each of `MEMBERS`;
        - `none_probability`: that the image shows no digit;
        - `decision`: the most probable class, 10 if none of the digits;
        - `votes`: the number of members whose most probable class is the intended digit;
        - `recognisable`: whether they are a majority, at least 3 of 4;
        - `high_frequency`: see `high_frequency_share`; `noise_like`: whether it is larger than in 99.9% of real digits;
        - `normal_looking`: the decision is the intended digit, with a probability of at least 0.5, and not noise-like.
        """
        members = self.member_probabilities(x)
        label = np.broadcast_to(np.asarray(intended), members.shape[1])
        require(((label >= 0) & (label < NONE)).all(), "intended classes must be digits from 0 to 9")
        ensemble, rows = self.probabilities(members), np.arange(len(label))
        votes = (members.argmax(axis=2) == label).sum(axis=0)
        share = high_frequency_share(x, self.shape)
        noisy, decision, probability = share > self.noise_limit, ensemble.argmax(axis=1), ensemble[rows, label]
        return {
            "probability": probability,
            "members": members[:, rows, label].T,
            "none_probability": ensemble[:, NONE],
            "decision": decision,
            "votes": votes,
            "recognisable": votes >= MAJORITY,
            "high_frequency": share,
            "noise_like": noisy,
            "normal_looking": (decision == label) & (probability >= THRESHOLD) & ~noisy,
        }

    def _logits(self, rows: NDArray[np.float32]) -> Floats:
        """Return the members' logarithms of probabilities before calibration, (4, n, 11)."""
        a, points = self.arrays, _project(self.arrays, rows)
        references = a["points"].astype(np.float64)
        distance = cdist(points, references, "sqeuclidean")
        nearest = np.argpartition(distance, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        votes = np.eye(NONE + 1)[a["labels"][nearest]].sum(axis=1) + SMOOTHING
        kernels = np.exp(-a["svm_gamma"] * distance) @ a["svm_weights"].astype(np.float64) + a["svm_offsets"]
        hidden = np.maximum(points @ a["mlp_weights"] + a["mlp_offsets"], 0)
        network = _log(classifier.predict(self.network, rows, self.shape).astype(np.float64))
        return np.stack([network, _log(votes), kernels, hidden @ a["mlp_weights_out"] + a["mlp_offsets_out"]])


def fit(
    network: classifier.Weights,
    digits: NDArray[np.floating],
    train: tuple[NDArray[np.floating], NDArray[np.integer]],
    held_out: tuple[NDArray[np.floating], NDArray[np.integer]],
    shape: tuple[int, ...],
    references: int,
    seed: int,
) -> Arrays:
    """Fit the members other than the CNN, whose trained weights are passed, and the temperatures.

    `digits` (n, d) are real ones, for the principal components and the frequencies; the first `references` images of
    `train`, rows (m, d) and labels (m,), are the neighbours and support vectors; `held_out` are for the temperatures.
    """
    rows, labels = train
    pca = PCA(COMPONENTS, svd_solver="covariance_eigh").fit(digits.astype(np.float64))
    share = high_frequency_share(digits, shape)
    arrays: Arrays = {f"cnn.{name}": array for name, array in network.items()} | {
        "pca_mean": pca.mean_.astype(np.float32),
        "pca_components": pca.components_.astype(np.float32),
        "noise_limit": np.percentile(share, 99.9),
        "labels": labels[:references].astype(np.uint8),
    }
    points = _project(arrays, rows)
    arrays["points"] = points[:references].astype(np.float16)
    arrays |= _support_vectors(arrays["points"].astype(np.float64), labels[:references])
    mlp = MLPClassifier((128,), random_state=seed, early_stopping=True, n_iter_no_change=4, tol=1e-3)
    mlp.fit(points, labels)
    for i, name in enumerate(("", "_out")):
        arrays |= {f"mlp_weights{name}": mlp.coefs_[i].astype(np.float32)}
        arrays |= {f"mlp_offsets{name}": mlp.intercepts_[i].astype(np.float32)}
    one = EnsembleJudge(arrays | {"temperatures": np.ones(len(MEMBERS))}, shape)
    logits = one._logits(held_out[0].astype(np.float32))
    arrays["temperatures"] = np.array([temperature(member, held_out[1]) for member in logits])
    mean = EnsembleJudge(arrays, shape).member_probabilities(held_out[0]).mean(axis=0)
    return arrays | {"mean_temperature": np.array(temperature(_log(mean), held_out[1]))}


def temperature(logits: Floats, labels: NDArray[np.integer]) -> float:
    """Return the temperature of the highest likelihood for logits (n, classes) and true labels (n,)."""

    def loss(log_t: float) -> float:
        return -float(log_softmax(logits / np.exp(log_t), axis=1)[np.arange(len(labels)), labels].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def normalized(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Scale rows to the Euclidean norm 1; a row of zeros stays."""
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(norm > 0, norm, 1)).astype(np.float32)


def _support_vectors(points: Floats, labels: NDArray[np.integer]) -> Arrays:
    """Fit one SVM for each class against the others; return its weight of every point, (n, 11)."""
    gamma = 1 / (points.shape[1] * points.var())
    weights, offsets = np.zeros((len(points), NONE + 1), np.float32), np.zeros(NONE + 1)
    for label in range(NONE + 1):
        svm = SVC(C=10, gamma=gamma).fit(points, labels == label)
        weights[svm.support_, label], offsets[label] = svm.dual_coef_[0], svm.intercept_[0]
    return {"svm_weights": weights, "svm_offsets": offsets, "svm_gamma": np.array(gamma)}


def _project(arrays: Mapping[str, NDArray[Any]], rows: NDArray[np.floating]) -> Floats:
    """Return principal components of images (n, d), and last the distance from their subspace, (n, 41)."""
    centred = rows.astype(np.float64) - arrays["pca_mean"]
    coordinates = centred @ arrays["pca_components"].T
    left = np.linalg.norm(centred - coordinates @ arrays["pca_components"], axis=1)
    return np.column_stack([coordinates, left])


def _log(p: Floats) -> Floats:
    return np.log(np.maximum(p, 1e-12))


def _softmax(logits: Floats, temperature: Any) -> Floats:
    scaled = logits / temperature
    return np.asarray(np.exp(scaled - logsumexp(scaled, axis=-1, keepdims=True)))
