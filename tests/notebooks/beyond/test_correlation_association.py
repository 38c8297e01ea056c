"""Rank correlation over detectors and classes."""

import numpy as np
import pytest
from scipy import stats

from anogen.errors import InputError
from notebooks.beyond.correlation.claims import Association, association, spearman


def test_spearman_is_scipys_and_0_of_a_constant():
    rng = np.random.default_rng(0)
    x, y = rng.integers(5, size=40).astype(float), rng.normal(size=40)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    assert spearman(x, np.ones(40)) == 0


@pytest.mark.parametrize(("sign", "word"), [(1, "positive"), (-1, "negative")])
def test_a_clear_relation_has_its_sign(sign, word):
    rng = np.random.default_rng(1)
    x = rng.random((12, 1)) + rng.normal(0, 0.02, (12, 6))
    found = association(x, sign * x + rng.normal(0, 0.05, x.shape), draws=300)
    assert found.verdict == word and sign * found.rho > 0.9 and found.p < 0.02
    assert found.cells[0] <= found.rho <= found.cells[1]


def test_many_cells_of_few_detectors_are_undecided():
    """Four detectors whose order agrees by chance: cells alone would be certain."""
    x = np.arange(4.0)[:, None] + np.random.default_rng(2).normal(0, 0.01, (4, 50))
    y = np.array([0.0, 1, 3, 2])[:, None] + np.random.default_rng(3).normal(0, 0.01, (4, 50))
    found = association(x, y, draws=300)
    assert found.cells[0] > 0.5 and found.p > 0.05
    assert found.verdict == "undecided"


def test_unrelated_tables_are_undecided_nearly_always():
    rng = np.random.default_rng(4)
    words = [association(rng.random((10, 3)), rng.random((10, 3)), seed=i, draws=100).verdict for i in range(40)]
    assert words.count("undecided") >= 36


def test_cells_with_nan_are_left_out():
    rng = np.random.default_rng(5)
    x, y = rng.random((6, 4)), rng.random((6, 4))
    more = np.vstack([x, rng.random((1, 4))]), np.vstack([y, np.full((1, 4), np.nan)])
    assert association(x, y, draws=50) == association(*more, draws=50)


def test_trainings_of_a_cell_are_resampled_together():
    """Copies of a cell say nothing new, so they must not narrow an interval."""
    rng = np.random.default_rng(6)
    x, y = rng.random((8, 4)), rng.random((8, 4))
    once = association(x, y, draws=200)
    thrice = association(*(np.repeat(table[..., None], 3, axis=-1) for table in (x, y)), draws=200)
    for mine, other in zip(thrice[:3], once[:3], strict=True):
        assert mine == pytest.approx(other, abs=1e-9)
    assert thrice.p == once.p


def test_invalid_tables_are_rejected():
    with pytest.raises(InputError, match=r"give \(detectors, classes\) twice"):
        association(np.ones((3, 2)), np.ones((2, 3)))
    with pytest.raises(InputError, match="2 detectors"):
        association(np.ones((2, 3)), np.ones((2, 3)))


def test_including_zero_names_intervals_and_test():
    sure = Association(0.5, (0.2, 0.7), (0.1, 0.8), 0.01)
    assert sure.including_zero == [] and sure.verdict == "positive"
    shuffled = sure._replace(p=0.2)
    assert shuffled.including_zero == ["the test that shuffles detectors"] and shuffled.verdict == "undecided"
    wide = sure._replace(detectors=(-0.1, 0.8), cells=(0.0, 0.7))
    assert wide.including_zero == ["the interval over detectors", "the interval over cells"]
