"""Collinear columns make PCA's scores infinite; such repetitions are found, and count as failures."""

import numpy as np
import pytest

from companion.records import store
from notebooks.anorand.anorand_benchmark import results
from notebooks.anorand.anorand_benchmark.experiments import Benchmark
from notebooks.anorand.anorand_benchmark.infinite import ARTIFICIAL, InfiniteScores
from notebooks.anorand.anorand_benchmark.synthetic import Synthetic
from notebooks.anorand.common import Rows


@pytest.fixture
def on_rows(monkeypatch):
    """A function from training columns to PCA's values on them."""

    def measure(columns):
        columns = (columns - columns.mean(axis=0)) / np.where(columns.std(axis=0) > 0, columns.std(axis=0), 1)
        labels = (np.arange(len(columns)) % 10 == 0).astype(np.int8)
        monkeypatch.setattr(InfiniteScores, "split", lambda *_cell: Rows(columns, labels, columns, labels))
        return InfiniteScores.at("quick").compute(("wine-cultivars", 0), {})

    return measure


def test_columns_without_variance_of_their_own_give_infinite_scores(on_rows):
    rows = np.random.default_rng(0).normal(size=(200, 4))
    independent = on_rows(rows)
    assert independent["infinite"].tolist() == [0, 0] and independent["dependent"] == 0
    assert independent["roc_auc"][0] == pytest.approx(independent["roc_auc"][1])
    never_changes = on_rows(np.column_stack([rows, np.full(200, 3.0)]))
    assert never_changes["infinite"].tolist()[0] == 1 and never_changes["dependent"] == 1
    assert never_changes["roc_auc"][0] == 0.5 and never_changes["average_precision"][0] == pytest.approx(0.1)
    sums = on_rows(np.column_stack([rows, rows[:, 0] + rows[:, 1], rows[:, 2] - rows[:, 3]]))
    assert sums["dependent"] == 2 and sums["infinite"][1] == 0  # by the full solver: a positive number near 0


def test_arrays_are_by_set_and_repetition():
    experiment = InfiniteScores.at("quick", sets=("wine-cultivars", "breast-cancer"), repetitions=2, runs=3)
    record = experiment.run()
    assert record["sets"].tolist() == ["wine-cultivars", "breast-cancer", ARTIFICIAL]
    assert record["infinite"].shape == (2, 3, 3) and record["dependent"].shape == (3, 3)
    assert np.isnan(record["infinite"][:, :2, 2]).all() and not np.isnan(record["infinite"][:, 2]).any()
    assert record["dependent"][2].tolist() == [2, 2, 2]  # of the 20 features of make_classification
    assert results.repetitions(record, "wine-cultivars") == 2


def test_equal_scores_are_failures_and_a_half_by_chance_is_none():
    real = {
        "methods": np.array(["knn", "pca"]), "sets": np.array(["a", "b"]), "failure": np.array([["", ""]] * 2),
        "roc_auc": np.full((2, 2, 2), 0.5), "average_precision": np.full((2, 2, 2), 0.2),
        "rows": np.array([100, 100_000]), "anomalies": np.array([10, 10_000]),
    }  # fmt: skip
    real["average_precision"][1] = [[3 / 30, 0.3], [300 / 3000, 300 / 3000]]  # the shares of anomalies, but for one
    runs = {"methods": np.array(["pca"]), "roc_auc": np.array([[0.5, 0.6]]), "average_precision": np.ones((1, 2))}
    found, artificial = results.as_failures([real, runs])
    assert np.isnan(found["average_precision"]).tolist() == [[[False] * 2] * 2, [[True, False], [True, True]]]
    assert np.isnan(found["roc_auc"]).tolist() == np.isnan(found["average_precision"]).tolist()
    assert found["failure"].tolist() == [
        ["", ""], ["equal scores in 1 of 2 repetitions", "equal scores in 2 of 2 repetitions"]
    ]  # fmt: skip
    assert np.isnan(artificial["roc_auc"]).tolist() == [[True, False]]
    assert not np.isnan(real["roc_auc"]).any()


def test_in_the_book_only_pca_has_equal_scores():
    record = store.read(store.find_committed(Benchmark()))
    equal, methods = results.equal_scores(record), record["methods"].tolist()
    assert {methods[m] for m in np.argwhere(equal)[:, 0]} == {"pca"}
    counts = dict(zip(record["sets"].tolist(), equal[methods.index("pca")].sum(axis=-1).tolist(), strict=True))
    assert {name: count for name, count in counts.items() if count} == {
        "campaign": 3, "cardio": 2, "Cardiotocography": 3, "fault": 3, "mnist": 3, "optdigits": 3
    }  # fmt: skip


def test_in_the_book_the_same_data_sets_have_infinite_scores_on_another_processor():
    """Rounding decides which repetitions have them, so their numbers may differ; without dependent columns none has."""
    pca, *records = (store.read(store.find_committed(e)) for e in (InfiniteScores(), Benchmark(), Synthetic()))
    known = ~np.isnan(pca["infinite"])
    assert set(np.unique(pca["infinite"][0][known[0]])) <= {0.0, 1.0}  # all rows or none
    assert not pca["infinite"][1][known[1]].any()  # by the full solver
    assert not pca["infinite"][0][pca["dependent"] == 0].any()
    names = pca["sets"].tolist()
    assert results.concerned(pca) == [name for name in names if results.pca_of(records, name)[1].any()]
    for name in names:
        assert len(results.pca_of(records, name)[1]) == results.repetitions(pca, name)
