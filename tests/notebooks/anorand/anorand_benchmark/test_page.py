"""The page of chapter `anorand-benchmark` shows the source's figures only with the source's methods and data sets."""

import numpy as np
import pytest

from notebooks.anorand.anorand_benchmark import figures
from notebooks.anorand.anorand_benchmark.data import SHIPPED

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
    assert "a trial, not the benchmark" not in page.prose and "Trained on fewer rows" not in page.prose


def test_a_trial_has_no_table_of_the_source(show_page, records):
    page = show_page("anorand-benchmark", records(SHIPPED), undrawn=figures)
    assert SOURCES & set(page.ids) == {"anorand-fig-5"}  # its data are the source's
    assert {f"anogen-fig-benchmark-{part}" for part in ("real", "real-ranks", "labelled")} <= set(page.ids)
    assert "a trial, not the benchmark" in page.prose


def test_chosen_methods_and_sets_have_no_figure_of_the_source(show_page, records):
    chosen = {"methods": ["hbos", "knn", "anorand"], "supervised": ["nb"], "sets": ["cardio", "fault", "letter"]}
    page = show_page("anorand-benchmark", records(chosen["sets"]), undrawn=figures, **chosen)
    assert not SOURCES & set(page.ids)


def test_the_caption_names_the_methods_with_fewer_rows(show_page, records):
    made = records(("cardio", "fault", "letter"), methods=("cof", "sod", "vae", "anorand"))
    page = show_page("anorand-benchmark", made, undrawn=figures)
    assert "Trained on fewer rows: COF and SOD on 2,000, VAE on 3,500. Red is AnoRand" in page.prose
