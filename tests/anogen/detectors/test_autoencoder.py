"""Our convolutional autoencoder, and PyOD's AutoEncoder, VAE and Deep SVDD as the catalogue has them."""

from functools import partial

import numpy as np
import pytest
import torch
from pyod.models import auto_encoder, deep_svdd, vae
from pyod.models.vae import vae_loss

from anogen import datasets, detectors
from anogen.detectors.autoencoder import ConvAutoencoder, MeanVAE, as_images
from anogen.detectors.autoencoder_networks import ARCHITECTURES, network
from anogen.detectors.mixins import seeded
from anogen.errors import InputError
from anogen.scorers import make_scorer


@pytest.fixture(scope="module")
def fours():
    return datasets.load("mnist-5k").one_class(4)


@pytest.fixture(scope="module")
def trained(fours):
    return ConvAutoencoder(latent=2, epochs=8, batch_size=16).fit(fours.X_train)


def test_training_reduces_the_error_of_images_it_has_not_seen(trained, fours):
    barely = ConvAutoencoder(latent=2, epochs=1, learning_rate=1e-9).fit(fours.X_train[:64])
    before, after = (detector.decision_function(fours.test_normal).mean() for detector in (barely, trained))
    assert after < before / 2


def test_the_score_is_the_mean_squared_difference_of_image_and_reconstruction(trained, fours):
    rows = fours.X_test[:7]
    by_hand = []
    for row in rows:  # thesis Eq. 5.1, image by image
        image = row.reshape(1, 1, 28, 28)
        reconstruction = trained.network_(torch.from_numpy(image)).numpy()
        assert reconstruction.shape == image.shape
        by_hand.append(sum((image.ravel().astype(float) - reconstruction.ravel()) ** 2) / 784)
    assert trained.decision_function(rows) == pytest.approx(by_hand, rel=1e-5)
    stacked = torch.from_numpy(rows[:6]).reshape(2, 3, 784)
    assert trained.reconstruction_error(stacked).numpy().ravel() == pytest.approx(by_hand[:6], rel=1e-5)


def test_colour_comes_last_in_a_row_and_first_in_a_convolution():
    rows = torch.arange(2 * 4 * 8 * 3.0).reshape(2, -1)
    images = as_images(rows, (4, 8, 3))
    assert images.shape == (2, 3, 4, 8)
    assert images[1, 2, 3, 5] == rows[1].reshape(4, 8, 3)[3, 5, 2]
    assert ConvAutoencoder((4, 8, 3), epochs=1).fit(rows / 192).decision_function(rows / 192).shape == (2,)


def test_weights_taken_out_and_put_back_give_the_same_scores(trained, fours):
    weights = trained.weights()
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}
    again = ConvAutoencoder(latent=2).with_weights(weights)
    assert np.array_equal(again.decision_function(fours.X_test[:50]), trained.decision_function(fours.X_test[:50]))
    for array in weights.values():
        array[:] = 0  # they are copies, on the way out and on the way in
    assert np.array_equal(again.decision_function(fours.X_test[:50]), trained.decision_function(fours.X_test[:50]))


def test_what_was_saved_is_loaded(trained, fours, tmp_path):
    path = tmp_path / "new" / "autoencoder.npz"
    trained.save(path)
    again = ConvAutoencoder.load(path)
    assert again.get_params() == trained.get_params()
    assert np.array_equal(again.decision_function(fours.X_test[:50]), trained.decision_function(fours.X_test[:50]))
    assert np.array_equal(again.decision_scores_, trained.decision_scores_)
    assert again.threshold_ == trained.threshold_
    assert np.array_equal(again.predict(fours.X_test[:50]), trained.predict(fours.X_test[:50]))
    assert [file.name for file in path.parent.iterdir()] == ["autoencoder.npz"]


