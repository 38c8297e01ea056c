"""A detector that has seen no near anomaly: digits of a wrong class take their place.

The paper's assumption is that near anomalies are what a detector has to see. If digits that are said to be others do as
well, it is not they that matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import torch
from torch.nn import functional as F

from anogen.detectors.gan import seeds
from anogen.detectors.gan.networks import Discriminator, Generator, one_hot
from anogen.detectors.gan.tailored import RATE
from anogen.detectors.gan.training import Batch, TrainStep, train
from companion.experiment import Arrays, Inputs, Slice
from notebooks.tailored.common.detector import DetectorTraining
from notebooks.tailored.common.samples import CLASSES, generated
from notebooks.tailored.common.scores import DetectorScores
from notebooks.tailored.common.wgan import real


def player(detector: Discriminator, make: Generator, each: int) -> TrainStep:
    """Return the player: fakes of every class with their own class are normal, with another one anomalous."""

    def loss(batch: Batch) -> dict[str, torch.Tensor]:
        labels = torch.arange(CLASSES).repeat(2 * each)
        fakes = generated(make, seeds.sample_natural(len(labels), make.plan.seed, batch.source), labels)
        normal = torch.arange(len(labels)) < len(labels) // 2
        other = (labels + torch.randint(1, CLASSES, labels.shape, generator=batch.source)) % CLASSES
        logits = detector(fakes, one_hot(torch.where(normal, labels, other), CLASSES))
        return {"loss": F.binary_cross_entropy_with_logits(logits, normal.float())}

    return TrainStep(("detector",), loss, rate=RATE, decayed=False)


@dataclass(frozen=True, kw_only=True)
class OthersTraining(DetectorTraining):
    """Train detectors on digits of the wrong class; arrays as those of `DetectorTraining`."""

    name = "tailored-others-detector"

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train one detector."""
        (training,) = cell
        network = self.untrained(training)
        sides = {"one": player(network, self.made(inputs)[0], self.normal)}
        given: dict[str, Any] = {"seed": int(self.rng(3, training).integers(2**31)), "state": state}
        for item in train({"detector": network}, sides, real(self.dataset, 1), iterations=self.updates, **given):
            yield item if isinstance(item, dict) else Slice(*item)


@dataclass(frozen=True, kw_only=True)
class OthersScores(DetectorScores):
    """Ask these detectors; arrays as those of `Judged`, from fewer images."""

    name = "tailored-others"
    quick: ClassVar = {**DetectorScores.quick, "trainings": 1}

    trainings: int = 1
    count: int = 1_000
    each: int = 20

    def detectors(self) -> OthersTraining:
        """Return the experiment that trains the detectors."""
        return OthersTraining(**{f.name: getattr(self, f.name) for f in fields(OthersTraining)})
