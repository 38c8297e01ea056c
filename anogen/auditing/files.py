"""Rows and labels from a file. Nothing in a file is ever executed, and no column is dropped silently."""

import csv
import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anogen.datasets.formats import MAX_BYTES, check_declared_size
from anogen.errors import InputError, require

ROWS = ("X", "x", "x_train", "X_train", "data", "images")  # arrays that hold the rows, the first that is there
LABELS = ("y", "label", "labels", "class", "target", "y_train")  # arrays or columns that hold labels
MAX_LISTED = 10  # names in a message


class File(NamedTuple):
    """The content of a data file."""

    X: Any  # numbers, an array (n, ...), or a DataFrame (n, d) with the names of the file, of numbers and categories
    y: NDArray[Any] | None  # labels, (n,)


def read_file(path: Path, label: str | None = None) -> File:
    """Read a .npz, .npy, .csv or .parquet file; `label` is the array or column with the labels.

    A column of repeated texts is a category. Raises `InputError` if the file is damaged or irregular, or holds objects
    or other text.
    """
    readers = {".npz": _npz, ".npy": _npy, ".csv": _csv, ".parquet": _parquet}
    suffix, known = path.suffix.lower(), ", ".join(readers)
    require(path.is_file(), f"there is no file {path}: give one that ends in {known}")
    require(suffix in readers, f"{path.name} has an unsupported format: give one of {known}; pickles are refused")
    try:
        return readers[suffix](path, label)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  damaged files make readers raise nearly anything
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "pickle" in reason.lower() or "Object arrays" in reason:
            raise InputError(f"{path.name} holds Python objects, which could run code: save plain numbers") from None
        raise InputError(f"{path.name} cannot be read ({reason}): is it damaged?") from None


def _label(file: str, label: str | None, names: Iterable[Any]) -> Any:
    """Return the name of the labels among the names of arrays or columns, or None."""
    names = list(names)
    if label is None:
        return next((name for name in names if str(name).strip() in LABELS), None)
    found = next((name for name in names if str(name).strip() == label.strip()), None)
    require(found is not None, f"{file} has no {label!r}: it has {_listed(names)}")
    return found


def _listed(names: list[Any]) -> str:
    rest = [f"{len(names) - MAX_LISTED} more"] if len(names) > MAX_LISTED else []
    return ", ".join([*(str(name)[:40] for name in names[:MAX_LISTED]), *rest]) or "nothing"


def _npz(path: Path, label: str | None) -> File:
    with path.open("rb") as raw:
        check_declared_size(raw, path)
        with np.load(raw, allow_pickle=False) as file:
            labels = _label(path.name, label, file.files)
            names = [name for name in file.files if name != labels]
            rows = next((name for name in ROWS if name in names), names[0] if len(names) == 1 else None)
            held = f"{path.name} holds {_listed(file.files)}, and none is called X"
            require(rows is not None, f"{held}: call the rows X and the labels y")
            return File(file[rows], None if labels is None else file[labels])


def _npy(path: Path, label: str | None) -> File:
    with path.open("rb") as raw:  # a file that begins with neither would be taken for a pickle
        require(raw.read(6) == b"\x93NUMPY", f"{path.name} is not a NumPy array: save it with numpy.save")
    require(label is None, f"{path.name} has no {label!r}: save rows and labels as arrays X and y of an .npz file")
    return File(np.load(path, mmap_mode="r", allow_pickle=False), None)


