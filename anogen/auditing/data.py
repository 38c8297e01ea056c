"""The user's rows, validated and divided into a training set and rows to score."""

from dataclasses import dataclass
from math import isqrt, prod
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.errors import InputError

Floats = NDArray[np.float64]

MAX_REAL_ROWS = 100
MIN_ROWS = 10
MAX_ROWS, MAX_VALUES = 10_000, 20_000_000  # of the training set: 160 MB
CHUNK_SIZE = 4_000_000  # values that are read at once
MIN_SIDE = 8  # pixels of the smallest square image that is recognised


@dataclass(frozen=True, eq=False)
class AuditData:
    """Normal rows, and the rows that an audit compares them with.

    Attributes
    ----------
    train : (m, d), at most 10,000 rows, fewer if they are very long; a class is fitted to them.
    real : (r, d), at most 100 other rows; the training rows themselves if there are fewer than 50.
    others : (a, d), at most 1,000 rows with another label.
    low, high : (d,), range of the normal rows in each feature; for images, of all features together.
    constant : bool (d,), the features that have one value in all normal rows.
    image_shape : (h, w) or (h, w, 3); None for a table.
    n_rows : number of normal rows in X.
    """

    train: Floats
    real: Floats
    others: Floats
    low: Floats
    high: Floats
    constant: NDArray[np.bool_]
    image_shape: tuple[int, ...] | None
    n_rows: int

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
        if len(normal) < MIN_ROWS:
            raise InputError(f"{len(normal)} normal rows are too few for an audit: give at least {MIN_ROWS}")
        most = min(MAX_ROWS, MAX_VALUES // table.shape[1])
        if most < MIN_ROWS:
            raise InputError(f"{table.shape[1]:,} columns are too many: give at most {MAX_VALUES // MIN_ROWS:,}")
        low, high, integers = _ranges(table, is_normal)
        constant = low == high
        if constant.all():
            raise InputError("every column is constant: give rows that differ")
        if shape == "auto":
            shape = _guess_shape(table.shape[1], low, high, integers)
        order = np.random.default_rng(seed).permutation(normal)
        few = len(order) < 50
        held_out = 0 if few else min(MAX_REAL_ROWS, len(order) // 5, most)
        train = order[held_out : held_out + most]
        real = train[:MAX_REAL_ROWS] if few else order[:held_out]
        others = np.random.default_rng(seed).permutation(np.flatnonzero(~is_normal))[: min(1000, most)]
        if shape is not None:
            low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
            shape = tuple(map(int, shape))

        def select(index: NDArray[np.intp]) -> Floats:
            return np.asarray(table[np.sort(index)], dtype=np.float64)

        return cls(select(train), select(real), select(others), low, high, constant, shape, len(normal))

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
    if array.dtype.kind not in "buif":
        raise InputError(f"X holds {array.dtype}, not numbers: give a numeric array, without objects and text")
    if array.ndim < 2:
        raise InputError(f"X of shape {array.shape} is not a table: give rows and columns, (n, d)")
    if 0 in array.shape:
        raise InputError(f"X of shape {array.shape} is empty: give at least {MIN_ROWS} rows")
    if array.ndim > 2:
        shape = array.shape[1:] if shape == "auto" else shape
        array = array.reshape(len(array), -1)
    if isinstance(shape, str) and shape != "auto":
        raise InputError(f"image_shape {shape!r} is unknown: give numbers such as (28, 28), 'auto' or None")
    if shape not in (None, "auto"):
        if len(shape) not in (2, 3) or prod(shape) != array.shape[1] or (len(shape) == 3 and shape[2] not in (1, 3)):
            raise InputError(
                f"image_shape {tuple(shape)} does not fit rows of {array.shape[1]} columns: give (h, w) or (h, w, 3)"
            )
        shape = shape[:2] if len(shape) == 3 and shape[2] == 1 else shape
    return array, shape


def _normal_rows(count: int, y: ArrayLike | None, normal_label: object) -> NDArray[np.bool_]:
    """Return which rows are normal, bool (n,); labels are compared as numbers if they are numbers, else as text."""
    if normal_label is None:
        return np.ones(count, dtype=bool)
    if y is None:
        raise InputError(f"there are no labels to compare with {normal_label!r}: give y, or omit the normal label")
    labels = np.asarray(y).reshape(-1)
    if len(labels) != count:
        raise InputError(f"{len(labels)} labels do not fit {count} rows: give one for each row")
    try:
        is_normal = labels.astype(np.float64) == float(str(normal_label))
    except ValueError:
        is_normal = labels.astype(str) == str(normal_label)
    if not is_normal.any():
        known = ", ".join(map(str, np.unique(labels.astype(str))[:10]))
        raise InputError(f"no row has the label {normal_label!r}: the labels are {known}")
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
            raise InputError(
                f"row {start + row}, column {column} of X is {part[row, column]} (counted from 0): "
                "remove the row or fill in the value"
            )
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
