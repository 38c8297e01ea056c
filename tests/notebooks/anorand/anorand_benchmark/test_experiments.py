"""The benchmark: all methods have the same splits, a failure is a result, what is stacked is as if it were alone."""

from types import SimpleNamespace

import numpy as np
import pytest
from pyod.models.sod import SOD as PyodSOD

from anogen.errors import InputError
from companion import records
from companion.records.digest import of_arrays
from notebooks.anorand.anorand_benchmark import methods as ad_methods
from notebooks.anorand.anorand_benchmark import sod as shared_neighbours
from notebooks.anorand.anorand_benchmark import supervised as ad_supervised
from notebooks.anorand.anorand_benchmark import synthetic as ad_synthetic
from notebooks.anorand.anorand_benchmark.data import SHIPPED, rows, split
from notebooks.anorand.anorand_benchmark.methods import GROUPS, METHODS
from notebooks.anorand.anorand_benchmark.repen import triplets
from notebooks.anorand.anorand_benchmark.supervised import SUPERVISED, SUPERVISED_GROUPS, WithLabels
from notebooks.anorand.anorand_benchmark.synthetic import Synthetic
from notebooks.anorand.anorand_benchmark.unsupervised import TOGETHER, Benchmark, Published

WINE = {"sets": ("wine-cultivars",)}


def test_every_method_belongs_to_one_group_and_every_repetition_to_a_cell():
    ours = [m for name, group in GROUPS.items() if name not in {"quick", "published"} for m in group]
    assert sorted(ours) == sorted(METHODS) and not set(GROUPS) & set(METHODS)
    theirs = [m for name, group in SUPERVISED_GROUPS.items() if name != "quick" for m in group]
    assert sorted(theirs) == sorted(SUPERVISED)
    cells = Benchmark.at(group="noise-labels").cells()
    assert {cell[2] for cell in cells} == {TOGETHER} and len(cells) == 2 * 65
    counts = {name: Benchmark.at(group="knn").count("knn", name) for name in ("cardio", "mammography")}
    assert counts == {"cardio": 5, "mammography": 3}


def test_a_split_keeps_the_shares_and_is_standardised_by_what_is_trained_on():
    x, y = rows("breast-cancer")
    part = split(x, y, 3, most=300)
    assert len(part.train) == 210 and len(part.test) == 90
    assert part.train_labels.mean() == pytest.approx(y.mean(), abs=0.01) == part.test_labels.mean()
    assert np.allclose(part.train.mean(axis=0), 0) and np.allclose(part.train.std(axis=0), 1)
    assert not np.allclose(part.test.mean(axis=0), 0)
    assert not np.array_equal(part.test, split(x, y, 4, most=300).test)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_packages_ship_has_few_anomalies(name):
    x, y = rows(name)
    assert len(x) == len(y) and 0 < y.mean() < 0.15 and set(y.tolist()) == {0, 1} and np.isfinite(x).all()


def test_all_methods_have_the_same_rows_and_a_repetition_does_not_depend_on_the_others():
    few, many = (Benchmark.at("quick", group="hbos", repetitions=n, **WINE).run() for n in (1, 3))
    assert many["roc_auc"].shape == (1, 1, 3) and len(set(many["roc_auc"].ravel())) > 1
    assert few["roc_auc"][0, 0, 0] == many["roc_auc"][0, 0, 0]
    one, other = (Benchmark.at("quick", group=g, **WINE) for g in ("hbos", "medium"))
    assert np.array_equal(one.parted(*WINE["sets"], 2).train, other.parted(*WINE["sets"], 2).train)


def test_what_is_stacked_is_as_if_it_were_alone():
    part = split(*rows("wine-cultivars"), 0)
    both = ad_methods.fitted_together("anorand", [part.train, part.train], [5, 6])
    alone = ad_methods.fitted("anorand", part.train, 6)
    assert np.allclose(both[1].decision_function(part.test), alone.decision_function(part.test), atol=1e-4)
    plain = ad_methods.fitted("mlp", part.train, 6)
    assert np.allclose(plain.network_[0].shape, alone.network_[0].shape)
    assert np.array_equal(plain.decision_function(part.test), plain.probabilities(part.test)[0])


def test_a_method_that_fails_is_a_cell_that_says_so(monkeypatch):
    monkeypatch.setitem(METHODS, "mcd", METHODS["mcd"]._replace(widest=3))
    result = Benchmark.at("quick", group="mcd", **WINE).run()
    assert np.isnan(result["roc_auc"]).all() and result["failure"][0, 0] == "not tried: 13 features are more than 3"
    few = Benchmark.at("quick", group="anorand", most=28, **WINE).run()
    assert np.isnan(few["average_precision"]).all() and few["failure"][0, 0].startswith("19 rows are too few")


def test_a_cap_leaves_fewer_rows_to_train_on(monkeypatch):
    monkeypatch.setitem(METHODS, "knn", METHODS["knn"]._replace(cap=30))
    part = split(*rows("wine-cultivars"), 0)
    assert ad_methods.fitted("knn", part.train, 1).tree_.data.shape[0] == 30


