"""The score of a tailored detector, -D(x, Ĉ(x)) (Eq. 11), with the gradient that its own `decision_function` lacks."""

from collections.abc import Callable

import torch
from torch import Tensor

from anogen.detectors.gan.networks import Discriminator, one_hot
from anogen.scorers.base import Scorer


class TailoredScorer(Scorer):
    """Scores rows; the gradient passes through the detector, and not through the decision.

    Parameters
    ----------
    detector : the trained network D.
    classify : images (n, c, h, w) in [0, 1] to the class of each, (n,).
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: Discriminator, classify: Callable[[Tensor], Tensor]) -> None:
        self.detector, self.classify = detector, classify
        self.shape = detector.plan.shape
        self.n_features_in_ = int(torch.tensor(self.shape).prod())

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d) as (n,)."""
        images = x.unflatten(1, (*self.shape[1:], self.shape[0])).movedim(-1, 1)
        decided = self.classify(images.detach())
        scores: Tensor = -self.detector(images, one_hot(decided, self.detector.plan.classes))
        return scores
