"""What is in a data set, and how much of it an autoencoder leaves unexplained (claims c-05 to c-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen import datasets
from anogen.detectors import fit_spec
from companion.experiment import Arrays, Experiment, Inputs, at_least, stack
from companion.studies.evaluation_data import Trained


@dataclass(frozen=True, kw_only=True)
class Counts(Experiment):
    """Numbers of images by class (C,): `train`, `test`; the `shape` of an image; `levels`, lowest and highest value."""

    name = "data-counts"
    quick: ClassVar = {"dataset": "mnist-5k"}
    named: ClassVar = ("dataset",)

    dataset: str = "mnist"

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Count."""
        data = datasets.load(self.dataset)
        classes = len(data.classes)
        return {
            "train": np.bincount(data.y_train, minlength=classes),
            "test": np.bincount(data.y_test, minlength=classes),
            "shape": np.array(data.image_shape),
            "levels": np.array([data.x_train.min(), data.x_train.max()]),
        }


@dataclass(frozen=True, kw_only=True)
class Reconstruction(Trained):
    """The reconstruction error of unseen normal images, of autoencoders trained on equally many images of one class.

    Arrays, for T trainings: `errors` (T,), the mean over held-out images of the class. Of the same images:
    `pixel_variance`, the mean over the pixels of their variance, which is the error of the mean image;
    `total_variance` of all their values.
    """

    name = "reconstruction"
    quick: ClassVar = {"dataset": "mnist-5k", "images": 100, "trainings": 1}
    tolerance = 0.2

    detector: str = "autoencoder"
    images: int = 5_000
    trainings: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, images=self.images, trainings=self.trainings)

    def cells(self) -> Sequence[tuple]:
        """One cell for each training."""
        return [(training,) for training in range(self.trainings)]

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * self.images)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train, and reconstruct."""
        seed, data = int(self.rng(*cell).integers(2**31)), self.data
        detector = fit_spec(self.detector, data.X_train[: self.images], seed, data.image_shape)
        return {"errors": np.array(detector.decision_function(data.test_normal).mean())}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the trainings."""
        real = self.data.test_normal.astype(np.float64)
        return stack(parts, self.trainings) | {
            "pixel_variance": np.array(real.var(axis=0).mean()),
            "total_variance": np.array(real.var()),
        }
