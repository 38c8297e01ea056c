import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn import metrics

from anogen.errors import InputError
from anogen.metrics import detection as d

SCORES = st.lists(st.tuples(st.integers(-20, 20), st.booleans()), min_size=2, max_size=60)


def split(pairs):
    scores, labels = (np.array(column) for column in zip(*pairs, strict=True))
    assume(0 < labels.sum() < len(labels))
    return scores.astype(float), labels.astype(int)


def test_auc_by_hand():
    # normal 1, 2, 4; anomalous 3, 4: of six pairs four are in order and one is tied
    assert d.roc_auc([1, 2, 4, 3, 4], [0, 0, 0, 1, 1]) == 4.5 / 6
    fpr, tpr = d.roc_curve([1, 2, 4, 3, 4], [0, 0, 0, 1, 1])
    np.testing.assert_allclose(fpr, [0, 1 / 3, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(tpr, [0, 1 / 2, 1, 1, 1])


@given(SCORES)
def test_rankings_agree_with_sklearn(pairs):
    scores, labels = split(pairs)
    fpr, tpr = d.roc_curve(scores, labels)
    want_fpr, want_tpr, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose((fpr, tpr), (want_fpr, want_tpr), atol=1e-12)
    assert d.roc_auc(scores, labels) == pytest.approx(metrics.roc_auc_score(labels, scores), abs=1e-12)
    assert d.roc_auc(scores, labels) == pytest.approx(np.trapezoid(tpr, fpr), abs=1e-12)
    assert d.average_precision(scores, labels) == pytest.approx(
        metrics.average_precision_score(labels, scores), abs=1e-12
    )


@given(SCORES)
def test_auc_depends_on_the_order_of_scores_only(pairs):
    scores, labels = split(pairs)
    auc = d.roc_auc(scores, labels)
    assert d.roc_auc(np.exp(scores / 5), labels) == auc
    assert d.roc_auc(scores**3 + scores, labels) == auc
    assert d.roc_auc(-scores, labels) == pytest.approx(1 - auc, abs=1e-12)
    assert d.roc_auc(scores, 1 - labels) == pytest.approx(1 - auc, abs=1e-12)


@given(SCORES)
def test_infinite_scores_are_tied_like_any_others(pairs):
    scores, labels = split(pairs)
    tied = scores.clip(-5, 5)
    infinite = np.where(np.abs(tied) == 5, np.copysign(np.inf, tied), tied)
    for measure in (d.roc_curve, d.roc_auc, d.average_precision):
        np.testing.assert_array_equal(measure(infinite, labels), measure(tied, labels))


@given(SCORES)
def test_f1_is_the_harmonic_mean_and_the_library_value(pairs):
    predicted, labels = (np.array([p[0] > 0 for p in pairs]), np.array([p[1] for p in pairs]))
    p, r, f1 = d.precision_recall_f1(predicted, labels)
    assert f1 == pytest.approx(2 * p * r / (p + r) if p + r else 0, abs=1e-12)
    assert f1 == pytest.approx(metrics.f1_score(labels, predicted, zero_division=0), abs=1e-12)
    assert p == pytest.approx(metrics.precision_score(labels, predicted, zero_division=0), abs=1e-12)
    assert r == pytest.approx(metrics.recall_score(labels, predicted, zero_division=0), abs=1e-12)
    vary = len(set(predicted)) == len(set(labels)) == 2
    want = metrics.matthews_corrcoef(labels, predicted) if vary else 0
    assert d.phi(predicted, labels) == pytest.approx(want, abs=1e-12)


def test_counts_by_hand():
    predicted, labels = [1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0]
    assert d.confusion(predicted, labels) == (2, 1, 1, 3)
    assert d.precision_recall_f1(predicted, labels) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert d.phi(predicted, labels) == pytest.approx((2 * 3 - 1) / 12)


def test_a_detector_that_never_alarms_is_accurate_and_useless():
    labels, never = np.arange(1000) < 10, np.zeros(1000, bool)
    assert d.precision_recall_f1(never, labels) == (0, 0, 0)
    assert d.phi(never, labels) == 0


def test_always_alarming_at_95_percent_positives_has_a_high_f1_and_no_correlation():
    labels = np.arange(100) < 95
    assert d.precision_recall_f1(np.ones(100), labels).f1 == pytest.approx(0.974, abs=5e-4)
    assert d.phi(np.ones(100), labels) == 0


@pytest.mark.parametrize("function", [d.roc_auc, d.roc_curve, d.average_precision])
def test_bad_scores_are_input_errors(function):
    with pytest.raises(InputError, match="score 1 is NaN"):
        function([0, float("nan"), 2], [0, 1, 1])
    with pytest.raises(InputError, match="differ in length"):
        function([0, 1], [0, 1, 1])
    with pytest.raises(InputError, match="every label is normal"):
        function([0, 1], [0, 0])
    with pytest.raises(InputError, match="every label is anomalous"):
        function([0, 1], [1, 1])
    with pytest.raises(InputError, match="is empty"):
        function([], [])


def test_bad_alarms_are_input_errors():
    with pytest.raises(InputError, match=r"labels holds .*2"):
        d.precision_recall_f1([0, 1], [0, 2])
    with pytest.raises(InputError, match="predicted holds"):
        d.phi([0, float("nan")], [0, 1])
    with pytest.raises(InputError, match="differ in length"):
        d.phi([0], [0, 1])
