"""AnoRand's parts: the scores of one trained network, with and without anomalies among the training rows."""

import numpy as np
import pytest

from anogen.detectors.anorand import AnoRand
from anogen.errors import InputError
from companion.datasets import adbench
from notebooks.anorand.anorand_benchmark import tables
from notebooks.anorand.anorand_benchmark.experiments import Benchmark
from notebooks.anorand.anorand_benchmark.parts import LARGEST, SCORES, TRAININGS, ScoreVariants, measure
from notebooks.anorand.anorand_benchmark.synthetic import Synthetic


def test_small_tables_of_adbench_and_the_splits_of_the_benchmark():
    ours = ScoreVariants()
    entries = [adbench.known()[name] for name in ours.files]
    assert len(entries) == 20 and max(entry.rows for entry in entries) <= LARGEST
    assert {entry.category for entry in entries} == {"healthcare", "other"}
    small, bench = ScoreVariants.at("quick"), Benchmark.at("quick", group="anorand")
    assert np.array_equal(small.split("breast-cancer", 0).train, bench.split("breast-cancer", 0).train)


def test_record():
    record = ScoreVariants.at("quick", sets=("wine-cultivars",), repetitions=2).run()
    assert record["ap"].shape == record["roc"].shape == (1, len(TRAININGS), 2, len(SCORES))
    assert ((record["ap"] >= 0) & (record["ap"] <= 1)).all() and record["alpha"].shape == (1, 2, 2)
    assert not np.array_equal(record["ap"][0, 0], record["ap"][0, 1])  # the anomalies are left out of the training
    table = tables.score_variants(record)
    assert len(table.rows) == len(SCORES) and {len(row) for row in table.rows} == {len(table.head)}


def test_scores_are_those_of_the_trained_network():
    rows = ScoreVariants.at("quick").split("wine-cultivars", 0)
    detector = AnoRand(epochs=3, random_state=0).fit(rows.train)
    ap = dict(zip(SCORES, measure(detector, rows, 0)["ap"], strict=True))
    detector.alpha_ = 1.0
    assert ap["noise detection alone"] == measure(detector, rows, 0)["ap"][SCORES.index("printed")]
    assert ap["reconstruction alone"] == measure(detector, rows, 0)["ap"][SCORES.index("weights exchanged")]


def test_the_second_reading_has_normal_training_rows():
    few = {"group": "anorand", "train": 400, "test": 200}
    rows = Synthetic(setting="informative", **few).data(0)
    assert len(rows.train) == 400 and not rows.train_labels.any() and rows.labels.any()
    assert Synthetic(**few).data(0).train_labels.any()
    with pytest.raises(InputError, match="unknown setting 'other'"):
        Synthetic(setting="other")


def test_table_of_the_second_reading_is_sorted_by_auc_pr():
    methods = {"methods": np.array(["knn", "anorand"]), "average_precision": np.array([[0.2, 0.3], [0.7, 0.7]])}
    table = tables.artificial([methods | {"roc_auc": np.array([[0.6, 0.7], [0.9, np.nan]])}])
    assert table.rows == [["AnoRand", "0.700", "0.900"], ["KNN", "0.250", "0.650"]]
