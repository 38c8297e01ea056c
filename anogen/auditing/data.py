"""The user's rows, checked, and divided into those to learn from and those to ask about."""

from dataclasses import dataclass
from math import isqrt, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.errors import InputError

Floats = NDArray[np.float64]

REAL = 100  # rows that are asked about
LEAST = 10  # rows, below which nothing can be told
MOST_ROWS, MOST_VALUES = 10_000, 20_000_000  # that a detector is fitted to: 160 MB
CHUNK = 4_000_000  # values that are looked at together
SMALLEST_IMAGE = 8  # pixels a side


@dataclass(frozen=True, eq=False)
class Rows:
    """Normal rows, and what an audit compares them with.

    Attributes
    ----------
    train : (m, d), at most 10,000 rows, fewer if they are very long; what a class is fitted to.
    real : (r, d), at most 100 other rows; the training rows themselves where there are fewer than 50.
    others : (a, d), at most 1,000 rows with another label, or none.
    low, high : (d,), of every normal row; of all features together for images.
    constant : bool (d,), the features that never change.
    shape : of an image, (h, w) or (h, w, 3), or None for a table.
    total : number of normal rows that were given.
    """

    train: Floats
    real: Floats
    others: Floats
    low: Floats
    high: Floats
    constant: NDArray[np.bool_]
    shape: tuple[int, ...] | None
    total: int

    @property
    def span(self) -> float:
        """The largest range of a feature."""
        return float((self.high - self.low).max())

    @property
    def width(self) -> Floats:
        """The range of each feature, (d,); 1 where it is 0, so that one can divide by it."""
        width = self.high - self.low
        return np.where(width > 0, width, 1.0)

    def unit(self, rows: Floats) -> Floats:
        """Return rows (n, d) on the scale on which each feature goes from 0 to 1."""
        return (rows - self.low) / self.width


def take(
    X: ArrayLike,
    y: ArrayLike | None = None,
    normal: object = None,
    shape: tuple[int, ...] | str | None = "auto",
    seed: int = 0,
) -> Rows:
    """Check rows and divide them.

    Parameters
    ----------
    X
        Numbers, (n, d), or images (n, h, w) or (n, h, w, 3).
    y, normal
        Labels (n,), and the one of the normal rows; without `normal`, all rows are.
    shape
        Of an image; "auto" takes rows for square grey images if their length is a square, of 8 x 8 or more, and their
        values lie in [0, 1] or are whole numbers up to 255; None takes them for a table.
    seed
        Of the choice of rows.

    Raises
    ------
    InputError
        If X holds no numbers, NaN, infinity, fewer than 10 normal rows or nothing that varies; or if labels do not fit.
    """
    table, shape = _table(X, shape)
    mine = _normal(len(table), y, normal)
    chosen = np.flatnonzero(mine)
    if len(chosen) < LEAST:
        raise InputError(f"{len(chosen)} normal rows are too few to audit a detector with: give at least {LEAST}")
    most = min(MOST_ROWS, MOST_VALUES // table.shape[1])
    if most < LEAST:
        raise InputError(f"{table.shape[1]:,} columns are too many: give at most {MOST_VALUES // LEAST:,}")
    low, high, whole = _survey(table, mine)
    constant = low == high
    if constant.all():
        raise InputError("every column is constant: there is nothing to learn from these rows")
    if shape == "auto":
        shape = _guess(table.shape[1], low, high, whole)
    order = np.random.default_rng(seed).permutation(chosen)
    few = len(order) < 50
    held = 0 if few else min(REAL, len(order) // 5, most)
    train = order[held : held + most]
    real = train[:REAL] if few else order[:held]
    others = np.random.default_rng(seed).permutation(np.flatnonzero(~mine))[: min(1000, most)]
    if shape is not None:
        low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
    train, real, others = (np.asarray(table[np.sort(some)], dtype=np.float64) for some in (train, real, others))
    return Rows(
        train, real, others, low, high, constant, None if shape is None else tuple(map(int, shape)), len(chosen)
    )


def _table(X: ArrayLike, shape: Any) -> tuple[NDArray[Any], Any]:
    """Return X as a matrix, still of its own type and wherever it lies, and the shape of an image."""
    array = np.asanyarray(X)
    if array.dtype.kind not in "buif":
        raise InputError(f"X holds {array.dtype}, not numbers: give a numeric array, without objects and text")
    if array.ndim < 2:
        raise InputError(f"X of shape {array.shape} is no table: give rows and columns, (n, d)")
    if 0 in array.shape:
        raise InputError(f"X of shape {array.shape} is empty: give at least {LEAST} rows")
    if array.ndim > 2:
        shape = array.shape[1:] if shape == "auto" else shape
        array = array.reshape(len(array), -1)
    if isinstance(shape, str) and shape != "auto":
        raise InputError(f"shape {shape!r} is none: give numbers such as (28, 28), 'auto' or None")
    if shape not in (None, "auto"):
        if len(shape) not in (2, 3) or prod(shape) != array.shape[1] or (len(shape) == 3 and shape[2] not in (1, 3)):
            raise InputError(
                f"shape {tuple(shape)} does not fit rows of {array.shape[1]} columns: give (h, w) or (h, w, 3)"
            )
        shape = shape[:2] if len(shape) == 3 and shape[2] == 1 else shape
    return array, shape


def _normal(count: int, y: ArrayLike | None, normal: object) -> NDArray[np.bool_]:
    """Return which rows are normal, (n,); a label is compared as a number where both are numbers, else as text."""
    if normal is None:
        return np.ones(count, dtype=bool)
    if y is None:
        raise InputError(f"no labels are known, so none is {normal!r}: give y, or leave out the normal label")
    labels = np.asarray(y).reshape(-1)
    if len(labels) != count:
        raise InputError(f"{len(labels)} labels do not fit {count} rows: give one for each")
    try:
        mine = labels.astype(np.float64) == float(str(normal))
    except ValueError:
        mine = labels.astype(str) == str(normal)
    if not mine.any():
        some = ", ".join(map(str, np.unique(labels.astype(str))[:10]))
        raise InputError(f"no row has the label {normal!r}: the labels are {some}")
    return mine


def _survey(table: NDArray[Any], mine: NDArray[np.bool_]) -> tuple[Floats, Floats, bool]:
    """Return the lowest and highest value of each feature of the normal rows, and whether all are whole numbers.

    Raises `InputError` for the first value of any row that is not finite.
    """
    low, high = np.full(table.shape[1], np.inf), np.full(table.shape[1], -np.inf)
    whole, step = True, max(1, CHUNK // table.shape[1])
    for start in range(0, len(table), step):
        part = np.asarray(table[start : start + step], dtype=np.float64)
        if not np.isfinite(part).all():
            row, column = np.argwhere(~np.isfinite(part))[0]
            raise InputError(
                f"row {start + row}, column {column} of X is {part[row, column]} (counted from 0): "
                "remove or fill in what is NaN or infinite"
            )
        part = part[mine[start : start + step]]
        if len(part):
            low, high = np.minimum(low, part.min(axis=0)), np.maximum(high, part.max(axis=0))
            whole = whole and bool((part == np.round(part)).all())
    return low, high, whole


def _guess(d: int, low: Floats, high: Floats, whole: bool) -> tuple[int, int] | None:
    """Return the shape of a grey image, if that is what rows look like."""
    side = isqrt(d)
    if side * side != d or side < SMALLEST_IMAGE or low.min() < 0:
        return None
    return (side, side) if high.max() <= 1 or (whole and high.max() <= 255) else None
