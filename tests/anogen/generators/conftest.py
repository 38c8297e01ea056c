import pytest

from anogen import datasets, detectors
from anogen.scorers import make_scorer


@pytest.fixture(scope="session")
def fours():
    return datasets.load("mnist-5k").one_class(4)


@pytest.fixture(scope="session")
def cblof(fours):
    return make_scorer(detectors.fit("cblof", fours.X_train))


@pytest.fixture(scope="session")
def autoencoder(fours):
    return make_scorer(detectors.fit("autoencoder", fours.X_train, latent=2, epochs=1))
