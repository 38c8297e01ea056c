"""The classifiers of Sec. 3.1 of the tailored paper, which the anomaly detector protects."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.detectors.gan.networks import SLOPE, Block, Resample


class Classifier(nn.Module):
    """Residual blocks, global average pooling and dense layers; `features` returns the input of the last layer."""

    def __init__(self, body: nn.Sequential, head: nn.Sequential, last: nn.Linear) -> None:
        super().__init__()
        self.body, self.head, self.last = body, head, last

    def features(self, x: Tensor) -> Tensor:
        """Images (b, c, h, w) in [0, 1] -> (b, features)."""
        seen: Tensor = self.head(self.body(x).mean(dim=(2, 3)))
        return seen

    def forward(self, x: Tensor) -> Tensor:
        """Images (b, c, h, w) in [0, 1] -> logits (b, classes)."""
        logits: Tensor = self.last(self.features(x))
        return logits

    def predicted(self, x: Tensor) -> Tensor:
        """Return the class of every image, (b,), in evaluation mode and without a gradient."""
        with torch.no_grad():
            return self(x).argmax(dim=1)


def mnist(channels: int = 1, classes: int = 10, width: int = 32) -> Classifier:
    """RB32, AvgPool, RB32, AvgPool, RB32, RB32, AvgPool, RB32, RB32, GlobalAvgPool, Dense: 32 features.

    The paper does not say whether there is batch normalisation; there is, before each activation, as in its CIFAR-10
    network.
    """
    pooled: tuple[Resample, ...] = ("down", "down", "", "down", "", "")
    blocks = [Block(width if i else channels, width, resample, norm=True) for i, resample in enumerate(pooled)]
    head = nn.Sequential(nn.BatchNorm1d(width), nn.LeakyReLU(SLOPE))
    return Classifier(nn.Sequential(*blocks), head, nn.Linear(width, classes))


def wide_resnet(
    channels: int = 3, classes: int = 10, depth: int = 16, widen: int = 4, features: int = 256
) -> Classifier:
    """WideResNet-16-4 with a head of 256 features, as for CIFAR-10: three groups of two blocks, 64 to 256 filters."""
    widths = (16, 16 * widen, 32 * widen, 64 * widen)
    layers: list[nn.Module] = [nn.Conv2d(channels, widths[0], 3, padding=1)]
    for group, (before, after) in enumerate(pairwise(widths)):
        layers += [
            Block(after if i else before, after, "down" if group and not i else "", norm=True)
            for i in range((depth - 4) // 6)
        ]
    layers += [nn.BatchNorm2d(widths[-1]), nn.LeakyReLU(SLOPE)]
    head = nn.Sequential(nn.Linear(widths[-1], features), nn.LeakyReLU(SLOPE))
    return Classifier(nn.Sequential(*layers), head, nn.Linear(features, classes))


def confidence(logits: Tensor) -> Tensor:
    """Return the largest probability (b,) of logits (b, classes), the classifier's confidence."""
    return F.softmax(logits, dim=1).amax(dim=1)
