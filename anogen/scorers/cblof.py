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
        squares = (reference.double()[fixed] - self.centres[:, fixed]).square().sum(dim=1)
        return CBLOFScorer(self.centres[:, free], self.fixed_squares + squares)


@njit(cache=True, fastmath={"reassoc", "contract"})  # the order of a sum is free: several are added at once
def _nearest(rows: np.ndarray, centres: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return the distances (n,) of rows (n, d) to the nearest of the centres (m, d), from differences: none cancel.

    Four centres at a time, so that a value is widened once for all of them; the last one fills up the last four.
    """
    distances, last = np.empty(len(rows)), len(centres) - 1
    for r in range(len(rows)):
        row, lowest = rows[r], np.inf
        for j in range(0, len(centres), 4):
            p, q, s = min(j + 1, last), min(j + 2, last), min(j + 3, last)
            first, second, third, fourth = centres[j], centres[p], centres[q], centres[s]
            to_first, to_second, to_third, to_fourth = offset[j], offset[p], offset[q], offset[s]
            for i in range(len(row)):
                value = np.float64(row[i])
                to_first += (value - first[i]) ** 2
                to_second += (value - second[i]) ** 2
                to_third += (value - third[i]) ** 2
                to_fourth += (value - fourth[i]) ** 2
            lowest = min(lowest, to_first, to_second, to_third, to_fourth)
        distances[r] = np.sqrt(lowest)
    return distances


@register_scorer(CBLOF)
def make_cblof_scorer(detector: CBLOF) -> Scorer:
    """Return the exact scorer, or the fallback for weighted distances."""
    if detector.use_weights:  # the score then depends on the nearest cluster's size too
        return FallbackScorer(detector, detector.cluster_centers_.shape[1])
    centres = detector.cluster_centers_[np.asarray(detector.large_cluster_labels_, dtype=int)]
    return CBLOFScorer(torch.as_tensor(np.asarray(centres, dtype=np.float64)))
