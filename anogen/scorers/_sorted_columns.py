"""Sorted training columns, the ranks of a batch among them, and the tail probabilities that follow (COPOD, ECOD)."""

from typing import NamedTuple, Self

import numpy as np
from numba import int32, njit, uint32, uint64

N_CELLS = 256  # of equal width, over a training column's range: few levels share one
INSERTION_SORT_SIZE = 24  # up to this number of values, insertion sort is used
MAX_MAP_WORDS = 4096


class SortedColumns(NamedTuple):
    """The sorted distinct values of every column of the training rows, one column after the other.

    Indices are uint32: numba need not ask whether they count from the end.
    """

    starts: np.ndarray  # (d + 1,): where a column's levels begin
    levels: np.ndarray  # (m,): NaN marks the end of a column: no value is equal to it, or above
    below: np.ndarray  # (m,): training values below a level, and at the mark all
    lowest: np.ndarray  # (d,)
    per_unit: np.ndarray  # (d,): cells per unit of value
    guide: np.ndarray  # (d, N_CELLS + 1): a column's levels in the cells before each

    @classmethod
    def from_rows(cls, train: np.ndarray) -> Self:
        """Sort the columns of training rows (n, d)."""
        columns = [np.unique(column, return_counts=True) for column in train.T]
        starts = np.cumsum([0] + [len(levels) + 1 for levels, _ in columns]).astype(np.uint32)
        lowest, spread = train.min(axis=0), np.ptp(train, axis=0)
        per_unit = np.divide(
            N_CELLS - 0.5, spread, out=np.zeros_like(spread), where=spread > N_CELLS * np.finfo(float).tiny
        )
        guide = np.zeros((len(columns), N_CELLS + 1), dtype=np.uint32)
        for i, (levels, _) in enumerate(columns):
            cells = ((levels - lowest[i]) * per_unit[i]).astype(int)
            guide[i, 1:] = np.bincount(cells, minlength=N_CELLS).cumsum()
        levels = np.concatenate([np.empty(0), *(np.append(levels, np.nan) for levels, _ in columns)])
        below = np.concatenate([np.empty(0), *(np.cumsum([0, *counts]) for _, counts in columns)]).astype(np.uint32)
        return cls(starts, levels, below, lowest, per_unit, guide)

    @property
    def columns(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return each column's levels (k,), and the numbers of training values below each and of all (k + 1,)."""
        spans = list(zip(self.starts[:-1], self.starts[1:], strict=True))
        return [(self.levels[at : end - 1], self.below[at:end].astype(int)) for at, end in spans]


@njit(cache=True, error_model="numpy")
def tail_scores(columns, low, high, train, neg_log_tail, signs, average):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Add up the terms of rows over their columns.

    Parameters
    ----------
    columns
        Of the rows, (d, n), float32 or float64.
    low, high
        The least and the greatest value of each column, (d,).
    train
        The training values.
    neg_log_tail
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
    last, first_cell, last_cell = uint32(len(neg_log_tail) - 1), np.float64(0), np.float64(N_CELLS - 1)
    scores, space = np.zeros(n), workspace(n)
    cells, lower, upper, levels, below = space.cells, space.lower, space.upper, train.levels, train.below
    for i in range(d):
        column = columns[i]
        rank_column(column, low[i], high[i], space)
        lowest, per_unit, start, guide = train.lowest[i], train.per_unit[i], train.starts[i], train.guide[i]
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
            left = neg_log_tail[below[at + uint32(levels[at] == v)] + upper[r]]
            right = neg_log_tail[last - below[at] - lower[r]]
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


class Workspace(NamedTuple):
    """Memory for the ranks of one column of n values after the other; all but the map are uint32."""

    cells: np.ndarray  # (n,): the cell of each value
    occupied: np.ndarray  # (w,) uint64: the map, a bit a cell
    before: np.ndarray  # (w,): occupied cells before each word of the map
    group: np.ndarray  # (n,): number of occupied cells below each value's
    starts: np.ndarray  # (n + 1,): number of values below each occupied cell
    member: np.ndarray  # (n,): one of the values in each occupied cell
    mixed: np.ndarray  # (n,): values that share a cell with others
    lower: np.ndarray  # (n,): number of values less than each
    upper: np.ndarray  # (n,): number of values at most as large as each, without itself


@njit(cache=True, error_model="numpy")
def workspace(n):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return memory for columns of n values, with 32 to 64 cells a value."""
    words = 1
    while 2 * words < n and words < MAX_MAP_WORDS:
        words *= 2
    cells, before, group, starts, member, mixed, lower, upper = (
        np.empty(n, np.uint32), np.empty(words, np.uint32), np.empty(n, np.uint32), np.empty(n + 1, np.uint32),
        np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32),
    )  # fmt: skip
    return Workspace(cells, np.empty(words, np.uint64), before, group, starts, member, mixed, lower, upper)


@njit(error_model="numpy", inline="always")
def _popcount(word):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the number of bits of a word, uint64, that are 1; compilers turn these lines into one instruction."""
    word = word - ((word >> uint64(1)) & uint64(0x5555555555555555))
    word = (word & uint64(0x3333333333333333)) + ((word >> uint64(2)) & uint64(0x3333333333333333))
    word = (word + (word >> uint64(4))) & uint64(0x0F0F0F0F0F0F0F0F)
    return uint32((word * uint64(0x0101010101010101)) >> uint64(56))


@njit(cache=True, error_model="numpy")
def rank_column(column, low, high, space):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `space.lower` and `space.upper` for a column (n,), from its least and its greatest value.

    The range is cut into many cells of equal width. Few values share one, so the rank of a value is the number of
    occupied cells below its own, from a count of bits. Values that share a cell are sorted. So is the whole column if
    one of its values is not finite.
    """
    n, m = len(column), 0
    per_unit = (column.dtype.type(64 * len(space.occupied)) - column.dtype.type(0.5)) / (high - low)
    if np.isfinite(high - low) and np.isfinite(per_unit):
        m = _rank_by_cells(column, low, per_unit, space)
    elif low == high:
        space.lower[:] = 0
        space.upper[:] = n - 1
    else:
        m = n
        space.group[:] = 0
        space.starts[0] = 0
        for r in range(n):
            space.mixed[r] = uint32(r)
    if m:
        _sort_mixed_cells(column, space.mixed[:m], space.group, space.starts, space.lower, space.upper)


@njit(cache=True, error_model="numpy")
def _rank_by_cells(column, low, per_unit, space):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Rank the values by their cells, list those that share a cell with others in `space.mixed`, and count them."""
    cells, occupied, before, group, starts, member, mixed, lower, upper = space
    n = len(column)
    for r in range(n):
        cells[r] = uint32(int32((column[r] - low) * per_unit))
    occupied[:] = 0
    for r in range(n):
        occupied[cells[r] >> uint32(6)] |= uint64(1) << uint64(cells[r] & uint32(63))
    groups = uint32(0)
    for w in range(len(occupied)):
        before[w] = groups
        groups = uint32(groups + _popcount(occupied[w]))
    starts[:groups] = 0
    for r in range(n):
        word, bit = cells[r] >> uint32(6), uint64(1) << uint64(cells[r] & uint32(63))
        g = uint32(before[word] + _popcount(occupied[word] & (bit - uint64(1))))
        group[r] = g
        starts[g] += uint32(1)
        member[g] = uint32(r)
    start = uint32(0)
    for g in range(groups):
        count = starts[g]
        starts[g] = start
        start = uint32(start + count)
    starts[groups] = start
    m = 0
    for r in range(n):
        g = group[r]
        lower[r], upper[r] = starts[g], starts[g + uint32(1)] - uint32(1)
        mixed[m] = g
        m += column[member[g]] != column[r]
    if not m:
        return 0
    for k in range(m):  # now all values of these cells, not only those that differ from the one that was looked at
        member[mixed[k]] = uint32(n)
    m = 0
    for r in range(n):
        mixed[m] = uint32(r)
        m += member[group[r]] == uint32(n)
    return m


@njit(cache=True, error_model="numpy")
def _sort_mixed_cells(column, mixed, group, starts, lower, upper):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Correct the ranks of the values in mixed cells, which `mixed` (m,) lists, by sorting them."""
    m = len(mixed)
    if m > INSERTION_SORT_SIZE:
        mixed[:] = mixed[np.argsort(column[mixed])]  # what is no number comes last
    else:
        for k in range(1, m):
            r, j = mixed[k], k
            while j > 0 and (column[mixed[j - 1]] > column[r] or np.isnan(column[mixed[j - 1]])):
                mixed[j] = mixed[j - 1]
                j -= 1
            mixed[j] = r
    k = first = 0
    while k < m:
        value, g = column[mixed[k]], group[mixed[k]]
        first = first if group[mixed[first]] == g else k  # of this cell
        end = k + 1
        while end < m and column[mixed[end]] == value:
            end += 1
        for j in range(k, end):
            lower[mixed[j]] = starts[g] + uint32(k - first)
            upper[mixed[j]] = starts[g] + uint32(end - first - 1)
        k = end
