"""The user's rows: read from a file, validated, and divided into a training set and rows to score.

Nothing in a file is ever executed.
"""

import csv
import importlib.util
from dataclasses import dataclass
from math import isqrt, prod
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from anogen.errors import InputError, require

Floats = NDArray[np.float64]

MAX_REAL_ROWS = 100
MIN_ROWS = 10
MAX_ROWS, MAX_VALUES = 10_000, 20_000_000  # of the training set: 160 MB
CHUNK_SIZE = 4_000_000  # values that are read at once
MIN_SIDE = 8  # pixels of the smallest square image that is recognised
ROWS = ("X", "x", "x_train", "X_train", "data", "images")  # arrays that hold the rows, the first that is there
LABELS = ("y", "label", "labels", "class", "target", "y_train")  # arrays or columns that hold labels


class File(NamedTuple):
    """The content of a data file."""

    X: NDArray[Any]  # numbers, (n, ...)
    y: NDArray[Any] | None  # labels, (n,)


def read_file(path: Path) -> File:
    """Read a .npz, .npy, .csv or .parquet file; raise `InputError` if it is damaged or holds objects or text."""
    readers = {".npz": _npz, ".npy": _npy, ".csv": _csv, ".parquet": _parquet}
    suffix, known = path.suffix.lower(), ", ".join(readers)
    require(path.is_file(), f"there is no file {path}: give one that ends in {known}")
    require(suffix in readers, f"{path.name} has an unsupported format: give one of {known}; pickles are refused")
    try:
        return readers[suffix](path)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  damaged files make readers raise nearly anything
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "pickle" in reason.lower() or "Object arrays" in reason:
            raise InputError(f"{path.name} holds Python objects, which could run code: save plain numbers") from None
        raise InputError(f"{path.name} cannot be read ({reason}): is it damaged?") from None


def _npz(path: Path) -> File:
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        names = file.files
        name = next((name for name in ROWS if name in names), names[0] if len(names) == 1 else None)
        if name is None:
            held = ", ".join(names) or "nothing"
            raise InputError(f"{path.name} holds {held}, and none is called X: call the rows X and the labels y")
        label = next((label for label in LABELS if label in names), None)
        return File(file[name], None if label is None else file[label])


def _npy(path: Path) -> File:
    with path.open("rb") as raw:  # a file that begins with neither would be taken for a pickle
        require(raw.read(6) == b"\x93NUMPY", f"{path.name} is not a NumPy array: save it with numpy.save")
    return File(np.load(path, mmap_mode="r", allow_pickle=False), None)


def _csv(path: Path) -> File:
    """Read comma-separated numbers; a first line with text in it names the columns."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        first = next(csv.reader(file), [])
    require(first, f"{path.name} has no column of numbers: give rows of comma-separated numbers")
    cells = pd.Series(first).str.strip().str.lower()
    named = bool((pd.to_numeric(cells, errors="coerce").isna() & (cells != "nan")).any())
    labels = {name: str for name in first if named and name.strip() in LABELS}
    header = 0 if named else None
    frame = pd.read_csv(path, header=header, dtype=labels, keep_default_na=False, encoding="utf-8-sig")
    return _from_frame(path.name, frame, "line", 1 + named)


def _parquet(path: Path) -> File:
    if not any(importlib.util.find_spec(name) for name in ("pyarrow", "fastparquet")):
        hint = "install pyarrow or fastparquet (pip install 'anogen[parquet]'), or save it as .csv"
        raise InputError(f"to read {path.name}, {hint}")
    return _from_frame(path.name, pd.read_parquet(path), "row", 0)


def _from_frame(file: str, frame: Any, place: str, first: int) -> File:
    """Return the numbers and labels of a table, whose first row is at `place` number `first` of the file."""
    label = next((name for name in frame.columns if str(name).strip() in LABELS), None)
    table = frame if label is None else frame.drop(columns=label)
    require(len(table.columns), f"{file} has no column of numbers: give rows of comma-separated numbers")
    numbers = table.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(numbers).any():
        row, column = np.argwhere(np.isnan(numbers))[0]
        cell, name = table.iat[row, column], table.columns.tolist()[column]
        text = "missing" if pd.isna(cell) or cell == "" else repr(cell)[:40]
        hint = "remove the column or write it as numbers"
        raise InputError(f"{file}: {place} {row + first}, column {name!r} is {text}, not a number: {hint}")
    return File(numbers, None if label is None else frame[label].to_numpy().astype(str))


@dataclass(frozen=True, eq=False)
class AuditData:
    """Normal rows, and the rows that an audit compares them with."""

    train: Floats  # (m, d), at most 10,000 rows, fewer if they are very long; a class is fitted to them
    real: Floats  # (r, d), at most 100 other rows; the training rows themselves if there are fewer than 50
    others: Floats  # (a, d), at most 1,000 rows with another label
    low: Floats  # (d,), least value of the normal rows in each feature; for images, of all features together
    high: Floats  # (d,), largest value
    constant: NDArray[np.bool_]  # (d,), the features that have one value in all normal rows
    image_shape: tuple[int, ...] | None  # (h, w) or (h, w, 3); None for a table
    n_rows: int  # number of normal rows in X

    @classmethod
    def from_arrays(
        cls,
        X: ArrayLike,
        y: ArrayLike | None = None,
        normal_label: object = None,
        image_shape: tuple[int, ...] | str | None = "auto",
        seed: int = 0,
    ) -> Self:
        """Validate and divide rows; parameters and exceptions as for `audit`.

        `image_shape` "auto" recognises square grey images: the number of columns is a square, of 8 x 8 or more, and the
        values are in [0, 1] or integers up to 255.
        """
        table, shape = _as_table(X, image_shape)
        is_normal = _normal_rows(len(table), y, normal_label)
        normal = np.flatnonzero(is_normal)
        count, d = len(normal), table.shape[1]
        require(count >= MIN_ROWS, f"{count} normal rows are too few for an audit: give at least {MIN_ROWS}")
        most = min(MAX_ROWS, MAX_VALUES // d)
        require(most >= MIN_ROWS, f"{d:,} columns are too many: give at most {MAX_VALUES // MIN_ROWS:,}")
        low, high, integers = _ranges(table, is_normal)
        constant = low == high
        require(not constant.all(), "every column is constant: give rows that differ")
        if shape == "auto":
            shape = _guess_shape(d, low, high, integers)
        order = np.random.default_rng(seed).permutation(normal)
        few = count < 50
        held_out = 0 if few else min(MAX_REAL_ROWS, count // 5, most)
        train = order[held_out : held_out + most]
        real = train[:MAX_REAL_ROWS] if few else order[:held_out]
        others = np.random.default_rng(seed).permutation(np.flatnonzero(~is_normal))[: min(1000, most)]
        if shape is not None:
            low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
            shape = tuple(map(int, shape))

        def select(index: NDArray[np.intp]) -> Floats:
            return np.asarray(table[np.sort(index)], dtype=np.float64)

        return cls(select(train), select(real), select(others), low, high, constant, shape, count)

    @property
    def span(self) -> float:
        """The largest range of a feature."""
        return float((self.high - self.low).max())

    def scaled(self, rows: Floats) -> Floats:
        """Return rows (n, d) with each feature's range mapped to [0, 1]."""
        width = self.high - self.low
        return (rows - self.low) / np.where(width > 0, width, 1.0)


