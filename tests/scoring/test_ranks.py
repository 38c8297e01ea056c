"""Columns are sorted whatever is in them, and a ladder knows where its levels are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from anogen.scoring.ranks import CELLS, Ladder, moments, sort_column

RNG = np.random.default_rng(0)
CROWDED = np.append(RNG.normal(size=999), 1e9)  # one cell holds all but one: insertion alone would take n^2 steps


def ordered(column):
    values, order = np.empty_like(column), np.empty(len(column), dtype=np.int64)
    sort_column(column, values, order, np.empty(CELLS + 1, dtype=np.int64))
    assert_array_equal(np.sort(order), np.arange(len(column)))
    assert_array_equal(column[order], values)
    return values


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "column",
    [
        RNG.random(150),
        np.zeros(150),
        CROWDED,
        np.round(RNG.random(150), 1),
        np.array([0.5]),
        np.array([1.0, np.inf, -np.inf, 0.0]),
        np.array([1.0, np.nan, 0.5, np.nan]),
        np.array([1e308, -1e308, 0.0]),
        np.array([0.0, 5e-324]),
    ],
    ids=["noise", "equal", "crowded", "ties", "one", "infinite", "no number", "huge", "tiny"],
)
def test_a_column_is_sorted(column, dtype):
    with np.errstate(over="ignore"):
        column = column.astype(dtype)
    assert_array_equal(ordered(column), np.sort(column))


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats()))
def test_any_column_is_sorted(column):
    assert_array_equal(ordered(column), np.sort(column))


@given(arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=st.floats(-1e3, 1e3)))
def test_a_ladders_guide_leads_to_every_level(train):
    ladder = Ladder.of(train)
    for i, (levels, below) in enumerate(ladder.columns):
        assert_array_equal(levels, np.unique(train[:, i]))
        assert_array_equal(below, [*(np.sum(train[:, i] < level) for level in levels), len(train)])
        cells = ((levels - ladder.lowest[i]) * ladder.per_unit[i]).astype(int)
        for at, cell in enumerate(cells):
            assert ladder.guide[i, cell] <= at < ladder.guide[i, cell + 1]


def test_moments_are_the_sums_of_powers():
    rows, mean = RNG.random((20, 5)), RNG.random(5)
    apart = rows - mean
    for ours, theirs in zip(moments(rows, mean), (apart**2, apart**3, np.abs(apart) ** 3), strict=True):
        assert_allclose(ours, theirs.sum(axis=0), rtol=1e-12)
