"""Intervals of means and of their differences."""

import numpy as np
import pytest
from scipy import stats

from companion.claims.base import difference_interval, mean_interval


def test_mean_interval():
    assert mean_interval([1.0, 2.0, 3.0]) == pytest.approx((2 - 2.4841, 2 + 2.4841), abs=1e-4)  # 4.3027 / sqrt 3


def test_difference_interval_is_welchs():
    rng = np.random.default_rng(0)
    first, second = rng.normal(1, 1, 10), rng.normal(0, 3, 5)
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert difference_interval(first, second) == pytest.approx((expected.low, expected.high))
    assert difference_interval([1.0, 1.0], [0.5, 0.5]) == (0.5, 0.5)
    with pytest.raises(ValueError, match="at least two"):
        difference_interval([1.0], [0.5, 0.5])
