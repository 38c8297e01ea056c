"""The common part of GMM and MCD: a constant plus the square of a norm."""

from torch import Tensor

from anogen.scorers.base import Optimum, Scorer


class CentredScorer(Scorer):
    """A constant plus the square of a norm of x - μ."""

    differentiable = True
    certificate: str

    def __init__(self, mean: Tensor, matrix: Tensor, constant: float = 0.0) -> None:
        """Take μ (d,), the matrix (d, d) of the norm, and the score at μ."""
        self.mean, self.matrix, self.constant = mean, matrix, constant
        self.n_features_in_ = len(mean)

    def optimum(self) -> Optimum:
        """Return the mean, or the conditional mean of the free pixels."""
        return Optimum(self.mean[None], self.constant, "proved", self.certificate)
