"""CBLOF: the distance to the nearest centre of a large cluster."""

import numpy as np
import torch
from pyod.models.cblof import CBLOF
from torch import Tensor

from anogen.scoring.base import Optimum, Scorer, complement
from anogen.scoring.registry import FallbackScorer, exact

# Squared distance, relative to the row's squared norm, below which rounding could reach 1e-12 of the score.
CLOSE = 1e-4
FIXED = "free pixels at a centre are at distance 0; the fixed ones decide which centre"


class CBLOFScorer(Scorer):
    """score(x) = min over large clusters j of ||x - c_j||.

    PyOD assigns x to its nearest centre of all; if that one is large the distance to it counts, else the distance to
    the nearest large one. Either way it is the minimum over the large centres.
    """

    differentiable = True

    def __init__(self, centres: Tensor, beyond: Tensor | None = None) -> None:
        """Take the large centres (m, d) and, of pixels that are fixed, their squared distances (m,) to each centre."""
        self.centres = centres
        self.beyond = torch.zeros(len(centres), dtype=torch.float64) if beyond is None else beyond
        self.squares = centres.square().sum(dim=1) + self.beyond
        self.dimension = centres.shape[1]

    def score(self, x: Tensor) -> Tensor:
        """Return the distances of rows (n, d) to their nearest large centre, (n,)."""
        norms = torch.linalg.vecdot(x, x)
        expanded = torch.addmm(norms[:, None] + self.squares, x, self.centres.T, alpha=-2).amin(dim=1)
        close = expanded < CLOSE * norms.clamp(min=1)
        if close.any():  # the expanded square has lost its digits: take the differences
            apart = torch.cdist(x[close], self.centres, compute_mode="donot_use_mm_for_euclid_dist")
            exact = (apart.square() + self.beyond).sqrt().amin(dim=1) if self.beyond.any() else apart.amin(dim=1)
            safe = expanded.clamp(min=torch.finfo(x.dtype).tiny)  # a root's slope at 0 would make the gradient NaN
            return safe.sqrt().index_put((close,), exact)
        return expanded.sqrt()

    def optimum(self) -> Optimum:
        """Return the large centres, where the score is 0; beside fixed pixels, the centres nearest to those."""
        least = self.beyond.min()
        why = "a distance is at least 0, and is 0 at every large centre" if least == 0 else FIXED
        return Optimum(self.centres[self.beyond == least], least.sqrt().item(), "proved", why)

    def given(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        fixed = complement(free, self.dimension)
        apart = (reference.double()[fixed] - self.centres[:, fixed]).square().sum(dim=1)
        return CBLOFScorer(self.centres[:, free], self.beyond + apart)


@exact(CBLOF)
def _(detector: CBLOF) -> Scorer:
    if detector.use_weights:  # the score then depends on the nearest cluster's size too
        return FallbackScorer(detector, detector.cluster_centers_.shape[1])
    centres = detector.cluster_centers_[np.asarray(detector.large_cluster_labels_, dtype=int)]
    return CBLOFScorer(torch.as_tensor(np.asarray(centres, dtype=np.float64)))
