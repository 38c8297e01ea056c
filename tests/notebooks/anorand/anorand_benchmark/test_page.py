"""The page of chapter `anorand-benchmark` shows the source's figures only with the source's methods and data sets."""

import numpy as np
import pytest

from notebooks.anorand.anorand_benchmark import figures
from notebooks.anorand.anorand_benchmark.data import SHIPPED
from notebooks.anorand.anorand_benchmark.infinite import ARTIFICIAL
from notebooks.anorand.anorand_benchmark.parts import SCORES

SOURCES = {"anorand-fig-5", "anorand-table-1", "anorand-fig-8", "anorand-table-2"}
METHODS = ("hbos", "knn", "anorand")


@pytest.fixture
def records(make_record):
    """A function from data sets to the records of a benchmark on them."""

    def make(sets, supervised=("nb", "anorand-labels"), methods=METHODS):
        return {
            "group": on_sets(methods, sets),
            "supervised-group": on_sets(supervised, sets),
            "synthetic-group": make_record(runs(methods), train=20_000, test=5_000),
        }

    def on_sets(methods, sets):
        values = np.linspace(0.2, 0.8, len(methods) * len(sets)).reshape(len(methods), len(sets), 1)
        arrays = {"methods": methods, "sets": sets, "average_precision": values, "roc_auc": values}
        counts = {"rows": np.full(len(sets), 1000), "anomalies": np.full(len(sets), 100)}
        return make_record(arrays | counts | {"failure": np.full(values.shape[:2], "")})

    def runs(methods):
        values = np.linspace(0.2, 0.8, len(methods))[:, None]
        return {"methods": methods} | dict.fromkeys(("average_precision", "roc_auc", "copy_roc_auc"), values)

    return make


def test_figures_of_the_source(show_page, records):
    page = show_page("anorand-benchmark", records(("cardio", "fault", "letter")), undrawn=figures)
    assert set(page.ids) >= SOURCES
    assert "trial of the machinery" not in page.prose and "Trained on fewer rows" not in page.prose


def test_a_trial_has_no_table_of_the_source(show_page, records):
    page = show_page("anorand-benchmark", records(SHIPPED), undrawn=figures)
    assert SOURCES & set(page.ids) == {"anorand-fig-5"}  # its data are the source's
    assert {f"anogen-fig-benchmark-{part}" for part in ("real", "real-ranks", "labelled")} <= set(page.ids)
    assert "trial of the machinery" in page.prose


def test_chosen_methods_and_sets_have_no_figure_of_the_source(show_page, records):
    chosen = {"methods": ["hbos", "knn", "anorand"], "supervised": ["nb"], "sets": ["cardio", "fault", "letter"]}
    page = show_page("anorand-benchmark", records(chosen["sets"]), undrawn=figures, **chosen)
    assert not SOURCES & set(page.ids)


def test_the_caption_names_the_methods_with_fewer_rows(show_page, records):
    made = records(("cardio", "fault", "letter"), methods=("cof", "sod", "vae", "anorand"))
    page = show_page("anorand-benchmark", made, undrawn=figures)
    assert "Trained on fewer rows: COF and SOD on 2,000, VAE on 3,500. Red is AnoRand" in page.prose


@pytest.mark.parametrize(("differing", "stated"), [("cblof", "its CBLOF"), ("pca", "PyOD's PCA divides")])
def test_causes_are_those_of_detectors_that_differ(show_page, make_record, differing, stated):
    values = np.full((2, 1, 2), [[[0.99]], [[0.878]]])  # KNN on letter agrees with the published value
    record = make_record({"methods": (differing, "knn"), "sets": ("letter",), "roc_auc": values}, splits=2)
    page = show_page("anorand-benchmark", {"published": record}, undrawn=figures)
    assert [text in page.prose for text in ("its CBLOF", "PyOD's PCA divides")] == [
        text == stated for text in ("its CBLOF", "PyOD's PCA divides")
    ]


def test_infinite_scores_of_pca_are_stated_with_their_cause(show_page, records, make_record):
    sets = ("cardio", "fault", "letter", ARTIFICIAL)
    infinite, dependent = np.zeros((2, 4, 2)), np.zeros((4, 2))
    infinite[0, [0, 3], 0] = 1
    dependent[[0, 1, 3]] = 1
    arrays = {"sets": sets, "infinite": infinite, "dependent": dependent}
    arrays |= dict.fromkeys(("roc_auc", "average_precision"), np.full((2, 4, 2), 0.6))
    made = records(sets[:3], methods=("pca", "knn", "anorand"))
    values = np.array([[0.5, 0.6], [0.7, 0.7], [0.8, 0.8]])
    keys = ("average_precision", "roc_auc", "copy_roc_auc")
    runs = {"methods": ("pca", "knn", "anorand")} | dict.fromkeys(keys, values)
    made["synthetic-group"] = make_record(runs, train=20_000, test=5_000)
    page = show_page("anorand-benchmark", made | {"pca": make_record(arrays)}, undrawn=figures)
    assert "PCA gives every row an infinite score in 1 of 2 runs;" in page.prose
    assert "columns that depend linearly on others" in page.prose and 'svd_solver="full"' in page.prose
    assert any("also on fault." in text for text in page.texts)
    page = show_page("anorand-benchmark", made, undrawn=figures)
    assert "infinite score" not in page.prose


def test_the_parts_of_the_score_are_compared_with_it(show_page, make_record):
    ap = np.full((3, 2, 2, len(SCORES)), 0.3) + np.linspace(0, 0.01, 3)[:, None, None, None]
    ap[..., SCORES.index("reconstruction alone")] += [[[0.2], [0.2]], [[0.1], [0.2]], [[0.3], [0.2]]]
    record = make_record({"ap": ap, "scores": np.array(SCORES), "sets": np.array(["a", "b", "c"])})
    page = show_page("anorand-benchmark", {"parts": record}, undrawn=figures)
    assert "reconstruction alone: +20.0 points" in page.prose and "weights exchanged: +0.0 points" in page.prose
