"""The tailored detector's trainings: on fakes and near anomalies, and the variants of Tables 7 to 10."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from torch import Tensor

from anogen.detectors.gan import tailored
from anogen.detectors.gan.networks import MNIST, Discriminator, one_hot
from anogen.detectors.gan.training import TrainStep, load, train
from anogen.errors import InputError
from companion.datasets.anomaly_sets import NAMES, anomalies
from companion.experiment import Arrays, Experiment, Inputs, Slice, fraction
from notebooks.tailored.common.wgan import GANExperiment, training_data

SPECIFIC = 1_000  # images of a specific set that training draws from
ScoreFunction = Callable[[Tensor, Tensor], Tensor]  # images, decided classes (b,) -> scores (b,), large for normal


@dataclass(frozen=True, kw_only=True)
class DetectorExperiment(GANExperiment):
    """Parameters of the tailored detectors' training, for every experiment on them."""

    quick: ClassVar = {**GANExperiment.quick, "trainings": 2, "updates": 10}
    paper: ClassVar = {**GANExperiment.paper, "updates": 1_200}
    needs_detectors: ClassVar[bool] = True
    least: ClassVar = {"trainings": 1, "updates": 1, "normal": 1, "anomalous": 1}

    trainings: int = 8
    updates: int = 600  # iterations of the detector's training
    normal: int = 10  # fakes of each class in an iteration
    anomalous: int = 10  # near anomalies of each class
    real: bool = False  # real images in the place of fakes
    specific: str = ""  # a set of real anomalies that takes the place of a share of the near ones
    share: float = 0.5
    labelled: bool = True  # the class is an input of the detector

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(share=self.share)
        if self.specific and self.specific not in NAMES:
            raise InputError(f"there is no set of anomalies {self.specific!r}: choose one of {', '.join(NAMES)}")

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * self.updates * (self.normal + self.anomalous))

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, the GAN and, in most cases, the detectors."""
        return super().requires() | ({"detector": self.detector_training()} if self.needs_detectors else {})

    def detector_training(self) -> "DetectorTraining":
        """Return the experiment that trains the detectors."""
        return DetectorTraining(**{f.name: getattr(self, f.name) for f in fields(DetectorTraining)})

    def untrained(self, training: int) -> Discriminator:
        """Return a detector before training."""
        network = Discriminator(self.plan if self.labelled else self.plan._replace(classes=0))
        return self.initialise(network, int(self.rng(2, training).integers(2**31)))

    def trained(self, inputs: Inputs) -> list[Discriminator]:
        """Return the trained detectors."""
        networks = []
        for t in range(self.trainings):
            weights = {key: array[t] for key, array in inputs["detector"].items() if key.startswith("weights.")}
            networks.append(load(self.untrained(t), "detector", weights).requires_grad_(False))
        return networks

    def score_functions(self, inputs: Inputs) -> list[ScoreFunction]:
        """Return D of each detector as a function of images and decided classes, which it ignores without labels."""
        classes = self.plan.classes if self.labelled else 0
        return [lambda x, labels, d=d: d(x, one_hot(labels, classes)) for d in self.trained(inputs)]  # type: ignore[misc]


@dataclass(frozen=True, kw_only=True)
class DetectorTraining(DetectorExperiment):
    """Train independent anomaly detectors (Sec. 4.4).

    Arrays, for T trainings: `weights.detector.*` (T, ...); `losses.one.loss` (T, updates).
    """

    name = "tailored-detector"
    axes: ClassVar = ("trainings",)
    needs_detectors = False

    def kept(self) -> bool:
        """Keep narrow networks only: eight of the printed width fill 4 MB."""
        return self.width < MNIST.discriminator

    def train_step(self, network: Discriminator, inputs: Inputs) -> tuple[TrainStep, int]:
        """Return the update of a detector, and the number of real images in its batches."""
        specific = anomalies(self.specific, self.plan.shape, SPECIFIC, self.seed, "train") if self.specific else None
        mix = tailored.TrainingMix(
            self.normal, self.anomalous, real=self.real, kind=self.seeds, specific=specific, share=self.share
        )
        generator, classifier = self.trained_gan(inputs)[0], self.trained_classifier(inputs)
        return tailored.train_step(network, generator, classifier.predicted, mix), 10 * self.normal

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train one detector."""
        network = self.untrained(*cell)
        step, batch = self.train_step(network, inputs)
        data, seed = training_data(self.dataset, batch), int(self.rng(3, *cell).integers(2**31))
        given: dict[str, Any] = {
            "iterations": self.updates, "seed": seed, "state": state,
            "precision": self.precision, "device": self.device,
        }  # fmt: skip
        for item in train({"detector": network}, {"one": step}, data, **given):
            yield item if isinstance(item, dict) else Slice(*item)
