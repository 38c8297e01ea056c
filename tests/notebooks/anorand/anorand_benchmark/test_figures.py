"""Figures and tables of the benchmark show what the records hold, and say why a cell is empty."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from notebooks.anorand.anorand_benchmark import figures, tables
from notebooks.anorand.anorand_benchmark.data import TABLE_2
from notebooks.anorand.anorand_benchmark.methods import SUPERVISED
from notebooks.anorand.anorand_benchmark.results import Cell, Results

VALUES = np.array([[0.9, 0.5, np.nan], [0.2, 0.6, 0.1], [0.3, 0.4, 0.8]])
RESULTS = Results(("cardio", "letter", "wine"), ("anorand", "knn", "pca"), VALUES, {("cardio", "pca"): "infinite"})


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_table_1():
    (ax, *_) = figures.table_1(RESULTS).axes
    assert sorted(texts(ax)) == sorted(["90", "50", "–", "20", "60", "10", "30", "40", "80"])
    assert {t.get_text() for t in ax.texts if t.get_fontweight() == "bold"} == {"90", "60", "80"}
    assert [label.get_text() for label in ax.get_yticklabels()] == list(RESULTS.sets)


def test_a_star_marks_a_mean_without_failed_repetitions():
    partly = RESULTS._replace(failures={("cardio", "pca"): "infinite", ("wine", "pca"): "infinite in 1 of 2"})
    assert {"–", "80*", "10"} <= set(texts(figures.table_1(partly).axes[0]))


def test_infinite_scores():
    pca = {"sets": np.array(["cardio"]), "infinite": np.array([[[1.0, 1.0]], [[0.0, 0.0]]])}
    pca |= {"dependent": np.array([[2.0, 1.0]]), "roc_auc": np.array([[[0.5, 0.5]], [[0.7, 0.8]]])}
    pca["average_precision"] = pca["roc_auc"] / 2
    bench = {"methods": np.array(["pca"]), "sets": np.array(["cardio"]), "roc_auc": np.array([[[0.5, 0.9]]])}
    bench |= {"rows": np.array([100]), "anomalies": np.array([10]), "average_precision": np.array([[[0.1, 0.45]]])}
    head, rows = tables.infinite_scores(pca, [bench], ["cardio"])
    assert rows == [["cardio", "2", "1 of 2", "2 of 2", "0.450", "0.375"]] and len(head) == 6


def test_fig_8_and_mean_ranks():
    boxes, means = figures.fig_8(RESULTS), figures.fig_mean_ranks(RESULTS)
    order = [label.get_text() for label in means.axes[0].get_yticklabels()]
    assert order == [label.get_text() for label in boxes.axes[0].get_yticklabels()]
    ranks = dict(zip(RESULTS.methods, RESULTS.ranks.mean(axis=0), strict=True))
    assert order[-1] == {"anorand": "AnoRand", "knn": "KNN", "pca": "PCA"}[min(ranks, key=ranks.get)]
    (band,) = means.axes[0].patches
    assert band.get_x() + band.get_width() / 2 == pytest.approx(ranks["anorand"])
    for figure in (boxes, means):
        FigureCanvasAgg(figure).draw()


def test_fig_5():
    runs = {
        "methods": np.array(["anorand", "knn"]),
        "average_precision": np.array([[0.1, 0.3], [0.4, 0.6]]),
        "roc_auc": np.array([[0.5, 0.7], [0.8, 0.9]]),
    }
    for record, count in ((runs, 0), (runs | {"seconds": np.ones((2, 2))}, 2)):
        left, _, right = figures.fig_5([record]).axes
        assert [label.get_text() for label in left.get_yticklabels()] == ["AnoRand", "KNN"]
        assert len(right.get_lines()) == count
        assert left.get_lines()[0].get_xdata().tolist() == [0.1, 0.3]


CELLS = [Cell("letter", "cblof", 0.78, 0.51, 0.01), Cell("letter", "knn", 0.87, 0.877, 0.01),
         Cell("Pima", "abod", float("nan"), 0.68, 0.0)]  # fmt: skip


def test_fig_harness():
    (ax,) = figures.fig_harness(CELLS).axes
    assert texts(ax) == ["CBLOF, letter"]


def test_exceptions():
    spread = 0.001 * np.tile([-1.0, 1.0], 10)
    means = {"cblof": 0.78, "knn": 0.877, "pca": 0.5283, "lof": 0.8594, "mcd": 0.8074, "ocsvm": 0.65}
    values = np.array([[mean + spread] for mean in means.values()])
    values[list(means).index("pca")] = 0.5
    values[list(means).index("mcd")] = np.nan
    values[list(means).index("lof")] = 0.885 + 0.04 * np.tile([-1.0, 1.0], 10)
    record = {"methods": np.array(list(means)), "sets": np.array(["letter"]), "roc_auc": values}
    head, rows = tables.exceptions(record)
    assert {row[0]: row[-1] for row in rows} == {
        "CBLOF": "an older CBLOF, since corrected",
        "PCA": "every row has the same, infinite score",
        "MCD": "it failed",
        "OCSVM": "unknown",
    }
    assert {len(row) for row in rows} == {len(head)}


def test_heads_of_tables():
    effort = {
        "methods": np.array(["cof", "anorand"]),
        "sets": np.array(["cardio", "wine"]),
        "roc_auc": np.array([[[0.5, np.nan], [np.nan, np.nan]], [[0.5, 0.6], [0.7, np.nan]]]),
        "failure": np.array([["", "bad | data"], ["", ""]]),
    }
    head, rows = tables.effort([effort])
    assert rows == [["COF", "yes", "1", "2,000", "1 (bad / data)"], ["AnoRand", "-", "1 or 2", "all", "0"]]
    for table in (
        (head, rows),
        tables.overall(RESULTS),
        tables.compare_table_2(None),
        tables.reasons(None),
    ):
        assert {len(row) for row in table[1]} == {len(table[0])}
    missing = tables.absent()
    assert {"CIFAR10 (7 of 10 files)", "imdb"} <= set(missing) and len(missing) == 13


def test_table_2():
    values = np.array([[0.98, np.nan], [0.99, 0.4]])
    results = Results(("cardio", "letter"), ("svm", "repen"), values, {("cardio", "repen"): "ValueError: sequence"})
    rows = tables.compare_table_2(results).rows
    cardio = {method: cells for name, method, *cells in rows if name == "cardio"}
    assert cardio["SVM"] == ["98.0", "97.8", "+0.2"] and cardio["REPEN"] == ["-", "96.3", "-"]
    assert cardio["GANomaly"] == ["-", "53.1", "-"] and "ResNet" not in cardio
    assert {name for name, *_ in rows} == set(TABLE_2)
    _, why = tables.reasons(results)
    assert ["REPEN", "cardio", "ValueError: sequence"] in why and ["all", "imdb", tables.ABSENT] in why
    assert any(row[0] == "CatBoost" and row[2] == "not computed yet" for row in why)
    differences = tables.differences_to_reported(results)
    assert differences == {"cardio": [pytest.approx(0.15)], "letter": [pytest.approx(37.68), pytest.approx(-14.56)]}
    titles = [method.title for method in SUPERVISED.values()]
    assert len(set(titles)) == len(titles)
    (ax, *_) = figures.table_2(results).axes
    assert "98" in texts(ax)
