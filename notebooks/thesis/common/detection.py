"""How well a detector detects: the scores of a whole test set (x-auc-table, and the rows of Fig. 6.17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Inputs, at_least, stack
from companion.studies.evaluation_data import Trained


@dataclass(frozen=True, kw_only=True)
class Detection(Trained):
    """A detector trained on one class scores the whole test set, for several seeds of the detector.

    Arrays, for T trainings and n test images: `test_scores` (T, n), `test_labels` (n,), 1 for another class; `auc`
    (T,); `threshold` (T,), PyOD's; `binary_auc` (T,), of the labels that the threshold gives; `noise_scores` (T, 150)
    of uniform noise; `train_quantiles` (T, 101) of the training scores.
    """

    name = "detection"
    quick: ClassVar = {"dataset": "mnist-5k", "trainings": 1}
    tolerance = 0.2

    trainings: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, trainings=self.trainings)

    def cells(self) -> Sequence[tuple]:
        """One cell for each training."""
        return [(training,) for training in range(self.trainings)]

    def work(self) -> float:
        """Count trainings."""
        return float(self.trainings)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and score, the test set as one batch."""
        (training,) = cell
        detector, data = self.fitted(training), self.data
        scores = np.asarray(detector.decision_function(data.X_test.astype(np.float64))).reshape(-1)
        threshold = float(detector.threshold_)  # type: ignore[attr-defined]
        noise = torch.from_numpy(self.rng(training, 1).random((150, data.X_test.shape[1])))
        return {
            "test_scores": scores.astype(np.float32),
            "auc": np.array(roc_auc(scores, data.y_test)),
            "threshold": np.array(threshold),
            "binary_auc": np.array(roc_auc((scores > threshold).astype(float), data.y_test)),
            "noise_scores": self.trained(training)(noise).numpy(),
            "train_quantiles": np.percentile(detector.decision_scores_, np.arange(101)),  # type: ignore[attr-defined]
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the trainings."""
        return stack(parts, self.trainings) | {"test_labels": self.data.y_test}
