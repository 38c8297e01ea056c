"""Scores of detectors and critic on sets of anomalies, by the paper's measures (Tables 3-10, Figs. 7-12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.detectors.gan import seeds
from anogen.detectors.gan.networks import Classifier, Discriminator, Generator, confidence
from anogen.detectors.gan.training import source
from anogen.metrics.detection import roc_auc
from companion.datasets.anomaly_sets import CATALOGUED, anomalies
from companion.experiment import Arrays, Inputs
from notebooks.tailored.common.detector import DetectorExperiment, ScoreFunction
from notebooks.tailored.common.wgan import BATCH, CLASSES, FINE, generate, generate_along

DIGIT_SETS = ("fashion", "omniglot", "notmnist", "uniform", "gaussian", "cifar10")
COLOUR_SETS = ("cifar100", "mnist", "scenes", "uniform", "gaussian")
BANDS = [(float(low), float(low + 1)) for low in range(20)]
LEVELS = (0.95, 0.99)  # of the real images that a threshold accepts
RATES = np.linspace(0, 1, 201)  # false positive rates at which a ROC curve is kept
OF_FIRST = ("roc", "scores")  # arrays of the first detector only


class Group(NamedTuple):
    """Images that are scored together, with the classifier's decisions and confidence."""

    x: Tensor
    decided: Tensor  # (n,)
    confidence: np.ndarray  # (n,)


Groups = Sequence[Group]


def classify(x: Tensor, classifier: Classifier) -> Group:
    """Return images (n, c, h, w) as a group, with the classifier's decisions."""
    with torch.no_grad():
        logits = torch.cat([classifier(part) for part in x.split(BATCH)])
    return Group(x, logits.argmax(dim=1), confidence(logits).numpy())


def score_images(score: ScoreFunction, group: Group) -> np.ndarray:
    """Return score(x) = D(x, Ĉ(x)) (Eq. 11), (n,); larger is more normal."""
    with torch.no_grad():
        parts = zip(group.x.split(BATCH), group.decided.split(BATCH), strict=True)
        return np.asarray(torch.cat([score(*part) for part in parts]).numpy().astype(np.float64))


def auroc(normal: np.ndarray, anomalous: np.ndarray) -> float:
    """Return the AUROC with real images as the positive class, as in the tables; NaN if one kind is missing."""
    if not len(normal) or not len(anomalous):
        return float("nan")
    return roc_auc(np.concatenate([normal, anomalous]), np.repeat([1, 0], [len(normal), len(anomalous)]))


