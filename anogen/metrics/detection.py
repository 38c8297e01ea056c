"""Detection metrics from scores (larger = more anomalous) or alarms, and labels (1 = anomalous).

Throughout, 0/0 is 0: a detector that never raises an alarm has precision 0. scikit-learn computes what it computes to
the same bits; its ROC AUC and average precision round differently, and it rejects infinite scores.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata
from sklearn import metrics

from anogen.errors import InputError, require

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
    """Return the probability that an anomaly scores above a normal sample, ties counted half: area of `roc_curve`.

    Parameters
    ----------
    scores : array_like
        Anomaly scores (n,), finite or infinite.
    labels : array_like
        1 for anomalous and 0 for normal samples, (n,).

    Returns
    -------
    float
        The area, 0 to 1.

    Raises
    ------
    InputError
        If a score is NaN, the lengths differ, or all labels are equal.

    Examples
    --------
    >>> roc_auc([0.1, 0.3, 0.2, 0.4], [0, 0, 1, 1])
    0.75
    """
    s, anomalous = _validated(scores, labels)
    n1, n0 = int(anomalous.sum()), int((~anomalous).sum())
    return float((rankdata(s)[anomalous].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def roc_curve(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
    """Return false and true positive rates, each (m,), from (0, 0) to (1, 1) as the threshold falls.

    Equal scores cross the threshold together, so m is the number of distinct scores plus one. Raises as `roc_auc`.
    """
    s, anomalous = _validated(scores, labels)
    levels = np.unique(s, return_inverse=True)[1]  # finite even if a score is not
    fpr, tpr, _ = metrics.roc_curve(anomalous, levels, drop_intermediate=False)
    return fpr, tpr


def average_precision(scores: ArrayLike, labels: ArrayLike) -> float:
    """Return the area under the precision-recall curve as a step function (AUC PR). Raises as `roc_auc`."""
    s, anomalous = _validated(scores, labels)
    order = np.argsort(-s, kind="stable")
    ordered = s[order]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(s) - 1)  # of each distinct score
    tp = np.cumsum(anomalous[order])[last]
    return float(np.sum(np.diff(np.append(0, tp)) / tp[-1] * tp / (last + 1)))


def confusion(predicted: ArrayLike, labels: ArrayLike) -> Confusion:
    """Count alarms (n,) against labels (n,); raise `InputError` unless both hold only 0 and 1 and are equally long."""
    tn, fp, fn, tp = metrics.confusion_matrix(*_alarms(predicted, labels), labels=[False, True]).ravel().tolist()
    return Confusion(tp, fp, fn, tn)


def precision_recall_f1(predicted: ArrayLike, labels: ArrayLike) -> PrecisionRecallF1:
    """Return precision tp/(tp+fp), recall tp/(tp+fn) and F1 = 2 P R/(P+R). Raises as `confusion`."""
    values = metrics.precision_recall_fscore_support(*_alarms(predicted, labels), average="binary", zero_division=0)
    return PrecisionRecallF1(*map(float, values[:3]))


def phi(predicted: ArrayLike, labels: ArrayLike) -> float:
    """Return the correlation of alarms and labels (Matthews). Raises as `confusion`."""
    tp, fp, fn, tn = confusion(predicted, labels)
    scale = float((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) ** 0.5
    return (tp * tn - fp * fn) / scale if scale else 0.0


def _alarms(predicted: ArrayLike, labels: ArrayLike) -> tuple[Bools, Bools]:
    """Return labels and alarms, the order that scikit-learn expects."""
    alarm, anomalous = _binary(predicted, "predicted"), _binary(labels, "labels")
    _same_length("predicted", alarm, anomalous)
    return anomalous, alarm


def _same_length(name: str, values: NDArray[Any], labels: Bools) -> None:
    sizes = f"({values.size} and {labels.size})"
    require(values.shape == labels.shape, f"{name} and labels differ in length {sizes}: give one of each per sample")


def _binary(values: ArrayLike, name: str) -> Bools:
    array: NDArray[Any] = np.asarray(values).ravel()
    require(array.size, f"{name} is empty: give at least one sample")
    if not np.isin(array, (0, 1)).all():
        raise InputError(f"{name} holds {array[~np.isin(array, (0, 1))][0]!r}: use 1 for anomalous and 0 for normal")
    return array.astype(bool)


def _validated(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Bools]:
    s, anomalous = np.asarray(scores, dtype=np.float64).ravel(), _binary(labels, "labels")
    _same_length("scores", s, anomalous)
    if np.isnan(s).any():
        raise InputError(f"score {int(np.flatnonzero(np.isnan(s))[0])} is NaN: remove the sample or fix the detector")
    kind = "anomalous" if anomalous.all() else "normal"
    both = anomalous.any() and not anomalous.all()
    require(both, f"every label is {kind}: a ranking needs both normal and anomalous samples")
    return s, anomalous
