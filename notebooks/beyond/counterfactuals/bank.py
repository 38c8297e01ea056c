"""The columns of the bank marketing data: names, categories and units, for ADBench's file without names.

The names are those of the UCI repository (Moro, Cortez and Rita, 2014), from which ADBench took the data. Its columns
have the same order, its categories those of their first appearance; the number of rows of each category tells which is
which. Numbers are scaled to [0, 1] there; the ranges scale them back.
"""

from typing import NamedTuple

import numpy as np


class Column(NamedTuple):
    """A column: either the names of its categories, in the order of its features, or its range and decimals."""

    name: str
    categories: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    decimals: int = 0

    @property
    def width(self) -> int:
        """The number of features."""
        return len(self.categories) if len(self.categories) > 2 else 1

    def text(self, values: np.ndarray) -> str:
        """Write the values of the column's features (width,)."""
        if len(self.categories) == 2:
            return self.categories[int(values[0] > 0.5)]
        if self.categories:
            return self.categories[int(values.argmax())] if values.max() == 1 else "–"
        return f"{self.low + values[0] * (self.high - self.low):.{self.decimals}f}"


COLUMNS = (
    Column("age", low=17, high=98),
    Column("job", (
        "housemaid", "services", "admin.", "blue-collar", "technician", "retired", "management", "unemployed",
        "self-employed", "unknown", "entrepreneur", "student",
    )),
    Column("marital", ("married", "single", "divorced", "unknown")),
    Column("education", (
        "basic 4 years", "high school", "basic 6 years", "basic 9 years", "professional course", "unknown",
        "university degree", "illiterate",
    )),
    Column("credit in default", ("no", "unknown", "yes")),
    Column("housing loan", ("no", "yes", "unknown")),
    Column("personal loan", ("no", "yes", "unknown")),
    Column("contact", ("telephone", "cellular")),
    Column("month", (
        "May", "June", "July", "August", "October", "November", "December", "March", "April",
        "September",
    )),
    Column("day of week", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")),
    Column("duration of call in s", low=0, high=4918),
    Column("calls in this campaign", low=1, high=56),
    Column("days since last contact", low=0, high=999),
    Column("earlier contacts", low=0, high=7),
    Column("outcome of last campaign", ("none", "failure", "success")),
    Column("employment variation", low=-3.4, high=1.4, decimals=1),
    Column("consumer prices", low=92.201, high=94.767, decimals=1),
    Column("consumer confidence", low=-50.8, high=-26.9, decimals=1),
    Column("Euribor, 3 months", low=0.634, high=5.045, decimals=2),
    Column("employees in thousands", low=4.9636, high=5.2281, decimals=2),
)  # fmt: skip


def features() -> list[np.ndarray]:
    """Return the features of each column, as indices."""
    ends = np.cumsum([column.width for column in COLUMNS])
    return np.split(np.arange(ends[-1]), ends[:-1])
