"""Rows with labels for the benchmark, and how they are split: ADBench's protocol, and PyOD's published one."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from companion.datasets import adbench
from notebooks.anorand.common import classification

# What packages ship, for trials without ADBench. None of it is one of ADBench's data sets.
SHIPPED = ("breast-cancer", "wine-cultivars", "artificial")


class Split(NamedTuple):
    """Standardised rows; the labels of `train` are for supervised methods alone."""

    train: np.ndarray  # (n, d)
    train_labels: np.ndarray  # (n,), 1 for anomalies
    test: np.ndarray  # (m, d)
    test_labels: np.ndarray


def rows(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows (n, d) and labels (n,) of one of ADBench's files, or of a set that packages ship."""
    if name not in SHIPPED:
        data = adbench.load(name)
        return np.asarray(data.x, dtype=np.float64), data.y
    if name == "breast-cancer":  # benign tumours are normal; the first 40 malignant ones are kept
        x, y = load_breast_cancer(return_X_y=True)
        return one_class(x, y == 0, 40)
    if name == "wine-cultivars":  # the third cultivar is the anomaly; its first 10 wines are kept
        x, y = load_wine(return_X_y=True)
        return one_class(x, y == 2, 10)
    made = classification("defaults", 200, 100, 0)
    x, y = np.concatenate([made.train, made.test]), np.concatenate([made.train_labels, made.labels])
    return x, y.astype(np.uint8)


def one_class(x: np.ndarray, anomalous: np.ndarray, kept: int) -> tuple[np.ndarray, np.ndarray]:
    """Return all normal rows and the first so many anomalies, with labels."""
    chosen = np.concatenate([np.flatnonzero(~anomalous), np.flatnonzero(anomalous)[:kept]])
    return np.asarray(x[chosen], dtype=np.float64), anomalous[chosen].astype(np.uint8)


def split(
    x: np.ndarray, y: np.ndarray, seed: int, *, most: int = 10_000, test: float = 0.3, alike: bool = True
) -> Split:
    """Split at random, and standardise by the training rows.

    ADBench also draws sets of under 1,000 rows up to 1,000 with repetition *before* it splits, so that the same row is
    trained on and tested; that is not done here. Nor is its cap, which may leave out rare anomalies, blind to labels.

    Parameters
    ----------
    x, y
        Rows (n, d), labels (n,).
    most
        Of more rows than these a random part is taken first, of either kind its share.
    test
        Share of the rows that is tested.
    alike
        Whether both parts have the same share of anomalies.
    """
    if len(x) > most:
        x, _, y, _ = train_test_split(x, y, train_size=most, stratify=y, random_state=seed)
    train, tested, labels, test_labels = train_test_split(
        x, y, test_size=test, stratify=y if alike else None, random_state=seed
    )
    scaler = StandardScaler().fit(train)
    return Split(scaler.transform(train), labels, scaler.transform(tested), test_labels)
