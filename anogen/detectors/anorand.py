"""AnoRand: a noise detector and an autoencoder that share a decoder, trained on synthetic anomalies (AnoRand 5).

The source states shares of 2% and of 5% (`inc-anorand-03`), not the order of noise and SMOTE (`inc-anorand-10`). Here
noise is added to 2% of the rows, and SMOTE oversamples them to 5% of the training set.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import torch
from pyod.models.base import BaseDetector
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from anogen.detectors.mixins import SerializableMixin, as_rows, check_fitted, check_parameters
from anogen.detectors.stacked_training import Network, Widths, hidden, init_weights, train
from anogen.errors import InputError, require

MIN_ROWS = 20  # noise is added to two of them
CHUNK_SIZE = 2000  # rows that are scored at once
MIN_STD = 10 * np.finfo(np.float64).eps  # a standard deviation below this, relative to the values, is rounding
NOISE_SHARE = 0.02  # of the rows, to which noise is added; they are not among the normal ones
ANOMALY_SHARE = 0.05  # of the training set, after SMOTE
NEIGHBOURS = 5  # of SMOTE's interpolation, imbalanced-learn's default


def choose_rows(n: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Choose a share of n rows, at least two, at random; return (n,) of bool."""
    chosen = np.zeros(n, dtype=bool)
    chosen[rng.choice(n, max(2, round(share * n)), replace=False)] = True
    return chosen


