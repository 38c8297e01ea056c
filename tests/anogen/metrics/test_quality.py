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
    floor = q.noise_floor(reference, count=20)
    np.testing.assert_array_equal(floor["nn_ratio"], q.noise_floor(reference, count=20)["nn_ratio"])
    assert floor["noise_like"].all()


def test_noise_among_distant_real_images_is_not_called_noise_like():
    rng = np.random.default_rng(0)
    far = (rng.random((40, 64)) > 0.5).astype(float)  # real images as far from one another as images can be
    assert not q.noise_floor(q.Reference.fit(far[:30], far[30:], (8, 8)), count=20)["noise_like"].any()


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


def test_bootstrap_difference_finds_a_difference_and_no_difference():
    rng = np.random.default_rng(3)
    a, b, wide = rng.random((40, 20)), rng.random((40, 20)), 2 * rng.random((40, 20))
    low, high = dist.bootstrap_difference(wide, a, seed=0)
    assert 0 < low < dist.mean_pairwise(wide) - dist.mean_pairwise(a) < high
    low, high = dist.bootstrap_difference(a, b, seed=0)
    assert low < 0 < high
    assert dist.bootstrap_difference(a, b, seed=0) == (low, high)
    assert dist.bootstrap_difference(a, b, seed=1) != (low, high)
    assert dist.bootstrap_difference(np.ones((4, 3)), np.zeros((4, 3)), seed=0) == (0, 0)
    with pytest.raises(InputError, match="at least three"):
        dist.bootstrap_difference(a[:2], b, seed=0)


def test_an_image_drawn_twice_is_no_pair():
    x = np.random.default_rng(2).random((6, 20))
    draws = dist._resampled(x, np.random.default_rng(0), 4000)
    assert draws.mean() == pytest.approx(dist.mean_pairwise(x), rel=0.03)  # counting such pairs would lose a sixth


def test_bootstrap_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    hits = 0
    for seed in range(60):
        a, b = rng.normal(size=(25, 3)), rng.normal(size=(25, 3))
        low, high = dist.bootstrap_difference(a, b, seed, draws=300)
        hits += low <= 0 <= high
    assert 51 <= hits <= 60


def test_distinct_clusters_counts_the_groups_that_are_visited():
    rng = np.random.default_rng(0)
    centres = 10 * np.eye(5)
    train = np.concatenate([centre + rng.normal(0, 0.1, (20, 5)) for centre in centres])
    for visited in (1, 3, 5):
        images = np.repeat(centres[:visited], 4, axis=0) + rng.normal(0, 0.1, (4 * visited, 5))
        assert dist.distinct_clusters(images, train, clusters=5) == visited
    with pytest.raises(InputError, match="fewer clusters"):
        dist.distinct_clusters(centres, train[:4], clusters=5)


def test_free_err_by_hand():
    target, fixed = [0.0, 0.5, 1.0], [True, False, False]
    images = [[0.9, 0.5, 1.0], [0.0, 0.0, 0.5]]
    np.testing.assert_allclose(q.free_err(images, target, fixed), [0, 0.5])
    np.testing.assert_allclose(q.free_err_rel(images, target, fixed), [0, 0.5 / ((0.25 + 0.5) / 2)])


def test_free_err_rel_of_a_random_guess_is_one(four):
    rng = np.random.default_rng(0)
    fixed = rng.random((200, 784)) < 0.8
    assert q.free_err_rel(rng.random((200, 784)), four.X_train[:200], fixed).mean() == pytest.approx(1, abs=0.01)


@given(arrays(np.float64, 6, elements=UNIT), arrays(np.float64, 6, elements=UNIT), st.integers(0, 5))
def test_fixed_pixels_do_not_count(image, target, at):
    fixed = np.zeros(6, bool)
    fixed[at] = True
    changed = image.copy()
    changed[at] = 1 - changed[at]
    assert q.free_err([image], target, fixed) == q.free_err([changed], target, fixed)


def test_free_err_refuses_what_does_not_fit():
    with pytest.raises(InputError, match="no free pixel"):
        q.free_err([[0.0, 1.0]], [0.0, 1.0], [True, True])
    with pytest.raises(InputError, match="fit neither"):
        q.free_err([[0.0, 1.0]], [0.0, 1.0, 2.0], [True, False])
    with pytest.raises(InputError, match="NaN"):
        q.free_err([[0.0, np.nan]], [0.0, 1.0], [True, False])


def test_score_rank_counts_real_scores_at_or_below():
    np.testing.assert_allclose(q.score_rank([0, 1, 2.5, 9], [1, 2, 3, 4]), [0, 0.25, 0.5, 1])
    for scores, real in (([np.nan], [1]), ([1], [np.nan]), ([1], [])):
        with pytest.raises(InputError, match="real score"):
            q.score_rank(scores, real)
