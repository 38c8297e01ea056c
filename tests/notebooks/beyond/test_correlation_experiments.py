"""Experiments of chapter `correlation`, and its answer recomputed from the records by other code."""

import csv as reader
import io

import numpy as np
import pytest
from scipy import stats

from anogen.errors import InputError
from companion.records import store
from companion.studies.quality import Classifier
from notebooks.beyond.correlation.experiments import DECIDES, MEASURES, MORE, Budget, Cells, chapter_experiments
from notebooks.beyond.correlation.figures import (
    csv,
    fig_correlation,
    grid,
    relation,
    table_by_detector,
    table_floors,
    table_power,
    table_relations,
    title,
)
from notebooks.beyond.correlation.relation import FLOOR


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
    all_cells, ranks, classes, legend = fig_correlation(one).axes
    assert sum(len(line.get_xdata()) for line in all_cells.lines) == 4 * 2
    assert len(ranks.lines) == len(legend.lines) == 4
    assert classes.lines[0].get_xdata() == pytest.approx(relation(one).by_class)
    lines = list(reader.DictReader(io.StringIO(csv(one))))
    keys = [(line["detector"], int(line["class"]), int(line["training"])) for line in lines]
    assert keys == [(n, c, t) for n in cells for c in (3, 4) for t in (0, 1)]
    assert float(lines[6]["auc"]) == pytest.approx(cells["hbos"]["auc"][1, 0], rel=1e-5)
    assert lines[-1]["optimum_quality"] == ""  # IForest's optimum is not known
    assert len(table_relations(one)[1]) == 2 * len(MEASURES) and len(table_by_detector(one)[1]) == len(cells)
    assert len(table_floors(one)[1]) == 5 and len(table_power(one)[1]) == 4


def test_answer_follows_the_numbers(cells):
    names = ["hbos", "gmm", "cblof", "knn", "kde", "lof", "loda", "pca", "vae", "copod", "ecod", "inne"]
    rng = np.random.default_rng(0)
    auc = np.linspace(0.5, 1, 12)[:, None, None] + rng.normal(0, 0.01, (12, 5, 2))
    base = grid(cells)._replace(names=names, classes=list(range(5)), auc=auc)
    for sign, word in ((1, "positive"), (-1, "negative")):
        found = {**base.found, DECIDES: 1 + sign * auc / 2}
        assert relation(base._replace(found=found)).verdict == word
        assert relation(base._replace(optimum=found), kind="optimum").verdict == word
    noise = {m: rng.random((12, 1, 1)) + rng.normal(0, 0.01, auc.shape) for m in MEASURES}
    assert relation(base._replace(found=noise)).verdict == "inconclusive"


def test_titles_name_the_options():
    assert title("gmm:covariance_type=diag,n_components=10") == "GMM (covariance type diag, n components 10)"
    assert title("pyod.models.sampling:Sampling") == "Sampling"


def test_more_detectors_see_digits_only():
    roles = chapter_experiments()
    assert all(f"digits-{name}" in roles and f"clothes-{name}" not in roles for name in MORE)


@pytest.mark.parametrize("kind", ["digits", "clothes"])
def test_answer_agrees_with_other_code(kind):
    """Recompute it from the arrays with scipy's correlation, and no function of the page."""
    paths = {role: store.find_committed(e) for role, e in chapter_experiments().items() if role.startswith(kind)}
    records = [store.read(path) for path in paths.values() if path is not None]
    if len(records) < len(paths):
        pytest.skip(f"{len(paths) - len(records)} records are not committed yet")
    auc = np.mean([r["auc"] for r in records], axis=-1)
    quality = np.maximum(np.mean([r[DECIDES] for r in records], axis=-1), FLOOR)
    rho = [stats.spearmanr(x, y).statistic for x, y in zip(auc.T, quality.T, strict=True)]
    rng, m, shuffled = np.random.default_rng(99), len(records), []
    for _ in range(500):
        order = rng.permutation(m)
        pairs = zip(auc.T, quality[order].T, strict=True)
        shuffled.append(np.mean([stats.spearmanr(x, y).statistic for x, y in pairs]))
    found = relation(grid({role.partition("-")[2]: r for role, r in zip(paths, records, strict=True)}))
    assert found.by_class == pytest.approx(rho) and found.rho == pytest.approx(np.mean(rho))
    assert found.p == pytest.approx(np.mean(np.abs(shuffled) >= abs(found.rho)), abs=0.12)  # 500 draws


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
