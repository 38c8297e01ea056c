"""Names, units and categories of the columns of data sets whose files do not have them."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NAMES = {  # those of the UCI repository, from which ADBench took the data
    "adbench/thyroid": ("age", "TSH", "T3", "TT4", "T4U", "FTI"),
    "adbench/cardio": (
        "baseline heart rate", "accelerations", "fetal movements", "uterine contractions", "light decelerations",
        "severe decelerations", "prolonged decelerations", "abnormal short-term variability",
        "mean short-term variability", "abnormal long-term variability", "mean long-term variability",
        "histogram width", "histogram minimum", "histogram maximum", "histogram peaks", "histogram zeros",
        "histogram mode", "histogram mean", "histogram median", "histogram variance", "histogram tendency",
    ),
}  # fmt: skip


class Number(NamedTuple):
    """A column that was scaled to [0, 1]."""

    column: int
    low: float
    high: float
    decimals: int = 0


class Category(NamedTuple):
    """Columns of zeros and ones, one for each text; the last text may be that of zeros only."""

    first: int
    texts: tuple[str, ...]
    n_columns: int


def _category(first: int, texts: str, n_columns: int = 0) -> Category:
    names = tuple(texts.split())
    return Category(first, names, n_columns or len(names))


# The columns are those of DevNet's copy of UCI's "bank-additional-full", which has a header, in the same order. Ranges:
# the smallest steps of the scaled values confirm them, such as 1/81 for the age and 1/4918 for the duration in seconds.
CAMPAIGN: dict[str, Number | Category] = {
    "age": Number(0, 17, 98),
    "job": _category(
        1, "housemaid services admin. blue-collar technician retired management unemployed self-employed unknown "
        "entrepreneur student",
    ),
    "marital": _category(13, "married single divorced unknown"),
    "education": _category(
        17, "basic.4y high.school basic.6y basic.9y professional.course unknown university.degree illiterate"
    ),
    "default": _category(25, "no unknown yes"),
    "housing": _category(28, "no yes unknown"),
    "loan": _category(31, "no yes unknown"),
    "contact": _category(34, "cellular telephone", 1),
    "month": _category(35, "may jun jul aug oct nov dec mar apr sep"),
    "day_of_week": _category(45, "mon tue wed thu fri"),
    "duration": Number(50, 0, 4918),
    "campaign": Number(51, 1, 56),
    "pdays": Number(52, 0, 999),
    "previous": Number(53, 0, 7),
    "poutcome": _category(54, "nonexistent failure success"),
    "emp.var.rate": Number(57, -3.4, 1.4, 1),
    "cons.price.idx": Number(58, 92.201, 94.767, 3),
    "cons.conf.idx": Number(59, -50.8, -26.9, 1),
    "euribor3m": Number(60, 0.634, 5.045, 3),
    "nr.employed": Number(61, 4963.6, 5228.1, 1),
}  # fmt: skip


def with_columns(dataset: str, rows: NDArray[np.float64]) -> NDArray[np.float64] | pd.DataFrame:
    """Return rows (n, d) as a table with names, original units and texts, as far as they are known."""
    if dataset == "adbench/campaign":
        return campaign_table(rows)
    return pd.DataFrame(rows, columns=NAMES[dataset]) if dataset in NAMES else rows


def names_of(dataset: str, count: int) -> list[str]:
    """Return the names of the columns, numbers counted from 1 where there are none."""
    known = tuple(CAMPAIGN) if dataset == "adbench/campaign" else NAMES.get(dataset)
    return list(known or map(str, range(1, count + 1)))


def campaign_table(rows: NDArray[np.float64]) -> pd.DataFrame:
    """Return rows (n, 62) of the bank's file as a table with the columns of `CAMPAIGN`."""
    return pd.DataFrame({name: _values(column, rows) for name, column in CAMPAIGN.items()})


def campaign_features() -> list[NDArray[np.intp]]:
    """Return for each column of `CAMPAIGN` the columns of the file that it is made of."""
    ends = np.cumsum([column.n_columns if isinstance(column, Category) else 1 for column in CAMPAIGN.values()])
    return np.split(np.arange(ends[-1]), ends[:-1])


def _values(column: Number | Category, rows: NDArray[np.float64]) -> NDArray:
    """Return one column (n,) in its own units, or as texts."""
    if isinstance(column, Number):
        return np.round(column.low + rows[:, column.column] * (column.high - column.low), column.decimals)
    block = rows[:, column.first : column.first + column.n_columns]
    return np.array(column.texts)[np.column_stack([block, 0.5 * (block.sum(axis=1) == 0)]).argmax(axis=1)]
