"""Detectors of other libraries: read the right way round, and fitted and scored as their library does it.

river, aeon, onnxruntime and DeepOD are those of the dependency group `audit-libraries`, which CI installs in an
environment of its own.
"""

import inspect
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import OutlierMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import IsolationForest
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity, LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import all_estimators

import anogen
from anogen.auditing import adapters
from anogen.auditing.data import AuditData, windows
from anogen.errors import InputError

OPTIONS = {"fit_copies": False}
OUTLIER_DETECTORS = [kind for _, kind in all_estimators() if issubclass(kind, OutlierMixin)]
DENSITIES = (GaussianMixture(2, random_state=0), KernelDensity())


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    return rng.standard_normal((400, 5)) @ rng.standard_normal((5, 5)) + 2


@pytest.fixture(scope="module")
def sine():
    """Windows of a noisy sine."""
    rng = np.random.default_rng(0)
    return (np.sin(np.arange(4800) / 5) + 0.1 * rng.standard_normal(4800)).reshape(-1, 40)


def library(name):
    """Import a library of the group, whose own warnings are not ours."""
    with warnings.catch_warnings(action="ignore"):
        return pytest.importorskip(name)


def is_read_right(report):
    """Whether outliers and noise score above real rows."""
    wrong = {"upside_down", "misses_outliers", "prefers_noise", "constant"} & set(report.faults)
    assert not wrong, report.text()
    return report.measures["far_above_real"] > 0.9


# -- scikit-learn ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OUTLIER_DETECTORS, ids=lambda kind: kind.__name__)
def test_outlier_detectors_of_scikit_learn_are_read_the_right_way_round(kind, table):
    accepted = inspect.signature(kind).parameters
    fixed = {name: value for name, value in {"novelty": True, "random_state": 0}.items() if name in accepted}
    detector = make_pipeline(StandardScaler(), kind(**fixed))
    report = anogen.audit(detector.fit(table), table, **OPTIONS)
    assert report.detector["orientation"] == "larger scores mean normality (scikit-learn)"
    if kind.__name__ != "SGDOneClassSVM":  # its linear score is low on one side
        assert is_read_right(report) and is_read_right(anogen.audit(kind, table, **OPTIONS))


@pytest.mark.parametrize("density", DENSITIES, ids=lambda kind: type(kind).__name__)
def test_densities_and_searches_are_read_the_right_way_round(density, table):
    searched = GridSearchCV(density, {}, cv=2).fit(table)
    for detector in (density.fit(table), searched, type(density)):
        report = anogen.audit(detector, table, **OPTIONS)
        assert "mean normality (scikit-learn)" in report.detector["orientation"] and is_read_right(report)


def test_a_pipeline_on_a_table_with_text_is_given_tables_and_draws_valid_categories():
    rng = np.random.default_rng(0)
    names = ["age <b>", "job", "member"]
    columns = [rng.integers(18, 90, 200), rng.choice(["nurse", 'quote"s', "<script>"], 200), rng.random(200) < 0.4]
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)))
    encoder = make_column_transformer((OneHotEncoder(), ["job", "member"]), (StandardScaler(), ["age <b>"]))
    detector = make_pipeline(encoder, IsolationForest(n_estimators=20, random_state=0)).fit(frame)
    report = anogen.audit(detector, frame, n_generations=3, **OPTIONS)
    drawn = report.arrays["generated"]
    assert set(drawn[:, 1]) <= {0, 1, 2} and set(drawn[:, 2]) <= {0, 1}
    assert report.data["levels"]["1"] == ["<script>", "nurse", 'quote"s'] and "mean normality" in report.text()
    page = report.html()
    assert "<script" not in page and "age &lt;b&gt;" in page and "image" not in report.columns
    assert report.findings["prefers_noise"].passed is not None


def test_a_sound_pipeline_has_no_finding_on_a_table_with_texts():
    """Texts cannot be moved, scaled or exchanged with numbers, and one of them never changes."""
    rng = np.random.default_rng(0)
    numbers = pd.DataFrame(rng.multivariate_normal([50, 3000], [[90, 2500], [2500, 1e5]], 400), columns=["age", "pay"])
    texts = {name: rng.choice(list(letters), 400) for name, letters in (("job", "abcdef"), ("town", "xyz"))}
    frame = numbers.assign(**texts, country="here")
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["job", "town", "country"]), remainder=StandardScaler()
    )
    detector = make_pipeline(encoder, LocalOutlierFactor(novelty=True)).fit(frame)
    report = anogen.audit(detector, frame, n_generations=2)
    assert report.verdict == "sound"
    assert report.findings["feature_order"].detail.startswith("does not apply")
    near, distance = report.arrays["nearest"], np.array(report.generated["nn_ratio"])
    rows = AuditData.from_arrays(frame)
    scaled = rows.scaled(np.concatenate([near, report.arrays["generated"]]))
    assert near.shape == (4, 5) and (near[:, None] == rows.train).all(axis=2).any(axis=1).all() and (distance > 0).all()
    assert scaled.shape == (8, 2 + 6 + 3 + 1)
    a, b = (np.where([False, False, True, False, False], job, rows.real[:1]) for job in (0.0, 5.0))
    assert np.linalg.norm(rows.scaled(a) - rows.scaled(b)) == pytest.approx(1)


