"""Ranks of a column's values, and the sorted training columns."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from anogen.scorers._sorted_columns import SortedColumns, moments, rank_column, workspace

RNG = np.random.default_rng(0)
CROWDED = np.append(RNG.normal(size=999), 1e9)  # one cell holds all but one


def check_ranks(column):
    space = workspace(len(column))
    rank_column(column, column.min(), column.max(), space)
    numbers = ~np.isnan(column)
    assert_array_equal(space.lower[numbers], [(column < v).sum() for v in column[numbers]])
    assert_array_equal(space.upper[numbers], [(column <= v).sum() - 1 for v in column[numbers]])


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
        np.append(RNG.random(149), [np.nan, np.inf]),
        np.array([1e308, -1e308, 0.0]),
        np.array([0.0, 5e-324]),
        np.array([0.0, -0.0, 1.0, -0.0]),
    ],
    ids=["noise", "equal", "crowded", "ties", "one", "infinite", "no number", "many and none", "huge", "tiny", "zeros"],
)
def test_values_have_their_ranks(column, dtype):
    with np.errstate(over="ignore"):
        check_ranks(column.astype(dtype))


@given(arrays(np.float64, st.integers(1, 40), elements=st.floats()))
def test_any_values_have_their_ranks(column):
    check_ranks(column)


@given(arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=st.floats(-1e3, 1e3)))
def test_the_guide_leads_to_every_level(train):
    columns = SortedColumns.from_rows(train)
    for i, (levels, below) in enumerate(columns.columns):
        assert_array_equal(levels, np.unique(train[:, i]))
        assert_array_equal(below, [*(np.sum(train[:, i] < level) for level in levels), len(train)])
        cells = ((levels - columns.lowest[i]) * columns.per_unit[i]).astype(int)
        for at, cell in enumerate(cells):
            assert columns.guide[i, cell] <= at < columns.guide[i, cell + 1]


def test_moments_are_the_sums_of_powers():
    rows, mean = RNG.random((20, 5)), RNG.random(5)
    apart = rows - mean
    for ours, theirs in zip(moments(rows, mean), (apart**2, apart**3, np.abs(apart) ** 3), strict=True):
        assert_allclose(ours, theirs.sum(axis=0), rtol=1e-12)
