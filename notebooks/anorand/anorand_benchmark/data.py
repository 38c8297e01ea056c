"""Rows with labels for the benchmark, and how they are split: ADBench's protocol, and PyOD's published one."""

from functools import lru_cache

import numpy as np
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from companion.datasets import adbench
from notebooks.anorand.common import Rows, classification

# Sets that packages ship, for trials without ADBench; none of them is one of ADBench's.
SHIPPED = ("breast-cancer", "wine-cultivars", "artificial")
# The data sets of Table 2 as the source prints them, and as ADBench has them.
TABLE_2 = {
    "campaign": "campaign", "celeba": "celeba", "cover": "cover", "fraud": "fraud", "CFAR10": "CIFAR10",
    "census": "census", "Waveform": "Waveform", "imdb": "imdb", "magic_gamma": "magic.gamma", "wilt": "Wilt",
    "Amazon": "amazon", "FashionMNIST": "FashionMNIST", "Agnews": "agnews", "anthyroid": "annthyroid",
    "cardio": "cardio", "SVMN": "SVHN", "letter": "letter", "fault": "fault", "MVTec-AD": "MVTec-AD",
}  # fmt: skip


@lru_cache(maxsize=1)
def load_rows(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return rows (n, d) and labels (n,) of a file of ADBench or of a shipped set; the last is kept for its cells."""
    if name not in SHIPPED:
        data = adbench.load(name)
        return np.asarray(data.x, dtype=np.float64), data.y
    if name == "artificial":
        made = classification("defaults", 200, 100, 0)
        x, y = np.concatenate([made.train, made.test]), np.concatenate([made.train_labels, made.labels])
        return x, y.astype(np.uint8)
    # Benign tumours are normal, and the first 40 malignant ones are kept; of the third cultivar, the first 10 wines.
    load, label, kept = {"breast-cancer": (load_breast_cancer, 0, 40), "wine-cultivars": (load_wine, 2, 10)}[name]
    x, y = load(return_X_y=True)
    chosen = np.concatenate([np.flatnonzero(y != label), np.flatnonzero(y == label)[:kept]])
    return np.asarray(x[chosen], dtype=np.float64), (y[chosen] == label).astype(np.uint8)


def split(
    x: np.ndarray, y: np.ndarray, seed: int, *, max_rows: int = 10_000, test_share: float = 0.3, stratified: bool = True
) -> Rows:
    """Split rows (n, d) with labels (n,) at random, and standardise by the training rows.

    ADBench also resamples sets of under 1,000 rows to 1,000 *before* it splits, so that training and test rows overlap;
    that is not done here. Its cap ignores the labels and may leave out rare anomalies; the cap here is stratified.
    """
    if len(x) > max_rows:
        x, _, y, _ = train_test_split(x, y, train_size=max_rows, stratify=y, random_state=seed)
    strata = y if stratified else None
    train, test, labels, test_labels = train_test_split(x, y, test_size=test_share, stratify=strata, random_state=seed)
    scaler = StandardScaler().fit(train)
    return Rows(scaler.transform(train), labels, scaler.transform(test), test_labels)
