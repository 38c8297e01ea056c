"""GMM: the negative log density of one Gaussian."""

from math import log, pi

import torch
from pyod.models.gmm import GMM
from torch import Tensor

from anogen.scoring.base import Optimum, Scorer
from anogen.scoring.registry import FallbackScorer, exact

BLOCK = 112  # columns of the triangular factor that are multiplied at once


class GMMScorer(Scorer):
    """score(x) = (d log 2π + ||(x - μ) P||²) / 2 - log det P, with P P' the precision matrix and P upper triangular.

    Column j of the product needs the first j entries of x - μ only, so the product is taken in blocks of columns, each
    without the rows of P that are 0: about half the work. The residual is taken before the product, where scikit-learn
    subtracts μ P from x P: P has entries up to 1,000 (the pixels that never change), and float32 would lose the score.
    """

    differentiable = True

    def __init__(self, mean: Tensor, factor: Tensor) -> None:
        self.mean = mean
        self.dimension = len(mean)
        ends = [*range(BLOCK, self.dimension, BLOCK), self.dimension]
        self.blocks = [factor[:end, max(0, end - BLOCK) : end].contiguous() for end in ends[:-1]]
        self.blocks.append(factor[:, (ends[-2] if len(ends) > 1 else 0) :].contiguous())
        self.constant = self.dimension * log(2 * pi) / 2 - factor.diagonal().log().sum().item()

    def score(self, x: Tensor) -> Tensor:
        """Return the negative log densities of rows (n, d), (n,)."""
        residual = x - self.mean
        squares = [(residual[:, : len(block)] @ block).square().sum(dim=1) for block in self.blocks]
        return torch.stack(squares).sum(dim=0) / 2 + self.constant

    def optimum(self) -> Optimum:
        """Return the mean, where the square is 0."""
        why = "the score is a constant plus the square of a norm, which is 0 at the mean and nowhere else"
        return Optimum(self.mean[None], self.constant, "proved", why)


@exact(GMM)
def _(detector: GMM) -> Scorer:
    if detector.n_components != 1 or detector.covariance_type != "full":
        return FallbackScorer(detector, detector.means_.shape[1])
    return GMMScorer(torch.tensor(detector.means_[0]), torch.tensor(detector.precisions_cholesky_[0]))
