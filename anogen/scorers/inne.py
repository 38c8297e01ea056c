"""INNE: the smallest sampled ball that contains a row."""

import numpy as np
import torch
from pyod.models.inne import INNE
from sklearn.metrics.pairwise import euclidean_distances
from torch import Tensor

from anogen.scorers.base import Scorer
from anogen.scorers.registry import register_scorer

EPS = np.finfo(np.float64).eps
VALUE_TOL = 1e-12  # values of two balls that need not be told apart


@register_scorer(INNE)
class INNEScorer(Scorer):
    """score(x) = mean over samples of 1 - r(η(c))/r(c), with c the smallest ball that holds x; 1 where none does.

    r(c) is the squared distance (PyOD compares squares, and so squares the ratio of the radii) from c to η(c), its
    nearest neighbour in its sample of 8. A row that no ball holds scores 1 in every sample: far from the data the score
    is flat.

    Only comparisons count, so the distances to all balls come from one product. Where rounding could decide one (grey
    levels make distances coincide), PyOD's computation is repeated for that sample and batch.
    """

    def __init__(self, detector: INNE) -> None:
        self.detector, self.radii, self.values = detector, detector._centroids_radius, detector._ratio
        centroids = detector._centroids.reshape(self.radii.size, -1)
        self.n_features_in_ = centroids.shape[1]
        self.largest = np.square(centroids).sum(axis=1).max()
        self.mean = centroids.mean(axis=0)
        self.centres = centroids - self.mean
        self.squares = np.square(self.centres).sum(axis=1)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        rows = x.detach().numpy().astype(np.float64)
        finite = np.isfinite(rows).all(axis=1)
        rows[~finite] = 0
        centred = rows - self.mean
        squares = np.square(centred).sum(axis=1)[:, None] + self.squares - 2 * centred @ self.centres.T
        outside = squares.reshape(len(rows), *self.radii.shape) - self.radii  # (n, samples, balls)
        largest = self.largest + np.square(rows).sum(axis=1).max(initial=0)
        unsure = np.abs(outside) <= 8 * (self.n_features_in_ + 4) * EPS * largest
        covering = np.where((outside <= 0) & ~unsure, self.radii, np.inf)
        isolation = self._isolation(covering, self.values)
        smaller = unsure & (self.radii < covering.min(axis=2, keepdims=True))
        matters = smaller & (np.abs(self.values - isolation[..., None]) > VALUE_TOL)
        for t in np.flatnonzero(matters.any(axis=(0, 2))):
            distances = euclidean_distances(rows, self.detector._centroids[t], squared=True)
            covering = np.where(distances <= self.radii[t], self.radii[t], np.inf)
            isolation[:, t] = self._isolation(covering, self.values[t])
        return torch.from_numpy(np.where(finite, isolation.T.copy().mean(axis=0), np.nan))

    @staticmethod
    def _isolation(covering: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return the values (..., balls) of the smallest balls, by their radii, infinite where one holds no row."""
        smallest = covering.argmin(axis=-1)[..., None]
        value = np.take_along_axis(np.broadcast_to(values, covering.shape), smallest, axis=-1)[..., 0]
        return np.where(np.isfinite(covering.min(axis=-1)), value, 1.0)
