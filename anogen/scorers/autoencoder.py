"""Scorers of neural detectors."""

from math import prod

import torch
from torch import Tensor, nn

from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.scorers.base import Scorer
from anogen.scorers.registry import register_scorer


class AutoencoderScorer(Scorer):
    """The reconstruction error of our convolutional autoencoder (thesis Eq. 5.1), with gradients.

    Where no gradient is asked for, the same layers are computed with the batch as the last axis: small convolutions are
    then a few long matrix products instead of many short ones.
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
def _(detector: ConvAutoencoder) -> AutoencoderScorer:
    return AutoencoderScorer(detector)


def _apply(layer: nn.Module, y: Tensor) -> Tensor:
    """Apply a layer of the autoencoder to (c, h, w, n), or (features, n) between its two linear layers."""
    match layer:
        case nn.Conv2d():
            return _convolved(layer, y)
        case nn.ConvTranspose2d():
            return _transposed(layer, y)
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
    raise TypeError(f"no layer of the autoencoder: {type(layer).__name__}")


def _convolved(layer: nn.Conv2d, y: Tensor) -> Tensor:
    """Convolve 3x3 with stride 2 and padding 1, as one product with the nine shifted images."""
    c, h, w, n = y.shape
    padded = nn.functional.pad(y, (0, 0, 1, 1, 1, 1))
    shifted = torch.stack([padded[:, i : i + h : 2, j : j + w : 2] for i in range(3) for j in range(3)], dim=1)
    assert layer.bias is not None
    out = torch.addmm(layer.bias[:, None], layer.weight.reshape(len(layer.weight), -1), shifted.reshape(9 * c, -1))
    return out.reshape(-1, h // 2, w // 2, n)


def _transposed(layer: nn.ConvTranspose2d, y: Tensor) -> Tensor:
    """Convolve 3x3 transposed with stride 2, padding 1 and output padding 1: nine products, each put in its place."""
    c, h, w, n = y.shape
    assert layer.bias is not None
    after = layer.weight.shape[1]
    parts = (layer.weight.permute(1, 2, 3, 0).reshape(-1, c) @ y.reshape(c, -1)).reshape(after, 3, 3, h, w, n)
    out = layer.bias[:, None, None, None].expand(after, 2 * h + 1, 2 * w + 1, n).contiguous()
    for i in range(3):
        for j in range(3):
            out[:, i : i + 2 * h : 2, j : j + 2 * w : 2] += parts[:, i, j]
    return out[:, 1:, 1:].contiguous()
