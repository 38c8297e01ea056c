"""Results of the benchmark: means over repetitions, ranks and tests (Demsar 2006), and PyOD's published values."""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from companion.claims import inventory
from companion.claims.base import Arrays
from companion.datasets import adbench
from notebooks.anorand.anorand_benchmark.data import TABLE_2
from notebooks.anorand.anorand_benchmark.methods import SUPERVISED

Floats = NDArray[np.float64]
SETS = tuple(dict.fromkeys(entry.set for entry in adbench.catalogue()))  # ADBench's 57
DOUBTFUL = {("celeba", "GANomaly"), ("FashionMNIST", "REPEN")}  # entries of Table 2 that cannot be right as printed
# PyOD's documentation publishes the mean ROC AUC of twenty random splits (60% to train) with its defaults of 2019.
# `pyod_published_roc.csv` has them for the six data sets that have as many rows and features in ADBench.
PUBLISHED_COLUMNS = {
    "abod": "ABOD", "cblof": "CBLOF", "feature-bagging": "FB", "hbos": "HBOS", "iforest": "IForest", "knn": "KNN",
    "lof": "LOF", "mcd": "MCD", "ocsvm": "OCSVM", "pca": "PCA",
}  # fmt: skip
SPLITS = 20
TOLERANCE = 0.02
TEST_SHARE, MOST_ROWS = 0.3, 10_000  # of the benchmark's splits, see `data.split`
TARGET = 0.85  # share of the cells that must agree


class Results(NamedTuple):
    """Means over repetitions, and over the files of a data set."""

    sets: tuple[str, ...]  # S, those of which a file was read
    methods: tuple[str, ...]  # M
    values: np.ndarray  # (S, M), NaN where a method failed on every file
    failures: dict[tuple[str, str], str]  # by data set and method: the message of the first failure

    @property
    def ranks(self) -> np.ndarray:
        """Ranks (S, M); a method that failed is last."""
        return rank(self.values)

    @property
    def mean_ranks(self) -> dict[str, float]:
        """Mean ranks by method."""
        return dict(zip(self.methods, self.ranks.mean(axis=0).tolist(), strict=True))

    def values_of(self, method: str) -> np.ndarray:
        """Return a method's values, (S,)."""
        return np.asarray(self.values[:, self.methods.index(method)])

    def select(self, methods: Sequence[str], category: str = "") -> "Results":
        """Return the part of some methods, and of one category of data sets if it is given."""
        chosen = [m for m in self.methods if m in methods]
        sets = [s for s in self.sets if not category or category_of(s) == category]
        rows, columns = [self.sets.index(s) for s in sets], [self.methods.index(m) for m in chosen]
        return Results(tuple(sets), tuple(chosen), self.values[np.ix_(rows, columns)], self.failures)


def category_of(name: str) -> str:
    """Return the category of a data set; `shipped` for one that packages ship."""
    return next((entry.category for entry in adbench.catalogue() if entry.set == name), "shipped")


def set_of(file: str) -> str:
    """Return the data set that a file belongs to."""
    known = adbench.known()
    return known[file].set if file in known else file


def combine(records: Sequence[Arrays]) -> Results:
    """Combine the records of several groups of methods on the same files into AUC PR per data set and method."""
    files = records[0]["sets"].tolist()
    sets = tuple(dict.fromkeys(map(set_of, files)))
    members = [[i for i, file in enumerate(files) if set_of(file) == name] for name in sets]
    methods: list[str] = []
    columns: list[list[np.ndarray]] = []
    failures: dict[tuple[str, str], str] = {}
    for record in records:
        if record["sets"].tolist() != files:
            raise ValueError("these records are of different data sets")
        for m, method in enumerate(record["methods"].tolist()):
            by_file = known_mean(record["average_precision"][m])
            columns.append([known_mean(by_file[indices]) for indices in members])
            methods.append(method)
            for file, message in zip(files, record["failure"][m].tolist(), strict=True):
                if message:
                    failures.setdefault((set_of(file), method), message)
    return Results(sets, tuple(methods), np.array(columns, dtype=float).T, failures)


