"""The figure and tables of chapter `correlation`: ROC AUC against the quality of what is drawn."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from anogen import detectors
from anogen.evaluation.association import Association, association
from anogen.experiments.correlation import DECIDES, MEASURES
from anogen.figures.style import GREY, PALETTE, new_figure, short
from anogen.figures.tables import Table
from anogen.records import Record

MARKERS = "oXs^vDP*<>phd"


class Grid(NamedTuple):
    """Tables over detectors and classes, of all records of one data set."""

    names: list[str]
    classes: list[int]
    auc: np.ndarray  # (detectors, classes)
    found: dict[str, np.ndarray]  # by measure: the mean of a cell's images, (detectors, classes)
    optimum: dict[str, np.ndarray]  # by measure: of the known optimum, else NaN


def grid(records: Mapping[str, Record]) -> Grid:
    """Put the records of detectors together."""
    first = next(iter(records.values()))
    found = {m: np.array([r[m].mean(axis=1) for r in records.values()], dtype=float) for m in MEASURES}
    optimum = {m: np.array([r[f"optimum_{m}"] for r in records.values()], dtype=float) for m in MEASURES}
    auc = np.array([r["auc"] for r in records.values()])
    return Grid(list(records), first["classes"].tolist(), auc, found, optimum)


def associations(cells: Grid) -> dict[str, dict[str, Association]]:
    """Correlate ROC AUC with every measure, of the search's images (`found`) and of the optima where they are known."""
    tables: dict[str, dict[str, Association]] = {"found": {}, "optimum": {}}
    for kind, of in (("found", cells.found), ("optimum", cells.optimum)):
        for measure in MEASURES:
            if np.isfinite(of[measure]).any(axis=1).sum() >= 3:
                sign = -1 if measure == "nn_ratio" else 1  # a distance is the better the smaller
                tables[kind][measure] = association(cells.auc, sign * of[measure])
    return tables


def answer(cells: Grid) -> str:
    """Return the answer to the open question in one sentence, from the measure that was chosen to decide."""
    found = association(cells.auc, cells.found[DECIDES])
    word = {
        "positive": "Yes: detectors with a higher ROC AUC draw better images",
        "negative": "No, on the contrary: detectors with a higher ROC AUC draw worse images",
        "undecided": "Not so that these detectors could show it: ROC AUC says little about the quality of drawn images",
    }[found.verdict]
    low, high = found.detectors
    return (
        f"{word} (Spearman's correlation {found.rho:.2f} over {len(cells.names)} detectors and {len(cells.classes)} "
        f"classes; 95% interval {low:.2f} to {high:.2f} over detectors, {found.cells[0]:.2f} to {found.cells[1]:.2f} "
        f"over cells; p = {found.p:.2g})."
    )


def scatter(cells: Grid) -> Figure:
    """Plot the quality of the images found against ROC AUC, a mark for each detector and class."""
    figure, axes = new_figure(1, 1, height=4.8)
    ax = axes[0, 0]
    for i, name in enumerate(cells.names):
        style = {"marker": MARKERS[i % len(MARKERS)], "color": PALETTE[i % len(PALETTE)]}
        ax.plot(cells.auc[i], cells.found[DECIDES][i], linestyle="", markersize=5, alpha=0.75, clip_on=False, **style)
        ax.plot([], [], linestyle="", label=title(name), **style)
    ax.axvline(0.5, color=GREY, linewidth=1, linestyle=":")
    ax.set(xlabel="ROC AUC", ylabel="quality of the drawn images", ylim=(-0.02, 1.02))
    figure.legend(loc="outside right upper", fontsize=9, handletextpad=0.1)
    return figure


def table(cells: Grid) -> Table:
    """Return the correlation of every measure with ROC AUC."""
    rows = []
    for kind, of in associations(cells).items():
        for measure, one in of.items():
            intervals = [f"{low:.2f} to {high:.2f}" for low, high in (one.cells, one.detectors)]
            sign = "−" if measure == "nn_ratio" else ""
            where = "search" if kind == "found" else "optimum"
            rows.append([f"{sign}`{measure}`, {where}", f"{one.rho:.2f}", *intervals, f"{one.p:.2g}", one.verdict])
    return "measure | Spearman | 95% over cells | 95% over detectors | p | verdict", rows


def by_detector(cells: Grid) -> Table:
    """Return the means over classes of each detector, the best ROC AUC first."""
    rows = []
    for i in np.argsort(-cells.auc.mean(axis=1)):
        best = cells.optimum[DECIDES][i].mean()
        means = [short(float(cells.found[m][i].mean())) for m in MEASURES]
        rows.append(
            [
                title(cells.names[i]),
                f"{cells.auc[i].mean():.3f}",
                *means,
                short(float(best)) if np.isfinite(best) else "-",
            ]
        )
    head = " | ".join(["detector", "ROC AUC", *(f"`{m}`" for m in MEASURES), f"`{DECIDES}` of the optimum"])
    return head, rows


def csv(cells: Grid) -> str:
    """Return every cell as a line of comma-separated values."""
    names = [*MEASURES, *(f"optimum_{m}" for m in MEASURES)]
    lines = [",".join(["detector", "class", "auc", *names])]
    for i, name in enumerate(cells.names):
        for j, label in enumerate(cells.classes):
            values = [cells.auc[i, j], *(of[m][i, j] for of in (cells.found, cells.optimum) for m in MEASURES)]
            lines.append(",".join([name, str(label), *(f"{v:.6g}" if np.isfinite(v) else "" for v in values)]))
    return "\n".join(lines) + "\n"


def title(name: str) -> str:
    """Return a detector's name as it is printed."""
    return detectors.entry(name.partition(":")[0]).title
