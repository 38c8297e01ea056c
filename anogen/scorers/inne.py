"""INNE: the size of the smallest ball around sampled training rows that contains a row, over many samples."""

import numpy as np
import torch
from numba import njit
from pyod.models.inne import INNE
from sklearn.metrics.pairwise import euclidean_distances
from torch import Tensor

from anogen.scorers.base import Scorer
from anogen.scorers.registry import register_scorer

SINGLE, DOUBLE = (float(np.finfo(kind).eps) for kind in (np.float32, np.float64))
VALUE_TOL = 1e-12  # values of two balls that need not be told apart


class INNEScorer(Scorer):
    """score(x) = mean over samples of 1 - r(η(c))/r(c), with c the smallest ball that holds x; 1 where none does.

    r(c) is the squared distance (PyOD compares squares, and so squares the ratio of the radii) from c to η(c), its
    nearest neighbour in its sample of 8. A row that no ball holds scores 1 in every sample: far from the data the score
    is flat.

    Only comparisons count, so distances come from a product in float32. One that its rounding could decide is computed
    from the differences in float64; and where that is as near to the radius as PyOD's own rounding (grey levels make
    distances coincide), PyOD's computation is repeated for that sample and batch.

    Parameters
    ----------
    detector
        A fitted INNE.
    free
        Indices of the pixels that rows hold, (f,).
    image
        What completes the rows, (d,).
    """

    def __init__(self, detector: INNE, free: np.ndarray, image: np.ndarray) -> None:
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
        self.factor = torch.from_numpy(self.centres.T).float()

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        rows = x.detach().contiguous().numpy()
        centred = rows - self.mean
        product = (torch.from_numpy(centred).float() @ self.factor).numpy()
        rounding = self._rounding_bound(np.square(rows).sum(axis=1).max(initial=0))
        isolation, ambiguous = _isolation(
            centred, product, self.centres, self.squares, self.which, self.free_radii, self.radii, self.values, rounding
        )
        if ambiguous.any():
            images = rows
            if len(self.free) < len(self.image):
                images = np.tile(self.image, (len(rows), 1))
                images[:, self.free] = rows
            for t in np.flatnonzero(ambiguous):
                isolation[t] = self._pyod_isolation(images, int(t))
        scores = isolation.mean(axis=0)
        return torch.from_numpy(np.where(np.isfinite(rows).all(axis=1), scores, np.nan))

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        image = self.image.copy()
        image[self.free] = reference.double().numpy()
        return INNEScorer(self.detector, self.free[free.numpy()], image)

    def _rounding_bound(self, square: float) -> float:
        """Return a bound of the rounding of PyOD's squared distances from rows of at most this squared norm."""
        return 4 * (len(self.image) + 4) * DOUBLE * (self.sizes + square)

    def _pyod_isolation(self, images: np.ndarray, t: int) -> np.ndarray:
        """Return the isolation (n,) of images (n, d) in one sample, from the product that PyOD takes."""
        distances = euclidean_distances(images, self.detector._centroids[t], squared=True)
        covering = np.where(distances <= self.radii[t], self.radii[t], np.inf)
        return np.where(np.isfinite(covering).any(axis=1), self.values[t][covering.argmin(axis=1)], 1.0)


@njit(cache=True)
def _isolation(rows, product, centres, squares, which, free_radii, radii, values, rounding):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the isolation (T, n) and the samples (T,) where rounding could decide which ball is a row's smallest."""
    n, d = rows.shape
    samples, balls = which.shape
    isolation, ambiguous = np.ones((samples, n)), np.zeros(samples, dtype=np.bool_)
    unsure = np.zeros(balls, dtype=np.bool_)
    lengths = 2 * (d + 4) * SINGLE * np.sqrt(squares)
    for r in range(n):
        own = np.sum(rows[r] ** 2)
        length = np.sqrt(own)
        for t in range(samples):
            best, value, undecided = np.inf, 1.0, False
            for j in range(balls):
                unsure[j] = False
                c = which[t, j]
                if c < 0:
                    continue
                outside = own + squares[c] - 2 * product[r, c] - free_radii[t, j]
                if abs(outside) <= length * lengths[c] + rounding or not np.isfinite(outside):
                    outside = np.sum((rows[r] - centres[c]) ** 2) - free_radii[t, j]
                    unsure[j] = abs(outside) <= rounding
                    undecided |= unsure[j]
                if outside <= 0 and not unsure[j] and radii[t, j] < best:
                    best, value = radii[t, j], values[t, j]
            isolation[t, r] = value
            if undecided:
                for j in range(balls):
                    ambiguous[t] |= unsure[j] and radii[t, j] < best and abs(values[t, j] - value) > VALUE_TOL
    return isolation, ambiguous


@register_scorer(INNE)
def make_inne_scorer(detector: INNE) -> INNEScorer:
    """Return the exact scorer."""
    d = detector._centroids.shape[2]
    return INNEScorer(detector, np.arange(d), np.zeros(d))
