"""Minimal reproducers of what the detectors' own code does to values that images do have."""

import numpy as np
import pytest
import torch
from pyod.models.hbos import HBOS

from anogen import datasets, detectors
from anogen.scorers import make_scorer
from anogen.scorers.fallback import FallbackScorer


def test_hbos_gives_a_value_on_an_edge_the_bin_below():
    train = np.column_stack([np.zeros(100), np.linspace(0, 1, 100)])  # a pixel that is always 0, and one that varies
    detector = HBOS().fit(train)
    rows = np.array([[0.0, 0.5], [0.05, 0.5], [0.1, 0.5], [0.1 + 1e-9, 0.5]])
    scores = make_scorer(detector)(torch.from_numpy(rows)).numpy()
    assert scores == pytest.approx(detector.decision_function(rows), rel=1e-15)
    filled, empty = np.log2(1 / 0.1 + 0.1), np.log2(0.1)
    # what every training row has is scored as never seen, and what none has as the mode
    assert scores - scores[1] == pytest.approx([filled - empty, 0, 0, filled - empty])


@pytest.fixture(scope="module")
def of_images():
    return detectors.fit("hbos", datasets.load("mnist-5k").one_class(4).X_train[:200])


@pytest.mark.parametrize("step", [-np.inf, 0, np.inf], ids=["below", "on", "above"])
@pytest.mark.parametrize("edge", [0, 1, 5, 9, 10])
def test_hbos_is_exact_at_every_edge_and_its_neighbours(of_images, edge, step):
    detector = of_images
    row = detector.bin_edges_[edge] if step == 0 else np.nextafter(detector.bin_edges_[edge], step)
    ours = make_scorer(detector)(torch.from_numpy(row[None])).item()
    assert ours == pytest.approx(detector.decision_function(row[None]).item(), rel=1e-12)


@pytest.mark.parametrize("distance", [0.04, 0.05, 0.06, 5.0])
@pytest.mark.parametrize("side", [-1, 1])
def test_hbos_is_exact_out_of_range(distance, side):
    detector = HBOS().fit(np.linspace(0, 1, 50)[:, None] ** 2)
    row = np.array([[(1 + side) / 2 + side * distance]])
    assert make_scorer(detector)(torch.from_numpy(row)).item() == detector.decision_function(row).item()


def test_a_value_that_is_no_number_is_never_scored_as_one():
    train = np.random.default_rng(0).random((50, 3))
    row = torch.tensor([[0.5, np.nan, 0.5]], dtype=torch.float64)
    assert make_scorer(HBOS().fit(train)).score_finite(row).isnan()


def test_iforest_divides_rows_at_thresholds_as_in_float64():
    train = np.random.default_rng(0).random((300, 5))
    detector = detectors.fit("iforest", train)
    tree = detector.detector_.estimators_[0].tree_
    split = tree.threshold[tree.feature >= 0]
    rows = np.concatenate([np.repeat(f(split)[:, None], 5, axis=1) for f in (_same, _up, _down)]).astype(np.float64)
    ours, theirs = make_scorer(detector)(torch.from_numpy(rows)).numpy(), detector.decision_function(rows)
    assert np.abs(ours - theirs).max() < 1e-14


def _same(split):
    return split.astype(np.float32)


def _up(split):
    return np.nextafter(_same(split), np.float32(np.inf))


def _down(split):
    return np.nextafter(_same(split), np.float32(-np.inf))


@pytest.mark.filterwarnings("ignore:Precision loss occurred:RuntimeWarning")
@pytest.mark.parametrize("name", ["copod", "ecod"])
def test_tails_are_exact_where_rounding_decides_the_sign_of_the_skewness(name):
    half = np.repeat([0.0, 1.0], 21)
    tenth = np.repeat([0.1, 0.3, 0.5], 14)  # symmetric, but not in binary
    train = np.column_stack([half, tenth, np.full(42, 0.1), np.zeros(42), np.linspace(0, 1, 42), np.full(42, 1e-170)])
    detector = detectors.fit(name, train)
    exact = make_scorer(detector)
    batches = [train, train[[0, 41]], train[:1], np.flipud(train).copy(), train[:3] + 1e-12, 1 - train[:5]]
    batches += [np.zeros((2, 6)), np.full((4, 6), 0.1), np.full((1, 6), 0.1 + 1e-16)]
    for rows in batches:
        assert exact(torch.from_numpy(rows)).numpy() == pytest.approx(detector.decision_function(rows), rel=1e-12)


def test_copods_population_makes_itself_normal():
    train = np.random.default_rng(0).random((100, 4))
    exact = make_scorer(detectors.fit("copod", train))
    far = torch.full((1, 4), 9.0, dtype=torch.float64)
    assert exact(far.expand(50, 4))[0] < exact(far)[0] / 2


def test_a_tail_scorer_asks_for_what_pyod_computes_in_parallel():
    train = np.random.default_rng(0).random((20, 4))
    detector = detectors.fit("ecod", train)
    detector.n_jobs = 2
    assert isinstance(make_scorer(detector), FallbackScorer)
