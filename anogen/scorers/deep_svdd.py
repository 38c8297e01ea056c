"""Deep SVDD: the squared distance of a network's output to a centre, and images exactly at that centre."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from math import prod
from typing import Any

import numpy as np
import torch
from pyod.models import deep_svdd
from scipy.optimize import linprog, nnls
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from anogen.detectors.deep_svdd import DeepSVDD, DeepSVDDLeNet, UntrainedDeepSVDD
from anogen.scorers.base import Optimum, Scorer, complement, drop_tiny_weights
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

ZERO_TOL = 1e-18  # a squared distance below this is 0: outputs are of the order of 1
MAX_OFFSET = 30  # mean over scale of a pixel above which x - mean would lose digits in float32
MEAN_CERTIFICATE = "a square is at least 0; at the mean z = 0, and layers without biases take 0 to 0, the centre"
LINEAR_PROGRAM_CERTIFICATE = (
    "a square is at least 0, and rounding apart it is 0 at this image, which a linear programme found as the one that "
    "differs least from the mean image among those with its active units; it is one of many"
)


class SphereScorer(Scorer):
    """score(x) = ||φ(W'x + b) - c||², with φ the layers after the first."""

    differentiable = True
    dtype = torch.float32

    def __init__(self, weight: Tensor, bias: Tensor, rest: nn.Module, centre: Tensor) -> None:
        """Take W (d, h) and b (h,), both float64, φ and c."""
        self.weight, self.bias = drop_tiny_weights(weight.float()).contiguous(), bias.float()
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

    find_optimum: Callable[[], Optimum | None]  # returns an image whose output is the centre, where one is known

    def __init__(self, detector: deep_svdd.DeepSVDD) -> None:
        first, *rest = deepcopy(detector.model_.model).requires_grad_(requires_grad=False).eval()
        mean, scale = _scaling(detector)
        weight = first.weight.double() / scale
        super().__init__(weight.T, -(weight @ mean), nn.Sequential(*rest), detector.c_)

    def optimum(self) -> Optimum | None:
        """Return an image whose output is the centre, where one is known."""
        return self.find_optimum()


def _scaling(detector: deep_svdd.DeepSVDD) -> tuple[Tensor, Tensor]:
    if not detector.preprocessing:
        return torch.zeros(detector.n_features_).double(), torch.ones(detector.n_features_).double()
    return torch.tensor(detector.scaler_.mean_), torch.tensor(detector.scaler_.scale_)


class LeNetScorer(Scorer):
    """The score of the convolutional network, with batch normalisation folded into the convolutions.

    Pooling comes before the activation: the largest of four stays the largest, and a quarter remains to be activated.
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: DeepSVDDLeNet) -> None:
        self.detector, self.centre = detector, detector.centre_
        self.n_features_in_ = prod(detector.image_shape)
        *blocks, flatten, linear = deepcopy(detector.network_).double().eval()
        layers: list[nn.Module] = []
        for convolution, norm, leak, pool in zip(*(blocks[i::4] for i in range(4)), strict=True):
            layers += [fuse_conv_bn_eval(convolution, norm), pool, leak]
        self.network = nn.Sequential(*layers, flatten, linear).float().requires_grad_(requires_grad=False)

    def score(self, x: Tensor) -> Tensor:
        """Return the squared distances of the outputs of rows (n, d) to the centre, (n,)."""
        return (self.network(self.detector.prepare(x)) - self.centre).square().sum(dim=1)


def mean_image_optimum(detector: UntrainedDeepSVDD) -> Optimum | None:
    """Return the mean of the training rows, in pixels, if the network takes 0 to 0 and that is the centre."""
    with torch.inference_mode():
        out = detector.model_.model.eval()(torch.zeros(1, detector.n_features_))
    mean, _ = _scaling(detector)
    return None if out.any() or detector.c_.any() else Optimum(mean[None], 0.0, "proved", MEAN_CERTIFICATE)


def linear_program_optimum(detector: DeepSVDD) -> Optimum | None:
    """Return an image whose output is the centre: min ||x - m||₁ subject to relu(V relu(W z)) = c.

    Some h ≥ 0 with Vh = c comes from non-negative least squares (with Vh ≤ 0 where c = 0). The hidden units with h > 0
    are held at it and the others at or below 0. That is linear in x, which is kept in [0, 1] if the mean m is.
    None if the network has another architecture or no such image exists.
    """
    match list(detector.model_.model):
        case [nn.Linear() as first, nn.ReLU(), nn.Linear() as second, nn.ReLU()]:
            w, v = (layer.weight.detach().double().numpy() for layer in (first, second))
        case _:
            return None
    mean, scale = (value.numpy() for value in _scaling(detector))
    w, c = w / scale, detector.c_.double().numpy()
    solution, residual = nnls(np.hstack([v, np.eye(len(c))[:, c == 0]]), c)
    if residual**2 > ZERO_TOL:
        return None
    h = solution[: len(w)]
    on = h > 0
    in_unit_range = mean.min() >= 0 and mean.max() <= 1
    limits = np.concatenate([1 - mean, mean]) if in_unit_range else np.full(2 * len(mean), np.inf)
    bounds = np.stack([np.zeros_like(limits), limits], axis=1)
    split = np.hstack([w, -w])  # x = m + up - down with up, down ≥ 0
    program = linprog(np.ones(2 * len(mean)), split[~on], np.zeros((~on).sum()), split[on], h[on], bounds)
    if program.status != 0:
        return None
    up, down = np.split(program.x, 2)
    x = mean + up - down
    out = np.maximum(v @ np.maximum(w @ (x - mean), 0), 0)
    if np.square(out - c).sum() > ZERO_TOL:
        return None
    return Optimum(torch.from_numpy(x)[None], 0.0, "proved", LINEAR_PROGRAM_CERTIFICATE)


@register_scorer(deep_svdd.DeepSVDD)
def make_deep_svdd_scorer(detector: Any, find_optimum: Callable[[Any], Optimum | None] | None = None) -> Scorer:
    """Return the exact scorer, or the fallback where single precision is not enough for z."""
    mean, scale = _scaling(detector)
    if (mean.abs() / scale).max() > MAX_OFFSET:
        return FallbackScorer(detector, detector.n_features_)
    scorer = DeepSVDDScorer(detector)
    scorer.find_optimum = partial(find_optimum, detector) if find_optimum else lambda: None
    return scorer


register_scorer(DeepSVDD)(partial(make_deep_svdd_scorer, find_optimum=linear_program_optimum))
register_scorer(UntrainedDeepSVDD)(partial(make_deep_svdd_scorer, find_optimum=mean_image_optimum))
register_scorer(DeepSVDDLeNet, fitted="network_")(LeNetScorer)
