"""Detectors of the tailored paper against sets of anomalies, by the paper's measures (Tables 3-10, Figs. 7-12)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen import datasets
from anogen.detectors.gan import seeds
from anogen.detectors.gan.classifiers import Classifier, confidence
from anogen.detectors.gan.networks import Generator, one_hot
from anogen.detectors.gan.training import source
from anogen.metrics.detection import roc_auc
from companion.datasets.anomaly_sets import anomalies
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.tailored.common.detector import Detecting, needs, told, trained
from notebooks.tailored.common.samples import BATCH, CLASSES, FINE, along, generated
from notebooks.tailored.common.wgan import Tailored, images

DIGIT_SETS = ("fashion", "omniglot", "notmnist", "uniform", "gaussian", "cifar10")
COLOUR_SETS = ("cifar100", "mnist", "scenes", "uniform", "gaussian")
BANDS = [(float(low), float(low + 1)) for low in range(20)]
LEVELS = (0.95, 0.99)  # of the real images that a threshold accepts
RATES = np.linspace(0, 1, 201)  # false positive rates at which a ROC curve is kept

Ask = Callable[[Tensor, Tensor], Tensor]  # images and their decided classes (b,) -> scores (b,), large for normal


class Group(NamedTuple):
    """Images that are judged together, what the classifier decides and how sure it is."""

    x: Tensor
    decided: Tensor  # (n,)
    confidence: np.ndarray  # (n,)


@dataclass(frozen=True, kw_only=True)
class Judged(Detecting):
    """Detectors against sets of anomalies.

    Arrays, for T detectors, A sets, B = 20 unit `bands` of norms and F norms `fine`: `names` (A,), of the sets asked
    for, then `fakes` of natural norms, `fakes-uniform` in [0, 5] and `near` in [6, 7]; `auroc`, `fpr95` (T, A);
    `accuracy` (T, A, 2) at the thresholds that accept 95 and 99% of 1,000 training images, `threshold` (T, 2), and
    `accepted` (T, 2), the share of test images that they accept; `recognised` (T, B), at 95%; `band_auroc` (T, B, 10),
    of the bands' images of each class against the real images of the class; `radius` (T, R), the first norm at which
    an image of a seed is refused; `curve` (T, 10, F), mean scores, with `confidence_curve` and `hit_curve` (10, F);
    `confidence_auroc` (A,), by the classifier's confidence alone. Of the first detector: `roc` (A, 201), and `scores`
    (A + 1, n), first the real images', as `confidence` (A + 1, n).
    """

    quick: ClassVar = {**Detecting.quick, "sets": ("uniform", "gaussian"), "count": 40, "each": 1}
    # Quick detectors answer nearly the same to every image: rounding decides which of two is larger.
    uncompared: ClassVar = (
        "*auroc", "*curve", "fpr95", "accuracy", "accepted", "recognised", "radius", "roc", "scores", "threshold",
    )  # fmt: skip

    sets: tuple[str, ...] = DIGIT_SETS
    count: int = 2_000  # images of each set; the paper has 10,000
    each: int = 40  # images of each class and band, and seeds of each class in a curve

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, count=self.count, each=self.each)

    def datasets(self) -> tuple[str, ...]:
        """Name the data set of real images, and those of the anomalies that have a checksum of their own here."""
        named = {"fashion": "fashion_mnist", "cifar10": "cifar10", "mnist": "mnist"}
        return (self.dataset, *(named[name] for name in self.sets if name in named))

    def work(self) -> float:
        """Count images."""
        return float(
            self.trainings * (self.count * len(self.sets) + self.each * CLASSES * (len(BANDS) + 2 * len(FINE)))
        )

    def asked(self, inputs: Inputs) -> Sequence[Ask]:
        """Return the detectors."""
        raise TypeError(f"{type(self).__name__} names no detectors to ask")

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Make the images once, and ask every detector."""
        judge, (make, _) = self.judge(inputs), self.made(inputs)
        real, train, groups = self.groups(make, judge)
        bands, walks = self.bands(make, judge), self.walks(make, judge)
        rows = [self.table(ask, real, train, groups, bands, walks) for ask in self.asked(inputs)]
        found = {key: np.stack([row[key] for row in rows]) for key in rows[0] if key not in _OF_FIRST}
        sure = np.stack([real.confidence, *(group.confidence for group in groups.values())])
        return (
            found
            | {key: rows[0][key] for key in _OF_FIRST}
            | {
                "names": np.array(list(groups)),
                "bands": np.array(BANDS),
                "fine": FINE,
                "confidence": sure.astype(np.float16),
                "confidence_auroc": np.array([area(sure[0], one) for one in sure[1:]]),
                "confidence_curve": np.stack([w.confidence.reshape(-1, len(FINE)).mean(axis=0) for w in walks]),
                "hit_curve": np.stack(
                    [(w.decided == y).view(-1, len(FINE)).float().mean(dim=0).numpy() for y, w in enumerate(walks)]
                ),
            }
        )

    def groups(self, make: Generator, judge: Classifier) -> tuple[Group, Group, dict[str, Group]]:
        """Return real test images, 1,000 real training images for the threshold, and the anomalies by name."""
        data, rng = datasets.load(self.dataset), self.rng(4)
        test = rng.permutation(len(data.x_test))[: self.count]
        train = rng.permutation(len(data.x_train))[:1_000]
        found = {
            name: group(anomalies(name, self.plan.shape, self.count, self.seed).float() / 255, judge)
            for name in self.sets
        }
        labels = torch.arange(self.count) % CLASSES
        for name, n in self.made_seeds().items():
            found[name] = group(generated(make, n, labels), judge)
        real, kept = (group(images(x).float() / 255, judge) for x in (data.x_test[test], data.x_train[train]))
        return real, kept, found

    def made_seeds(self) -> dict[str, Tensor]:
        """Return the seeds of the tables' last rows: fakes, of natural and of uniform norms, and near anomalies."""
        draw, size = source(self.seed, 5), (self.count, self.plan.seed)
        return {
            "fakes": seeds.sample_natural(*size, draw),
            "fakes-uniform": seeds.sample_band(*size, (0.0, seeds.RADIUS), draw),
            "near": seeds.sample_band(*size, seeds.TEST_BAND, draw),
        }

    def bands(self, make: Generator, judge: Classifier) -> list[Group]:
        """Return images of each unit band of norms, the classes in turn."""
        draw, labels = source(self.seed, 6), torch.arange(CLASSES * self.each) % CLASSES
        return [
            group(generated(make, seeds.sample_band(len(labels), self.plan.seed, band, draw), labels), judge)
            for band in BANDS
        ]

    def walks(self, make: Generator, judge: Classifier) -> list[Group]:
        """Return the images of some seeds along the norms, for each class, in the order (seeds, norms)."""
        directions = torch.randn(self.each, self.plan.seed, generator=source(self.seed, 7))
        return [group(along(make, directions, label, FINE).flatten(0, 1), judge) for label in range(CLASSES)]

    def table(
        self,
        ask: Ask,
        real: Group,
        train: Group,
        groups: Mapping[str, Group],
        bands: Sequence[Group],
        walks: Sequence[Group],
    ) -> dict[str, Any]:
        """Return the rows of one detector."""
        normal = scores(ask, real)
        threshold = np.quantile(scores(ask, train), [1 - level for level in LEVELS])
        far = [scores(ask, one) for one in groups.values()]
        by_class = [normal[real.decided.numpy() == y] for y in range(CLASSES)]
        along_bands = [scores(ask, one) for one in bands]
        walked = np.stack([scores(ask, one).reshape(-1, len(FINE)) for one in walks])
        inside = walked > threshold[0]
        steps = np.where(inside.all(axis=2), len(FINE), inside.argmin(axis=2))  # the first norm that is refused
        return {
            "auroc": np.array([area(normal, one) for one in far]),
            "fpr95": np.array([(one > np.quantile(normal, 0.05)).mean() for one in far]),
            "accuracy": np.array([[(one <= t).mean() for t in threshold] for one in far]),
            "threshold": threshold,
            "accepted": np.array([(normal > t).mean() for t in threshold]),
            "recognised": np.array([(one <= threshold[0]).mean() for one in along_bands]),
            "band_auroc": np.array(
                [[area(by_class[y], one[y::CLASSES]) for y in range(CLASSES)] for one in along_bands]
            ),
            "radius": np.append(FINE, FINE[-1] + FINE[1])[steps].ravel(),
            "curve": walked.mean(axis=1),
            "roc": np.stack([curve(normal, one) for one in far]),
            "scores": np.stack([normal, *far]).astype(np.float32),
        }