def test_a_table_of_numbers_is_passed_as_a_table_where_the_detector_was_fitted_to_one(table):
    frame = pd.DataFrame(table, columns=list("abcde"))
    by_name = make_pipeline(
        make_column_transformer((StandardScaler(), ["b", "d"])), IsolationForest(n_estimators=20)
    ).fit(frame)
    assert anogen.audit(by_name, frame, **OPTIONS).findings["constant"].passed


def test_text_is_decoded_to_what_it_was_and_identifiers_are_refused():
    frame = pd.DataFrame({"n": np.arange(30.0), "t": ["a", "b", "c"] * 10})
    rows = AuditData.from_arrays(frame)
    encoded = rows.frame.encode(frame)
    pd.testing.assert_frame_equal(rows.frame.decode(encoded), frame)
    assert rows.frame.decode(encoded + 7)["t"].unique().tolist() == ["c"]
    with pytest.raises(InputError, match="'t' of X is missing"):
        AuditData.from_arrays(frame.assign(t=[None, "b"] * 15))
    with pytest.raises(InputError, match="'t' has 1,001 different values"):
        AuditData.from_arrays(pd.DataFrame({"n": np.arange(1001.0), "t": [f"id{i}" for i in range(1001)]}))


# -- PyTorch -----------------------------------------------------------------------------------------------------------


class Reconstruction(torch.nn.Module):
    """Squared distance to the mean, with dropout that is off in evaluation mode."""

    def __init__(self, mean):
        super().__init__()
        self.mean = torch.nn.Parameter(torch.as_tensor(mean, dtype=torch.float32))
        self.dropout = torch.nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout((x - self.mean) ** 2).sum(dim=1)


def test_networks_are_audited_as_they_are(table):
    network = Reconstruction(table.mean(axis=0))
    report = anogen.audit(network.eval(), table, orientation="anomaly", **OPTIONS)
    assert is_read_right(report) and report.verdict == "insufficient"  # nothing is known about its training
    assert anogen.audit(network.train(), table, orientation="anomaly", **OPTIONS).findings["random"].found
    reversed_ = anogen.audit(network.eval(), table, orientation="normality", **OPTIONS)
    assert reversed_.findings["upside_down"].found


# -- river -------------------------------------------------------------------------------------------------------------


def test_river_learns_and_scores_one_row_at_a_time(table):
    library("river")
    from river import anomaly, preprocessing

    unit = (table - table.min(axis=0)) / np.ptp(table, axis=0)
    frame = pd.DataFrame(unit, columns=list("abcde"))
    model = preprocessing.MinMaxScaler() | anomaly.HalfSpaceTrees(window_size=50, seed=1)
    for row in frame.to_dict("records"):
        model.learn_one(row)
    before = model.score_one(frame.iloc[0].to_dict())
    report = anogen.audit(model, frame, **OPTIONS)
    assert (
        report.detector["orientation"] == "larger scores mean anomaly (river)" and not report.findings["random"].found
    )
    assert report.findings["batch_dependent"].passed and model.score_one(frame.iloc[0].to_dict()) == before
    assert is_read_right(anogen.audit(anomaly.LocalOutlierFactor, table[:120], **OPTIONS))


def test_river_copies_learn_other_rows_with_another_seed(table):
    anomaly = library("river.anomaly")
    detector = adapters.adapt(anomaly.HalfSpaceTrees)(random_state=3)
    assert detector.fit(table).model.seed == 3 and detector.get_params()["random_state"] == 3
    assert adapters.adapt(anomaly.HalfSpaceTrees).__name__ == "HalfSpaceTrees"
    with pytest.raises(InputError, match="AnomalyDetector"):
        adapters.adapt(anomaly.GaussianScorer())


def test_an_unfinished_window_of_half_space_trees_is_found(table):
    """With fewer rows than its window, every score is 0."""
    anomaly = library("river.anomaly")
    assert anogen.audit(anomaly.HalfSpaceTrees, table[:200], **OPTIONS).findings["constant"].found


