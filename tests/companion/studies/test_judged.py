"""Judgements of the images of a search's record."""

import numpy as np
import pytest

from anogen import datasets
from anogen.errors import InputError
from companion import records
from companion.studies.judged import Geometry, Judged, image_arrays, judged
from companion.studies.retraining import Retraining
from notebooks.beyond.correlation.experiments import Budget, Cells
from notebooks.thesis.autoencoder.experiments import Gradient
from notebooks.thesis.common.guided import Guided

SEARCHES = (Retraining(), Guided(normal=3, pairs=0), Gradient(latent=8), Cells(detector="hbos"), Guided.at("quick"))


@pytest.fixture(scope="module")
def inputs():
    return {role: records.load(e).arrays for role, e in Judged().requires().items()}


@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.id)
def test_the_search_is_found_from_the_parameters(search):
    assert judged(search).search == search
    assert judged(search).id == f"judged/{search.name}_{search.label}"


def test_another_data_set_is_refused():
    with pytest.raises(InputError, match="the ensemble knows digits"):
        judged(Guided(dataset="cifar10", normal="frog"))


def test_the_intended_digit_is_that_of_the_search():
    assert judged(Gradient(digit=3)).intended((2, 2)).tolist() == [[3, 3], [3, 3]]
    assert judged(Cells(classes=(7, 2))).intended((2, 3)).tolist() == [[7] * 3, [2] * 3]
    assert judged(Budget()).intended((2,)).tolist() == [4, 4]


def test_real_digits_look_normal_and_noise_and_missing_images_do_not(inputs):
    data = datasets.load("mnist").one_class(4)
    noise = np.random.default_rng(0).random((4, 784), np.float32)
    missing = np.full((4, 784), np.nan, np.float32)
    images = np.stack([data.test_normal[:4], noise, missing]).astype(np.float16)
    result = judged(Guided(normal=4)).judge(images, inputs)
    assert result["normal_looking"].tolist() == [[True] * 4, [False] * 4, [False] * 4]
    assert result["noise_like"].tolist() == [[False] * 4, [True] * 4, [False] * 4]
    assert np.isnan(result["probability"][2]).all()
    assert result["members"].shape == (3, 4, 4)
    assert np.isnan(result["old_div_ratio"][2])
    assert np.all((result["div_ratio_unit"][:2] > 0.4) & (result["div_ratio_unit"][:2] < 1.6))


def test_a_record_is_judged_by_the_arrays_names(inputs):
    image = datasets.load("mnist").one_class(4).test_normal[:2]
    search = {"images": image, "guided_images": image[None], "optimum_points": image, "scores": np.zeros(2)}
    result = judged(Guided(normal=4)).compute((), {**inputs, "search": search})
    assert result["probability"].shape == result["optimum_probability"].shape == (2,)
    assert result["guided_probability"].shape == (1, 2)
    assert result["guided_div_ratio_unit"].shape == (1,)
    np.testing.assert_allclose(result["guided_probability"][0], result["probability"], rtol=1e-5)


def test_images_of_bytes_become_fractions():
    ((name, images),) = image_arrays({"images": np.array([[255, 0]], np.uint8), "start_images": np.zeros((1, 2))})
    assert (name, images.tolist()) == ("images", [[1.0, 0.0]])


def test_distances_are_in_units_of_real_ones():
    rng = np.random.default_rng(0)
    real = Geometry.fit(rng.normal(size=(300, 20)), rng.normal(size=(100, 20)))
    others = rng.normal(size=(100, 20))
    assert np.median(real.nn_ratio(others)) == pytest.approx(1, abs=0.1)
    assert real.div_ratio(others) == pytest.approx(1, abs=0.1)
    assert np.isnan(real.div_ratio(others[:1]))