def test_a_file_that_holds_no_autoencoder_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", a=1)
    with pytest.raises(InputError, match="contains no ConvAutoencoder"):
        ConvAutoencoder.load(tmp_path / "other.npz")


def test_training_does_not_touch_anybodys_random_numbers(fours):
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    untouched = torch.rand(3), np.random.rand(3)  # noqa: NPY002
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    first = ConvAutoencoder(latent=2, epochs=1).fit(fours.X_train[:100]).weights()
    assert torch.equal(torch.rand(3), untouched[0])
    assert np.array_equal(np.random.rand(3), untouched[1])  # noqa: NPY002
    torch.manual_seed(99)
    second = ConvAutoencoder(latent=2, epochs=1).fit(fours.X_train[:100]).weights()
    assert all(np.array_equal(first[key], second[key]) for key in first)


def test_the_protocol_of_pyod_is_kept(trained, fours):
    assert trained.decision_scores_ == pytest.approx(trained.decision_function(fours.X_train))
    assert trained.labels_.mean() == pytest.approx(0.1, abs=0.01)
    assert trained.predict(fours.test_normal).shape == (100,)
    assert trained.get_params()["latent"] == 2


def test_a_detector_that_is_not_fitted_says_so(fours):
    with pytest.raises(InputError, match=r"not fitted: call fit\(X\) first"):
        ConvAutoencoder().decision_function(fours.X_test[:2])


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (np.zeros((3, 783)), r"\(783,\) are not images of \(28, 28\): give rows of 784"),
        (np.zeros((3, 28, 28)), r"\(28, 28\) are not images"),
        (np.zeros(784), r"\(\) are not images"),
        (np.zeros((0, 784)), "no rows to fit"),
        (np.full((2, 784), np.nan), "1568 values of the training data are NaN"),
    ],
)
def test_rows_that_are_no_images_are_refused(rows, named):
    with pytest.raises(InputError, match=named):
        ConvAutoencoder().fit(rows)


def test_rows_of_another_width_are_refused_after_training_too(trained):
    with pytest.raises(InputError, match="give rows of 784 values"):
        trained.decision_function(np.zeros((2, 1024)))


def test_images_that_cannot_be_halved_twice_are_refused():
    with pytest.raises(InputError, match="30 x 28 pixels cannot be halved twice"):
        ConvAutoencoder((30, 28)).fit(np.zeros((2, 840)))


# -- other architectures -----------------------------------------------------------------------------------------------


# The first two are the totals that Keras prints for the sources' own models.
@pytest.mark.parametrize(
    ("architecture", "weights"), [("tf-tutorial", 3217), ("keras-blog", 4385), ("deep-svdd", 8472)]
)
def test_an_architecture_has_as_many_weights_as_its_source(architecture, weights):
    assert sum(weight.numel() for weight in network(4, (28, 28), architecture).parameters()) == weights


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_learns_its_class_and_is_scored_exactly(architecture, fours, tmp_path):
    rows = fours.X_train[:200]
    untrained, trained = (
        ConvAutoencoder(epochs=epochs, batch_size=8, learning_rate=rate, architecture=architecture).fit(rows)
        for epochs, rate in ((1, 1e-9), (4, 3e-3))
    )
    real = fours.test_normal[:50]
    assert trained.decision_function(real).mean() < 0.7 * untrained.decision_function(real).mean()
    trained.save(tmp_path / "saved.npz")
    again = ConvAutoencoder.load(tmp_path / "saved.npz")
    assert again.architecture == architecture
    assert np.array_equal(again.decision_function(real), trained.decision_function(real))
    scorer, x = make_scorer(trained), torch.from_numpy(real).float()
    assert scorer(x).numpy() == pytest.approx(trained.decision_function(real), rel=1e-4)
    moved = x[:1].clone().requires_grad_()
    (gradient,) = torch.autograd.grad(scorer(moved).sum(), moved)
    assert gradient.abs().max() > 0


