"""A small convolutional generator and critic for images as rows, in the place of the dense networks of `objectives`."""

import math

from torch import Tensor, nn

from anogen.detectors.gan.networks import SLOPE, init_normal
from anogen.errors import require


def _upsampled(before: int, after: int) -> list[nn.Module]:
    """Return layers that double the size of images and change their number of channels."""
    convolution = nn.Conv2d(before, after, 3, padding=1)
    return [nn.Upsample(scale_factor=2), convolution, nn.BatchNorm2d(after), nn.LeakyReLU(SLOPE)]


class Generator(nn.Module):
    """G: latent vectors to image rows in [0, 1]: a dense layer, two upsamplings with 3x3 convolutions, and a last one.

    The layers have 4, 2 and 1 times `filters` channels, with batch normalisation.
    """

    def __init__(self, shape: tuple[int, ...], latent: int, filters: int = 8) -> None:
        super().__init__()
        height, width, *channels = shape
        require(height % 4 == 0 and width % 4 == 0, f"images of {height} x {width}: both must be multiples of 4")
        grid = (4 * filters, height // 4, width // 4)
        self.layers = nn.Sequential(
            nn.Linear(latent, math.prod(grid)), nn.Unflatten(1, grid), nn.BatchNorm2d(grid[0]), nn.LeakyReLU(SLOPE),
            *_upsampled(4 * filters, 2 * filters), *_upsampled(2 * filters, filters),
            nn.Conv2d(filters, math.prod(channels), 3, padding=1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, z: Tensor) -> Tensor:
        """(b, d_z) -> (b, d)."""
        return self.layers(z).movedim(1, 3).flatten(1)


class Critic(nn.Module):
    """D: image rows to a score, large for rows that seem real; two convolutions of stride 2 and a dense layer."""

    def __init__(self, shape: tuple[int, ...], filters: int = 16) -> None:
        super().__init__()
        height, width, *channels = shape
        self.shape = (height, width, math.prod(channels))
        self.layers = nn.Sequential(
            nn.Conv2d(self.shape[2], filters, 4, 2, 1), nn.LeakyReLU(SLOPE),
            nn.Conv2d(filters, 2 * filters, 4, 2, 1), nn.LeakyReLU(SLOPE),
            nn.Flatten(), nn.Linear(2 * filters * (height // 4) * (width // 4), 1),
        )  # fmt: skip

    def features(self, x: Tensor) -> Tensor:
        """(b, d) -> f(x), the input of the last layer, (b, f)."""
        return self.layers[:-1](2 * x.unflatten(1, self.shape).movedim(3, 1) - 1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, d) -> logits (b,)."""
        return self.layers[-1](self.features(x)).squeeze(1)


def pair(shape: tuple[int, ...], latent: int, seed: int) -> dict[str, nn.Module]:
    """Return a `generator` and a `critic` of images of a shape (h, w) or (h, w, 3), before training."""
    networks = {"generator": Generator(shape, latent), "critic": Critic(shape)}
    return {name: init_normal(network, seed + i) for i, (name, network) in enumerate(networks.items())}
