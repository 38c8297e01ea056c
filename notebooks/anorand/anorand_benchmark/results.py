"""What the records of the benchmark say together: one value for each data set and method."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from companion.claims import inventory
from companion.claims.base import Arrays
from companion.datasets import adbench
from notebooks.anorand.anorand_benchmark.ranking import ranks
from notebooks.anorand.anorand_benchmark.supervised import SUPERVISED, TABLE_2

SETS = tuple(dict.fromkeys(entry.set for entry in adbench.catalogue()))  # ADBench's 57


class Results(NamedTuple):
    """Means over repetitions, and over the files of a data set."""

    sets: tuple[str, ...]  # S, those of which a file was read
    methods: tuple[str, ...]  # M
    values: np.ndarray  # (S, M), NaN where a method failed on every file
    failures: dict[tuple[str, str], str]  # by data set and method: what the first failure said

    @property
    def ranks(self) -> np.ndarray:
        """Ranks (S, M); a method that failed is last."""
        return ranks(self.values)

    def of(self, method: str) -> np.ndarray:
        """Return a method's values, (S,)."""
        return np.asarray(self.values[:, self.methods.index(method)])

    def rank(self, method: str) -> np.ndarray:
        """Return a method's ranks, (S,)."""
        return np.asarray(self.ranks[:, self.methods.index(method)])

    def only(self, methods: Sequence[str] = (), category: str = "") -> "Results":
        """Return the part of some methods, or of one category of data sets."""
        chosen = [m for m in self.methods if m in methods] if methods else list(self.methods)
        sets = [s for s in self.sets if not category or category_of(s) == category]
        rows, columns = [self.sets.index(s) for s in sets], [self.methods.index(m) for m in chosen]
        return Results(tuple(sets), tuple(chosen), self.values[np.ix_(rows, columns)], self.failures)


def category_of(name: str) -> str:
    """Return the category of a data set; of one that packages ship, `shipped`."""
    return next((entry.category for entry in adbench.catalogue() if entry.set == name), "shipped")


def set_of(file: str) -> str:
    """Return the data set that a file belongs to."""
    known = adbench.known()
    return known[file].set if file in known else file


def combined(records: Sequence[Arrays], measure: str = "average_precision") -> Results:
    """Put the records of several groups of methods together, which have the same files."""
    files = records[0]["sets"].tolist()
    sets = tuple(dict.fromkeys(map(set_of, files)))
    methods: list[str] = []
    columns: list[list[np.ndarray]] = []
    failures: dict[tuple[str, str], str] = {}
    for record in records:
        if record["sets"].tolist() != files:
            raise ValueError("these records are of different data sets")
        for m, method in enumerate(record["methods"].tolist()):
            each = mean(record[measure][m])
            columns.append([mean(each[[i for i, f in enumerate(files) if set_of(f) == s]]) for s in sets])
            methods.append(method)
            for f, said in enumerate(record["failure"][m].tolist()):
                if said:
                    failures.setdefault((set_of(files[f]), method), said)
    return Results(sets, tuple(methods), np.array(columns, dtype=float).T, failures)


def mean(values: Any) -> np.ndarray:
    """Return the mean along the last axis of what is known, NaN where nothing is."""
    values = np.asarray(values, dtype=float)
    known = ~np.isnan(values)
    total, count = np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def reported() -> dict[tuple[str, str], float]:
    """Return what the source's Table 2 reports, AUC PR from 0 to 1, by our name of the data set and its column.

    Entries that cannot be as they are printed are left out (`inc-anorand-22`, `inc-anorand-24`).
    """
    (table,) = (one for one in inventory.tables() if one.id == "anorand-table-2")
    doubtful = {("celeba", "GANomaly"), ("FashionMNIST", "REPEN")}
    return {
        (TABLE_2[row[0]], column): row[i] / 100
        for row in table.rows
        for i, column in enumerate(table.columns)
        if i and not column.endswith(("_rank", "_std")) and row[i] is not None and (row[0], column) not in doubtful
    }


def column_of(method: str) -> str:
    """Return the column of Table 2 that a method belongs to."""
    return SUPERVISED[method].column
