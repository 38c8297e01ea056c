"""The conditional generator and discriminator of Tables 1 and 2 of the tailored paper, of any width."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.detectors.gan.layers import SLOPE, Block, convolution


class Plan(NamedTuple):
    """The sizes of a generator and its discriminator; `_replace(generator=16, ...)` makes them narrower."""

    shape: tuple[int, ...]  # of an image (c, h, w), or of a signal (c, length)
    seed: int  # N, the length of a seed
    generator: int  # filters of every convolution of the generator
    discriminator: int
    ups: int  # blocks of the generator, each of which doubles the size
    stages: tuple[tuple[int, bool], ...]  # of the discriminator: how many blocks, and whether average pooling ends them
    classes: int = 10  # 0: neither network is told a class

    @property
    def dims(self) -> int:
        """2 for images, 1 for signals."""
        return len(self.shape) - 1

    @property
    def grid(self) -> tuple[int, ...]:
        """Height and width where the generator begins; its images are cut to `shape` if that is no multiple."""
        return tuple(-(-size // 2**self.ups) for size in self.shape[1:])


MNIST = Plan((1, 28, 28), 64, 32, 32, ups=2, stages=((1, True), (1, True), (2, True), (2, False)))
CIFAR = Plan((3, 32, 32), 128, 160, 192, ups=3, stages=((1, True), (1, True), (1, True), (1, False)))


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Class indices (b,) -> (b, classes), float32; no columns where there are no classes."""
    return F.one_hot(labels, classes).float() if classes else labels.new_zeros((len(labels), 0), dtype=torch.float32)


class Generator(nn.Module):
    """`G(n, ỹ)` (Eqs. 6 and 10): a seed and a one-hot class to an image in [0, 1]."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        width, self.start = plan.generator, (plan.generator, *plan.grid)
        self.dense = nn.Linear(plan.seed + plan.classes, int(torch.tensor(self.start).prod()))
        self.blocks = nn.Sequential(*(Block(width, width, "up", norm=True, dims=plan.dims) for _ in range(plan.ups)))
        self.image = convolution(width, plan.shape[0], plan.dims)

    def forward(self, seeds: Tensor, y: Tensor) -> Tensor:
        """Seeds (b, N) and one-hot classes (b, classes) -> images (b, c, h, w)."""
        h = self.dense(torch.cat((seeds, y), dim=1)).unflatten(1, self.start)
        made: Tensor = torch.sigmoid(self.image(self.blocks(h)))
        cut = (slice(None), slice(None), *(slice(size) for size in self.plan.shape[1:]))
        return made[cut]


class Discriminator(nn.Module):
    """`D(x, y)` (Eqs. 5, 8, 9 and 11): an image and a class to a real number, large for what seems real.

    The class becomes a further channel of the image. The anomaly detector has the same architecture.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan, width = plan, plan.discriminator
        self.size = plan.shape[1:]
        if plan.classes:
            self.label = nn.Linear(plan.classes, int(torch.tensor(self.size).prod()))
        self.image = convolution(plan.shape[0] + bool(plan.classes), width, plan.dims)
        self.blocks = nn.Sequential(
            *(
                Block(width, width, "down" if pooled and i == count - 1 else "", dims=plan.dims)
                for count, pooled in plan.stages
                for i in range(count)
            )
        )
        self.dense = nn.Linear(width, 1)

    def features(self, x: Tensor, y: Tensor) -> Tensor:
        """Return what the last layer sees, (b, filters): the global mean of every channel."""
        if self.plan.classes:
            x = torch.cat((x, self.label(y).unflatten(1, (1, *self.size))), dim=1)
        return F.leaky_relu(self.blocks(self.image(x)), SLOPE).flatten(2).mean(dim=2)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Images (b, c, h, w) and one-hot classes (b, classes) -> scores (b,)."""
        scores: Tensor = self.dense(self.features(x, y))
        return scores.squeeze(1)
