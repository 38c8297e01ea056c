"""Distances between images that do or do not count ink."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from notebooks.thesis.autoencoder.variety import INK, Variety, mean_cosine, mean_jaccard, unit


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((20, 30))


def test_distances_equal_those_of_scipy(images):
    assert mean_cosine(images) == pytest.approx(pdist(images, "cosine").mean())
    assert mean_jaccard(images >= INK) == pytest.approx(pdist(images >= INK, "jaccard").mean())
    assert np.linalg.norm(unit(images), axis=1) == pytest.approx(np.ones(20))
    assert unit(np.zeros((1, 30))).max() == 0


def test_twice_the_ink_changes_no_distance_of_unit_images(images):
    assert unit(2 * images) == pytest.approx(unit(images))
    assert mean_cosine(2 * images) == pytest.approx(mean_cosine(images))


def test_threes_have_more_ink_than_fours():
    result = Variety.at("quick").run()
    assert result["digits"].tolist() == [3, 4]
    assert result["distances"].shape == (2, 4)
    assert result["ink"][0] > result["ink"][1]