def test_feature_bagging_sees_half_of_the_features_at_least_and_repeats_itself():
    part = split(*rows("wine-cultivars"), 0)
    first, again, other = (ad_methods.fitted("feature-bagging", part.train, s) for s in (1, 1, 2))
    assert all(6 <= len(f) == len(set(f.tolist())) <= 13 for f in first.features_)
    assert np.array_equal(first.decision_function(part.test), again.decision_function(part.test))
    assert not np.array_equal(first.decision_function(part.test), other.decision_function(part.test))
    assert np.allclose(first.decision_scores_, np.mean([e.decision_scores_ for e in first.estimators_], axis=0))


def test_times_are_kept_out_of_what_a_witness_compares():
    small = {"group": "noise-labels", "train": 200, "test": 200, "runs": 2}
    untimed, timed = (Synthetic.at("quick", **small, timed=t).run() for t in (False, True))
    assert set(timed) - set(untimed) == {"seconds"} == set(Synthetic.timings)
    assert of_arrays({k: timed[k] for k in untimed}) == of_arrays(untimed)
    assert timed["seconds"].shape == (2, 2) and (timed["seconds"] > 0).all()
    assert np.isnan(untimed["copy_roc_auc"][1]).all() and not np.isnan(untimed["copy_roc_auc"][0]).any()


def test_sod_is_pyod_s_to_the_last_bit():
    x = np.random.default_rng(0).normal(size=(130, 4)).round(1)  # so coarse that many distances are equal
    ours, theirs = shared_neighbours.SOD().fit(x), PyodSOD().fit(x)
    assert np.array_equal(ours.decision_scores_, theirs.decision_scores_)
    assert np.array_equal(ours.decision_function(x[:40]), theirs.decision_function(x[:40]))


def test_neighbours_are_counted_in_parts(monkeypatch):
    x = np.random.default_rng(1).normal(size=(70, 3))
    whole = shared_neighbours.SOD().fit(x).decision_scores_
    monkeypatch.setattr(shared_neighbours, "ROWS", 30)
    assert np.array_equal(shared_neighbours.SOD().fit(x).decision_scores_, whole)


def test_triplets_are_two_likely_inliers_and_a_likely_outlier():
    x, scores = np.arange(20.0)[:, None], np.ones((20, 1))
    scores[14] = 100  # of all likely inliers the least likely
    loader = SimpleNamespace(
        X=x, init_scores=scores, batch_size=500, inlier_ids=np.arange(15), outlier_ids=np.arange(15, 20)
    )
    example, positive, negative = triplets(loader, np.random.default_rng(0))
    assert example.shape == positive.shape == negative.shape == (500, 1)
    assert example.max() < 15 and positive.max() < 15 and negative.min() >= 15
    assert (example != positive).all()
    assert (example == 14).mean() < 0.02 < (positive == 14).mean()


def test_repen_works_where_deepod_is_installed():
    pytest.importorskip("deepod")
    part = split(*rows("wine-cultivars"), 0)
    found = ad_supervised.scores("repen", part, 1)
    assert found.shape == part.test_labels.shape and np.isfinite(found).all()
    assert np.array_equal(found, ad_supervised.scores("repen", part, 1))


def test_a_killed_benchmark_goes_on_after_the_last_finished_cell(monkeypatch, own_cache):
    experiment = Benchmark.at("quick", group="hbos", repetitions=2)
    tried, measured = [], Benchmark.measured

    def killed(self, method, parts, seeds):
        if len(tried) == 3:
            raise KeyboardInterrupt
        tried.append(seeds[0])
        return measured(self, method, parts, seeds)

    monkeypatch.setattr(Benchmark, "measured", killed)
    with pytest.raises(KeyboardInterrupt):
        records.compute(experiment, jobs=1)
    monkeypatch.setattr(
        Benchmark, "measured", lambda self, m, p, seeds: tried.append(seeds[0]) or measured(self, m, p, seeds)
    )
    record = records.compute(experiment, jobs=1)
    assert len(tried) == len(set(tried)) == len(experiment.cells()) == 6
    monkeypatch.setattr(Benchmark, "measured", measured)
    assert of_arrays(record.arrays) == of_arrays(experiment.run())


def test_a_method_that_fails_on_artificial_data_has_no_value(monkeypatch):
    def fails(*_):
        raise ValueError("no valid clusters")

    monkeypatch.setattr(ad_synthetic, "fitted", fails)
    result = ad_synthetic.Synthetic.at("quick", group="hbos", timed=True).run()
    assert all(np.isnan(result[key]).all() for key in ("roc_auc", "average_precision", "seconds"))


def test_labels_are_given_to_those_that_want_them():
    result = WithLabels.at("quick", group="anorand-labels", **WINE).run()
    assert result["versions"].tolist()[0].startswith("anogen ") and result["failure"].tolist() == [[""]]
    nb = WithLabels.at("quick", group="nb", **WINE).run()
    assert nb["roc_auc"].min() > 0.9


def test_a_package_that_is_not_installed_is_a_cell_that_says_what_to_do(monkeypatch):
    monkeypatch.setattr(ad_supervised, "find_spec", lambda _: None)
    for method, words in (("lightgbm", "anogen[supervised]"), ("deepsad", "--no-deps deepod"), ("xgbod", "xgboost")):
        result = WithLabels.at("quick", group=method, **WINE).run()
        assert words in result["failure"][0, 0] and np.isnan(result["average_precision"]).all()


def test_the_published_protocol_tests_forty_percent():
    part = Published.at("quick").parted("wine-cultivars", 0)
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
def test_what_makes_no_sense_is_refused(kind, given, words):
    with pytest.raises(InputError, match=words):
        kind.at("quick", **given)
