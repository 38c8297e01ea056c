"""INNE: the size of the smallest ball around sampled training rows that contains a row, over many samples."""

import numpy as np
import torch
from pyod.models.inne import INNE
from sklearn.metrics.pairwise import euclidean_distances
from torch import Tensor

from anogen.scorers.base import Scorer
from anogen.scorers.registry import register_scorer

EPS = np.finfo(np.float64).eps
VALUE_TOL = 1e-12  # values of two balls that need not be told apart


class INNEScorer(Scorer):
    """score(x) = mean over samples of 1 - r(η(c))/r(c), with c the smallest ball that holds x; 1 where none does.

    r(c) is the squared distance (PyOD compares squares, and so squares the ratio of the radii) from c to η(c), its
    nearest neighbour in its sample of 8. A row that no ball holds scores 1 in every sample: far from the data the score
    is flat.

    Only comparisons count, so the distances to all balls come from one product. Where rounding could decide one (grey
    levels make distances coincide), PyOD's computation is repeated for that sample and batch.
    """

    def __init__(self, detector: INNE, free: np.ndarray, image: np.ndarray) -> None:
        """Take the indices (f,) of the pixels that rows hold, and the image (d,) that completes them."""
        self.detector, self.free, self.image, self.n_features_in_ = detector, free, image, len(free)
        self.radii, self.values = detector._centroids_radius, detector._ratio
        flat = detector._centroids.reshape(-1, len(image))
        fixed = np.delete(np.arange(len(image)), free)
        free_radii = self.radii.ravel() - np.square(flat[:, fixed] - image[fixed]).sum(axis=1)
        self.sizes = np.square(flat).sum(axis=1).max() + np.square(image).sum()  # the largest sum that PyOD rounds
        reachable = np.flatnonzero(free_radii >= -self._rounding_bound(0.0))  # the others exclude the fixed pixels
        centres, which = np.unique(flat[np.ix_(reachable, free)], axis=0, return_inverse=True)
        self.which = np.full(len(flat), -1)
        self.which[reachable] = which
        self.which, self.free_radii = self.which.reshape(self.radii.shape), free_radii.reshape(self.radii.shape)
        self.mean = centres.mean(axis=0) if len(centres) else np.zeros(len(free))
        self.centres = centres - self.mean
        self.squares = np.square(self.centres).sum(axis=1)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        rows = x.detach().numpy().astype(np.float64)
        finite = np.isfinite(rows).all(axis=1)
        rows[~finite] = 0
        centred = rows - self.mean
        squares = np.square(centred).sum(axis=1)[:, None] + self.squares - 2 * centred @ self.centres.T
        squares = np.column_stack([squares, np.full(len(rows), np.inf)])  # the last one: out of reach
        outside = squares[:, self.which] - self.free_radii  # (n, T, balls)
        unsure = np.abs(outside) <= 2 * self._rounding_bound(np.square(rows).sum(axis=1).max(initial=0))
        covering = np.where((outside <= 0) & ~unsure, self.radii, np.inf)
        smallest = covering.min(axis=2)
        value = np.take_along_axis(self.values[None], covering.argmin(axis=2)[..., None], axis=2)[..., 0]
        isolation = np.where(np.isfinite(smallest), value, 1.0)
        matters = (self.radii < smallest[..., None]) & (np.abs(self.values - isolation[..., None]) > VALUE_TOL)
        ambiguous = np.flatnonzero((unsure & matters).any(axis=(0, 2)))
        if len(ambiguous):
            images = np.tile(self.image, (len(rows), 1))
            images[:, self.free] = rows
            for t in ambiguous:
                distances = euclidean_distances(images, self.detector._centroids[t], squared=True)
                covering = np.where(distances <= self.radii[t], self.radii[t], np.inf)
                covered = np.isfinite(covering).any(axis=1)
                isolation[:, t] = np.where(covered, self.values[t][covering.argmin(axis=1)], 1.0)
        return torch.from_numpy(np.where(finite, np.ascontiguousarray(isolation.T).mean(axis=0), np.nan))

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        image = self.image.copy()
        image[self.free] = reference.double().numpy()
        return INNEScorer(self.detector, self.free[free.numpy()], image)

    def _rounding_bound(self, square: float) -> float:
        """Return a bound of the rounding of PyOD's squared distances from rows of at most this squared norm."""
        return 4 * (len(self.image) + 4) * EPS * (self.sizes + square)


@register_scorer(INNE)
def make_inne_scorer(detector: INNE) -> INNEScorer:
    """Return the exact scorer."""
    d = detector._centroids.shape[2]
    return INNEScorer(detector, np.arange(d), np.zeros(d))
