"""The mixture with one covariance: a density, fitted by steps that raise the likelihood; its modes."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from anogen.errors import InputError
from notebooks.beyond.passing.experiments import KDEShift, climb
from notebooks.beyond.passing.mixture import TiedMixture


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    centres = rng.random((3, 5))
    return centres[rng.integers(3, size=300)] + rng.normal(0, 0.05, (300, 5))


@pytest.fixture(scope="module")
def fitted(rows):
    return TiedMixture(rows, components=3, ridge=1e-4)


def test_the_score_is_the_density_of_the_formula(rows, fitted):
    parts = [multivariate_normal(m, fitted.covariance_).logpdf(rows) for m in fitted.means_]
    wanted = -logsumexp(np.stack(parts) + np.log(fitted.weights_)[:, None], axis=0)
    assert fitted(rows).numpy() == pytest.approx(wanted, rel=1e-9)
    np.testing.assert_allclose(-logsumexp(fitted._joint(rows), axis=1), wanted, rtol=1e-9)  # in the fit
    assert fitted.weights_.sum() == pytest.approx(1)


def test_more_iterations_are_likelier(rows):
    scores = [TiedMixture(rows, components=6, ridge=1e-6, iterations=n)(rows).mean() for n in (1, 3, 9)]
    assert scores[0] > scores[1] > scores[2]


def test_a_pixel_that_never_changes_is_known_to_the_ridge(rows):
    constant = np.column_stack([rows, np.zeros(len(rows))])
    detector = TiedMixture(constant, components=3, ridge=0.01)
    assert detector.covariance_[-1, -1] == pytest.approx(0.01)
    shifted = constant + np.array([0, 0, 0, 0, 0, 0.1])
    assert (detector(shifted) - detector(constant)).numpy() == pytest.approx(0.5)


def test_the_score_has_the_gradient(rows, fitted):
    leaf = torch.from_numpy(rows[:4]).requires_grad_()
    assert torch.autograd.gradcheck(fitted.score, leaf)


def test_no_step_raises_the_score_and_the_end_has_no_slope(rows, fitted):
    score = fitted
    x = torch.rand(40, 5, generator=torch.Generator().manual_seed(0)).double()
    for _ in range(60):
        after = score.shifted(x)
        assert (score(after) <= score(x) + 1e-9).all()
        x = after
    leaf = x.requires_grad_()
    (slope,) = torch.autograd.grad(score(leaf).sum(), leaf)
    assert slope.abs().max() < 1e-2


def test_a_narrow_kernel_climbs_to_the_nearest_row(rows):
    data = torch.from_numpy(rows)
    assert torch.allclose(climb(KDEShift(data, 1e-3), data + 1e-4), data.clamp(0, 1), atol=1e-3)
    wide = climb(KDEShift(data, 1e3), data)
    assert torch.allclose(wide, data.mean(dim=0).expand_as(wide), atol=1e-3)


def test_too_few_rows_and_a_ridge_of_zero_are_refused(rows):
    with pytest.raises(InputError, match="5 components of 3 rows"):
        TiedMixture(rows[:3], components=5)
    with pytest.raises(InputError, match="ridge = 0"):
        TiedMixture(rows, components=2, ridge=0)
