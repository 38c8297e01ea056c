"""The tailored detector beside classifiers that are no networks, on images and on signals (claim c-51)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from torch import Tensor

from anogen import datasets
from anogen.detectors.gan import wgan_gp
from anogen.detectors.gan.networks import Generator, WGANConfig, init_normal, one_hot
from anogen.detectors.gan.tailored import TailoredDetector, TrainingMix
from anogen.detectors.gan.training import Data, train
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Experiment, Inputs, stack

KINDS: dict[str, Callable[[int], Any]] = {
    "nearest neighbours": lambda _: KNeighborsClassifier(5),
    "decision tree": lambda seed: DecisionTreeClassifier(random_state=seed),
    "logistic regression": lambda _: LogisticRegression(max_iter=2_000),
}
PLANS = {
    "images": WGANConfig((1, 28, 28), 16, 8, 8, ups=2, stages=((1, True), (1, True), (1, False))),
    "signals": WGANConfig((1, 64), 16, 8, 8, ups=2, stages=((1, True), (1, True), (1, False)), classes=3),
}


@dataclass(frozen=True, kw_only=True)
class AnyClassifier(Experiment):
    """Put a detector before each of three classifiers of two types of data, and count what passes through which.

    The signals are noisy sines of three frequencies, which are their classes. Arrays, for (images, signals) and the
    three `KINDS`: `classified` and `judged` (2, 3), how often a row passes through the classifier and through the
    detector when it is scored; `as_told` (2, 3), whether the scores are bit for bit those of the detector that is told
    the decisions alone; `accuracy` (2, 3), of the classifiers, and `auroc` (2, 3), of uniform noise against test data.
    """

    name = "tailored-any"
    plans: ClassVar = tuple(PLANS)
    axes: ClassVar = ("plans",)
    quick: ClassVar = {"count": 60, "iterations": 2, "updates": 2}
    least: ClassVar = {"count": 30, "iterations": 1, "updates": 1}

    dataset: str = "mnist-5k"
    count: int = 600  # rows to train on, and half as many to test
    iterations: int = 150
    updates: int = 60

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train a GAN for the type of data, and a detector for each classifier."""
        plan, number = PLANS[cell[0]], self.plans.index(cell[0])
        (x, x_test), (y, y_test) = (np.split(values, [self.count]) for values in self.rows(number))
        make = self.generator(plan, x, y, number)
        far = self.rng(18, number).random(x_test.shape, np.float32)
        given: dict[str, Any] = {"mix": TrainingMix(4, 4), "iterations": self.updates, "random_state": self.seed}
        parts = []
        for create in KINDS.values():
            classifier, classified, judged = create(self.seed).fit(x, y), list[int](), list[int]()

            def classify(images: Tensor, classifier: Any = classifier, counts: list[int] = classified) -> Tensor:
                counts.append(len(images))
                return torch.from_numpy(classifier.predict(images.flatten(1).numpy()).astype(np.int64))

            detector = TailoredDetector(make, classify, **given).fit(x)
            classified.clear()
            hook = detector.network_.register_forward_hook(
                lambda _m, inputs, _o, counts=judged: counts.append(len(inputs[0]))
            )
            scores, passes = detector.decision_function(x_test), len(x_test)
            hook.remove()
            numbers = {"classified": sum(classified) / passes, "judged": sum(judged) / passes}
            decided, images = classifier.predict(x_test), torch.from_numpy(x_test).view(-1, *plan.shape)
            with torch.no_grad():
                told = -detector.network_(images, one_hot(torch.from_numpy(decided), plan.classes))
            numbers["as_told"] = float(np.array_equal(told.numpy().astype(np.float64), scores))
            numbers["accuracy"] = float((decided == y_test).mean())
            labels = np.repeat([0, 1], [len(scores), len(far)])
            numbers["auroc"] = roc_auc(np.concatenate([scores, detector.decision_function(far)]), labels)
            parts.append({key: np.array(value) for key, value in numbers.items()})
        return stack(parts, len(parts))

    def rows(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rows in [0, 1] and their classes, training first, (1.5 count, d) and (1.5 count,)."""
        rng, many = self.rng(19, number), self.count + self.count // 2
        if number == 0:
            data = datasets.load(self.dataset)
            chosen = rng.permutation(len(data.x_train))[:many]
            return data.x_train[chosen].reshape(many, -1) / np.float32(255), data.y_train[chosen].astype(np.int64)
        y = np.arange(many) % 3
        phase = rng.uniform(-0.5, 0.5, (many, 1))
        wave = np.sin(2 * np.pi * (1 + y[:, None]) * np.arange(64) / 64 + phase)
        return (0.5 + 0.4 * wave + rng.normal(0, 0.03, wave.shape)).clip(0, 1).astype(np.float32), y

    def generator(self, plan: WGANConfig, x: np.ndarray, y: np.ndarray, number: int) -> Generator:
        """Train a WGAN-GP without a classifier in the loop, and return its generator."""
        networks = wgan_gp.pair(plan)
        for key, network in enumerate(networks.values()):
            init_normal(network, int(self.rng(20, number, key).integers(2**31)))
        data = Data(torch.from_numpy(x * 255).round().to(torch.uint8).view(-1, *plan.shape), torch.from_numpy(y), 32)
        steps = wgan_gp.train_steps(networks, plan, rate=1e-3, betas=(0.5, 0.9))
        list(train(networks, steps, data, iterations=self.iterations, seed=self.seed))
        make = networks["generator"].requires_grad_(False)
        assert isinstance(make, Generator)
        return make