def _as_table(X: ArrayLike, shape: Any) -> tuple[NDArray[Any], Any]:
    """Return X as a matrix (n, d) of its own type, memory-mapped or not, and the shape of an image."""
    array = np.asanyarray(X)
    numeric = array.dtype.kind in "buif"
    require(numeric, f"X holds {array.dtype}, not numbers: give a numeric array, without objects and text")
    require(array.ndim >= 2, f"X of shape {array.shape} is not a table: give rows and columns, (n, d)")
    require(0 not in array.shape, f"X of shape {array.shape} is empty: give at least {MIN_ROWS} rows")
    if array.ndim > 2:
        shape = array.shape[1:] if shape == "auto" else shape
        array = array.reshape(len(array), -1)
    if shape in (None, "auto"):
        return array, shape
    if isinstance(shape, str):
        raise InputError(f"image_shape {shape!r} is unknown: give numbers such as (28, 28), 'auto' or None")
    d, shape = array.shape[1], tuple(shape)
    fits = len(shape) in (2, 3) and prod(shape) == d and shape[2:] in ((), (1,), (3,))
    require(fits, f"image_shape {shape} does not fit rows of {d} columns: give (h, w) or (h, w, 3)")
    return array, shape[:2] if shape[2:] == (1,) else shape


def _normal_rows(count: int, y: ArrayLike | None, normal_label: object) -> NDArray[np.bool_]:
    """Return which rows are normal, bool (n,); labels are compared as numbers if they are numbers, else as text."""
    if normal_label is None:
        return np.ones(count, dtype=bool)
    if y is None:
        raise InputError(f"there are no labels to compare with {normal_label!r}: give y, or omit the normal label")
    labels = np.asarray(y).reshape(-1)
    require(len(labels) == count, f"{len(labels)} labels do not fit {count} rows: give one for each row")
    try:
        is_normal = labels.astype(np.float64) == float(str(normal_label))
    except ValueError:
        is_normal = labels.astype(str) == str(normal_label)
    known = ", ".join(map(str, np.unique(labels.astype(str))[:10]))
    require(is_normal.any(), f"no row has the label {normal_label!r}: the labels are {known}")
    return is_normal


def _ranges(table: NDArray[Any], is_normal: NDArray[np.bool_]) -> tuple[Floats, Floats, bool]:
    """Return the minimum and maximum (d,) of each feature over the normal rows, and whether all values are integers.

    Raises `InputError` for the first value of any row that is not finite.
    """
    low, high = np.full(table.shape[1], np.inf), np.full(table.shape[1], -np.inf)
    integers, step = True, max(1, CHUNK_SIZE // table.shape[1])
    for start in range(0, len(table), step):
        part = np.asarray(table[start : start + step], dtype=np.float64)
        if not np.isfinite(part).all():
            row, column = np.argwhere(~np.isfinite(part))[0]
            place = f"row {start + row}, column {column} of X"
            raise InputError(f"{place} is {part[row, column]} (counted from 0): remove the row or fill in the value")
        part = part[is_normal[start : start + step]]
        if len(part):
            low, high = np.minimum(low, part.min(axis=0)), np.maximum(high, part.max(axis=0))
            integers = integers and bool((part == np.round(part)).all())
    return low, high, integers


def _guess_shape(d: int, low: Floats, high: Floats, integers: bool) -> tuple[int, int] | None:
    """Return the shape of a square grey image if the values look like pixels, else None."""
    side = isqrt(d)
    if side * side != d or side < MIN_SIDE or low.min() < 0:
        return None
    return (side, side) if high.max() <= 1 or (integers and high.max() <= 255) else None
