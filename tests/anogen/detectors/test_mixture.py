"""The mixture with one covariance: a density, fitted by steps that raise the likelihood; its scorer and its modes."""

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from anogen.detectors.mixture import TiedMixture
from anogen.errors import InputError
from anogen.scorers import make_scorer
from anogen.scorers.gmm_mcd import MixtureScorer
from notebooks.beyond.passing.experiments import KDEShift, climb


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    centres = rng.random((3, 5))
    return centres[rng.integers(3, size=300)] + rng.normal(0, 0.05, (300, 5))


@pytest.fixture(scope="module")
def fitted(rows):
    return TiedMixture(components=3, ridge=1e-4).fit(rows)


def test_the_score_is_the_density_of_the_formula(rows, fitted):
    parts = [multivariate_normal(m, fitted.covariance_).logpdf(rows) for m in fitted.means_]
    wanted = -logsumexp(np.stack(parts) + np.log(fitted.weights_)[:, None], axis=0)
    assert fitted.decision_function(rows) == pytest.approx(wanted, rel=1e-9)
    assert np.array_equal(fitted.decision_scores_, fitted.decision_function(rows))
    assert fitted.weights_.sum() == pytest.approx(1)


def test_more_iterations_are_likelier(rows):
    scores = [TiedMixture(components=6, ridge=1e-6, iterations=n).fit(rows).decision_scores_.mean() for n in (1, 3, 9)]
    assert scores[0] > scores[1] > scores[2]


def test_a_pixel_that_never_changes_is_known_to_the_ridge(rows):
    constant = np.column_stack([rows, np.zeros(len(rows))])
    detector = TiedMixture(components=3, ridge=0.01).fit(constant)
    assert detector.covariance_[-1, -1] == pytest.approx(0.01)
    shifted = constant + np.array([0, 0, 0, 0, 0, 0.1])
    assert detector.decision_function(shifted) - detector.decision_function(constant) == pytest.approx(0.5)


def test_the_scorer_is_exact_and_has_the_gradient(rows, fitted):
    score = make_scorer(fitted)
    assert isinstance(score, MixtureScorer)
    x = torch.from_numpy(np.concatenate([rows, np.random.default_rng(1).normal(0, 3, (50, 5))]))
    np.testing.assert_allclose(score(x).numpy(), fitted.decision_function(x.numpy()), rtol=1e-9, atol=1e-9)
    leaf = x[:4].clone().requires_grad_()
    assert torch.autograd.gradcheck(score.score, leaf)


def test_no_step_raises_the_score_and_the_end_has_no_slope(rows, fitted):
    score = MixtureScorer(fitted)
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
        TiedMixture(components=5).fit(rows[:3])
    with pytest.raises(InputError, match="ridge = 0"):
        TiedMixture(components=2, ridge=0).fit(rows)
    with pytest.raises(InputError, match="fit"):
        TiedMixture().decision_function(rows)