@dataclass(frozen=True, kw_only=True)
class DetectorScores(DetectorExperiment):
    """Score sets of anomalies by the trained detectors (Tables 5 to 10).

    Arrays, for T detectors, A sets, B = 20 unit `bands` of norms and F norms `fine`: `names` (A,), of `sets`, then
    `fakes` of natural norms, `fakes-uniform` in [0, 5] and `near` in [6, 7]; `auroc`, `fpr95` (T, A);
    `accuracy` (T, A, 2) at the thresholds that accept 95 and 99% of 1,000 training images, `threshold` (T, 2), and
    `accepted` (T, 2), the share of test images that they accept; `recognised` (T, B), at 95%; `band_auroc` (T, B, 10),
    of the bands' images of each class against the real images of the class; `radius` (T, R), the first norm at which
    an image of a seed is refused; `curve` (T, 10, F), mean scores, with `confidence_curve` and `hit_curve` (10, F);
    `confidence_auroc` (A,), by the classifier's confidence alone. Of the first detector: `roc` (A, 201), and `scores`
    (A + 1, n), first the real images', as `confidence` (A + 1, n).
    """

    name = "tailored-scores"
    quick: ClassVar = {**DetectorExperiment.quick, "sets": ("uniform", "gaussian"), "count": 40, "each": 1}
    least: ClassVar = {"count": 1, "each": 1}
    # Quick detectors score all images nearly equally: rounding decides which of two is larger.

    sets: tuple[str, ...] = DIGIT_SETS
    count: int = 2_000  # images of each set; the paper has 10,000
    each: int = 40  # images of each class and band, and seeds of each class in a curve

    def datasets(self) -> tuple[str, ...]:
        """Return the data set of real images, and those of the anomalies with a checksum of their own."""
        return (self.dataset, *(CATALOGUED[name] for name in self.sets if name in CATALOGUED))

    def work(self) -> float:
        """Count images."""
        images = self.count * len(self.sets) + self.each * CLASSES * (len(BANDS) + 2 * len(FINE))
        return float(self.trainings * images)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Generate the images once, and score them by every detector."""
        classifier, (generator, _) = self.trained_classifier(inputs), self.trained_gan(inputs)
        rng = self.rng(4)
        real = classify(self.select_images("test", self.count, rng), classifier)
        train = classify(self.select_images("train", 1_000, rng), classifier)
        named = self.named_sets(generator, classifier)
        sets, bands, walks = list(named.values()), self.bands(generator, classifier), self.walks(generator, classifier)
        rows = [self.measure(score, real, train, sets, bands, walks) for score in self.score_functions(inputs)]
        sure = np.stack([group.confidence for group in (real, *sets)])
        hits = [(walk.decided == y).view(-1, len(FINE)).float().mean(dim=0).numpy() for y, walk in enumerate(walks)]
        measured = {key: rows[0][key] if key in OF_FIRST else np.stack([row[key] for row in rows]) for key in rows[0]}
        return measured | {
            "names": np.array(list(named)),
            "bands": np.array(BANDS),
            "fine": FINE,
            "confidence": sure.astype(np.float16),
            "confidence_auroc": np.array([auroc(sure[0], one) for one in sure[1:]]),
            "confidence_curve": np.stack([walk.confidence.reshape(-1, len(FINE)).mean(axis=0) for walk in walks]),
            "hit_curve": np.stack(hits),
        }

    def named_sets(self, generator: Generator, classifier: Classifier) -> dict[str, Group]:
        """Return the anomalies, and the images of the tables' last rows, by name."""
        draw, size, labels = source(self.seed, 5), (self.count, self.plan.seed), torch.arange(self.count) % CLASSES
        made = {
            "fakes": seeds.sample_natural(*size, draw),
            "fakes-uniform": seeds.sample_band(*size, (0.0, seeds.RADIUS), draw),
            "near": seeds.sample_band(*size, seeds.TEST_BAND, draw),
        }
        x = {name: anomalies(name, self.plan.shape, self.count, self.seed).float() / 255 for name in self.sets}
        x |= {name: generate(generator, n, labels) for name, n in made.items()}
        return {name: classify(images, classifier) for name, images in x.items()}

    def bands(self, generator: Generator, classifier: Classifier) -> list[Group]:
        """Return images of each unit band of norms, the classes in turn."""
        draw, labels = source(self.seed, 6), torch.arange(CLASSES * self.each) % CLASSES
        n = [seeds.sample_band(len(labels), self.plan.seed, band, draw) for band in BANDS]
        return [classify(generate(generator, of_band, labels), classifier) for of_band in n]

    def walks(self, generator: Generator, classifier: Classifier) -> list[Group]:
        """Return the images of some seeds along the norms, for each class, in the order (seeds, norms)."""
        directions = torch.randn(self.each, self.plan.seed, generator=source(self.seed, 7))
        walks = [generate_along(generator, directions, label, FINE) for label in range(CLASSES)]
        return [classify(walk.flatten(0, 1), classifier) for walk in walks]

    def measure(
        self, score: ScoreFunction, real: Group, train: Group, sets: Groups, bands: Groups, walks: Groups
    ) -> Arrays:
        """Return the measures of one detector."""
        normal = score_images(score, real)
        threshold = np.quantile(score_images(score, train), [1 - level for level in LEVELS])
        far, along_bands = ([score_images(score, group) for group in groups] for groups in (sets, bands))
        by_class = [normal[real.decided.numpy() == y] for y in range(CLASSES)]
        areas = [[auroc(own, one[y::CLASSES]) for y, own in enumerate(by_class)] for one in along_bands]
        walked = np.stack([score_images(score, group).reshape(-1, len(FINE)) for group in walks])
        inside = walked > threshold[0]
        steps = np.where(inside.all(axis=2), len(FINE), inside.argmin(axis=2))  # the first norm that is refused
        return {
            "auroc": np.array([auroc(normal, one) for one in far]),
            "fpr95": np.array([(one > np.quantile(normal, 0.05)).mean() for one in far]),
            "accuracy": np.array([[(one <= t).mean() for t in threshold] for one in far]),
            "threshold": threshold,
            "accepted": np.array([(normal > t).mean() for t in threshold]),
            "recognised": np.array([(one <= threshold[0]).mean() for one in along_bands]),
            "band_auroc": np.array(areas),
            "radius": np.append(FINE, FINE[-1] + FINE[1])[steps].ravel(),
            "curve": walked.mean(axis=1),
            "roc": np.stack([(normal > np.quantile(one, 1 - RATES)[:, None]).mean(axis=1) for one in far]),
            "scores": np.stack([normal, *far]).astype(np.float32),
        }


@dataclass(frozen=True, kw_only=True)
class CriticScores(DetectorScores):
    """The critic of the GAN, not trained for anomalies, in the detectors' place (Tables 3 and 4); T = 1."""

    name = "tailored-critic-scores"
    needs_detectors = False

    def trained(self, inputs: Inputs) -> list[Discriminator]:
        """Return the critic."""
        return [self.trained_gan(inputs)[1]]
