"""AnoRand trains the longest only if no detector takes longer on the same rows, and all were compared."""

import numpy as np
import pytest

from companion.claims.decision import decide
from notebooks.anorand.anorand_benchmark import claims_times, tables
from notebooks.anorand.anorand_benchmark.methods import METHODS
from notebooks.anorand.anorand_benchmark.times import TrainingTimes

NAMES = list(METHODS)


def on_few(**own):
    """Seconds on the same rows, ten runs: AnoRand 5, others 1."""
    seconds = np.tile([own.get(name.replace("-", "_"), 5.0 if name == "anorand" else 1.0) for name in NAMES], (10, 1))
    return {"methods": np.array(NAMES), "equal_seconds": seconds}


def on_many(runs=3, **own):
    """Seconds of the benchmark: AnoRand 50, others 1."""
    seconds = np.full((len(NAMES), 10), np.nan)
    seconds[:, :runs] = 1.0
    seconds[NAMES.index("anorand"), :3] = 50.0
    for name, value in own.items():
        seconds[NAMES.index(name.replace("_", "-")), :runs] = value
    return {"methods": np.array(NAMES), "seconds": seconds}


def test_a_cap_leaves_the_claim_inconclusive():
    finding = claims_times.slowest_to_train(on_few(), on_many())
    assert decide(finding) == "inconclusive"
    assert finding.measured["not compared on 20,000 rows"] == "COF, SOD, Deep SVDD, VAE"


def test_without_the_times_of_equal_rows_a_cap_decides_nothing():
    finding = claims_times.slowest_to_train(on_many(vae=60.0))
    assert decide(finding) == "inconclusive"


def test_without_caps_the_slowest_is_the_slowest(monkeypatch):
    for name, method in METHODS.items():
        monkeypatch.setitem(METHODS, name, method._replace(cap=0))
    assert decide(claims_times.slowest_to_train(on_few(), on_many())) == "reproduced"
    # a detector with a single run is not compared
    once = on_many()
    once["seconds"][NAMES.index("feature-bagging"), 1:] = np.nan
    finding = claims_times.slowest_to_train(on_few(), once)
    assert decide(finding) == "inconclusive" and finding.measured["not compared on 20,000 rows"] == "Feature bagging"


@pytest.mark.parametrize(
    ("few", "many", "slower"),
    [
        (on_few(vae=6.0), on_many(), "VAE"),  # a network with a cap
        (on_few(), on_many(feature_bagging=60.0), "Feature bagging"),  # not in the source's list, but a detector
        (on_few(), on_many(vae=60.0), "none"),  # trained on fewer rows there
        (on_few(cblof=6.0), on_many(), "none"),  # its time need not rise with the rows
        (on_few(), on_many(runs=2, ocsvm=60.0), "none"),  # too few runs
    ],
)
def test_a_slower_detector_decides_if_it_has_the_same_rows(few, many, slower):
    finding = claims_times.slowest_to_train(few, many)
    assert finding.measured["take longer than AnoRand"] == slower
    assert decide(finding) == ("inconclusive" if slower == "none" else "not reproduced")


@pytest.mark.parametrize(("longer", "expected"), [(10, True), (9, True), (8, None), (2, None), (1, False), (0, False)])
def test_nine_of_ten_runs_decide(longer, expected):
    other = np.where(np.arange(10) < longer, 6.0, 4.0)
    assert claims_times.takes_longer({"anorand": np.full(10, 5.0), "vae": other}, "vae") is expected


def test_all_methods_are_timed_on_the_same_rows(monkeypatch):
    rows = []
    monkeypatch.setattr(
        "notebooks.anorand.anorand_benchmark.times.fit",
        lambda method, train, _seed: rows.append((method.cap, train.shape, float(train.sum()))),
    )
    record = TrainingTimes(train=2_500, runs=2).run()
    assert record["equal_seconds"].shape == (2, len(METHODS)) and record["methods"].tolist() == NAMES
    assert {(cap, shape) for cap, shape, _ in rows} == {(0, (2_500, 20))}
    assert len({total for _, _, total in rows}) == 2  # one set of rows a run
    assert TrainingTimes.at("quick").run().keys() == {"methods"}


def test_table_of_times():
    head, rows = tables.training_times(on_few(vae=6.0, cblof=np.nan))
    assert rows[:2] == [["VAE", "6", "10"], ["AnoRand", "5", "0"]]
    assert len(rows) == len(METHODS) - 1 and {len(row) for row in rows} == {len(head)}
