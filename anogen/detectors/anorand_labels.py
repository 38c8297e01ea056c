"""AnoRand's synthetic anomalies: a few rows disturbed by Gaussian noise, and multiplied by SMOTE (AnoRand 5.1).

The source names shares of 2% and of 5% (`inc-anorand-03`) and not the order of noise and SMOTE (`inc-anorand-10`). Here
2% of the rows are disturbed, and SMOTE fills them up to 5% of the training set.
"""

import numpy as np

DISTURBED = 0.02  # of the rows; they leave the normal ones
SHARE = 0.05  # of the training set that is anomalous in the end
NEIGHBOURS = 5  # that SMOTE interpolates between, imbalanced-learn's default


def drawn(n: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return which of n rows become synthetic anomalies, (n,) of bool: a share of them, but two at least."""
    chosen = np.zeros(n, dtype=bool)
    chosen[rng.choice(n, max(2, round(share * n)), replace=False)] = True
    return chosen


def disturbed(rows: np.ndarray, scale: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise of `noise` times each feature's standard deviation `scale` (d,), 0 where it never changes."""
    return rows + rng.normal(size=rows.shape) * (noise * scale)


def n_synthetic(n_normal: int, at_hand: int) -> int:
    """Return how many anomalies make up 5% of the training set, but no fewer than are at hand."""
    return max(at_hand, round(n_normal * SHARE / (1 - SHARE)))


def multiplied(normal: np.ndarray, anomalies: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the anomalies (m, d), and what SMOTE puts between them until they are 5% of all rows.

    With five anomalies or fewer SMOTE has as many neighbours as there are.
    """
    from imblearn.over_sampling import SMOTE

    target = n_synthetic(len(normal), len(anomalies))
    if target == len(anomalies):
        return anomalies
    smote = SMOTE(
        sampling_strategy={1: target},
        k_neighbors=min(NEIGHBOURS, len(anomalies) - 1),
        random_state=int(rng.integers(2**31)),
    )
    y = np.repeat([0, 1], [len(normal), len(anomalies)])
    rows, labels = smote.fit_resample(np.concatenate([normal, anomalies]), y)
    return rows[labels == 1]


def synthetic(
    X: np.ndarray, scale: np.ndarray, noise: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return AnoRand's training set X_tr, (m, d), and its labels (m,): 0 for rows of X, 1 for synthetic anomalies.

    Parameters
    ----------
    X
        Rows (n, d), taken as normal.
    scale
        Standard deviation of each feature, (d,), which is the unit of `noise`.
    noise
        Standard deviation of the Gaussian noise.
    """
    chosen = drawn(len(X), DISTURBED, rng)
    normal = X[~chosen]
    anomalies = multiplied(normal, disturbed(X[chosen], scale, noise, rng), rng)
    return np.concatenate([normal, anomalies]), np.repeat([0, 1], [len(normal), len(anomalies)])
