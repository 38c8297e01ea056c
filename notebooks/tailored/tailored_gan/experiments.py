"""Chapter `tailored-gan` (Secs. 2, 3, 4.1 and 4.2): norms of seeds, the networks, and the GAN's images."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from scipy import special, stats
from torch import Tensor, nn

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import seeds, wgan_gp
from anogen.detectors.gan.networks import CIFAR, MNIST, Discriminator, Generator, one_hot
from anogen.detectors.gan.training import source, train
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Experiment, Inputs, Slice, ascending, digits, fraction, stack
from companion.studies import classifier as independent
from companion.studies.quality import Classifier, weights_of
from notebooks.tailored.common.scores import DetectorScores
from notebooks.tailored.common.wgan import BOOK, CLASSES, SHOWN, GANExperiment, chosen, generate, pixels, training_data
from notebooks.tailored.tailored_gan.progress import REAL, Progress, earlier, frechet
from notebooks.tailored.tailored_gan.samples import Samples

PLANS = {"mnist": MNIST, "cifar10": CIFAR}
LAWS = ("corrected", "printed")
CUMULATIVE = (seeds.cumulative, seeds.printed_cumulative)
DENSITY = (seeds.density, seeds.printed_density)


@dataclass(frozen=True, kw_only=True)
class SeedNorms(Experiment):
    """Norms of normal seeds compared with Eq. 1 as printed and corrected (Fig. 1).

    Arrays, for L lengths, B bins and (corrected, printed): `lengths` (L,); `edges` (B + 1,), `histogram` (L, B), the
    density of the simulated norms; `distance` and `p_value` (L, 2) of Kolmogorov-Smirnov tests; `above` and `below`
    (L, 2), P(norm > 5) and P(norm < 1); `modes` (L, 2); `log10_volume` (L,), of a ball in its cube.
    """

    name = "seed-norms"
    exact = True
    quick: ClassVar = {"count": 5_000}
    least: ClassVar = {"count": 1}

    lengths: tuple[int, ...] = (64, 128)
    count: int = 100_000

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(lengths=self.lengths)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Simulate, and compare."""
        edges, grid = np.linspace(1, 6, 101), np.linspace(1, 6, 50_001)
        parts = []
        for i, n in enumerate(self.lengths):
            rng = self.rng(i)
            norms = np.array([np.abs(rng.normal(size=n)).max() for _ in range(self.count)])
            tests = [stats.ks_1samp(norms, cumulative, args=(n,), method="asymp") for cumulative in CUMULATIVE]
            row = {
                "histogram": np.histogram(norms, edges, density=True)[0],
                "distance": [test.statistic for test in tests],
                "p_value": [test.pvalue for test in tests],
                "above": [1 - float(cumulative(np.array(seeds.RADIUS), n)) for cumulative in CUMULATIVE],
                "below": [float(cumulative(np.array(1.0), n)) for cumulative in CUMULATIVE],
                "modes": [grid[density(grid, n).argmax()] for density in DENSITY],
                "log10_volume": log10_volume(n),
            }
            parts.append({key: np.array(value) for key, value in row.items()})
        return stack(parts, len(parts)) | {"lengths": np.array(self.lengths), "edges": edges}


def log10_volume(length: int) -> float:
    """Return the logarithm of the share of a cube that the ball inside it fills: π^(N/2) / (2^N Γ(N/2 + 1))."""
    half = length / 2
    return float((half * np.log(np.pi) - length * np.log(2) - special.gammaln(half + 1)) / np.log(10))


