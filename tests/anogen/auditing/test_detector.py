"""What a user may give: rows, files and import paths; each is handled, or refused in one line that says why."""

import sys

import numpy as np
import pytest
import torch
from pyod.models.ecod import ECOD
from pyod.models.knn import KNN
from sklearn.linear_model import LogisticRegression

import anogen
from anogen.auditing import detector as subject
from anogen.auditing import files
from anogen.auditing.data import AuditData
from anogen.auditing.files import read_file
from anogen.errors import InputError

GOOD = np.random.default_rng(0).standard_normal((60, 3))


def refused(call, *words):
    with pytest.raises(InputError) as told:
        call()
    assert "\n" not in str(told.value)
    for word in words:
        assert word in str(told.value), str(told.value)


# -- rows --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.array([[1, "a"]] * 20, dtype=object), ["object", "numeric"]),
        (np.array([["a", "b"]] * 20), ["<U1"]),
        (np.ones(20), ["(20,)", "(n, d)"]),
        (np.ones((0, 3)), ["empty"]),
        (np.ones((1, 3)), ["1 normal rows are too few", "at least 10"]),
        (np.ones((20, 3)), ["every column is constant"]),
        (np.where(np.arange(60)[:, None] == 7, np.nan, GOOD), ["row 7, column 0", "nan"]),
        (np.where(np.arange(60)[:, None] == 9, -np.inf, GOOD), ["row 9", "-inf"]),
        (np.ones((20, 3)) * 1j, ["complex128"]),
        (np.where(np.arange(60)[:, None] == 3, 1e308, GOOD), ["row 3, column 0", "1e+308", "1e+150"]),
        ([[1, 2], [3]] * 10, ["cannot be read as an array", "ValueError"]),
        (torch.from_numpy(GOOD).requires_grad_(), ["cannot be read as an array", "RuntimeError"]),
        (torch.from_numpy(GOOD).bfloat16(), ["cannot be read as an array"]),
        (np.ma.masked_less(GOOD, 0), ["masked"]),
    ],
)
def test_rows_that_cannot_be_audited_are_refused_in_one_line(X, words):
    refused(lambda: anogen.audit(KNN, X), *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"normal_label": 4}, ["no labels", "4"]),
        ({"normal_label": 4, "y": np.zeros(60)}, ["no row has the label 4", "0.0"]),
        ({"normal_label": 4, "y": np.zeros(7)}, ["7 labels do not fit 60 rows"]),
        ({"image_shape": (2, 2)}, ["(2, 2) does not fit rows of 3 columns"]),
        ({"image_shape": "round"}, ["'round'"]),
        ({"max_seconds": -1}, ["max_seconds = -1"]),
        ({"search_seconds": float("nan")}, ["search_seconds = nan"]),
        ({"n_generations": 0}, ["n_generations = 0"]),
        ({"random_state": -1}, ["random_state = -1"]),
        ({"random_state": "a"}, ["random_state = 'a'"]),
        ({"random_state": 1.5}, ["random_state = 1.5"]),
        ({"random_state": 2**32}, ["random_state = 4294967296"]),
        ({"max_seconds": "3"}, ["max_seconds = '3'"]),
        ({"image_shape": 6}, ["image_shape 6 is not a shape"]),
        ({"image_shape": (-1, -3)}, ["(-1, -3) does not fit"]),
        ({"normal_label": 4, "y": [[1], [2, 3]]}, ["y cannot be read"]),
        ({"orientation": "up"}, ["'up'"]),
    ],
)
def test_options_that_make_no_sense_are_refused_in_one_line(options, words):
    refused(lambda: anogen.audit(KNN, GOOD, **options), *words)


def test_one_column_few_rows_and_constant_columns_are_handled():
    assert anogen.audit(KNN, GOOD[:, :1]).data["columns"] == 1
    few = anogen.audit(KNN, GOOD[:12])
    assert few.data["rows"] == few.data["rows_fitted"] == 12
    assert anogen.audit(KNN, np.column_stack([GOOD, np.zeros(60)])).data["constant_columns"] == 1


@pytest.mark.slow
def test_a_million_rows_and_a_hundred_thousand_columns_are_handled():
    rng = np.random.default_rng(0)
    many = rng.standard_normal((1_000_000, 2)).astype(np.float32)
    taken = AuditData.from_arrays(many)
    assert (taken.n_rows, len(taken.train), len(taken.real)) == (1_000_000, 10_000, 100)
    wide = rng.standard_normal((40, 100_000)).astype(np.float32)
    assert anogen.audit(KNN, wide, max_seconds=1).data["columns"] == 100_000
    refused(lambda: AuditData.from_arrays(np.zeros((20, 3_000_000), dtype=np.uint8)), "too many")


