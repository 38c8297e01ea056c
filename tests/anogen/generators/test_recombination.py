"""Random numbers by address: known answers, the laws that they follow, and that addresses give unrelated ones."""

import numpy as np
import pytest
from scipy import stats

from anogen.generators.recombination import normals, uniform, words

U = np.uint32


def drawn(n, b=0, c=0, d=0, key=(0, 0)):
    out = np.empty((4, n), U)
    words(out, U(b), U(c), U(d), U(key[0]), U(key[1]))
    return out


def gauss(n, *address):
    out = np.empty(4 * n, np.float32)
    normals(out, drawn(n, *address))
    return out


def by_hand(address, key):
    """Philox-4x32-10 in Python's integers."""
    a, b, c, d = address
    k, m = key
    for _ in range(10):
        x, y = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (y >> 32) ^ b ^ k, y & 0xFFFFFFFF, (x >> 32) ^ d ^ m, x & 0xFFFFFFFF
        k, m = (k + 0x9E3779B9) & 0xFFFFFFFF, (m + 0xBB67AE85) & 0xFFFFFFFF
    return [a, b, c, d]


def test_the_words_are_those_of_the_published_generator():
    # known answer of Random123 for a counter and a key of zeros
    assert drawn(1)[:, 0].tolist() == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    for i, address, key in [(5, (1, 2, 3), (4, 5)), (99, (2**32 - 1,) * 3, (2**32 - 1, 7))]:
        assert drawn(100, *address, key)[:, i].tolist() == by_hand((i, *address), key)


def test_normals_follow_their_law():
    sample = gauss(250_000, 3, 1, 2, (8, 9)).astype(float)
    assert stats.kstest(sample, "norm").pvalue > 1e-3
    assert sample.mean() == pytest.approx(0, abs=0.005)
    assert sample.var() == pytest.approx(1, abs=0.01)
    assert stats.skew(sample) == pytest.approx(0, abs=0.02)
    assert stats.kurtosis(sample) == pytest.approx(0, abs=0.03)
    assert 4 < abs(sample).max() < 6  # the largest of a million is about 4.9
    beyond = (abs(sample) > 3).mean()
    assert beyond == pytest.approx(2 * stats.norm.sf(3), rel=0.1)


@pytest.mark.parametrize("u", [0, 1, 255, 256, 2**31, 2**32 - 1])
@pytest.mark.parametrize("v", [0, 1, 2, 3, 2**30, 2**32 - 1])
def test_every_word_gives_the_normals_that_the_formula_gives(u, v):
    out = np.empty(4, np.float32)
    normals(out, np.array([[u], [u], [v], [v]], U))
    radius = np.sqrt(-2 * np.log(((u >> 8) + 1) / 2**24))
    angle = (v >> 10) / 2**22 * np.pi / 2
    right, up = 1 - 2 * (v & 1), 1 - (v & 2)
    expected = radius * np.array([np.cos(angle) * right, np.sin(angle) * up])
    assert out[[0, 2]] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert np.isfinite(out).all()


def test_addresses_and_keys_give_unrelated_numbers():
    base = gauss(5000, 1, 1, 2, (0, 0)).astype(float)
    for address in [(2, 1, 2), (1, 2, 2), (1, 1, 3), (1, 1, 2, (1, 0)), (1, 1, 2, (0, 1))]:
        other = gauss(5000, *address)
        assert abs(np.corrcoef(base, other)[0, 1]) < 4 / np.sqrt(len(base))
    for lag in (1, 2, 4, 5000, 10_000):  # within one draw: neighbours, and the two halves that share a radius
        a, b = base[:-lag], base[lag:]
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(len(a))
        assert abs(np.corrcoef(a**2, b**2)[0, 1]) < 4 / np.sqrt(len(a))


def test_uniform_numbers_fill_the_interval_evenly():
    w = drawn(100_000)
    sample = np.array([uniform.py_func(h, low) for h, low in zip(w[0, :20_000], w[1, :20_000], strict=True)])
    assert sample.min() >= 0 and sample.max() < 1
    assert stats.kstest(sample, "uniform").pvalue > 1e-3
