"""Real images of CIFAR-10 before the detectors of digits, by their own class (Fig. 17, claim c-42)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen import datasets
from anogen.datasets.anomaly_sets import fitted
from anogen.experiments.base import Arrays, Experiment, Inputs, at_least
from anogen.experiments.tailored import images
from anogen.experiments.tailored_detector import Detecting, needs, told, trained
from anogen.experiments.tailored_samples import CLASSES
from anogen.experiments.tailored_scores import LEVELS, group, scores


@dataclass(frozen=True, kw_only=True)
class ForeignImages(Detecting):
    """Ask detectors of digits about real images of another data set, made grey and of the digits' size.

    The paper asks about what a generator trained on CIFAR-10 makes, by the norm of the seed, and reports the share that
    is recognised of real images too; these are asked about here.

    Arrays, for T detectors, C classes and m images of each: `scores` (T, C, m); `threshold` (T, 2), that accept 95 and
    99% of 1,000 training images; `recognised` (T, C, 2), the share refused by them; `digit_scores` (T, 10), the mean
    score of m test images of each digit; `named` (C,), the classes' names; `taken_for` (C, 10), the share that the
    classifier takes for each digit.
    """

    name = "tailored-foreign"
    quick: ClassVar = {**Detecting.quick, "foreign": "mnist-5k", "each": 5}

    foreign: str = "cifar10"
    each: int = 200

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, each=self.each)

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, the GAN and the detectors."""
        return needs(self)

    def datasets(self) -> tuple[str, ...]:
        """Name the data set of digits and the foreign one."""
        return (self.dataset, self.foreign)

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * self.each * CLASSES)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Ask every detector."""
        judge, digits, foreign = self.judge(inputs), datasets.load(self.dataset), datasets.load(self.foreign)
        chosen = [self._some(foreign.y_test == y, 11) for y in range(len(foreign.classes))]
        strange = [
            group(fitted(images(foreign.x_test[places]), self.plan.shape).float() / 255, judge) for places in chosen
        ]
        own = [
            group(images(digits.x_test[self._some(digits.y_test == y, 12)]).float() / 255, judge)
            for y in range(CLASSES)
        ]
        train = group(images(digits.x_train[self.rng(4).permutation(len(digits.x_train))[:1_000]]).float() / 255, judge)
        found: dict[str, list[np.ndarray]] = {key: [] for key in ("scores", "threshold", "recognised", "digit_scores")}
        for t in range(self.trainings):
            ask = told(self, trained(self, inputs["detector"], t))
            threshold = np.quantile(scores(ask, train), [1 - level for level in LEVELS])
            each = np.stack([scores(ask, one) for one in strange])
            found["scores"].append(each.astype(np.float32))
            found["threshold"].append(threshold)
            found["recognised"].append((each[:, :, None] <= threshold).mean(axis=1))
            found["digit_scores"].append(np.array([scores(ask, one).mean() for one in own]))
        return {key: np.stack(values) for key, values in found.items()} | {
            "named": np.array(foreign.classes),
            "taken_for": np.stack([np.bincount(one.decided.numpy(), minlength=CLASSES) for one in strange]) / self.each,
        }

    def _some(self, of_class: np.ndarray, key: int) -> np.ndarray:
        """Return the places of m images of a class, drawn at random."""
        return self.rng(key).permutation(np.flatnonzero(of_class))[: self.each]
