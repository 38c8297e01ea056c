"""What a generator of colour images makes of seeds of every norm, and what detectors of digits say of it (Fig. 17)."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch

from anogen import datasets
from anogen.detectors.gan import seeds, wgan_gp
from anogen.detectors.gan.training import load, source
from companion.datasets.anomaly_sets import fitted
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.tailored.common.detector import Detecting, needs, told, trained
from notebooks.tailored.common.samples import CLASSES, FINE, NORMS, SHOWN, along, generated, pixels
from notebooks.tailored.common.scores import LEVELS, group, scores
from notebooks.tailored.common.wgan import Tailored, TailoredGAN, images

KINDS = ("real", "fakes", "near")


@dataclass(frozen=True, kw_only=True)
class ColourSamples(Tailored):
    """Look at the generator's images.

    Arrays, for K `norms` 0..15 and images of d pixels, uint8: `shared` (10, K, d), one seed in every class; `fakes`
    (10, 8, d), of natural seeds; `hit` (10,), the share of `count` such fakes that the classifier gives their class.
    """

    name = "tailored-colour-samples"
    quick: ClassVar = {**Tailored.quick, "count": 8}

    count: int = 100  # of each class

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(SHOWN, count=self.count)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Make and look."""
        judge, (make, _) = self.judge(inputs), self.made(inputs)
        draw = source(self.seed, 20)
        direction = torch.randn(1, self.plan.seed, generator=draw)
        fakes = [
            generated(make, seeds.sample_natural(self.count, self.plan.seed, draw), torch.full((self.count,), y))
            for y in range(CLASSES)
        ]
        hits = [(judge.predicted(one) == y).float().mean().item() for y, one in enumerate(fakes)]
        return {
            "norms": NORMS,
            "shared": np.stack([pixels(along(make, direction, y, NORMS)[0]) for y in range(CLASSES)]),
            "fakes": np.stack([pixels(one[:SHOWN]) for one in fakes]),
            "hit": np.array(hits),
        }


@dataclass(frozen=True, kw_only=True)
class CrossedGenerator(Detecting):
    """Ask detectors of digits about images that a generator of colour images makes, in grey and of the digits' size.

    Arrays, for T detectors and F norms `fine`: `curve` (T, 10, F), mean scores by the class that the generator was
    asked for; `threshold` (T, 2), that accept 95 and 99% of 1,000 training images; `refused` (T, 3, 2), the share of
    `KINDS` that they refuse: real colour images, fakes, and near anomalies of norm [6, 7].
    """

    name = "tailored-crossed"
    quick: ClassVar = {**Detecting.quick, "count": 20, "each": 1}

    gan: tuple[int, int, int, int] = (16, 1_200, 32, 5)  # filters, iterations, batch and ratio of the training
    count: int = 1_000
    each: int = 20  # seeds of each class in a curve

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, count=self.count, each=self.each)

    def foreign(self) -> TailoredGAN:
        """Return the training of the generator of colour images; at quick there are only digits."""
        if self.scale == "quick":
            return self.training()
        sizes: dict[str, Any] = dict(zip(("width", "iterations", "batch", "ratio"), self.gan, strict=True))
        return replace(self.training(), dataset="cifar10", scaled=True, **sizes)

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, the GAN and the detectors of digits, and the GAN of colour images."""
        return needs(self) | {"foreign": self.foreign()}

    def datasets(self) -> tuple[str, ...]:
        """Name both data sets."""
        return (self.dataset, self.foreign().dataset)

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * (3 * self.count + self.each * CLASSES * len(FINE)))

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Make the images once, and ask every detector."""
        judge, foreign = self.judge(inputs), self.foreign()
        make = load(wgan_gp.pair(foreign.plan)["generator"], "generator", inputs["foreign"]).requires_grad_(False)
        draw, labels, size = source(self.seed, 21), torch.arange(self.count) % CLASSES, (self.count, foreign.plan.seed)
        x = datasets.load(foreign.dataset).x_test
        made = {
            "real": images(x[self.rng(22).permutation(len(x))[: self.count]]),
            "fakes": _bytes(generated(make, seeds.sample_natural(*size, draw), labels)),
            "near": _bytes(generated(make, seeds.sample_band(*size, seeds.TEST_BAND, draw), labels)),
        }
        groups = [group(fitted(made[kind], self.plan.shape).float() / 255, judge) for kind in KINDS]
        directions = torch.randn(self.each, foreign.plan.seed, generator=draw)
        walks = [
            group(fitted(_bytes(along(make, directions, y, FINE).flatten(0, 1)), self.plan.shape).float() / 255, judge)
            for y in range(CLASSES)
        ]
        digits = datasets.load(self.dataset).x_train
        real = group(images(digits[self.rng(4).permutation(len(digits))[:1_000]]).float() / 255, judge)
        found: dict[str, list[np.ndarray]] = {"curve": [], "threshold": [], "refused": []}
        for t in range(self.trainings):
            ask = told(self, trained(self, inputs["detector"], t))
            threshold = np.quantile(scores(ask, real), [1 - level for level in LEVELS])
            found["threshold"].append(threshold)
            found["curve"].append(np.stack([scores(ask, one).reshape(-1, len(FINE)).mean(axis=0) for one in walks]))
            found["refused"].append(np.array([(scores(ask, one)[:, None] <= threshold).mean(axis=0) for one in groups]))
        return {key: np.stack(values) for key, values in found.items()} | {"fine": FINE}


def _bytes(x: torch.Tensor) -> torch.Tensor:
    return (x * 255).round().to(torch.uint8)
