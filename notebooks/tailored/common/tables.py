"""Tables of results in the tailored paper: measured and as reported."""

from collections.abc import Mapping

import numpy as np

from companion.claims import inventory
from companion.figures.registry import implements
from companion.figures.tables import Table
from companion.records import Record

NAMES: Mapping[str, str] = {
    "FashionMNIST": "fashion", "Omniglot": "omniglot", "notMNIST": "notmnist", "Uniform": "uniform",
    "Gaussian": "gaussian", "CIFAR-10-bw": "cifar10", "CIFAR-100": "cifar100", "MNIST-resized": "mnist",
}  # fmt: skip
SUBSTITUTES = {"LSUN": ("scenes", "scenes, where the paper has LSUN")}  # a real set in a row below one of the paper's
REASONS = {"SVHN-bw": "not to be had", "SVHN": "not to be had", "LSUN": "not to be had"}
METRICS = (
    ("auroc", None, "AUROC"),
    ("fpr95", None, "FPR95TPR"),
    ("accuracy", 0, "accuracy_0.95"),
    ("accuracy", 1, "accuracy_0.99"),
)


@implements(*(f"tailored-table-{number}" for number in range(3, 11)))
def table_3(record: Record, number: int = 3) -> Table:
    """Return one of Tables 3 to 10, of `CriticScores` or `DetectorScores`: measured, reported, and the difference.

    All are in percent. An unavailable set has no measured number; its substitute has a row of its own, below, with
    nothing reported. The last two rows are of fakes and of near anomalies.
    """
    table = printed(f"tailored-table-{number}")
    columns, rows = list(table.columns), []
    for line in table.rows:
        name, row = line[0], [line[0]]
        for key, level, column in METRICS:
            reported = line[columns.index(column)]
            row.append(_cell(measured(record, name, key, level), reported))
        rows.append([f"{name} ({REASONS[name]})" if name in REASONS else name, *row[1:]])
        if name in SUBSTITUTES:
            other, text = SUBSTITUTES[name]
            rows.append([text, *(_cell(_values(record, other, key, level), None) for key, level, _ in METRICS)])
    return Table(("set", "AUROC", "FPR at 95% TPR", "accuracy (0.95)", "accuracy (0.99)"), rows)


def measured(record: Record, name: str, key: str, level: int | None) -> np.ndarray | None:
    """Return a cell's values over the detectors, in percent, (T,); None where there is nothing to measure."""
    real = name in ("MNIST", "CIFAR-10")
    if name in REASONS or (real and level is None):
        return None
    if real:
        return 100 * np.asarray(record["accepted"][:, level])
    known = "fakes" if name.startswith("Fakes") else "near" if name.startswith("Anomalies") else NAMES[name]
    return _values(record, known, key, level)


def _values(record: Record, wanted: str, key: str, level: int | None) -> np.ndarray | None:
    """Return a measure of a set of the record, as `measured` does."""
    names = record["names"].tolist()
    if wanted not in names:
        return None
    values = record[key][:, names.index(wanted)]
    return 100 * np.asarray(values if level is None else values[:, level])


def printed(id_: str) -> inventory.Table:
    """Return a table of the inventory."""
    return next(one for one in inventory.tables() if one.id == id_)


def _cell(values: np.ndarray | None, reported: float | None) -> str:
    """Write mean and deviation over the detectors, then what is reported and the difference to it."""
    theirs = "" if reported is None else f"; {reported:.2f}"
    if values is None:
        return f"-{theirs}"
    spread = f" ({values.std(ddof=1):.2f})" if len(values) > 1 else ""
    apart = "" if reported is None else f", {values.mean() - reported:+.2f}"
    return f"**{values.mean():.2f}**{spread}{theirs}{apart}"
