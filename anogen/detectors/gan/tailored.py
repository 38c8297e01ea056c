"""The anomaly detector tailored to a classifier (Sec. 4.4 of the tailored paper), trained on generated images.

It has the discriminator's architecture and learns to distinguish fakes, whose seeds have norms below r_A = 5, from near
anomalies, whose seeds have norms from 5 to 6. Its logit is large for normal images; of the classifier it uses the
decision alone (Eq. 11).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from pyod.models.base import BaseDetector
from torch import Tensor
from torch.nn import functional as F

from anogen.detectors.gan import seeds, wgan_gp
from anogen.detectors.gan.networks import Discriminator, Generator, init_normal, one_hot
from anogen.detectors.gan.training import Batch, Data, TrainStep, train
from anogen.detectors.mixins import check_finite, check_fitted, finish_fit
from anogen.errors import InputError

Classify = Callable[[Tensor], Tensor]  # images (b, c, h, w) in [0, 1] -> the class of each, (b,)
RATE = 1e-3


@dataclass(frozen=True)
class TrainingMix:
    """The training images of one iteration; the defaults are the paper's."""

    normal: int = 10  # fakes of each class
    anomalous: int = 10  # near anomalies of each class
    real: bool = False  # use real images instead of the fakes (Tables 9 and 10)
    kind: wgan_gp.Seeds = "natural"  # norms of the fakes' seeds: natural, or uniform in [0, 5]
    band: tuple[float, float] = seeds.NEAR_BAND  # norms of the near anomalies' seeds
    specific: Tensor | None = None  # uint8 images (m, c, h, w) that replace some near anomalies (Tables 7 and 8)
    share: float = 0.5  # of the near anomalies that they replace; the paper does not state it


def train_step(detector: Discriminator, generator: Generator, classify: Classify, mix: TrainingMix) -> TrainStep:
    """Return the training step of the detector: Adam on the binary cross-entropy, at a constant rate."""
    plan = generator.plan

    def all_classes(batch: Batch, each: int) -> Tensor:
        return torch.arange(plan.classes or 1).repeat(each).to(batch.x.device)

    @torch.no_grad()
    def normal(batch: Batch) -> tuple[Tensor, Tensor]:
        if mix.real:
            return batch.x, batch.y
        labels = all_classes(batch, mix.normal)
        return wgan_gp.fakes(generator, plan, batch, labels, mix.kind), labels

    @torch.no_grad()
    def anomalous(batch: Batch) -> tuple[Tensor, Tensor]:
        labels = all_classes(batch, mix.anomalous)
        count = 0 if mix.specific is None else round(mix.share * len(labels))
        labels = labels[count:]
        n = seeds.sample_band(len(labels), plan.seed, mix.band, batch.source).to(batch.x.device)
        near = generator(n, one_hot(labels, plan.classes))
        if mix.specific is None:
            return near, labels
        chosen = torch.randint(0, len(mix.specific), (count,), generator=batch.source)
        other = (mix.specific[chosen].float() / 255).to(batch.x.device)
        return torch.cat((near, other)), torch.cat((labels, classify(other)))

    def loss(batch: Batch) -> dict[str, Tensor]:
        (x, y), (x_far, y_far) = normal(batch), anomalous(batch)
        logits = detector(torch.cat((x, x_far)), one_hot(torch.cat((y, y_far)), detector.plan.classes))
        target = (torch.arange(len(logits), device=logits.device) < len(x)).float()
        return {"loss": F.binary_cross_entropy_with_logits(logits, target)}

    return TrainStep(("detector",), loss, rate=RATE, decayed=False)


class TailoredDetector(BaseDetector):
    """The tailored detector with PyOD's protocol, for any classifier: its score is -D(x, Ĉ(x)).

    It takes a trained conditional generator, the classifier to protect, the training images of one iteration and the
    number of training steps, by default the paper's.
    """

    def __init__(
        self,
        generator: Generator,
        classify: Classify,
        *,
        mix: TrainingMix | None = None,
        iterations: int = 1_200,
        contamination: float = 0.05,
        random_state: int = 0,
    ) -> None:
        super().__init__(contamination=contamination)
        self.generator, self.classify, self.mix = generator, classify, mix or TrainingMix()
        self.iterations, self.random_state = iterations, random_state

    def fit(self, X: np.ndarray, y: Any = None) -> "TailoredDetector":
        """Train; the rows X (n, d) set the threshold, and are trained on only if the mix is `real`."""
        self._set_n_classes(y)
        images = self._images(X)
        with torch.random.fork_rng(devices=[]):  # a new layer uses the global generator
            network = init_normal(Discriminator(self.generator.plan), self.random_state)
        steps = {"one": train_step(network, self.generator, self.classify, self.mix)}
        data = Data((images * 255).round().to(torch.uint8), self.classify(images), 10 * self.mix.normal)
        list(train({"detector": network}, steps, data, iterations=self.iterations, seed=self.random_state))
        self.network_ = network
        return finish_fit(self, X)

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the anomaly score of every row, (n,); larger is more anomalous."""
        check_fitted(self, "network_")
        x = self._images(X)
        with torch.no_grad():
            y = one_hot(self.classify(x), self.generator.plan.classes)
            return -self.network_(x, y).double().numpy()

    def _images(self, X: np.ndarray) -> Tensor:
        shape = self.generator.plan.shape
        rows, d = np.asarray(X, dtype=np.float32), prod(shape)
        if rows.ndim != 2 or rows.shape[1] != d:
            raise InputError(f"rows of shape {rows.shape} are not images {shape}: give (n, {d})")
        check_finite(rows, "these rows")
        return torch.tensor(rows.reshape(-1, *shape[1:], shape[0])).movedim(-1, 1)
