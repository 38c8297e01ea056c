"""INNE's score, which is a table of ratios: exact wherever PyOD's own rounding does not decide, and there too."""

import numpy as np
import pytest
import torch
from pyod.models.inne import INNE

from anogen import detectors
from anogen.scorers import make_scorer
from anogen.scorers.inne import INNEScorer

RNG = np.random.default_rng(0)
TRAIN = RNG.random((200, 9))
ROWS = np.concatenate([RNG.random((60, 9)) * 1.4 - 0.2, TRAIN[:40], np.zeros((2, 9)), np.full((1, 9), 5.0)])


def assert_exact(detector, rows):
    ours = make_scorer(detector)(torch.from_numpy(rows)).numpy()
    assert ours == pytest.approx(detector.decision_function(rows), abs=1e-14)


def test_the_ratio_is_that_of_squared_radii_and_far_away_the_score_is_flat():
    train = np.array([[0.0], [1.0], [3.0]])
    detector = INNE(n_estimators=1, max_samples=3, random_state=0).fit(train)
    asked = torch.tensor([[0.4], [2.2], [3.5], [4.9], [5.1], [1e30]], dtype=torch.float64)
    scores = make_scorer(detector)(asked).numpy()
    # balls (-1, 1) and (0, 2) about the near pair, each the other's neighbour; and (1, 5), of radius 2 to their 1
    assert scores == pytest.approx([0, 0.75, 0.75, 0.75, 1, 1])
    assert scores[:-1] == pytest.approx(detector.decision_function(asked[:-1].numpy()))


@pytest.mark.parametrize("options", [{}, {"max_samples": 2}, {"max_samples": 60}, {"max_samples": 0.5}])
def test_every_size_of_sample_is_exact(options):
    detector = detectors.fit("inne", TRAIN, n_estimators=30, **options)
    assert isinstance(make_scorer(detector), INNEScorer)
    for rows in (ROWS, ROWS[::-1].copy(), ROWS[3:4]):
        assert_exact(detector, rows)


@pytest.mark.parametrize("levels", [1, 3, 255])
def test_distances_that_coincide_with_radii_are_decided_as_pyod_does(levels):
    """With few grey levels many rows are exactly on a ball, or twice in the sample."""
    grey = RNG.integers(0, levels + 1, (150, 6)) / levels
    detector = detectors.fit("inne", grey, n_estimators=60)
    rows = np.concatenate([grey, RNG.integers(0, levels + 1, (150, 6)) / levels])
    on_a_ball = np.isclose(
        np.square(rows[:, None, None] - detector._centroids).sum(axis=3), detector._centroids_radius, rtol=1e-12
    )
    assert on_a_ball.any(axis=(1, 2)).sum() > 20
    for batch in (rows, rows[:41], rows[7:8]):
        assert_exact(detector, batch)
    free = torch.tensor([0, 2, 5])
    beside = make_scorer(detector).condition_on(free, torch.from_numpy(rows[0]))
    completed = np.tile(rows[0], (300, 1))
    completed[:, free] = rows[:, free]
    ours = beside(torch.from_numpy(rows[:, free])).numpy()
    assert ours == pytest.approx(detector.decision_function(completed), abs=1e-14)


@pytest.mark.parametrize("shift", [0, 1e3, 1e6])
def test_single_precision_decides_nothing(shift):
    detector = detectors.fit("inne", TRAIN + shift, n_estimators=50)
    assert_exact(detector, ROWS + shift)
    edge = detector._centroids[:, 0] + np.sqrt(detector._centroids_radius[:, :1] / 9)  # at the radius along a diagonal
    for step in (-1e-6, -1e-9, 0, 1e-9, 1e-6):
        assert_exact(detector, edge + step)


def test_fixed_pixels_beyond_every_ball_leave_nothing_to_gain():
    exact = make_scorer(detectors.fit("inne", TRAIN))
    away = torch.full((9,), 7.0, dtype=torch.float64)
    beside = exact.condition_on(torch.arange(4), away)
    assert (beside(torch.from_numpy(ROWS[:, :4])) == 1).all()
    again = exact.condition_on(torch.arange(2, 9), away).condition_on(torch.arange(1, 5), torch.from_numpy(ROWS[0, 2:]))
    whole = np.tile(np.r_[[7.0, 7.0], ROWS[0, 2:]], (len(ROWS), 1))
    whole[:, 3:7] = ROWS[:, 3:7]
    assert torch.equal(again(torch.from_numpy(ROWS[:, 3:7])), exact(torch.from_numpy(whole)))


def test_what_is_no_number_is_never_scored_as_one():
    x = torch.from_numpy(ROWS[:2].copy())
    x[0, 3] = torch.nan
    assert make_scorer(detectors.fit("inne", TRAIN)).score_finite(x).isnan().tolist() == [True, False]
