"""Choice of the rows on which a detector of one class is trained and tested."""

import numpy as np

from anogen import datasets
from anogen.datasets.dataset import unit


def choose(rng: np.random.Generator, among: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of at most `count` of the rows that a mask (n,) marks, without replacement."""
    return np.asarray(rng.permutation(np.flatnonzero(among))[:count])


def test_rows(
    data: datasets.Dataset, label: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return at most `count` normal test rows, then as many others, (n, d), and labels (n,), 1 = anomalous."""
    normal, other = (choose(rng, (data.y_test == label) == inside, count) for inside in (True, False))
    rows = unit(data.x_test[np.concatenate((normal, other))])
    return rows, (np.arange(len(rows)) >= len(normal)).astype(np.int8)
