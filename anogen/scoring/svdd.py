"""Deep SVDD: the squared distance of a network's output to a centre."""

from copy import deepcopy

import numpy as np
import torch
from pyod.models.deep_svdd import DeepSVDD
from torch import Tensor, nn

from anogen.scoring.base import Scorer
from anogen.scoring.registry import FallbackScorer, exact

FAR = 30  # mean over scale of a pixel above which x - mean would lose digits in float32


class DeepSVDDScorer(Scorer):
    """score(x) = ||φ((x - m) / s) - c||²: the square of the distance that the thesis writes.

    Mean m and scale s (1 where a pixel never changes) of PyOD's scaler become part of the first layer, whose weights
    have no bias of their own: W (x - m)/s = (W/s) x - W m/s. The last layer too is followed by its activation.
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: DeepSVDD) -> None:
        self.dimension = detector.n_features_
        first, *rest = deepcopy(detector.model_.model).requires_grad_(requires_grad=False).eval()
        mean, scale = _scaling(detector)
        weight = first.weight.double() / scale
        self.weight = weight.T.float().contiguous()
        self.bias = -(weight @ mean).float()
        self.rest = nn.Sequential(*rest)
        self.centre = detector.c_

    def score(self, x: Tensor) -> Tensor:
        """Return the squared distances of rows (n, d) to the centre, (n,)."""
        return (self.rest(torch.addmm(self.bias, x, self.weight)) - self.centre).square().sum(dim=1)


def _scaling(detector: DeepSVDD) -> tuple[Tensor, Tensor]:
    """Return the mean (d,) and the scale (d,) of the detector's scaler."""
    if not detector.preprocessing:
        return torch.zeros(detector.n_features_).double(), torch.ones(detector.n_features_).double()
    return torch.from_numpy(np.asarray(detector.scaler_.mean_)), torch.from_numpy(np.asarray(detector.scaler_.scale_))


@exact(DeepSVDD)
def _(detector: DeepSVDD) -> Scorer:
    mean, scale = _scaling(detector)
    if (mean.abs() / scale).max() > FAR:
        return FallbackScorer(detector, detector.n_features_)
    return DeepSVDDScorer(detector)
