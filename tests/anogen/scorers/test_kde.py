"""KDE's score, where scikit-learn's tree loses it, and its most normal point."""

from math import log, pi

import numpy as np
import pytest
import torch
from pyod.models.kde import KDE
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from anogen import datasets, detectors
from anogen.scorers import make_scorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.kde import KDEScorer

RNG = np.random.default_rng(0)
TRAIN, ROWS = RNG.random((90, 4)), RNG.random((30, 4)) * 2 - 0.5


def formula(train, rows, width):
    n, d = train.shape
    return log(n) + d * log(width * (2 * pi) ** 0.5) - logsumexp(-cdist(rows, train, "sqeuclidean") / 2 / width**2, 1)


def test_in_scikit_learns_tree_the_rounding_of_its_bounds_outweighs_the_density():
    d = 400
    corners = RNG.integers(0, 2, (80, d)).astype(float)
    inside = RNG.random((20, d))  # in the box of all nodes near the root, and far from every corner
    right = formula(corners, inside, 1.0)
    one_leaf, default = KDE(leaf_size=80).fit(corners), KDE().fit(corners)
    assert one_leaf.decision_function(inside) == pytest.approx(right, rel=1e-12)
    upstream = default.decision_function(inside)
    assert (upstream - right).min() < -10  # nats: a density that is e^10 too high
    ceiling = d * log(2 * pi) / 2  # the density if all rows were at distance 0, as the first bound supposes
    remainder = -log(np.finfo(float).eps)
    assert np.abs(upstream - ceiling - remainder)[upstream < right - 1].max() < 10
    x = torch.from_numpy(inside)
    assert KDEScorer(default)(x).numpy() == pytest.approx(right, rel=1e-12)  # what it should have been
    assert make_scorer(one_leaf)(x).numpy() == pytest.approx(right, rel=1e-12)
    assert (make_scorer(default)(x).numpy() == upstream).all()  # what it is


def test_a_tree_of_many_leaves_is_asked_itself():
    assert isinstance(make_scorer(KDE().fit(TRAIN)), FallbackScorer)
    assert isinstance(make_scorer(KDE(leaf_size=90).fit(TRAIN)), KDEScorer)
    assert isinstance(make_scorer(detectors.fit("kde", TRAIN)), KDEScorer)
    assert isinstance(make_scorer(detectors.fit("kde", TRAIN, leaf_size=30)), FallbackScorer)


def test_with_few_pixels_the_tree_is_right():
    default = KDE().fit(TRAIN)
    assert KDEScorer(default)(torch.from_numpy(ROWS)).numpy() == pytest.approx(
        make_scorer(default)(torch.from_numpy(ROWS))
    )


@pytest.mark.parametrize("width", [0.01, 0.3, 1.0, 20.0, "scott"])
@pytest.mark.parametrize("metric", ["euclidean", "l2", "minkowski"])
def test_every_bandwidth_is_exact(width, metric):
    detector = detectors.fit("kde", TRAIN, bandwidth=width, metric=metric)
    rows = np.concatenate([ROWS, TRAIN, TRAIN + 1e-9])
    scores = make_scorer(detector)(torch.from_numpy(rows)).numpy()
    assert scores == pytest.approx(detector.decision_function(rows), rel=1e-11)
    assert scores == pytest.approx(formula(TRAIN, rows, detector.kde_.bandwidth_), rel=1e-11)


@pytest.mark.parametrize("options", [{"metric": "manhattan"}, {"metric": "minkowski", "metric_params": {"p": 1}}])
def test_other_metrics_fall_back(options):
    detector = detectors.fit("kde", TRAIN, **options)
    assert isinstance(make_scorer(detector), FallbackScorer)


@pytest.mark.parametrize("width", [0.2, 1.0, 2.0])
def test_no_row_is_denser_than_the_optimum(width):
    train = datasets.load("mnist-5k").one_class(4).X_train[:200].astype(float)
    exact = make_scorer(detectors.fit("kde", train, bandwidth=width))
    free = torch.arange(0, 784, 2)
    for one in (exact, exact.condition_on(free, torch.from_numpy(train[0]))):
        known = one.optimum()
        assert known.status == "numerical"
        assert one(known.samples).item() == pytest.approx(known.score, rel=1e-12)
        images = torch.from_numpy(train)[:, : one.n_features_in_] if one is exact else torch.from_numpy(train)[:, free]
        steps = [known.samples + s * torch.randn(600, one.n_features_in_).double() for s in (1e-5, 1e-2, 0.3)]
        for rivals in (images, images.mean(dim=0, keepdim=True), torch.rand_like(images), *steps):
            assert one(rivals).min() >= known.score - 1e-9 * abs(known.score)
        x = known.samples.clone().requires_grad_()
        one(x).sum().backward()
        assert x.grad.norm() * width <= 1e-9


def test_a_wide_kernel_has_one_mode_near_the_mean():
    known = make_scorer(detectors.fit("kde", TRAIN, bandwidth=50.0)).optimum()
    assert known.samples.numpy() == pytest.approx(TRAIN.mean(axis=0, keepdims=True), abs=1e-3)
