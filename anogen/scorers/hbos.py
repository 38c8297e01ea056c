"""HBOS: the sum over pixels of negative log histogram heights."""

import numpy as np
import torch
from numba import njit
from pyod.models.hbos import HBOS
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer


class HBOSScorer(Scorer):
    """score(x) = -Σ_i log2(h_i(bin of x_i) + α).

    PyOD's bins are half open to the left, (e_b, e_b+1], while the histogram was counted half open to the right,
    [e_b, e_b+1): a value exactly on an edge is given the height of the bin below it. A pixel that is always 0 was
    counted in [0, 0.1), so an exact 0 is scored as the empty bin (-0.1, 0] beneath. A value outside of all bins has the
    nearest bin's height within `tol` bin widths, and the least height of all beyond; so has the lowest edge itself.
    """

    accepts_float32 = True

    def __init__(self, edges: np.ndarray, terms: np.ndarray, tol: float, offset: float = 0.0) -> None:
        """Take the edges (d, b + 1) and the terms (d, b) of all bins, and what fixed pixels add."""
        self.edges, self.terms, self.tol, self.offset = edges, terms, tol, offset
        self.n_features_in_ = len(terms)
        widths = np.diff(edges)
        self.margins = tol * widths[:, 0], tol * widths[:, -1]
        self.per_unit = terms.shape[1] / (edges[:, -1] - edges[:, 0])

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        rows = x.detach().contiguous().numpy()
        return torch.from_numpy(_sum_of_terms(rows, self.edges, self.terms, *self.margins, self.per_unit) + self.offset)

    def optimum(self) -> Optimum:
        """Return the middles of the modal bins; every point of the box of these bins is as good."""
        bins = self.terms.argmin(axis=1)
        pixels = np.arange(self.n_features_in_)
        middle = (self.edges[pixels, bins] + self.edges[pixels, bins + 1]) / 2
        certificate = "the score is a sum of one term a pixel, and each is least in the pixel's highest bin"
        score = self.terms[pixels, bins].sum().item() + self.offset
        return Optimum(torch.from_numpy(middle)[None], score, "proved", certificate)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Add up the fixed pixels' terms once."""
        fixed = complement(free, self.n_features_in_)
        offset = self._select(fixed, self.offset)(reference[None, fixed]).item()
        return self._select(free, offset)

    def _select(self, pixels: Tensor, offset: float) -> "HBOSScorer":
        return HBOSScorer(self.edges[pixels.numpy()], self.terms[pixels.numpy()], self.tol, offset)


@njit(cache=True, error_model="numpy")
def _sum_of_terms(rows, edges, terms, below, above, per_unit):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the sums (n,) of the terms of rows (n, d), from the number of edges below each value."""
    d, bins = terms.shape
    scores, rarest = np.empty(len(rows)), np.empty(d)
    for i in range(d):
        rarest[i] = terms[i].max()
    for r in range(len(rows)):
        total = 0.0
        for i in range(d):
            v, edge = np.float64(rows[r, i]), edges[i]
            if np.isnan(v):
                total += v
                continue
            k = int(min(max((v - edge[0]) * per_unit[i], 0.0), bins)) + 1  # as if all bins were equally wide
            while k <= bins and edge[k] < v:
                k += 1
            while k > 0 and edge[k - 1] >= v:
                k -= 1
            if k == 0:
                total += rarest[i] if edge[0] - v > below[i] else terms[i, 0]
            elif k > bins:
                total += rarest[i] if v - edge[bins] > above[i] else terms[i, bins - 1]
            else:
                total += terms[i, k - 1]
        scores[r] = total
    return scores


@register_scorer(HBOS)
def make_hbos_scorer(detector: HBOS) -> Scorer:
    """Return the exact scorer of a fixed number of bins, or the fallback."""
    if isinstance(detector.n_bins, str) or detector.tol < 0:  # 'auto': each pixel then has its own number of bins
        return FallbackScorer(detector, len(detector.hist_))
    terms = -np.log2(np.ascontiguousarray(detector.hist_.T, dtype=np.float64) + detector.alpha)
    return HBOSScorer(np.ascontiguousarray(detector.bin_edges_.T, dtype=np.float64), terms, detector.tol)