def test_square_rows_are_taken_for_images_only_where_values_look_like_pixels():
    rng = np.random.default_rng(0)
    assert AuditData.from_arrays(rng.random((30, 64))).image_shape == (8, 8)
    assert AuditData.from_arrays(rng.integers(0, 256, (30, 64))).image_shape == (8, 8)
    assert AuditData.from_arrays(rng.random((30, 64)) * 255).image_shape is None
    assert AuditData.from_arrays(rng.standard_normal((30, 64))).image_shape is None
    assert AuditData.from_arrays(rng.random((30, 49))).image_shape is None
    assert AuditData.from_arrays(rng.random((30, 8, 8, 3))).image_shape == (8, 8, 3)


def test_training_rows_and_rows_asked_about_are_different_ones():
    taken = AuditData.from_arrays(GOOD)
    assert not {tuple(row) for row in taken.train} & {tuple(row) for row in taken.real}


# -- files -------------------------------------------------------------------------------------------------------------


def test_every_kind_of_file_gives_the_same_rows(tmp_path):
    y = np.where(np.arange(60) < 50, "good", "bad")
    np.savez(tmp_path / "a.npz", X=GOOD, y=y)
    np.save(tmp_path / "a.npy", GOOD)
    np.savetxt(tmp_path / "plain.csv", GOOD, delimiter=",", fmt="%.17g")
    lines = ["one,two,label,three"] + [
        f"{a!r},{b!r},{label},{c!r}" for (a, b, c), label in zip(GOOD.tolist(), y, strict=True)
    ]
    (tmp_path / "named.csv").write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    for name, labelled in (("a.npz", True), ("a.npy", False), ("plain.csv", False), ("named.csv", True)):
        held = read_file(tmp_path / name)
        np.testing.assert_array_equal(held.X, GOOD)
        assert (held.y is not None) == labelled
        if labelled:
            assert held.y.tolist() == y.tolist()


