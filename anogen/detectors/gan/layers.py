"""Residual blocks as in Secs. 3.1 and 3.2 of the tailored paper, for images and for signals."""

from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2  # of the leaky ReLU
DEVIATION = 0.02  # of the zero-centred normal law of all weights at the start
CONVOLUTIONS: dict[int, Any] = {1: nn.Conv1d, 2: nn.Conv2d}
POOLS: dict[int, Any] = {1: F.avg_pool1d, 2: F.avg_pool2d}
NORMS: dict[int, Any] = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}

Resample = Literal["", "up", "down"]
Network = TypeVar("Network", bound=nn.Module)


def convolution(before: int, after: int, dims: int = 2, size: int = 3) -> nn.Module:
    """Return a convolution of `dims` dimensions that keeps the size of its input."""
    module: nn.Module = CONVOLUTIONS[dims](before, after, size, padding=size // 2)
    return module


def resampled(x: Tensor, how: Resample) -> Tensor:
    """Return x (b, c, ...) twice as large (nearest neighbour) or half as large (mean; an odd edge is left out)."""
    if how == "up":
        return F.interpolate(x, scale_factor=2, mode="nearest")
    if how == "down":
        pooled: Tensor = POOLS[x.ndim - 2](x, 2)
        return pooled
    return x


class Block(nn.Module):
    """Pre-activation residual block RBz: twice leaky ReLU and 3x3 convolution with z filters, added to the input.

    It is resampled up before the first convolution or down after the second. The input passes through a 1x1 convolution
    where it is resampled or its channels change.

    Parameters
    ----------
    before, after : channels of the input, and z.
    norm : batch normalisation before each activation.
    """

    def __init__(self, before: int, after: int, resample: Resample = "", *, norm: bool = False, dims: int = 2) -> None:
        super().__init__()
        self.resample: Resample = resample
        self.norms = nn.ModuleList(NORMS[dims](n) if norm else nn.Identity() for n in (before, after))
        self.convolutions = nn.ModuleList((convolution(before, after, dims), convolution(after, after, dims)))
        straight = before == after and not resample
        self.shortcut = nn.Identity() if straight else convolution(before, after, dims, size=1)

    def forward(self, x: Tensor) -> Tensor:
        """Images (b, before, h, w) -> (b, after, h', w')."""
        first, last = self.convolutions
        h = F.leaky_relu(self.norms[0](x), SLOPE)
        h = first(resampled(h, self.resample) if self.resample == "up" else h)
        h = last(F.leaky_relu(self.norms[1](h), SLOPE))
        # A 1x1 convolution and a resampling commute: the smaller of the two images is convolved.
        if self.resample == "down":
            return resampled(h, "down") + self.shortcut(resampled(x, "down"))
        return h + resampled(self.shortcut(x), self.resample)


def initialised(network: Network, seed: int, deviation: float = DEVIATION) -> Network:
    """Draw all weights anew from N(0, deviation²), with biases of 0; the same for the same seed."""
    source = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight, 0.0, deviation, generator=source)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network