@pytest.mark.parametrize("architecture", ["keras-blog", "deep-svdd"])
def test_an_architecture_for_mnist_refuses_another_size(architecture):
    with pytest.raises(InputError, match="32 x 32 pixels: this architecture takes 28 x 28, or choose bottleneck"):
        ConvAutoencoder((32, 32), architecture=architecture).fit(np.zeros((2, 1024)))


def test_an_unknown_architecture_is_refused_with_those_that_exist(fours):
    with pytest.raises(InputError, match="unknown architecture 'resnet': choose bottleneck, tf-tutorial"):
        ConvAutoencoder(architecture="resnet").fit(fours.X_train[:2])


# -- PyOD's networks ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def train():
    return datasets.load("mnist-5k").one_class(4).X_train[:200].astype(float)


def drawn():
    return torch.rand(3).tolist(), np.random.rand(3).tolist()  # noqa: NPY002


@pytest.mark.parametrize(
    ("name", "theirs", "options"),
    [
        ("pyod-autoencoder", auto_encoder.AutoEncoder, {"epoch_num": 2, "verbose": 0}),
        ("deep-svdd", partial(deep_svdd.DeepSVDD, 784), {"epochs": 2, "verbose": 0}),
    ],
)
def test_what_repeats_itself_is_pyods_class_seeded_at_its_fit(name, theirs, options, train):
    detector = detectors.create(name, 784, random_state=7, **options)
    drawn()  # anybody's use of the global generators in between changes nothing
    ours = detector.fit(train).decision_function(train)
    reference = theirs(random_state=7, **options)
    with seeded(7):
        reference.fit(train)
    assert np.array_equal(ours, reference.decision_function(train))


def test_pyods_centre_depends_on_numpys_generator_which_it_does_not_seed(train):
    def centre(state):
        np.random.seed(state)  # noqa: NPY002
        return deep_svdd.DeepSVDD(784, epochs=0, verbose=0, random_state=0).fit(train).c_

    assert not torch.equal(centre(0), centre(1))
    assert torch.allclose(centre(0), centre(1), rtol=1e-5)
    assert torch.equal(centre(0), centre(0))


def test_seeding_leaves_the_generators_as_they_were():
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    undisturbed = drawn()
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    with seeded(5):
        first = drawn()
    with pytest.raises(ZeroDivisionError), seeded(5):
        _ = 1 / 0 if drawn() == first else None
    assert drawn() == undisturbed
    with seeded(None):
        assert drawn() not in (first, undisturbed)


def test_the_mean_vae_is_pyods_network_with_its_sampling_replaced_by_the_mean(train, monkeypatch):
    ours = MeanVAE(epoch_num=2, verbose=0, random_state=1).fit(train)
    theirs = vae.VAE(epoch_num=2, verbose=0, random_state=1)
    with seeded(1):
        theirs.fit(train)
    rows = np.concatenate([train[:50], np.random.default_rng(0).random((50, 784))])
    assert not np.array_equal(theirs.decision_function(rows), theirs.decision_function(rows))
    monkeypatch.setattr(theirs.model, "reparameterize", lambda mean, logvar: mean)
    assert np.array_equal(ours.decision_function(rows), theirs.decision_function(rows))


def test_the_capacity_of_0_that_pyods_vae_has_takes_away_its_divergence_and_its_gradient():
    x, mean = torch.zeros(2, 3), torch.full((2, 2), 3.0, requires_grad=True)
    logvar = torch.full((2, 2), 1.0, requires_grad=True)
    divergence = (9 + np.e - 1 - 1) / 2 * 2
    assert vae_loss(x, x, mean, logvar, capacity=1e9).item() == pytest.approx(divergence)
    stock = vae_loss(x, x, mean, logvar)  # the divergence is cut off above the capacity, not held near it
    assert stock.item() == 0
    assert all(not gradient.any() for gradient in torch.autograd.grad(stock, (mean, logvar)))
