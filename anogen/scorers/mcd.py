"""MCD: the squared Mahalanobis distance with a robust covariance."""

import numpy as np
import torch
from pyod.models.mcd import MCD
from torch import Tensor

from anogen.scorers.base import Scorer, complement
from anogen.scorers.centred import CentredScorer
from anogen.scorers.registry import register_scorer


class MCDScorer(CentredScorer):
    """score(x) = (x - μ)' V (x - μ), with V the precision of the most concentrated half of the training rows."""

    certificate = "a square is at least 0, and is 0 at the robust mean, or at the one given the fixed pixels"

    def score(self, x: Tensor) -> Tensor:
        """Return the squared Mahalanobis distances of rows (n, d), (n,)."""
        residual = x - self.mean
        return torch.linalg.vecdot(residual @ self.matrix, residual).clamp(min=0) + self.constant

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Complete the square of the free pixels: with y and c the free and the fixed pixels' residuals.

        y' V_ff y + 2 y' V_fr c + c' V_rr c = (y - m)' V_ff (y - m) + c' V_rr c - m' V_ff m, where V_ff m = -V_fr c.
        """
        fixed = complement(free, self.n_features_in_)
        residual = reference.double()[fixed] - self.mean[fixed]
        rows = self.matrix[free]
        inner, slope = rows[:, free], rows[:, fixed] @ residual
        shift = -torch.linalg.pinv(inner, hermitian=True) @ slope
        remainder = residual @ self.matrix[fixed][:, fixed] @ residual + slope @ shift
        return MCDScorer(self.mean[free] + shift, inner, self.constant + remainder.clamp(min=0).item())


@register_scorer(MCD)
def make_mcd_scorer(detector: MCD) -> MCDScorer:
    """Return the exact scorer."""
    mean, precision = np.asarray(detector.location_), np.asarray(detector.detector_.get_precision())
    return MCDScorer(torch.tensor(mean, dtype=torch.float64), torch.tensor(precision, dtype=torch.float64))
