"""Experiments of chapter `correlation`, and its answer recomputed from the records by other code."""

import csv as reader
import io

import numpy as np
import pytest
from scipy import stats

from anogen.errors import InputError
from companion.records import store
from companion.studies.quality import Classifier
from notebooks.beyond.correlation.experiments import DECIDES, DETECTORS, MEASURES, Budget, Cells, chapter_experiments
from notebooks.beyond.correlation.figures import (
    answer,
    associations,
    csv,
    fig_correlation,
    grid,
    other_answers,
    table_associations,
    table_by_detector,
)


@pytest.fixture(scope="module")
def classifier():
    return {"classifier": Classifier.at("quick", epochs=1).run()}


@pytest.fixture(scope="module")
def cells(classifier):
    given = {"classes": (3, 4), "generations": 8, "population": 6, "rows": 100, "anomalies": 100, "trainings": 2}
    return {
        name: Cells.at("quick", detector=name, **given).run(classifier) for name in ("cblof", "hbos", "gmm", "iforest")
    }


def test_recorded_arrays_are_consistent(cells):
    for name, result in cells.items():
        assert result["auc"].shape == (2, 2) and ((result["auc"] > 0.2) & (result["auc"] <= 1)).all()
        assert result["images"].shape == (2, 2, 784)
        known = name != "iforest"
        assert np.isfinite(result["optimum"]).all() == known
        assert all(np.isfinite(result[f"optimum_{m}"]).all() == known for m in MEASURES)
        if known:
            assert (result["scores"] >= result["optimum"] - 1e-6).all()


def test_a_cell_does_not_depend_on_the_others(cells, classifier):
    given = {"generations": 8, "population": 6, "rows": 100, "anomalies": 100, "trainings": 2}
    alone = Cells.at("quick", detector="hbos", classes=(4,), **given).run(classifier)
    assert np.array_equal(alone["auc"][0], cells["hbos"]["auc"][1])
    assert np.array_equal(alone["images"][0], cells["hbos"]["images"][1])


def test_every_cell_is_in_the_figure_and_the_download(cells):
    one = grid(cells)
    left, right = fig_correlation(one).axes
    assert [len([line for line in ax.lines if len(line.get_xdata()) == 2]) - 1 for ax in (left, right)] == [4, 3]
    lines = list(reader.DictReader(io.StringIO(csv(one))))
    keys = [(line["detector"], int(line["class"]), int(line["training"])) for line in lines]
    assert keys == [(n, c, t) for n in cells for c in (3, 4) for t in (0, 1)]
    assert float(lines[6]["auc"]) == pytest.approx(cells["hbos"]["auc"][1, 0], rel=1e-5)
    assert lines[-1]["optimum_quality"] == ""  # IForest's optimum is not known
    assert len(table_associations(one)[1]) == 2 * len(MEASURES) and len(table_by_detector(one)[1]) == len(cells)


def test_answer_follows_the_numbers(cells):
    one = grid(cells)
    rng = np.random.default_rng(0)
    auc = np.linspace(0.5, 1, 12)[:, None, None] + rng.normal(0, 0.01, (12, 5, 2))
    base = one._replace(names=["hbos"] * 12, classes=list(range(5)), auc=auc)
    for sign, start in ((1, "Yes"), (-1, "No, on the contrary")):
        found = {**one.found, DECIDES: sign * auc}
        assert answer(base._replace(found=found)).startswith(start)
        assert answer(base._replace(optimum=found), "optimum").startswith(start)
    noise = {m: rng.random(auc.shape) for m in MEASURES}
    assert answer(base._replace(found=noise)).startswith("Undecided, whether")
    unknown = base._replace(found=noise, optimum={m: np.full(auc.shape, np.nan) for m in MEASURES})
    assert "None of the others" in other_answers(unknown)
    assert "`morans_i` (positive" in other_answers(unknown._replace(found={**noise, "morans_i": auc}))


@pytest.mark.parametrize("kind", ["digits", "clothes"])
def test_answer_agrees_with_other_code(kind):
    """Again from the arrays, with scipy's correlation, intervals of another seed, and no function of the page."""
    paths = {role: store.find_committed(e) for role, e in chapter_experiments().items() if role.startswith(kind)}
    records = [store.read(path) for path in paths.values() if path is not None]
    if len(records) < len(paths):
        pytest.skip(f"{len(paths) - len(records)} records are not committed yet")
    auc = np.array([r["auc"] for r in records])
    quality = np.array([r[DECIDES] for r in records])
    rho = stats.spearmanr(auc.ravel(), quality.ravel()).statistic
    rng, m = np.random.default_rng(99), len(records)
    chosen = rng.integers(m, size=(1_000, m))
    draws = [stats.spearmanr(auc[some].ravel(), quality[some].ravel()).statistic for some in chosen]
    shuffled = [stats.spearmanr(auc.ravel(), quality[rng.permutation(m)].ravel()).statistic for _ in range(1_000)]
    low, high = np.percentile(draws, [2.5, 97.5])
    p = np.mean(np.abs(shuffled) >= abs(rho))
    one = grid(dict(zip(paths, records, strict=True)))
    found = associations(one)["found"][DECIDES]
    assert found.rho == pytest.approx(rho)
    assert found.detectors == pytest.approx((low, high), abs=0.08)
    assert found.p == pytest.approx(p, abs=0.03)
    said = answer(one._replace(names=list(DETECTORS)))
    assert f"{rho:.2f}" in said
    if min(abs(low), abs(high)) > 0.08 and abs(p - 0.05) > 0.03:  # what decides is not on the edge
        clear = low * high > 0 and p < 0.05
        assert said.startswith("Undecided, whether") == (not clear)


def test_the_longer_search_starts_from_the_same_training(classifier):
    given = {"generations": 8, "population": 6, "rows": 100}
    result = Budget.at("quick", detectors=("cblof", "hbos"), **given).run(classifier)
    alone = Cells.at("quick", detector="cblof", classes=(4,), trainings=1, anomalies=100, **given).run(classifier)
    assert result["scores"].shape == (2, 2) and (result["scores"][:, 1] < result["scores"][:, 0]).all()
    assert result["scores"][0, 0] == alone["scores"][0, 0] and result["optimum"][0] == alone["optimum"][0, 0]
    assert np.array_equal(result["real_scores"][0], alone["real_scores"][0, 0])


def test_short_searches_are_rejected():
    with pytest.raises(InputError, match="generations = 3"):
        Cells.at("quick", generations=3)
