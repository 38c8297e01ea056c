import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from anogen import datasets
from anogen.errors import InputError
from companion.studies import fidelity


def normal(n, seed, f=4, shift=0.0):
    return np.random.default_rng(seed).normal(size=(n, f)) + shift


def test_two_halves_of_one_law_are_alike_and_a_far_set_is_not():
    real, other, far = normal(200, 0), normal(200, 1), normal(200, 2, shift=20)
    like, unlike = fidelity.manifold(other, real), fidelity.manifold(far, real)
    assert min(like) > 0.85
    assert max(unlike) == 0
    value, low, high = fidelity.kid(other, real)
    assert low < 0 < high
    assert low <= value <= high
    assert fidelity.kid(far, real)[1] > 0


def test_copies_of_one_real_image_are_precise_and_cover_next_to_nothing():
    real = normal(50, 0)
    copies = np.repeat(real[:1], 50, axis=0)
    found = fidelity.manifold(copies, real)
    assert found.precision == 1
    assert found.recall == pytest.approx(1 / 50)  # the image itself: at distance 0 in a ball of radius 0
    assert 0 < found.coverage < 0.3
    assert fidelity.vendi(copies) == pytest.approx(1)


@given(st.integers(6, 30), st.integers(0, 1000))
def test_a_set_compared_with_itself_is_perfect(n, seed):
    rows = normal(n, seed)
    found = fidelity.manifold(rows, rows)
    assert found[:2] == (1, 1)
    assert found.coverage == 1
    assert found.density >= 1
    assert 1 <= fidelity.vendi(rows) <= n + 1e-9


def test_the_effective_number_of_orthogonal_groups():
    rows = np.repeat(np.eye(5), 3, axis=0)
    assert fidelity.vendi(rows) == pytest.approx(5)
    assert fidelity.vendi(np.zeros((4, 3))) == pytest.approx(4)  # nothing alike in rows without direction


@pytest.mark.filterwarnings("default")
def test_equal_to_the_libraries_where_they_do_not_fail():
    prdc = pytest.importorskip("prdc")
    mmd = pytest.importorskip("torchmetrics.image.kid").poly_mmd
    real, fake = normal(60, 0), normal(60, 1, shift=0.5)
    theirs = prdc.compute_prdc(real_features=real, fake_features=fake, nearest_k=5)
    for name, value in fidelity.manifold(fake, real)._asdict().items():
        assert value == pytest.approx(theirs[name])
    expected = mmd(torch.from_numpy(real), torch.from_numpy(fake), degree=3, gamma=None, coef=1.0)
    assert fidelity.kid(fake, real)[0] == pytest.approx(expected.item())


def test_real_images_have_uniform_p_values_and_noise_the_smallest():
    four = datasets.load("mnist-5k").one_class(4)
    half = len(four.test_normal) // 2
    p = fidelity.conformal(four.test_normal[:half], four.X_train, four.test_normal[half:])
    assert 0.3 < p.mean() < 0.7
    noise = np.random.default_rng(0).random((5, 784))
    assert fidelity.conformal(noise, four.X_train, four.test_normal) == pytest.approx(1 / (len(four.test_normal) + 1))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20))
def test_a_p_value_is_never_zero_and_falls_with_the_distance(x):
    rows = np.sort(np.abs(x))[:, None]
    p = fidelity.conformal(rows, np.zeros((1, 1)), np.array([[1.0], [2.0], [3.0]]))
    assert p.min() >= 0.25
    assert np.all(np.diff(p) <= 0)


def test_bad_sets_are_refused():
    with pytest.raises(InputError, match="have no 5 neighbours"):
        fidelity.manifold(normal(5, 0), normal(9, 1))
    with pytest.raises(InputError, match="do not fit"):
        fidelity.kid(normal(5, 0), normal(5, 1, f=3))
    with pytest.raises(InputError, match="one image"):
        fidelity.kid(normal(1, 0), normal(5, 1))
    with pytest.raises(InputError, match="NaN"):
        fidelity.manifold(np.full((9, 4), np.nan), normal(9, 1))
