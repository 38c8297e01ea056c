"""What the tailored detector is trained from: the classifier to protect, and a WGAN-GP tailored to it (Secs. 3, 4)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from anogen import datasets
from anogen.detectors.gan import classifiers, wgan_gp
from anogen.detectors.gan.classifiers import Classifier
from anogen.detectors.gan.networks import (
    CIFAR,
    DEVIATION,
    MNIST,
    Discriminator,
    Generator,
    Network,
    WGANConfig,
    init_normal,
)
from anogen.detectors.gan.training import Batch, Data, TrainStep, load, train
from companion.experiment import Arrays, Experiment, Inputs, Slice, at_least, fraction

# What two processors can train of the classifier of colour images.
REDUCED: dict[tuple[str, str], dict[str, int]] = {("laptop", "cifar10"): {"widen": 1, "iterations": 1_500}}


def images(rows: np.ndarray) -> Tensor:
    """uint8 images (n, h, w) or (n, h, w, 3) -> (n, c, h, w), uint8."""
    tensor = torch.tensor(rows)
    return tensor.unsqueeze(1) if tensor.ndim == 3 else tensor.permute(0, 3, 1, 2).contiguous()


def real(dataset: str, batch: int) -> Data:
    """Return the training images of a data set, as the training loop takes them."""
    data = datasets.load(dataset)
    return Data(images(data.x_train), torch.tensor(data.y_train.astype(np.int64)), batch)


@dataclass(frozen=True, kw_only=True)
class TailoredClassifier(Experiment):
    """Train the classifier to protect: for MNIST as in Sec. 3.1, for CIFAR-10 a WideResNet. The paper gives no recipe.

    Arrays: `weights.classifier.*`; `losses.classifier.loss` (iterations,); `accuracy` on the test set.
    """

    name = "tailored-classifier"
    quick: ClassVar = {"dataset": "mnist-5k", "iterations": 20, "batch": 20}
    paper: ClassVar = {"iterations": 100_000}
    named: ClassVar = ("dataset",)
    tolerance = 0.3

    dataset: str = "mnist"
    iterations: int = 600
    batch: int = 100
    rate: float = 2e-3
    widen: int = 4  # of the WideResNet-16

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, iterations=self.iterations, batch=self.batch, widen=self.widen)

    def untrained(self) -> Classifier:
        """Return the classifier before training."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            return classifiers.wide_resnet(widen=self.widen) if self.dataset == "cifar10" else classifiers.mnist()

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train, and count what is right on the test set."""
        network = self.untrained()

        def loss(batch: Batch) -> dict[str, Tensor]:
            return {"loss": F.cross_entropy(network(batch.x), batch.y)}

        player = TrainStep(("classifier",), loss, rate=self.rate)
        game_ = {"classifier": network}, {"classifier": player}, real(self.dataset, self.batch)
        for item in train(*game_, iterations=self.iterations, seed=self.seed, state=state):
            yield item | {"accuracy": self.accuracy(network)} if isinstance(item, dict) else Slice(*item)

    def accuracy(self, network: Classifier) -> np.ndarray:
        """Return the share of test images that are classified right."""
        data = datasets.load(self.dataset)
        found = [network.predicted(part.float() / 255) for part in images(data.x_test).split(500)]
        return np.array((torch.cat(found).numpy() == data.y_test).mean())


@dataclass(frozen=True, kw_only=True)
class Tailored(Experiment):
    """What every experiment on the WGAN-GP has: how it was trained. `paper` is as printed; the default is smaller.

    A narrow network that begins with the printed weights is nearly linear, and a step of the printed rate changes it
    less. In colour, such a critic does not keep up with its generator. `scaled` makes both larger, the weights at the
    start and the critic's rate, by the root of the printed width over this one; at the printed width nothing changes.
    """

    quick: ClassVar = {"dataset": "mnist-5k", "width": 8, "iterations": 20, "batch": 20}
    paper: ClassVar = {
        "width": 32, "iterations": 300_000, "batch": 100, "betas": (0.9, 0.999), "device": "cuda",
    }  # fmt: skip
    named: ClassVar = ("dataset",)
    tolerance = 0.5
    uncompared: ClassVar[tuple[str, ...]] = ("*bias",)  # before a normalisation, whose gradients are rounding errors

    dataset: str = "mnist"
    width: int = 16
    iterations: int = 1_200
    batch: int = 64
    rate: float = 2e-4
    scaled: bool = False
    betas: tuple[float, float] = (0.5, 0.9)
    ratio: int = 3
    alpha: float = 0.5
    penalty: float = 10.0
    seeds: Literal["natural", "uniform"] = "natural"
    stage: int = 1
    device: str = "cpu"

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, width=self.width, iterations=self.iterations, batch=self.batch, ratio=self.ratio, stage=self.stage)
        fraction(alpha=self.alpha)

    @property
    def plan(self) -> WGANConfig:
        """The sizes of the generator, the critic and the anomaly detector; for colour in the ratio of 160 to 192."""
        if self.dataset == "cifar10":
            return CIFAR._replace(generator=self.width, discriminator=self.width * 6 // 5)
        return MNIST._replace(generator=self.width, discriminator=self.width)

    @property
    def larger(self) -> float:
        """How much larger than printed the weights at the start and the critic's rate are."""
        printed = CIFAR if self.dataset == "cifar10" else MNIST
        return math.sqrt(printed.generator / self.width) if self.scaled else 1.0

    def begun(self, network: Network, seed: int) -> Network:
        """Draw the weights of a generator, a critic or a detector."""
        return init_normal(network, seed, DEVIATION * self.larger)

    def classifier(self) -> TailoredClassifier:
        """Return the experiment that trains the classifier."""
        if self.scale == "quick":
            return TailoredClassifier.at("quick")
        return TailoredClassifier.at(self.scale, dataset=self.dataset, **REDUCED.get((self.scale, self.dataset), {}))

    def training(self) -> "TailoredGAN":
        """Return the experiment that trains the GAN."""
        return TailoredGAN(**{f.name: getattr(self, f.name) for f in fields(TailoredGAN)})

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier and the trained GAN."""
        return {"classifier": self.classifier(), "gan": self.training()}

    def judge(self, inputs: Inputs) -> Classifier:
        """Return the trained classifier C."""
        network: Classifier = load(self.classifier().untrained(), "classifier", inputs["classifier"])
        return network.requires_grad_(False)

    def made(self, inputs: Inputs) -> tuple[Generator, Discriminator]:
        """Return the trained generator G and critic D."""
        found = wgan_gp.pair(self.plan)
        one, other = (load(found[name], name, inputs["gan"]).requires_grad_(False) for name in ("generator", "critic"))
        return one, other


@dataclass(frozen=True, kw_only=True)
class TailoredGAN(Tailored):
    """Train the WGAN-GP with the classifier in the loop (Eqs. 2-10).

    A further stage goes on from the weights of the one before, with fresh moments and the learning rate's whole decay.

    Arrays: `weights.generator.*`, `weights.critic.*`; `losses.critic.*` and `losses.generator.*` (iterations,).
    """

    name = "tailored-gan"

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, and the stage before."""
        before = {"before": replace(self, stage=self.stage - 1)} if self.stage > 1 else {}
        return {"classifier": self.classifier(), **before}

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train; another device gives other last bits, and so another network."""
        networks = wgan_gp.pair(self.plan)
        for number, (name, network) in enumerate(networks.items()):
            if self.stage == 1:
                self.begun(network, int(self.rng(0, number).integers(2**31)))
            else:
                load(network, name, inputs["before"])
        sides = wgan_gp.train_steps(
            networks, self.plan, self.judge(inputs).to(self.device), kind=self.seeds,
            alpha=self.alpha, penalty=self.penalty, ratio=self.ratio, rate=self.rate,
            critic_rate=self.rate * self.larger, betas=self.betas,
        )  # fmt: skip
        seed = int(self.rng(self.stage).integers(2**31))
        given: dict[str, Any] = {"iterations": self.iterations, "seed": seed, "device": self.device, "state": state}
        for item in train(networks, sides, real(self.dataset, self.batch), **given):
            yield item if isinstance(item, dict) else Slice(*item)
