"""Ranks and tests on them, beside published examples and by hand."""

import numpy as np
import pytest

from notebooks.anorand.anorand_benchmark import ranking

# AUC of four classifiers on 14 data sets: the example of Demsar (2006), Table 2.
EXAMPLE = np.array([
    [0.763, 0.768, 0.771, 0.798], [0.599, 0.591, 0.590, 0.569], [0.954, 0.971, 0.968, 0.967],
    [0.628, 0.661, 0.654, 0.657], [0.882, 0.888, 0.886, 0.898], [0.936, 0.931, 0.916, 0.931],
    [0.661, 0.668, 0.609, 0.685], [0.583, 0.583, 0.563, 0.625], [0.775, 0.838, 0.866, 0.875],
    [1.000, 1.000, 1.000, 1.000], [0.940, 0.962, 0.965, 0.962], [0.619, 0.666, 0.614, 0.669],
    [0.972, 0.981, 0.9751, 0.975], [0.957, 0.978, 0.946, 0.970],
])  # fmt: skip


def test_the_published_example_of_mean_ranks_and_of_the_critical_difference():
    mean = ranking.ranks(EXAMPLE).mean(axis=0)
    assert mean == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=1e-3)
    # chi square is 9.28 there, p 0.026, without a correction for ties, which lowers p
    assert 0.01 < ranking.friedman(ranking.ranks(EXAMPLE)) < 0.026
    assert ranking.critical_difference(14, 4) == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), rel=1e-3)


def test_a_failure_is_last_and_ties_share():
    assert ranking.ranks(np.array([[0.5, np.nan, 0.9, 0.5]])).tolist() == [[2.5, 4, 1, 2.5]]
    assert ranking.ranks(np.array([[np.nan, np.nan, 0.9]])).tolist() == [[2.5, 2.5, 1]]


def test_holm_steps_down_in_the_given_order():
    assert ranking.holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert ranking.holm([0.5, 0.9]).max() == 1


def test_pairs_without_a_value_are_left_out_and_no_difference_is_no_evidence():
    first, second = np.arange(10.0), np.arange(10.0) - 1
    assert ranking.wilcoxon_p(np.append(first, np.nan), np.append(second, 100)) < 0.01
    assert ranking.wilcoxon_p(first, first) == 1