def arrays_of(record: Arrays) -> Mapping[str, np.ndarray]:
    """Return the arrays of a record by name; a plain dictionary is its own."""
    return cast(Mapping[str, np.ndarray], getattr(record, "arrays", record))


def as_failures(records: Sequence[Arrays]) -> list[Arrays]:
    """Return records of the benchmark in which repetitions with equal scores for all test rows are failures.

    Their values are NaN, and the message of the failure states how many they are. In the book they are those in which
    PCA's scores are infinite. That depends on the processor: `InfiniteScores` computes the repetitions on another one.
    """
    return [_as_failures(record) for record in records]


def _as_failures(record: Arrays) -> Arrays:
    arrays = {key: np.array(values) for key, values in arrays_of(record).items()}
    equal, tried = equal_scores(record), (~np.isnan(arrays["average_precision"])).sum(axis=-1)
    for key in {"roc_auc", "average_precision"} & arrays.keys():
        arrays[key][equal] = np.nan
    if "failure" in arrays:
        said = arrays["failure"].tolist()
        for m, f in np.argwhere(equal.any(axis=-1)).tolist():
            said[m][f] = f"equal scores in {equal[m, f].sum()} of {tried[m, f]} repetitions"
        arrays["failure"] = np.array(said)
    return arrays


def equal_scores(record: Arrays) -> np.ndarray:
    """Return whether a repetition's scores are the same for all test rows, for each value of a record.

    ROC AUC is then exactly one half, and AUC PR the share of anomalies among the test rows, which is that of the data
    set up to half a row. On artificial data, whose share varies, a ROC AUC of exactly one half is no chance.
    """
    half = np.asarray(record["roc_auc"] == 0.5)
    if "sets" not in arrays_of(record):
        return half
    tested = TEST_SHARE * np.minimum(record["rows"], MOST_ROWS)
    apart = np.abs(record["average_precision"] - (record["anomalies"] / record["rows"])[:, None])
    return np.asarray(half & (apart <= 0.51 / tested[:, None]))


def pca_of(records: Sequence[Arrays], name: str) -> tuple[Arrays, np.ndarray]:
    """Return PCA's values by metric on a data set of the benchmark, (R,) each, and which of them are of equal scores.

    There are none, (0,), if no record has the data set.
    """
    for record in records:
        methods, sets = record["methods"].tolist(), arrays_of(record).get("sets", np.array([name])).tolist()
        if "pca" in methods and name in sets:
            m, f = methods.index("pca"), sets.index(name)
            values, equal = (
                {key: np.asarray(record[key])[m].reshape(len(sets), -1)[f] for key in ("roc_auc", "average_precision")},
                equal_scores(record)[m].reshape(len(sets), -1)[f],
            )
            tried = ~np.isnan(values["roc_auc"])
            return {key: array[tried] for key, array in values.items()}, equal[tried]
    return {"roc_auc": np.empty(0), "average_precision": np.empty(0)}, np.empty(0, dtype=bool)


def failed(pca: Arrays, name: str) -> np.ndarray:
    """Return for each repetition on a data set whether PCA's scores of all its test rows are infinite, (R,)."""
    return np.asarray(pca["infinite"][0, pca["sets"].tolist().index(name)] == 1)


def repetitions(pca: Arrays, name: str) -> int:
    """Return the number of repetitions on a data set."""
    return int((~np.isnan(pca["infinite"][0, pca["sets"].tolist().index(name)])).sum())


def concerned(pca: Arrays) -> list[str]:
    """Return the data sets, files or artificial, with a repetition in which PCA's scores are infinite."""
    return [name for name in pca["sets"].tolist() if failed(pca, name).any()]


def collinear(pca: Arrays) -> list[str]:
    """Return the data sets of which training columns depend linearly on others."""
    pairs = zip(pca["sets"].tolist(), pca["dependent"], strict=True)
    return [name for name, columns in pairs if np.nanmax(columns) > 0]


