"""CBLOF: the distance to the nearest centre of a large cluster."""

import numpy as np
import torch
from numba import njit
from pyod.models.cblof import CBLOF
from torch import Tensor, nn

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer


class CBLOFScorer(Scorer):
    """score(x) = min over large clusters j of ||x - c_j||.

    PyOD assigns x to its nearest centre of all; if that one is large the distance to it counts, else the distance to
    the nearest large one. Either way it is the minimum over the large centres.
    """

    differentiable = True
    accepts_float32 = True

    def __init__(self, centres: Tensor, fixed_squares: Tensor | None = None) -> None:
        """Take the large centres (m, d) and the squared distances (m,) of the fixed pixels to each of them."""
        self.centres = centres.contiguous()
        self.fixed_squares = torch.zeros(len(centres), dtype=torch.float64) if fixed_squares is None else fixed_squares
        self.n_features_in_ = centres.shape[1]

    def score(self, x: Tensor) -> Tensor:
        """Return the distances of rows (n, d) to their nearest large centre, (n,)."""
        if self.device.type == "cpu" and not x.requires_grad:
            return torch.from_numpy(_nearest(x.contiguous().numpy(), self.centres.numpy(), self.fixed_squares.numpy()))
        # The fixed pixels are one more coordinate, in which rows are at 0 and centres at their distance.
        rows = nn.functional.pad(x.double(), (0, 1))
        centres = torch.column_stack([self.centres, self.fixed_squares.sqrt()])
        return torch.cdist(rows, centres, compute_mode="donot_use_mm_for_euclid_dist").amin(dim=1)

    def optimum(self) -> Optimum:
        """Return the large centres, where the score is 0, or those nearest to the fixed pixels."""
        lowest = self.fixed_squares.min()
        certificate = "a distance is at least 0, and is 0 at every large centre"
        if lowest > 0:
            certificate = "free pixels at a centre are at distance 0; the fixed ones decide which centre"
        return Optimum(self.centres[self.fixed_squares == lowest], lowest.sqrt().item(), "proved", certificate)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        fixed = complement(free, self.n_features_in_)
        row, centres = reference.double()[None, fixed].numpy(), self.centres[:, fixed].numpy()
        squares = _squares(row, centres, self.fixed_squares.numpy())[0]
        return CBLOFScorer(self.centres[:, free], torch.from_numpy(squares))


@njit(cache=True)
def _squares(rows: np.ndarray, centres: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return the squared distances (n, m) of rows (n, d) to the centres (m, d), from differences, plus an offset (m,).

    The order of a sum is fixed, so that scores have the same bits on every machine and in the page's own engine, and is
    one that a compiler turns into vectors: the squares of eight equal parts of the pixels are added as a tree, eight
    equal parts of these sums likewise, and what remains in order.
    """
    n, d = rows.shape
    q, p = d // 8, d // 64
    squares, sums = np.empty((n, len(centres))), np.empty(q)
    for r in range(n):
        row = rows[r]
        for j in range(len(centres)):
            c = centres[j]
            for i in range(q):
                x0, x1, x2, x3 = (
                    row[i] - c[i],
                    row[i + q] - c[i + q],
                    row[i + 2 * q] - c[i + 2 * q],
                    row[i + 3 * q] - c[i + 3 * q],
                )
                x4, x5 = row[i + 4 * q] - c[i + 4 * q], row[i + 5 * q] - c[i + 5 * q]
                x6, x7 = row[i + 6 * q] - c[i + 6 * q], row[i + 7 * q] - c[i + 7 * q]
                sums[i] = ((x0 * x0 + x1 * x1) + (x2 * x2 + x3 * x3)) + ((x4 * x4 + x5 * x5) + (x6 * x6 + x7 * x7))
            total = offset[j]
            for i in range(p):
                first = (sums[i] + sums[i + p]) + (sums[i + 2 * p] + sums[i + 3 * p])
                total += first + ((sums[i + 4 * p] + sums[i + 5 * p]) + (sums[i + 6 * p] + sums[i + 7 * p]))
            for i in range(8 * p, q):
                total += sums[i]
            for i in range(8 * q, d):
                total += (row[i] - c[i]) * (row[i] - c[i])
            squares[r, j] = total
    return squares


@njit(cache=True)
def _nearest(rows: np.ndarray, centres: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return the distances (n,) of rows (n, d) to the nearest of the centres (m, d)."""
    squares, distances = _squares(rows, centres, offset), np.empty(len(rows))
    for r in range(len(rows)):
        distances[r] = np.sqrt(squares[r].min())
    return distances


@register_scorer(CBLOF)
def make_cblof_scorer(detector: CBLOF) -> Scorer:
    """Return the exact scorer, or the fallback for weighted distances."""
    if detector.use_weights:  # the score then depends on the nearest cluster's size too
        return FallbackScorer(detector, detector.cluster_centers_.shape[1])
    centres = detector.cluster_centers_[np.asarray(detector.large_cluster_labels_, dtype=int)]
    return CBLOFScorer(torch.as_tensor(np.asarray(centres, dtype=np.float64)))
