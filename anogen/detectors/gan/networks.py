"""Residual networks of Secs. 3.1 and 3.2 of the tailored paper: generator, discriminator, and the classifiers."""

from itertools import pairwise
from typing import Literal, NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2  # of the leaky ReLU
DEVIATION = 0.02  # standard deviation of all initial weights, which are normal with mean 0

Resample = Literal["", "up", "down"]
Network = TypeVar("Network", bound=nn.Module)


def convolution(before: int, after: int, dims: int = 2, size: int = 3) -> nn.Module:
    """Return a convolution of `dims` dimensions that keeps the size of its input."""
    return getattr(nn, f"Conv{dims}d")(before, after, size, padding=size // 2)


def resampled(x: Tensor, how: Resample) -> Tensor:
    """Return x (b, c, ...) twice as large (nearest neighbour) or half as large (mean; an odd edge is dropped)."""
    if how == "up":
        return F.interpolate(x, scale_factor=2, mode="nearest")
    if how == "down":
        return getattr(F, f"avg_pool{x.ndim - 2}d")(x, 2)
    return x


class Block(nn.Module):
    """Pre-activation residual block RBz: twice leaky ReLU and 3x3 convolution with z filters, added to the input.

    It is resampled up before the first convolution or down after the second. The input passes through a 1x1 convolution
    where it is resampled or its channels change. With `norm`, batch normalisation precedes each activation.
    """

    def __init__(self, before: int, after: int, resample: Resample = "", *, norm: bool = False, dims: int = 2) -> None:
        super().__init__()
        self.resample: Resample = resample
        self.norms = nn.ModuleList(
            getattr(nn, f"BatchNorm{dims}d")(n) if norm else nn.Identity() for n in (before, after)
        )
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


def init_normal(network: Network, seed: int, deviation: float = DEVIATION) -> Network:
    """Draw all weights from N(0, deviation²) with this seed, set the biases to 0, and return the network."""
    source = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight, 0.0, deviation, generator=source)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


