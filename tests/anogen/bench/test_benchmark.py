"""The benchmark's output is well-formed and describes the work that it times. No test checks a duration."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from anogen import cli, datasets, detectors
from anogen.bench import report
from anogen.bench.benchmark import (
    FULL,
    QUICK,
    benchmark,
    half_evolved,
    max_relative_difference,
    pyod_detectors,
    scorer_rows,
    timed,
)
from anogen.machine import threads
from anogen.scorers import make_scorer

FEW = ("hbos", "gmm")
TINY = replace(QUICK, seconds=0.0, generations=3, threads=(1,), run_threads=(1,), detectors=FEW)
P, D = 150, 784


@pytest.fixture(scope="module")
def result():
    """A benchmark with a library that is not installed."""

    def absent(*_):
        raise ImportError

    seen = []
    found = benchmark(TINY, seen.append, lambda score, scorer: {"absent": absent})
    assert [one.done for one in seen] == list(range(len(FEW) + 3)) and {one.cells for one in seen} == {len(seen)}
    return found


def test_the_json_has_what_programs_read(result):
    read = json.loads(json.dumps(result, allow_nan=False))
    assert {"machine", "date", "scorers", "engine", "end_to_end"} <= read.keys()
    assert [(row["detector"], row["threads"]) for row in read["scorers"]] == [(n, 1) for n in FEW]
    for row in read["scorers"]:
        assert row["ratio"] == pytest.approx(row["pyod_ms"] / row["anogen_ms"])
        assert min(row["pyod_ms"], row["anogen_ms"]) > 0
        assert row["pyod_calls"] >= 3 and row["anogen_calls"] >= 3
        assert row["max_rel_diff"] <= {"float64": 1e-9, "float32": 1e-5}[row["dtype"]]
    assert read["engine"]["ms_per_generation"] > 0
    assert [row["detector"] for row in read["end_to_end"]] == ["cblof"] * 3 + ["hbos"] * 3


def test_what_is_not_installed_is_null_with_the_remedy(result):
    for row in result["end_to_end"]:
        missing = row["alternative"] not in {"anogen", "numpy"}
        assert (row["ratio"] is None) == missing
        assert (row.get("remedy") == 'pip install "anogen[bench]"') == missing
    assert {row["ratio"] for row in result["end_to_end"] if row["alternative"] == "anogen"} == {1.0}
    text = report.tables(result)
    assert text.count("anogen[bench]") == 1 and text.count("absent") == 2


def test_a_difference_is_relative_to_the_score_or_the_training_scores():
    class Off:
        """A detector with scores 0 and 100 whose training scores spread over 4."""

        decision_scores_ = np.array([0.0, 0.0, 4.0, 4.0])

        def decision_function(self, _rows):
            return np.array([0.0, 100.0])

    assert max_relative_difference(lambda _: torch.tensor([2.0, 100.0]), Off(), torch.zeros(2, 3)) == 0.5
    assert max_relative_difference(lambda _: torch.tensor([0.0, 101.0]), Off(), torch.zeros(2, 3)) == 0.01


def test_every_detector_that_is_compared_is_pyods():
    names = pyod_detectors()
    assert {
        "copod",
        "deep-svdd",
        "deep-svdd-untrained",
        "pyod-autoencoder",
        "vae",
        "cblof",
    } <= set(names)
    assert not {"dean", "autoencoder", "deep-svdd-lenet"} & set(names)


@pytest.fixture(scope="module")
def fours():
    return datasets.load("mnist-5k").one_class(4).X_train[:200].astype(np.float64)


def test_there_is_a_row_for_each_number_of_threads(fours):
    assert QUICK.threads == FULL.threads == FULL.run_threads == (1, 2)
    rows = list(scorer_rows("hbos", fours, torch.from_numpy(fours[:9]).float(), replace(TINY, threads=(1, 2))))
    assert [row["threads"] for row in rows] == [1, 2]


def test_the_population_that_is_scored_is_between_noise_and_an_image(fours):
    rows = half_evolved(fours)
    assert rows.shape == (P, D) and rows.dtype == torch.float32
    assert torch.equal(rows, half_evolved(fours))
    score = make_scorer(detectors.fit("cblof", fours))
    noise = score(torch.rand(P, D, generator=torch.Generator().manual_seed(0))).mean()
    assert 1 < score(rows).mean() < 0.7 * noise


def test_timing_repeats_and_orders_its_quartiles():
    calls = []
    found = timed(lambda: calls.append(None), 0.0)
    assert found.calls == 3 and len(calls) >= 4
    assert found.spread[0] <= found.ms <= found.spread[1]


def test_threads_are_given_back():
    before = torch.get_num_threads()
    with threads(2):
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("arguments", "data"), [(["--json"], "mnist"), (["--json", "--quick"], "mnist-5k")])
def test_the_command_prints_json(result, arguments, data, monkeypatch, capsys):
    monkeypatch.setattr("anogen.bench.benchmark.benchmark", lambda setting, *_: result | {"date": setting.data})
    assert cli.main(["bench", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["date"] == data


def test_without_a_clone_only_numpy_is_compared_and_nothing_is_recorded(result, monkeypatch, capsys):
    monkeypatch.setattr(cli, "book", lambda: None)
    monkeypatch.setattr(
        "anogen.bench.benchmark.benchmark", lambda _setting, _bar, others: result | {"date": str(others)}
    )
    assert cli.main(["bench"]) == 0
    assert "None" in capsys.readouterr().out.splitlines()[0]
    assert cli.main(["bench", "--record"]) == 2
    assert "needs the book" in capsys.readouterr().err


def test_small_data_are_not_recorded(capsys):
    assert cli.main(["bench", "--quick", "--record"]) == 2
    assert "leave it out with --record" in capsys.readouterr().err