def _csv(path: Path, label: str | None) -> File:
    """Read a table of numbers; a first line with text in it names the columns."""
    first, separator = _check_lines(path)
    cells = pd.Series(first).str.strip().str.lower()
    named = bool((pd.to_numeric(cells.str.replace(",", "."), errors="coerce").isna() & (cells != "nan")).any())
    require(named or label is None, f"{path.name} has no {label!r}: its first line names no columns")
    hint = "name it, or remove it if it numbers the rows (pandas: index=False, R: row.names=FALSE)"
    if named and not cells.all():
        raise InputError(f"{path.name}: column {cells.tolist().index('') + 1} has no name in line 1: {hint}")
    unique = len(set(first)) == len(first)
    require(unique or not named, f"{path.name}: two columns have the same name in line 1: rename one")
    labels = _label(path.name, label, first) if named else None
    frame = pd.read_csv(
        path, sep=separator, decimal="," if separator == ";" else ".", header=0 if named else None,
        dtype=None if labels is None else {labels: str}, index_col=False, keep_default_na=False, encoding="utf-8-sig",
    )  # fmt: skip
    return _from_frame(path.name, frame, labels, "line", 1 + named)


def _check_lines(path: Path) -> tuple[list[str], str]:
    """Return the cells of the first line and the separator; every line must have the same number of cells.

    Readers of tables drop columns, or take one for an index, where the first line is shorter than others.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        start = file.readline()
        separator = next((mark for mark in ";\t" if mark in start), ",")
        require(not start.startswith("#"), f"{path.name}: line 1 is a comment: remove it, or the # before column names")
        file.seek(0)
        reader = csv.reader(file, delimiter=separator)
        first, empty = next(reader, []), 0
        require(first, f"{path.name} has no column of numbers: give rows of comma-separated numbers")
        for cells in reader:
            if not cells:
                empty = empty or reader.line_num
                continue
            require(not empty, f"{path.name}: line {empty} is empty: remove it")
            hint = "" if reader.line_num > 2 else "; if column 1 numbers the rows, remove it (R: row.names=FALSE)"
            if len(cells) != len(first):
                numbers = f"line {reader.line_num} has {len(cells)} cells, line 1 has {len(first)}"
                raise InputError(f"{path.name}: {numbers}: give all lines the same number of cells{hint}")
    return first, separator


def _parquet(path: Path, label: str | None) -> File:
    if not any(importlib.util.find_spec(name) for name in ("pyarrow", "fastparquet")):
        hint = "install pyarrow or fastparquet (pip install 'anogen[parquet]'), or save it as .csv"
        raise InputError(f"to read {path.name}, {hint}")
    if importlib.util.find_spec("pyarrow"):
        declared = importlib.import_module("pyarrow.parquet").read_metadata(path)
        small = 8 * declared.num_rows * declared.num_columns <= MAX_BYTES
        require(small, f"{path.name} is too large once decompressed: save it as .npy, which is read in parts")
    frame = pd.read_parquet(path)
    return _from_frame(path.name, frame, _label(path.name, label, frame.columns), "row", 0)


def _from_frame(file: str, frame: Any, label: Any, place: str, first: int) -> File:
    """Return the numbers and labels of a table, whose first row is at `place` number `first` of the file."""
    table = frame if label is None else frame.drop(columns=label)
    require(len(table.columns), f"{file} has no column of numbers: give rows of comma-separated numbers")
    numbers = table.apply(pd.to_numeric, errors="coerce").astype(np.float64)
    texts = [name for name in table if numbers[name].isna().all() and _is_categorical(table[name])]
    missing = numbers.drop(columns=texts).isna().reindex(columns=table.columns, fill_value=False).to_numpy()
    if missing.any():
        row, column = np.argwhere(missing)[0]
        cell, name = table.iat[row, column], table.columns.tolist()[column]
        text = "missing" if pd.isna(cell) or cell == "" else repr(cell)[:40]
        hint = "remove the column, write it as numbers, or name it as the labels"
        raise InputError(f"{file}: {place} {row + first}, column {name!r} is {text}, not a number: {hint}")
    return File(
        numbers.assign(**{name: table[name] for name in texts}),
        None if label is None else frame[label].to_numpy().astype(str),
    )


def _is_categorical(column: Any) -> bool:
    """Tell categories from identifiers, dates and free text: no cell is missing, and most texts occur repeatedly."""
    return not (column.isna() | (column == "")).any() and 2 * column.nunique() <= len(column)