# -- aeon --------------------------------------------------------------------------------------------------------------


def test_aeon_scores_windows(sine):
    library("aeon")
    from aeon.anomaly_detection.series.distance_based import KMeansAD
    from aeon.anomaly_detection.series.outlier_detection import IsolationForest as SeriesForest

    fitted = KMeansAD(n_clusters=5, window_size=10, random_state=0).fit(sine.reshape(-1))
    report = anogen.audit(fitted, sine, image_shape="signal", n_generations=2, **OPTIONS)
    assert report.detector["orientation"] == "larger scores mean anomaly (aeon)" and is_read_right(report)
    assert (
        "window of a signal" in report.text() and report.plot_generated().axes[0].get_xlabel() == "time in the window"
    )
    with pytest.raises(InputError, match="is not fitted"):
        anogen.audit(KMeansAD(), sine, **OPTIONS)
    assert adapters.adapt(SeriesForest)(random_state=2).fit(sine).model.random_state == 2


def test_aeon_scores_collections_of_windows(sine):
    library("aeon")
    from aeon.anomaly_detection.collection import ROCKAD

    report = anogen.audit(ROCKAD(n_estimators=3, n_kernels=20, random_state=0).fit(sine), sine, **OPTIONS)
    assert is_read_right(report)


# -- DeepOD ------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
def test_deepod_has_the_protocol_of_pyod(table, capsys):
    library("deepod")
    from deepod.models.tabular import DeepSVDD

    detector = DeepSVDD(epochs=3, hidden_dims="8", device="cpu", verbose=0, random_state=0)
    detector.fit(table.astype(np.float32))
    report = anogen.audit(detector, table, **OPTIONS)
    assert is_read_right(report) and report.versions["deepod"]


# -- ONNX --------------------------------------------------------------------------------------------------------------


def onnx_model(path, outputs=("scores",), elem_type=1, batch=None):
    """Write a model of the squared norm of rows with two numbers."""
    onnx = library("onnx")
    make = onnx.helper
    nodes = [make.make_node("ReduceSumSquare", ["x", "axis"], [name], keepdims=1) for name in outputs]
    axis = make.make_tensor("axis", onnx.TensorProto.INT64, [1], [1])
    given = make.make_tensor_value_info("x", elem_type, [batch, 2])
    made = [make.make_tensor_value_info(name, elem_type, [batch, 1]) for name in outputs]
    graph = make.make_graph(nodes, "norm", [given], made, [axis])
    onnx.save(make.make_model(graph, opset_imports=[make.make_opsetid("", 18)], ir_version=10), path)
    return path


@pytest.mark.parametrize("batch", [None, 1])
def test_onnx_files_are_score_functions(tmp_path, table, batch):
    session = library("onnxruntime").InferenceSession(onnx_model(tmp_path / "norm.onnx", batch=batch))
    rows = table[:, :2] - table[:, :2].mean(axis=0)
    score = adapters.load_onnx(tmp_path / "norm.onnx")
    np.testing.assert_allclose(score(rows), (rows**2).sum(axis=1), rtol=1e-5)
    report = anogen.audit(session, rows, orientation="anomaly", **OPTIONS)
    assert is_read_right(report) and report.detector["kind"] == "function"
    with pytest.raises(InputError, match="pass orientation="):
        anogen.audit(session, rows)


def test_onnx_files_that_do_not_score_are_refused(tmp_path):
    library("onnxruntime")
    with pytest.raises(InputError, match="rename one to scores"):
        adapters.load_onnx(onnx_model(tmp_path / "two.onnx", outputs=("a", "b")))
    assert adapters.load_onnx(onnx_model(tmp_path / "one.onnx", outputs=("a", "scores"))).output == "scores"
    (tmp_path / "cut.onnx").write_bytes(b"\x80\x04K\x01.")
    for name, message in (("cut.onnx", "is it an ONNX model"), ("none.onnx", "there is no file")):
        with pytest.raises(InputError, match=message):
            adapters.load_onnx(tmp_path / name)


# -- signals -----------------------------------------------------------------------------------------------------------


def test_a_signal_is_cut_into_windows_with_labels():
    signal, labels = np.arange(105.0), np.where(np.arange(105) == 47, "bad", "good")
    rows, found = windows(signal, labels, 10)
    assert rows.shape == (10, 10) and rows[4, 7] == 47 and found.tolist() == ["good"] * 4 + ["bad"] + ["good"] * 5
    for wrong, message in ((np.ones((50, 2)), "not one signal"), (np.ones(50), "5 windows"), (np.ones(105), "labels")):
        with pytest.raises(InputError, match=message):
            windows(wrong, labels[:7], 10)
