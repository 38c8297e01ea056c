"""Ablations of AnoRand: its parts, the forms of its loss, its synthetic labels (Fig. 2) and its measures.

They cover x-anorand-ablation, x-label-generation and x-metrics of the inventory (AnoRand 5).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.datasets import make_classification
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from anogen.detectors import anorand as parts
from anogen.detectors.anorand import AnoRand, add_noise, fit_together
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays, Experiment, Inputs, stack
from notebooks.anorand.anorand.variants import LOSSES, VARIANTS, Variant
from notebooks.anorand.common import ANOMALIES, FEATURES, SETTINGS, Rows, classification, measure


@dataclass(frozen=True, kw_only=True)
class Ablation(Experiment):
    """Variants of AnoRand on the same data; a variant's trainings are one tensor.

    Batches are smaller than the source's, so that fewer rows give the number of steps that its 20,000 rows give.

    Arrays for V variants, S settings and R runs: `ap` and `roc` (V, S, R, 4) of the score, y_mlp, y_AE and the score
    with alpha swapped; `alpha` (V, S, R); `quartiles` (V, S, R, 2); `error` (V, S, R), the mean squared error of a
    standardised feature over normal test rows; `recall` (V, S, R, 2), the shares of anomalous and of normal rows that
    y_mlp puts on their side of 0.5. The anomalous rows are normal test rows with the noise of the training, and for
    `supervised-mlp` the anomalies of the test set. `variants` (V,).
    """

    name = "anorand-ablation"
    quick: ClassVar = {
        "variants": ("reference", "permuted", "autoencoder", "supervised-mlp"), "rows": 600, "test_rows": 600,
        "runs": 2, "epochs": 2,
    }  # fmt: skip
    least: ClassVar = {"runs": 1, "epochs": 1, "batch_size": 1, "few_batch_size": 1, "rows": 100, "test_rows": 100}
    listed: ClassVar = {"variants": "variants"}
    axes = ("variants",)

    variants: tuple[str, ...] = tuple(VARIANTS)
    rows: int = 5000
    test_rows: int = 5000
    runs: int = 5
    epochs: int = 200
    batch_size: int = 32
    few_batch_size: int = 128  # of the variants with a small training set
    learning_rate: float = 1e-4

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and measure one variant on the data of all settings and runs."""
        variant = VARIANTS[cell[0]]
        trainings = [(setting, run) for setting in range(len(SETTINGS)) for run in range(self.runs)]
        sets = [self._data(variant, *training) for training in trainings]
        detectors = [self._make_detector(variant, *training) for training in trainings]
        labels = [rows.train_labels for rows in sets] if variant.supervised else None
        fit_together(detectors, [rows.train for rows in sets], labels)
        pieces = zip(detectors, sets, trainings, strict=True)
        return stack([self._measure(*piece, variant) for piece in pieces], len(SETTINGS), self.runs)

    def _data(self, variant: Variant, setting: int, run: int) -> Rows:
        """Return the data of one training: the same for all variants, except that real labels need anomalies."""
        seed = int(self.rng(setting, run).integers(2**31))
        name, rows = list(SETTINGS)[setting], variant.rows or self.rows
        if not variant.supervised:
            return classification(name, rows, self.test_rows, seed)
        n, options = self.test_rows, SETTINGS[name].options
        X, y = make_classification(rows + n, FEATURES, weights=[1 - ANOMALIES], random_state=seed, **options)
        return Rows(X[n:], y[n:], X[:n], y[:n])

    def _make_detector(self, variant: Variant, setting: int, run: int) -> AnoRand:
        return variant.detector_class(
            w=1.0 if variant.supervised else 0.2,
            supervision="labels" if variant.supervised else "synthetic",
            epochs=self.epochs,
            batch_size=self.few_batch_size if variant.rows else self.batch_size,
            learning_rate=self.learning_rate,
            random_state=int(self.rng(setting, run, 1).integers(2**31)),
        )

    def _measure(self, detector: AnoRand, rows: Rows, training: tuple[int, int], variant: Variant) -> Arrays:
        normal, anomalous = rows.test[rows.labels == 0], rows.test[rows.labels == 1]
        if not variant.supervised:
            anomalous = add_noise(normal, detector.spread_, detector.noise, self.rng(*training, 2))
        noisy, clean = (detector.probabilities(part)[0] > 0.5 for part in (anomalous, normal))
        return measure(detector, rows, swapped=True) | {
            "error": np.array(reconstruction_error(detector, normal)),
            "recall": np.array([noisy.mean(), (~clean).mean()]),
        }


def reconstruction_error(detector: AnoRand, rows: np.ndarray) -> float:
    """Return the mean squared error of a standardised feature."""
    return float(np.square((rows - detector.reconstruct(rows)) / detector.scale_).mean())


