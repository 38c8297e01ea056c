"""AnoRand: a noise detector's output and a reconstruction error, weighted by alpha."""

import numpy as np
import torch
from torch import Tensor

from anogen.detectors.anorand import AnoRand
from anogen.scorers.base import Scorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

MAX_OFFSET = 30  # mean over scale of a feature above which x - mean would lose digits in float32


class AnoRandScorer(Scorer):
    """score(x) = (1 - alpha) · σ(||z - x̂(z)||) + alpha · σ(logit(z)), with z = (x - m) / s (AnoRand Eqs. 6-8).

    The networks are computed in float32, both probabilities in float64: in float32 the first one would be 1 from a
    distance of 17 on, and its gradient 0.
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: AnoRand) -> None:
        self.detector = detector
        self.scale = torch.from_numpy(1 / detector.scale_).float()
        self.shift = torch.from_numpy(-detector.mean_ / detector.scale_).float()
        self.n_features_in_ = len(self.scale)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        z = torch.addcmul(self.shift, x, self.scale)[None]
        out = self.detector.forward(self.detector.network_, z)
        y_ae = torch.linalg.vector_norm((z - out.reconstruction)[0].double(), dim=1).sigmoid()
        return (1 - self.detector.alpha_) * y_ae + self.detector.alpha_ * out.logit[0].double().sigmoid()


@register_scorer(AnoRand, fitted="network_")
def make_anorand_scorer(detector: AnoRand) -> Scorer:
    """Return the exact scorer, or the fallback for a subclass or data far from zero."""
    methods = ("outputs", "probabilities", "combine")
    changed = any(getattr(type(detector), name) is not getattr(AnoRand, name) for name in methods)
    if changed or np.abs(detector.mean_ / detector.scale_).max() > MAX_OFFSET:
        return FallbackScorer(detector, detector.n_features_in_)
    return AnoRandScorer(detector)
