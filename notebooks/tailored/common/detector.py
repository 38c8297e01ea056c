"""The tailored detector's trainings: on fakes and near anomalies, and the variants of Tables 7 to 10."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from torch import Tensor

from anogen.detectors.gan import tailored
from anogen.detectors.gan.networks import Discriminator, one_hot
from anogen.detectors.gan.training import load, train
from anogen.errors import InputError
from companion.datasets.anomaly_sets import NAMES, anomalies
from companion.experiment import Arrays, Experiment, Inputs, Slice, at_least, fraction
from notebooks.tailored.common.wgan import Tailored, real

SPECIFIC = 1_000  # images of a specific set that training draws from


@dataclass(frozen=True, kw_only=True)
class Detecting(Tailored):
    """What every experiment on the tailored detector has: how it was trained."""

    quick: ClassVar = {**Tailored.quick, "trainings": 2, "updates": 10}
    paper: ClassVar = {**Tailored.paper, "updates": 1_200}

    trainings: int = 8
    updates: int = 600  # iterations of the detector's training
    normal: int = 10  # fakes of each class in an iteration
    anomalous: int = 10  # near anomalies of each class
    real: bool = False  # real images in the place of fakes
    specific: str = ""  # a set of real anomalies that takes the place of a share of the near ones
    share: float = 0.5
    labelled: bool = True  # the detector is told the class

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, trainings=self.trainings, updates=self.updates, normal=self.normal, anomalous=self.anomalous)
        fraction(share=self.share)
        if self.specific and self.specific not in NAMES:
            raise InputError(f"there is no set of anomalies {self.specific!r}: choose one of {', '.join(NAMES)}")

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * self.updates * (self.normal + self.anomalous))

    def untrained(self, training: int) -> Discriminator:
        """Return a detector before training."""
        plan = self.plan if self.labelled else self.plan._replace(classes=0)
        network = Discriminator(plan)
        return self.begun(network, int(self.rng(2, training).integers(2**31)))

    def detectors(self) -> "DetectorTraining":
        """Return the experiment that trains the detectors."""
        return DetectorTraining(**{f.name: getattr(self, f.name) for f in fields(DetectorTraining)})


@dataclass(frozen=True, kw_only=True)
class DetectorTraining(Detecting):
    """Train independent anomaly detectors (Sec. 4.4).

    Arrays, for T trainings: `weights.detector.*` (T, ...); `losses.one.loss` (T, updates).
    """

    name = "tailored-detector"

    def cells(self) -> Sequence[tuple]:
        """One cell for each training."""
        return [(training,) for training in range(self.trainings)]

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train one detector."""
        (training,) = cell
        (make, _), judge = self.made(inputs), self.judge(inputs)
        specific = anomalies(self.specific, self.plan.shape, SPECIFIC, self.seed, "train") if self.specific else None
        mix = tailored.TrainingMix(
            self.normal, self.anomalous, real=self.real, kind=self.seeds, specific=specific, share=self.share
        )
        network = self.untrained(training)
        side = tailored.train_step(network, make, judge.predicted, mix)
        seed = int(self.rng(3, training).integers(2**31))
        given: dict[str, Any] = {"iterations": self.updates, "seed": seed, "device": self.device, "state": state}
        data = real(self.dataset, 10 * self.normal)
        for item in train({"detector": network}, {"one": side}, data, **given):
            yield item if isinstance(item, dict) else Slice(*item)

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the trainings."""
        return {key: np.stack([part[key] for part in parts]) for key in parts[0]}


def trained(experiment: Detecting, arrays: Any, training: int) -> Discriminator:
    """Return one trained detector of a record."""
    one = {key: array[training] for key, array in arrays.items() if key.startswith("weights.")}
    network: Discriminator = load(experiment.untrained(training), "detector", one)
    return network.requires_grad_(False)


def needs(experiment: Detecting) -> dict[str, Experiment]:
    """Return the classifier, the GAN and the detectors."""
    return {
        "classifier": experiment.classifier(),
        "gan": experiment.training(),
        "detector": experiment.detectors(),
    }


def told(experiment: Detecting, detector: Discriminator) -> Callable[[Tensor, Tensor], Tensor]:
    """Return D as a function of images and decided classes (b,), of which a detector without labels is told nothing."""
    classes = experiment.plan.classes if experiment.labelled else 0
    return lambda x, labels: detector(x, one_hot(labels, classes))
