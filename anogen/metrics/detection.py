"""Detection metrics from scores (larger = more anomalous) or alarms, and labels (1 = anomalous).

Throughout, 0/0 is 0: a detector that never alarms has precision 0.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from anogen.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class PrecisionRecallF1(NamedTuple):
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float
    f1: float


class Confusion(NamedTuple):
    """Counts of a detector's alarms: true and false positives, false and true negatives."""

    tp: int
    fp: int
    fn: int
    tn: int


def roc_auc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Probability that an anomaly scores above a normal sample, ties counted half: the area under `roc_curve`.

    Parameters
    ----------
    scores, labels : (n,).

    Raises
    ------
    InputError
        If a score is NaN, the lengths differ, or one of the two kinds is missing.
    """
    s, anomalous = _scored(scores, labels)
    n1, n0 = int(anomalous.sum()), int((~anomalous).sum())
    return float((rankdata(s)[anomalous].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def roc_curve(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
    """False and true positive rates (fpr, tpr), each (m,), from (0, 0) to (1, 1) as the threshold falls.

    Equal scores cross the threshold together, so m is one more than the number of distinct scores. Raises as `roc_auc`.
    """
    s, anomalous = _scored(scores, labels)
    order = np.argsort(-s, kind="stable")
    last = _last_of_each(s[order])
    tp, fp = np.cumsum(anomalous[order])[last], np.cumsum(~anomalous[order])[last]
    return np.append(0.0, fp / fp[-1]), np.append(0.0, tp / tp[-1])


def average_precision(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the precision-recall curve as a step function (AUC PR). Raises as `roc_auc`."""
    s, anomalous = _scored(scores, labels)
    order = np.argsort(-s, kind="stable")
    last = _last_of_each(s[order])
    tp = np.cumsum(anomalous[order])[last]
    return float(np.sum(np.diff(np.append(0, tp)) / tp[-1] * tp / (last + 1)))


def fpr95tpr(scores: ArrayLike, labels: ArrayLike) -> float:
    """Share of anomalies accepted at the threshold that accepts 95% of the normal samples. Raises as `roc_auc`."""
    s, anomalous = _scored(scores, labels)
    real = np.sort(s[~anomalous])
    threshold = real[-(-95 * len(real) // 100) - 1]  # the smallest score with at least 95% of the real ones at or below
    return float(np.mean(s[anomalous] <= threshold))


def confusion(predicted: ArrayLike, labels: ArrayLike) -> Confusion:
    """Count alarms (n,) against labels (n,).

    Raises
    ------
    InputError
        If either is empty or holds anything but 0 and 1, or the lengths differ.
    """
    alarm, anomalous = _binary(predicted, "predicted"), _binary(labels, "labels")
    if alarm.shape != anomalous.shape:
        raise InputError(
            f"predicted and labels differ in length ({alarm.size} and {anomalous.size}): give one of each per sample"
        )
    counts = (alarm & anomalous, alarm & ~anomalous, ~alarm & anomalous, ~alarm & ~anomalous)
    return Confusion(*(int(count.sum()) for count in counts))


def precision_recall_f1(predicted: ArrayLike, labels: ArrayLike) -> PrecisionRecallF1:
    """Precision tp/(tp+fp), recall tp/(tp+fn) and F1 = 2 P R/(P+R). Raises as `confusion`."""
    tp, fp, fn, _ = confusion(predicted, labels)
    return PrecisionRecallF1(_ratio(tp, tp + fp), _ratio(tp, tp + fn), _ratio(2 * tp, 2 * tp + fp + fn))


def accuracy(predicted: ArrayLike, labels: ArrayLike) -> float:
    """Share of samples judged rightly. Raises as `confusion`."""
    tp, fp, fn, tn = confusion(predicted, labels)
    return (tp + tn) / (tp + fp + fn + tn)


def phi(predicted: ArrayLike, labels: ArrayLike) -> float:
    """Correlation of alarms and labels (Matthews). Raises as `confusion`."""
    tp, fp, fn, tn = confusion(predicted, labels)
    return _ratio(tp * tn - fp * fn, float((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) ** 0.5)


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else 0.0


def _binary(values: ArrayLike, what: str) -> Bools:
    array: NDArray[Any] = np.asarray(values).ravel()
    if array.size == 0:
        raise InputError(f"{what} is empty: give at least one sample")
    if not np.isin(array, (0, 1)).all():
        raise InputError(f"{what} holds {array[~np.isin(array, (0, 1))][0]!r}: use 1 for anomalous and 0 for normal")
    return array.astype(bool)


def _last_of_each(ordered: Floats) -> NDArray[np.intp]:
    """Return where in ordered scores (n,), infinite ones too, the last of each distinct score is."""
    return np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)


def _scored(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Bools]:
    s, anomalous = np.asarray(scores, dtype=np.float64).ravel(), _binary(labels, "labels")
    if s.shape != anomalous.shape:
        raise InputError(
            f"scores and labels differ in length ({s.size} and {anomalous.size}): give one of each per sample"
        )
    if np.isnan(s).any():
        raise InputError(f"score {int(np.flatnonzero(np.isnan(s))[0])} is NaN: remove the sample or mend the detector")
    if anomalous.all() or not anomalous.any():
        kind = "anomalous" if anomalous.all() else "normal"
        raise InputError(f"every label is {kind}: a ranking needs both normal and anomalous samples")
    return s, anomalous
