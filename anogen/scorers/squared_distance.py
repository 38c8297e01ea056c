"""Deep SVDD: the squared distance of a network's output to a centre."""

from copy import deepcopy

import numpy as np
import torch
from pyod.models.deep_svdd import DeepSVDD
from torch import Tensor, nn

from anogen.scorers.base import Scorer, complement, without_dust

FAR = 30  # mean over scale of a pixel above which x - mean would lose digits in float32


class SphereScorer(Scorer):
    """score(x) = ||φ(W'x + b) - c||², with φ the layers after the first."""

    differentiable = True
    dtype = torch.float32

    def __init__(self, weight: Tensor, bias: Tensor, rest: nn.Module, centre: Tensor) -> None:
        """Take W (d, h) and b (h,), both float64, φ and c."""
        self.weight, self.bias = without_dust(weight.float()).contiguous(), bias.float()
        self.rest, self.centre = rest, centre
        self.n_features_in_ = len(weight)

    def score(self, x: Tensor) -> Tensor:
        """Return the squared distances of rows (n, d) to the centre, (n,)."""
        return (self.rest(torch.addmm(self.bias, x, self.weight)) - self.centre).square().sum(dim=1)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Add the fixed pixels' part of the first product to its bias."""
        fixed = complement(free, self.n_features_in_)
        bias = self.bias.double() + reference.double()[fixed] @ self.weight[fixed].double()
        return SphereScorer(self.weight[free], bias, self.rest, self.centre)


class DeepSVDDScorer(SphereScorer):
    """score(x) = ||φ((x - m) / s) - c||²: the square of the distance that the thesis writes.

    Mean m and scale s (1 where a pixel never changes) of PyOD's scaler become part of the first layer, whose weights
    have no bias of their own: W (x - m)/s = (W/s) x - W m/s. The last layer too is followed by its activation.
    """

    def __init__(self, detector: DeepSVDD) -> None:
        first, *rest = deepcopy(detector.model_.model).requires_grad_(requires_grad=False).eval()
        mean, scale = _scaling(detector)
        weight = first.weight.double() / scale
        super().__init__(weight.T, -(weight @ mean), nn.Sequential(*rest), detector.c_)


def _scaling(detector: DeepSVDD) -> tuple[Tensor, Tensor]:
    """Return the mean (d,) and the scale (d,) of the detector's scaler."""
    if not detector.preprocessing:
        return torch.zeros(detector.n_features_).double(), torch.ones(detector.n_features_).double()
    return torch.from_numpy(np.asarray(detector.scaler_.mean_)), torch.from_numpy(np.asarray(detector.scaler_.scale_))
