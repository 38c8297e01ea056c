import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anogen.errors import InputError
from anogen.metrics import images as pixels

GREY, RGB = (28, 28), (32, 32, 3)
y, x = np.mgrid[:28, :28]


def row(image):
    return np.asarray(image, float).reshape(1, -1)


def slow_morans_i(image):
    """The definition, word by word."""
    h, w = image.shape
    z = image - image.mean()
    pairs = [
        ((i, j), (i + a, j + b)) for i in range(h) for j in range(w) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))
    ]
    pairs = [(p, q) for p, q in pairs if 0 <= q[0] < h and 0 <= q[1] < w]
    return h * w / len(pairs) * sum(z[p] * z[q] for p, q in pairs) / (z**2).sum()


@given(arrays(np.float64, (4, 5), elements=st.integers(0, 9)))
def test_morans_i_is_its_definition(image):
    image[0, 0] = 20  # not constant
    assert pixels.morans_i(row(image), (4, 5))[0] == pytest.approx(slow_morans_i(image), abs=1e-12)


def test_morans_i_of_known_images():
    assert pixels.morans_i(row((x + y) % 2), GREY)[0] == pytest.approx(-1)
    assert pixels.morans_i(row(x + 2 * y), GREY)[0] > 0.95
    assert pixels.morans_i(row(np.sin(x / 5) * np.cos(y / 5)), GREY)[0] > 0.9
    assert pixels.morans_i(row(x % 2), GREY)[0] == pytest.approx(0, abs=0.05)  # stripes: half the neighbours agree
    noise = np.random.default_rng(0).random((400, 784))
    values = pixels.morans_i(noise, GREY)
    assert abs(values.mean() + 1 / 783) < 4 * values.std() / 20
    assert np.abs(values).max() < 0.15


@given(st.floats(0.1, 10), st.floats(-5, 5), st.integers(0, 1000))
def test_morans_i_does_not_depend_on_brightness_or_contrast(scale, offset, seed):
    images = np.random.default_rng(seed).random((3, 784))
    np.testing.assert_allclose(pixels.morans_i(scale * images + offset, GREY), pixels.morans_i(images, GREY), atol=1e-9)


def test_morans_i_is_averaged_over_channels():
    board, smooth = np.indices((32, 32)).sum(axis=0) % 2, np.indices((32, 32))[0]
    one = pixels.morans_i(row(smooth), (32, 32))[0]
    mixed = row(np.stack([board, smooth, np.zeros((32, 32))], axis=-1))
    assert pixels.morans_i(mixed, RGB)[0] == pytest.approx((-1 + one + 1) / 3)  # the flat channel counts as smooth


@pytest.mark.parametrize("level", [0, 0.1, 1])
def test_a_flat_image_is_smooth(level):
    assert pixels.morans_i(np.full((2, 784), level), GREY).tolist() == [1, 1]


def test_many_images_are_measured_as_each_alone():
    images = np.random.default_rng(1).random((2500, 16)).astype(np.float32)
    whole = pixels.morans_i(images, (4, 4))
    assert whole.shape == (2500,)
    alone = [pixels.morans_i(images[[i]], (4, 4))[0] for i in (0, 999, 1000, 2499)]
    np.testing.assert_array_equal(whole[[0, 999, 1000, 2499]], alone)


def test_bad_images_are_input_errors():
    metric = pixels.morans_i
    with pytest.raises(InputError, match=r"images\[1\] holds NaN"):
        metric([[0.0] * 4, [0.0, np.nan, 0, 0]], (2, 2))
    with pytest.raises(InputError, match="do not fit"):
        metric(np.zeros((2, 5)), (2, 2))
    with pytest.raises(InputError, match="do not fit"):
        metric(np.zeros((0, 4)), (2, 2))