@dataclass(frozen=True, kw_only=True)
class Binormal(Experiment):
    """Two normal distributions of scores and a threshold that moves over them (Fig. 6).

    Normal rows are positive, as in the tables. Arrays: `thresholds` (T,), `tpr` and `fpr` (T,) of sampled
    scores; `auroc`, and `pairs`, the share of pairs in which the positive scores higher.
    """

    name = "binormal"
    exact = True
    quick: ClassVar = {"count": 200}
    least: ClassVar = {"count": 2}

    separation: float = 2.0
    count: int = 2_000

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Draw, and move the threshold."""
        rng = self.rng(0)
        normal, anomalous = rng.normal(self.separation, 1, self.count), rng.normal(0, 1, self.count)
        thresholds = np.linspace(-4, self.separation + 4, 201)
        above = normal[:, None] > anomalous
        labels = np.repeat([1, 0], self.count)
        return {
            "thresholds": thresholds,
            "tpr": (normal > thresholds[:, None]).mean(axis=1),
            "fpr": (anomalous > thresholds[:, None]).mean(axis=1),
            "auroc": np.array(roc_auc(np.concatenate([normal, anomalous]), labels)),
            "pairs": np.array(above.mean()),
        }


@dataclass(frozen=True, kw_only=True)
class NormCost(Experiment):
    """Time the Chebyshev and the Euclidean norm of many seeds, in turns, on one thread (claim c-05).

    Arrays, for R repeats: `seconds` (R, 2) of processor time, Chebyshev and Euclidean; `norms` (2,), of the first seed.
    The times are measurements and differ every time; `timed` is off at quick, so that a witness can be the same.
    """

    name = "norm-cost"
    exact = True
    quick: ClassVar = {"count": 1_000, "repeats": 1, "timed": False}
    least: ClassVar = {"length": 1, "count": 1, "repeats": 1}
    timings: ClassVar = ("seconds",)

    length: int = 64
    count: int = 1_000_000
    repeats: int = 9
    timed: bool = True

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Draw the seeds, and take both norms `repeats` times."""
        n = self.rng(0).standard_normal((self.count, self.length), dtype=np.float32)
        seconds, first = np.zeros((self.repeats, 2)), np.zeros(2)
        for repeat in range(self.repeats):
            for i, order in enumerate((np.inf, 2)):
                began = time.process_time()
                first[i] = np.linalg.norm(n, order, axis=1)[0]
                seconds[repeat, i] = time.process_time() - began
        return {"norms": first} | ({"seconds": seconds} if self.timed else {})


