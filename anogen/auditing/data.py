"""The user's rows: validated, and divided into a training set and rows to score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isqrt, prod
from operator import index
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from anogen.errors import InputError, brief, require

Floats = NDArray[np.float64]

MAX_REAL_ROWS = 100
MIN_ROWS = 10
MAX_ROWS, MAX_VALUES = 10_000, 10_000_000  # of the training set: 80 MB
CHUNK_SIZE = 4_000_000  # values that are read at once
MIN_SIDE = 8  # pixels of the smallest square image that is recognised
MAX_LEVELS = 1_000  # texts of a categorical column
MAX_INTEGERS = 10  # distinct values of a column of integers that is not interpolated
SIGNAL = "signal"  # the image_shape of windows of a signal
MAX_VALUE = 1e150  # squares of larger values are infinite


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
    is_shape_guessed: bool  # from the number of columns and the values
    columns: list[str] | None  # names of the columns, if X is a DataFrame
    n_rows: int  # number of normal rows in X
    is_signal: bool = False  # whether the rows are windows of a signal
    frame: "Frame | None" = None  # how rows become a DataFrame again, if X is one
    discrete: Mapping[int, Floats] = field(default_factory=dict)  # the valid values of columns without values between

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
        frame = Frame.of(X) if hasattr(X, "columns") and hasattr(X, "dtypes") else None
        is_signal = isinstance(image_shape, str) and image_shape == SIGNAL
        table, shape = _as_table(X if frame is None else frame.encode(X), None if is_signal else image_shape)
        is_normal = _normal_rows(len(table), y, normal_label)
        normal = np.flatnonzero(is_normal)
        count, d = len(normal), table.shape[1]
        require(count >= MIN_ROWS, f"{count} normal rows are too few for an audit: give at least {MIN_ROWS}")
        most = min(MAX_ROWS, MAX_VALUES // d)
        require(most >= MIN_ROWS, f"{d:,} columns are too many: give at most {MAX_VALUES // MIN_ROWS:,}")
        low, high, integers = _ranges(table, is_normal)
        constant = low == high
        require(not constant.all(), "every column is constant: give rows that differ")
        is_guessed, shape = (True, _guess_shape(d, low, high, integers)) if shape == "auto" else (False, shape)
        order = np.random.default_rng(seed).permutation(normal)
        held_out = 0 if count < 50 else min(MAX_REAL_ROWS, count // 5, most)
        train = order[held_out : held_out + most]
        real = order[:held_out] if held_out else train[:MAX_REAL_ROWS]
        others = np.random.default_rng(seed).permutation(np.flatnonzero(~is_normal))[: min(1000, most)]
        if shape is not None:
            low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
        columns = None if frame is None else [str(name) for name in frame.names]

        def select(chosen: NDArray[np.intp]) -> Floats:
            return np.asarray(table[np.sort(chosen)], dtype=np.float64)

        parts = select(train), select(real), select(others)
        discrete = {} if frame is None else frame.discrete(parts[0])
        is_guessed = is_guessed and shape is not None
        return cls(*parts, low, high, constant, shape, is_guessed, columns, count, is_signal, frame, discrete)

    @property
    def levels(self) -> dict[str, list[str]]:
        """The texts of each categorical column, by its number."""
        categories = {} if self.frame is None else self.frame.categories
        return {str(column): [str(text) for text in texts] for column, texts in categories.items()}

    def decoder(self, detector: Any) -> Callable[[Floats], Any] | None:
        """Return the function that makes a DataFrame of rows (n, d), for detectors that need one; None for others.

        They are all detectors if X has text, and those that were fitted to a DataFrame; not look-ups of scores.
        """
        if hasattr(detector, "decidable"):
            return None
        needed = self.frame and (self.frame.categories or hasattr(detector, "feature_names_in_"))
        return self.frame.decode if self.frame and needed else None

    def snap(self, rows: Floats) -> Floats:
        """Return rows (n, d) with each discrete column moved to its nearest valid value."""
        rows = rows.copy()
        for column, valid in self.discrete.items():
            rows[:, column] = valid[np.abs(rows[:, column, None] - valid).argmin(axis=1)]
        return rows

    @property
    def span(self) -> float:
        """The largest range of a feature."""
        return float((self.high - self.low).max())

    @property
    def is_text(self) -> NDArray[np.bool_]:
        """Whether each column (d,) is categorical: its numbers stand for texts, so they cannot be moved or scaled."""
        return np.isin(np.arange(len(self.low)), [int(column) for column in self.levels])

    def scaled(self, rows: Floats) -> Floats:
        """Return `coordinates` with each feature's range mapped to [0, 1]."""
        return self.coordinates(rows - self.low, np.where(self.high > self.low, self.high - self.low, 1.0))

    def coordinates(self, rows: Floats, unit: Floats) -> Floats:
        """Return rows (n, d) with features divided by `unit` (d,), and a distance of 1 between different texts."""
        if not self.levels:
            return rows / unit
        texts = [(rows[:, [int(j)]] == np.arange(len(names))) / np.sqrt(2) for j, names in self.levels.items()]
        return np.column_stack([rows[:, ~self.is_text] / unit[~self.is_text], *texts])


