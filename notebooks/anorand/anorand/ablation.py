"""What AnoRand's parts and the readings of its text change, one at a time (x-anorand-ablation, x-label-generation)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from sklearn.datasets import make_classification

from anogen.detectors.anorand import AnoRand, fit_together
from anogen.detectors.anorand_labels import disturbed
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.anorand.anorand.variants import (
    Autoencoder,
    NoDetection,
    NoiseOnly,
    OutputShared,
    Permuted,
    PrintedEquations,
    PrintedExpansion,
    SmoteFirst,
    Unsquared,
    sized,
)
from notebooks.anorand.common import ANOMALIES, FEATURES, SETTINGS, Rows, classification, together

OUTPUTS = ("score", "y_mlp", "y_AE", "alpha swapped")  # last axis of `ap` and `roc`


class Variant(NamedTuple):
    """One change to AnoRand."""

    kind: type[AnoRand]
    title: str  # as the page says it
    rows: int | None = None  # of the training set, where it is another
    supervised: bool = False


LAYERS = {"-".join(map(str, h)): h for h in ((16, 8), (64, 32), (128, 64), (32,), (64,), (64, 32, 16))}
FEW = {"rows-500": 500, "rows-2000": 2000}  # in batches of the source's size
VARIANTS = {
    "reference": Variant(AnoRand, "as this book reads it"),
    "noise-only": Variant(NoiseOnly, "5% disturbed, no SMOTE"),
    "smote-first": Variant(SmoteFirst, "SMOTE before the noise"),
    "permuted": Variant(Permuted, "features permuted among 5%, no noise"),
    "output-shared": Variant(OutputShared, "the decoder is given y_mlp"),
    "unsquared": Variant(Unsquared, "the norm of Eq. 2 as printed"),
    "no-detection": Variant(NoDetection, "w = 0"),
    "autoencoder": Variant(Autoencoder, "encoder and decoder alone"),
    "supervised-mlp": Variant(AnoRand, "real labels, w = 1", supervised=True),
    **{f"layers-{name}": Variant(sized(*hidden), f"layers {name}") for name, hidden in LAYERS.items()},
    **{name: Variant(AnoRand, f"{rows} training rows", rows) for name, rows in FEW.items()},
}


@dataclass(frozen=True, kw_only=True)
class Ablation(Experiment):
    """Variants of AnoRand on the same data; a variant's trainings are one tensor.

    Batches are smaller than the source's where the rows are fewer: as many steps are taken as on its 20,000 rows.

    Arrays for V variants, S settings and R runs: `ap` and `roc` (V, S, R, 4) of `OUTPUTS`; `alpha` (V, S, R);
    `quartiles` (V, S, R, 2); `error` (V, S, R), the mean squared error of a standardised feature over normal test rows;
    `recall` (V, S, R, 2), the shares of anomalous and of normal rows that y_mlp puts on their side of 0.5. These are
    test rows disturbed as the training's, and for `supervised-mlp` the test rows as they are.
    """

    name = "anorand-ablation"
    quick: ClassVar = {
        "variants": ("reference", "permuted", "autoencoder", "supervised-mlp"),
        "rows": 600,
        "test_rows": 600,
        "runs": 2,
        "epochs": 2,
    }
    tolerance = 0.3

    variants: tuple[str, ...] = tuple(VARIANTS)
    rows: int = 5000
    test_rows: int = 5000
    runs: int = 5
    epochs: int = 200
    batch_size: int = 32
    few_batch_size: int = 128  # of the variants with few rows
    learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, runs=self.runs, epochs=self.epochs, batch_size=self.batch_size, few_batch_size=self.few_batch_size)
        at_least(100, rows=self.rows, test_rows=self.test_rows)

    def cells(self) -> Sequence[tuple]:
        """One cell for each variant."""
        return [(variant,) for variant in self.variants]

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train one variant on the data of all settings and runs, and judge it."""
        variant = VARIANTS[cell[0]]
        trainings = [(setting, run) for setting in range(len(SETTINGS)) for run in range(self.runs)]
        sets = [self.data(variant, *training) for training in trainings]
        detectors = [self.untrained(variant, *training) for training in trainings]
        labels = [rows.train_labels for rows in sets] if variant.supervised else None
        fit_together(detectors, [rows.train for rows in sets], labels)
        parts = [
            self.judge(one, rows, training, variant)
            for one, rows, training in zip(detectors, sets, trainings, strict=True)
        ]
        shape = len(SETTINGS), self.runs
        return {key: array.reshape(*shape, *array.shape[1:]) for key, array in together(parts).items()}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the variants."""
        return together(parts) | {"variants": np.array(self.variants)}

    def data(self, variant: Variant, setting: int, run: int) -> Rows:
        """Return the data of one training: the same for all variants, but that real labels need anomalies to learn."""
        seed = int(self.rng(setting, run).integers(2**31))
        name, rows = list(SETTINGS)[setting], variant.rows or self.rows
        if not variant.supervised:
            return classification(name, rows, self.test_rows, seed)
        X, y = make_classification(
            rows + self.test_rows, FEATURES, weights=[1 - ANOMALIES], random_state=seed, **SETTINGS[name].options
        )
        n = self.test_rows
        return Rows(X[n:], y[n:], X[:n], y[:n])

    def untrained(self, variant: Variant, setting: int, run: int) -> AnoRand:
        """Return the detector of one training."""
        return variant.kind(
            w=1.0 if variant.supervised else 0.2,
            supervision="labels" if variant.supervised else "synthetic",
            epochs=self.epochs,
            batch_size=self.few_batch_size if variant.rows else self.batch_size,
            learning_rate=self.learning_rate,
            random_state=int(self.rng(setting, run, 1).integers(2**31)),
        )

    def judge(self, one: AnoRand, rows: Rows, training: tuple[int, int], variant: Variant) -> Arrays:
        """Return the measures of one training."""
        y_mlp, y_ae = one.probabilities(rows.test)
        swapped = one.alpha_ * y_ae + (1 - one.alpha_) * y_mlp
        kinds = (one.combined(y_mlp, y_ae), y_mlp, y_ae, swapped)
        normal, anomalous = rows.test[rows.labels == 0], rows.test[rows.labels == 1]
        if not variant.supervised:
            anomalous = disturbed(normal, one.spread_, one.noise, self.rng(*training, 2))
        return {
            "ap": np.array([average_precision(kind, rows.labels) for kind in kinds]),
            "roc": np.array([roc_auc(kind, rows.labels) for kind in kinds]),
            "alpha": np.array(one.alpha_),
            "quartiles": np.quantile(one.probabilities(rows.train), 0.75, axis=1),
            "error": np.array(error(one, normal)),
            "recall": np.array(
                [(one.probabilities(anomalous)[0] > 0.5).mean(), (one.probabilities(normal)[0] <= 0.5).mean()]
            ),
        }


def error(detector: AnoRand, rows: np.ndarray) -> float:
    """Return the mean squared error of a standardised feature."""
    return float(np.square((rows - detector.copies(rows)) / detector.scale_).mean())


LOSSES = {"mended": AnoRand, "equations as printed": PrintedEquations, "expansion as printed": PrintedExpansion}


@dataclass(frozen=True, kw_only=True)
class Signs(Experiment):
    """What each of the source's forms of the loss does to reconstruction and detection (`inc-anorand-04`, `-05`).

    Arrays, for L losses, E numbers of epochs and R runs: `error` (L, E, R), the mean squared error of a standardised
    feature over normal test rows; `cross_entropy` (L, E, R) of y_mlp on normal test rows and as many disturbed ones;
    `epochs_seen` (E,). The runs with more epochs begin as those with fewer.
    """

    name = "anorand-signs"
    quick: ClassVar = {"rows": 300, "runs": 2, "stops": (1, 3)}
    tolerance = 0.3

    rows: int = 2000
    runs: int = 5
    stops: tuple[int, ...] = (1, 2, 5, 10, 20, 50, 100, 200)
    batch_size: int = 32
    learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(100, rows=self.rows)
        at_least(1, runs=self.runs, batch_size=self.batch_size)

    def cells(self) -> Sequence[tuple]:
        """One cell for each loss and number of epochs."""
        return [(loss, stop) for loss in LOSSES for stop in self.stops]

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train all runs for one number of epochs."""
        loss, stop = cell
        sets = [
            classification("defaults", self.rows, self.rows, int(self.rng(run).integers(2**31)))
            for run in range(self.runs)
        ]
        detectors = [
            LOSSES[loss](epochs=stop, batch_size=self.batch_size, learning_rate=self.learning_rate, random_state=run)
            for run in range(self.runs)
        ]
        fit_together(detectors, [rows.train for rows in sets])
        found = [self.judge(one, rows, run) for run, (one, rows) in enumerate(zip(detectors, sets, strict=True))]
        return {"error": np.array([e for e, _ in found]), "cross_entropy": np.array([c for _, c in found])}

    def judge(self, one: AnoRand, rows: Rows, run: int) -> tuple[float, float]:
        """Return the reconstruction error and the cross entropy of one training."""
        normal = rows.test[rows.labels == 0]
        noisy = disturbed(normal, one.spread_, one.noise, self.rng(run, 1))
        of_normal, of_noisy = one.answers(normal)[0], one.answers(noisy)[0]
        cross_entropy = (np.logaddexp(0, of_normal).mean() + np.logaddexp(0, -of_noisy).mean()) / 2
        return error(one, normal), float(cross_entropy)

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Arrange the cells as (losses, epochs, runs)."""
        shape = len(LOSSES), len(self.stops), self.runs
        arrays = {key: array.reshape(shape) for key, array in together(parts).items()}
        return arrays | {"epochs_seen": np.array(self.stops)}
