"""Options that an exact scorer does not cover are answered with the detector's own scores; others are exact too."""

import numpy as np
import pytest
import torch

from anogen import detectors
from anogen.scoring import scorer
from anogen.scoring.registry import FallbackScorer

RNG = np.random.default_rng(0)
TRAIN, ROWS = RNG.random((80, 12)), RNG.random((30, 12)) * 1.4 - 0.2
NOT_COVERED = [
    ("gmm", {"n_components": 2}),
    ("gmm", {"covariance_type": "diag"}),
    ("hbos", {"n_bins": "auto"}),
]
COVERED = [
    ("gmm", {"reg_covar": 1e-3}),
    ("hbos", {"n_bins": 4, "alpha": 0.3, "tol": 0.01}),
    ("hbos", {"n_bins": 33, "tol": 0.9}),
    ("iforest", {"max_features": 0.5, "bootstrap": True}),
    ("iforest", {"max_samples": 1}),
    ("iforest", {"max_samples": 2, "n_estimators": 3}),
]


@pytest.mark.parametrize(("name", "options"), NOT_COVERED)
def test_options_that_are_not_covered_fall_back(name, options):
    detector = detectors.fit(name, TRAIN, **options)
    slow = scorer(detector, 12)
    assert isinstance(slow, FallbackScorer) and slow.dimension == 12
    assert slow(torch.from_numpy(ROWS)).numpy() == pytest.approx(detector.decision_function(ROWS))


@pytest.mark.parametrize(("name", "options"), COVERED)
def test_options_that_are_covered_are_exact(name, options):
    detector = detectors.fit(name, TRAIN, **options)
    fast = scorer(detector)
    assert not isinstance(fast, FallbackScorer)
    size = np.abs(detector.decision_scores_).max()
    assert fast(torch.from_numpy(ROWS)).numpy() == pytest.approx(detector.decision_function(ROWS), abs=1e-12 * size)
