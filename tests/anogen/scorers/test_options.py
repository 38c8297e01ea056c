"""Options that an exact scorer does not cover are answered with the detector's own scores; others are exact too."""

import numpy as np
import pytest
import torch

from anogen import datasets, detectors
from anogen.errors import InputError
from anogen.scorers import make_scorer
from anogen.scorers.fallback import FallbackScorer

RNG = np.random.default_rng(0)
TRAIN, ROWS = RNG.random((80, 12)), RNG.random((30, 12)) * 1.4 - 0.2
BRIEF = {"epochs": 1, "verbose": 0}
NOT_COVERED = [
    ("gmm", {"n_components": 2}),
    ("gmm", {"covariance_type": "diag"}),
    ("hbos", {"n_bins": "auto"}),
    ("knn", {"metric": "chebyshev"}),
    ("lof", {"p": 1}),
    ("ocsvm", {"kernel": "linear"}),
]
COVERED = [
    ("copod", {"contamination": 0.3}),
    ("gmm", {"reg_covar": 1e-3}),
    ("hbos", {"n_bins": 4, "alpha": 0.3, "tol": 0.01}),
    ("hbos", {"n_bins": 33, "tol": 0.9}),
    ("iforest", {"max_features": 0.5, "bootstrap": True}),
    ("iforest", {"max_samples": 1}),
    ("iforest", {"max_samples": 2, "n_estimators": 3}),
    ("deep-svdd", {"preprocessing": False, **BRIEF}),
    ("deep-svdd", {"use_ae": True, "hidden_neurons": [8, 6, 4], **BRIEF}),
    ("deep-svdd", {"hidden_activation": "tanh", "c": 0.5, **BRIEF}),
    ("knn", {"method": "mean"}),
    ("knn", {"method": "median", "n_neighbors": 4}),
    ("lof", {"n_neighbors": 3, "metric": "euclidean"}),
    ("ocsvm", {"gamma": 2.0, "nu": 0.1}),
    ("ocsvm", {"gamma": "scale"}),
]


@pytest.mark.parametrize(("name", "options"), NOT_COVERED)
def test_options_that_are_not_covered_fall_back(name, options):
    detector = detectors.fit(name, TRAIN, **options)
    slow = make_scorer(detector, 12)
    assert isinstance(slow, FallbackScorer) and slow.n_features_in_ == 12
    assert slow(torch.from_numpy(ROWS)).numpy() == pytest.approx(detector.decision_function(ROWS))


@pytest.mark.parametrize(("name", "options"), COVERED)
def test_options_that_are_covered_are_exact(name, options):
    detector = detectors.fit(name, TRAIN, **options)
    fast = make_scorer(detector)
    assert not isinstance(fast, FallbackScorer)
    tolerance = 1e-5 if name == "deep-svdd" else 1e-12
    size = float(np.abs(detector.decision_scores_).max())
    assert fast(torch.from_numpy(ROWS)).numpy() == pytest.approx(detector.decision_function(ROWS), abs=tolerance * size)


def test_data_far_from_zero_would_lose_digits_in_float32():
    far = detectors.fit("deep-svdd", TRAIN + 100, **BRIEF)
    assert isinstance(make_scorer(far), FallbackScorer)


def test_ocsvm_in_float32_is_equal_to_1e_5():
    train = datasets.load("mnist-5k").one_class(4).X_train
    detector = detectors.fit("ocsvm", train)
    rows = np.concatenate([train[:60], RNG.random((60, 784))])
    exact, fast = make_scorer(detector), make_scorer(detector).to(torch.float32)
    theirs = detector.decision_function(rows.astype(float))
    spread = np.subtract(*np.percentile(detector.decision_scores_, [75, 25]))
    for row, score in zip(torch.from_numpy(rows), theirs, strict=True):
        assert fast(row[None]).item() == pytest.approx(score, abs=1e-5 * max(abs(score), spread))
    assert exact(torch.from_numpy(rows)).numpy() == pytest.approx(theirs, abs=1e-9 * spread)
    assert fast.optimum().score == pytest.approx(exact.optimum().score, rel=1e-5)


def test_a_scorer_without_a_mode_in_float32_says_so():
    with pytest.raises(InputError, match="GMMScorer has no mode in float32"):
        make_scorer(detectors.fit("gmm", TRAIN)).to(torch.float32)
    network = make_scorer(detectors.fit("deep-svdd", TRAIN, **BRIEF))
    assert network.to(torch.float32) is network
