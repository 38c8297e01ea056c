"""The artificial data of AnoRand's experiments (AnoRand 6), and the measures of a fitted AnoRand on them.

The source names scikit-learn's `make_classification`, 20,000 rows and 5% anomalies. Features, informative ones among
them, distances, the size of the test set and whether the anomalies are among the training rows are left open.
"""

from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import make_classification

from anogen.detectors.anorand import AnoRand
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays

FEATURES = 20  # scikit-learn's default
ANOMALIES = 0.05


class Setting(NamedTuple):
    """One reading of the source's incomplete description of its data."""

    options: dict[str, Any]  # of make_classification, beyond its defaults
    clean: bool  # whether the anomalies are taken out of the training rows
    title: str  # on the page


SETTINGS = {
    "defaults": Setting({}, False, "two informative features of 20, anomalies among the training rows"),
    "informative": Setting({"n_informative": 18}, True, "18 informative features of 20, normal training rows only"),
}


class Rows(NamedTuple):
    """A training set and a test set with labels, 1 for anomalies: the minority class."""

    train: np.ndarray  # (n, d)
    train_labels: np.ndarray  # (n,), which no unsupervised detector sees
    test: np.ndarray  # (m, d)
    labels: np.ndarray  # (m,)


def classification(setting: str, rows: int, test_rows: int, seed: int) -> Rows:
    """Return one artificial data set; each of the source's runs has its own, so each seed gives another."""
    options, clean, _ = SETTINGS[setting]
    # a clean training set needs more rows to choose from: scikit-learn also gives 1% of them a random label
    n = test_rows + (round(rows * 1.1) + 50 if clean else rows)
    X, y = make_classification(n, FEATURES, weights=[1 - ANOMALIES], random_state=seed, **options)
    train, labels = X[test_rows:], y[test_rows:]
    if clean:
        train, labels = train[labels == 0], labels[labels == 0]
    return Rows(train[:rows], labels[:rows], X[:test_rows], y[:test_rows])


def measure(detector: AnoRand, rows: Rows, *, swapped: bool = False) -> Arrays:
    """Return `ap` and `roc` (3,) of score, y_mlp, y_AE (4: and alpha `swapped`), `alpha`, and `quartiles` Q_0, Q_1."""
    y_mlp, y_ae = detector.probabilities(rows.test)
    outputs = [detector.combine(y_mlp, y_ae), y_mlp, y_ae]
    if swapped:
        outputs.append(detector.alpha_ * y_ae + (1 - detector.alpha_) * y_mlp)
    return {
        "ap": np.array([average_precision(output, rows.labels) for output in outputs]),
        "roc": np.array([roc_auc(output, rows.labels) for output in outputs]),
        "alpha": np.array(detector.alpha_),
        "quartiles": np.quantile(detector.probabilities(rows.train), 0.75, axis=1),
    }
