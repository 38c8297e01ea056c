"""The benchmark's own detectors: networks for tables, SOD, feature bagging, REPEN's triplets."""

from types import SimpleNamespace

import numpy as np
import pytest
from pyod.models.sod import SOD as PyodSOD
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from anogen.detectors.mixins import seeded
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc
from notebooks.anorand.anorand_benchmark import detectors
from notebooks.anorand.anorand_benchmark.data import load_rows, split
from notebooks.anorand.anorand_benchmark.detectors import FTTransformer, ResNet, sample_triplets
from notebooks.anorand.anorand_benchmark.methods import METHODS, SUPERVISED, fit, score

NETWORKS = {"resnet": ResNet, "ft-transformer": FTTransformer}


def train_and_score(kind, x, y, seed=0, test=None):
    with seeded(seed):
        return kind().fit(x, y).decision_function(x if test is None else test)


def fit_and_score(name, part, seed):
    method = SUPERVISED[name]
    with seeded(seed):
        return score(method, fit(method, part.train, seed, part.train_labels), part.test)


@pytest.fixture
def ring():
    """Anomalies around normal rows: no plane separates them."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 129)
    far = np.arange(129) % 3 == 0
    return np.where(far, 2.0, 0.5)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), far.astype(np.uint8)


@pytest.mark.parametrize(("kind", "epochs"), [(ResNet, 20), (FTTransformer, 60)])
def test_network_learns(kind, epochs, ring, monkeypatch):
    monkeypatch.setattr(detectors, "EPOCHS", epochs)
    assert roc_auc(train_and_score(kind, *ring), ring[1]) > 0.95


@pytest.mark.parametrize("kind", NETWORKS.values())
def test_network_is_deterministic_and_independent_of_the_batch(kind, ring, monkeypatch):
    monkeypatch.setattr(detectors, "EPOCHS", 2)
    x, y = ring  # 129 rows: the last batch has one
    scores = train_and_score(kind, x, y)
    assert scores.shape == (129,) and scores.dtype == np.float64
    assert np.array_equal(scores, train_and_score(kind, x, y)) and not np.array_equal(
        scores, train_and_score(kind, x, y, seed=1)
    )
    assert np.allclose(scores[:7], train_and_score(kind, x, y, test=x[:7]), atol=1e-5)


def test_feature_bagging_takes_lists_and_refuses_what_it_cannot_use():
    rows = np.random.default_rng(0).random((30, 4))
    bagging = detectors.FeatureBagging(3, random_state=0)
    with pytest.raises(NotFittedError, match=r"FeatureBagging is not fitted: call fit\(X\) first"):
        bagging.decision_function(rows)
    scores = bagging.fit(rows).decision_function(rows)
    assert np.array_equal(bagging.fit(rows.tolist()).decision_function(rows.tolist()), scores)
    with pytest.raises(InputError, match="X has 3 features, but FeatureBagging is expecting 4 features"):
        bagging.decision_function(rows[:, :3])
    with pytest.raises(InputError, match="Reshape your data"):
        bagging.fit(rows[0])
    with pytest.raises(InputError, match="1 values of the training data are NaN"):
        bagging.fit(np.where(rows == rows[0, 0], np.nan, rows))


@pytest.mark.filterwarnings("ignore")  # the checks warn of what they skip, PyOD of labels
def test_feature_bagging_is_an_estimator_but_for_pyods_protocol():
    results = check_estimator(detectors.FeatureBagging(2, random_state=0), on_skip=None, on_fail=None)
    assert {result["check_name"] for result in results if result["status"] == "failed"} == {
        "check_do_not_raise_errors_in_init_or_set_params",  # PyOD checks contamination in __init__
        "check_outliers_fit_predict", "check_outliers_train",  # PyOD's labels are 0 and 1
        "check_classifier_data_not_an_array",  # PyOD reads y to warn that it is ignored
    }  # fmt: skip


def test_network_learns_from_labels(ring, monkeypatch):
    monkeypatch.setattr(detectors, "EPOCHS", 20)
    x, y = ring
    assert roc_auc(train_and_score(ResNet, x, 1 - y), y) < 0.1


def test_size_of_an_ft_transformer():
    blocks = {d: len(FTTransformer().make(d)[0].backbone.blocks) for d in (detectors.NARROW, detectors.NARROW + 1)}
    assert list(blocks.values()) == [3, 1]
    assert [FTTransformer().epochs(n) for n in (10, 200_000, 10**9)] == [100, 50, 1]
    assert ResNet().epochs(10**9) == 100


@pytest.mark.parametrize("method", NETWORKS)
def test_network_in_the_benchmark(method, monkeypatch):
    monkeypatch.setattr(detectors, "EPOCHS", 3)
    part = split(*load_rows("wine-cultivars"), 0)
    scores = fit_and_score(method, part, 1)
    assert scores.shape == part.labels.shape and len(set(scores.tolist())) > 1


def test_feature_bagging():
    part = split(*load_rows("wine-cultivars"), 0)
    first, again, other = (fit(METHODS["feature-bagging"], part.train, s) for s in (1, 1, 2))
    assert all(6 <= len(f) == len(set(f.tolist())) <= 13 for f in first.features_)
    assert np.array_equal(first.decision_function(part.test), again.decision_function(part.test))
    assert not np.array_equal(first.decision_function(part.test), other.decision_function(part.test))
    assert np.allclose(first.decision_scores_, np.mean([e.decision_scores_ for e in first.estimators_], axis=0))


def test_sod_equals_pyod():
    x = np.random.default_rng(0).normal(size=(130, 4)).round(1)  # so coarse that many distances are equal
    ours, theirs = detectors.SOD().fit(x), PyodSOD().fit(x)
    assert np.array_equal(ours.decision_scores_, theirs.decision_scores_)
    assert np.array_equal(ours.decision_function(x[:40]), theirs.decision_function(x[:40]))


def test_sod_in_chunks(monkeypatch):
    x = np.random.default_rng(1).normal(size=(70, 3))
    whole = detectors.SOD().fit(x).decision_scores_
    monkeypatch.setattr(detectors, "CHUNK_SIZE", 30)
    assert np.array_equal(detectors.SOD().fit(x).decision_scores_, whole)


def test_sample_triplets():
    x, scores = np.arange(20.0)[:, None], np.ones((20, 1))
    scores[14] = 100  # of all likely inliers the least likely
    loader = SimpleNamespace(
        X=x, init_scores=scores, batch_size=500, inlier_ids=np.arange(15), outlier_ids=np.arange(15, 20)
    )
    example, positive, negative = sample_triplets(loader, np.random.default_rng(0))
    assert example.shape == positive.shape == negative.shape == (500, 1)
    assert example.max() < 15 and positive.max() < 15 and negative.min() >= 15
    assert (example != positive).all()
    assert (example == 14).mean() < 0.02 < (positive == 14).mean()


def test_repen_with_deepod():
    pytest.importorskip("deepod")
    part = split(*load_rows("wine-cultivars"), 0)
    scores = fit_and_score("repen", part, 1)
    assert scores.shape == part.labels.shape and np.isfinite(scores).all()
    assert np.array_equal(scores, fit_and_score("repen", part, 1))
