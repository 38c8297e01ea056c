"""What a tint is: the mean colour of an image, and its distance from grey."""

import numpy as np
import pytest

from anogen.errors import InputError
from notebooks.thesis.autoencoder_cifar.colour import channel_means, tint


def test_channel_means():
    image = np.zeros((2, 4, 3))
    image[..., 0], image[..., 1], image[0, :, 2] = 0.9, 0.3, 0.6  # blue in the upper half only
    assert channel_means(image.reshape(1, -1), (2, 4, 3)) == pytest.approx(np.array([[0.9, 0.3, 0.3]]))
    assert tint(image.reshape(1, -1), (2, 4, 3)) == pytest.approx([0.4])


def test_grey_image_has_no_tint():
    rows = np.random.default_rng(0).random((3, 16))
    assert channel_means(rows, (4, 4)) == pytest.approx(np.repeat(rows.mean(axis=1), 3).reshape(3, 3))
    assert tint(rows, (4, 4)) == pytest.approx(np.zeros(3))
    assert tint(np.repeat(rows, 3, axis=1), (4, 4, 3)) == pytest.approx(np.zeros(3))


def test_means_of_half_precision():
    rows = np.random.default_rng(0).random((1, 3072)).astype(np.float16)
    assert channel_means(rows, (32, 32, 3)) == pytest.approx(channel_means(rows.astype(float), (32, 32, 3)), abs=1e-12)


def test_wrong_shape_is_rejected():
    with pytest.raises(InputError, match="do not fit"):
        tint(np.zeros((1, 784)), (32, 32, 3))
