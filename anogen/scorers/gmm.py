"""GMM: the negative log density of one Gaussian."""

from math import log, pi

import numpy as np
import torch
from pyod.models.gmm import GMM
from scipy.linalg.blas import dtrmm
from torch import Tensor

from anogen.scorers.base import Scorer, complement
from anogen.scorers.centred import CentredScorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer


class GMMScorer(CentredScorer):
    """score(x) = (d log 2π + ||(x - μ) P||²) / 2 - log det P, with P P' the precision matrix and P upper triangular.

    BLAS has a product with a triangular matrix that leaves out the half that is 0; with a gradient, or on a GPU, it is
    torch's. The residual is taken before the product, where scikit-learn subtracts μ P from x P: P has entries up to
    1,000 (the pixels that never change), and float32 would lose the score.
    """

    accepts_float32 = True
    certificate = "the score is a constant plus the square of a norm, which is 0 at the mean and nowhere else"

    def __init__(self, mean: Tensor, factor: Tensor, constant: float) -> None:
        super().__init__(mean, factor, constant)
        self.triangle = np.asfortranarray(factor.numpy())

    def score(self, x: Tensor) -> Tensor:
        """Return the negative log densities of rows (n, d), (n,)."""
        if self.device.type != "cpu" or x.requires_grad or not x.numel():
            return ((x - self.mean) @ self.matrix).square().sum(dim=1) / 2 + self.constant
        # NumPy and BLAS only: PyTorch's threads stay awake for a moment after each loop and would slow BLAS down.
        residual = x.numpy() - self.mean.numpy()
        product = dtrmm(1.0, self.triangle, residual.T, trans_a=1, overwrite_b=1)
        return torch.from_numpy(np.einsum("ij,ij->j", product, product) / 2 + self.constant)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Return the same with the conditional mean and a smaller factor.

        With y the free pixels' and c = (r - μ) P the fixed pixels' residual, and the free pixels' rows of P split into
        an upper triangular U and orthonormal columns Q, ||y P + c||² = ||y U + c Q||² + ||c - c Q Q'||².
        """
        fixed = complement(free, self.n_features_in_)
        projected = (reference.double()[fixed] - self.mean[fixed]) @ self.matrix[fixed]
        q, r = torch.linalg.qr(self.matrix[free].flip(0).T)  # rows in reverse order make U upper triangular
        q, upper = q.flip(1), r.T.flip(0, 1)
        along = projected @ q
        mean = self.mean[free] - torch.linalg.solve_triangular(upper, along[None], upper=True, left=False)[0]
        remainder = (projected - q @ along).square().sum().item() / 2
        return GMMScorer(mean, upper, self.constant + remainder)


@register_scorer(GMM)
def make_gmm_scorer(detector: GMM) -> Scorer:
    """Return the exact scorer of one component with a full covariance, or the fallback."""
    if detector.n_components != 1 or detector.covariance_type != "full":
        return FallbackScorer(detector, detector.means_.shape[1])
    mean, factor = torch.tensor(detector.means_[0]), torch.tensor(detector.precisions_cholesky_[0])
    return GMMScorer(mean, factor, len(mean) * log(2 * pi) / 2 - factor.diagonal().log().sum().item())
