"""HBOS: the sum over pixels of the negative log height of the bin that the pixel falls in."""

import numpy as np
import torch
from numba import njit
from pyod.models.hbos import HBOS
from torch import Tensor

from anogen.scoring.base import Optimum, Scorer, complement
from anogen.scoring.registry import FallbackScorer, exact


class HBOSScorer(Scorer):
    """score(x) = -Σ_i log2(h_i(bin of x_i) + α).

    PyOD's bins are half open to the left, (e_b, e_b+1], while the histogram was counted half open to the right,
    [e_b, e_b+1): a value exactly on an edge is given the height of the bin below it. A pixel that is always 0 was
    counted in [0, 0.1), so an exact 0 is scored as the empty bin (-0.1, 0] beneath. A value outside of all bins has the
    nearest bin's height within `tol` bin widths, and the least height of all beyond; so has the lowest edge itself.
    """

    widens = True

    def __init__(self, edges: np.ndarray, terms: np.ndarray, tol: float, offset: float = 0.0) -> None:
        """Take the edges (d, b + 1) and the terms (d, b) of all bins, and what fixed pixels add."""
        self.edges, self.tol, self.offset = edges, tol, offset
        # far below, just below, the bins, just above, far above
        worst = terms.max(axis=1, keepdims=True)
        self.terms = np.hstack([worst, terms[:, :1], terms, terms[:, -1:], worst])
        self.below = (edges[:, 1] - edges[:, 0]) * tol
        self.above = (edges[:, -1] - edges[:, -2]) * tol
        self.per_unit = terms.shape[1] / (edges[:, -1] - edges[:, 0])
        self.dimension = len(edges)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        rows = x.detach().contiguous().numpy()
        terms = _sum_of_terms(rows, self.edges, self.terms, self.per_unit, self.below, self.above)
        return torch.from_numpy(terms + self.offset)

    def optimum(self) -> Optimum:
        """Return the middles of the modal bins; every point of the box of these bins is as good."""
        bins = self.terms[:, 2:-2].argmin(axis=1)
        pixels = np.arange(self.dimension)
        middle = (self.edges[pixels, bins] + self.edges[pixels, bins + 1]) / 2
        why = "the score is a sum of one term a pixel, and each is least in the pixel's highest bin"
        score = self.terms[pixels, bins + 2].sum().item() + self.offset
        return Optimum(torch.from_numpy(middle)[None], score, "proved", why)

    def given(self, free: Tensor, reference: Tensor) -> Scorer:
        """Add up the fixed pixels' terms once."""
        fixed = complement(free, self.dimension)
        offset = self._of(fixed, self.offset)(reference[None, fixed]).item()
        return self._of(free, offset)

    def _of(self, pixels: Tensor, offset: float) -> "HBOSScorer":
        """Return the scorer of some of the pixels."""
        return HBOSScorer(self.edges[pixels.numpy()], self.terms[pixels.numpy(), 2:-2], self.tol, offset)


@njit(cache=True, error_model="numpy")
def _sum_of_terms(
    rows: np.ndarray,
    edges: np.ndarray,
    terms: np.ndarray,
    per_unit: np.ndarray,
    below: np.ndarray,
    above: np.ndarray,
) -> np.ndarray:
    """Find the edge that each value is nearest to, were all bins of a pixel equally wide, and its side of that edge.

    There is nothing to branch on, so that noise takes no longer than black images.
    """
    n, d = rows.shape
    bins = edges.shape[1] - 1
    low, high = edges[:, 0].copy(), edges[:, bins].copy()
    scores = np.zeros(n)
    one = np.uint32(1)  # numba need not ask whether an unsigned index counts from the end
    for r in range(n):
        total = 0.0
        for i in range(d):
            v = rows[r, i]
            place = (v - low[i]) * per_unit[i] + 0.5
            b = np.uint32(min(place, float(bins))) if place > 0 else np.uint32(0)  # also where it is no number
            term = b + one + np.uint32(v > edges[i, b]) + np.uint32(v - high[i] > above[i])
            term -= np.uint32(low[i] - v > below[i])
            total += v if np.isnan(v) else terms[i, np.uint32(term)]
        scores[r] = total
    return scores


@exact(HBOS)
def _(detector: HBOS) -> Scorer:
    if isinstance(detector.n_bins, str):  # 'auto': each pixel then has its own number of bins
        return FallbackScorer(detector, len(detector.hist_))
    terms = -np.log2(np.ascontiguousarray(detector.hist_.T, dtype=np.float64) + detector.alpha)
    return HBOSScorer(np.ascontiguousarray(detector.bin_edges_.T, dtype=np.float64), terms, detector.tol)
