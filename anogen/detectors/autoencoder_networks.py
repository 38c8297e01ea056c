"""Networks of the convolutional autoencoder: images (n, c, h, w) in [0, 1] to their reconstructions."""

from collections.abc import Callable

import torch
from torch import nn

from anogen.errors import require

CHANNELS = (8, 16)  # of the two convolutions of `bottleneck`


def network(latent: int, image_shape: tuple[int, ...], architecture: str = "bottleneck") -> nn.Sequential:
    """Return encoder and decoder of one of the `ARCHITECTURES`, with weights that the caller has to draw.

    Maps (n, c, h, w) in [0, 1] to the same. Raises `InputError` for an unknown architecture, and for images of a size
    that it cannot take.
    """
    require(architecture in ARCHITECTURES, f"unknown architecture {architecture!r}: choose {', '.join(ARCHITECTURES)}")
    h, w, c = (*image_shape, 1)[:3]
    with torch.random.fork_rng(devices=[]):  # a new layer uses the global generator
        return nn.Sequential(*ARCHITECTURES[architecture](latent, h, w, c))


def _bottleneck(latent: int, h: int, w: int, c: int) -> list[nn.Module]:
    """Return two strided convolutions, a dense latent vector, and the way back; h and w are multiples of 4."""
    _require_quarters(h, w)
    first, second = CHANNELS
    flat = second * (h // 4) * (w // 4)
    return [
        _halve(c, first), nn.ReLU(), _halve(first, second), nn.ReLU(),
        nn.Flatten(), nn.Linear(flat, latent),
        nn.Linear(latent, flat), nn.ReLU(), nn.Unflatten(1, (second, h // 4, w // 4)),
        _double(second, first), nn.ReLU(), _double(first, c), nn.Sigmoid(),
    ]  # fmt: skip


def _tf_tutorial(latent: int, h: int, w: int, c: int) -> list[nn.Module]:
    """Return the layers of TensorFlow's tutorial, which has no latent vector but 8 small maps; any multiples of 4."""
    _require_quarters(h, w)
    return [
        _halve(c, 16), nn.ReLU(), _halve(16, 8), nn.ReLU(),
        _double(8, 8), nn.ReLU(), _double(8, 16), nn.ReLU(),
        nn.Conv2d(16, c, 3, padding=1), nn.Sigmoid(),
    ]  # fmt: skip


def _keras_blog(latent: int, h: int, w: int, c: int) -> list[nn.Module]:
    """Return the layers of the Keras blog: pooling to 8 maps of 4 x 4, and upsampling; 28 x 28 pixels."""
    _require_mnist_size(h, w)

    def convolve(before: int, after: int, padding: int = 1) -> list[nn.Module]:
        return [nn.Conv2d(before, after, 3, padding=padding), nn.ReLU()]

    def pool() -> nn.Module:
        return nn.MaxPool2d(2, ceil_mode=True)  # 28, 14, 7, 4

    return [
        *convolve(c, 16), pool(), *convolve(16, 8), pool(), *convolve(8, 8), pool(),
        *convolve(8, 8), nn.Upsample(scale_factor=2), *convolve(8, 8), nn.Upsample(scale_factor=2),
        *convolve(8, 16, padding=0), nn.Upsample(scale_factor=2), nn.Conv2d(16, c, 3, padding=1), nn.Sigmoid(),
    ]  # fmt: skip


def _deep_svdd(latent: int, h: int, w: int, c: int) -> list[nn.Module]:
    """Return the layers of Ruff et al. (2018) for MNIST: 5 x 5 filters, 32 latent values, no biases; 28 x 28 pixels."""
    _require_mnist_size(h, w)

    def convolve(before: int, after: int, padding: int = 2) -> list[nn.Module]:
        convolution = nn.Conv2d(before, after, 5, padding=padding, bias=False)
        return [convolution, nn.BatchNorm2d(after, eps=1e-4, affine=False), nn.LeakyReLU()]

    return [
        *convolve(c, 8), nn.MaxPool2d(2), *convolve(8, 4), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4 * 7 * 7, 32, bias=False), nn.Unflatten(1, (2, 4, 4)), nn.LeakyReLU(),
        nn.Upsample(scale_factor=2), *convolve(2, 4), nn.Upsample(scale_factor=2), *convolve(4, 8, padding=1),
        nn.Upsample(scale_factor=2), nn.Conv2d(8, c, 5, padding=2, bias=False), nn.Sigmoid(),
    ]  # fmt: skip


def _halve(before: int, after: int) -> nn.Module:
    return nn.Conv2d(before, after, 3, stride=2, padding=1)


def _double(before: int, after: int) -> nn.Module:
    return nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1)


def _require_quarters(h: int, w: int) -> None:
    wrong = f"images of {h} x {w} pixels cannot be halved twice: crop or pad them to multiples of 4"
    require(h % 4 == 0 and w % 4 == 0, wrong)


def _require_mnist_size(h: int, w: int) -> None:
    require((h, w) == (28, 28), f"images of {h} x {w} pixels: this architecture takes 28 x 28, or choose bottleneck")


ARCHITECTURES: dict[str, Callable[[int, int, int, int], list[nn.Module]]] = {
    "bottleneck": _bottleneck,
    "tf-tutorial": _tf_tutorial,
    "keras-blog": _keras_blog,
    "deep-svdd": _deep_svdd,
}
