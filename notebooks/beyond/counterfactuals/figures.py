"""Figure and tables of chapter `counterfactuals`."""

from collections import Counter

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import image_grid, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.common.columns import CAMPAIGN, campaign_features, campaign_table
from notebooks.beyond.common.figures_tabular import titles

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
            shares = others(record, place, number).mean(), record[last][place, number].mean()
            rows.append([f"{title}, {method}", f"{changed:g}", f"{distance:.1f}", *map(percent, shares)])
    name = {"judged": "looks normal", "valid": "valid"}[last]
    return Table(("detector, method", "changed", "distance", "others agree", name), rows)


def table_example(record: Record, number: int = 0) -> Table:
    """Return the columns of one customer that any detector's sparse counterfactual changes, and the new values."""
    old, new = record["anomalies"][number], record["rows"][:, 0, number]
    customer, found = (campaign_table(rows.astype(np.float64)) for rows in (old[None], new))
    rows = []
    for name, own in zip(CAMPAIGN, campaign_features(), strict=True):
        changed = (new[:, own] != old[own]).any(axis=1)
        if changed.any():
            values = [text(value) if new else "" for value, new in zip(found[name], changed, strict=True)]
            rows.append([name, text(customer[name][0]), *values])
    return Table(("column", "customer", *titles(record)), rows)


def text(value: str | float) -> str:
    """Write a value of a table."""
    return value if isinstance(value, str) else f"{value:g}"


def table_columns(record: Record) -> Table:
    """Return for each detector the columns that its sparse counterfactuals change most often."""
    rows = []
    for place, title in enumerate(titles(record)):
        new, old = record["rows"][place, 0], record["anomalies"]
        shares = Counter({
            name: float((new[:, own] != old[:, own]).any(axis=1).mean())
            for name, own in zip(CAMPAIGN, campaign_features(), strict=True)
        })  # fmt: skip
        frequent = [f"{name} ({percent(share)})" for name, share in shares.most_common(FREQUENT)]
        rows.append([title, ", ".join(frequent)])
    return Table(("detector", "columns changed most often"), rows)
