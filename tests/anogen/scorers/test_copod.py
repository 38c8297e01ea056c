"""The terms of COPOD and ECOD from sorted columns, against counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from anogen.scorers.copod import SortedColumns, moments, tail_scores

RNG = np.random.default_rng(0)
CROWDED = np.append(RNG.normal(size=999), 1e9)


def check_terms(column, train):
    """Compare with counts of the values that are not above and not below, for every sign and both kinds of term."""
    both = np.concatenate([train, column])
    left, right = (
        -np.log([max(1, count(v)) / len(both) for v in column])
        for count in (lambda v: (both <= v).sum(), lambda v: len(both) - (both < v).sum())
    )
    tails = -np.log(np.arange(1, len(both) + 1) / len(both))
    levels = SortedColumns.from_rows(train[:, None])
    for sign, skewed in ((-1.0, left), (0.0, left + right), (1.0, right)):
        for average, floor in ((True, (left + right) / 2), (False, np.maximum(left, right))):
            ours = tail_scores(column[None], np.argsort(column)[None], *levels, tails, np.array([sign]), average)
            assert_allclose(ours, np.where(np.isnan(column), np.nan, np.maximum(skewed, floor)), rtol=1e-12)


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
def test_terms_are_the_tails_of_training_rows_and_batch(column, dtype):
    train = np.concatenate([np.round(RNG.random(40), 1), column[:5].clip(-1e9, 1e9)])
    with np.errstate(over="ignore"):
        check_terms(column.astype(dtype), np.nan_to_num(train))


@given(
    arrays(np.float64, st.integers(1, 40), elements=st.floats()),
    arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e3, 1e3)),
)
def test_any_values_have_the_terms_of_their_tails(column, train):
    check_terms(column, train)


@given(arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=st.floats(-1e3, 1e3)))
def test_columns_hold_every_level_and_what_is_below(train):
    for i, (levels, below) in enumerate(SortedColumns.from_rows(train).columns):
        assert_array_equal(levels, np.unique(train[:, i]))
        assert_array_equal(below, [*(np.sum(train[:, i] < level) for level in levels), len(train)])


def test_moments_are_the_sums_of_powers():
    rows, mean = RNG.random((20, 5)), RNG.random(5)
    apart = rows - mean
    for ours, theirs in zip(moments(rows, mean), (apart**2, apart**3, np.abs(apart) ** 3), strict=True):
        assert_allclose(ours, theirs.sum(axis=0), rtol=1e-12)