def add_noise(rows: np.ndarray, scale: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise of `noise` times each feature's standard deviation `scale` (d,), 0 for a constant feature."""
    return rows + rng.normal(size=rows.shape) * (noise * scale)


def n_synthetic(n_normal: int, n_available: int) -> int:
    """Return the number of anomalies that is 5% of the training set, at least `n_available`."""
    return max(n_available, round(n_normal * ANOMALY_SHARE / (1 - ANOMALY_SHARE)))


def oversample(normal: np.ndarray, anomalies: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the anomalies (m, d), followed by SMOTE's interpolations until they are 5% of all rows.

    With five anomalies or fewer SMOTE uses all other anomalies as neighbours.
    """
    from imblearn.over_sampling import SMOTE

    target = n_synthetic(len(normal), len(anomalies))
    if target == len(anomalies):
        return anomalies
    neighbours, seed = min(NEIGHBOURS, len(anomalies) - 1), int(rng.integers(2**31))
    smote = SMOTE(sampling_strategy={1: target}, k_neighbors=neighbours, random_state=seed)
    y = np.repeat([0, 1], [len(normal), len(anomalies)])
    rows, labels = smote.fit_resample(np.concatenate([normal, anomalies]), y)
    return rows[labels == 1]


def synthetic_training_set(
    X: np.ndarray, scale: np.ndarray, noise: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return AnoRand's training set X_tr, (m, d), and its labels (m,): 0 for rows of X, 1 for synthetic anomalies.

    The rows X (n, d) are assumed to be normal; arguments are as for `add_noise`.
    """
    chosen = choose_rows(len(X), NOISE_SHARE, rng)
    normal = X[~chosen]
    anomalies = oversample(normal, add_noise(X[chosen], scale, noise, rng), rng)
    return np.concatenate([normal, anomalies]), np.repeat([0, 1], [len(normal), len(anomalies)])


class Outputs(NamedTuple):
    """The outputs of M networks for n rows each."""

    logit: Tensor  # (M, n): y_mlp is its sigmoid
    reconstruction: Tensor  # (M, n, d): the decoder's x̂
    latent: Tensor  # (M, n, z): the decoder's input, z = (z_0, z_1)


def block(layers: Sequence[Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """Return a block's last hidden layer, and its output without an activation, (M, n, in) -> (M, n, ·) twice."""
    *layers, weight, bias = layers
    x = hidden(layers, x)
    return x, torch.baddbmm(bias, x, weight)


def blocks(network: Network) -> tuple[Network, Network, Network]:
    """Return the noise detection block, the encoder and the decoder, which have the same number of layers."""
    third = len(network) // 3
    return network[:third], network[third : 2 * third], network[2 * third :]


def reconstruction_loss(x: Tensor, reconstruction: Tensor) -> Tensor:
    """Return the mean squared error of each row's reconstruction, (M, n, d) -> (M, n): the L_mse of Eq. 2.

    The source calls it squared and prints a norm that is not (`inc-anorand-07`).
    """
    return (x - reconstruction).square().mean(dim=2)


def detection_loss(logit: Tensor, y: Tensor) -> Tensor:
    """Return each row's cross entropy, (M, n): Eq. 3 with its missing minus sign (`inc-anorand-04`)."""
    return binary_cross_entropy_with_logits(logit, y, reduction="none")


class AnoRand(SerializableMixin, BaseDetector):
    """AnoRand with PyOD's protocol (inventory: anorand-eq-1 to anorand-eq-8); weights in float32, scores in float64.

    Rows are standardised. Noise is added to some of them, which become synthetic anomalies; a network is then trained
    to distinguish them from the rest and to reconstruct the rest, with w · L_CE + (1 - w) · L_AE. Where the source
    leaves a choice open, this class follows the text; the chapter's ablation changes these choices one by one. A
    parameter out of its range raises `InputError`.

    Warning: on tables of few features the method may be worse than chance. With the defaults, fitted to 200 rows of
    PyOD's `generate_data` of which 10% are outliers, the areas under the ROC curve for seeds 0 to 4 are 0.09, 0.90,
    0.49, 0.44 and 1.00 with 2 features, and 0.19, 1.00, 0.38, 0.00 and 0.12 with 16.

    Parameters
    ----------
    w
        Weight of the noise detection block's loss, 0..1.
    noise
        Standard deviation of the noise, in units of each feature's own; a constant feature stays constant.
    supervision
        `synthetic`: all rows count as normal, and anomalies are synthetic. `labels`: `fit` takes labels.
    epochs, batch_size, learning_rate, random_state
        Of the training with Adam; the seed is that of synthetic anomalies, weights and order of the rows.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(60, 4))
    >>> detector = AnoRand(w=0.2, noise=1.0, epochs=5, random_state=0).fit(rows)
    >>> detector.decision_function(rows[:3]).shape
    (3,)
    """

    hidden: ClassVar[Widths] = (32, 16)  # of the noise detection block and of the encoder; the decoder mirrors them
    latent: ClassVar[int] = 16

    def __init__(
        self,
        w: float = 0.2,
        noise: float = 1.0,
        supervision: Literal["synthetic", "labels"] = "synthetic",
        epochs: int = 200,
        batch_size: int = 128,
        learning_rate: float = 1e-4,
        random_state: int = 0,
        contamination: float = 0.1,
    ) -> None:
        super().__init__(contamination=contamination)
        self.w = w
        self.noise = noise
        self.supervision = supervision
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state
        require(0 <= w <= 1, f"w = {w} is out of range: give a number from 0 to 1")
        require(0 <= noise < np.inf, f"noise = {noise} is out of range: give a standard deviation of 0 or more")
        known = supervision in {"synthetic", "labels"}
        require(known, f"unknown supervision {supervision!r}: choose synthetic or labels")
        check_parameters(self, {"epochs": 1, "batch_size": 1, "random_state": 0}, positive=["learning_rate"])

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Train on the rows of X, (n, d); y (n,), 1 for anomalies, is used only with `supervision="labels"`.

        Raises `InputError` for fewer than 20 rows, values that are not finite, or labels that are missing or all equal.
        """
        fit_together([self], [X], None if y is None else [y])
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the score of every row of X, (n, d) -> (n,): Eq. 8."""
        return self.combine(*self.probabilities(X))

    def combine(self, y_mlp: np.ndarray, y_ae: np.ndarray) -> np.ndarray:
        """Return (1 - alpha) · y_AE + alpha · y_mlp (Eq. 8), with `alpha_` from the training rows (Eq. 7)."""
        return (1 - self.alpha_) * y_ae + self.alpha_ * y_mlp

    def probabilities(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both blocks' probabilities that a row is anomalous, y_mlp and y_AE (Eq. 6), (n, d) -> (n,) twice."""
        y_mlp, y_ae = (torch.from_numpy(output).sigmoid().numpy() for output in self.outputs(X))
        return y_mlp, y_ae

    def outputs(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the noise detection block's logits and ||x - x̂|| of standardised rows, (n, d) -> (n,) twice."""
        parts = [
            (out.logit[0].double(), torch.linalg.vector_norm((x[0] - out.reconstruction[0]).double(), dim=1))
            for x, out in self._forward(X)
        ]
        logit, distance = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
        return logit, distance

    def latents(self, X: np.ndarray) -> np.ndarray:
        """Return the decoder's input z = (z_0, z_1), (n, d) -> (n, 32): Eq. 1."""
        return torch.cat([out.latent[0] for _, out in self._forward(X)]).numpy()

    def reconstruct(self, X: np.ndarray) -> np.ndarray:
        """Return the decoder's reconstructions, in the units of the rows, (n, d) -> (n, d)."""
        scaled = torch.cat([out.reconstruction[0] for _, out in self._forward(X)]).double().numpy()
        return scaled * self.scale_ + self.mean_

    def scale(self, X: np.ndarray) -> Tensor:
        """Return standardised rows, (n, d) -> (n, d) float32."""
        return torch.from_numpy(((X - self.mean_) / self.scale_).astype(np.float32))

    def training_set(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the training rows (m, d) and their labels (m,)."""
        if self.supervision == "labels":
            return X, _labels(y, len(X))
        return synthetic_training_set(X, self.spread_, self.noise, np.random.default_rng(self.random_state))

    def widths(self, d: int) -> tuple[Widths, Widths, Widths]:
        """Return the widths of the layers of noise detection block, encoder and decoder."""
        decoder = (self.hidden[-1] + self.latent, *reversed(self.hidden), d)
        return (d, *self.hidden, 1), (d, *self.hidden, self.latent), decoder

    def forward(self, network: Network, x: Tensor) -> Outputs:
        """Return the outputs of M networks for rows (M, n, d).

        The noise detection block's last hidden layer is z_0, the encoder's output z_1; the decoder reads both (Eq. 1).
        """
        noise_detection, encoder, decoder = blocks(network)
        z_0, logit = block(noise_detection, x)
        z = torch.cat([z_0, block(encoder, x)[1]], dim=2)
        return Outputs(logit.squeeze(2), block(decoder, z)[1], z)

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return w · L_CE + (1 - w) · L_AE of Eqs. 2-4 for M models, (M,).

        Rows x (M, n, d), labels y (M, n) and weights w (M,). The source sums over the rows; the mean is the same for
        Adam. The source's expanded form has one minus sign in front of both terms, and would maximise the
        reconstruction error (`inc-anorand-05`).
        """
        copied = ((1 - y) * reconstruction_loss(x, out.reconstruction)).mean(dim=1)
        return w * detection_loss(out.logit, y).mean(dim=1) + (1 - w) * copied

    def balance(self, y_mlp: np.ndarray, y_ae: np.ndarray) -> float:
        """Return alpha from the third quartiles of both blocks' probabilities: Eq. 7 (`inc-anorand-09`)."""
        q_0, q_1 = np.quantile(y_mlp, 0.75), np.quantile(y_ae, 0.75)
        return float(q_1 / (q_0 + q_1))

    def weights(self) -> dict[str, np.ndarray]:
        """Return scaling, alpha and the trained weights by name."""
        check_fitted(self, "network_")
        network = {f"network_{i}": weight.numpy().copy() for i, weight in enumerate(self.network_)}
        return {"mean": self.mean_, "scale": self.scale_, "alpha": np.array(self.alpha_)} | network

    def with_weights(self, weights: Mapping[str, np.ndarray]) -> Self:
        """Set the weights that `weights` returned, instead of training, and return this detector."""
        self.mean_, self.scale_, self.alpha_ = weights["mean"], weights["scale"], float(weights["alpha"])
        self.n_features_in_ = len(self.mean_)
        count = sum(key.startswith("network_") for key in weights)
        self.network_ = [torch.tensor(weights[f"network_{i}"]) for i in range(count)]
        return self

    def standardise(self, X: np.ndarray) -> None:
        """Store mean and standard deviation of the rows; a constant feature is divided by 1."""
        mean, spread = X.mean(axis=0), X.std(axis=0)
        spread = np.where(spread <= MIN_STD * np.abs(X).max(axis=0), 0, spread)
        self.mean_, self.spread_, self.n_features_in_ = mean, spread, X.shape[1]
        self.scale_ = np.where(spread > 0, spread, 1)

    def _finish(self, network: Network, X: np.ndarray) -> None:
        """Store the weights of one model; compute alpha and the training scores."""
        self.network_ = network
        y_mlp, y_ae = self.probabilities(X)
        self.alpha_ = self.balance(y_mlp, y_ae)
        self._set_n_classes(None)  # PyOD warns of any labels
        self.decision_scores_ = self.combine(y_mlp, y_ae)
        self._process_decision_scores()

    def _forward(self, X: np.ndarray) -> list[tuple[Tensor, Outputs]]:
        """Return standardised rows in chunks, (1, n, d) each, and the network's outputs for them."""
        check_fitted(self, "network_")
        parts = self.scale(as_rows(X, self))[None].split(CHUNK_SIZE, dim=1)
        with torch.inference_mode():
            return [(x, self.forward(self.network_, x)) for x in parts]


def fit_together(
    detectors: Sequence[AnoRand], X: Sequence[np.ndarray], y: Sequence[Any] | None = None
) -> Sequence[AnoRand]:
    """Fit M detectors as one stacked tensor, each as if it were alone up to rounding, and return them.

    The detectors have one class and differ at most in w, noise and random state; X holds the rows (n, d) of each, y
    the labels (n,) of each for `supervision="labels"`. Raises `InputError` as `AnoRand.fit`, and for other detectors.
    """
    stacks = {
        (type(one), one.supervision, one.epochs, one.batch_size, one.learning_rate, np.shape(rows))
        for one, rows in zip(detectors, X, strict=True)
    }
    require(len(stacks) == 1, "they do not fit into one tensor: give one class, training, supervision and shape")
    sets = []
    for one, rows, labels in zip(detectors, X, y or [None] * len(X), strict=True):
        usable = as_rows(rows)
        require(len(usable) >= MIN_ROWS, f"{len(usable)} rows are too few: give AnoRand at least {MIN_ROWS}")
        one.standardise(usable)
        training_rows, target = one.training_set(usable, labels)
        sets.append((one.scale(training_rows), torch.from_numpy(target.astype(np.float32))))
    x, targets = (torch.stack(arrays) for arrays in zip(*sets, strict=True))
    first = detectors[0]
    generators = [torch.Generator().manual_seed(one.random_state) for one in detectors]
    w = torch.tensor([one.w for one in detectors], dtype=torch.float32)

    def batch_loss(network: Network, batch: Tensor, order: Tensor) -> Tensor:
        return first.loss(batch, first.forward(network, batch), targets.gather(1, order), w)

    network = init_weights(first.widths(x.shape[2]), generators)
    adam = partial(torch.optim.Adam, lr=first.learning_rate, fused=True)
    options = {"epochs": first.epochs, "batch_size": first.batch_size}
    network = train(network, x, batch_loss, generators, optimizer=adam, **options)
    for i, (one, rows) in enumerate(zip(detectors, X, strict=True)):
        one._finish([weight[i : i + 1].clone() for weight in network], np.asarray(rows, dtype=np.float64))
    return detectors


def _labels(y: Any, n: int) -> np.ndarray:
    require(y is not None, "supervision by labels needs labels: call fit(X, y), or choose supervision='synthetic'")
    labels = np.asarray(y).ravel()
    if labels.shape != (n,) or not np.isin(labels, (0, 1)).all():
        raise InputError(f"labels must be {n} numbers, 1 for anomalous rows and 0 for normal ones")
    alike = f"every label is {int(labels[0])}: give normal and anomalous rows, or choose supervision='synthetic'"
    require(labels.min() != labels.max(), alike)
    return labels
