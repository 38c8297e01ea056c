"""MCD: the distance to a robust mean, in units of a robust covariance."""

import numpy as np
import torch
from pyod.models.mcd import MCD
from torch import Tensor

from anogen.scoring.base import Optimum, Scorer
from anogen.scoring.registry import exact


class MCDScorer(Scorer):
    """score(x) = (x - μ)' V (x - μ), with V the precision of the most concentrated half of the training rows."""

    differentiable = True

    def __init__(self, detector: MCD) -> None:
        self.mean = torch.tensor(np.asarray(detector.location_, dtype=np.float64))
        self.precision = torch.tensor(np.asarray(detector.detector_.get_precision(), dtype=np.float64))
        self.dimension = len(self.mean)

    def score(self, x: Tensor) -> Tensor:
        """Return the squared Mahalanobis distances of rows (n, d), (n,)."""
        residual = x - self.mean
        return torch.linalg.vecdot(residual @ self.precision, residual).clamp(min=0)

    def optimum(self) -> Optimum:
        """Return the robust mean."""
        why = "a square is at least 0, and is 0 at the robust mean"
        return Optimum(self.mean[None], 0.0, "proved", why)


@exact(MCD)
def _(detector: MCD) -> MCDScorer:
    return MCDScorer(detector)
