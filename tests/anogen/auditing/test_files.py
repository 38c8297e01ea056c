"""Data files: read completely, or refused in one line that names the line; no column is dropped silently."""

import zipfile

import numpy as np
import pytest

from anogen.auditing import files
from anogen.auditing.data import AuditData
from anogen.auditing.files import read_file
from anogen.datasets import formats
from anogen.errors import InputError

LINES = ["1,2,3", "4,5,6"] * 10


def written(folder, lines):
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["# made by a script", *LINES], ["line 1 is a comment"]),
        (["#a,b,c", *LINES], ["line 1 is a comment"]),
        (["a,b", *LINES], ["line 2 has 3 cells, line 1 has 2", "row.names=FALSE"]),
        (["1,2", *LINES], ["line 2 has 3 cells, line 1 has 2"]),
        ([*LINES, "7,8"], ["line 21 has 2 cells, line 1 has 3"]),
        ([*LINES, "7,8,9,10"], ["line 21 has 4 cells"]),
        ([*LINES, "", "7,8,9"], ["line 21 is empty"]),
        ([",a,b", *LINES], ["column 1 has no name", "index=False"]),
        (["a,,b", *LINES], ["column 2 has no name"]),
        (["a,b,a", *LINES], ["two columns have the same name"]),
        (["a b c", "1 2 3"], ["line 2", "'1 2 3'", "not a number"]),
    ],
)
def test_a_table_of_irregular_form_is_refused_with_the_line(tmp_path, lines, words):
    with pytest.raises(InputError) as error:
        read_file(written(tmp_path, lines))
    message = str(error.value)
    assert "\n" not in message and all(word in message for word in ["table.csv", *words]), message


def test_semicolons_with_decimal_commas_and_tabs_are_read(tmp_path):
    held = read_file(written(tmp_path, ["breite;höhe", "1,5;2", "-3;4,25"]))
    assert held.X.to_numpy().tolist() == [[1.5, 2], [-3, 4.25]] and held.X.columns.tolist() == ["breite", "höhe"]
    assert read_file(written(tmp_path, ["1,5;2", "-3;4,25"])).X.to_numpy().tolist() == [[1.5, 2], [-3, 4.25]]
    assert read_file(written(tmp_path, ["a\tb", "1.5\t2"])).X.to_numpy().tolist() == [[1.5, 2]]


def test_the_label_column_can_be_named(tmp_path):
    path = written(tmp_path, ["size,diagnosis", "1,good", "2,bad"])
    held = read_file(path, "diagnosis")
    assert held.X.columns.tolist() == ["size"] and held.y.tolist() == ["good", "bad"]
    for file, label, words in ((path, "result", "no 'result': it has size, diagnosis"), (path, None, "labels")):
        with pytest.raises(InputError, match=words):
            read_file(file, label)
    with pytest.raises(InputError, match="its first line names no columns"):
        read_file(written(tmp_path, LINES), "diagnosis")


def test_names_of_columns_are_kept_and_numbers_of_any_file_need_none(tmp_path):
    rows = ["a,b", *(f"{i},{i % 3}" for i in range(20))]
    assert AuditData.from_arrays(read_file(written(tmp_path, rows)).X).columns == ["a", "b"]
    assert AuditData.from_arrays(np.random.default_rng(0).random((20, 2))).columns is None


def test_the_label_array_can_be_named_and_many_arrays_are_not_all_listed(tmp_path):
    np.savez(tmp_path / "own.npz", rows=np.ones((3, 2)), kinds=np.arange(3))
    held = read_file(tmp_path / "own.npz", "kinds")
    assert held.X.shape == (3, 2) and held.y.tolist() == [0, 1, 2]
    np.savez(tmp_path / "many.npz", **{f"array{i}": np.zeros(1) for i in range(500)})
    with pytest.raises(InputError, match="490 more") as error:
        read_file(tmp_path / "many.npz")
    assert len(str(error.value)) < 300


def test_a_file_that_decompresses_to_more_than_the_limit_is_refused_before(tmp_path, monkeypatch):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("X.npy", "w") as file:
        for _ in range(20):
            file.write(bytes(1_000_000))
    monkeypatch.setattr(formats, "MAX_BYTES", 10_000_000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("decompressed"))
    for read in (read_file, formats.npz):
        with pytest.raises(InputError, match=r"20,000,000 bytes decompressed") as error:
            read(path)
        assert "10,000,000" in str(error.value) and "\n" not in str(error.value)


def test_a_parquet_file_with_too_many_values_is_refused(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    del pyarrow
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0)})
    frame.to_parquet(tmp_path / "rows.parquet")
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="too large"):
        read_file(tmp_path / "rows.parquet")
