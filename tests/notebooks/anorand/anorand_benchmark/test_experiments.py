"""The benchmark: methods have the same splits, a failure is a result, batched trainings equal single ones."""

import numpy as np
import pytest

from anogen.errors import InputError
from companion import records
from companion.digest import of_arrays
from notebooks.anorand.anorand_benchmark import methods, synthetic
from notebooks.anorand.anorand_benchmark.data import SHIPPED, load_rows, split
from notebooks.anorand.anorand_benchmark.experiments import ALL, Benchmark, Published, WithLabels
from notebooks.anorand.anorand_benchmark.methods import GROUPS, METHODS, SUPERVISED, SUPERVISED_GROUPS, fit, fit_batch
from notebooks.anorand.anorand_benchmark.synthetic import Synthetic

WINE = {"sets": ("wine-cultivars",)}


def test_groups_and_cells():
    ours = [m for name, group in GROUPS.items() if name not in {"quick", "published"} for m in group]
    assert sorted(ours) == sorted(METHODS) and not set(GROUPS) & set(METHODS)
    theirs = [m for name, group in SUPERVISED_GROUPS.items() if name != "quick" for m in group]
    assert sorted(theirs) == sorted(SUPERVISED)
    cells = Benchmark.at(group="noise-labels").cells()
    assert {cell[2] for cell in cells} == {ALL} and len(cells) == 2 * 65
    counts = {name: Benchmark.at(group="knn").count("knn", name) for name in ("cardio", "mammography")}
    assert counts == {"cardio": 5, "mammography": 3}


def test_split():
    x, y = load_rows("breast-cancer")
    part = split(x, y, 3, max_rows=300)
    assert len(part.train) == 210 and len(part.test) == 90
    assert part.train_labels.mean() == pytest.approx(y.mean(), abs=0.01) == part.labels.mean()
    assert np.allclose(part.train.mean(axis=0), 0) and np.allclose(part.train.std(axis=0), 1)
    assert not np.allclose(part.test.mean(axis=0), 0)
    assert not np.array_equal(part.test, split(x, y, 4, max_rows=300).test)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_sets(name):
    x, y = load_rows(name)
    assert len(x) == len(y) and 0 < y.mean() < 0.15 and set(y.tolist()) == {0, 1} and np.isfinite(x).all()


def test_repetitions_are_independent_and_splits_shared():
    few, many = (Benchmark.at("quick", group="hbos", repetitions=n, **WINE).run() for n in (1, 3))
    assert many["roc_auc"].shape == (1, 1, 3) and len(set(many["roc_auc"].ravel())) > 1
    assert few["roc_auc"][0, 0, 0] == many["roc_auc"][0, 0, 0]
    one, other = (Benchmark.at("quick", group=g, **WINE) for g in ("hbos", "medium"))
    assert np.array_equal(one.split(*WINE["sets"], 2).train, other.split(*WINE["sets"], 2).train)


def test_batched_trainings_equal_single_ones():
    part = split(*load_rows("wine-cultivars"), 0)
    both = fit_batch(METHODS["anorand"], [part.train, part.train], [5, 6])
    alone = fit(METHODS["anorand"], part.train, 6)
    assert np.allclose(both[1].decision_function(part.test), alone.decision_function(part.test), atol=1e-4)
    plain = fit(METHODS["mlp"], part.train, 6)
    assert np.allclose(plain.network_[0].shape, alone.network_[0].shape)
    assert np.array_equal(plain.decision_function(part.test), plain.probabilities(part.test)[0])


def test_failure_is_recorded(monkeypatch):
    monkeypatch.setitem(METHODS, "mcd", METHODS["mcd"]._replace(max_features=3))
    result = Benchmark.at("quick", group="mcd", **WINE).run()
    assert np.isnan(result["roc_auc"]).all() and result["failure"][0, 0] == "not tried: 13 features are more than 3"
    few = Benchmark.at("quick", group="anorand", most=28, **WINE).run()
    assert np.isnan(few["average_precision"]).all() and few["failure"][0, 0].startswith("19 rows are too few")


def test_cap(monkeypatch):
    monkeypatch.setitem(METHODS, "knn", METHODS["knn"]._replace(cap=30))
    part = split(*load_rows("wine-cultivars"), 0)
    assert fit(METHODS["knn"], part.train, 1).tree_.data.shape[0] == 30


