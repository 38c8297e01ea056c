"""Figure and tables of chapter `counterfactuals`."""

from collections import Counter

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import image_grid, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.common.figures_tabular import titles
from notebooks.beyond.counterfactuals import bank

METHODS = ("sparse", "line")
SHOWN = 6  # anomalies
FREQUENT = 3  # columns


@implements("anogen-fig-counterfactuals")
def fig_counterfactuals(record: Record) -> Figure:
    """Draw anomalies, and below each its counterfactuals, two rows for each detector."""
    rows = [record["anomalies"][:SHOWN]]
    labels = ["anomaly"]
    for place, title in enumerate(titles(record)):
        for number, method in enumerate(METHODS):
            rows.append(record["rows"][place, number, :SHOWN])
            labels.append(f"{title},\n{method}")
    return image_grid(pictures(np.stack(rows)), row_labels=labels)


def others(record: Record, place: int, method: int) -> np.ndarray:
    """Return which of the other detectors score each counterfactual of one detector as normal, (n, D - 1)."""
    return np.delete(record["agree"][place, method], place, axis=1)


def reached(record: Record, place: int, method: int = 0) -> float:
    """Return the share of anomalies for which a detector scores the row that was found as normal."""
    return float(record["agree"][place, method][:, place].mean())


def agreement(record: Record, method: int) -> float:
    """Return the share of pairs of a counterfactual and another detector that scores it as normal."""
    return float(np.mean([others(record, place, method) for place in range(len(titles(record)))]))


def table_measures(record: Record) -> Table:
    """Return the measures of each detector's counterfactuals by both methods."""
    rows = []
    last = "judged" if "judged" in record.arrays else "valid"
    for place, title in enumerate(titles(record)):
        for number, method in enumerate(METHODS):
            changed, distance = (np.median(record[key][place, number]) for key in ("changed", "distance"))
            shares = (
                reached(record, place, number),
                others(record, place, number).mean(),
                record[last][place, number].mean(),
            )
            rows.append([f"{title}, {method}", f"{changed:g}", f"{distance:.1f}", *map(percent, shares)])
    name = {"judged": "looks normal", "valid": "valid"}[last]
    return Table(("detector, method", "changed", "distance", "reached", "others agree", name), rows)


def table_example(record: Record, number: int = 0) -> Table:
    """Return the columns of one anomaly that any detector's sparse counterfactual changes, and the new values."""
    old, new = record["anomalies"][number], record["rows"][:, 0, number]
    rows = []
    for column, own in zip(bank.COLUMNS, bank.features(), strict=True):
        if (new[:, own] != old[own]).any():
            values = [column.text(row[own]) if (row[own] != old[own]).any() else "" for row in new]
            rows.append([column.name, column.text(old[own]), *values])
    return Table(("column", "customer", *titles(record)), rows)


def table_columns(record: Record) -> Table:
    """Return for each detector the columns that its sparse counterfactuals change most often."""
    rows = []
    for place, title in enumerate(titles(record)):
        counts: Counter[str] = Counter()
        for old, new in zip(record["anomalies"], record["rows"][place, 0], strict=True):
            for column, own in zip(bank.COLUMNS, bank.features(), strict=True):
                counts[column.name] += bool((new[own] != old[own]).any())
        frequent = [f"{name} ({percent(n / len(record['anomalies']))})" for name, n in counts.most_common(FREQUENT)]
        rows.append([title, ", ".join(frequent)])
    return Table(("detector", "columns changed most often"), rows)
