"""CBLOF's score and its most normal points, which are known."""

import numpy as np
import pytest
import torch

from anogen import datasets, detectors
from anogen.generators import EvolutionConfig, descend, evolve
from anogen.generators.gradient import GradientConfig
from anogen.scorers import make_scorer
from anogen.scorers.cblof import CBLOFScorer
from anogen.scorers.fallback import FallbackScorer


@pytest.fixture(scope="module")
def fours():
    return datasets.load("mnist-5k").one_class(4)


@pytest.fixture(scope="module")
def detector(fours):
    return detectors.fit("cblof", fours.X_train)


@pytest.fixture(scope="module")
def exact(detector):
    return make_scorer(detector)


def test_the_score_is_the_distance_to_the_nearest_large_centre(exact, detector, fours):
    large = detector.cluster_centers_[list(detector.large_cluster_labels_)]
    assert 1 <= len(large) < len(detector.cluster_centers_)  # the smallest cluster is never large
    rows = np.concatenate([fours.X_test[::20].astype(float), detector.cluster_centers_])
    by_hand = np.sqrt(((rows[:, None] - large) ** 2).sum(axis=2)).min(axis=1)
    assert exact(torch.from_numpy(rows)).numpy() == pytest.approx(by_hand, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("distance", [0, 1e-12, 1e-9, 1e-6, 1e-4, 1e-2, 0.1, 1.0])
def test_no_digits_are_lost_next_to_a_centre(exact, detector, distance):
    direction = np.random.default_rng(0).normal(size=(20, 784))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    rows = exact.centres[0].numpy() + distance * direction
    scores = exact(torch.from_numpy(rows)).numpy()
    theirs = detector.decision_function(rows)
    assert np.abs(scores - theirs).max() <= 1e-12 + 1e-12 * distance
    assert scores == pytest.approx(distance, rel=1e-3, abs=1e-14)


def test_no_search_beats_the_optimum(exact):
    known = exact.optimum()
    assert known.status == "proved"
    assert known.score == 0
    assert torch.equal(exact(known.samples), torch.zeros(len(known.samples), dtype=torch.float64))
    lowest = np.inf
    around = EvolutionConfig(population_size=100, mutation_std=0.001, clip=False)
    start = (known.samples[0] + 0.01 * torch.randn(100, 784, generator=torch.Generator().manual_seed(0))).float()
    for _, info in evolve(exact, [0], n_generations=20, config=around, initial_population=start):  # 2,000 evaluations
        lowest = min(lowest, info.best.item())
    assert known.score <= lowest < 0.28  # it did come nearer than the 0.28 = 0.01 sqrt(784) where it began


def test_a_descent_that_arrives_stays(exact):
    for begin in (exact.centres.float(), exact.centres.float() + 1e-3):
        for _, scores in descend(
            exact, begin, n_iterations=20, config=GradientConfig(1e-4, reduction="mean", clip=False)
        ):
            assert torch.isfinite(scores).all()
        assert (scores < 0.03).all()


def test_weights_change_the_score_so_the_exact_scorer_is_not_used(fours):
    weighted = detectors.fit("cblof", fours.X_train, use_weights=True)
    assert isinstance(make_scorer(weighted), FallbackScorer)
    assert isinstance(make_scorer(detectors.fit("cblof", fours.X_train)), CBLOFScorer)
    rows = fours.X_test[:50].astype(float)
    assert make_scorer(weighted)(torch.from_numpy(rows)).numpy() == pytest.approx(weighted.decision_function(rows))
