"""MCD's score and its most normal point.

MCD is fitted to images of 7 x 7: its fit takes hours at 28 x 28.
"""

import numpy as np
import pytest
import torch
from pyod.models.mcd import MCD

from anogen import datasets
from anogen.scorers import make_scorer
from anogen.scorers.mcd import MCDScorer


@pytest.fixture(scope="module")
def train():
    images = datasets.load("mnist-5k").one_class(4).X_train.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49)
    return images.astype(float)[:, images.std(axis=0) > 0.02]  # constant pixels have no covariance to invert


@pytest.fixture(scope="module")
def detector(train):
    return MCD(random_state=0).fit(train)


def test_the_score_is_exact(detector, train):
    noise = np.random.default_rng(0).random((60, train.shape[1])) * 1.4 - 0.2
    rows = np.concatenate([train[:60], noise, train.mean(axis=0, keepdims=True)])
    exact = make_scorer(detector)
    assert isinstance(exact, MCDScorer)
    spread = np.subtract(*np.percentile(detector.decision_scores_, [75, 25]))
    theirs = detector.decision_function(rows)
    for size in (1, 60, len(rows)):
        ours = exact(torch.from_numpy(rows[:size])).numpy()
        assert np.abs(ours - theirs[:size]).max() <= 1e-9 * max(spread, np.abs(theirs[:size]).max())


def test_nothing_beats_the_robust_mean(detector, train):
    exact = make_scorer(detector)
    known = exact.optimum()
    assert known.status == "proved" and known.score == exact(known.samples).item() == 0
    rng = np.random.default_rng(0)
    steps = [known.samples.numpy() + sigma * rng.normal(size=(600, train.shape[1])) for sigma in (1e-4, 1e-2, 0.3)]
    rows = np.concatenate([train, rng.random((200, train.shape[1])), *steps])
    assert len(rows) >= 2_000
    assert exact(torch.from_numpy(rows)).min() > 0
