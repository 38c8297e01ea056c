"""What the weight α of the generator's loss does to a GAN that draws already (claim c-20)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy import linalg

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import seeds
from anogen.detectors.gan.networks import Generator
from anogen.detectors.gan.training import source, train
from anogen.metrics import classifier as independent
from companion.experiment import Arrays, Experiment, Inputs, Slice, fraction
from companion.studies.quality import Classifier, weights_of
from notebooks.tailored.common.wgan import CLASSES, SHOWN, GANExperiment, generate, pixels, training_data


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
        for item in train(networks, steps, data, iterations=self.further, seed=seed, state=state):
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


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Fréchet distance of two sets of features (n, f), taken for normal: ‖μ - μ'‖² + tr(Σ + Σ' - 2 (Σ Σ')^½).

    The trace of the root is the sum of the square roots of the eigenvalues of Σ Σ', which are real and not negative.
    """
    (mean, spread), (other, otherwise) = (
        (rows.mean(axis=0, dtype=np.float64), np.cov(rows.astype(np.float64), rowvar=False)) for rows in (first, second)
    )
    root = np.sqrt(linalg.eigvals(spread @ otherwise).real.clip(min=0)).sum()
    return float(((mean - other) ** 2).sum() + np.trace(spread) + np.trace(otherwise) - 2 * root)
