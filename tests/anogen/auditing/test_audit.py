"""The audit finds, by itself, what is wrong with known detectors, and finds nothing wrong with sound ones."""

import copy
import itertools
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from pyod.models.cof import COF
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.gmm import GMM
from pyod.models.hbos import HBOS
from pyod.models.iforest import IForest
from pyod.models.kde import KDE
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from pyod.models.ocsvm import OCSVM
from pyod.models.pca import PCA

import anogen
from anogen import datasets, detectors
from anogen.auditing import FAULTS, FINDINGS, AuditReport, generated
from anogen.auditing.data import AuditData
from anogen.auditing.generated import UnitBoxScorer
from anogen.errors import InputError
from anogen.scorers import make_scorer


@pytest.fixture(scope="module")
def fours():
    return datasets.load("mnist-5k").one_class(4).X_train


@pytest.fixture(scope="module")
def table():
    """Rows whose features go together, on different scales, with no constant one."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((300, 6)) @ rng.standard_normal((6, 6)) * [1, 1, 10, 0.1, 1, 5] + 3


def found(detector, X, **options):
    """The names of what an audit finds."""
    result = anogen.audit(detector, X, **{"max_seconds": np.inf, **options})
    return {name for name, finding in result.findings.items() if finding.found}


def named(function):
    """A fitted detector with a score of its own."""
    return type("Mine", (), {"decision_function": staticmethod(function)})()


# -- what research/detectors.md lists: the upstream bugs ---------------------------------------------------------------


def test_deep_svdd_as_it_was_without_training_is_untrained(fours):
    assert "untrained" in found(detectors.fit("deep-svdd-untrained", fours), fours)


def test_deep_svdd_as_it_is_trained_is_not_untrained(fours):
    assert "untrained" not in found(detectors.fit("deep-svdd", fours, epochs=10), fours)


def test_a_detector_that_ignores_its_training_is_untrained_and_depends_on_its_batch(table):
    assert {"untrained", "batch_dependent"} <= found(COF, table[:130])


@pytest.mark.parametrize("kind", [COPOD, ECOD])
def test_a_detector_that_ranks_rows_among_their_batch_depends_on_it(kind, table, fours):
    assert found(kind, table) == {"batch_dependent", "accepts_nan"}
    assert {"batch_dependent", "prefers_noise"} <= found(kind, fours)  # the black image


@pytest.mark.slow
def test_hbos_does_not_see_the_border(fours):
    assert "blind_to_constant_features" in found(HBOS, fours)


def test_pca_does_not_see_along_the_directions_without_variance(fours):
    result = anogen.audit(PCA, fours)
    assert result.findings["blind_to_constant_features"].found
    assert result.measures["constant_to_varying"] < 0.1


@pytest.mark.slow
def test_dif_scales_by_its_batch(fours):
    from pyod.models.dif import DIF

    assert "batch_dependent" in found(lambda: DIF(n_ensemble=3, random_state=0).fit(fours[:60]), fours[:60])


@pytest.mark.slow
def test_the_vae_draws_when_it_scores(table):
    from pyod.models.vae import VAE

    assert "random" in found(VAE, table[:100])


# -- what is sound -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [KNN, LOF, OCSVM])
def test_sound_detectors_of_images_are_sound(kind, fours):
    assert found(kind, fours) == set()


@pytest.mark.parametrize("kind", [KNN, LOF, OCSVM, KDE, GMM, IForest, PCA])
def test_sound_detectors_of_a_scaled_table_are_sound(kind, table):
    assert found(kind, table / table.std(axis=0)) == set()


def test_detectors_that_see_one_column_or_no_correlation_score_rows_unlike_the_data_as_normal(table):
    wide = table * np.geomspace(1, 100, table.shape[1])
    assert found(HBOS, table) == found(KNN, wide) == {"absurd_optimum"}  # the distance is that of the largest column


def test_a_bandwidth_in_other_units_gives_a_threshold_that_flags_everything(table):
    assert {"fit_scores_differ", "threshold_inconsistent"} <= found(KDE, table)


def test_a_scorer_is_audited_like_its_detector(table):
    detector = KNN().fit(table)
    report, own = anogen.audit(anogen.make_scorer(detector), table), anogen.audit(detector, table)
    assert report.detector["orientation"] == own.detector["orientation"] == "larger scores mean anomaly (PyOD)"
    assert report.arrays["real_scores"] == pytest.approx(own.arrays["real_scores"], abs=1e-6)


def test_a_forest_is_blind_to_constant_pixels_and_scores_empty_regions_low(fours):
    assert found(IForest, fours) == {"blind_to_constant_features", "absurd_optimum"}


def test_distance_to_the_mean_in_deviations_is_no_untrained_detector(table):
    """It learns means and deviations and nothing else: no seed decides its scores."""

    class Deviations:
        def fit(self, X):
            self.mean_, self.std_ = X.mean(axis=0), X.std(axis=0)

        def decision_function(self, X):
            return np.abs((X - self.mean_) / self.std_).sum(axis=1)

    assert found(Deviations, table) == set()


# -- each finding, made to order ---------------------------------------------------------------------------------------


def test_each_fault_is_found(table):
    rng = np.random.default_rng(1)
    centre, far = table.mean(axis=0), lambda x: np.abs(x - 3).sum(axis=1)
    faulty = {
        "constant": lambda x: np.full(len(x), 7.0),
        "random": lambda x: far(x) * (1 + 0.1 * rng.random(len(x))),
        "batch_dependent": lambda x: far(x - x.mean(axis=0)),
        "prefers_noise": lambda x: -np.abs(x - centre).sum(axis=1),
    }
    for fault, function in faulty.items():
        assert fault in found(named(function), table), fault


@pytest.mark.parametrize("kind", [KNN, LOF, GMM, KDE, IForest])
@pytest.mark.parametrize("rows", ["noise", "table"])
def test_a_reversed_detector_is_never_sound(table, kind, rows):
    """Uniform noise cannot be told from uniform data, rows outside of them can."""
    X = table if rows == "table" else np.random.default_rng(0).random((300, 5))
    fitted = kind().fit(X)
    report = anogen.audit(named(lambda x: -fitted.decision_function(x)), X)
    assert "may be reversed" in report.findings["upside_down"].detail and not report.passed
    assert not anogen.audit(fitted, X).findings["upside_down"].found


def test_labels_tell_a_reversed_score_where_noise_does_not(table):
    """A score that is linear in the features is low on one side of the data, whichever way round it is."""
    X = np.concatenate([table, table[:100] + 20])
    y = np.repeat([0, 1], [300, 100])
    up, down = (named(lambda x, sign=sign: sign * x.sum(axis=1)) for sign in (1, -1))
    assert found(up, X, y=y, normal_label=0) == {"misses_outliers", "absurd_optimum"}
    assert "upside_down" in found(down, X, y=y, normal_label=0)


def test_values_that_wrap_around_miss_outliers_although_distant_rows_score_high(table):
    """A forest scores most rows at arbitrary places in the range as anomalies."""
    scaled = table / table.std(axis=0)
    forest = IForest(random_state=0).fit(scaled % 4)
    report = anogen.audit(named(lambda x: forest.decision_function(x % 4)), scaled)
    assert report.measures["far_above_real"] > 0.9 and report.measures["falls_outwards"] > 0.3
    assert "misses_outliers" in report.faults


def test_an_error_of_reconstruction_is_low_far_along_the_kept_directions(table):
    scaled = (table - table.mean(axis=0)) / table.std(axis=0)
    kept = np.linalg.svd(scaled, full_matrices=False)[2][:3]
    residual = named(lambda x: np.linalg.norm(x - x @ kept.T @ kept, axis=1))
    report = anogen.audit(residual, scaled)
    assert report.faults == ["absurd_optimum"] and report.measures["distance_ratio"] > 4


def test_a_small_effect_of_the_order_of_columns_is_found(table):
    class Weighted(KNN):
        def fit(self, X, y=None):
            return super().fit(X * np.linspace(1, 1.5, X.shape[1]))

        def decision_function(self, X):
            return super().decision_function(X * np.linspace(1, 1.5, X.shape[1]))

    assert found(Weighted, table / table.std(axis=0)) == {"feature_order"}


def test_detectors_of_scikit_learn_are_read_the_right_way_round(table):
    from sklearn.ensemble import IsolationForest
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    for detector in (IsolationForest(random_state=0), make_pipeline(StandardScaler(), IsolationForest(random_state=0))):
        report = anogen.audit(detector.fit(table), table)
        assert (
            not report.findings["upside_down"].found
            and report.detector["orientation"] == "larger scores mean normality (scikit-learn)"
        )


def test_a_feature_that_never_changes_and_is_not_looked_at_is_found(table):
    X = np.column_stack([table, np.full(len(table), 5.0)])
    apart = {"absurd_optimum"}  # features that go together are scored one by one
    assert found(named(lambda x: np.abs(x[:, :-1] - 3).sum(axis=1)), X) == {"blind_to_constant_features"} | apart
    assert found(named(lambda x: np.abs(x[:, :-1] - 3).sum(axis=1) + 9 * np.abs(x[:, -1] - 5)), X) == apart


def test_a_fit_that_does_nothing_is_untrained(table):
    class Idle:
        def fit(self, X):
            return self

        def decision_function(self, X):
            return np.abs(X - 3).sum(axis=1)

    assert "untrained" in found(Idle, table)


def test_a_row_that_is_refused_alone_depends_on_its_batch(table):
    def score(x):
        if len(x) < 2:
            raise IndexError("one row")
        return np.abs(x - 3).sum(axis=1)

    assert "batch_dependent" in found(named(score), table)


# -- what it promises --------------------------------------------------------------------------------------------------


def test_nothing_that_was_given_is_altered_or_fitted_again(table):
    class Fitted(KNN):
        fits = 0

        def fit(self, X, y=None):
            self.fits += 1
            return super().fit(X, y)

        def decision_function(self, X):
            scores = super().decision_function(X)
            X[:] = np.nan  # what is done to the rows must not matter
            self.seen_ = len(X)
            return scores

    detector, rows = Fitted().fit(table), table.copy()
    before, state = copy.deepcopy(vars(detector)), np.random.get_state()[1].copy()  # noqa: NPY002  the generator that libraries draw from
    assert anogen.audit(detector, rows).faults == ["modifies_input"]
    assert detector.fits == 1 and vars(detector).keys() == before.keys() and not hasattr(detector, "seen_")
    np.testing.assert_array_equal(rows, table)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("failure", ["raises", "returns itself"])
def test_an_object_that_cannot_be_copied_is_not_touched_unless_told(table, failure):
    class Handle:
        calls = 0

        def __deepcopy__(self, memo):
            if failure == "raises":
                raise TypeError("a handle")
            return self

        def decision_function(self, X):
            self.calls += 1
            return np.abs(X - 3).sum(axis=1)

    detector = Handle()
    with pytest.raises(InputError, match=r"cannot be copied.*copy=False"):
        anogen.audit(detector, table)
    assert vars(detector) == {}
    result = anogen.audit(detector, table, copy=False)
    assert result.faults == ["absurd_optimum"]  # features that go together are scored one by one
    assert "not checked" in result.findings["untrained"].detail
    assert detector.calls == result.calls


def test_at_most_50_calls_are_made_and_progress_is_told(fours):
    told, calls = [], []
    inner = KNN().fit(fours)

    def score(x):
        calls.append(len(x))
        return inner.decision_function(x)

    result = anogen.audit(named(score), fours, progress=told.append)
    assert result.calls == len(calls) <= 50
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert told[-1].done == told[-1].cells


def test_the_same_seed_gives_the_same_audit(table):
    one, two = (anogen.audit(IForest, table, max_seconds=np.inf, n_generations=30).to_dict() for _ in range(2))
    assert {**one, "seconds": 0, "created": ""} == {**two, "seconds": 0, "created": ""}


def test_a_factory_is_called_and_a_class_is_fitted_to_the_normal_rows(table):
    y = np.where(np.arange(len(table)) < 200, "good", "bad")
    X = np.where(y[:, None] == "good", table, table + 50)
    result = anogen.audit(KNN, X, y, normal_label="good")
    assert result.detector["kind"] == "class" and result.data["rows"] == 200
    assert result.measures["roc_auc"] == 1.0
    assert anogen.audit(lambda: KNN().fit(table), table).detector["kind"] == "factory"


def test_the_result_is_json_and_can_be_kept(table, tmp_path):
    result = anogen.audit(GMM, table, n_generations=5)
    told = json.loads(result.to_json())
    assert not any(finding["found"] for finding in told["findings"].values())
    assert all(finding["advice"] for finding in told["findings"].values())
    assert told["passed"] is True and all(finding["detail"] for finding in told["findings"].values())
    assert told["findings"].keys() <= FAULTS.keys() == set(FINDINGS)
    result.save(tmp_path / "audit.npz")
    kept = AuditReport.load(tmp_path / "audit.npz")
    assert kept.to_json() == result.to_json()
    np.testing.assert_array_equal(kept.arrays["generated"], result.arrays["generated"])
    (tmp_path / "other.npz").write_bytes(b"no")
    with pytest.raises(InputError, match="holds no audit"):
        AuditReport.load(tmp_path / "other.npz")


# -- drawing -----------------------------------------------------------------------------------------------------------


def test_what_is_drawn_comes_to_the_most_normal_row_that_is_known(table):
    drawn = anogen.audit(GMM, table, n_generations=1500).generated
    assert max(drawn["gap"]) < 0.02 and drawn["optimum_status"] == "proved"
    np.testing.assert_allclose(drawn["scores"], drawn["optimum_score"], atol=1e-3)
    assert drawn["score_rank"] == [0.0] * 4 and drawn["morans_i"] is None


def test_drawing_stays_in_the_range_of_the_data_and_leaves_constants_alone(table):
    X = np.column_stack([table, np.full(len(table), 5.0)])
    drawn = anogen.audit(IForest, X, n_generations=20).arrays["generated"]
    assert (drawn >= X.min(axis=0) - 1e-9).all() and (drawn <= X.max(axis=0) + 1e-9).all()
    assert (drawn[:, -1] == 5).all()


@pytest.mark.parametrize(
    ("scoring", "generation", "n_generations"),
    [(0.25, 0.25, 29), (0.25, 2.0, 16), (0.0, 0.0, 40), (1e9, 0.25, generated.MIN_GENERATIONS)],
)
def test_the_search_takes_the_time_it_is_given(table, monkeypatch, scoring, generation, n_generations):
    """By a clock on which a batch takes `scoring` seconds beforehand, and then each of the generations `generation`."""
    times = itertools.chain([0.0, scoring], itertools.count(100.0, generation))
    monkeypatch.setattr(generated, "MAX_GENERATIONS", 40)
    monkeypatch.setattr(generated, "time", SimpleNamespace(perf_counter=lambda: next(times)))
    drawn = anogen.audit(KNN, table, search_seconds=30).generated
    assert drawn["generations"] == n_generations


def test_a_step_is_as_long_as_the_data_are_wide_there(table):
    """Of a table 0 to 1 is the rank, so an outlier does not stretch a feature; of an image it is the common range."""
    X = table.copy()
    X[0, 0] = 1e6
    taken = AuditData.from_arrays(X)
    boxed = UnitBoxScorer(make_scorer(KNN().fit(taken.train)), taken)
    middle, ends = boxed.to_data(torch.full((1, 6), 0.5)), boxed.to_data(torch.tensor([[0.0] * 6, [1.0] * 6]))
    np.testing.assert_allclose(middle[0].numpy(), np.median(taken.train, axis=0), rtol=0.05, atol=0.05)
    np.testing.assert_allclose(ends.numpy(), np.stack([taken.low, taken.high]))
    pixels = AuditData.from_arrays(np.random.default_rng(0).random((60, 64)) ** 4)
    half = UnitBoxScorer(make_scorer(KNN().fit(pixels.train)), pixels).to_data(torch.full((1, 64), 0.5))
    np.testing.assert_allclose(half.numpy(), (pixels.low.min() + pixels.high.max()) / 2, rtol=1e-6)


def test_the_report_says_which_shape_was_assumed_and_names_columns():
    rows = np.random.default_rng(0).random((60, 64))
    score = named(lambda x: np.abs(x - 0.5).sum(axis=1))
    assert (
        "(8 x 8 image, a guess: for a table state image_shape=None or --shape none)" in anogen.audit(score, rows).text()
    )
    assert "(8 x 8 image)" in anogen.audit(score, rows, image_shape=(8, 8)).text()
    assert "64 columns (table)" in anogen.audit(score, rows, image_shape=None).text()
    report = anogen.audit(score, pd.DataFrame(rows[:, :2], columns=["height", "width"]))
    assert "2 columns (height, width)" in report.text() and report.data["column_names"] == ["height", "width"]
    assert "height, width" in report.html()


def test_images_are_measured_as_images(fours):
    result = anogen.audit(HBOS, fours.reshape(-1, 28, 28)[:100], n_generations=20)
    assert result.data["image_shape"] == [28, 28] and len(result.generated["morans_i"]) == 4
    assert anogen.audit(KNN, fours[:60], image_shape=None).data["image_shape"] is None
