"""The scorers of PyOD's AutoEncoder and VAE: options, given pixels, and what they leave to the detector."""

import numpy as np
import pytest
import torch
from pyod.models.vae import VAE

from anogen import detectors
from anogen.scorers import make_scorer
from anogen.scorers.autoencoder import ReconstructionScorer
from anogen.scorers.fallback import FallbackScorer

RNG = np.random.default_rng(0)
TRAIN, ROWS = RNG.random((80, 12)), RNG.random((30, 12)) * 1.4 - 0.2
TRAIN[:, 3] = 0  # a pixel that never changes
BRIEF = {"epoch_num": 3, "batch_size": 16}
COVERED = [
    ("pyod-autoencoder", {"preprocessing": False}),
    ("pyod-autoencoder", {"batch_norm": False, "hidden_activation_name": "tanh"}),
    ("pyod-autoencoder", {"hidden_neuron_list": [7, 5, 3]}),
    ("vae", {"batch_norm": True}),
    ("vae", {"output_activation_name": "sigmoid", "latent_dim": 4}),
    ("vae", {"beta": 3.0, "capacity": 2.0, "preprocessing": False}),
]


def close(detector, exact, rows):
    theirs = detector.decision_function(rows)
    return exact(torch.from_numpy(rows)).numpy() == pytest.approx(theirs, rel=1e-5, abs=1e-5 * float(theirs.max()))


@pytest.mark.parametrize(("name", "options"), COVERED)
def test_options_are_exact_also_beside_fixed_pixels(name, options):
    detector = detectors.fit(name, TRAIN, **options, **BRIEF)
    exact = make_scorer(detector)
    assert isinstance(exact, ReconstructionScorer)
    assert close(detector, exact, ROWS)
    for free in (np.arange(12), np.arange(0, 12, 3), np.arange(11), np.arange(0)):
        rows = np.repeat(ROWS[:1], 30, axis=0)
        rows[:, free] = ROWS[:, free]
        part = exact.condition_on(torch.from_numpy(free), torch.from_numpy(ROWS[0]))
        ours = part(torch.from_numpy(rows[:, free])).numpy()
        assert ours == pytest.approx(detector.decision_function(rows), rel=1e-5)


def test_gradients_beside_fixed_pixels_are_those_of_the_whole():
    exact = make_scorer(detectors.fit("pyod-autoencoder", TRAIN, **BRIEF))
    free, x = torch.tensor([0, 4, 5, 9]), torch.from_numpy(ROWS[:1]).requires_grad_()
    (whole,) = torch.autograd.grad(exact(x).sum(), x)
    part = x.detach()[:, free].requires_grad_()
    (ours,) = torch.autograd.grad(exact.condition_on(free, x.detach()[0])(part).sum(), part)
    assert ours.numpy() == pytest.approx(whole[:, free].numpy(), rel=1e-4, abs=1e-6)


def test_given_twice_is_given_once():
    exact, row = make_scorer(detectors.fit("vae", TRAIN, **BRIEF)), torch.from_numpy(ROWS[0])
    once = exact.condition_on(torch.tensor([1, 8]), row)
    twice = exact.condition_on(torch.tensor([1, 5, 8]), row).condition_on(torch.tensor([0, 2]), row[[1, 5, 8]])
    free = torch.from_numpy(ROWS[:, [1, 8]])
    assert torch.allclose(once(free), twice(free), rtol=1e-5)


def test_the_least_change_in_a_constant_pixel_is_multiplied_by_a_hundred_million():
    detector = detectors.fit("pyod-autoencoder", TRAIN, **BRIEF)
    rows = np.stack([TRAIN[0], TRAIN[0]])
    rows[1, 3] += 1e-3
    before, after = make_scorer(detector)(torch.from_numpy(rows)).numpy()
    assert after > 1e4 * before
    assert after == pytest.approx(detector.decision_function(rows)[1], rel=1e-5)


def test_pyods_own_vae_is_answered_with_chance_as_it_scores():
    exact = make_scorer(VAE(verbose=0, **BRIEF).fit(TRAIN))
    rows = torch.from_numpy(TRAIN)
    assert isinstance(exact, FallbackScorer) and exact.batch_dependence == "stochastic" and not exact.differentiable
    assert not torch.equal(exact(rows), exact(rows))
    assert make_scorer(detectors.fit("vae", TRAIN, **BRIEF)).batch_dependence == "none"


@pytest.mark.parametrize("name", ["pyod-autoencoder", "vae"])
def test_a_subclass_that_scores_otherwise_and_data_far_from_zero_are_left_to_the_detector(name):
    detector = detectors.fit(name, TRAIN, **BRIEF)

    class Doubled(type(detector)):
        def decision_function_update(self, anomaly_scores):
            return 2 * anomaly_scores

    assert isinstance(make_scorer(detectors.fit(name, TRAIN + 100, **BRIEF)), FallbackScorer)
    detector.__class__ = Doubled
    slow = make_scorer(detector)
    assert isinstance(slow, FallbackScorer)
    assert close(detector, slow, ROWS)


def test_weights_that_decayed_to_subnormal_numbers_are_0_and_change_no_score():
    """Some processors take many times as long for a product with one."""
    detector = detectors.fit("pyod-autoencoder", TRAIN, **BRIEF)
    with torch.no_grad():
        detector.model.encoder[0].linear.weight[:, 3] = 1e-41
    exact = make_scorer(detector)
    weights = torch.cat([weight.flatten() for weight in exact.layers.parameters()])
    assert not ((weights != 0) & (weights.abs() < torch.finfo(torch.float32).tiny)).any()
    assert close(detector, exact, ROWS)
