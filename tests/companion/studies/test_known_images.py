"""Images whose class is known by construction."""

import numpy as np
import pytest

from companion.studies import known_images as known


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def digits(rng):
    return rng.random((12, 28, 28)), np.repeat([0, 1, 2], 4)


def test_specks_change_exactly_the_stated_number_of_pixels(digits, rng):
    changed = known.add_specks(np.zeros((5, 28, 28)), 7, rng)
    assert ((changed > 0).sum(axis=(1, 2)) == 7).all()
    assert changed[changed > 0].min() >= 0.4


def test_blur_keeps_the_brightness_and_lowers_the_contrast():
    point = np.zeros((1, 28, 28))
    point[0, 14, 14] = 1
    blurred = known.blur(point, 1.0)
    assert blurred.sum() == pytest.approx(1)
    assert blurred.max() < 0.2


def test_partners_are_of_another_class(digits, rng):
    _, labels = digits
    assert (labels[known.partners(labels, rng)] != labels).all()


def test_halves_keep_one_half_of_each_digit(digits, rng):
    images, labels = digits
    others = images[known.partners(labels, rng)]
    joined = known.join_halves(images, others, rng)
    upper = (joined[:, :14] == images[:, :14]).all(axis=(1, 2))
    left = (joined[:, :, :14] == images[:, :, :14]).all(axis=(1, 2))
    assert (upper ^ left).all()
    assert np.isin(joined, np.concatenate([images, others])).all()


def test_an_average_is_within_its_class(digits):
    images, labels = digits
    values = labels[:, None, None] * np.ones_like(images)
    np.testing.assert_array_equal(known.average(values, labels, 3), values)


@pytest.mark.parametrize("size", [1, 7, 14])
def test_shuffled_patches_keep_the_pixels(digits, rng, size):
    images, _ = digits
    shuffled = known.shuffle_patches(images, size, rng)
    assert not np.array_equal(shuffled, images)
    np.testing.assert_array_equal(np.sort(shuffled.reshape(12, -1)), np.sort(images.reshape(12, -1)))


def test_unpatched_images_are_unchanged(digits, rng):
    images, _ = digits
    np.testing.assert_array_equal(known.shuffle_patches(images, 28, rng), images)


def test_training_images_are_in_range_and_as_many_as_stated(digits, rng):
    images, labels = digits
    images, labels = np.tile(images, (20, 1, 1)), np.tile(labels, 20)
    for made in (known.degrade(images, labels, rng), known.without_digit(images, labels, rng)):
        assert made.shape == images.shape
        assert 0 <= made.min() <= made.max() <= 1


def test_no_other_sets_give_no_images():
    assert known.other_sets((), 5, 28, 0, "train").shape == (0, 28, 28)
