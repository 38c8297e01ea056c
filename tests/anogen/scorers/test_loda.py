"""LODA's score, its shifted bins, and its most normal point."""

import numpy as np
import pytest
import torch
from pyod.models.loda import LODA

from anogen import detectors
from anogen.scorers import make_scorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.loda import LODAScorer

RNG = np.random.default_rng(0)
TRAIN = RNG.random((200, 25)) ** 2
ROWS = RNG.random((70, 25)) * 2 - 0.5


def along_one_pixel(values, n_bins):
    """A LODA of one cut, which is the only pixel itself."""
    detector = LODA(n_random_cuts=1, n_bins=n_bins, random_state=0).fit(values[:, None])
    sign = np.sign(detector.projections_[0, 0])
    return detector, sign / np.abs(detector.projections_[0, 0])


def test_each_value_has_the_height_of_the_next_bin():
    values = np.repeat([0.5, 1.5, 2.5, 3.5], [10, 20, 30, 40])  # then the bins are [0.5, 1.25), [1.25, 2) ...
    detector, unit = along_one_pixel(values, 4)
    shares = detector.histograms_[0]
    edges = detector.limits_[0]
    inside = (edges[:-1] + edges[1:]) / 2
    asked = np.array([edges[0] - 99, *inside, edges[-1] + 99]) * unit
    heights = np.exp(-make_scorer(detector)(torch.from_numpy(asked[:, None])).numpy())
    assert heights == pytest.approx(np.exp(-detector.decision_function(asked[:, None])))
    # below all: the lowest bin's own height; in bin 0: that of bin 1 ...; the last two, and far above: the last bin's
    assert heights == pytest.approx([shares[0], shares[1], shares[2], shares[3], shares[3], shares[3]])


def test_the_mean_over_the_cuts_is_divided_by_their_number_again():
    one, many = (LODA(n_random_cuts=cuts, random_state=0).fit(TRAIN) for cuts in (1, 50))
    x = torch.from_numpy(TRAIN)
    assert make_scorer(many)(x).median().item() == pytest.approx(make_scorer(one)(x).median().item() / 50, rel=0.5)


@pytest.mark.parametrize("n_bins", [1, 2, 3, 10, 57])
@pytest.mark.parametrize("cuts", [1, 100])
def test_every_number_of_bins_and_cuts_is_exact(n_bins, cuts):
    detector = detectors.fit("loda", TRAIN, n_bins=n_bins, n_random_cuts=cuts)
    for rows in (ROWS, TRAIN, TRAIN[:1], 1e6 * ROWS, np.zeros((3, 25))):
        ours = make_scorer(detector)(torch.from_numpy(rows)).numpy()
        assert ours == pytest.approx(detector.decision_function(rows), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_rows_at_the_edges_are_exact_to_the_last_bit_of_the_product(step):
    detector = detectors.fit("loda", TRAIN)
    lowest = TRAIN[(TRAIN @ detector.projections_.T).argmin(axis=0)]  # each of them is its cut's lowest edge
    along = detector.projections_ / np.square(detector.projections_).sum(axis=1, keepdims=True)
    on_edges = np.concatenate([along * detector.limits_[:, [edge]] for edge in range(11)])
    for rows in (lowest, on_edges):
        moved = rows * (1 + step * 2e-16)
        for batch in (moved, moved[:37], moved[5:6]):
            ours = make_scorer(detector)(torch.from_numpy(batch)).numpy()
            assert ours == pytest.approx(detector.decision_function(batch), rel=1e-12)
    free = torch.arange(0, 25, 2)
    beside = make_scorer(detector).condition_on(free, torch.from_numpy(lowest[0]))
    assert beside(torch.from_numpy(lowest[:1, ::2])).item() == pytest.approx(
        detector.decision_function(lowest[:1]).item(), rel=1e-12
    )


def test_pixels_may_be_fixed_one_after_the_other():
    exact, x = make_scorer(detectors.fit("loda", TRAIN)), torch.from_numpy(ROWS)
    some, fewer = torch.arange(3, 20), torch.arange(0, 17, 2)
    at_once = exact.condition_on(some[fewer], x[0])
    one_by_one = exact.condition_on(some, x[0]).condition_on(fewer, x[0, some])
    assert torch.equal(one_by_one(x[:, some[fewer]]), at_once(x[:, some[fewer]]))


def test_what_is_no_number_is_never_scored_as_one():
    x = torch.from_numpy(ROWS[:2].copy())
    x[0, 3] = torch.nan
    assert make_scorer(detectors.fit("loda", TRAIN)).score_finite(x).isnan().tolist() == [True, False]


def test_an_automatic_number_of_bins_falls_back():
    detector = detectors.fit("loda", TRAIN, n_bins="auto")
    assert isinstance(make_scorer(detector), FallbackScorer)
    assert make_scorer(detector)(torch.from_numpy(ROWS)).numpy() == pytest.approx(detector.decision_function(ROWS))


def test_one_row_is_in_the_best_bin_of_every_cut():
    detector = detectors.fit("loda", TRAIN, n_random_cuts=8)
    exact = make_scorer(detector)
    assert isinstance(exact, LODAScorer)
    known = exact.optimum()
    assert known.status == "proved"
    heights = detector.histograms_.max(axis=1)
    assert known.score == pytest.approx(-np.log(heights).sum() / 64)
    assert detector.decision_function(known.samples.numpy()).item() == pytest.approx(known.score)
    steps = [known.samples + sigma * torch.randn(700, 25).double() for sigma in (1e-3, 1e-1, 1)]
    rivals = torch.cat([torch.from_numpy(TRAIN), torch.from_numpy(ROWS), *steps])
    assert exact(rivals).min() >= known.score - 1e-12
    beside = exact.condition_on(torch.arange(3, 25), rivals[0])
    there = beside.optimum()
    assert there.score >= known.score - 1e-12
    assert beside(rivals[:, 3:]).min() >= there.score - 1e-12


def test_best_bins_that_have_no_row_in_common_give_no_optimum():
    assert make_scorer(detectors.fit("loda", TRAIN[:, :4])).optimum() is None  # 100 slabs in 4 dimensions
