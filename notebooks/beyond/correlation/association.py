"""Rank correlation of two tables over the same detectors and classes, with what can be said of its uncertainty.

A cell is one detector on one class, with all its trainings: these are drawn together. Cells of one detector resemble
each other, so an interval that takes them as independent is too narrow; both kinds of intervals are given, and the
permutation moves whole detectors.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from anogen.errors import InputError

LEVEL = 0.05  # of the test; the intervals hold the rest

Floats = NDArray[np.float64]


class Association(NamedTuple):
    """Spearman's rank correlation and its uncertainty."""

    rho: float
    cells: tuple[float, float]  # interval from a bootstrap over (detector, class), with all their trainings
    detectors: tuple[float, float]  # interval from a bootstrap over detectors, with all their classes
    p: float  # of a permutation of detectors: how often chance gives a correlation as far from 0

    @property
    def verdict(self) -> str:
        """`positive` or `negative` if both intervals exclude 0 and the test rejects it, else `undecided`."""
        for sign, word in ((1, "positive"), (-1, "negative")):
            if self.p < LEVEL and all(sign * end > 0 for end in (*self.cells, *self.detectors)):
                return word
        return "undecided"

    @property
    def silent(self) -> list[str]:
        """Which of the three do not exclude 0, in words."""
        kinds = {"the interval over detectors": self.detectors, "the interval over cells": self.cells}
        found = [name for name, (low, high) in kinds.items() if low <= 0 <= high]
        return [*found, *(["the test that shuffles detectors"] if self.p >= LEVEL else [])]


def spearman(x: Floats, y: Floats) -> float:
    """Return Spearman's correlation of two tables, ties having mean ranks; 0 where one of them is constant."""
    a, b = rankdata(np.ravel(x)) - (x.size + 1) / 2, rankdata(np.ravel(y)) - (y.size + 1) / 2
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale > 0 else 0.0


def association(x: Floats, y: Floats, seed: int = 0, draws: int = 1_000) -> Association:
    """Correlate two tables (detectors, classes) or (detectors, classes, trainings), cells with NaN left out.

    Raises
    ------
    InputError
        If the tables have different shapes, or fewer than three detectors have a number in both.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.shape != y.shape or x.ndim not in (2, 3):
        raise InputError(f"tables of shapes {x.shape} and {y.shape} do not fit: give (detectors, classes) twice")
    x, y = (table.reshape(*table.shape[:2], -1) for table in (x, y))
    known = np.asarray((np.isfinite(x) & np.isfinite(y)).all(axis=-1))
    kept = known.any(axis=1)
    x, y, known = x[kept], y[kept], known[kept]
    if len(x) < 3:
        raise InputError(f"a correlation over {len(x)} detectors: give at least three")
    rng = np.random.default_rng(seed)
    pairs = np.stack([x[known], y[known]])
    rho = spearman(*pairs)
    n, m = pairs.shape[1], len(x)
    cells = [spearman(*pairs[:, rng.integers(n, size=n)]) for _ in range(draws)]
    whole = []
    for _ in range(draws):
        some = rng.integers(m, size=m)
        whole.append(spearman(x[some][known[some]], y[some][known[some]]))
    more = 1
    for _ in range(draws):
        order = rng.permutation(m)
        both = known & known[order]
        more += abs(spearman(x[both], y[order][both])) >= abs(rho) - 1e-12
    return Association(rho, _interval(cells), _interval(whole), more / (draws + 1))


def _interval(values: list[float]) -> tuple[float, float]:
    low, high = np.percentile(values, [100 * LEVEL / 2, 100 * (1 - LEVEL / 2)])
    return float(low), float(high)
