"""Images that Deep SVDD scores 0: what it holds for most normal is no image in particular."""

import numpy as np
import pytest
import torch

from anogen import datasets, detectors
from anogen.scorers import make_scorer
from anogen.scorers.deep_svdd import DeepSVDDScorer
from anogen.scorers.fallback import FallbackScorer


@pytest.fixture(scope="module")
def train():
    return datasets.load("mnist-5k").one_class(4).X_train[:200].astype(float)


@pytest.fixture(scope="module", params=[0, 1])
def trained(request, train):
    return detectors.fit("deep-svdd", train, random_state=request.param, epochs=20)


def in_float64(detector, x):
    """The score by PyOD's network, layer by layer, in float64."""
    z = (x - detector.scaler_.mean_) / detector.scaler_.scale_
    out = detector.model_.double().model(torch.from_numpy(z))
    score = (out - detector.c_.double()).square().sum(dim=1).detach().numpy()
    detector.model_.float()
    return score


def test_an_image_lies_exactly_at_the_trained_networks_centre(trained, train):
    known = make_scorer(trained).optimum()
    image = known.samples.numpy()
    assert (known.status, known.score, image.shape) == ("proved", 0, (1, 784))
    assert in_float64(trained, image) < 1e-20
    assert image.min() >= 0 and image.max() <= 1
    assert trained.decision_function(image) < 1e-10 < 1e-4 * trained.decision_scores_.min()
    # and it is nearly the mean image, which scores as if it were an anomaly
    mean = train.mean(axis=0, keepdims=True)
    assert trained.decision_function(mean) > np.percentile(trained.decision_scores_, 90)
    assert np.abs(image - mean).sum() < 0.5 * np.abs(train - mean).sum(axis=1).mean()


def test_steps_away_from_the_centre_cost(trained):
    exact = make_scorer(trained)
    best = exact.optimum().samples
    rng = np.random.default_rng(0)
    for sigma in (1e-3, 1e-2, 0.1):
        rivals = best + torch.from_numpy(sigma * rng.normal(size=(700, 784)))
        assert (exact(rivals) >= exact(best)).all()


@pytest.mark.parametrize(
    "options",
    [
        {"hidden_neurons": [9, 7, 5]},
        {"hidden_activation": "tanh"},
        {"hidden_neurons": [9, 7], "use_ae": True},
        {"c": -0.5},
    ],
)
def test_no_image_is_claimed_where_the_argument_does_not_hold(options):
    rows = np.random.default_rng(0).random((40, 12))
    exact = make_scorer(detectors.fit("deep-svdd", rows, epochs=1, **options))
    assert isinstance(exact, DeepSVDDScorer)
    assert exact.optimum() is None


@pytest.mark.parametrize("shift", [0.0, -3.0])
def test_data_that_are_no_images_are_not_held_in_0_to_1(shift):
    rows = np.random.default_rng(0).random((60, 500)) + shift
    detector = detectors.fit("deep-svdd", rows, random_state=1, epochs=3)
    image = make_scorer(detector).optimum().samples.numpy()
    assert in_float64(detector, image) < 1e-18
    assert (image.min() >= 0) == (shift == 0)


def test_the_untrained_networks_most_normal_image_is_the_mean(train):
    detector = detectors.fit("deep-svdd-untrained", train)
    exact = make_scorer(detector)
    known = exact.optimum()
    assert isinstance(exact, DeepSVDDScorer) and known.status == "proved" and known.score == 0
    assert known.samples.numpy() == pytest.approx(train.mean(axis=0, keepdims=True), abs=1e-12)
    assert exact(known.samples).item() < 1e-10
    assert exact(torch.from_numpy(train)).min() > 0.01


@pytest.mark.parametrize("options", [{"hidden_activation": "sigmoid"}, {"use_ae": True}])
def test_an_untrained_network_that_does_not_keep_0_has_no_known_optimum(options):
    rows = np.random.default_rng(0).random((40, 12))
    assert make_scorer(detectors.fit("deep-svdd-untrained", rows, **options)).optimum() is None


@pytest.mark.parametrize("name", ["deep-svdd", "deep-svdd-untrained"])
def test_data_far_from_zero_are_left_to_the_detector(name):
    rows = np.random.default_rng(0).random((40, 12)) + 100
    assert isinstance(make_scorer(detectors.fit(name, rows, epochs=1)), FallbackScorer)


def test_where_pyods_float32_is_less_exact_than_its_claim_ours_is_no_less_exact(trained):
    """Pixels that hardly vary are divided by little: noise there is hundreds of deviations, and float32 shows."""
    noise = np.random.default_rng(0).random((150, 784)).astype(np.float32).astype(float)
    truth = in_float64(trained, noise)
    theirs = np.abs(trained.decision_function(noise) - truth)
    ours = np.abs(make_scorer(trained)(torch.from_numpy(noise)).numpy() - truth)
    assert ours.max() <= 2 * theirs.max() <= 1e-3 * truth.max()


def test_weights_that_decayed_to_nearly_nothing_are_left_out(train):
    decayed = detectors.fit("deep-svdd", train, random_state=0, epochs=20)
    first = decayed.model_.model[0].weight
    with torch.no_grad():
        first[:, :28] *= 1e-35
    before = decayed.decision_function(train[:20])
    exact = make_scorer(decayed)
    assert not exact.weight[:28].any() and exact.weight[28:].any()
    assert exact(torch.from_numpy(train[:20])).numpy() == pytest.approx(before, rel=1e-5, abs=1e-6)
