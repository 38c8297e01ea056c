"""The classifier to protect, and a WGAN-GP tailored to it: the training material of the detector (Secs. 3, 4)."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen import datasets
from anogen.detectors.gan import networks, seeds, wgan_gp
from anogen.detectors.gan.networks import CIFAR, MNIST, Classifier, Discriminator, Generator, Network, one_hot
from anogen.detectors.gan.training import Batch, Data, Precision, TrainStep, load, train
from anogen.errors import InputError
from companion.experiment import Arrays, Experiment, Inputs, Slice, fraction

CLASSES = 10
NORMS = np.arange(16.0)  # of the panels and distances
FINE = np.arange(0.0, 15.5, 0.5)  # of the paths, as stated for Fig. 14, and of the curves
BATCH = 500
STAGES = (1_200, 3_500, 5_000, 10_000, 15_000, 20_000)  # iterations after which the training of a GAN is recorded
PASSING = (3_500, 15_000)  # of them, those of which the book keeps measures and no weights
SHOWN = 8  # seeds in Fig. 3, and fakes of each class
# The printed networks and batch; the rates fall over so many iterations.
PRINTED: dict[str, Any] = {"width": 32, "iterations": 20_000, "batch": 100, "precision": "bfloat16"}
BOOK = PRINTED | {"until": STAGES[-1]}  # the generator of digits of the book's pages
# The part of the classifier of colour images that two processors can train.
REDUCED: dict[tuple[str, str], dict[str, int]] = {("laptop", "cifar10"): {"widen": 1, "iterations": 1_500}}


def chosen(scale: str, book: Mapping[str, Any], **explicit: object) -> dict[str, Any]:
    """Return the parameters of a page's experiments: the book's at its own scale, and what a reader changed."""
    changed = {key: value for key, value in explicit.items() if value != book.get(key)}
    if "iterations" in changed:
        changed.setdefault("until", 0)
    return (dict(book) if scale == "laptop" else {}) | changed


def images(rows: np.ndarray) -> Tensor:
    """Return uint8 images (n, h, w) or (n, h, w, 3) as (n, c, h, w)."""
    tensor = torch.tensor(rows)
    return tensor.unsqueeze(1) if tensor.ndim == 3 else tensor.permute(0, 3, 1, 2).contiguous()


def training_data(dataset: str, batch: int) -> Data:
    """Return the training images of a data set in batches for the training loop."""
    data = datasets.load(dataset)
    return Data(images(data.x_train), torch.tensor(data.y_train.astype(np.int64)), batch)


def generate(generator: Generator, n: Tensor, labels: Tensor) -> Tensor:
    """Return the images (b, c, h, w) of seeds (b, N) and classes (b,), without a gradient."""
    with torch.no_grad():
        parts = zip(n.split(BATCH), one_hot(labels, CLASSES).split(BATCH), strict=True)
        return torch.cat([generator(*part) for part in parts])


def generate_along(generator: Generator, directions: Tensor, label: int, norms: np.ndarray) -> Tensor:
    """Return the images of seeds in S directions, with each of K norms, of one class, (S, K, c, h, w)."""
    radii = torch.tensor(norms, dtype=torch.float32)
    n = seeds.rescale(directions[:, None], radii.expand(len(directions), -1))
    made = generate(generator, n.flatten(0, 1), torch.full((n.shape[0] * n.shape[1],), label))
    return made.unflatten(0, n.shape[:2])


def pixels(x: Tensor) -> np.ndarray:
    """Return images (..., c, h, w) in [0, 1] as uint8 (..., d), channels last."""
    rows = (x * 255).round().to(torch.uint8).movedim(-3, -1).flatten(-3)
    return np.asarray(rows.numpy())


@dataclass(frozen=True, kw_only=True)
class TailoredClassifier(Experiment):
    """Train the classifier to protect: for MNIST as in Sec. 3.1, for CIFAR-10 a WideResNet. The paper gives no recipe.

    Arrays: `weights.classifier.*`; `losses.classifier.loss` (iterations,); `accuracy` on the test set.
    """

    name = "tailored-classifier"
    quick: ClassVar = {"dataset": "mnist-5k", "iterations": 20, "batch": 20}
    paper: ClassVar = {"iterations": 100_000}
    named: ClassVar = ("dataset",)
    least: ClassVar = {"iterations": 1, "batch": 1, "widen": 1}

    dataset: str = "mnist"
    iterations: int = 600
    batch: int = 100
    rate: float = 2e-3
    widen: int = 4  # of the WideResNet-16

    def untrained(self) -> Classifier:
        """Return the classifier before training."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            return networks.wide_resnet(widen=self.widen) if self.dataset == "cifar10" else networks.mnist_classifier()

    def train_steps(self, network: Classifier) -> dict[str, TrainStep]:
        """Return the update of the training: Adam on the cross-entropy."""

        def loss(batch: Batch) -> dict[str, Tensor]:
            return {"loss": F.cross_entropy(network(batch.x), batch.y)}

        return {"classifier": TrainStep(("classifier",), loss, rate=self.rate)}

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train, and measure the accuracy on the test set."""
        network, data = self.untrained(), training_data(self.dataset, self.batch)
        given: dict[str, Any] = {"iterations": self.iterations, "seed": self.seed, "state": state}
        for item in train({"classifier": network}, self.train_steps(network), data, **given):
            yield item | {"accuracy": self.accuracy(network)} if isinstance(item, dict) else Slice(*item)

    def accuracy(self, network: Classifier) -> np.ndarray:
        """Return the share of test images that are classified correctly, ()."""
        data = datasets.load(self.dataset)
        predicted = [network.predicted(part.float() / 255) for part in images(data.x_test).split(BATCH)]
        return np.array((torch.cat(predicted).numpy() == data.y_test).mean())


@dataclass(frozen=True, kw_only=True)
class GANExperiment(Experiment):
    """Parameters of the WGAN-GP's training, for every experiment on it. `paper` is as printed; the default is smaller.

    A narrow network that begins with the printed weights is nearly linear, and a step of the printed rate changes it
    less. In colour, such a critic does not keep up with its generator. `scaled` makes both larger, the weights at the
    start and the critic's rate, by the root of the printed width over this one; at the printed width nothing changes.
    """

    quick: ClassVar = {"dataset": "mnist-5k", "width": 8, "iterations": 20, "batch": 20}
    paper: ClassVar = {"width": 32, "iterations": 300_000, "batch": 100, "betas": (0.9, 0.999), "device": "cuda"}
    named: ClassVar = ("dataset",)
    least: ClassVar = {"width": 1, "iterations": 1, "until": 0, "resumed": 0, "batch": 1, "ratio": 1}

    dataset: str = "mnist"
    width: int = 16
    iterations: int = 1_200  # over which the rates fall
    until: int = 0  # iterations that are done; 0: all
    resumed: int = 0  # iterations of a training whose rates fell to its end, from whose weights this one goes on
    batch: int = 64
    rate: float = 2e-4
    scaled: bool = False
    betas: tuple[float, float] = (0.5, 0.9)
    ratio: int = 3
    alpha: float = 0.5
    penalty: float = 10.0
    seeds: Literal["natural", "uniform"] = "natural"
    precision: Precision = "float32"
    device: str = "cpu"

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(alpha=self.alpha)
        if self.until > self.iterations:
            raise InputError(f"until = {self.until} is more than the {self.iterations} iterations: give at most these")

    @property
    def done(self) -> int:
        """The number of iterations that are done."""
        return self.until or self.iterations

    @property
    def stage_before(self) -> int:
        """The iterations after which the stage before this one ended; 0 for the first."""
        return max((end for end in STAGES if end < self.done), default=0)

    @property
    def plan(self) -> networks.WGANConfig:
        """The sizes of the generator, the critic and the anomaly detector; for colour in the ratio of 160 to 192."""
        if self.dataset == "cifar10":
            return CIFAR._replace(generator=self.width, discriminator=self.width * 6 // 5)
        return MNIST._replace(generator=self.width, discriminator=self.width)

    @property
    def width_gain(self) -> float:
        """The factor on the printed deviation of the initial weights and on the critic's rate."""
        printed = CIFAR if self.dataset == "cifar10" else MNIST
        return math.sqrt(printed.generator / self.width) if self.scaled else 1.0

    def initialise(self, network: Network, seed: int) -> Network:
        """Draw the weights of a generator, a critic or a detector."""
        return networks.init_normal(network, seed, networks.DEVIATION * self.width_gain)

    def classifier_training(self) -> TailoredClassifier:
        """Return the experiment that trains the classifier."""
        if self.scale == "quick":
            return TailoredClassifier.at("quick")
        return TailoredClassifier.at(self.scale, dataset=self.dataset, **REDUCED.get((self.scale, self.dataset), {}))

    def gan_training(self) -> "TailoredGAN":
        """Return the experiment that trains the GAN."""
        return TailoredGAN(**{f.name: getattr(self, f.name) for f in fields(TailoredGAN)})

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier and the trained GAN."""
        return {"classifier": self.classifier_training(), "gan": self.gan_training()}

    def train_steps(
        self, networks: Mapping[str, nn.Module], classifier: Classifier, alpha: float
    ) -> dict[str, TrainStep]:
        """Return the updates of critic and generator, with the classifier in the loop."""
        return wgan_gp.train_steps(
            networks, self.plan, classifier, kind=self.seeds, alpha=alpha, penalty=self.penalty, ratio=self.ratio,
            rate=self.rate, critic_rate=self.rate * self.width_gain, betas=self.betas,
        )  # fmt: skip

    def trained_classifier(self, inputs: Inputs) -> Classifier:
        """Return the trained classifier C."""
        network: Classifier = load(self.classifier_training().untrained(), "classifier", inputs["classifier"])
        return network.requires_grad_(False)

    def trained_gan(self, inputs: Inputs) -> tuple[Generator, Discriminator]:
        """Return the trained generator G and critic D."""
        networks = wgan_gp.pair(self.plan).items()
        generator, critic = (load(network, name, inputs["gan"]).requires_grad_(False) for name, network in networks)
        return generator, critic

    def select_images(self, part: Literal["train", "test"], count: int, rng: np.random.Generator) -> Tensor:
        """Return at most `count` random images of a part of the data set, (n, c, h, w), in [0, 1]."""
        data = datasets.load(self.dataset)
        rows = data.x_train if part == "train" else data.x_test
        return images(rows[rng.permutation(len(rows))[:count]]).float() / 255


@dataclass(frozen=True, kw_only=True)
class TailoredGAN(GANExperiment):
    """Train the WGAN-GP with the classifier in the loop (Eqs. 2-10).

    Training is recorded at each of `STAGES`: a later stage goes on from the weights of the one before, with fresh
    moments, while the learning rate goes on falling.

    Arrays: `weights.generator.*`, `weights.critic.*`; `losses.critic.*` and `losses.generator.*` (iterations,).
    """

    name = "tailored-gan"

    def kept(self) -> bool:
        """Keep the weights at the end, and most stages of the first GAN; each fills a megabyte."""
        return self.done == self.iterations or (self.seed == 0 and self.done not in PASSING)

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, and the stage before."""
        return {"classifier": self.classifier_training()} | ({"before": self.before()} if self.stage_before else {})

    def before(self) -> "TailoredGAN":
        """Return the training up to the stage before, whose rates fell over the `resumed` iterations if it is older."""
        earlier = replace(self, until=self.stage_before)
        if earlier.until > self.resumed:
            return earlier
        return replace(earlier, iterations=self.resumed, resumed=0)

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train; another device gives other last bits, and so another network."""
        networks = wgan_gp.pair(self.plan)
        for number, (name, network) in enumerate(networks.items()):
            if self.stage_before:
                load(network, name, inputs["before"])
            else:
                self.initialise(network, int(self.rng(0, number).integers(2**31)))
        steps = self.train_steps(networks, self.trained_classifier(inputs).to(self.device), self.alpha)
        given: dict[str, Any] = {
            "iterations": self.iterations, "begin": self.stage_before, "until": self.done, "state": state,
            "seed": int(self.rng(1).integers(2**31)), "precision": self.precision, "device": self.device,
        }  # fmt: skip
        for item in train(networks, steps, training_data(self.dataset, self.batch), **given):
            yield item if isinstance(item, dict) else Slice(*item)
