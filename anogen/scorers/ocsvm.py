"""OCSVM: a weighted sum of Gaussian kernels on the support vectors."""

import numpy as np
import torch
from pyod.models.ocsvm import OCSVM
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

N_STEPS, N_STARTS = 500, 10


class OCSVMScorer(Scorer):
    """score(x) = -Σ_i a_i exp(-γ ||x - s_i||²) - b, over the support vectors s_i.

    Distances come from one matrix product, with rows and support vectors taken from the support vectors' mean: what is
    subtracted is then small. The sum is that of a_i (exp(...) - 1), and Σ a_i is added in float64: with γ = 1/d all
    kernels are near 1, and their sum would round away the differences in float32.

    Fixed pixels are in every kernel a factor: they scale a_i. In float32 it is faster, and equal to 1e-5 only.
    """

    differentiable = True

    def __init__(
        self, support: Tensor, log_weights: Tensor, gamma: float, offset: float, dtype: torch.dtype = torch.float64
    ) -> None:
        """Take the s_i (m, d) and ln a_i (m,), both float64, γ, -b, and the type of the product and the kernels."""
        self.vectors, self.log_weights, self.gamma, self.offset, self.dtype = support, log_weights, gamma, offset, dtype
        self.n_features_in_ = support.shape[1]
        mean = support.mean(dim=0)
        self.mean, self.support = mean.to(dtype), (support - mean).to(dtype)
        self.varying = (support != support[0]).any(dim=0).nonzero().squeeze(1)  # elsewhere a product with them is 0
        self.products = self.support[:, self.varying].T.contiguous()
        self.squares = (-gamma * (support - mean).square().sum(dim=1)).to(dtype)
        self.weights, self.all_near = log_weights.exp().to(dtype), offset - log_weights.exp().sum().item()

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        return self.all_near - (torch.expm1(self._exponents(x - self.mean)) @ self.weights).double()

    def _exponents(self, centred: Tensor) -> Tensor:
        """Return -γ ||x - s_i||² of rows (n, d), taken from the mean, as (n, m)."""
        norms = -self.gamma * torch.linalg.vecdot(centred, centred)
        varying = centred.index_select(1, self.varying)
        product = torch.addmm(norms[:, None] + self.squares, varying, self.products, alpha=2 * self.gamma)
        return product.clamp(max=0)

    def optimum(self) -> Optimum:
        """Return the best fixed point of x <- Σ a_i K_i(x) s_i / Σ a_i K_i(x), from the mean and the best vectors."""
        if not self.n_features_in_:
            return self.trivial_optimum()
        best = self.score(self.support + self.mean).topk(min(N_STARTS, len(self.support)), largest=False).indices
        x = torch.cat([torch.zeros_like(self.support[:1]), self.support[best]])
        for _ in range(N_STEPS):
            share = torch.softmax(self._exponents(x) + self.log_weights.to(x), dim=1)
            x, before = share @ self.support, x
            if (x - before).abs().max() <= 8 * torch.finfo(x.dtype).eps:
                break
        scores = self.score(x + self.mean)
        lowest = int(scores.argmin())
        certificate = f"the mean shift's lowest fixed point from {len(x)} starts; another may be lower"
        return Optimum((x[lowest] + self.mean).double()[None], scores[lowest].item(), "numerical", certificate)

    def _to_float32(self) -> Scorer:
        return OCSVMScorer(self.vectors, self.log_weights, self.gamma, self.offset, torch.float32)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Scale the weights by the kernels of the fixed pixels."""
        fixed = complement(free, self.n_features_in_)
        squares = (reference.double()[fixed] - self.vectors[:, fixed]).square().sum(dim=1)
        log_weights = self.log_weights - self.gamma * squares
        return OCSVMScorer(self.vectors[:, free], log_weights, self.gamma, self.offset, self.dtype)


@register_scorer(OCSVM)
def make_ocsvm_scorer(detector: OCSVM) -> Scorer:
    """Return the exact scorer of an RBF kernel, or the fallback."""
    if detector.kernel != "rbf":
        return FallbackScorer(detector, detector.support_vectors_.shape[1])
    svm = detector.detector_
    support, weights = (torch.tensor(np.asarray(a)) for a in (svm.support_vectors_, svm.dual_coef_[0]))
    return OCSVMScorer(support, weights.log(), float(svm._gamma), -float(svm.intercept_[0]))
