"""Every detector of the catalogue learns, repeats itself, and refuses what it cannot use."""

from functools import cache

import numpy as np
import pytest

from anogen import datasets, detectors
from anogen.errors import InputError

OPTIONS = {
    "anorand": {"epochs": 40, "learning_rate": 1e-3, "batch_size": 32},
    "autoencoder": {"epochs": 8, "latent": 2},
    "dean": {"n_submodels": 6, "bag": 50, "epochs": 10, "batch_size": 64, "neurons": (64, 64), "learning_rate": 1e-3},
    "deep-svdd": {"epochs": 5},
    "deep-svdd-lenet": {"epochs": 8, "batch_size": 32, "learning_rate": 1e-3},
    "pyod-autoencoder": {"epoch_num": 5},
    "vae": {"epoch_num": 5},
}
RANDOM = {"anorand", "autoencoder", "cblof", "dean", "deep-svdd", "deep-svdd-lenet", "deep-svdd-untrained", "iforest"}
RANDOM |= {"inne", "loda", "pyod-autoencoder", "vae"}
OF_IMAGES = {"autoencoder", "deep-svdd-lenet"}  # these halve images two times, so they get them in full
# Its network learns to tell noise of one size from digits, and calls what is further away normal: the chapter shows it.
FOOLED_BY_NOISE = {"anorand"}
every_detector = pytest.mark.parametrize("name", detectors.CATALOGUE)


@cache
def pooled(digit):
    """Images of a class in [0, 1], halved in width and height: (n, 14 * 14)."""
    data = datasets.load("mnist-5k").one_class(digit)
    return [
        rows.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196) for rows in (data.X_train, data.test_normal)
    ]


@cache
def fit(name, digit=4, seed=0):
    train = datasets.load("mnist-5k").one_class(digit).X_train if name in OF_IMAGES else pooled(digit)[0]
    return detectors.fit(name, train, seed, **OPTIONS.get(name, {}))


def rows(name, digit=4):
    return datasets.load("mnist-5k").one_class(digit).test_normal if name in OF_IMAGES else pooled(digit)[1]


def scores(name, seen, digit=4, seed=0):
    return fit(name, digit, seed).decision_function(np.asarray(seen, dtype=np.float64))


def sparse_noise(name):
    """Noise with as much ink as the digits have: each image's pixels in another order."""
    rng = np.random.default_rng(0)
    return rng.permuted(rows(name), axis=1)


@every_detector
def test_normal_images_score_below_noise_unless_it_is_known_and_no_score_is_constant(name):
    normal, noise = scores(name, rows(name)), scores(name, sparse_noise(name))
    assert normal.shape == (100,) and np.isfinite(normal).all()
    assert len(np.unique(normal)) > 50
    fooled = name in FOOLED_BY_NOISE
    assert (np.median(normal) < np.median(noise)) != fooled
    uniform = np.random.default_rng(1).random((50, rows(name).shape[1]))
    assert (np.median(normal) < np.median(scores(name, uniform))) != fooled


@every_detector
def test_what_is_normal_was_learnt_from_the_training_data(name):
    """A detector that did not train would not care which digit it was shown."""
    four, other = rows(name), rows(name, 0)
    trained_on_fours = np.median(scores(name, other)) - np.median(scores(name, four))
    trained_on_others = np.median(scores(name, other, digit=0)) - np.median(scores(name, four, digit=0))
    assert trained_on_fours > 0
    assert trained_on_fours > trained_on_others


@every_detector
def test_the_random_state_fixes_the_detector(name):
    create = fit.__wrapped__
    seen = rows(name)[:30].astype(float)
    first, again = scores(name, seen), create(name).decision_function(seen)
    assert np.array_equal(again, first)
    other = create(name, seed=1).decision_function(seen)
    assert np.allclose(first, other, rtol=1e-4) == (name not in RANDOM)


@every_detector
def test_training_data_that_cannot_be_used_are_refused(name):
    with pytest.raises(InputError, match=f"no rows to fit {name} to"):
        detectors.fit(name, np.zeros((0, 784)))
    spoilt = np.zeros((20, 784))
    spoilt[3, 7], spoilt[4, 4] = np.nan, np.inf
    with pytest.raises(InputError, match="2 values of the training data are NaN or infinite"):
        detectors.fit(name, spoilt)


@pytest.mark.parametrize("name", [name for name, one in detectors.CATALOGUE.items() if one.path.startswith("anogen.")])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_rows_without_a_value_are_not_scored(name, value):
    spoilt = rows(name)[:3].astype(float)
    spoilt[1, 7] = value
    with pytest.raises(ValueError, match=r"NaN|infinit"):
        scores(name, spoilt)


@pytest.mark.parametrize("spec", ["autoencoder:latent=0", "autoencoder:batch_size=0", "deep-svdd-lenet:epochs=-1"])
def test_numbers_that_no_network_can_have_are_refused(spec):
    name, options = detectors.parse_spec(spec)
    with pytest.raises(InputError, match=r"is too small: give [01] or more"):
        detectors.fit(name, np.ones((20, 784)), **options)


def test_an_unknown_detector_or_option_is_answered_with_what_there_is():
    with pytest.raises(InputError, match="unknown detector 'cbloff': did you mean cblof"):
        detectors.create("cbloff", 784)
    with pytest.raises(InputError, match=r"'xyz': choose one of anorand, autoencoder, cblof"):
        detectors.create("xyz", 784)
    with pytest.raises(InputError, match="cblof has no option 'clusters': it takes n_clusters"):
        detectors.create("cblof", 784, clusters=3)


def test_options_reach_the_detector():
    assert detectors.create("cblof", 784, n_clusters=3).n_clusters == 3
    assert detectors.create("iforest", 784, random_state=7).random_state == 7
    assert detectors.create("deep-svdd", 784).n_features == 784
