"""The tailored detector: the negative output of a conditional critic for the class that a classifier decides."""

from collections.abc import Callable
from math import prod

import torch
from torch import Tensor

from anogen.detectors.gan.networks import Discriminator, one_hot
from anogen.scorers.base import Scorer


class TailoredScorer(Scorer):
    """score(x) = -D(x, Ĉ(x)) (Eq. 11): unlike in `TailoredDetector`, gradients pass, through D but not through Ĉ."""

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: Discriminator, classify: Callable[[Tensor], Tensor]) -> None:
        """Take the trained network D and Ĉ, from images (n, c, h, w) in [0, 1] to classes (n,)."""
        self.detector, self.classify, self.shape = detector, classify, detector.plan.shape
        self.n_features_in_ = prod(self.shape)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d) as (n,)."""
        images = x.unflatten(1, (*self.shape[1:], self.shape[0])).movedim(-1, 1)
        decided = one_hot(self.classify(images.detach()), self.detector.plan.classes)
        return -self.detector(images, decided)
