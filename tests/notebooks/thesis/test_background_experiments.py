"""The experiments behind the background chapter."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import hmean

from anogen.errors import InputError
from companion.chapters import chapter_experiments
from notebooks.thesis.background.experiments import (
    CENTRES,
    GROUP_CENTRE,
    GROUP_SPREAD,
    ISOLATED,
    KINDS,
    QUICK,
    SPREADS,
    Anomalies2D,
    RocCurve,
)


@pytest.fixture(scope="module")
def roc():
    return RocCurve.at("quick").run()


@pytest.fixture(scope="module")
def plane():
    return Anomalies2D.at("quick").run()


def test_chapter_experiments():
    asked = chapter_experiments("background", "quick", seed=3, **QUICK)
    assert {role: (e.name, e.seed, e.scale) for role, e in asked.items()} == {
        "anomalies": ("anomalies-2d", 3, "quick"),
        "roc": ("roc-curve", 3, "quick"),
    }
    assert asked["roc"].points == QUICK["points"]
    with pytest.raises(InputError, match="no parameter 'digit'"):
        chapter_experiments("background", digit=3)


@pytest.mark.parametrize("experiment", [RocCurve, Anomalies2D])
def test_seed_fixes_every_bit(experiment, roc, plane):
    first = {RocCurve: roc, Anomalies2D: plane}[experiment]
    again, other = experiment.at("quick").run(), experiment.at("quick", seed=1).run()
    assert all(np.array_equal(first[key], again[key]) for key in first)
    changed = {key for key in first if not np.array_equal(first[key], other[key])}
    assert (
        changed >= {RocCurve: {"good_auc", "random_auc", "rare_table"}, Anomalies2D: {"points", "scores"}}[experiment]
    )


def test_binormal_area():
    wide = RocCurve(points=20_000, tables=1).run()
    assert wide["good_auc"] == pytest.approx(ndtr(RocCurve.d_prime / np.sqrt(2)), abs=0.005)
    narrow = RocCurve(points=20_000, tables=1, d_prime=1.0).run()
    assert narrow["good_auc"] == pytest.approx(ndtr(1 / np.sqrt(2)), abs=0.01)
    assert wide["perfect_auc"] == 1.0
    assert wide["random_auc"] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("name", ["good", "random", "perfect"])
def test_thinned_curve_keeps_its_area(roc, name):
    fpr, tpr = roc[f"{name}_fpr"], roc[f"{name}_tpr"]
    assert 2 <= len(fpr) == len(tpr) <= 400
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)
    assert (np.diff(fpr) >= 0).all()
    assert (np.diff(tpr) >= 0).all()
    assert np.trapezoid(tpr, fpr) == pytest.approx(float(roc[f"{name}_auc"]), abs=3e-3)


def test_rare_anomalies(roc):
    precision, recall, f1, accuracy, fpr = roc["rare_table"].T
    assert np.allclose(f1, hmean([precision, recall]), atol=1e-12)
    share = float(roc["rare_share"])
    assert share == pytest.approx(0.01)
    assert np.allclose(accuracy, share * recall + (1 - share) * (1 - fpr), atol=1e-12)
    assert (np.diff(recall) <= 0).all()  # a higher threshold never finds more
    assert roc["rare_never"].tolist() == pytest.approx([0, 0, 0, 0.99, 0])


def test_regions_do_not_depend_on_the_group():
    experiment = Anomalies2D.at("quick")
    (few, kind_few), (many, kind_many) = experiment.sample_points(4), experiment.sample_points(9)
    assert np.array_equal(few[kind_few <= 1], many[kind_many <= 1])
    assert [int((kind_many == k).sum()) for k in range(len(KINDS))] == [*experiment.sizes, 1, 1, 9]


def test_anomalies_are_far_from_both_regions():
    for point, reach in [(ISOLATED[0], 0.0), (ISOLATED[1], 0.0), (GROUP_CENTRE, 3 * GROUP_SPREAD)]:
        assert (np.linalg.norm(point - CENTRES, axis=1) - reach > 5 * SPREADS).all()


def test_limit_is_the_99th_percentile(plane):
    normal = plane["scores"][:, plane["kind"] <= 1]
    assert ((normal > plane["limit"][:, None]).mean(axis=1) <= 0.0125).all()


def test_large_group_hides_from_neighbour_methods(plane):
    knn_fitted_to_all = plane["above"][:, 0, 0]  # (sizes, (o_1, o_2, O_3)); PyOD's KNN looks at 5 neighbours
    assert plane["groups"].tolist() == [4, 25]
    assert knn_fitted_to_all[:, 2].tolist() == [1, 0]
    assert (knn_fitted_to_all[:, :2] == 1).all()
    knn_fitted_to_regions = plane["above"][:, 1, 0]
    assert (knn_fitted_to_regions == 1).all()


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: RocCurve(points=10), "points = 10"),
        (lambda: RocCurve(tables=0), "tables = 0"),
        (lambda: Anomalies2D(sizes=(200, 5)), r"sizes\[1\] = 5"),
        (lambda: Anomalies2D(group=0), "group = 0"),
        (lambda: Anomalies2D(groups=(4, -1)), r"groups\[1\] = -1"),
    ],
)
def test_invalid_numbers_are_named(make, named):
    with pytest.raises(InputError, match=named):
        make()
