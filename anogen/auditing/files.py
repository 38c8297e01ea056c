"""A user's data file: .npz, .npy, .csv or .parquet; nothing in it is ever executed."""

import csv
import importlib.util
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anogen.errors import InputError

ROWS = ("X", "x", "x_train", "X_train", "data", "images")  # arrays that hold the rows, the first that is there
LABELS = ("y", "label", "labels", "class", "target", "y_train")  # arrays or columns that hold labels
SUFFIXES = (".npz", ".npy", ".csv", ".parquet")


class File(NamedTuple):
    """What a file holds."""

    X: NDArray[Any]  # numbers, (n, ...)
    y: NDArray[Any] | None  # labels, (n,)


def read(path: Path) -> File:
    """Read a data file.

    Raises
    ------
    InputError
        If there is no such file, it is of another kind or damaged, or it holds objects or text where numbers belong.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path}: give one that ends in {', '.join(SUFFIXES)}")
    readers = {".npz": _npz, ".npy": _npy, ".csv": _csv, ".parquet": _parquet}
    if path.suffix.lower() not in readers:
        raise InputError(
            f"{path.name} has an unsupported format: give one of {', '.join(SUFFIXES)}; pickles are refused"
        )
    try:
        return readers[path.suffix.lower()](path)
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
        name = next((name for name in ROWS if name in names), None)
        if name is None and len(names) == 1:
            (name,) = names
        if name is None:
            held = ", ".join(names) or "nothing"
            raise InputError(f"{path.name} holds {held}, and none is called X: call the rows X and the labels y")
        label = next((label for label in LABELS if label in names), None)
        return File(file[name], None if label is None else file[label])


def _npy(path: Path) -> File:
    with path.open("rb") as raw:  # a file that begins with neither would be taken for a pickle
        if raw.read(6) != b"\x93NUMPY":
            raise InputError(f"{path.name} is not a NumPy array: save it with numpy.save")
    return File(np.load(path, mmap_mode="r", allow_pickle=False), None)


def _csv(path: Path) -> File:
    """Read comma-separated numbers; a first line with text in it names the columns."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        first = next(csv.reader(file), [])
    named = any(not _number(cell) for cell in first)
    label = next((i for i, cell in enumerate(first) if named and cell.strip() in LABELS), None)
    columns = [i for i in range(len(first)) if i != label]
    if not columns:
        raise InputError(f"{path.name} has no column of numbers: give rows of comma-separated numbers")
    given: dict[str, Any] = {"delimiter": ",", "skiprows": int(named), "encoding": "utf-8-sig", "ndmin": 2}
    try:
        X = np.loadtxt(path, usecols=columns, quotechar='"', **given)
    except ValueError as error:
        raise _text(path, columns, first if named else None) or error from None
    y = None if label is None else np.loadtxt(path, usecols=[label], dtype=str, quotechar='"', **given).reshape(-1)
    return File(X, y)


def _text(path: Path, columns: list[int], header: list[str] | None) -> InputError | None:
    """Return the refusal of the first cell that is no number."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        for number, row in enumerate(csv.reader(file)):
            if number == 0 and header:
                continue
            for i in columns:
                if i >= len(row) or not _number(row[i]):
                    cell = repr(row[i][:40]) if i < len(row) else "missing"
                    name = repr(header[i]) if header else i
                    return InputError(
                        f"{path.name}: line {number + 1}, column {name} is {cell}, not a number: "
                        "remove the column or write it as numbers"
                    )
    return None


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _parquet(path: Path) -> File:
    if not any(importlib.util.find_spec(name) for name in ("pyarrow", "fastparquet")):
        raise InputError(
            f"to read {path.name}, install pyarrow or fastparquet (pip install 'anogen[parquet]'), or save it as .csv"
        )
    frame = importlib.import_module("pandas").read_parquet(path)
    label = next((name for name in LABELS if name in frame.columns), None)
    table = frame if label is None else frame.drop(columns=label)
    for name, kind in table.dtypes.items():
        if getattr(kind, "kind", "O") not in "buif":
            raise InputError(
                f"{path.name}: column {name!r} holds {kind}, not numbers: remove it or write it as numbers"
            )
    return File(
        table.to_numpy(dtype=np.float64, na_value=np.nan),
        None if label is None else frame[label].to_numpy().astype(str),
    )
