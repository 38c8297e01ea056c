"""Chapter `tailored-cifar` (Secs. 4.3, 4.5 and 5): the tailored detector of colour images, and Fig. 17."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch

from anogen import datasets
from anogen.detectors.gan import seeds, wgan_gp
from anogen.detectors.gan.training import load, source
from companion.datasets.anomaly_sets import fitted
from companion.experiment import Arrays, Experiment, Inputs, stack
from notebooks.tailored.common import wgan
from notebooks.tailored.common.detector import DetectorExperiment
from notebooks.tailored.common.scores import COLOUR_SETS, LEVELS, CriticScores, DetectorScores, classify, score_images
from notebooks.tailored.common.wgan import (
    BOOK,
    CLASSES,
    FINE,
    NORMS,
    GANExperiment,
    TailoredGAN,
    generate,
    generate_along,
    pixels,
)
from notebooks.tailored.tailored_mnist.experiments import UPDATES as DIGITS_UPDATES

WIDTH, ITERATIONS, TRAININGS, UPDATES = 16, 1_200, 2, 300  # of the book: an hour or two, all in all
UNSCALED: dict[str, Any] = {"width": 14, "iterations": 500, "scaled": False}  # a training that failed, for comparison
SCALES: dict[str, dict[str, Any]] = {
    "laptop": {"width": WIDTH, "iterations": ITERATIONS, "batch": 32, "trainings": TRAININGS, "updates": UPDATES},
    # 1,500 epochs, ratio 5
    "paper": {"width": 160, "iterations": 150_000, "batch": 100, "trainings": 8, "updates": 1_200},
}
# The training of each variant of the detector (Tables 6, 8 and 10). CIFAR-100 replaces SVHN, which the book lacks.
VARIANTS: dict[str, dict[str, Any]] = {"generated": {}, "specific": {"specific": "cifar100"}, "real": {"real": True}}
JUDGED: dict[str, Any] = {"sets": COLOUR_SETS, "count": 1_000, "each": 10}  # there are 1,079 test scenes
KINDS = ("real", "fakes", "near")


@dataclass(frozen=True, kw_only=True)
class ColourSamples(GANExperiment):
    """Measure the generator's images.

    Arrays, for K `norms` 0..15 and images of d pixels, uint8: `shared` (10, K, d), one seed in every class; `fakes`
    (10, 8, d), of natural seeds; `hit` (10,), the share of `count` such fakes that the classifier gives their class.
    """

    name = "tailored-colour-samples"
    quick: ClassVar = {**GANExperiment.quick, "count": 8}
    least: ClassVar = {"count": wgan.SHOWN}

    count: int = 100  # of each class

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Generate and measure."""
        classifier, (generator, _) = self.trained_classifier(inputs), self.trained_gan(inputs)
        draw = source(self.seed, 20)
        direction = torch.randn(1, self.plan.seed, generator=draw)
        n = [seeds.sample_natural(self.count, self.plan.seed, draw) for _ in range(CLASSES)]
        fakes = [generate(generator, of_class, torch.full((self.count,), y)) for y, of_class in enumerate(n)]
        hits = [(classifier.predicted(one) == y).float().mean().item() for y, one in enumerate(fakes)]
        return {
            "norms": NORMS,
            "shared": np.stack([pixels(generate_along(generator, direction, y, NORMS)[0]) for y in range(CLASSES)]),
            "fakes": np.stack([pixels(one[: wgan.SHOWN]) for one in fakes]),
            "hit": np.array(hits),
        }