@dataclass(frozen=True, eq=False)
class Frame:
    """The columns of a DataFrame: their names, and the texts that whole numbers stand for in rows of an audit."""

    names: Any  # the index of the columns
    categories: Mapping[int, list[Any]]  # values of text, bool and categorical columns, by the column's number

    @classmethod
    def of(cls, table: Any) -> Self:
        """Read the columns; raises `InputError` for a column of too many texts, such as an identifier."""
        require(len(set(table.columns)) == len(table.columns), "two columns have the same name: rename one")
        categories = {}
        for column, (name, values) in enumerate(table.items()):
            if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
                continue
            texts = pd.Categorical(values).categories
            many = f"column {str(name)!r} has {len(texts):,} different values that are not numbers"
            require(len(texts) <= MAX_LEVELS, f"{many}: remove identifiers and dates, or write them as numbers")
            categories[column] = texts.tolist()
        return cls(table.columns, categories)

    def encode(self, table: Any) -> Floats:
        """Return the rows as numbers (n, d); raises `InputError` for a missing text."""
        columns = []
        for column, (name, values) in enumerate(table.items()):
            if column not in self.categories:
                columns.append(values.to_numpy(dtype=np.float64, na_value=np.nan))
                continue
            codes = pd.Categorical(values, categories=self.categories[column]).codes
            missing = int((codes < 0).argmax())
            hint = "fill it in, or remove the row"
            require(codes.min(initial=0) >= 0, f"row {missing}, column {str(name)!r} of X is missing: {hint}")
            columns.append(codes.astype(np.float64))
        return np.column_stack(columns) if columns else np.empty((len(table), 0))

    def decode(self, rows: Floats) -> Any:
        """Return rows (n, d) as a DataFrame, in which every text is one of those in the data."""
        table, rows = {}, np.asarray(rows)
        for column, name in enumerate(self.names):
            values: Any = rows[:, column]
            if texts := self.categories.get(column):
                codes = np.nan_to_num(values).round().clip(0, len(texts) - 1).astype(int)
                values = pd.Series(texts).to_numpy()[codes]
            table[name] = values
        return pd.DataFrame(table)

    def discrete(self, train: Floats) -> dict[int, Floats]:
        """Return the valid values of each column that is text, or has at most 10 different integers, by its number."""
        found = {column: np.arange(float(len(texts))) for column, texts in self.categories.items()}
        for column, values in enumerate(train.T):
            levels = np.unique(values)
            if column not in found and len(levels) <= MAX_INTEGERS and (levels == levels.round()).all():
                found[column] = levels
        return found