def test_witness_has_no_times():
    small = {"group": "noise-labels", "train": 200, "test": 200, "runs": 2}
    untimed, timed = (Synthetic.at("quick", **small, timed=t).run() for t in (False, True))
    assert set(timed) - set(untimed) == {"seconds"} == set(Synthetic.timings)
    assert of_arrays({k: timed[k] for k in untimed}) == of_arrays(untimed)
    assert timed["seconds"].shape == (2, 2) and (timed["seconds"] > 0).all()
    assert np.isnan(untimed["copy_roc_auc"][1]).all() and not np.isnan(untimed["copy_roc_auc"][0]).any()


def test_interrupted_benchmark_resumes(monkeypatch, own_cache):
    experiment = Benchmark.at("quick", group="hbos", repetitions=2)
    tried, scores = [], Benchmark.scores

    def killed(self, method, parts, seeds):
        if len(tried) == 3:
            raise KeyboardInterrupt
        tried.append(seeds[0])
        return scores(self, method, parts, seeds)

    monkeypatch.setattr(Benchmark, "scores", killed)
    with pytest.raises(KeyboardInterrupt):
        records.compute(experiment, jobs=1)
    monkeypatch.setattr(
        Benchmark, "scores", lambda self, m, p, seeds: tried.append(seeds[0]) or scores(self, m, p, seeds)
    )
    record = records.compute(experiment, jobs=1)
    assert len(tried) == len(set(tried)) == len(experiment.cells()) == 6
    monkeypatch.setattr(Benchmark, "scores", scores)
    assert of_arrays(record.arrays) == of_arrays(experiment.run())


def test_failure_on_artificial_data(monkeypatch):
    def fails(*_):
        raise ValueError("no valid clusters")

    monkeypatch.setattr(synthetic, "fit", fails)
    result = Synthetic.at("quick", group="hbos", timed=True).run()
    assert all(np.isnan(result[key]).all() for key in ("roc_auc", "average_precision", "seconds"))


def test_supervised_methods():
    result = WithLabels.at("quick", group="anorand-labels", **WINE).run()
    assert result["versions"].tolist()[0].startswith("anogen ") and result["failure"].tolist() == [[""]]
    nb = WithLabels.at("quick", group="nb", **WINE).run()
    assert nb["roc_auc"].min() > 0.9


def test_missing_package_is_recorded(monkeypatch):
    monkeypatch.setattr(methods, "find_spec", lambda _: None)
    for method, words in (("lightgbm", "anogen[supervised]"), ("deepsad", "--no-deps deepod"), ("xgbod", "xgboost")):
        result = WithLabels.at("quick", group=method, **WINE).run()
        assert words in result["failure"][0, 0] and np.isnan(result["average_precision"]).all()


def test_published_protocol():
    part = Published.at("quick").split("wine-cultivars", 0)
    assert len(part.test) == 56 and len(part.train) == 84
    assert Published.at().datasets()[0] == "adbench/letter" and Benchmark.at().datasets() == ("adbench",)
    assert Benchmark.at("quick").datasets() == ()


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        (Benchmark, {"group": "hbso"}, "unknown method 'hbso'"),
        (Benchmark, {"sets": ("cardi",)}, "did you mean 'cardio'"),
        (Benchmark, {"most": 5}, "most = 5"),
        (Benchmark, {"repetitions": -1}, "repetitions = -1"),
        (Published, {"splits": 0}, "splits = 0"),
        (WithLabels, {"group": "knn"}, "unknown method 'knn'"),
        (Synthetic, {"train": 10}, "train = 10"),
        (Synthetic, {"group": "x"}, "unknown method"),
    ],
)
def test_invalid_parameters(kind, given, words):
    with pytest.raises(InputError, match=words):
        kind.at("quick", **given)


@pytest.mark.parametrize(
    ("method", "said"), [("resnet", "anogen[supervised]"), ("repen", "--no-deps deepod"), ("xgbod", "needs xgboost")]
)
def test_missing_package_names_the_installation(method, said, monkeypatch):
    monkeypatch.setattr(methods, "find_spec", lambda name: None)
    with pytest.raises(InputError) as error:
        SUPERVISED[method].load()
    assert said in str(error.value)
