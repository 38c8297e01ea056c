"""Rank correlation over detectors within classes."""

import numpy as np
import pytest
from scipy import stats

from anogen.errors import InputError
from notebooks.beyond.correlation.relation import (
    mixed_model,
    pool,
    power,
    relate,
    repeatability,
    spearman,
    tie_aware_power,
)

NAMES = ["hbos", "gmm", "cblof", "knn", "kde", "lof", "loda", "pca", "vae", "copod", "ecod", "inne"]


def tables(noise=0.02, classes=6, seed=1):
    """ROC AUC and quality of twelve detectors, with the same order on all classes."""
    rng = np.random.default_rng(seed)
    strength = np.linspace(0.3, 0.6, 12)[:, None]
    return (strength + rng.normal(0, noise, (12, classes)) for _ in range(2))


def test_spearman_is_scipys_and_0_of_a_constant():
    rng = np.random.default_rng(0)
    x, y = rng.integers(5, size=40).astype(float), rng.normal(size=40)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    assert spearman(x, np.ones(40)) == 0


def test_correlations_within_classes_are_scipys():
    rng = np.random.default_rng(0)
    x, y = rng.random((12, 3)), rng.random((12, 3))
    expected = [stats.spearmanr(x[:, c], y[:, c]).statistic for c in range(3)]
    found = relate(x, y, NAMES, draws=10, floor=0)
    assert found.by_class == pytest.approx(expected) and found.rho == pytest.approx(np.mean(expected))


def test_relation_within_classes_survives_their_difficulty():
    """Simpson's paradox: hard classes have higher qualities, which hides the relation from the pooled analysis."""
    auc, quality = tables()
    difficulty = np.linspace(0, 3, auc.shape[1])
    assert pool(auc - difficulty, quality + difficulty, draws=200).rho < 0
    found = relate(auc - difficulty, quality + difficulty, NAMES, draws=300)
    assert found.rho > 0.9 and found.verdict == "positive"


def test_pooled_relation_of_classes_is_none_of_detectors():
    rng = np.random.default_rng(3)
    auc, quality = rng.random((2, 12, 6)) / 100 + np.linspace(0, 1, 6)
    assert pool(auc, quality, draws=100).rho > 0.9
    assert abs(relate(auc, quality, NAMES, draws=100).rho) < 0.4


@pytest.mark.parametrize(("sign", "word"), [(1, "positive"), (-1, "negative")])
def test_a_clear_relation_has_its_sign(sign, word):
    auc, quality = tables()
    found = relate(auc, 0.5 + sign * quality, NAMES, floor=-1, draws=300)
    assert found.verdict == word and sign * found.rho > 0.9 and found.p < 0.02
    assert found.interval[0] <= found.rho <= found.interval[1]


def test_qualities_below_the_floor_tie():
    auc, quality = tables()
    tiny = np.where(np.arange(12)[:, None] < 8, 10.0 ** -np.arange(10, 22)[:, None], quality)  # falls with ROC AUC
    assert relate(auc, tiny, NAMES, draws=10).rho > relate(auc, tiny, NAMES, draws=10, floor=0).rho + 0.2


def test_variants_of_one_algorithm_do_not_add_evidence():
    """Ten variants of CBLOF on top of three other detectors: whole detectors are significant, families are not."""
    rng = np.random.default_rng(4)
    strength = np.r_[np.zeros(3), np.ones(10)][:, None]
    x, y = (strength + rng.normal(0, 0.01, (13, 5)) for _ in range(2))
    names = ["hbos", "gmm", "loda", *(f"cblof:n_clusters={k}" for k in range(2, 12))]
    found = relate(x, y, names, draws=300)
    assert found.families == 4 and found.p < 0.05 < found.p_families
    assert found.verdict == "inconclusive"


def test_unrelated_tables_are_inconclusive_nearly_always():
    rng = np.random.default_rng(4)
    words = [relate(rng.random((12, 3)), rng.random((12, 3)), NAMES, seed=i, draws=100).verdict for i in range(40)]
    assert words.count("inconclusive") >= 36


def test_detectors_without_numbers_are_left_out():
    rng = np.random.default_rng(5)
    x, y = rng.random((12, 4)), rng.random((12, 4))
    more = np.vstack([x, rng.random((1, 4))]), np.vstack([y, np.full((1, 4), np.nan)])
    assert relate(x, y, NAMES, draws=50) == relate(*more, [*NAMES, "iforest"], draws=50)


def test_mixed_model_tells_detectors_from_their_classes():
    rng = np.random.default_rng(6)
    own, other = np.linspace(0, 1, 12)[:, None], rng.normal(0, 0.05, (12, 8))
    between = mixed_model(own + other, own + rng.normal(0, 0.05, (12, 8)))
    assert between.between > 0.9 and abs(between.within) < 0.3
    within = mixed_model(rng.permutation(own) + 9 * other, rng.permutation(own) + 9 * other, floor=-9)
    assert within.within > 0.7 and within.slope > 0.7 and within.error < 0.2


def test_repeatability_is_the_detectors_share():
    rng = np.random.default_rng(7)
    own = rng.normal(size=(200, 1))
    assert repeatability(own + np.zeros((200, 5))) == pytest.approx(1)
    assert repeatability(own + rng.normal(size=(200, 5))) == pytest.approx(0.5, abs=0.1)
    assert repeatability(rng.normal(size=(200, 5))) < 0.1


def test_power_is_the_level_without_a_relation_and_grows_with_detectors():
    own = (0.8, 0.9)
    assert power(20, 0.0, own, 0.5, 10, 1_000) == pytest.approx(0.05, abs=0.03)
    values = [power(n, 0.5, own, 0.5, 10, 500) for n in (9, 20, 40)]
    assert values == sorted(values) and values[0] < 0.5 < values[-1]


def test_power_of_tables_counts_ties():
    auc, quality = tables()
    assert tie_aware_power(auc, quality, n=20, rho=0.5) > tie_aware_power(auc, quality - 0.5, n=20, rho=0.5)


def test_invalid_tables_are_rejected():
    with pytest.raises(InputError, match=r"give \(detectors, classes\) twice"):
        relate(np.ones((3, 2)), np.ones((2, 3)), NAMES[:3])
    with pytest.raises(InputError, match="2 detectors"):
        relate(np.ones((2, 3)), np.ones((2, 3)), NAMES[:2])


def test_constant_tables_show_no_relation():
    auc, quality = tables()
    found = relate(auc, 0 * quality, NAMES, draws=20)
    assert (found.rho, found.p, found.verdict) == (0, 1, "inconclusive")
    assert mixed_model(auc, 0 * quality).slope == mixed_model(0 * auc, quality).slope == 0
