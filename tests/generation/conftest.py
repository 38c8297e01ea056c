import pytest

from anogen import datasets, detectors
from anogen.scoring import scorer


@pytest.fixture(scope="session")
def fours():
    return datasets.load("mnist-5k").normal(4)


@pytest.fixture(scope="session")
def cblof(fours):
    return scorer(detectors.fit("cblof", fours.train))


@pytest.fixture(scope="session")
def autoencoder(fours):
    return scorer(detectors.fit("autoencoder", fours.train, latent=2, epochs=1))
