"""PyOD's AutoEncoder and VAE as the catalogue has them."""

from functools import partial

import numpy as np
import pytest
import torch
from pyod.models import auto_encoder, deep_svdd, vae
from pyod.models.vae import vae_loss

from anogen import datasets, detectors
from anogen.detectors.dense import MeanVAE
from anogen.detectors.mixins import seeded


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
