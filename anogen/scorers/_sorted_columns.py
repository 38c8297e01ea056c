"""The ranks of a batch's values among training values and among themselves, and how rare that makes a row."""

from typing import NamedTuple, Self

import numpy as np
from numba import int32, njit, uint32

from anogen.scorers._ranking import rank_column, workspace

CELLS = 256  # of equal width, over a column's range: few levels share one


class Ladder(NamedTuple):
    """The sorted distinct values of every column of the training rows, one column after the other.

    Indices are uint32: numba need not ask whether they count from the end.
    """

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
        starts = np.cumsum([0] + [len(levels) + 1 for levels, _ in columns]).astype(np.uint32)
        lowest, spread = train.min(axis=0), np.ptp(train, axis=0)
        per_unit = np.divide(
            CELLS - 0.5, spread, out=np.zeros_like(spread), where=spread > CELLS * np.finfo(float).tiny
        )
        guide = np.zeros((len(columns), CELLS + 1), dtype=np.uint32)
        for i, (levels, _) in enumerate(columns):
            cells = ((levels - lowest[i]) * per_unit[i]).astype(int)
            guide[i, 1:] = np.bincount(cells, minlength=CELLS).cumsum()
        levels = np.concatenate([np.empty(0), *(np.append(levels, np.nan) for levels, _ in columns)])
        below = np.concatenate([np.empty(0), *(np.cumsum([0, *counts]) for _, counts in columns)]).astype(np.uint32)
        return cls(starts, levels, below, lowest, per_unit, guide)

    @property
    def columns(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return each column's levels (k,), and the numbers of training values below each and of all (k + 1,)."""
        spans = list(zip(self.starts[:-1], self.starts[1:], strict=True))
        return [(self.levels[at : end - 1], self.below[at:end].astype(int)) for at, end in spans]


@njit(cache=True, error_model="numpy")
def tails(columns, low, high, ladder, rare, signs, average):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Add up the terms of rows over their columns.

    Parameters
    ----------
    columns
        Of the rows, (d, n), float32 or float64.
    low, high
        The least and the greatest value of each column, (d,).
    ladder
        The training values.
    rare
        -ln(k/N) of k = 1 ... N, the number of training rows and of these rows together.
    signs
        Of the skewness of each column, (d,).
    average
        Whether the mean of both tails is a floor of a term (COPOD), or the greater of them (ECOD).

    Returns
    -------
    The scores (n,).
    """
    d, n = columns.shape
    last, first_cell, last_cell = uint32(len(rare) - 1), np.float64(0), np.float64(CELLS - 1)
    scores, space = np.zeros(n), workspace(n)
    cells, lower, upper, levels, below = space.cells, space.lower, space.upper, ladder.levels, ladder.below
    for i in range(d):
        column = columns[i]
        rank_column(column, low[i], high[i], space)
        lowest, per_unit, start, guide = ladder.lowest[i], ladder.per_unit[i], ladder.starts[i], ladder.guide[i]
        for r in range(n):
            cell = (column[r] - lowest) * per_unit
            cell = cell if cell > first_cell else first_cell  # noqa: FURB136 - also where it is no number
            cells[r] = uint32(int32(min(cell, last_cell)))  # type: ignore[call-overload,arg-type]
        right_counts, left_counts = 1.0 if signs[i] >= 0 else 0.0, 1.0 if signs[i] <= 0 else 0.0
        for r in range(n):
            v, c = column[r], cells[r]
            at, end = start + guide[c], start + guide[c + uint32(1)]
            while end - at > uint32(1):  # bisect the levels of the cell
                middle = (at + end) >> uint32(1)
                if levels[middle] < v:
                    at = middle + uint32(1)
                else:
                    end = middle
            at += uint32(levels[at] < v)  # if none is left, this is a later cell's level, or the mark: neither is below
            left = rare[below[at + uint32(levels[at] == v)] + upper[r]]
            right = rare[last - below[at] - lower[r]]
            skewed = left_counts * left + right_counts * right
            term = max(skewed, (left + right) / 2 if average else max(left, right))
            scores[r] += v if np.isnan(v) else term
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
