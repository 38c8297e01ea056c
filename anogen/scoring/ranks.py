"""The ranks of a batch's values among training values and among themselves, column by column."""

from typing import NamedTuple, Self

import numpy as np
from numba import njit

CELLS = 256  # of equal width, over a column's range: few values share one
MOVES = 64  # a value, beyond which sorting by insertion gives up: outliers have crowded all others into one cell


class Ladder(NamedTuple):
    """The sorted distinct values of every column of the training rows, one column after the other."""

    starts: np.ndarray  # (d + 1,): where a column's levels begin
    levels: np.ndarray  # (m,): a column's end is marked by one that is no number: no value is equal to it, or above
    below: np.ndarray  # (m,): training values below a level, and at the mark all
    lowest: np.ndarray  # (d,)
    per_unit: np.ndarray  # (d,): cells per unit of value
    guide: np.ndarray  # (d, CELLS + 1): a column's levels in the cells before each

    @classmethod
    def of(cls, train: np.ndarray) -> Self:
        """Sort the columns of training rows (n, d)."""
        columns = [np.unique(column, return_counts=True) for column in train.T]
        starts = np.cumsum([0] + [len(levels) + 1 for levels, _ in columns])
        lowest, spread = train.min(axis=0), np.ptp(train, axis=0)
        per_unit = np.divide(
            CELLS - 0.5, spread, out=np.zeros_like(spread), where=spread > CELLS * np.finfo(float).tiny
        )
        guide = np.zeros((len(columns), CELLS + 1), dtype=np.int32)
        for i, (levels, _) in enumerate(columns):
            cells = ((levels - lowest[i]) * per_unit[i]).astype(int)
            guide[i, 1:] = np.bincount(cells, minlength=CELLS).cumsum()
        nothing = np.empty(0)  # of no column at all
        levels = np.concatenate([nothing, *(np.append(levels, np.nan) for levels, _ in columns)])
        below = np.concatenate([nothing.astype(int), *(np.cumsum([0, *counts]) for _, counts in columns)])
        return cls(starts, levels, below, lowest, per_unit, guide)

    @property
    def columns(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return each column's levels (k,), and the numbers of training values below each and of all (k + 1,)."""
        spans = list(zip(self.starts[:-1], self.starts[1:], strict=True))
        return [(self.levels[at : end - 1], self.below[at:end]) for at, end in spans]


@njit(cache=True)
def sort_column(column: np.ndarray, values: np.ndarray, order: np.ndarray, first: np.ndarray) -> None:
    """Write a column (n,) sorted, and where each value stands: cells of equal width, then insertion."""
    n = len(column)
    low, high, finite = column[0], column[0], True
    for v in column:
        low, high = min(low, v), max(high, v)
        finite &= np.isfinite(v)
    per_unit = (CELLS - 0.5) / (high - low) if high > low else 0.0
    moves = MOVES * n if finite and np.isfinite(high - low) and np.isfinite(per_unit) else -1
    if moves >= 0:
        first[:] = 0
        for r in range(n):
            first[int((column[r] - low) * per_unit) + 1] += 1
        for c in range(CELLS):
            first[c + 1] += first[c]
        for r in range(n):
            c = int((column[r] - low) * per_unit)
            values[first[c]], order[first[c]] = column[r], r
            first[c] += 1
        for k in range(1, n):
            v, r, j = values[k], order[k], k
            while j > 0 and values[j - 1] > v:
                values[j], order[j] = values[j - 1], order[j - 1]
                j -= 1
            values[j], order[j] = v, r
            moves -= k - j
            if moves < 0:
                break
    if moves < 0:
        order[:] = np.argsort(column)
        for k in range(n):
            values[k] = column[order[k]]


@njit(cache=True)
def tails(
    columns: np.ndarray,
    starts: np.ndarray,
    levels: np.ndarray,
    below: np.ndarray,
    lowest: np.ndarray,
    per_unit: np.ndarray,
    guide: np.ndarray,
    rare: np.ndarray,
    signs: np.ndarray,
    average: bool,
) -> np.ndarray:
    """Add up the terms of rows over their columns (d, n); `rare` has -ln(k/N) of k = 1 ... N of all rows."""
    d, n = columns.shape
    total = len(rare)
    scores = np.zeros(n)
    values, order = np.empty(n, dtype=columns.dtype), np.empty(n, dtype=np.int64)
    upper, first = np.empty(n, dtype=np.int64), np.empty(CELLS + 1, dtype=np.int64)
    for i in range(d):
        sort_column(columns[i], values, order, first)
        upper[n - 1] = n - 1
        for k in range(n - 2, -1, -1):  # the last of equal values
            upper[k] = upper[k + 1] if values[k] == values[k + 1] else k
        right_counts, left_counts = 1.0 if signs[i] >= 0 else 0.0, 1.0 if signs[i] <= 0 else 0.0
        lower = 0
        for k in range(n):
            v = values[k]
            lower = lower if k > 0 and values[k - 1] == v else k
            cell = (v - lowest[i]) * per_unit[i]
            c = int(cell) if 0 < cell < CELLS else (CELLS - 1 if cell >= CELLS else 0)
            at, end = starts[i] + guide[i, c], starts[i] + guide[i, c + 1]
            while end - at > 1:  # bisect the levels of the cell
                middle = (at + end) // 2
                if levels[middle] < v:
                    at = middle + 1
                else:
                    end = middle
            at += levels[at] < v  # if none is left, this is a level of a later cell, or the mark: neither is below
            left = rare[below[at + (levels[at] == v)] + upper[k]]
            right = rare[total - below[at] - lower - 1]
            skewed = left_counts * left + right_counts * right
            term = max(skewed, (left + right) / 2 if average else max(left, right))
            scores[order[k]] += v if np.isnan(v) else term
    return scores


@njit(cache=True)
def moments(rows: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Σ y², Σ y³ and Σ |y|³ of the columns of y = rows - mean, each (d,)."""
    n, d = rows.shape
    second, third, size = np.zeros(d), np.zeros(d), np.zeros(d)
    for r in range(n):
        for i in range(d):
            y = rows[r, i] - mean[i]
            second[i] += y * y
            third[i] += y * y * y
            size[i] += y * y * abs(y)
    return second, third, size
