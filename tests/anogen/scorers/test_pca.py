"""PCA's score, which is a distance to points on the axes, and its most normal point."""

import numpy as np
import pytest
import scipy.optimize
import torch

from anogen import detectors
from anogen.scorers import make_scorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.pca import PCAScorer

RNG = np.random.default_rng(0)
TRAIN = RNG.random((300, 6)) * [3, 1, 1, 0.5, 0.2, 0.1]
ROWS = RNG.random((40, 6)) * 4 - 1


def compare(detector, rows):
    exact = make_scorer(detector)
    assert isinstance(exact, PCAScorer)
    assert exact(torch.from_numpy(rows)).numpy() == pytest.approx(detector.decision_function(rows), rel=1e-12)
    return exact


@pytest.mark.parametrize(
    "options", [{}, {"weighted": False}, {"standardization": False}, {"n_components": 3}, {"n_selected_components": 2}]
)
def test_every_option_is_exact(options):
    compare(detectors.fit("pca", TRAIN, **options), ROWS)


def test_the_distance_is_to_the_tip_of_an_axis_and_not_to_the_axis():
    detector = detectors.fit("pca", TRAIN, standardization=False, n_selected_components=1)
    mean = TRAIN.mean(axis=0)  # PyOD does not take it off without standardisation
    axis = detector.components_[-1]
    along = np.stack([axis, -axis, 2 * axis, mean - mean])
    tips = compare(detector, along)(torch.from_numpy(along)) * detector.explained_variance_ratio_[-1]
    assert tips.numpy() == pytest.approx([0, 2, 1, 1], abs=1e-12)  # the far end of the same axis is the most abnormal


def test_an_axis_along_which_nothing_varies_makes_up_the_score():
    detector = detectors.fit("pca", np.hstack([TRAIN, TRAIN[:, :1]])[:50])  # two pixels that are always equal
    share = detector.explained_variance_ratio_[-1]
    assert 0 < share < 1e-30
    rows = RNG.random((40, 7))
    scores = compare(detector, rows)(torch.from_numpy(rows)).numpy()
    last = np.linalg.norm(detector.scaler_.transform(rows) - detector.components_[-1], axis=1) / share
    assert scores == pytest.approx(last, rel=1e-12)


@pytest.mark.parametrize("distance", [0, 1e-14, 1e-9, 1e-5, 1e-2])
def test_no_digits_are_lost_beside_a_tip(distance):
    detector = detectors.fit("pca", TRAIN)
    rows = detector.scaler_.inverse_transform(detector.components_ + distance * RNG.normal(size=6))
    exact = compare(detector, rows)
    x = torch.from_numpy(rows).requires_grad_()
    exact(x).sum().backward()
    assert torch.isfinite(x.grad).all()


@pytest.mark.parametrize("options", [{}, {"weighted": False}, {"standardization": False}])
def test_the_median_is_proved_and_nothing_beats_it(options):
    exact = make_scorer(detectors.fit("pca", TRAIN, **options))
    beside = exact.condition_on(torch.tensor([0, 2, 3]), torch.from_numpy(ROWS[0]))
    for one in (exact, beside):
        known = one.optimum()
        assert known.status == "proved"
        assert one(known.samples).item() == known.score
        steps = [known.samples + sigma * torch.randn(700, one.n_features_in_).double() for sigma in (1e-5, 1e-3, 0.1)]
        assert torch.cat([one(step) for step in steps]).min() >= known.score * (1 - 1e-9)


def test_one_axis_outweighs_the_others():
    detector = detectors.fit("pca", TRAIN * [1, 1, 1, 1, 1, 1e-4], standardization=False)
    exact = make_scorer(detector)
    known = exact.optimum()
    assert known.status == "proved"
    assert known.samples.numpy() == pytest.approx(detector.components_[-1:], abs=1e-15)


def test_where_rounding_the_median_costs_more_than_the_rest_nothing_is_called_proved():
    detector = detectors.fit("pca", np.hstack([TRAIN, TRAIN[:, :1]])[:50])
    exact = make_scorer(detector)
    known = exact.optimum()
    assert known.status == "numerical" and "rounding" in known.certificate
    steps = known.samples + torch.cat([s * torch.randn(700, 7).double() for s in (1e-6, 1e-3, 0.1)])
    assert known.score <= torch.cat([exact(steps), exact(torch.from_numpy(detector.scaler_.mean_)[None])]).min()


def test_an_axis_of_no_variance_at_all_would_divide_by_zero():
    detector = detectors.fit("pca", TRAIN)
    detector.selected_w_components_ = np.append(detector.selected_w_components_[:-1], 0)
    assert isinstance(make_scorer(detector, 6), FallbackScorer)


@pytest.mark.parametrize("options", [{}, {"weighted": False}, {"standardization": False}, {"n_components": 2}])
def test_optimum_in_a_box_is_proved_and_agrees_with_another_solver(options):
    exact = make_scorer(detectors.fit("pca", TRAIN - 0.4, **options))
    assert not 0.2 <= exact.optimum().samples.min() <= exact.optimum().samples.max() <= 0.9
    known = exact.optimum_in_box(0.2, 0.9)
    assert known.status == "proved" and known.score > exact.optimum().score
    assert known.samples.min() >= 0.2 and known.samples.max() <= 0.9
    assert exact(known.samples).item() == known.score

    def height(x):
        row = torch.from_numpy(x)[None].requires_grad_()
        score = exact(row)[0]
        return score.item(), torch.autograd.grad(score, row)[0][0].numpy()

    other = scipy.optimize.minimize(height, np.full(6, 0.5), jac=True, method="L-BFGS-B", bounds=[(0.2, 0.9)] * 6)
    assert other.fun == pytest.approx(known.score, rel=1e-6) and other.fun >= known.score * (1 - 1e-9)
    assert known.samples[0].numpy() == pytest.approx(other.x, abs=1e-2)


def test_a_box_around_the_optimum_changes_nothing():
    exact = make_scorer(detectors.fit("pca", TRAIN))
    known, box = exact.optimum(), exact.optimum_in_box(-9, 9)
    assert box.status == "proved" and box.score == pytest.approx(known.score, rel=1e-9)
