"""Chapter `audit`: detectors of PyOD, audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen import datasets
from anogen.auditing import FINDINGS, audit
from anogen.auditing.detector import import_detector
from anogen.errors import InputError
from companion.experiment import Arrays, Experiment, Inputs, digits

DETECTORS = (
    "pyod.models.abod:ABOD", "pyod.models.cblof:CBLOF", "pyod.models.cof:COF", "pyod.models.copod:COPOD",
    "pyod.models.deep_svdd:DeepSVDD", "anogen.detectors.deep_svdd:UntrainedDeepSVDD", "pyod.models.dif:DIF",
    "pyod.models.ecod:ECOD", "pyod.models.gmm:GMM", "pyod.models.hbos:HBOS", "pyod.models.iforest:IForest",
    "pyod.models.inne:INNE", "pyod.models.kde:KDE", "pyod.models.knn:KNN", "pyod.models.loda:LODA",
    "pyod.models.lof:LOF", "pyod.models.ocsvm:OCSVM", "pyod.models.pca:PCA", "pyod.models.vae:VAE",
)  # fmt: skip
SLOW = ("pyod.models.dif:DIF", "pyod.models.vae:VAE")  # copies take minutes, so four faults are not checked
FAST = ("pyod.models.hbos:HBOS", "pyod.models.knn:KNN")
QUICK = {"detectors": list(FAST)}
MEASURES = (
    "noise_above_real", "black_below_real", "shuffled_above_real", "changed_above_real", "constant_to_varying",
    "change_when_repeated", "change_with_batch", "order_with_other_data", "order_with_other_seed", "roc_auc",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Audited(Experiment):
    """Detectors are audited on one class of images, the other classes being anomalous.

    Arrays, for D detectors: `findings` (D, F) bool, in the order of `auditing.FINDINGS`; `asked` (D,), whether the
    detector was tested for being untrained; `measures` (D, 10), in the order of `MEASURES`, NaN where there is none.
    """

    name = "audited"
    quick: ClassVar = {"detectors": FAST}
    axes: ClassVar = ("detectors",)

    dataset: str = "mnist-5k"
    normal: int = 4
    detectors: tuple[str, ...] = DETECTORS

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.normal)
        if not self.detectors:
            raise InputError("no detector to audit: give at least one, such as pyod.models.knn:KNN")
        for path in self.detectors:
            import_detector(path)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Audit one detector."""
        (path,) = cell
        data = datasets.load(self.dataset)
        rows = data.x_train.reshape(len(data.x_train), -1) / 255
        asked = path not in SLOW
        report = audit(
            import_detector(path), rows, data.y_train, normal_label=self.normal, image_shape=data.image_shape,
            fit_copies=asked, max_seconds=np.inf, random_state=self.seed, name=path,
        )  # fmt: skip
        measures = [report.measures.get(name) for name in MEASURES]
        return {
            "findings": np.array([report.findings[name].found for name in FINDINGS]),
            "asked": np.array(asked),
            "measures": np.array([np.nan if value is None else value for value in measures]),
        }


def chapter_experiments(
    scale: str = "laptop", digit: int = 4, detectors: str | Sequence[str] = DETECTORS, seed: int = 0
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    paths = (detectors,) if isinstance(detectors, str) else tuple(detectors)
    return {"audited": Audited.at(scale, normal=digit, detectors=paths, seed=seed)}
