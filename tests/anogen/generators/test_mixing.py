"""R-hat and effective sample sizes against ArviZ."""

import numpy as np
import pytest

from anogen.errors import InputError
from anogen.generators import diagnose


def chains(seed, n, s, phi, shift=0.0):
    """Autoregressive chains (n, s); the last one is shifted."""
    e = np.random.Generator(np.random.Philox(seed)).standard_normal((n, s))
    x = np.empty((n, s))
    x[:, 0] = e[:, 0]
    for t in range(1, s):
        x[:, t] = phi * x[:, t - 1] + e[:, t]
    x[-1] += shift
    return x


# computed by arviz-stats 0.8.0, `array_stats.rhat(method="rank")`, and `ess` with "bulk" and "tail" (0.05, 0.95)
ARVIZ = {
    (1, 4, 500, 0.0): (0.999602241064832, 1962.2189500775678, 2057.117380409085),
    (2, 4, 501, 0.7): (1.005849301714897, 359.48153511558405, 531.1406738165382),
    (5, 2, 400, -0.4): (1.0001147780448925, 1816.0087781586656, 610.7884762131474),
    (6, 1, 300, 0.6): (None, 79.68901112224782, 128.79577087628502),  # ArviZ has no R-hat of one chain
}


@pytest.mark.parametrize("key", ARVIZ)
def test_measures_are_those_of_arviz(key):
    _, *measures = diagnose(chains(*key))
    for own, other in zip(measures, ARVIZ[key], strict=True):
        assert other is None or own == pytest.approx(other, rel=1e-9)


def test_chains_that_never_mix_have_arvizs_r_hat():
    status, r_hat, bulk, _ = diagnose(chains(4, 3, 300, 0.5, 2.0))
    assert status == "not mixed"
    assert r_hat == pytest.approx(1.2655824073804, rel=1e-9)
    assert bulk == pytest.approx(9.731891, rel=0.03)  # Geyer's sequence does not end; ArviZ omits its last terms


def test_each_criterion_is_needed():
    good = chains(1, 4, 2_000, 0.0)
    assert diagnose(good)[0] == "mixed"
    assert diagnose(good[:1])[0] == "one chain"
    assert diagnose(good[:, :60])[0] == "not mixed"  # too few draws
    assert diagnose(good * [[1], [1], [1], [2]])[0] == "not mixed"  # same place, another spread
    assert diagnose(np.stack([good, np.ones_like(good)], axis=2))[0] == "not mixed"  # a feature that never moves
    assert diagnose(good + np.linspace(0, 1, 2_000))[0] == "not mixed"  # a drift: the halves differ


@pytest.mark.parametrize(("shape", "words"), [((9,), "are not chains"), ((2, 7), "7 draws of each chain are too few")])
def test_invalid_draws_are_rejected(shape, words):
    with pytest.raises(InputError, match=words):
        diagnose(np.zeros(shape))
