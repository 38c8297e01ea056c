"""The anomaly detector tailored to a classifier (Sec. 4.4 of the tailored paper), trained on what a generator makes.

It has the discriminator's architecture and is told fakes, of seeds below r_A = 5, from near anomalies, of seeds of norm
5 to 6. Its logit is large for what seems normal; of the classifier it is given no more than the decision (Eq. 11).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from pyod.models.base import BaseDetector
from torch import Tensor
from torch.nn import functional as F

from anogen.detectors.gan import seeds
from anogen.detectors.gan import wgan_gp as game
from anogen.detectors.gan.layers import initialised
from anogen.detectors.gan.networks import Discriminator, Generator, one_hot
from anogen.detectors.gan.training import Batch, Data, Player, train
from anogen.errors import InputError

Classify = Callable[[Tensor], Tensor]  # images (b, c, h, w) in [0, 1] -> the class of each, (b,)
RATE = 1e-3


@dataclass(frozen=True)
class Diet:
    """What a detector is trained on in one iteration; the defaults are the paper's.

    Parameters
    ----------
    normal, anomalous : images of each class: 10 fakes and 10 near anomalies.
    real : real images take the place of the fakes (Tables 9 and 10).
    kind : norms of the fakes' seeds: natural, or uniform in [0, 5].
    band : norms of the near anomalies' seeds.
    specific : uint8 images (m, c, h, w) that take the place of a share of the near anomalies (Tables 7 and 8).
    share : that share, which the paper leaves open.
    """

    normal: int = 10
    anomalous: int = 10
    real: bool = False
    kind: game.Seeds = "natural"
    band: tuple[float, float] = seeds.NEAR
    specific: Tensor | None = None
    share: float = 0.5


def player(detector: Discriminator, generator: Generator, classify: Classify, diet: Diet, rate: float = RATE) -> Player:
    """Return the only player of the detector's training: Adam down the binary cross-entropy, at a constant rate."""
    plan = generator.plan
    classes = plan.classes or 1

    def made(n: Tensor, labels: Tensor) -> Tensor:
        with torch.no_grad():
            images: Tensor = generator(n, one_hot(labels, plan.classes))
        return images

    def normal(batch: Batch) -> tuple[Tensor, Tensor]:
        if diet.real:
            return batch.x, batch.y
        labels = torch.arange(classes).repeat(diet.normal).to(batch.x.device)
        return made(seeds.drawn(diet.kind, len(labels), plan.seed, batch.source).to(batch.x.device), labels), labels

    def anomalous(batch: Batch) -> tuple[Tensor, Tensor]:
        labels = torch.arange(classes).repeat(diet.anomalous).to(batch.x.device)
        count = 0 if diet.specific is None else round(diet.share * len(labels))
        labels = labels[count:]
        n = seeds.between(len(labels), plan.seed, diet.band, batch.source).to(batch.x.device)
        near = made(n, labels)
        if diet.specific is None:
            return near, labels
        chosen = torch.randint(0, len(diet.specific), (count,), generator=batch.source)
        other = (diet.specific[chosen].float() / 255).to(batch.x.device)
        return torch.cat((near, other)), torch.cat((labels, classify(other)))

    def loss(batch: Batch) -> dict[str, Tensor]:
        (x, y), (x_far, y_far) = normal(batch), anomalous(batch)
        logits = detector(torch.cat((x, x_far)), one_hot(torch.cat((y, y_far)), detector.plan.classes))
        target = (torch.arange(len(logits), device=logits.device) < len(x)).float()
        return {"loss": F.binary_cross_entropy_with_logits(logits, target)}

    return Player(("detector",), loss, rate=rate, decayed=False)


class TailoredDetector(BaseDetector):
    """The tailored detector by PyOD's protocol, for any classifier: its score is -D(x, Ĉ(x)).

    Parameters
    ----------
    generator : a trained conditional generator.
    classify : the classifier to protect; each image passes through it once, and through the detector once.
    iterations : 1,200 in the paper.
    random_state : the same seed gives the same bits.
    """

    def __init__(
        self,
        generator: Generator,
        classify: Classify,
        *,
        diet: Diet | None = None,
        iterations: int = 1_200,
        contamination: float = 0.05,
        random_state: int = 0,
    ) -> None:
        super().__init__(contamination=contamination)
        self.generator, self.classify, self.diet = generator, classify, diet or Diet()
        self.iterations, self.random_state = iterations, random_state

    def fit(self, X: np.ndarray, y: Any = None) -> "TailoredDetector":
        """Train; the rows X (n, d) set the threshold, and are seen in training only if the diet says `real`."""
        self._set_n_classes(y)
        images = self._images(X)
        network = initialised(Discriminator(self.generator.plan), self.random_state)
        side = player(network, self.generator, self.classify, self.diet)
        labels = self.classify(images)
        data = Data((images * 255).round().to(torch.uint8), labels, 10 * self.diet.normal)
        list(train({"detector": network}, {"one": side}, data, iterations=self.iterations, seed=self.random_state))
        self.network_ = network
        self.decision_scores_ = self.decision_function(X)
        self._process_decision_scores()
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the anomaly score of every row, (n,); larger is more anomalous."""
        x = self._images(X)
        with torch.no_grad():
            y = one_hot(self.classify(x), self.generator.plan.classes)
            return np.asarray(-self.network_(x, y).numpy().astype(np.float64))

    def _images(self, X: np.ndarray) -> Tensor:
        shape = self.generator.plan.shape
        rows = np.asarray(X, dtype=np.float32)
        if rows.ndim != 2 or rows.shape[1] != int(np.prod(shape)):
            raise InputError(f"rows of shape {rows.shape} are not images {shape}: give (n, {int(np.prod(shape))})")
        return torch.tensor(rows.reshape(-1, *shape[1:], shape[0])).movedim(-1, 1)