@dataclass(frozen=True, kw_only=True)
class Architecture(Experiment):
    """Pass one image through the networks of the paper's width, and record every layer's output (Tables 1 and 2).

    Arrays, for each of `mnist` and `cifar10`, and `generator` and `critic`: `mnist.generator.layers`, names;
    `mnist.generator.shapes` (layers, 3), channels first, a vector as (n, 1, 1); `mnist.generator.weights`, a number.
    """

    name = "architecture"
    exact = True
    quick: ClassVar = {}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Build the networks, and pass an image."""
        found: Arrays = {}
        for key, plan in PLANS.items():
            y, networks = one_hot(torch.zeros(1, dtype=torch.int64), plan.classes), wgan_gp.pair(plan)
            given = {"generator": torch.zeros(1, plan.seed), "critic": torch.zeros(1, *plan.shape)}
            for name, x in given.items():
                rows = outputs(networks[name].eval(), x, y)
                sizes = [[*shape, 1, 1][:3] for _, shape in rows]
                found |= {
                    f"{key}.{name}.layers": np.array([layer for layer, _ in rows]),
                    f"{key}.{name}.shapes": np.array(sizes),
                    f"{key}.{name}.weights": np.array(sum(p.numel() for p in networks[name].parameters())),
                }
        return found


def outputs(network: nn.Module, x: Tensor, y: Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """Return the name and the output shape of every layer of a table, in its order."""
    assert isinstance(network, Generator | Discriminator)
    seen: list[tuple[str, tuple[int, ...]]] = []
    named = {"dense": network.dense, "convolution": network.image}
    named |= {f"block {i}": block for i, block in enumerate(network.blocks, 1)}
    if isinstance(network, Discriminator) and network.plan.classes:
        named["class map"] = network.label
    hooks = [
        layer.register_forward_hook(lambda _m, _i, out, name=name: seen.append((name, tuple(out.shape[1:]))))
        for name, layer in named.items()
    ]
    with torch.no_grad():
        network(x, y)
    for hook in hooks:
        hook.remove()
    return seen


@dataclass(frozen=True, kw_only=True)
class AlphaSweep(GANExperiment):
    """Train the GAN further with each α, and look at its fakes.

    From the same weights, with fresh moments and the learning rate's whole decay: from the start it would take hours.

    Arrays, for A values of α and R trainings of each: `alphas` (A,); `agreement` (A, R), the share of fakes to which
    the classifier in the loop gives their class; `independent` (A, R), the same by a classifier that had no part in the
    training; `distance` (A, R), Fréchet's, of the independent classifier's features of the fakes from those of as many
    test images, and `ceiling`, that of as many training images; `fakes` (A, R, 10, 8, d), uint8. Of the GAN before:
    `start_agreement`, `start_independent`, `start_distance` and `start_fakes`.
    """

    name = "tailored-alpha"
    axes: ClassVar = ("alphas", "trainings")
    quick: ClassVar = {**GANExperiment.quick, "further": 2, "each": 8, "trainings": 1, "alphas": (0.1, 0.9)}
    least: ClassVar = {"trainings": 1, "further": 1, "few": 1, "each": SHOWN}

    further: int = 80  # iterations
    few: int = 32  # images of each
    alphas: tuple[float, ...] = (0.1, 0.5, 0.9)
    trainings: int = 2
    each: int = 100  # fakes of each class

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(**{f"alphas[{i}]": alpha for i, alpha in enumerate(self.alphas)})

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier in the loop, the GAN, and the independent classifier."""
        classifier = Classifier.at("quick") if self.scale == "quick" else Classifier(dataset=self.dataset)
        return GANExperiment.requires(self) | {"independent": classifier}

    def work(self) -> float:
        """Count images and filters."""
        return float(len(self.cells()) * self.further * self.few * self.width)

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train; trainings of the same number see the same images and seeds, whatever their α."""
        alpha, training = cell
        make, critic = self.trained_gan(inputs)
        networks = {"generator": make, "critic": critic}
        steps = self.train_steps(networks, self.trained_classifier(inputs), alpha)
        seed, data = int(self.rng(21, training).integers(2**31)), training_data(self.dataset, self.few)
        given: dict[str, Any] = {"iterations": self.further, "seed": seed, "precision": self.precision, "state": state}
        for item in train(networks, steps, data, **given):
            yield self.measured(make.requires_grad_(False), inputs) if isinstance(item, dict) else Slice(*item)

    def measured(self, make: Generator, inputs: Inputs) -> Arrays:
        """Make fakes, of the same seeds for every generator, and look at them."""
        labels = torch.arange(CLASSES).repeat_interleave(self.each)
        n = seeds.sample(self.seeds, len(labels), self.plan.seed, source(self.seed, 13))
        fakes = generate(make, n, labels)
        weights, rows = weights_of(inputs["independent"]), pixels(fakes)
        decided = self.trained_classifier(inputs).predicted(fakes)
        shape = datasets.load(self.dataset).image_shape
        asked = independent.predict(weights, unit(rows), shape).argmax(axis=1)
        return {
            "agreement": np.array((decided == labels).float().mean().item()),
            "independent": np.array((asked == labels.numpy()).mean()),
            "distance": np.array(frechet(independent.features(weights, unit(rows), shape), self.held_out(weights))),
            "fakes": rows.reshape(CLASSES, self.each, -1)[:, :SHOWN],
        }

    def held_out(self, weights: independent.Weights, part: str = "test") -> np.ndarray:
        """Return the independent features of as many real images as there are fakes, (n, f)."""
        data = datasets.load(self.dataset)
        x = data.x_test if part == "test" else data.x_train
        chosen = self.rng(14).permutation(len(x))[: CLASSES * self.each]
        return independent.features(weights, unit(x[chosen]), data.image_shape)

    def common(self, inputs: Inputs) -> Arrays:
        """Measure the GAN before, and the distance between training and test images."""
        weights, start = weights_of(inputs["independent"]), self.measured(self.trained_gan(inputs)[0], inputs)
        ceiling = frechet(self.held_out(weights, "train"), self.held_out(weights))
        before = {f"start_{key}": value for key, value in start.items()}
        return before | {"alphas": np.array(self.alphas), "ceiling": np.array(ceiling)}


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 8,
    path_digit: int = 1,
    width: int = BOOK["width"],
    iterations: int = BOOK["iterations"],
    until: int = BOOK["until"],
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    digits(digit, path_digit)
    given = chosen(scale, BOOK, width=width, iterations=iterations, until=until) | {"seed": seed}
    samples = Samples.at(scale, **given, digit=digit, path_digit=path_digit)
    experiments: dict[str, Experiment] = {
        "norms": SeedNorms.at(scale, seed=seed),
        "cost": NormCost.at(scale, seed=seed),
        "binormal": Binormal.at(scale, seed=seed),
        "architecture": Architecture.at(scale),
        "classifier": samples.classifier_training(),
        "gan": samples.gan_training(),
        "samples": samples,
        "alpha": AlphaSweep.at(scale, **given),
        "progress": Progress.at(scale, **given),
        "real": DetectorScores.at(scale, **given, **REAL),
    }
    return experiments | (earlier() if scale == "laptop" and given == BOOK | {"seed": 0} else {})
