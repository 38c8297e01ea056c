"""DEAN's scorer, and what the authors' input range does to raw images."""

import numpy as np
import pytest
import torch

from anogen import datasets, scorers
from anogen.detectors.dean import DEAN, combine_outputs
from anogen.scorers.fallback import FallbackScorer

SMALL = {"n_submodels": 5, "epochs": 10, "batch_size": 32}


@pytest.fixture(scope="module")
def fours():
    return datasets.load("mnist-5k").one_class(4)


@pytest.fixture(scope="module")
def both(fours):
    return {mode: DEAN(input_range=mode, **SMALL).fit(fours.X_train[:200]) for mode in ("guard", "reference")}


def noise(n=150):
    return np.random.default_rng(0).random((n, 784))


def test_noise_of_the_reference_range_is_a_flat_landscape(both):
    """The authors' code on raw MNIST: pixels that no 4 uses are divided by 1e-9, and every answer is clipped."""
    scores = both["reference"].decision_function(noise())
    assert len(np.unique(scores)) == 1
    assert scores[0] == pytest.approx(1, abs=1e-6)  # each is 100^9 = 1e18, over the batch's mean of 1e18
    answers, q = torch.full((100, 150), 1e7), torch.linspace(0.99, 1.01, 100).double()
    assert (
        len(combine_outputs(answers, q, 9, "reference").unique()) == 1
    )  # of many submodels too: no rounding ranks them
    guarded = both["guard"].decision_function(noise())
    assert len(np.unique(guarded)) == 150
    assert guarded.max() > 1.5 * guarded.min()


def test_the_least_noise_in_constant_pixels_outweighs_all_else_in_the_reference_range(both, fours):
    constant = np.ptp(fours.X_train[:200], axis=0) == 0
    four = fours.test_normal[:3].astype(float)
    speckled = np.where(constant, 0.01 * noise(3), four)
    batch = np.concatenate([four, speckled])
    assert both["reference"].decision_function(batch) == pytest.approx([0, 0, 0, 2, 2, 2], abs=1e-6)
    guarded = both["guard"].decision_function(batch)
    assert guarded[3:] == pytest.approx(guarded[:3], rel=0.5)


def test_both_ranges_train_the_same_submodels(both):
    """No training row has noise in a constant pixel."""
    guard, reference = (both[mode].weights() for mode in ("guard", "reference"))
    for key in ("bags", "layer0", "layer2", "layer6", "train_outputs"):
        np.testing.assert_allclose(
            guard[key], reference[key], atol=1e-3
        )  # inputs are rounded otherwise, which training amplifies


def test_a_deviation_below_1e_5_has_a_score_in_float64_alone(both):
    mean = both["guard"].q_.mean().item()
    answers = torch.full((5, 3), mean, dtype=torch.float64) + torch.tensor([1e-7, 2e-7, 1e-6], dtype=torch.float64)
    q = torch.full((5,), mean, dtype=torch.float64)
    assert combine_outputs(answers, q, 9, "guard").numpy() == pytest.approx([1e-63, 512e-63, 1e-54], rel=1e-6)
    assert torch.equal(combine_outputs(answers.float(), q, 9, "reference"), torch.zeros(3))  # ties


def test_a_score_of_the_reference_range_is_relative_to_its_batch(both, fours):
    rows = fours.X_test[::100].astype(float)
    exact = scorers.make_scorer(both["reference"])
    assert exact.batch_dependence == "batch"
    assert exact(torch.from_numpy(rows)).mean() == pytest.approx(1)
    theirs = both["reference"].decision_function(rows)
    assert exact(torch.from_numpy(rows)).numpy() == pytest.approx(theirs, abs=1e-5 * theirs.max())
    free = torch.arange(784)[::3]
    beside = rows.copy()
    beside[:, 1::3], beside[:, 2::3] = rows[0, 1::3], rows[0, 2::3]
    theirs = both["reference"].decision_function(beside)
    given = exact.condition_on(free, torch.from_numpy(rows[0]))
    assert given.batch_dependence == "batch"
    assert given(torch.from_numpy(beside[:, free])).numpy() == pytest.approx(theirs, abs=1e-4 * theirs.max())


def test_with_nothing_free_or_everything_free_the_conditional_score_of_dean_is_the_score_itself(both, fours):
    exact, rows = scorers.make_scorer(both["guard"]), torch.from_numpy(fours.X_test[::100].astype(float))
    everything = torch.arange(784)
    assert torch.allclose(exact.condition_on(everything, rows[0])(rows), exact(rows), rtol=1e-4)
    assert torch.allclose(
        exact.condition_on(everything[:0], rows[0])(rows[:5, :0]), exact(rows[:1]).expand(5), rtol=1e-4
    )


def test_fixing_pixels_twice_is_fixing_them_at_once(both, fours):
    exact, image = scorers.make_scorer(both["guard"]), torch.from_numpy(fours.test_normal[0].astype(float))
    rows = torch.from_numpy(noise(4))
    half, quarter = torch.arange(0, 784, 2), torch.arange(0, 784, 4)
    at_once = exact.condition_on(quarter, image)(rows[:, quarter])
    twice = exact.condition_on(half, image).condition_on(torch.arange(0, 392, 2), image[half])(rows[:, quarter])
    assert torch.allclose(at_once, twice, rtol=1e-4)


def test_bags_that_a_free_pixel_is_not_in_do_not_see_it(both):
    exact, image = scorers.make_scorer(both["guard"]), torch.zeros(784, dtype=torch.float64)
    pixel = torch.tensor([400])
    sees = (both["guard"].bags_ == 400).any(dim=1)
    assert 0 < sees.sum() < len(sees)
    given = exact.condition_on(pixel, image)
    for submodel, seen in enumerate(sees.tolist()):
        only = [weight[[submodel]] for weight in given.network]
        scorer = type(given)(both["guard"].subset(1), given.bags[[submodel]], only, given.low, given.span)
        dark, bright = scorer(torch.tensor([[0.0], [1.0]]))
        assert torch.isclose(dark, bright, rtol=1e-5) != seen


def test_rows_far_from_0_are_left_to_the_detector_itself():
    rows = np.random.default_rng(0).random((40, 12)) + 1e6
    detector = DEAN(n_submodels=2, epochs=2).fit(rows)
    exact = scorers.make_scorer(detector)
    assert isinstance(exact, FallbackScorer)
    assert exact(torch.from_numpy(rows)).numpy() == pytest.approx(detector.decision_function(rows))
