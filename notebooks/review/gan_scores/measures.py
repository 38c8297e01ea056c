"""Measures of `ScoreParts`: scores composed of parts, by weights (Eqs. 7 and 9) or an SVM, and the latent space.

Weights and SVM are chosen on validation rows, whose labels are known; test labels only judge the choice.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from scipy.stats import spearmanr
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import Tensor

from anogen.metrics import quality
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays
from notebooks.review.gan_challenges.experiments import STEP, weights

Parts = Mapping[str, np.ndarray]  # by name, each (n,)
CAPACITIES, WIDTHS = (0.1, 1.0, 10.0, 100.0), (0.03, 0.1, 0.3, 1.0)  # C and gamma of the SVM
Map = Callable[[Tensor], Tensor]  # G: (n, d_z) -> (n, d), or E: (n, d) -> (n, d_z)
TRUNCATIONS = (0.5, 1.0, 2.0, np.inf)
PAIRS, LINES, STEPS = 2_000, 20, 20


class Labelled(NamedTuple):
    """Parts of the scores of some rows, and the rows' labels."""

    parts: Parts
    labels: np.ndarray  # (n,), 1 = anomalous


def auc_by_weights(data: Labelled, names: Sequence[str]) -> np.ndarray:
    """Return the AUC of every weighting of some parts (Eq. 9) in steps of a tenth, in the order of `weights`."""
    stacked = np.stack([data.parts[name] for name in names])
    return np.array([roc_auc(np.array(chosen) / STEP @ stacked, data.labels) for chosen in weights(len(names))])


def linear(validation: Labelled, test: Labelled, names: Sequence[str]) -> tuple[float, float]:
    """Return the test AUC of the weights that are best on validation rows, and of those that are best on the test's.

    A choice of weights can reach the second only by luck.
    """
    judged = auc_by_weights(test, names)
    return float(judged[np.argmax(auc_by_weights(validation, names))]), float(judged.max())


def svm(validation: Labelled, test: Labelled, names: Sequence[str]) -> float:
    """Return the test AUC of a support vector machine (SVM) with a Gaussian kernel, fitted to validation rows.

    Every second pair of them decides on C and gamma (rows are normal and anomalous in turn); all are then used.
    """
    x, y = (np.stack([data.parts[name] for name in names], axis=1) for data in (validation, test))
    labels, fitting = validation.labels, np.arange(len(x)) // 2 % 2 == 0

    def validation_auc(settings: tuple[float, float]) -> float:
        scores = _fitted(x[fitting], labels[fitting], *settings).decision_function(x[~fitting])
        return roc_auc(scores, labels[~fitting])

    best = max(product(CAPACITIES, WIDTHS), key=validation_auc)
    return roc_auc(_fitted(x, labels, *best).decision_function(y), test.labels)


def _fitted(x: np.ndarray, labels: np.ndarray, capacity: float, width: float) -> Pipeline:
    return make_pipeline(StandardScaler(), SVC(C=capacity, gamma=width)).fit(x, labels)


def draw_latent(rng: np.random.Generator, *shape: int) -> Tensor:
    """Draw standard normal latent vectors."""
    return torch.from_numpy(rng.normal(size=shape).astype(np.float32))


def smoothness(make: Map, latent: int, rng: np.random.Generator) -> Arrays:
    """Compare distances of latent vectors with distances of their images (claim c-01).

    Arrays: `near`, the rank correlation over pairs whose distance is uniform in (0, 1); `jumps` (20,), the longest
    step on a straight line of 20 steps between two latent vectors, divided by the median step.
    """
    z, apart = draw_latent(rng, PAIRS, latent), torch.from_numpy(rng.random((PAIRS, 1)).astype(np.float32))
    direction = draw_latent(rng, PAIRS, latent)
    with torch.no_grad():
        moved = (make(z) - make(z + apart * direction / direction.norm(dim=1, keepdim=True))).norm(dim=1)
        share = torch.linspace(0, 1, STEPS + 1)[:, None, None]
        ends = draw_latent(rng, 2, LINES, latent)
        lengths = (make((1 - share) * ends[0] + share * ends[1]).diff(dim=0)).norm(dim=2).numpy()
    near = spearmanr(apart[:, 0].numpy(), moved.numpy()).statistic
    return {"near": np.array(near), "jumps": lengths.max(axis=0) / np.median(lengths, axis=0)}


def truncation(make: Map, latent: int, reference: quality.Reference, count: int, rng: np.random.Generator) -> Arrays:
    """Return variety `div_ratio` (4,) and distance from real images `nn_ratio` (4,), by `TRUNCATIONS` (claim c-11)."""
    div, nn = [], []
    for bound in TRUNCATIONS:
        low = ndtr(-bound)  # every coordinate is normal, given that it is within ± bound
        z = torch.from_numpy(ndtri(low + (1 - 2 * low) * rng.random((count, latent))).astype(np.float32))
        with torch.no_grad():
            images = make(z).numpy()
        div.append(quality.div_ratio(images, reference))
        nn.append(quality.nn_ratio(images, reference).mean())
    return {"div_ratio": np.array(div), "nn_ratio": np.array(nn)}


def inversion(make: Map, encode: Map, x: Tensor, z: Tensor) -> np.ndarray:
    """Return the mean relative errors of E(G(z)) and of G(E(x)), (2,)."""
    with torch.no_grad():
        back = (encode(make(z)) - z).norm(dim=1) / z.norm(dim=1)
        there = (make(encode(x)) - x).norm(dim=1) / x.norm(dim=1)
    return np.array([back.mean().item(), there.mean().item()])