class WGANConfig(NamedTuple):
    """The sizes of a generator and its discriminator; `_replace(generator=16, ...)` makes them narrower."""

    shape: tuple[int, ...]  # of an image (c, h, w), or of a signal (c, length)
    seed: int  # N, the length of a seed
    generator: int  # filters of every convolution of the generator
    discriminator: int
    ups: int  # blocks of the generator, each of which doubles the size
    stages: tuple[tuple[int, bool], ...]  # of the discriminator: how many blocks, and whether average pooling ends them
    classes: int = 10  # 0: both networks are unconditional

    @property
    def dims(self) -> int:
        """2 for images, 1 for signals."""
        return len(self.shape) - 1

    @property
    def grid(self) -> tuple[int, ...]:
        """Height and width where the generator begins; its images are cut to `shape` if that is no multiple."""
        return tuple(-(-size // 2**self.ups) for size in self.shape[1:])


MNIST = WGANConfig((1, 28, 28), 64, 32, 32, ups=2, stages=((1, True), (1, True), (2, True), (2, False)))
CIFAR = WGANConfig((3, 32, 32), 128, 160, 192, ups=3, stages=((1, True), (1, True), (1, True), (1, False)))


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Class indices (b,) -> (b, classes), float32; no columns where there are no classes."""
    return F.one_hot(labels, classes).float() if classes else labels.new_zeros((len(labels), 0), dtype=torch.float32)


class Generator(nn.Module):
    """`G(n, ỹ)` (Eqs. 6 and 10): a seed and a one-hot class to an image in [0, 1]."""

    def __init__(self, plan: WGANConfig) -> None:
        super().__init__()
        self.plan = plan
        width, self.start = plan.generator, (plan.generator, *plan.grid)
        self.dense = nn.Linear(plan.seed + plan.classes, int(torch.tensor(self.start).prod()))
        self.blocks = nn.Sequential(*(Block(width, width, "up", norm=True, dims=plan.dims) for _ in range(plan.ups)))
        self.image = convolution(width, plan.shape[0], plan.dims)

    def forward(self, seeds: Tensor, y: Tensor) -> Tensor:
        """Seeds (b, N) and one-hot classes (b, classes) -> images (b, c, h, w)."""
        h = self.dense(torch.cat((seeds, y), dim=1)).unflatten(1, self.start)
        cut = (slice(None), slice(None), *(slice(size) for size in self.plan.shape[1:]))
        return torch.sigmoid(self.image(self.blocks(h)))[cut]


class Discriminator(nn.Module):
    """`D(x, y)` (Eqs. 5, 8, 9 and 11): an image and a class to a score, large for images that seem real.

    The class becomes a further channel of the image. The anomaly detector has the same architecture.
    """

    def __init__(self, plan: WGANConfig) -> None:
        super().__init__()
        self.plan, width = plan, plan.discriminator
        self.size = plan.shape[1:]
        if plan.classes:
            self.label = nn.Linear(plan.classes, int(torch.tensor(self.size).prod()))
        self.image = convolution(plan.shape[0] + bool(plan.classes), width, plan.dims)
        ends = [pooled and i == count - 1 for count, pooled in plan.stages for i in range(count)]
        self.blocks = nn.Sequential(*(Block(width, width, "down" if end else "", dims=plan.dims) for end in ends))
        self.dense = nn.Linear(width, 1)

    def features(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the input of the last layer, (b, filters): the global mean of every channel."""
        if self.plan.classes:
            x = torch.cat((x, self.label(y).unflatten(1, (1, *self.size))), dim=1)
        return F.leaky_relu(self.blocks(self.image(x)), SLOPE).flatten(2).mean(dim=2)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Images (b, c, h, w) and one-hot classes (b, classes) -> scores (b,)."""
        return self.dense(self.features(x, y)).squeeze(1)


class Classifier(nn.Module):
    """Residual blocks, global average pooling and dense layers; `features` returns the input of the last layer."""

    def __init__(self, body: nn.Sequential, head: nn.Sequential, last: nn.Linear) -> None:
        super().__init__()
        self.body, self.head, self.last = body, head, last

    def features(self, x: Tensor) -> Tensor:
        """Images (b, c, h, w) in [0, 1] -> (b, features)."""
        return self.head(self.body(x).mean(dim=(2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        """Images (b, c, h, w) in [0, 1] -> logits (b, classes)."""
        return self.last(self.features(x))

    def predicted(self, x: Tensor) -> Tensor:
        """Return the class of every image, (b,), in evaluation mode and without a gradient."""
        with torch.no_grad():
            return self(x).argmax(dim=1)


def mnist_classifier() -> Classifier:
    """RB32, AvgPool, RB32, AvgPool, RB32, RB32, AvgPool, RB32, RB32, GlobalAvgPool, Dense: 32 features.

    The paper does not say whether there is batch normalisation; there is, before each activation, as in its CIFAR-10
    network.
    """
    pooled: tuple[Resample, ...] = ("down", "down", "", "down", "", "")
    blocks = [Block(32 if i else 1, 32, resample, norm=True) for i, resample in enumerate(pooled)]
    return Classifier(nn.Sequential(*blocks), nn.Sequential(nn.BatchNorm1d(32), nn.LeakyReLU(SLOPE)), nn.Linear(32, 10))


def wide_resnet(widen: int = 4) -> Classifier:
    """WideResNet-16-4 with a head of 256 features, as for CIFAR-10: three groups of two blocks, 64 to 256 filters."""
    widths = (16, 16 * widen, 32 * widen, 64 * widen)
    layers: list[nn.Module] = [nn.Conv2d(3, widths[0], 3, padding=1)]
    for group, (before, after) in enumerate(pairwise(widths)):
        layers += [Block(before, after, "down" if group else "", norm=True), Block(after, after, norm=True)]
    layers += [nn.BatchNorm2d(widths[-1]), nn.LeakyReLU(SLOPE)]
    head = nn.Sequential(nn.Linear(widths[-1], 256), nn.LeakyReLU(SLOPE))
    return Classifier(nn.Sequential(*layers), head, nn.Linear(256, 10))


def confidence(logits: Tensor) -> Tensor:
    """Return the largest probability (b,) of logits (b, classes), the classifier's confidence."""
    return F.softmax(logits, dim=1).amax(dim=1)