def windows(X: ArrayLike, y: ArrayLike | None = None, width: int = 64) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Cut a signal into windows that do not overlap.

    Parameters
    ----------
    X : array_like
        The signal, (t,) or (t, 1).
    y : array_like, optional
        A label for each point, (t,).
    width : int
        Points in a window, w.

    Returns
    -------
    rows : ndarray
        Windows (n, w), to be audited with ``image_shape="signal"``; points that fill no window are left out.
    labels : ndarray or None
        The label of each window (n,): that of its points, or of the first point that differs from the first of all.
    """
    signal = _as_array(X, "X")
    require(signal.ndim == 1 or signal.shape[1:] == (1,), f"X of shape {signal.shape} is not one signal: give (t,)")
    require(width >= 2, f"a window of {width} points is too short: give 2 or more")
    count = len(signal) // width
    require(count >= MIN_ROWS, f"{len(signal)} points are {count} windows of {width}: give at least {MIN_ROWS}")
    rows = signal[: count * width].reshape(count, width)
    if y is None:
        return rows, None
    labels = _as_array(y, "y").reshape(-1)
    require(len(labels) == len(signal), f"{len(labels)} labels do not fit {len(signal)} points: give one for each")
    parts = labels[: count * width].reshape(count, width)
    return rows, parts[np.arange(count), (parts != parts.flat[0]).argmax(axis=1)]


def _as_table(X: ArrayLike, shape: Any) -> tuple[NDArray[Any], Any]:
    """Return X as a matrix (n, d) of its own type, memory-mapped or not, and the shape of an image."""
    array = _as_array(X, "X")
    numeric = array.dtype.kind in "buif"
    require(numeric, f"X holds {array.dtype}, not numbers: give a numeric array, without objects and text")
    require(array.ndim >= 2, f"X of shape {array.shape} is not a table: give rows and columns, (n, d)")
    require(0 not in array.shape, f"X of shape {array.shape} is empty: give at least {MIN_ROWS} rows")
    if array.ndim > 2:
        shape = array.shape[1:] if isinstance(shape, str) and shape == "auto" else shape
        array = array.reshape(len(array), -1)
    if shape is None or (isinstance(shape, str) and shape == "auto"):
        return array, shape
    try:
        sides = tuple(map(index, shape))
    except TypeError:
        hint = "give whole numbers such as (28, 28), 'auto' or None"
        raise InputError(f"image_shape {shape!r} is not a shape: {hint}") from None
    d = array.shape[1]
    fits = len(sides) in (2, 3) and min(sides) > 0 and prod(sides) == d and sides[2:] in ((), (1,), (3,))
    require(fits, f"image_shape {shape} does not fit rows of {d} columns: give (h, w) or (h, w, 3)")
    return array, sides[:2] if sides[2:] == (1,) else sides


def _as_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return the user's values as an array of their own type."""
    require(not np.ma.is_masked(values), f"{name} has masked values: fill them in, or remove their rows")
    try:
        return np.asarray(values)
    except Exception as error:  # noqa: BLE001  what the conversion of the user's object raises
        raise InputError(f"{name} cannot be read as an array ({brief(error)}): give a NumPy array") from None


def _normal_rows(count: int, y: ArrayLike | None, normal_label: object) -> NDArray[np.bool_]:
    """Return which rows are normal, bool (n,); labels are compared as numbers if they are numbers, else as text."""
    if normal_label is None:
        return np.ones(count, dtype=bool)
    if y is None:
        hint = "give y (or --label COLUMN), or omit the normal label"
        raise InputError(f"there are no labels to compare with {normal_label!r}: {hint}")
    labels = _as_array(y, "y").reshape(-1)
    require(len(labels) == count, f"{len(labels)} labels do not fit {count} rows: give one for each row")
    try:
        is_normal = labels.astype(np.float64) == float(str(normal_label))
    except (TypeError, ValueError):
        is_normal = labels.astype(str) == str(normal_label)
    known = ", ".join(map(str, np.unique(labels.astype(str))[:10]))
    require(is_normal.any(), f"no row has the label {normal_label!r}: the labels are {known}")
    return is_normal


def _ranges(table: NDArray[Any], is_normal: NDArray[np.bool_]) -> tuple[Floats, Floats, bool]:
    """Return the minimum and maximum (d,) of each feature over the normal rows, and whether all values are integers.

    Raises `InputError` for the first value of any row that is not finite, or beyond ±1e150.
    """
    low, high = np.full(table.shape[1], np.inf), np.full(table.shape[1], -np.inf)
    integers, step = True, max(1, CHUNK_SIZE // table.shape[1])
    for start in range(0, len(table), step):
        part = np.asarray(table[start : start + step], dtype=np.float64)
        valid = np.abs(part) <= MAX_VALUE
        if not valid.all():
            row, column = np.argwhere(~valid)[0]
            place = f"row {start + row}, column {column} of X is {part[row, column]} (counted from 0)"
            raise InputError(f"{place}: remove the row or fill in a value within ±{MAX_VALUE:g}")
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