def test_files_that_cannot_be_read_are_refused_in_one_line(tmp_path):
    np.savez(tmp_path / "object.npz", X=np.array([[1, None]], dtype=object))
    np.save(tmp_path / "object.npy", np.array([[1, None]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "names.npz", a=GOOD, b=GOOD)
    (tmp_path / "pickle.npy").write_bytes(b"\x80\x04K\x01.")
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04 cut short")
    (tmp_path / "text.csv").write_text("a,b\n1,2\n3,four\n")
    (tmp_path / "nan.csv").write_text("1,nan\n2,3\n")
    (tmp_path / "ragged.csv").write_text("1,2\n3\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04K\x01.")
    (tmp_path / "some.parquet").write_bytes(b"PAR1")
    for name, words in {
        "object.npz": ["objects", "plain numbers"],
        "object.npy": ["objects"],
        "names.npz": ["a, b", "call the rows X"],
        "pickle.npy": ["not a NumPy array"],
        "cut.npz": ["cannot be read"],
        "text.csv": ["line 3", "'b'", "'four'"],
        "nan.csv": ["line 1", "not a number"],
        "ragged.csv": ["line 2 has 1 cells"],
        "empty.csv": ["no column"],
        "model.pkl": [".npz", "pickles are refused"],
        "nothing.npz": ["no file"],
    }.items():
        refused(lambda name=name: read_file(tmp_path / name), name, *words)


def test_parquet_without_a_reader_is_answered_with_how_to_get_one(tmp_path, monkeypatch):
    (tmp_path / "some.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(files.importlib.util, "find_spec", lambda _: None)
    refused(lambda: read_file(tmp_path / "some.parquet"), "install pyarrow", "anogen[parquet]")


def test_parquet_is_read(tmp_path):
    pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(GOOD, columns=list("abc"))
    frame.assign(label="x").to_parquet(tmp_path / "good.parquet")
    held = read_file(tmp_path / "good.parquet")
    np.testing.assert_array_equal(held.X, GOOD)
    frame.assign(d=["a", "b"] * 30).to_parquet(tmp_path / "text.parquet")
    assert read_file(tmp_path / "text.parquet").X["d"].tolist() == ["a", "b"] * 30
    frame.assign(d=[f"id{i}" for i in range(60)]).to_parquet(tmp_path / "text.parquet")
    refused(lambda: read_file(tmp_path / "text.parquet"), "'d'", "not a number")


# -- detectors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("pyod.models.ecod", ["module:NAME"]),
        ("pyod.models.ecod:ECOD()", ["module:NAME"]),
        ("os:system('true')", ["module:NAME"]),
        ("builtins:__import__", ["module:NAME"]),
        ("pyod.models.ecod:ECOD.fit", ["module:NAME"]),
        ("a b:c", ["module:NAME"]),
        ("nowhere.at_all:Thing", ["importing nowhere.at_all failed", "ModuleNotFoundError"]),
        ("pyod.models.ecod:Ecod", ["has no 'Ecod'"]),
    ],
)
def test_an_import_path_is_imported_or_refused_and_never_evaluated(path, words):
    refused(lambda: subject.import_detector(path), path, *words)


def test_an_import_path_names_what_python_imports():
    assert subject.import_detector("pyod.models.ecod:ECOD") is ECOD


def test_a_module_that_fails_while_it_is_imported_is_named(tmp_path, monkeypatch):
    (tmp_path / "breaks_on_import.py").write_text("raise RuntimeError('not today\\nnor tomorrow')\n")
    monkeypatch.syspath_prepend(tmp_path)
    refused(lambda: subject.import_detector("breaks_on_import:Thing"), "RuntimeError: not today")
    assert "breaks_on_import" not in sys.modules


class Silent:
    """Fits, and cannot score."""

    def fit(self, X):
        return self


class Needs:
    """Cannot be built without an argument."""

    def __init__(self, width):
        self.width = width

    def fit(self, X):
        return self

    def decision_function(self, X):
        return X.sum(axis=1)


def scoring(answer):
    """A class whose score is what a function answers."""
    return type("Scoring", (), {"fit": lambda self, X: self, "decision_function": lambda self, X: answer(X)})


class Hostile:
    """Every attribute raises."""

    def __getattr__(self, name):
        raise RuntimeError(name)


class BaseFailure(BaseException):
    """No subclass of Exception, and it has no text."""

    def __str__(self):
        raise TypeError


async def coroutine():
    return Silent()


def fails(X):
    raise RuntimeError("no such luck\nat all")


@pytest.mark.parametrize(
    ("detector", "words"),
    [
        (Silent, ["has no fit and decision_function"]),
        (Silent(), ["has no decision_function"]),
        (Needs, ["'width'", "a function that returns"]),
        (KNN(), ["not fitted"]),
        (ECOD(), ["not fitted"]),  # which scores all the same
        (lambda: 3, ["returned no fitted detector"]),
        (lambda: 1 / 0, ["factory", "ZeroDivisionError"]),
        ("pyod", ["has no decision_function"]),
        (scoring(fails), ["could not score", "RuntimeError: no such luck"]),
        (scoring(lambda X: X[:, :2]), ["returned 96 scores for 48 rows", "one for each row"]),
        (scoring(lambda X: X[:, 0] * np.nan), ["NaN"]),
        (scoring(lambda X: X[:, 0] * 1j), ["complex or masked"]),
        (scoring(lambda X: np.ma.masked_less(X[:, 0], 0)), ["complex or masked"]),
        (scoring(lambda X: sys.exit(0)), ["could not score", "SystemExit: 0"]),
        (lambda: sys.exit(0), ["the factory", "SystemExit"]),
        (coroutine, ["returned no fitted detector"]),
        pytest.param(Hostile(), ["cannot be examined", "RuntimeError"], id="hostile"),
        (LogisticRegression, ["could not be fitted", "'y'"]),
        (LogisticRegression().fit(GOOD, np.arange(60) % 2), ["meaning of a larger score is unknown"]),
    ],
)
def test_detectors_that_cannot_be_audited_are_refused_in_one_line(detector, words):
    refused(lambda: anogen.audit(detector, np.repeat(GOOD, 4, axis=0)[:240]), *words)


def test_a_class_that_cannot_be_fitted_is_refused_in_one_line():
    class Fails:
        def fit(self, X):
            raise MemoryError

        def decision_function(self, X):
            return X.sum(axis=1)

    refused(lambda: anogen.audit(Fails, GOOD), "could not be fitted to 48 rows of 3 columns", "MemoryError")


@pytest.mark.parametrize("error", [SystemExit(0), BaseFailure(), GeneratorExit()])
def test_whatever_a_fit_raises_is_refused_in_one_line(error):
    class Fails(Needs):
        def __init__(self):
            raise error

    refused(lambda: anogen.audit(Fails, GOOD), "could not be fitted", type(error).__name__)


def test_a_copy_that_ends_the_process_leaves_the_check_for_training_undone():
    class Once:
        fits = 0

        def fit(self, X):
            type(self).fits += 1
            if self.fits > 1:
                sys.exit(0)

        def decision_function(self, X):
            return np.abs(X).sum(axis=1)

    detail = anogen.audit(Once, GOOD).findings["untrained"].detail
    assert "not checked" in detail and "SystemExit" in detail


def test_ctrl_c_during_an_audit_stays_what_it_is():
    def interrupted(X):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        anogen.audit(scoring(interrupted), GOOD)


def test_modules_of_the_present_folder_replace_no_installed_ones(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with subject.cwd_on_path():
        assert sys.path[-1] == str(tmp_path)
    assert str(tmp_path) not in sys.path
