"""AnoRand's synthetic anomalies, networks and loss (AnoRand 5).

The source states shares of 2% and of 5% (`inc-anorand-03`), not the order of noise and SMOTE (`inc-anorand-10`). Here
noise is added to 2% of the rows, and SMOTE oversamples them to 5% of the training set.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from anogen.detectors.stacked_training import Network, hidden

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
    smote = SMOTE(
        sampling_strategy={1: target},
        k_neighbors=min(NEIGHBOURS, len(anomalies) - 1),
        random_state=int(rng.integers(2**31)),
    )
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


def outputs(network: Network, x: Tensor) -> Outputs:
    """Return the outputs of M networks for rows (M, n, d).

    The noise detection block's last hidden layer is z_0, the encoder's output z_1; the decoder's input is both (Eq. 1).
    """
    noise_detection, encoder, decoder = blocks(network)
    z_0, logit = block(noise_detection, x)
    z = torch.cat([z_0, block(encoder, x)[1]], dim=2)
    return Outputs(logit.squeeze(2), block(decoder, z)[1], z)


def reconstruction_loss(x: Tensor, reconstruction: Tensor) -> Tensor:
    """Return the mean squared error of each row's reconstruction, (M, n, d) -> (M, n): the L_mse of Eq. 2.

    The source calls it squared and prints a norm that is not (`inc-anorand-07`).
    """
    return (x - reconstruction).square().mean(dim=2)


def detection_loss(logit: Tensor, y: Tensor) -> Tensor:
    """Return each row's cross entropy, (M, n): Eq. 3 with its missing minus sign (`inc-anorand-04`)."""
    return binary_cross_entropy_with_logits(logit, y, reduction="none")


def loss(x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
    """Return w · L_CE + (1 - w) · L_AE of Eqs. 2-4 for M models, (M,).

    Rows x (M, n, d), labels y (M, n) and weights w (M,). The source sums over the rows; the mean that is taken here is
    the same for Adam. The source's expanded form has one minus sign in front of both terms, and would maximise the
    reconstruction error (`inc-anorand-05`).
    """
    copied = ((1 - y) * reconstruction_loss(x, out.reconstruction)).mean(dim=1)
    return w * detection_loss(out.logit, y).mean(dim=1) + (1 - w) * copied