@dataclass(frozen=True, kw_only=True)
class Signs(Experiment):
    """Reconstruction and detection under each of the source's forms of the loss (`inc-anorand-04`, `-05`).

    Arrays, for L losses, E numbers of epochs and R runs: `error` (L, E, R), the mean squared error of a standardised
    feature over normal test rows; `cross_entropy` (L, E, R) of y_mlp on normal test rows and the same rows with noise;
    `epochs_seen` (E,). The runs with more epochs begin as those with fewer.
    """

    name = "anorand-signs"
    quick: ClassVar = {"rows": 300, "runs": 2, "stops": (1, 3)}
    least: ClassVar = {"rows": 100, "runs": 1, "batch_size": 1}
    listed: ClassVar = {"epochs_seen": "stops"}
    losses = tuple(LOSSES)
    axes = ("losses", "stops")

    rows: int = 2000
    runs: int = 5
    stops: tuple[int, ...] = (1, 2, 5, 10, 20, 50, 100, 200)
    batch_size: int = 32
    learning_rate: float = 1e-4

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train all runs for one number of epochs."""
        loss, epochs = cell
        options = {"epochs": epochs, "batch_size": self.batch_size, "learning_rate": self.learning_rate}
        seeds = [int(self.rng(run).integers(2**31)) for run in range(self.runs)]
        sets = [classification("defaults", self.rows, self.rows, seed) for seed in seeds]
        detectors = [LOSSES[loss](random_state=run, **options) for run in range(self.runs)]
        fit_together(detectors, [rows.train for rows in sets])
        error, cross_entropy = [], []
        for run, (detector, rows) in enumerate(zip(detectors, sets, strict=True)):
            normal = rows.test[rows.labels == 0]
            noisy = add_noise(normal, detector.spread_, detector.noise, self.rng(run, 1))
            normal_logits, noisy_logits = detector.outputs(normal)[0], detector.outputs(noisy)[0]
            error.append(reconstruction_error(detector, normal))
            cross_entropy.append((np.logaddexp(0, normal_logits).mean() + np.logaddexp(0, -noisy_logits).mean()) / 2)
        return {"error": np.array(error), "cross_entropy": np.array(cross_entropy)}


KINDS = ("held-out rows", "SMOTE after the noise", "SMOTE before the noise", "noise alone")  # last axis of `distance`


@dataclass(frozen=True, kw_only=True)
class Labels(Experiment):
    """Distances of synthetic anomalies from normal rows, and their share (Fig. 2).

    Arrays, for S settings, R runs and V levels of noise: `distance` (S, R, V, 4), the mean distance of a row to the
    nearest normal training row, features standardised, for `KINDS`; `share` (S, R, V), of the training set that is
    synthetic; `noise` (V,).
    """

    name = "anorand-labels"
    exact = True
    quick: ClassVar = {"rows": 1500, "runs": 2}
    least: ClassVar = {"rows": 200, "runs": 1}
    listed: ClassVar = {"noise": "noise"}
    settings = len(SETTINGS)
    axes = ("settings", "runs")
    effort: ClassVar = ("rows", "rows")  # distances

    rows: int = 20_000
    runs: int = 5
    noise: tuple[float, ...] = (0.02, 0.32, 0.52, 1.0)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Make anomalies of one data set at every level of noise."""
        name = list(SETTINGS)[cell[0]]
        rows = classification(name, self.rows, 1000, int(self.rng(*cell).integers(2**31)))
        scaler = StandardScaler().fit(rows.train)
        train, held_out = scaler.transform(rows.train), scaler.transform(rows.test[rows.labels == 0])
        distance, share = [], []
        for level, noise in enumerate(self.noise):
            X, y = parts.synthetic_training_set(train, np.ones(train.shape[1]), noise, self.rng(*cell, level))
            normal, anomalies = X[y == 0], X[y == 1]
            others = other_anomalies(train, noise, self.rng(*cell, level, 1))
            distance.append([nearest_distance(*p) for p in ((normal, held_out), (normal, anomalies), *others)])
            share.append(y.mean())
        return {"distance": np.array(distance), "share": np.array(share)}


def other_anomalies(train: np.ndarray, noise: float, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the remaining normal rows and the anomalies, twice: by SMOTE and then noise, and by noise alone."""
    ones = np.ones(train.shape[1])
    few, many = (parts.choose_rows(len(train), share, rng) for share in (parts.NOISE_SHARE, parts.ANOMALY_SHARE))
    smote = parts.oversample(train[~few], train[few], rng)
    return [(train[~few], add_noise(smote, ones, noise, rng)), (train[~many], add_noise(train[many], ones, noise, rng))]


def nearest_distance(normal: np.ndarray, rows: np.ndarray) -> float:
    """Return the mean distance of rows to the nearest normal row."""
    return float(NearestNeighbors(n_neighbors=1).fit(normal).kneighbors(rows)[0].mean())


@dataclass(frozen=True, kw_only=True)
class Measures(Experiment):
    """ROC AUC and AUC PR of two detectors with equal ROC AUC, as anomalies become rare (x-metrics).

    One scores all anomalies a little higher; the other separates nine in ten perfectly and the tenth not at all.
    Arrays, for P prevalences: `roc` and `ap` (P, 2), `prevalence` (P,).
    """

    name = "anorand-measures"
    exact = True
    quick: ClassVar = {"points": 20_000}
    least: ClassVar = {"points": 1000}
    listed: ClassVar = {"prevalence": "prevalence"}

    points: int = 200_000
    prevalence: tuple[float, ...] = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
    shift: float = 2.326  # of the first one's scores in standard deviations: Phi(shift / sqrt 2) = 0.95

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Score and measure at every prevalence."""
        roc, ap = [], []
        for i, prevalence in enumerate(self.prevalence):
            rng = self.rng(i)
            labels = (np.arange(self.points) < prevalence * self.points).astype(np.int8)
            shifted = rng.normal(size=self.points) + self.shift * labels
            separated = rng.random(self.points) + (labels == 1) * (np.arange(self.points) % 10 != 0)
            roc.append([roc_auc(scores, labels) for scores in (shifted, separated)])
            ap.append([average_precision(scores, labels) for scores in (shifted, separated)])
        return {"roc": np.array(roc), "ap": np.array(ap)}
