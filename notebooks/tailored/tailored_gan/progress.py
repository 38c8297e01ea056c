"""How far a generator has learned: its fakes after several numbers of iterations at the printed width and batch."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from scipy import linalg

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import seeds
from anogen.detectors.gan.training import source
from companion.experiment import Arrays, Experiment, Inputs
from companion.studies import classifier as independent
from companion.studies.quality import Classifier, weights_of
from notebooks.tailored.common.wgan import CLASSES, PRINTED, SHOWN, STAGES, GANExperiment, generate, pixels
from notebooks.tailored.tailored_gan.samples import Samples

NEIGHBOURS = 5  # k of coverage and density, as their authors use
JUDGED = (1_200, 5_000, 10_000)  # earlier stages at which the criteria are evaluated, too
# Detectors trained on real images, which tell them from the generator's: only its fakes matter.
REAL: dict[str, Any] = {"real": True, "trainings": 3, "sets": ("uniform",), "each": 1}


@dataclass(frozen=True, kw_only=True)
class Progress(GANExperiment):
    """Measure the fakes of a generator, of natural seeds, with a classifier that had no part in its training.

    Arrays: `labelled` (10,), the share of fakes of each class to which the classifier gives it; `distance`, Fréchet's,
    of the classifier's features of the fakes from those of as many test images; `coverage` and `density` (Naeem et al.
    2020) among as many test images, in features; `ceiling_distance`, `ceiling_coverage` and `ceiling_density`, the same
    for as many training images; `fakes` (10, 8, d), uint8.
    """

    name = "tailored-progress"
    quick: ClassVar = {**GANExperiment.quick, "each": SHOWN}
    least: ClassVar = {"each": SHOWN}

    each: int = 100  # fakes of each class

    def requires(self) -> dict[str, Experiment]:
        """Need the GAN, and the independent classifier."""
        classifier = Classifier.at("quick") if self.scale == "quick" else Classifier(dataset=self.dataset)
        return {"gan": self.gan_training(), "independent": classifier}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Generate and measure."""
        generator, weights = self.trained_gan(inputs)[0], weights_of(inputs["independent"])
        labels = torch.arange(CLASSES).repeat_interleave(self.each)
        n = seeds.sample(self.seeds, len(labels), self.plan.seed, source(self.seed, 13))
        data, rows = datasets.load(self.dataset), pixels(generate(generator, n, labels))
        test, train = (x[self.rng(14).permutation(len(x))[: len(labels)]] for x in (data.x_test, data.x_train))
        decided = independent.predict(weights, unit(rows), data.image_shape).argmax(axis=1)
        fakes, real, ceiling = (independent.features(weights, unit(x), data.image_shape) for x in (rows, test, train))
        return {
            "labelled": (decided == labels.numpy()).reshape(CLASSES, self.each).mean(axis=1),
            "fakes": rows.reshape(CLASSES, self.each, -1)[:, :SHOWN],
            **likeness(fakes, real),
            **{f"ceiling_{key}": value for key, value in likeness(ceiling, real).items()},
        }


def likeness(features: np.ndarray, real: np.ndarray) -> Arrays:
    """Return Fréchet distance, coverage and density of features (n, f) among those of real images (m, f)."""
    coverage, density = coverage_and_density(features, real)
    return {
        "distance": np.array(frechet(features, real)),
        "coverage": np.array(coverage),
        "density": np.array(density),
    }


def coverage_and_density(features: np.ndarray, real: np.ndarray, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Return coverage and density of features (n, f) among those of real images (m, f); Naeem et al. 2020, Eqs. 3, 4.

    Each real image has a ball that reaches to its k-th nearest other real image. Coverage is the share of balls with a
    generated image inside; density the mean number of balls around a generated image, divided by k.
    """
    x, y = torch.from_numpy(features).double(), torch.from_numpy(real).double()
    radii = torch.cdist(y, y).kthvalue(min(k + 1, len(y)), dim=1).values
    inside = torch.cdist(y, x) <= radii[:, None]
    return float(inside.any(dim=1).double().mean()), float(inside.sum() / (k * len(x)))


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Fréchet distance of two sets of features (n, f), taken for normal: ‖μ - μ'‖² + tr(Σ + Σ' - 2 (Σ Σ')^½).

    The trace of the root is the sum of the square roots of the eigenvalues of Σ Σ', which are real and not negative.
    """
    (mean, spread), (other, otherwise) = (
        (rows.mean(axis=0, dtype=np.float64), np.cov(rows.astype(np.float64), rowvar=False)) for rows in (first, second)
    )
    root = np.sqrt(linalg.eigvals(spread @ otherwise).real.clip(min=0)).sum()
    return float(((mean - other) ** 2).sum() + np.trace(spread) + np.trace(otherwise) - 2 * root)


def earlier() -> dict[str, Experiment]:
    """Return measures and samples of the book's other generators, by role: the narrow one, and earlier stages."""
    stages = {f"progress-{iterations}": Progress(**PRINTED, until=iterations) for iterations in STAGES[:-1]}
    judged = {f"samples-{iterations}": Samples(**PRINTED, until=iterations) for iterations in JUDGED}
    return {"progress-narrow": Progress(), **stages, **judged}