@dataclass(frozen=True, kw_only=True)
class CrossedGenerator(DetectorExperiment):
    """Score images of a generator of colour images by detectors of digits, in grey and of the digits' size.

    Arrays, for T detectors and F norms `fine`: `curve` (T, 10, F), mean scores by the generator's
    class; `threshold` (T, 2), that accept 95 and 99% of 1,000 training images; `refused` (T, 3, 2), the share of
    `KINDS` that they refuse: real colour images, fakes, and near anomalies of norm [6, 7].
    """

    name = "tailored-crossed"
    quick: ClassVar = {**DetectorExperiment.quick, "count": 20, "each": 1}
    least: ClassVar = {"count": 1, "each": 1}

    gan: tuple[int, int, int, int] = (16, 1_200, 32, 5)  # filters, iterations, batch and ratio of the training
    count: int = 1_000
    each: int = 20  # seeds of each class in a curve

    def foreign(self) -> TailoredGAN:
        """Return the training of the generator of colour images; at quick there are only digits."""
        if self.scale == "quick":
            return self.gan_training()
        sizes: dict[str, Any] = dict(zip(("width", "iterations", "batch", "ratio"), self.gan, strict=True))
        own = TailoredGAN.at(self.scale, seed=self.seed)
        return replace(own, dataset="cifar10", scaled=True, **sizes)

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, the GAN and the detectors of digits, and the GAN of colour images."""
        return super().requires() | {"foreign": self.foreign()}

    def datasets(self) -> tuple[str, ...]:
        """Name both data sets."""
        return (self.dataset, self.foreign().dataset)

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * (3 * self.count + self.each * CLASSES * len(FINE)))

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Generate the images once, and score them by every detector."""
        classifier, foreign = self.trained_classifier(inputs), self.foreign()
        generator = load(wgan_gp.pair(foreign.plan)["generator"], "generator", inputs["foreign"]).requires_grad_(False)
        draw, labels, size = source(self.seed, 21), torch.arange(self.count) % CLASSES, (self.count, foreign.plan.seed)
        x = datasets.load(foreign.dataset).x_test
        real = wgan.images(x[self.rng(22).permutation(len(x))[: self.count]]).float() / 255
        n = seeds.sample_natural(*size, draw), seeds.sample_band(*size, seeds.TEST_BAND, draw)
        kinds = real, *(generate(generator, kind, labels) for kind in n)  # in the order of `KINDS`
        directions = torch.randn(self.each, foreign.plan.seed, generator=draw)
        along = [generate_along(generator, directions, y, FINE).flatten(0, 1) for y in range(CLASSES)]
        grey = (fitted((x * 255).round().to(torch.uint8), self.plan.shape).float() / 255 for x in (*kinds, *along))
        seen = [classify(x, classifier) for x in grey]
        groups, walks = seen[: len(KINDS)], seen[len(KINDS) :]
        train = classify(self.select_images("train", 1_000, self.rng(4)), classifier)
        parts: list[Arrays] = []
        for score in self.score_functions(inputs):
            threshold = np.quantile(score_images(score, train), [1 - level for level in LEVELS])
            curves = [score_images(score, walk).reshape(-1, len(FINE)).mean(axis=0) for walk in walks]
            refused = [(score_images(score, group)[:, None] <= threshold).mean(axis=0) for group in groups]
            parts.append({"curve": np.array(curves), "threshold": threshold, "refused": np.array(refused)})
        return stack(parts, len(parts)) | {"fine": FINE}


def chapter_experiments(
    scale: str = "laptop",
    width: int = WIDTH,
    iterations: int = ITERATIONS,
    trainings: int = TRAININGS,
    updates: int = UPDATES,
    svhn: int = 0,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter by role; with the book's parameters alone, also those of `UNSCALED`.

    `svhn` adds SVHN, if its file is available, to the sets of anomalies: see `companion.datasets.anomaly_sets`.
    """
    quick = scale == "quick"  # which has no data but digits and noise
    asked = {"width": width, "iterations": iterations, "trainings": trainings, "updates": updates}
    explicit = {key: value for key, value in asked.items() if value != SCALES["laptop"][key]}
    given: dict[str, Any] = {} if quick else {"dataset": "cifar10", "ratio": 5, "scaled": True, **SCALES[scale]}
    given |= explicit | {"seed": seed}
    gan = {key: value for key, value in given.items() if key not in ("trainings", "updates")}
    judged: dict[str, Any] = {} if quick else JUDGED
    variants = VARIANTS
    if svhn:
        judged, variants = JUDGED | {"sets": (*COLOUR_SETS, "svhn")}, VARIANTS | {"specific": {"specific": "svhn"}}
    samples = ColourSamples.at(scale, **gan)
    found: dict[str, Experiment] = {
        "classifier": samples.classifier_training(),
        "gan": samples.gan_training(),
        "samples": samples,
        "critic": CriticScores.at(scale, **gan | judged | {"trainings": 1}),
    }
    if scale == "laptop" and not explicit and seed == 0:
        failed = ColourSamples.at(scale, **gan | UNSCALED)
        found |= {"unscaled": failed.gan_training(), "unscaled-samples": failed}
    for name in ("generated", "real") if quick else variants:
        trained = DetectorScores.at(scale, **given | judged | variants[name])
        found |= {name: trained, f"{name}-training": trained.detector_training()}
    sizes = () if quick else tuple(given[key] for key in ("width", "iterations", "batch", "ratio"))
    digits: dict[str, Any] = BOOK | {"updates": DIGITS_UPDATES} if scale == "laptop" else {}
    found["crossed"] = CrossedGenerator.at(scale, **given if quick else digits | {"gan": sizes, "seed": seed})
    return found
