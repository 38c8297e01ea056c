"""OCSVM: the weight of a row's neighbourhood among the support vectors."""

import numpy as np
import torch
from pyod.models.ocsvm import OCSVM
from torch import Tensor

from anogen.scoring.base import Optimum, Scorer
from anogen.scoring.registry import FallbackScorer, exact

STEPS, STARTS = 500, 10


class OCSVMScorer(Scorer):
    """score(x) = -Σ_i a_i exp(-γ ||x - s_i||²) - b, over the support vectors s_i.

    Distances come from one matrix product, with rows and support vectors taken from the support vectors' mean: what is
    subtracted is then small. The sum is that of a_i (exp(...) - 1), and Σ a_i is added in float64: with γ = 1/d all
    kernels are near 1, and their sum would round away the differences in float32.

    Parameters
    ----------
    detector
        A fitted OCSVM with an rbf kernel.
    dtype
        Of the product and the kernels; float32 is faster, and equal to 1e-5 only.
    """

    differentiable = True

    def __init__(self, detector: OCSVM, dtype: torch.dtype = torch.float64) -> None:
        machine = detector.detector_
        self.dtype = dtype
        self.gamma = float(machine._gamma)
        support = torch.tensor(np.asarray(machine.support_vectors_))
        weights = torch.tensor(np.asarray(machine.dual_coef_[0]))
        self.dimension = support.shape[1]
        self.offset = -float(machine.intercept_[0]) - weights.sum().item()
        self.mean = support.mean(dim=0).to(dtype)
        centred = support - support.mean(dim=0)
        self.squares = (-self.gamma * centred.square().sum(dim=1)).to(dtype)
        self.support, self.weights = centred.to(dtype), weights.to(dtype)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        return self.offset - (torch.expm1(self._exponents(x - self.mean)) @ self.weights).double()

    def _exponents(self, centred: Tensor) -> Tensor:
        """Return -γ ||x - s_i||² of rows (n, d), taken from the mean, as (n, m)."""
        norms = -self.gamma * torch.linalg.vecdot(centred, centred)
        product = torch.addmm(norms[:, None] + self.squares, centred, self.support.T, alpha=2 * self.gamma)
        return product.clamp(max=0)

    def optimum(self) -> Optimum:
        """Return the best fixed point of x <- Σ a_i K_i(x) s_i / Σ a_i K_i(x), from the mean and the best vectors."""
        best = self.score(self.support + self.mean).topk(min(STARTS, len(self.support)), largest=False).indices
        x = torch.cat([torch.zeros_like(self.support[:1]), self.support[best]])
        for _ in range(STEPS):
            share = torch.softmax(self._exponents(x) + self.weights.log(), dim=1)
            x, before = share @ self.support, x
            if (x - before).abs().max() <= 8 * torch.finfo(x.dtype).eps:
                break
        scores = self.score(x + self.mean)
        found = int(scores.argmin())
        why = f"the mean shift's lowest fixed point from {len(x)} starts; another may be lower"
        return Optimum((x[found] + self.mean).double()[None], scores[found].item(), "numerical", why)


@exact(OCSVM)
def _(detector: OCSVM) -> Scorer:
    if detector.kernel != "rbf":
        return FallbackScorer(detector, detector.support_vectors_.shape[1])
    return OCSVMScorer(detector)
