"""Deep SVDD in its three forms: what each learns, and what the one that does not train shows."""

import numpy as np
import pytest
import torch
from torch import nn

from anogen import datasets
from anogen.detectors.deep_svdd import DeepSVDD, DeepSVDDLeNet, UntrainedDeepSVDD, contrast, lenet
from anogen.errors import InputError
from anogen.scorers import make_scorer

WAVES = np.sin(np.arange(240.0)).reshape(40, 6) ** 2
WAVES[:, 2] = 0


@pytest.fixture(scope="module")
def fours():
    return datasets.load("mnist-5k").one_class(4)


@pytest.fixture(scope="module")
def published(fours):
    return DeepSVDDLeNet(epochs=20, milestone=15, batch_size=32, learning_rate=1e-3).fit(fours.X_train)


def distance_in_units(detector, rows):
    """Median score of rows in units of that of the training rows."""
    return np.median(detector.decision_function(rows)) / np.median(detector.decision_scores_)


def test_training_changes_pyods_network_and_pulls_unseen_images_to_the_centre(fours):
    before, after = (DeepSVDD(784, epochs=n, verbose=0, random_state=0).fit(fours.X_train) for n in (0, 40))
    pairs = zip(before.model_.parameters(), after.model_.parameters(), strict=True)
    assert all(not torch.equal(old, new) for old, new in pairs)
    far, near = (np.median(detector.decision_function(fours.test_normal)) for detector in (before, after))
    assert near < far / 2


def test_the_untrained_form_scores_the_same_after_1_and_10_epochs_and_is_0_at_the_mean(fours):
    train = fours.X_train.astype(float)
    one, ten = (UntrainedDeepSVDD(784, epochs=n, verbose=0, random_state=0).fit(train) for n in (1, 10))
    assert np.array_equal(one.decision_scores_, ten.decision_scores_)
    assert len(np.unique(one.decision_scores_)) > 300
    mean = train.mean(axis=0, keepdims=True)
    assert one.decision_function(mean) == pytest.approx(0, abs=1e-12)
    assert one.decision_scores_.min() > 0.01
    other = UntrainedDeepSVDD(784, verbose=0, random_state=1).fit(train)
    assert not np.allclose(one.decision_scores_, other.decision_scores_)


@pytest.mark.parametrize(
    ("options", "scores_of_2_0_3"),
    [
        ({}, [0.7471764, 1.0328685, 0.74650776, 0.21980797, 0.09066851]),
        (
            {"hidden_neurons": [8, 6, 4], "hidden_activation": "tanh"},
            [0.05089561, 0.02185574, 0.01501802, 0.04451478, 0.05276214],
        ),
    ],
)
def test_the_untrained_form_scores_as_pyod_2_0_3_did(options, scores_of_2_0_3):
    """The numbers are what PyOD 2.0.3 gave, after 1 epoch and after 10."""
    detector = UntrainedDeepSVDD(6, random_state=5, verbose=0, **options).fit(WAVES)
    assert detector.decision_function(WAVES[:5]) == pytest.approx(scores_of_2_0_3, rel=1e-5)


def test_a_centre_that_is_given_is_used_by_the_untrained_form_too():
    rows = np.random.default_rng(0).random((30, 6))
    given = UntrainedDeepSVDD(6, c=0.5, random_state=0, verbose=0).fit(rows)
    assert given.decision_function(rows.mean(axis=0, keepdims=True)) == pytest.approx(32 * 0.25, rel=1e-5)
    assert make_scorer(given).optimum() is None


def test_training_changes_the_published_network_and_normal_images_score_below_noise(published, fours):
    barely = DeepSVDDLeNet(epochs=0, batch_size=32).fit(fours.X_train)
    new = published.network_.state_dict()
    assert all(not torch.equal(old, new[key]) for key, old in barely.network_.state_dict().items())
    assert torch.equal(barely.centre_, published.centre_)  # the centre is the output before training
    assert len(np.unique(published.decision_scores_)) > 300
    shuffled = np.random.default_rng(0).permuted(fours.test_normal, axis=1)
    assert distance_in_units(published, fours.test_normal) < 2
    assert distance_in_units(published, shuffled) > 4
    assert distance_in_units(barely, shuffled) < 2


def test_the_centre_keeps_away_from_0_and_no_layer_has_a_bias(published):
    assert (published.centre_.abs() >= 0.1).all()
    assert any(isinstance(layer, nn.Linear) for layer in published.network_)
    assert all(name.endswith("weight") for name, _ in published.network_.named_parameters())


def test_the_published_form_does_not_see_brightness_or_contrast(published, fours):
    rows = fours.test_normal[:20]
    assert published.decision_function(0.25 + rows / 2) == pytest.approx(published.decision_function(rows), rel=1e-3)
    black = np.zeros((1, 784))
    assert np.isfinite(published.decision_function(black)).all()
    normalised = contrast(torch.from_numpy(rows))
    assert normalised.mean(dim=1).numpy() == pytest.approx(0, abs=1e-6)
    assert normalised.abs().mean(dim=1).numpy() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize(("shape", "width"), [((28, 28), 32), ((12, 8), 32), ((32, 32, 3), 128), ((8, 16, 3), 128)])
def test_the_published_network_takes_images_in_gray_and_in_colour(shape, width):
    rows = np.random.default_rng(0).random((8, np.prod(shape)), dtype=np.float32)
    detector = DeepSVDDLeNet(shape, epochs=1).fit(rows)
    assert detector.centre_.shape == (width,)
    ours = make_scorer(detector)(torch.from_numpy(rows)).numpy()
    assert ours == pytest.approx(detector.decision_function(rows), rel=1e-5)
    # the channel comes last in a row: swapping two channels of all pixels is another image
    if len(shape) == 3:
        swapped = rows.reshape(8, *shape)[..., [1, 0, 2]].reshape(8, -1)
        assert not np.allclose(detector.decision_function(swapped), ours)


def test_the_seed_alone_decides_and_nobodys_random_numbers_are_touched(fours):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = DeepSVDDLeNet(epochs=1).fit(fours.X_train[:100]).decision_scores_
    assert torch.equal(torch.rand(3), expected)
    assert np.array_equal(DeepSVDDLeNet(epochs=1).fit(fours.X_train[:100]).decision_scores_, first)
    assert not np.allclose(DeepSVDDLeNet(epochs=1, random_state=1).fit(fours.X_train[:100]).decision_scores_, first)


def test_what_cannot_be_used_is_refused(fours):
    with pytest.raises(InputError, match="30 x 28 pixels cannot be pooled: crop or pad them to multiples of 4"):
        lenet((30, 28))
    with pytest.raises(InputError, match="28 x 28 pixels cannot be pooled: crop or pad them to multiples of 8"):
        lenet((28, 28, 3))
    with pytest.raises(InputError, match=r"\(12,\) are not images of \(28, 28\): give rows of 784 values"):
        DeepSVDDLeNet().fit(np.zeros((3, 12)))
    with pytest.raises(InputError, match="clean them"):
        DeepSVDDLeNet().fit(np.full((3, 784), np.nan))
    with pytest.raises(InputError, match=r"not fitted: call fit\(X\) first"):
        DeepSVDDLeNet().decision_function(fours.X_test)
