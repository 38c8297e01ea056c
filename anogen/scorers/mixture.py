"""The mixture with one covariance: its score on tensors, and the way to its modes that needs no step size."""

import torch
from torch import Tensor

from anogen.detectors.mixture import TiedMixture
from anogen.scorers.base import Scorer
from anogen.scorers.registry import register_scorer


class MixtureScorer(Scorer):
    """score(x) = -ln Σ_k exp(c_k - ||L⁻¹(x - μ_k)||² / 2), with Σ = L L'."""

    differentiable = True

    def __init__(self, detector: TiedMixture) -> None:
        self.means, self.constants = torch.from_numpy(detector.means_), torch.from_numpy(detector.constants_)
        self.n_features_in_ = self.means.shape[1]
        lower = torch.from_numpy(detector.lower_)
        self.whiten = torch.linalg.solve_triangular(
            lower, torch.eye(self.n_features_in_).double(), upper=False
        ).T.contiguous()
        self.white = self.means @ self.whiten
        self.norms = self.white.square().sum(dim=1)

    def score(self, x: Tensor) -> Tensor:
        """Return the negative log densities of rows (n, d), (n,)."""
        return -self.joint(x).logsumexp(dim=1)

    def joint(self, x: Tensor) -> Tensor:
        """Return the log densities of rows (n, d) under each component, weighted, (n, k)."""
        white = x @ self.whiten
        return self.constants - (white.square().sum(dim=1)[:, None] + self.norms - 2 * white @ self.white.T) / 2

    def shifted(self, x: Tensor) -> Tensor:
        """Return Σ_k r_k(x) μ_k of rows (n, d), with r the shares of the components: never less dense than x."""
        return self.joint(x).softmax(dim=1) @ self.means


@register_scorer(TiedMixture)
def _(detector: TiedMixture) -> MixtureScorer:
    return MixtureScorer(detector)
