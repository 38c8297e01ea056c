"""Chapter `normal-map`: the archive, the same bits for any number of processes, figures and verdicts."""

import numpy as np
import pytest
from small_pages import inputs_of

from anogen.scorers import Scorer
from companion.claims.decision import decide
from notebooks.beyond.normal_map import claims
from notebooks.beyond.normal_map.elites import BATCH, Archive, cells, children, explore, ink, roughness
from notebooks.beyond.normal_map.experiments import NormalMap
from notebooks.beyond.normal_map.figures import fig_elites, fig_normal_map, shares, table_shares

SIDE = 8


class Ink(Scorer):
    """The mean pixel."""

    n_features_in_ = SIDE**2
    accepts_float32 = True

    def score(self, x):
        return x.mean(dim=1).double()


def test_features_of_known_images():
    stripes = np.tile(np.float32([0, 1]), (1, SIDE**2 // 2))
    assert ink(stripes)[0] == 0.5 and roughness(stripes)[0] == 0.5
    assert roughness(np.full((1, SIDE**2), 0.3, np.float32))[0] == pytest.approx(0, abs=1e-6)
    grey, dark, white = (np.full((1, SIDE**2), value, np.float32) for value in (0.26, 0.01, 0.9))
    assert [int(cells(image, 4)[0]) for image in (dark, grey, white)] == [0, 2, -1]


def test_an_archive_keeps_the_lowest_score_of_each_cell():
    archive = Archive(np.zeros((4, SIDE**2), np.float32), np.full(4, np.inf))
    images = np.repeat(np.float32([0.1, 0.2, 0.4, 0.9]), SIDE**2).reshape(4, -1)
    archive.add(images, np.array([3.0, 2.0, 5.0, -9.0]), 2)
    assert archive.scores.tolist() == [2.0, 5.0, np.inf, np.inf]
    archive.add(images[:1], np.array([2.0]), 2)  # no better
    assert np.array_equal(archive.images[0], images[1])


def test_children_are_images_and_differ_from_their_parents():
    parents = np.random.default_rng(0).random((5, SIDE**2), np.float32)
    born = children(parents, np.random.default_rng(1))
    assert born.shape == (BATCH, SIDE**2) and born.dtype == np.float32 and born.min() >= 0 and born.max() <= 1
    changed = (born[:, None] != parents).any(axis=2).all(axis=1)
    assert changed.mean() > 0.7  # the parents may be one image, and a rectangle empty


def test_exploring_improves_and_spreads():
    train = np.random.default_rng(0).random((20, SIDE**2), np.float32)
    few, many = (explore(Ink(), train, n, 6, np.random.default_rng(0)) for n in (2 * BATCH, 20 * BATCH))
    assert (many.scores <= few.scores).all() and np.isfinite(many.scores).sum() > np.isfinite(few.scores).sum()
    reached = np.flatnonzero(np.isfinite(many.scores))
    assert np.array_equal(cells(many.images[reached], 6), reached)
    assert np.allclose(many.scores[reached], many.images[reached].mean(axis=1))


def test_the_map_has_the_same_bits_for_any_order_of_islands():
    experiment = NormalMap.at("quick", normal=7, evaluations=2_000, shown=5)
    inputs = inputs_of(experiment)
    whole = experiment.run(inputs)
    last_first = [experiment.compute(cell, inputs) for cell in reversed(experiment.cells())]
    again = experiment.collect(last_first[::-1], inputs)
    assert all(np.array_equal(whole[key], again[key], equal_nan=whole[key].dtype.kind == "f") for key in whole)
    assert whole["images"].shape == (5, 5, 784)
    assert not np.array_equal(last_first[0]["scores"], last_first[1]["scores"])
    assert whole["real"].sum() == len(experiment.data.test_normal)  # none is outside of the map
    assert (np.diff(whole["real_quartiles"]) > 0).all()


def made_up(below, seconds=60.0):
    """Return a record in which a share of the cells, of 15 reached, scores below the median without a digit."""
    scores = np.where(np.arange(16) < below * 15, -1.0, 1.0)
    scores[15] = np.nan
    flags = np.zeros((4, 4), bool)
    return {
        "elite_scores": scores.reshape(4, 4),
        "digit": flags,
        "normal_looking": flags,
        "real": np.eye(4, dtype=int),
        "real_quartiles": np.array([-0.5, 0.0, 0.5]),
        "images": np.zeros((2, 2, 784), np.uint8),
        "seconds": np.array([seconds, seconds]),
    }


def test_verdicts_follow_from_the_records():
    assert decide(claims.maps_are_fast(made_up(1))) == "reproduced"
    assert decide(claims.maps_are_fast(made_up(1, seconds=61))) == "not reproduced"
    assert decide(claims.most_normal_cells_hold_no_digit(*[made_up(0.6)] * 4, *[made_up(0.4)] * 2)) == "reproduced"
    assert decide(claims.most_normal_cells_hold_no_digit(*[made_up(0.6)] * 3, *[made_up(0.4)] * 3)) == "not reproduced"


def test_digits_and_cells_that_were_not_reached_do_not_count():
    record = made_up(0.6)
    assert shares(record) == {"below": 0.6, "no digit": 0.6, "normal looking": 0.0}
    record |= {"digit": np.ones((4, 4), bool), "normal_looking": np.ones((4, 4), bool)}
    assert shares(record) == {"below": 0.6, "no digit": 0.0, "normal looking": 0.6}
    assert table_shares({"cblof": record}).rows[0][1:3] == ["15", "60%"]
    assert len(fig_normal_map({"cblof": record, "hbos": record}).axes) == 3
    assert len(fig_elites({"cblof": record, "hbos": record}).axes) == 2
