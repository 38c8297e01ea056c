"""Is our benchmark sound? ROC AUC beside what PyOD's documentation has published for the same data and protocol.

The numbers are facts: means of twenty random splits (60% to train), computed by PyOD's authors with its defaults of
2019. They stand in `pyod_published_roc.csv`, for the six data sets that have as many rows and features in ADBench.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from companion.claims.base import Arrays

COLUMNS = {
    "abod": "ABOD", "cblof": "CBLOF", "feature-bagging": "FB", "hbos": "HBOS", "iforest": "IForest", "knn": "KNN",
    "lof": "LOF", "mcd": "MCD", "ocsvm": "OCSVM", "pca": "PCA",
}  # fmt: skip
SPLITS = 20  # that a published mean is of
TOLERANCE = 0.02
TARGET = 0.85  # of the cells that must agree


class Cell(NamedTuple):
    """One detector on one data set."""

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
def published() -> Mapping[tuple[str, str], float]:
    """Return the published mean of each data set, in lower case, and column."""
    text = Path(__file__).with_name("pyod_published_roc.csv").read_text("utf8")
    rows = csv.DictReader(text.splitlines())
    return {(row["Data"].lower(), name): float(row[name]) for row in rows for name in COLUMNS.values()}


def compared(record: Arrays) -> list[Cell]:
    """Return every cell that both have.

    The splits of the published mean are taken to vary as ours do, so that its standard error is known, too.
    """
    cells = []
    for m, method in enumerate(record["methods"].tolist()):
        for f, name in enumerate(record["sets"].tolist()):
            value = published().get((name.lower(), COLUMNS.get(method, "")))
            found = record["roc_auc"][m, f]
            found = found[~np.isnan(found)]
            if value is None:
                continue
            if not len(found):
                cells.append(Cell(name, method, float("nan"), value, 0.0))
                continue
            spread = found.std(ddof=1) if len(found) > 1 else 0.0
            error = spread * np.sqrt(1 / len(found) + 1 / SPLITS)
            cells.append(Cell(name, method, float(found.mean()), value, float(error)))
    return cells


def agreement(cells: list[Cell]) -> float:
    """Return the share of cells that agree; a detector that failed does not."""
    return sum(cell.agrees for cell in cells) / len(cells)
