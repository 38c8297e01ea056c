"""HBOS: the sum over pixels of the negative log height of the bin that the pixel falls in."""

import numpy as np
import torch
from numba import njit
from pyod.models.hbos import HBOS
from torch import Tensor

from anogen.scoring.base import Optimum, Scorer
from anogen.scoring.registry import FallbackScorer, exact


class HBOSScorer(Scorer):
    """score(x) = -Σ_i log2(h_i(bin of x_i) + α).

    PyOD's bins are half open to the left, (e_b, e_b+1], while the histogram was counted half open to the right,
    [e_b, e_b+1): a value exactly on an edge is given the height of the bin below it. A pixel that is always 0 was
    counted in [0, 0.1), so an exact 0 is scored as the empty bin (-0.1, 0] beneath. A value outside of all bins has the
    nearest bin's height within `tol` bin widths, and the least height of all beyond; so has the lowest edge itself.
    """

    def __init__(self, detector: HBOS) -> None:
        self.edges = np.ascontiguousarray(detector.bin_edges_.T, dtype=np.float64)  # (d, b + 1)
        terms = -np.log2(np.ascontiguousarray(detector.hist_.T, dtype=np.float64) + detector.alpha)  # (d, b)
        worst = terms.max(axis=1, keepdims=True)
        # far below, just below, the bins, just above, far above
        self.terms = np.hstack([worst, terms[:, :1], terms, terms[:, -1:], worst])
        self.below = (self.edges[:, 1] - self.edges[:, 0]) * detector.tol
        self.above = (self.edges[:, -1] - self.edges[:, -2]) * detector.tol
        self.dimension = len(self.edges)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        rows = x.detach().contiguous().numpy()
        return torch.from_numpy(_sum_of_terms(rows, self.edges, self.terms, self.below, self.above))

    def optimum(self) -> Optimum:
        """Return the middles of the modal bins; every point of the box of these bins is as good."""
        bins = self.terms[:, 2:-2].argmin(axis=1)
        pixels = np.arange(self.dimension)
        middle = (self.edges[pixels, bins] + self.edges[pixels, bins + 1]) / 2
        why = "the score is a sum of one term a pixel, and each is least in the pixel's highest bin"
        score = self.terms[pixels, bins + 2].sum().item()
        return Optimum(torch.from_numpy(middle)[None], score, "proved", why)


@njit(cache=True)
def _sum_of_terms(
    rows: np.ndarray, edges: np.ndarray, terms: np.ndarray, below: np.ndarray, above: np.ndarray
) -> np.ndarray:
    """Guess the bin of each value from the mean width of its pixel's bins, and correct the guess at the true edges."""
    n, d = rows.shape
    bins = edges.shape[1] - 1
    per_unit = bins / (edges[:, -1] - edges[:, 0])
    scores = np.zeros(n)
    for r in range(n):
        total = 0.0
        for i in range(d):
            v = rows[r, i]
            if v <= edges[i, 0]:
                total += terms[i, 1 if edges[i, 0] - v <= below[i] else 0]
            elif v <= edges[i, bins]:
                b = min(int((v - edges[i, 0]) * per_unit[i]), bins - 1)
                while v > edges[i, b + 1]:
                    b += 1
                while v <= edges[i, b]:
                    b -= 1
                total += terms[i, b + 2]
            elif v > edges[i, bins]:
                total += terms[i, bins + 2 if v - edges[i, bins] <= above[i] else bins + 3]
            else:
                total += v  # not a number
        scores[r] = total
    return scores


@exact(HBOS)
def _(detector: HBOS) -> Scorer:
    if isinstance(detector.n_bins, str):  # 'auto': each pixel then has its own number of bins
        return FallbackScorer(detector, len(detector.hist_))
    return HBOSScorer(detector)