_OF_FIRST = ("roc", "scores")


def group(x: Tensor, judge: Classifier) -> Group:
    """Ask the classifier about images (n, c, h, w)."""
    with torch.no_grad():
        logits = torch.cat([judge(part) for part in x.split(BATCH)])
    return Group(x, logits.argmax(dim=1), confidence(logits).numpy())


def scores(ask: Ask, of: Group) -> np.ndarray:
    """Score(x) = D(x, Ĉ(x)) (Eq. 11), (n,); larger is more normal."""
    with torch.no_grad():
        parts = zip(of.x.split(BATCH), of.decided.split(BATCH), strict=True)
        return np.asarray(torch.cat([ask(*part) for part in parts]).numpy().astype(np.float64))


def area(normal: np.ndarray, anomalous: np.ndarray) -> float:
    """AUROC with real images as the positive class, as the tables have it; NaN if one kind is missing."""
    if not len(normal) or not len(anomalous):
        return float("nan")
    return roc_auc(np.concatenate([normal, anomalous]), np.repeat([1, 0], [len(normal), len(anomalous)]))


def curve(normal: np.ndarray, anomalous: np.ndarray) -> np.ndarray:
    """True positive rate, real images being positive, at each false positive rate of `RATES`, (201,)."""
    return np.asarray((normal > np.quantile(anomalous, 1 - RATES)[:, None]).mean(axis=1))


@dataclass(frozen=True, kw_only=True)
class CriticScores(Judged):
    """The critic of the GAN, which was not trained for anomalies (Tables 3 and 4); its arrays are `Judged`'s, T = 1."""

    name = "tailored-critic-scores"

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier and the GAN."""
        return Tailored.requires(self)

    def asked(self, inputs: Inputs) -> Sequence[Ask]:
        """Return the critic."""
        critic = self.made(inputs)[1]
        return [lambda x, labels: critic(x, one_hot(labels, CLASSES))]


@dataclass(frozen=True, kw_only=True)
class DetectorScores(Judged):
    """The trained detectors (Tables 5 to 10)."""

    name = "tailored-scores"

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, the GAN and the detectors."""
        return needs(self)

    def asked(self, inputs: Inputs) -> Sequence[Ask]:
        """Return the detectors."""
        return [told(self, trained(self, inputs["detector"], t)) for t in range(self.trainings)]
