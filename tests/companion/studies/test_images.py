import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anogen import datasets
from anogen.errors import InputError
from anogen.metrics.images import mean_pairwise
from anogen.metrics.quality import Reference
from companion.studies import images

GREY, RGB = (28, 28), (32, 32, 3)
UNIT = st.floats(0, 1)
y, x = np.mgrid[:28, :28]


def row(image):
    return np.asarray(image, float).reshape(1, -1)


def test_local_var_by_hand():
    image = [[0, 1, 1], [0, 3, 1]]  # across: 1 0 3 2; down: 0 2 0
    assert images.local_var(row(image), (2, 3))[0] == pytest.approx(8 / 7)
    region = [[True, True, False], [False, True, False]]  # 0-1 and 1-3
    assert images.local_var(row(image), (2, 3), region)[0] == pytest.approx(1.5)
    colour = np.stack([image, np.zeros((2, 3)), np.zeros((2, 3))], axis=-1)
    assert images.local_var(row(colour), (2, 3, 3))[0] == pytest.approx(8 / 21)
    with pytest.raises(InputError, match="no two adjacent"):
        images.local_var(row(image), (2, 3), [[True, False, False], [False, True, False]])


def test_laplacian_energy_by_hand():
    spike = np.zeros((5, 5))
    spike[2, 2] = 1
    assert images.laplacian_energy(row(spike), (5, 5))[0] == pytest.approx((4 + 4 * 1) / 9)
    assert images.laplacian_energy(row(x + 3 * y), GREY)[0] == pytest.approx(0, abs=1e-12)  # a ramp has none
    blurred = (spike + np.roll(spike, 1, 0) + np.roll(spike, 1, 1)) / 3
    assert images.laplacian_energy(row(blurred), (5, 5))[0] < images.laplacian_energy(row(spike), (5, 5))[0]


@pytest.mark.parametrize(("shape", "edge", "centre"), [(GREY, 784 - 400, 196), (RGB, 1024 - 576, 256)])
def test_edge_and_centre(shape, edge, centre):
    outside, inside = images.edge_centre(shape)
    assert (outside.sum(), inside.sum()) == (edge, centre)
    assert not (outside & inside).any()
    np.testing.assert_array_equal(inside, inside[::-1, ::-1])
    frame = np.zeros(shape)
    frame[outside] = 1
    assert images.region_mean(row(frame), shape, outside)[0] == 1
    assert images.region_mean(row(frame), shape, inside)[0] == 0


def test_bootstrap_difference_finds_a_difference_and_no_difference():
    rng = np.random.default_rng(3)
    a, b, wide = rng.random((40, 20)), rng.random((40, 20)), 2 * rng.random((40, 20))
    low, high = images.bootstrap_difference(wide, a, seed=0)
    assert 0 < low < mean_pairwise(wide) - mean_pairwise(a) < high
    low, high = images.bootstrap_difference(a, b, seed=0)
    assert low < 0 < high
    assert images.bootstrap_difference(a, b, seed=0) == (low, high)
    assert images.bootstrap_difference(a, b, seed=1) != (low, high)
    assert images.bootstrap_difference(np.ones((4, 3)), np.zeros((4, 3)), seed=0) == (0, 0)
    with pytest.raises(InputError, match="at least three"):
        images.bootstrap_difference(a[:2], b, seed=0)


def test_an_image_drawn_twice_is_no_pair():
    x = np.random.default_rng(2).random((6, 20))
    draws = images._resampled(x, np.random.default_rng(0), 4000)
    assert draws.mean() == pytest.approx(mean_pairwise(x), rel=0.03)  # counting such pairs would lose a sixth


def test_bootstrap_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    hits = 0
    for seed in range(60):
        a, b = rng.normal(size=(25, 3)), rng.normal(size=(25, 3))
        low, high = images.bootstrap_difference(a, b, seed, draws=300)
        hits += low <= 0 <= high
    assert 51 <= hits <= 60


