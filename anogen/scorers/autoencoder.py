"""Reconstruction errors: PyOD's AutoEncoder, the VAE, and the thesis's convolutional autoencoder."""

from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from math import prod
from typing import Any

import numpy as np
import torch
from pyod.models.auto_encoder import AutoEncoder
from pyod.models.base_dl import BaseDeepLearningDetector
from pyod.models.vae import VAE
from pyod.utils.torch_utility import LinearBlock
from torch import Tensor, nn
from torch.nn.utils import fuse_linear_bn_eval

from anogen.detectors.autoencoder import ConvAutoencoder, MeanVAE
from anogen.scorers.base import Scorer, drop_tiny_weights
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

MAX_OFFSET = 30  # mean over scale of a pixel above which x - mean would lose digits in float32
STD_EPS = 1e-8  # what PyOD adds to a standard deviation


class ReconstructionScorer(Scorer):
    """score(x) = ||z - x̂(z)|| with z = (x - m) / (s + 1e-8), and batch normalisation folded into the layers."""

    differentiable = True
    dtype = torch.float32

    def __init__(self, scale: Tensor, shift: Tensor, layers: nn.Sequential) -> None:
        """Take z = scale · x + shift, both (d,), and the layers from z to its reconstruction, without gradients."""
        self.scale, self.shift, self.layers = scale, shift, layers
        self.n_features_in_ = len(scale)

    def score(self, x: Tensor) -> Tensor:
        """Return the distances of rows (n, d) to their reconstructions, (n,)."""
        z = torch.addcmul(self.shift, x, self.scale)
        return torch.linalg.vector_norm(z - self.layers(z), dim=1)


def _layers(detector: AutoEncoder | MeanVAE) -> Iterator[nn.Module]:
    """Return the layers from a row to its reconstruction, in float64, without identity layers."""
    model = deepcopy(detector.model).cpu().double().eval()
    latent = [model.encoder_mu] if isinstance(detector, VAE) else []
    for block in (*model.encoder, *latent, *model.decoder):
        if not isinstance(block, LinearBlock):
            yield block
            continue
        yield fuse_linear_bn_eval(block.linear, block.bn) if block.batch_norm else block.linear
        if block.has_act and not isinstance(block.activation, nn.Identity):
            yield block.activation


def make_reconstruction_scorer(detector: AutoEncoder | MeanVAE, own: type[BaseDeepLearningDetector]) -> Scorer:
    """Return the exact scorer, or the fallback for a subclass of `own` or data for which it would not be exact."""
    d = detector.feature_size
    mean, scale = np.zeros(d), np.ones(d)
    if detector.preprocessing:
        mean, scale = detector.X_mean, detector.X_std + STD_EPS
    methods = ("evaluating_forward", "decision_function_update")
    changed = any(getattr(type(detector), name) is not getattr(own, name) for name in methods)
    if changed or detector.use_compile or (np.abs(mean) / scale).max() > MAX_OFFSET:
        return FallbackScorer(detector, d)
    layers = nn.Sequential(*_layers(detector)).float().requires_grad_(requires_grad=False)
    for weight in layers.parameters():
        weight.copy_(drop_tiny_weights(weight))
    return ReconstructionScorer(torch.tensor(1 / scale).float(), torch.tensor(-mean / scale).float(), layers)


register_scorer(AutoEncoder)(partial(make_reconstruction_scorer, own=AutoEncoder))
register_scorer(MeanVAE)(partial(make_reconstruction_scorer, own=MeanVAE))


@register_scorer(VAE)
def make_vae_scorer(detector: VAE) -> Scorer:
    """Return the fallback for PyOD's VAE, which samples its latent vectors: its scores differ from call to call."""
    fallback = FallbackScorer(detector, detector.feature_size)
    fallback.batch_dependence = "stochastic"
    return fallback


@register_scorer(ConvAutoencoder, fitted="network_")
class AutoencoderScorer(Scorer):
    """The reconstruction error of the convolutional autoencoder (thesis Eq. 5.1), with gradients.

    Without a gradient, the layers of `bottleneck` are computed with the batch as the last axis: small convolutions then
    become a few long matrix products instead of many short ones.
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: ConvAutoencoder) -> None:
        self.detector = detector
        self.n_features_in_ = prod(detector.image_shape)
        self.size = (*detector.image_shape, 1)[:3]  # h, w, c
        self.layers: list[Any] = list(detector.network_)

    def score(self, x: Tensor) -> Tensor:
        """Return the reconstruction errors of rows (n, d), (n,)."""
        if x.requires_grad or self.detector.architecture != "bottleneck":
            return self.detector.reconstruction_error(x)
        h, w, c = self.size
        images = x.reshape(len(x), h, w, c).permute(3, 1, 2, 0).contiguous()  # (c, h, w, n)
        conv_1, _, conv_2, _, _, encode, decode, _, unflatten, up_1, _, up_2, _ = self.layers
        y = _conv2d(conv_2, _conv2d(conv_1, images).relu_()).relu_().flatten(0, 2)
        y = _linear(decode, _linear(encode, y)).relu_().unflatten(0, unflatten.unflattened_size)
        y = _conv_transpose2d(up_2, _conv_transpose2d(up_1, y).relu_()).sigmoid_()
        return y.sub_(images).square_().flatten(0, 2).mean(dim=0)


def _linear(layer: nn.Linear, y: Tensor) -> Tensor:
    return torch.addmm(layer.bias[:, None], layer.weight, y)


def _conv2d(layer: nn.Conv2d, y: Tensor) -> Tensor:
    """Convolve 3x3 with stride 2 and padding 1, as one product with the nine shifted images."""
    c, h, w, n = y.shape
    padded = nn.functional.pad(y, (0, 0, 1, 1, 1, 1))
    shifted = torch.stack([padded[:, i : i + h : 2, j : j + w : 2] for i in range(3) for j in range(3)], dim=1)
    assert layer.bias is not None
    out = torch.addmm(layer.bias[:, None], layer.weight.reshape(len(layer.weight), -1), shifted.reshape(9 * c, -1))
    return out.reshape(-1, h // 2, w // 2, n)


def _conv_transpose2d(layer: nn.ConvTranspose2d, y: Tensor) -> Tensor:
    """Convolve 3x3 transposed with stride 2, padding 1 and output padding 1: nine products, each put in its place."""
    c, h, w, n = y.shape
    assert layer.bias is not None
    n_out = layer.weight.shape[1]
    parts = (layer.weight.permute(1, 2, 3, 0).reshape(-1, c) @ y.reshape(c, -1)).reshape(n_out, 3, 3, h, w, n)
    out = layer.bias[:, None, None, None].expand(n_out, 2 * h + 1, 2 * w + 1, n).contiguous()
    for i in range(3):
        for j in range(3):
            out[:, i : i + 2 * h : 2, j : j + 2 * w : 2] += parts[:, i, j]
    return out[:, 1:, 1:].contiguous()
