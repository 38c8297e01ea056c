"""The catalogue's three forms of Deep SVDD, and images that lie exactly at their spheres' centres."""

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
from anogen.scorers.base import Optimum, Scorer
from anogen.scorers.registry import FallbackScorer, register_scorer
from anogen.scorers.squared_distance import FAR, DeepSVDDScorer, _scaling

ROUNDING = 1e-18  # a squared distance below this is 0: outputs are of the order of 1
AT_THE_MEAN = "a square is at least 0; at the mean z = 0, and layers without biases take 0 to 0, the centre"
BY_PROGRAMME = (
    "a square is at least 0, and rounding apart it is 0 at this image, which a linear programme found as the one that "
    "differs least from the mean image among those with its active units; it is one of many"
)


class CentredScorer(Scorer):
    """The score of one of PyOD's forms of Deep SVDD, with what is known of its most normal point."""

    def __init__(self, whole: Scorer, known: Callable[[], Optimum | None]) -> None:
        self.whole, self.known = whole, known
        self.n_features_in_, self.differentiable, self.dtype = whole.n_features_in_, whole.differentiable, whole.dtype

    def score(self, x: Tensor) -> Tensor:
        """Return the squared distances of rows (n, d) to the centre, (n,)."""
        return self.whole.score(x)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Leave the fixed pixels to the scorer of PyOD's class."""
        return self.whole.condition_on(free, reference)

    def optimum(self) -> Optimum | None:
        """Return an image whose output is the centre, where one is known."""
        return self.known()


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


def mean_at_the_centre(detector: UntrainedDeepSVDD) -> Optimum | None:
    """Return the mean of the training rows, in pixels, if the network takes 0 to 0 and that is the centre."""
    with torch.inference_mode():
        out = detector.model_.model.eval()(torch.zeros(1, detector.n_features_))
    mean, _ = _scaling(detector)
    return None if out.any() or detector.c_.any() else Optimum(mean[None], 0.0, "proved", AT_THE_MEAN)


def image_at_the_centre(detector: DeepSVDD) -> Optimum | None:
    """Return an image whose output is the centre: min ||x - m||₁ subject to relu(V relu(W z)) = c.

    Some h ≥ 0 with Vh = c comes from non-negative least squares (with Vh ≤ 0 where c = 0). The hidden units with h > 0
    are held at it and the others at or below 0. That is linear in x, which is kept in [0, 1] if the mean m is.
    None where the network is another or no such image is found.
    """
    match list(detector.model_.model):
        case [nn.Linear() as first, nn.ReLU(), nn.Linear() as second, nn.ReLU()]:
            w, v = (layer.weight.detach().double().numpy() for layer in (first, second))
        case _:
            return None
    mean, scale = (value.numpy() for value in _scaling(detector))
    w, c = w / scale, detector.c_.double().numpy()
    solution, gap = nnls(np.hstack([v, np.eye(len(c))[:, c == 0]]), c)
    if gap**2 > ROUNDING:
        return None
    h = solution[: len(w)]
    on = h > 0
    within = mean.min() >= 0 and mean.max() <= 1
    room = np.concatenate([1 - mean, mean]) if within else np.full(2 * len(mean), np.inf)
    bounds = np.stack([np.zeros_like(room), room], axis=1)
    split = np.hstack([w, -w])  # x = m + up - down with up, down ≥ 0
    found = linprog(np.ones(2 * len(mean)), split[~on], np.zeros((~on).sum()), split[on], h[on], bounds)
    if found.status != 0:
        return None
    up, down = np.split(found.x, 2)
    x = mean + up - down
    out = np.maximum(v @ np.maximum(w @ (x - mean), 0), 0)
    if np.square(out - c).sum() > ROUNDING:
        return None
    return Optimum(torch.from_numpy(x)[None], 0.0, "proved", BY_PROGRAMME)


def _pyods(detector: Any) -> Scorer:
    """Return the scorer of PyOD's class, exact where single precision is enough for z."""
    mean, scale = _scaling(detector)
    if (mean.abs() / scale).max() > FAR:
        return FallbackScorer(detector, detector.n_features_)
    return DeepSVDDScorer(detector)


def _centred(detector: Any, known: Callable[[Any], Optimum | None]) -> Scorer:
    """Return the scorer of PyOD's class, with the optimum where that scorer is exact."""
    whole = _pyods(detector)
    return whole if isinstance(whole, FallbackScorer) else CentredScorer(whole, partial(known, detector))


@register_scorer(deep_svdd.DeepSVDD)
def _(detector: deep_svdd.DeepSVDD) -> Scorer:
    return _pyods(detector)


@register_scorer(DeepSVDD)
def _(detector: DeepSVDD) -> Scorer:
    return _centred(detector, image_at_the_centre)


@register_scorer(UntrainedDeepSVDD)
def _(detector: UntrainedDeepSVDD) -> Scorer:
    return _centred(detector, mean_at_the_centre)


@register_scorer(DeepSVDDLeNet, fitted="network_")
def _(detector: DeepSVDDLeNet) -> LeNetScorer:
    return LeNetScorer(detector)
