"""The benchmark's output is well-formed and describes the work that it times. No test checks a duration."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from anogen import datasets, detectors, paths
from anogen.bench import alternatives, report
from anogen.bench.benchmark import (
    FULL,
    QUICK,
    benchmark,
    half_evolved,
    max_relative_difference,
    pyod_detectors,
    scorer_rows,
    search_rows,
    timed,
)
from anogen.generators import EvolutionConfig
from anogen.machine import threads
from anogen.scorers import make_scorer

FEW = ("hbos", "gmm")
TINY = replace(QUICK, seconds=0.0, generations=3, threads=(1,), run_threads=(1,), detectors=FEW)
OTHERS = {"evotorch": alternatives.in_evotorch, "pymoo": alternatives.in_pymoo, "deap": alternatives.in_deap}
P, D = 150, 784


@pytest.fixture(scope="module")
def result():
    """A benchmark with nothing of the extra installed, as in an environment that `make` makes."""
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        for module in OTHERS:
            patch.setitem(__import__("sys").modules, module, None)
        found = benchmark(TINY, seen.append)
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
    assert [row["detector"] for row in read["end_to_end"]] == ["cblof"] * 6 + ["hbos"] * 6


def test_what_is_not_installed_is_null_with_the_remedy(result):
    for row in result["end_to_end"]:
        missing = row["alternative"] not in {"anogen", "numpy"}
        assert (row["ratio"] is None) == missing
        assert (row.get("remedy") == 'pip install "anogen[bench]"') == missing
    assert {row["ratio"] for row in result["end_to_end"] if row["alternative"] == "anogen"} == {1.0}
    text = report.tables(result)
    assert text.count("anogen[bench]") == 1 and text.count("evotorch with our scorer") == 2


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


class Counted:
    """Scores images by their distance from grey, and counts."""

    def __init__(self):
        self.batches = []

    def __call__(self, rows):
        self.batches.append(np.array(rows, dtype=np.float64))
        return np.linalg.norm(self.batches[-1] - 0.5, axis=1)


def run_of(name, score, generations):
    if name == "numpy":
        return alternatives.in_numpy(score, D, generations, 0)
    pytest.importorskip(name)
    if name == "evotorch":
        score = alternatives.tensors(score)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # others' warnings of each other's changes
        return OTHERS[name](score, D, generations, 0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["numpy", *OTHERS])
def test_every_alternative_is_the_same_algorithm(name):
    score = Counted()
    image = run_of(name, score, 5)
    assert [batch.shape for batch in score.batches] == [(P, D)] * 6  # each generation once, the parents never again
    first, second, last = score.batches[0], score.batches[1], score.batches[-1]
    assert first.min() >= 0 and last.min() >= 0 and last.max() <= 1
    assert first.std() == pytest.approx(12**-0.5, rel=0.01)
    # A child is the mean of two of 150: variance halves, also where a mutation of 0.01 is added.
    assert second.std() == pytest.approx(24**-0.5, rel=0.05)
    # Half of the children have a change that no mean of float32 or float64 parents has.
    pairs = (first[:, None, :12] + first[None, :, :12]).reshape(-1, 12) / 2
    apart = np.array([np.abs(pairs - child[:12]).max(axis=1).min() for child in second])
    assert 0.35 * P < (apart > 1e-6).sum() < 0.65 * P
    spread = np.abs(pairs - second[apart.argmax(), :12]).max(axis=1).min()
    assert spread < 0.06
    assert image.shape == (D,)
    assert np.linalg.norm(image - 0.5) == pytest.approx(np.linalg.norm(last - 0.5, axis=1).min(), rel=1e-5)


def test_parents_are_drawn_as_ours_are():
    law = EvolutionConfig().selection_cdf().numpy()
    assert np.cumsum(alternatives.SELECTION) == pytest.approx(law)


@pytest.mark.filterwarnings("ignore")
def test_evotorch_with_our_scorer_reaches_what_it_reaches_with_pyods(fours):
    pytest.importorskip("evotorch")
    rows = list(search_rows("cblof", fours, TINY))
    by = {row["alternative"]: row for row in rows}
    assert by["evotorch"]["score"] == pytest.approx(by["evotorch with our scorer"]["score"], rel=1e-5)
    assert all(row["seconds_for_30000"] == pytest.approx(30 * row["ms_per_generation"]) for row in rows)


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


def test_a_kept_benchmark_is_found_again(result, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "require_checkout", lambda: tmp_path)
    (tmp_path / "book").mkdir()
    assert report.newest() is None
    path = report.write(result)
    assert path.parent == tmp_path / "book" / "benchmarks"
    report.write(result | {"machine": "Old one, 1 core", "date": "2001-01-01"})
    assert report.newest() == (path, json.loads(json.dumps(result)))
    assert report.slug("AMD EPYC, 2 cores, Linux x86_64") == "amd-epyc-2-cores-linux-x86-64"


def test_the_command_answers_in_json_or_tables(result, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "benchmark", lambda setting, _report: result | {"date": setting.data})
    said = {"as_json": True, "quick": False, "keep": False, "report": print}
    assert json.loads(report.answer(**said))["date"] == FULL.data == "mnist"
    monkeypatch.setattr(report, "require_checkout", lambda: tmp_path)
    (tmp_path / "book").mkdir()
    assert "mnist-5k" in report.answer(**said | {"as_json": False, "quick": True})
    assert report.answer(**said | {"as_json": False, "keep": True}).endswith(".json")
    assert len(list((tmp_path / "book" / "benchmarks").iterdir())) == 1


def test_without_a_clone_nothing_is_measured_for_the_page(monkeypatch):
    monkeypatch.setattr(paths, "checkout", lambda: None)
    monkeypatch.setattr(report, "benchmark", lambda *_: pytest.fail("measured"))
    with pytest.raises(ValueError, match="needs the book"):
        report.answer(as_json=False, quick=False, keep=True, report=print)


def test_small_data_are_not_kept():
    with pytest.raises(ValueError, match="leave it out with --record"):
        report.answer(as_json=False, quick=True, keep=True, report=print)
