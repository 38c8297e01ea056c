import numpy as np
import pytest
import torch

from anogen import datasets
from anogen.errors import InputError
from companion.studies import classifier


def train(*data, **options):
    *_, weights = classifier.training(*data, **options)
    return weights


@pytest.fixture(scope="module")
def data():
    return datasets.load("mnist-5k")


@pytest.fixture(scope="module")
def weights(data):
    return train(data.x_train[::2], data.y_train[::2], seed=0, epochs=2)


def rows(images):
    return images.reshape(len(images), -1) / np.float32(255)


def test_it_recognises_digits(data, weights):
    p = classifier.predict(weights, rows(data.x_test), data.image_shape)
    assert p.shape == (1000, 10)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert np.mean(p.argmax(axis=1) == data.y_test) > 0.85
    fours = data.one_class(4).test_normal
    np.testing.assert_allclose(classifier.p_cls(fours, 4, weights, data.image_shape), p[data.y_test == 4, 4], atol=1e-6)


def test_the_weights_are_small_plain_arrays(weights):
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}
    assert sum(array.nbytes for array in weights.values()) < 1.5e6


def test_the_same_seed_gives_the_same_bits_and_leaves_the_global_state_alone(data):
    x, y = data.x_train[::40], data.y_train[::40]
    torch.manual_seed(1)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    first = train(x, y, seed=3, epochs=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    torch.manual_seed(2)
    second, other = train(x, y, seed=3, epochs=1), train(x, y, seed=4, epochs=1)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not np.array_equal(first["linear"], other["linear"])


def test_folding_the_normalisation_changes_nothing(data):
    images = torch.tensor(data.x_train[:256]).unsqueeze(1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = classifier._model(images, 10, 4)
    model(images.float() / 255 - 0.5)  # in training mode: moves the running statistics
    model.eval()
    with torch.no_grad():
        want = torch.softmax(model(images.float() / 255 - 0.5), dim=1).numpy()
    got = classifier.predict(classifier._folded(model), rows(data.x_train[:256]), data.image_shape)
    np.testing.assert_allclose(got, want, atol=1e-5)


def test_colour_images_are_learned_too():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    x = rng.integers(0, 100, (300, 16, 16, 3), dtype=np.uint8)
    x[y == 1, :, :, 2] += 100  # the class is the amount of blue
    weights = train(x, y, seed=0, epochs=6, width=8)
    p = classifier.predict(weights, rows(x), (16, 16, 3))
    assert np.mean(p.argmax(axis=1) == y) > 0.95


@pytest.fixture(scope="module")
def coloured():
    rng = np.random.default_rng(1)
    return rng.integers(0, 256, (300, 16, 16, 3), dtype=np.uint8), rng.integers(0, 3, 300)


@pytest.mark.parametrize("steps", [1, 3])
def test_a_training_on_colour_images_that_was_interrupted_ends_with_the_same_bits(coloured, steps):
    *earlier, whole = classifier.training(*coloured, seed=0, epochs=1, width=4)
    assert len(earlier) == (300 // classifier.BATCH_SIZE) * classifier.N_VIEWS and earlier[-1][0] == 1
    begun = classifier.training(*coloured, seed=0, epochs=1, width=4)
    for _ in range(steps):
        _, state = next(begun)
    *rest, resumed = classifier.training(*coloured, seed=0, epochs=1, width=4, state=state())
    assert len(rest) == len(earlier) - steps
    assert {array.dtype for array in resumed.values()} == {np.dtype(np.float16)}
    assert all(np.array_equal(resumed[name], whole[name]) for name in whole)


def test_a_colour_image_and_its_mirror_image_are_judged_alike(coloured):
    x, y = coloured
    weights = train(x, y, seed=0, epochs=1, width=4)
    one, other = (classifier.predict(weights, rows(images), (16, 16, 3)) for images in (x, x[:, :, ::-1]))
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert np.ptp(one, axis=0).max() > 1e-3  # it does look at the image


def test_folding_the_normalisation_of_the_colour_network_changes_nothing(coloured):
    images = torch.tensor(coloured[0]).permute(0, 3, 1, 2) / 255 - 0.5
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = classifier._residual_network(3, 4)
    model(images)  # in training mode: moves the running statistics
    model.eval()
    with torch.no_grad():
        want = (torch.softmax(model(images), dim=1) + torch.softmax(model(images.flip(3)), dim=1)).numpy() / 2
    got = classifier.predict(classifier._folded(model), rows(coloured[0]), (16, 16, 3))
    np.testing.assert_allclose(got, want, atol=1e-5)


def test_the_learning_rate_rises_and_falls_to_nothing():
    rates = [classifier._cycle(t) for t in np.linspace(0, 1, 101)]
    assert rates[0] == 0 and max(rates) == 1 and abs(rates[-1]) < 1e-12
    assert int(np.argmax(rates)) == 30 and all(np.diff(rates[:30]) > 0) and all(np.diff(rates[31:]) < 0)


@pytest.mark.parametrize("shape", [(28, 28), (32, 32, 3)])
def test_features_are_what_the_last_layer_sees(shape):
    weights = classifier.untrained(shape, seed=1, width=4)
    x = np.random.default_rng(0).random((3, int(np.prod(shape))))
    rows = classifier.features(weights, x, shape)
    logits = rows @ weights["linear"].T + weights["bias"]
    shown = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert len(rows) == 3
    if len(shape) == 2:
        found = classifier.predict(weights, x, shape)
        assert found == pytest.approx(shown / shown.sum(axis=1, keepdims=True), abs=1e-6)
    again = classifier.untrained(shape, seed=1, width=4)
    assert all(np.array_equal(weights[key], again[key]) for key in weights)
    assert not np.array_equal(weights["linear"], classifier.untrained(shape, seed=2, width=4)["linear"])


def test_bad_training_data_is_an_input_error(data):
    with pytest.raises(InputError, match="uint8"):
        train(data.x_train / 255.0, data.y_train, seed=0)
    with pytest.raises(InputError, match="one label each"):
        train(data.x_train, data.y_train[:-1], seed=0)
    with pytest.raises(InputError, match="one label each"):
        train(data.x_train[:0], data.y_train[:0], seed=0)
