"""Generator, encoder and discriminator of dense layers, for rows of images or signals."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.detectors.gan.networks import SLOPE


class Sizes(NamedTuple):
    """Sizes of the networks."""

    dimension: int  # d, of a row
    latent: int = 16  # d_z
    width: int = 64  # units of each of the two hidden layers


class SpectralNormLinear(nn.Linear):
    """A dense layer divided by its exact spectral norm, so that its Lipschitz constant is 1."""

    def forward(self, x: Tensor) -> Tensor:
        """(b, n) -> (b, m)."""
        return F.linear(x, self.weight / torch.linalg.matrix_norm(self.weight, 2), self.bias)


def layers(before: int, width: int, after: int, linear: type[nn.Linear] = nn.Linear) -> nn.Sequential:
    """Return a perceptron with two hidden layers."""
    return nn.Sequential(
        linear(before, width), nn.LeakyReLU(SLOPE), linear(width, width), nn.LeakyReLU(SLOPE), linear(width, after)
    )


class Generator(nn.Module):
    """G: latent vectors to rows in [0, 1]."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.layers = layers(sizes.latent, sizes.width, sizes.dimension)

    def forward(self, z: Tensor) -> Tensor:
        """(..., d_z) -> (..., d)."""
        return torch.sigmoid(self.layers(z))


class Encoder(nn.Module):
    """E: rows to latent vectors, or to their means and log variances."""

    def __init__(self, sizes: Sizes, *, variance: bool = False) -> None:
        super().__init__()
        self.layers = layers(sizes.dimension, sizes.width, sizes.latent * (2 if variance else 1))

    def forward(self, x: Tensor) -> Tensor:
        """(b, d) -> (b, d_z), or (b, 2 d_z)."""
        z: Tensor = self.layers(2 * x - 1)
        return z


class Critic(nn.Module):
    """D: rows to a score, large for rows that seem real; f, the input of its last layer."""

    def __init__(self, dimension: int, width: int, linear: type[nn.Linear] = nn.Linear) -> None:
        super().__init__()
        self.layers = layers(dimension, width, 1, linear)

    def features(self, x: Tensor) -> Tensor:
        """(b, d) -> f(x), (b, width)."""
        f: Tensor = self.layers[:-1](2 * x - 1)
        return f

    def forward(self, x: Tensor) -> Tensor:
        """(b, d) -> logits (b,)."""
        logits: Tensor = self.layers[-1](self.features(x))
        return logits.squeeze(1)


def init_weights(networks: dict[str, nn.Module], seed: int) -> dict[str, nn.Module]:
    """Draw all weights from He's normal distribution with this seed, and set the biases to 0."""
    source = torch.Generator().manual_seed(seed)
    for network in networks.values():
        for module in network.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight, SLOPE, generator=source)
                nn.init.zeros_(module.bias)
    return networks