def test_distinct_clusters_counts_the_groups_that_are_visited():
    rng = np.random.default_rng(0)
    centres = 10 * np.eye(5)
    train = np.concatenate([centre + rng.normal(0, 0.1, (20, 5)) for centre in centres])
    for visited in (1, 3, 5):
        rows = np.repeat(centres[:visited], 4, axis=0) + rng.normal(0, 0.1, (4 * visited, 5))
        assert images.distinct_clusters([rows], train, clusters=5) == [visited]
    with pytest.raises(InputError, match="fewer clusters"):
        images.distinct_clusters([centres], train[:4], clusters=5)


def test_free_err_by_hand():
    target, fixed = [0.0, 0.5, 1.0], [True, False, False]
    rows = [[0.9, 0.5, 1.0], [0.0, 0.0, 0.5]]
    np.testing.assert_allclose(images.free_err(rows, target, fixed), [0, 0.5])
    np.testing.assert_allclose(images.free_err_rel(rows, target, fixed), [0, 0.5 / ((0.25 + 0.5) / 2)])


def test_free_err_rel_of_a_random_guess_is_one():
    rng = np.random.default_rng(0)
    fixed = rng.random((200, 784)) < 0.8
    target = datasets.load("mnist-5k").one_class(4).X_train[:200]
    assert images.free_err_rel(rng.random((200, 784)), target, fixed).mean() == pytest.approx(1, abs=0.01)


@given(arrays(np.float64, 6, elements=UNIT), arrays(np.float64, 6, elements=UNIT), st.integers(0, 5))
def test_fixed_pixels_do_not_count(image, target, at):
    fixed = np.zeros(6, bool)
    fixed[at] = True
    changed = image.copy()
    changed[at] = 1 - changed[at]
    assert images.free_err([image], target, fixed) == images.free_err([changed], target, fixed)


def test_free_err_refuses_what_does_not_fit():
    with pytest.raises(InputError, match="no free pixel"):
        images.free_err([[0.0, 1.0]], [0.0, 1.0], [True, True])
    with pytest.raises(InputError, match="fit neither"):
        images.free_err([[0.0, 1.0]], [0.0, 1.0, 2.0], [True, False])
    with pytest.raises(InputError, match="NaN"):
        images.free_err([[0.0, np.nan]], [0.0, 1.0], [True, False])


@pytest.mark.parametrize("metric", [images.local_var, images.laplacian_energy])
def test_bad_images_are_input_errors_and_many_are_measured_as_each_alone(metric):
    with pytest.raises(InputError, match=r"images\[1\] holds NaN"):
        metric([[0.0] * 4, [0.0, np.nan, 0, 0]], (2, 2))
    rows = np.random.default_rng(1).random((2500, 16)).astype(np.float32)
    whole = metric(rows, (4, 4))
    np.testing.assert_array_equal(whole[[0, 999, 2499]], [metric(rows[[i]], (4, 4))[0] for i in (0, 999, 2499)])


def test_score_rank_counts_real_scores_at_or_below():
    np.testing.assert_allclose(images.score_rank([0, 1, 2.5, 9], [1, 2, 3, 4]), [0, 0.25, 0.5, 1])
    for scores, real in (([np.nan], [1]), ([1], [np.nan]), ([1], [])):
        with pytest.raises(InputError, match="real score"):
            images.score_rank(scores, real)


def test_noise_among_distant_real_images_is_not_called_noise_like():
    rng = np.random.default_rng(0)
    far = (rng.random((40, 64)) > 0.5).astype(float)  # real images as far from one another as images can be
    assert not images.noise_floor(Reference.fit(far[:30], far[30:], (8, 8)), count=20)["noise_like"].any()


def test_the_floor_is_that_of_noise():
    four = datasets.load("mnist-5k").one_class(4)
    reference = Reference.fit(four.X_train, four.test_normal, four.image_shape)
    floor = images.noise_floor(reference, count=20)
    np.testing.assert_array_equal(floor["nn_ratio"], images.noise_floor(reference, count=20)["nn_ratio"])
    assert floor["noise_like"].all()
