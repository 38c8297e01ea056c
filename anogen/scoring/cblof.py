"""CBLOF: the distance to the nearest centre of a large cluster."""

import numpy as np
import torch
from pyod.models.cblof import CBLOF
from torch import Tensor

from anogen.scoring.base import Optimum, Scorer
from anogen.scoring.registry import FallbackScorer, exact

CLOSE = (
    1e-4  # squared distance, relative to the row's squared norm, below which rounding could reach 1e-12 of the score
)


class CBLOFScorer(Scorer):
    """score(x) = min over large clusters j of ||x - c_j||.

    PyOD assigns x to its nearest centre of all; if that one is large the distance to it counts, else the distance to
    the nearest large one. Either way it is the minimum over the large centres.
    """

    differentiable = True

    def __init__(self, detector: CBLOF) -> None:
        centres = detector.cluster_centers_[np.asarray(detector.large_cluster_labels_, dtype=int)]
        self.centres = torch.as_tensor(np.asarray(centres, dtype=np.float64))
        self.squares = self.centres.square().sum(dim=1)
        self.dimension = self.centres.shape[1]

    def score(self, x: Tensor) -> Tensor:
        """Return the distances of rows (n, d) to their nearest large centre, (n,)."""
        norms = torch.linalg.vecdot(x, x)
        expanded = torch.addmm(norms[:, None] + self.squares, x, self.centres.T, alpha=-2).amin(dim=1)
        close = expanded < CLOSE * norms.clamp(min=1)
        if close.any():  # the expanded square has lost its digits: take the differences
            exact = torch.cdist(x[close], self.centres, compute_mode="donot_use_mm_for_euclid_dist").amin(dim=1)
            safe = expanded.clamp(min=torch.finfo(x.dtype).tiny)  # a root's slope at 0 would make the gradient NaN
            return safe.sqrt().index_put((close,), exact)
        return expanded.sqrt()

    def optimum(self) -> Optimum:
        """Return the large centres, where the score is 0, the least that a distance can be."""
        return Optimum(self.centres, 0.0, "proved", "a distance is at least 0, and is 0 at every large centre")


@exact(CBLOF)
def _(detector: CBLOF) -> Scorer:
    if detector.use_weights:  # the score then depends on the nearest cluster's size too
        return FallbackScorer(detector, detector.cluster_centers_.shape[1])
    return CBLOFScorer(detector)
