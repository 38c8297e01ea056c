"""The ranks of a column's values among themselves: only what a map of small cells cannot tell apart is sorted."""

from typing import NamedTuple

import numpy as np
from numba import int32, njit, uint32, uint64

FEW = 24  # values that are sorted by insertion
WORDS = 4096  # of the map, at most


class Workspace(NamedTuple):
    """Memory for the ranks of one column of n values after the other; all but the map are uint32."""

    cells: np.ndarray  # (n,): the cell of each value
    occupied: np.ndarray  # (w,) uint64: the map, a bit a cell
    before: np.ndarray  # (w,): occupied cells before each word of the map
    group: np.ndarray  # (n,): how many occupied cells are below each value's
    starts: np.ndarray  # (n + 1,): how many values are below each occupied cell
    member: np.ndarray  # (n,): one of the values in each occupied cell
    mixed: np.ndarray  # (n,): values that share a cell with others
    lower: np.ndarray  # (n,): how many values are less than each
    upper: np.ndarray  # (n,): how many values are at most as large as each, without itself


@njit(cache=True, error_model="numpy")
def workspace(n):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return memory for columns of n values, with 32 to 64 cells a value."""
    words = 1
    while 2 * words < n and words < WORDS:
        words *= 2
    cells, before, group, starts, member, mixed, lower, upper = (
        np.empty(n, np.uint32), np.empty(words, np.uint32), np.empty(n, np.uint32), np.empty(n + 1, np.uint32),
        np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32), np.empty(n, np.uint32),
    )  # fmt: skip
    return Workspace(cells, np.empty(words, np.uint64), before, group, starts, member, mixed, lower, upper)


@njit(error_model="numpy", inline="always")
def _ones(word):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return how many bits of a word, uint64, are 1; compilers know these lines, and make one instruction of them."""
    word = word - ((word >> uint64(1)) & uint64(0x5555555555555555))
    word = (word & uint64(0x3333333333333333)) + ((word >> uint64(2)) & uint64(0x3333333333333333))
    word = (word + (word >> uint64(4))) & uint64(0x0F0F0F0F0F0F0F0F)
    return uint32((word * uint64(0x0101010101010101)) >> uint64(56))


@njit(cache=True, error_model="numpy")
def rank_column(column, low, high, space):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Find `space.lower` and `space.upper` of a column (n,), whose least and greatest value are given.

    The range is cut into many cells of equal width. As few values share one, the rank of a value is the number of
    occupied cells below its own, and a count of bits tells that. Values that do share a cell are sorted. So is the
    whole column where one of its values is no finite number.
    """
    n, m = len(column), 0
    per_unit = (column.dtype.type(64 * len(space.occupied)) - column.dtype.type(0.5)) / (high - low)
    if np.isfinite(high - low) and np.isfinite(per_unit):
        m = _by_cells(column, low, per_unit, space)
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
        _settle(column, space.mixed[:m], space.group, space.starts, space.lower, space.upper)


@njit(cache=True, error_model="numpy")
def _by_cells(column, low, per_unit, space):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
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
        groups = uint32(groups + _ones(occupied[w]))
    starts[:groups] = 0
    for r in range(n):
        word, bit = cells[r] >> uint32(6), uint64(1) << uint64(cells[r] & uint32(63))
        g = uint32(before[word] + _ones(occupied[word] & (bit - uint64(1))))
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
def _settle(column, mixed, group, starts, lower, upper):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Correct the ranks of the values in mixed cells, which `mixed` (m,) lists, by sorting them."""
    m = len(mixed)
    if m > FEW:
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