def known_mean(values: Any) -> np.ndarray:
    """Return the mean along the last axis without NaN; NaN where all values are (`np.nanmean` would warn)."""
    values = np.asarray(values, dtype=float)
    known = ~np.isnan(values)
    total, count = np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def reported_values() -> dict[tuple[str, str], float]:
    """Return the values of the source's Table 2, AUC PR from 0 to 1, by our name of the data set and its column.

    Entries that cannot be right as printed are left out (`inc-anorand-22`, `inc-anorand-24`).
    """
    (table,) = (table for table in inventory.tables() if table.id == "anorand-table-2")
    return {
        (TABLE_2[row[0]], column): row[i] / 100
        for row in table.rows
        for i, column in enumerate(table.columns)
        if i and not column.endswith(("_rank", "_std")) and row[i] is not None and (row[0], column) not in DOUBTFUL
    }


def column_of(method: str) -> str:
    """Return the column of Table 2 that a method belongs to."""
    return SUPERVISED[method].column or SUPERVISED[method].title


def rank(values: Floats) -> Floats:
    """Return ranks on each data set, (S, M) -> (S, M): 1 for the largest value, ties shared; NaN (failed) last."""
    known = np.where(np.isnan(values), -np.inf, values)
    return np.asarray(stats.rankdata(-known, axis=1), dtype=np.float64)


def friedman(ranked: Floats) -> float:
    """Return the p value of Friedman's test that all methods rank alike, from ranks (S, M) of three methods or more."""
    return float(stats.friedmanchisquare(*ranked.T).pvalue)


def critical_difference(sets: int, methods: int, level: float = 0.05) -> float:
    """Return Nemenyi's critical difference of mean ranks: q sqrt(M (M + 1) / (6 S)), q of the studentised range."""
    q = stats.studentized_range.ppf(1 - level, methods, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(methods * (methods + 1) / (6 * sets)))


def holm(p: Sequence[float]) -> Floats:
    """Return p values adjusted for their number by Holm's step-down rule, in the same order."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values)
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(steps, 1)
    return adjusted


def wilcoxon_p(first: Floats, second: Floats) -> float:
    """Return the two-sided p value of Wilcoxon's test on paired values (S,), without NaN; 1 if none differ."""
    both = ~(np.isnan(first) | np.isnan(second))
    difference = first[both] - second[both]
    return float(stats.wilcoxon(difference).pvalue) if difference.any() else 1.0


class Cell(NamedTuple):
    """One detector on one data set, compared with PyOD's published value."""

    set: str
    method: str
    ours: float  # mean over our splits; NaN where the detector failed
    published: float
    error: float  # standard error of the difference of both means

    @property
    def agrees(self) -> bool:
        """Whether the means differ by at most 0.02 or two standard errors, whichever is more."""
        return abs(self.ours - self.published) <= max(TOLERANCE, 2 * self.error)


@cache
def published_roc() -> Mapping[tuple[str, str], float]:
    """Return the published mean of each data set, in lower case, and method."""
    text = Path(__file__).with_name("pyod_published_roc.csv").read_text("utf8")
    rows = csv.DictReader(text.splitlines())
    return {(row["Data"].lower(), name): float(row[key]) for row in rows for name, key in PUBLISHED_COLUMNS.items()}


def compare_published(record: Arrays) -> list[Cell]:
    """Return the cells with a published value; the splits behind it are assumed to vary as ours do."""
    cells = []
    for m, method in enumerate(record["methods"].tolist()):
        for f, name in enumerate(record["sets"].tolist()):
            ours = record["roc_auc"][m, f]
            ours = ours[~np.isnan(ours)]
            if (value := published_roc().get((name.lower(), method))) is not None:
                spread = ours.std(ddof=1) if len(ours) > 1 else 0.0
                error = spread * np.sqrt(1 / len(ours) + 1 / SPLITS) if len(ours) else 0.0
                cells.append(Cell(name, method, float(known_mean(ours)), value, float(error)))
    return cells


def agreement(cells: list[Cell]) -> float:
    """Return the share of cells that agree; a detector that failed does not."""
    return sum(cell.agrees for cell in cells) / len(cells)
