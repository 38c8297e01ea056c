"""Reconstruction errors: PyOD's AutoEncoder, the VAE, and the thesis's convolutional autoencoder."""

from collections.abc import Iterator
from copy import deepcopy
from math import prod

import numpy as np
import torch
from pyod.models.auto_encoder import AutoEncoder
from pyod.models.base_dl import BaseDeepLearningDetector
from pyod.models.vae import VAE
from pyod.utils.torch_utility import LinearBlock
from torch import Tensor, nn
from torch.nn.utils import fuse_linear_bn_eval

from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.detectors.dense import MeanVAE
from anogen.scorers.base import Scorer, complement, drop_tiny_weights
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

MAX_OFFSET = 30  # mean over scale of a pixel above which x - mean would lose digits in float32
STD_EPS = 1e-8  # what PyOD adds to a standard deviation


class ReconstructionScorer(Scorer):
    """score(x) = ||z - x̂(z)|| with z = (x - m) / (s + 1e-8), and batch normalisation folded into the layers.

    The network may have more outputs than the row has pixels: the extra outputs represent fixed pixels and enter the
    distance unchanged.
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, scale: Tensor, shift: Tensor, layers: nn.Sequential) -> None:
        """Take z = scale · x + shift, both (d,), and the layers from z to its reconstruction, without gradients."""
        self.scale, self.shift, self.layers = scale, shift, layers
        self.n_features_in_ = len(scale)
        self.n_extra = layers[-1].out_features - self.n_features_in_ if isinstance(layers[-1], nn.Linear) else 0

    def score(self, x: Tensor) -> Tensor:
        """Return the distances of rows (n, d) to their reconstructions, (n,)."""
        z = torch.addcmul(self.shift, x, self.scale)
        target = nn.functional.pad(z, (0, self.n_extra)) if self.n_extra else z
        return torch.linalg.vector_norm(target - self.layers(z), dim=1)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Make the fixed pixels a bias of the first layer, and as few outputs as the last layer has inputs.

        The fixed pixels' part of the squared distance is ||r - Vh||², h being the last hidden layer. With V = QR it is
        ||Q'r - Rh||² + ||r - QQ'r||²: h has far fewer components than an image has pixels.
        """
        first, *between, last = self.layers
        if not (isinstance(first, nn.Linear) and isinstance(last, nn.Linear)) or self.n_extra:
            return super().condition_on(free, reference)
        fixed = complement(free, self.n_features_in_)
        z = (reference.to(self.dtype) * self.scale + self.shift)[fixed].double()
        weight, bias = last.weight.double(), last.bias.double()
        q, r = torch.linalg.qr(weight[fixed])
        target = z - bias[fixed]
        remainder = (target - q @ (q.T @ target)).norm()
        outputs = torch.cat([weight[free], r, torch.zeros_like(weight[:1])])
        offsets = torch.cat([bias[free], -(q.T @ target), remainder[None]])
        inputs = first.weight.double()
        layers = _linear(inputs[:, free], first.bias.double() + inputs[:, fixed] @ z), *between
        return ReconstructionScorer(
            self.scale[free], self.shift[free], nn.Sequential(*layers, _linear(outputs, offsets))
        )


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """Return a layer of float32 with these weights (outputs, inputs)."""
    layer = nn.utils.skip_init(nn.Linear, 1, 1)  # a layer of size 0, where no pixel is free, would warn
    layer.out_features, layer.in_features = weight.shape
    layer.weight, layer.bias = (nn.Parameter(value.float(), requires_grad=False) for value in (weight, bias))
    return layer


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


def _make_reconstruction_scorer(
    detector: AutoEncoder | MeanVAE, detector_class: type[BaseDeepLearningDetector]
) -> Scorer:
    """Return the exact scorer, or the fallback for a subclass or data for which it would not be exact."""
    d = detector.feature_size
    mean, scale = np.zeros(d), np.ones(d)
    if detector.preprocessing:
        mean, scale = detector.X_mean, detector.X_std + STD_EPS
    unchanged = all(
        getattr(type(detector), name) is getattr(detector_class, name)
        for name in ("evaluating_forward", "decision_function_update")
    )
    if not unchanged or detector.use_compile or (np.abs(mean) / scale).max() > MAX_OFFSET:
        return FallbackScorer(detector, d)
    layers = nn.Sequential(*_layers(detector)).float().requires_grad_(requires_grad=False)
    for weight in layers.parameters():
        weight.copy_(drop_tiny_weights(weight))
    return ReconstructionScorer(torch.tensor(1 / scale).float(), torch.tensor(-mean / scale).float(), layers)


@register_scorer(AutoEncoder)
def make_auto_encoder_scorer(detector: AutoEncoder) -> Scorer:
    """Return the scorer of PyOD's AutoEncoder."""
    return _make_reconstruction_scorer(detector, AutoEncoder)


@register_scorer(MeanVAE)
def make_mean_vae_scorer(detector: MeanVAE) -> Scorer:
    """Return the scorer of the VAE that decodes the mean of its latent distribution."""
    return _make_reconstruction_scorer(detector, MeanVAE)


@register_scorer(VAE)
def make_vae_scorer(detector: VAE) -> Scorer:
    """Return the fallback for PyOD's VAE, which samples its latent vectors: its scores differ from call to call."""
    fallback = FallbackScorer(detector, detector.feature_size)
    fallback.batch_dependence = "stochastic"
    return fallback


class AutoencoderScorer(Scorer):
    """The reconstruction error of the convolutional autoencoder (thesis Eq. 5.1), with gradients.

    Without a gradient, the same layers are computed with the batch as the last axis: small convolutions then become a
    few long matrix products instead of many short ones.
    """

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: ConvAutoencoder) -> None:
        self.detector = detector
        self.n_features_in_ = prod(detector.image_shape)
        self.size = (*detector.image_shape, 1)[:3]  # h, w, c
        self.layers = list(detector.network_)

    def score(self, x: Tensor) -> Tensor:
        """Return the reconstruction errors of rows (n, d), (n,)."""
        if x.requires_grad:
            return self.detector.reconstruction_error(x)
        h, w, c = self.size
        images = x.reshape(len(x), h, w, c).permute(3, 1, 2, 0).contiguous()  # (c, h, w, n)
        y = images
        for layer in self.layers:
            y = _apply(layer, y)
        return y.sub_(images).square_().flatten(0, 2).mean(dim=0)


@register_scorer(ConvAutoencoder, fitted="network_")
def make_conv_autoencoder_scorer(detector: ConvAutoencoder) -> AutoencoderScorer:
    """Return the scorer of the convolutional autoencoder."""
    return AutoencoderScorer(detector)


def _apply(layer: nn.Module, y: Tensor) -> Tensor:
    """Apply a layer of the autoencoder to (c, h, w, n), or (features, n) between its two linear layers."""
    match layer:
        case nn.Conv2d():
            return _conv2d(layer, y)
        case nn.ConvTranspose2d():
            return _conv_transpose2d(layer, y)
        case nn.Linear():
            return torch.addmm(layer.bias[:, None], layer.weight, y)
        case nn.ReLU():
            return y.relu_()
        case nn.Sigmoid():
            return y.sigmoid_()
        case nn.Flatten():
            return y.flatten(0, 2)
        case nn.Unflatten():
            return y.unflatten(0, layer.unflattened_size)
    raise TypeError(f"unknown layer {type(layer).__name__} in the autoencoder")


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
