"""HBOS: the sum over pixels of the negative log height of the bin that the pixel falls in."""

from typing import NamedTuple, Self

import numpy as np
import torch
from numba import njit
from pyod.models.hbos import HBOS
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

MAX_FLOAT32_BINS = 1e5  # bins from 0 to a value whose position float32 still tells within a tenth of a bin


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
        # Of each edge: where it is, the term at and below it, the term above it; before and after them, of what is far.
        low, high, largest = edges[:, :1], edges[:, -1:], terms.max(axis=1, keepdims=True)
        positions = np.hstack([low, edges, high])
        at = np.hstack([largest, terms[:, :1], terms, largest])
        above = np.hstack([largest, terms, terms[:, -1:], largest])
        self.sides = np.stack([positions, at, above], axis=2)
        self.grid = Grid.from_edges(edges, tol)
        self.rounded = self.grid.rounded()

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        grid = self.rounded if x.dtype == torch.float32 else self.grid
        terms = _sum_of_terms(x.detach().contiguous().numpy(), self.sides, *grid)
        return torch.from_numpy(terms + self.offset)

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
        """Return the scorer of some of the pixels."""
        return HBOSScorer(self.edges[pixels.numpy()], self.terms[pixels.numpy()], self.tol, offset)


class Grid(NamedTuple):
    """The positions of the bins of every pixel, (d,) each."""

    low: np.ndarray  # the lowest edge
    per_unit: np.ndarray  # bins per unit of value, were all equally wide
    lowest: np.ndarray  # values below are far out
    highest: np.ndarray  # values above are far out

    @classmethod
    def from_edges(cls, edges: np.ndarray, tol: float) -> Self:
        """Return the grid of edges (d, b + 1) with a margin of `tol` bin widths."""
        low, high = edges[:, 0].copy(), edges[:, -1].copy()
        lowest = -_largest_inside(-low, (edges[:, 1] - edges[:, 0]) * tol)
        highest = _largest_inside(high, (edges[:, -1] - edges[:, -2]) * tol)
        return cls(low, (edges.shape[1] - 1) / (high - low), lowest, highest)

    def rounded(self) -> Self:
        """Return a grid that gives values in float32 the same bins with less work, if there is one; else this one."""
        if not (np.maximum(np.abs(self.lowest), np.abs(self.highest)) * self.per_unit < MAX_FLOAT32_BINS).all():
            return self
        grid32 = type(self)(*(array.astype(np.float32) for array in self))
        inward = np.nextafter(grid32.lowest, np.float32(np.inf)), np.nextafter(grid32.highest, np.float32(-np.inf))
        lowest = np.where(grid32.lowest < self.lowest, inward[0], grid32.lowest)
        highest = np.where(grid32.highest > self.highest, inward[1], grid32.highest)
        return grid32._replace(lowest=lowest, highest=highest)


def _largest_inside(edges: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Return the largest v for which v - edge > margin does not hold as it is rounded, by bisection; (d,)."""
    inside, outside = edges, np.nextafter(edges + 2 * margins, np.inf)
    while True:
        middle = inside + (outside - inside) / 2
        if ((middle <= inside) | (middle >= outside)).all():
            return inside
        far = middle - edges > margins
        inside, outside = np.where(far, inside, middle), np.where(far, middle, outside)


@njit(cache=True, error_model="numpy")
def _sum_of_terms(rows, sides, low, per_unit, lowest, highest):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the sum of the terms of rows (n, d), (n,): find each value's nearest edge and its side of that edge.

    The loops have no branch, so that noise takes no longer than black images, and the first one is vectorised.
    """
    d, edges, fields = sides.shape
    flat = sides.ravel()
    half, first, last = low.dtype.type(1.5), low.dtype.type(1), low.dtype.type(edges - 2)
    at, scores = np.empty(d, np.int32), np.empty(len(rows))
    for r in range(len(rows)):
        row, has_nan = rows[r], False
        for i in range(d):
            v = row[i]
            position = (v - low[i]) * per_unit[i] + half
            position = position if position > first else first  # noqa: FURB136 - also where it is no number
            position = min(position, last)
            edge = np.int32(position) + np.int32(v > highest[i]) - np.int32(v < lowest[i])
            at[i] = np.int32(fields) * (np.int32(i * edges) + edge)
            has_nan |= v != v  # noqa: PLR0124 - only NaN differs from itself
        total = 0.0
        for i in range(d):
            k = np.uint32(at[i])  # numba need not ask whether an unsigned index counts from the end
            total += flat[k + np.uint32(1) + np.uint32(row[i] > flat[k])]
        scores[r] = np.nan if has_nan else total
    return scores


@register_scorer(HBOS)
def make_hbos_scorer(detector: HBOS) -> Scorer:
    """Return the exact scorer of a fixed number of bins, or the fallback."""
    if isinstance(detector.n_bins, str) or detector.tol < 0:  # 'auto': each pixel then has its own number of bins
        return FallbackScorer(detector, len(detector.hist_))
    terms = -np.log2(np.ascontiguousarray(detector.hist_.T, dtype=np.float64) + detector.alpha)
    return HBOSScorer(np.ascontiguousarray(detector.bin_edges_.T, dtype=np.float64), terms, detector.tol)
