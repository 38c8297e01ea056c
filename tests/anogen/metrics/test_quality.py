import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist, pdist

from anogen import datasets
from anogen.errors import InputError
from anogen.metrics import images as dist
from anogen.metrics import quality as q

UNIT = st.floats(0, 1)


@pytest.fixture(scope="module")
def four():
    return datasets.load("mnist-5k").one_class(4)


@pytest.fixture(scope="module")
def reference(four):
    return q.Reference.fit(four.X_train, four.test_normal, four.image_shape)


def test_the_reference_is_what_it_says(four, reference):
    assert reference.nn_median == pytest.approx(np.median(cdist(four.test_normal, four.X_train).min(axis=1)))
    smooth = dist.morans_i(np.concatenate([four.X_train, four.test_normal]), four.image_shape)
    assert np.mean(smooth < reference.morans_i_p01) == pytest.approx(0.01, abs=0.003)
    assert reference.pairwise == pytest.approx(pdist(four.X_train).mean())


def test_training_images_are_at_distance_zero_and_held_out_ones_at_about_one(four, reference):
    assert np.all(q.nn_ratio(four.X_train, reference) == 0)
    assert np.median(q.nn_ratio(four.test_normal, reference)) == pytest.approx(1)


def test_real_images_look_normal_and_noise_like_noise(four, reference):
    real = q.measure(four.test_normal, reference, np.ones(len(four.test_normal)))
    assert set(real) == {"p_cls", "nn_ratio", "morans_i", "normal_looking", "noise_like", "quality"}
    assert real["normal_looking"].mean() > 0.9
    assert not real["noise_like"].any()
    noise = np.random.default_rng(0).random((20, 784))
    worst = q.measure(noise, reference, np.ones(20))
    assert worst["noise_like"].all()
    assert not worst["normal_looking"].any()
    assert worst["quality"].max() < real["quality"].min()


def test_thresholds_are_those_of_the_definitions(reference):
    floor = reference.morans_i_p01
    just = q.normal_looking(
        [0.9, 0.899, 0.9, 0.9], [1.5, 1.5, 1.501, 1.5], [floor, floor, floor, floor - 1e-9], reference
    )
    assert just.tolist() == [True, False, False, False]
    assert q.noise_like([0.199, 0.2, 0.199], [2.001, 2.001, 2]).tolist() == [True, False, False]


@given(UNIT, st.floats(0, 20), UNIT, st.floats(0, 20))
def test_quality_grows_with_probability_and_falls_with_distance(p, nn, p2, nn2):
    value = q.quality(p, nn)
    assert 0 <= value <= p
    assert q.quality(max(p, p2), min(nn, nn2)) >= value
    assert q.quality(p, 1) == p
    assert q.quality(1, 2) == pytest.approx(np.exp(-1))


def test_measure_refuses_what_does_not_fit(four, reference):
    for wrong in ([0.5], [0.5, 1.5], [0.5, np.nan]):
        with pytest.raises(InputError, match="p_cls"):
            q.measure(four.X_train[:2], reference, wrong)
    with pytest.raises(InputError, match="do not fit"):
        q.measure(np.zeros((2, 10)), reference, [1, 1])
    with pytest.raises(InputError, match="copies of training images"):
        q.Reference.fit(four.X_train, four.X_train[:5], four.image_shape)
    with pytest.raises(InputError, match="held-out images"):
        q.Reference.fit(four.X_train, four.X_train[:0], four.image_shape)


@given(arrays(np.float64, (7, 4), elements=UNIT), arrays(np.float64, (9, 4), elements=UNIT))
def test_nearest_is_the_brute_force_minimum(a, b):
    distance, index = dist.nearest(a, b)
    np.testing.assert_allclose(distance, cdist(a, b).min(axis=1), atol=1e-7)
    np.testing.assert_allclose(distance, np.linalg.norm(a - b[index], axis=1))


def test_chunks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    a, b = rng.random((30, 6)), rng.random((50, 6))
    whole, pairs = dist.nearest(a, b), dist.mean_pairwise(b)
    monkeypatch.setattr(dist, "CHUNK", 7)
    np.testing.assert_array_equal(dist.nearest(a, b)[1], whole[1])
    np.testing.assert_allclose(dist.nearest(a, b)[0], whole[0])
    assert dist.mean_pairwise(b) == pytest.approx(pairs)


def test_mean_pairwise_by_hand():
    assert dist.mean_pairwise([[0, 0], [3, 4], [0, 0]]) == pytest.approx((5 + 0 + 5) / 3)
    assert dist.mean_pairwise(np.full((5, 3), 0.1)) == 0
    with pytest.raises(InputError, match="at least two"):
        dist.mean_pairwise([[0.0, 1.0]])


def test_div_ratio_is_one_for_real_images_and_zero_for_copies(four, reference):
    assert q.div_ratio(four.X_train, reference) == pytest.approx(1)
    assert q.div_ratio(np.repeat(four.X_train[:1], 8, axis=0), reference) == 0
    assert q.div_ratio(four.X_train / 2, reference) == pytest.approx(0.5)
    # the denominator is the mean over all choices of equally many real images
    rng = np.random.default_rng(0)
    draws = [dist.mean_pairwise(four.X_train[rng.choice(len(four.X_train), 10, replace=False)]) for _ in range(300)]
    assert np.mean(draws) == pytest.approx(reference.pairwise, abs=4 * np.std(draws) / 300**0.5)
