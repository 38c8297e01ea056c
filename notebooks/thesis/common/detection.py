"""Detection on a data set, and the data themselves: test scores, reconstruction errors, class sizes, real images."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from anogen import datasets
from anogen.detectors import fit_spec
from anogen.metrics import quality
from anogen.metrics.detection import roc_auc
from anogen.metrics.images import morans_i
from companion.experiment import Arrays, Experiment, Inputs, digits
from companion.studies.evaluation_data import DetectorExperiment
from companion.studies.images import noise_floor


@dataclass(frozen=True, kw_only=True)
class Detection(DetectorExperiment):
    """A detector trained on one class scores the whole test set, for several seeds of the detector.

    It serves x-auc-table and the rows of Fig. 6.17.

    Arrays, for T trainings and n test images: `test_scores` (T, n), `test_labels` (n,), 1 for another class; `auc`
    (T,); `threshold` (T,), PyOD's; `binary_auc` (T,), of the labels that the threshold gives; `noise_scores` (T, 150)
    of uniform noise; `train_quantiles` (T, 101) of the training scores.
    """

    name = "detection"
    quick: ClassVar = {"dataset": "mnist-5k", "trainings": 1}
    axes: ClassVar = ("trainings",)
    least: ClassVar = {"trainings": 1}

    trainings: int = 3

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and score, with the test set as one batch."""
        (training,) = cell
        detector: Any = self.fitted_detector(training)
        data, threshold = self.data, float(detector.threshold_)
        scores = np.asarray(detector.decision_function(data.X_test.astype(np.float64))).reshape(-1)
        noise = torch.from_numpy(self.rng(training, 1).random((150, data.X_test.shape[1])))
        return {
            "test_scores": scores.astype(np.float32),
            "auc": np.array(roc_auc(scores, data.y_test)),
            "threshold": np.array(threshold),
            "binary_auc": np.array(roc_auc((scores > threshold).astype(float), data.y_test)),
            "noise_scores": self.scorer(training)(noise).numpy(),
            "train_quantiles": np.percentile(detector.decision_scores_, np.arange(101)),
        }

    def common(self, inputs: Inputs) -> Arrays:
        """Return the labels."""
        return {"test_labels": self.data.y_test}


@dataclass(frozen=True, kw_only=True)
class Reconstruction(DetectorExperiment):
    """Reconstruction errors of unseen normal images by autoencoders trained on a fixed number of images of one class.

    Arrays, for T trainings: `errors` (T,), the mean over held-out images of the class. Of the same images:
    `pixel_variance`, the mean over the pixels of their variance, which is the error of the mean image;
    `total_variance` of all their values. Claim thesis-c-05 compares data sets by them.
    """

    name = "reconstruction"
    quick: ClassVar = {"dataset": "mnist-5k", "images": 100, "trainings": 1}
    axes: ClassVar = ("trainings",)
    least: ClassVar = {"images": 1, "trainings": 1}
    effort: ClassVar = ("images",)

    detector: str = "autoencoder"
    images: int = 5_000
    trainings: int = 3

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train, and reconstruct."""
        seed, data = int(self.rng(*cell).integers(2**31)), self.data
        detector = fit_spec(self.detector, data.X_train[: self.images], seed, data.image_shape)
        return {"errors": np.array(detector.decision_function(data.test_normal).mean())}

    def common(self, inputs: Inputs) -> Arrays:
        """Return the variances of the held-out images."""
        real = self.data.test_normal.astype(np.float64)
        return {"pixel_variance": np.array(real.var(axis=0).mean()), "total_variance": np.array(real.var())}


@dataclass(frozen=True, kw_only=True)
class Counts(Experiment):
    """Numbers of images by class (C,): `train`, `test`; the `shape` of an image; `levels`, lowest and highest value."""

    name = "data-counts"
    exact = True
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
class RealImages(Experiment):
    """A class's pixels, and the distance of real images and of uniform noise from its training images.

    Arrays, for d pixels: `pixel_mean`, `pixel_variance` (d,) of the training images; `nn_ratio`, `morans_i` (n,) of
    the held-out images; `noise_nn_ratio`, `noise_morans_i`, `noise_like` (count,) of uniform noise.
    """

    name = "real-images"
    exact = True
    quick: ClassVar = {"dataset": "mnist-5k"}
    named: ClassVar = ("dataset", "normal")
    least: ClassVar = {"count": 1}

    dataset: str = "mnist"
    normal: int | str = 4
    count: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.normal, int):
            digits(self.normal)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Measure."""
        data = datasets.load(self.dataset).one_class(self.normal)
        reference = quality.Reference.fit(data.X_train, data.test_normal, data.image_shape)
        noise = noise_floor(reference, self.seed, self.count)
        return {
            "pixel_mean": data.X_train.mean(axis=0, dtype=np.float64).astype(np.float32),
            "pixel_variance": data.X_train.var(axis=0, dtype=np.float64).astype(np.float32),
            "nn_ratio": quality.nn_ratio(data.test_normal, reference),
            "morans_i": morans_i(data.test_normal, data.image_shape),
            **{f"noise_{key}": noise[key] for key in ("nn_ratio", "morans_i")},
            "noise_like": noise["noise_like"],
        }
