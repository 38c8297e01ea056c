"""Figure and tables of chapter `correlation`: ROC AUC against the quality of the generated images."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import rankdata

from anogen.detectors import entry, parse_spec
from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, GREY, PALETTE, VERMILION, new_figure
from companion.figures.tables import Table
from companion.records import Record
from notebooks.beyond.correlation.experiments import DECIDES, MEASURES
from notebooks.beyond.correlation.relation import FLOOR, Relation, family, pool, relate, tables, tie_aware_power

MARKERS = "oXs^vDP*<>phd"
IN_UNITS = ("quality", "p_cls")  # of [0, 1]: values below the floor tie
FLOORS = (0.0, 1e-6, 1e-3, FLOOR, 0.1)
SIZES = (9, 18, 30, 60)  # numbers of detectors whose power is stated
STRENGTHS = (0.3, 0.5)
NAMES = {
    "quality": "quality", "p_cls": "class probability", "nn_ratio": "nearness to real images", "morans_i": "Moran's I",
    "normal_looking": "normal-looking",
}  # of the measures, in tables  # fmt: skip
SHOWN = {"quality": "quality", "p_cls": "class probability", "nn_ratio": "distance to real images"}  # by detector


class Grid(NamedTuple):
    """Tables over detectors, classes and trainings, of all records of one data set."""

    names: list[str]
    classes: list[int]
    auc: np.ndarray  # (detectors, classes, trainings)
    found: dict[str, np.ndarray]  # by measure: of the searches' images, (detectors, classes, trainings)
    optimum: dict[str, np.ndarray]  # by measure: of the known optima, else NaN


def grid(records: Mapping[str, Record]) -> Grid:
    """Put the records of detectors together."""
    first, *_ = each = list(records.values())
    auc = np.array([r["auc"] for r in each])
    found, optimum = (
        {m: np.array([r[prefix + m] for r in each], dtype=float) for m in MEASURES} for prefix in ("", "optimum_")
    )
    return Grid(list(records), first["classes"].tolist(), auc, found, optimum)


def relations(cells: Grid) -> dict[str, dict[str, Relation]]:
    """Relate ROC AUC to every measure, of the search's images (`found`) and of the optima where they are known."""
    return {
        kind: {m: relation(cells, m, kind) for m in MEASURES if known(by[m]).sum() >= 3}
        for kind, by in (("found", cells.found), ("optimum", cells.optimum))
    }


def relation(cells: Grid, measure: str = DECIDES, kind: str = "found") -> Relation:
    """Relate ROC AUC to one measure within classes; a small `nn_ratio` is good."""
    sign = -1 if measure == "nn_ratio" else 1
    floor = FLOOR if measure in IN_UNITS else -np.inf
    return relate(cells.auc, sign * getattr(cells, kind)[measure], cells.names, floor=floor)


def known(table: np.ndarray) -> np.ndarray:
    """Return which detectors have numbers, (detectors,), in a table (detectors, ...)."""
    return np.asarray(np.isfinite(table).reshape(len(table), -1).all(axis=1))


@implements("anogen-fig-correlation-*")
def fig_correlation(cells: Grid) -> Figure:
    """Plot all cells, the mean ranks of every detector, and the correlation of every class."""
    figure, axes = new_figure(2, 2, height=6.2)
    kinds = list(dict.fromkeys(family(name) for name in cells.names))
    draw_cells(axes[0, 0], cells)
    draw_ranks(axes[0, 1], cells, kinds)
    draw_classes(axes[1, 0], cells)
    legend = axes[1, 1]
    for i, name in enumerate(kinds):
        legend.plot([], [], linestyle="", label=entry(name).title, **style(i))
    legend.axis("off")
    legend.legend(loc="center", ncols=2, fontsize=7.5, handletextpad=0.1, columnspacing=0.8, frameon=False)
    return figure


def draw_cells(axes: Axes, cells: Grid) -> None:
    """Plot the quality of all cells against ROC AUC; red is the class whose images have the highest mean quality."""
    x, y, _ = tables(cells.auc, cells.found[DECIDES], -np.inf)
    best = int(y.mean(axis=0).argmax())
    for chosen, colour in ((np.arange(x.shape[1]) != best, GREY), (np.arange(x.shape[1]) == best, VERMILION)):
        axes.plot(
            x[:, chosen].ravel(), y[:, chosen].ravel(), "o", color=colour, markersize=3.5, alpha=0.7, clip_on=False
        )
    axes.set(xlabel="ROC AUC", ylabel=DECIDES, ylim=(-0.02, 1.02))
    axes.set_title(f"(a) all pairs; class {cells.classes[best]} in red")


def draw_ranks(axes: Axes, cells: Grid, kinds: list[str]) -> None:
    """Plot the mean ranks within classes: a mark for each detector, in the style of its family."""
    x, y, rows = tables(cells.auc, cells.found[DECIDES], FLOOR)
    for row, *point in zip(rows.tolist(), *(rankdata(table, axis=0).mean(axis=1) for table in (x, y)), strict=True):
        mark = style(kinds.index(family(cells.names[row])))
        axes.plot(*point, linestyle="", markersize=6, alpha=0.85, clip_on=False, **mark)
    axes.set(xlabel="mean rank of ROC AUC", ylabel=f"mean rank of {DECIDES}")
    axes.set_title("(b) ranks within classes")


def draw_classes(axes: Axes, cells: Grid) -> None:
    """Plot the correlation within every class, their mean with its interval, and the pooled correlation."""
    within, pooled, classes = relation(cells), pool(cells.auc, cells.found[DECIDES]), len(cells.classes)
    axes.plot(within.by_class, range(classes), "o", color=BLUE, markersize=5)
    results = ((within.rho, within.interval, BLACK), (pooled.rho, pooled.interval, VERMILION))
    for y, (rho, interval, colour) in enumerate(results, classes):
        axes.plot(interval, [y, y], color=colour, linewidth=1.5)
        axes.plot(rho, y, "o", color=colour, markersize=5)
    axes.axvline(0, color=GREY, linewidth=1, linestyle=":")
    axes.set_yticks(range(classes + 2), [*map(str, cells.classes), "mean", "pooled"])
    axes.invert_yaxis()
    axes.set(xlim=(-1, 1), xlabel="Spearman's correlation", ylabel="class")
    axes.set_title("(c) correlation within each class")


def style(index: int) -> dict[str, Any]:
    """Return a family's marker and colour."""
    return {"marker": MARKERS[index % len(MARKERS)], "color": PALETTE[index % len(PALETTE)]}


def title(spec: str) -> str:
    """Return the printed name of a detector with its options."""
    name, options = parse_spec(spec)
    text = ", ".join(f"{key} {value}" for key, value in options.items()).replace("_", " ")
    return entry(name).title + (f" ({text})" if text else "")


def table_budget(record: Record) -> Table:
    """Return the final scores of both searches of every detector, the shorter first, and their images' quality."""
    rows = []
    for i, name in enumerate(record.parameter("detectors")):
        low, real = record["optimum"][i], record["real_scores"][i, 1]
        relative = (record["scores"][i] - low) / (real - low)
        ends = [f"{score:.2f}" if np.isfinite(low) else "–" for score in relative]
        qualities = [float(record[DECIDES][i, j]) for j in range(2)]
        rows.append([title(name), *ends, *(f"{q:.2f}" if q >= FLOOR else f"< {FLOOR:g}" for q in qualities)])
    head = ("detector", "score, short search", "score, long search", "quality, short", "quality, long")
    return Table(head, rows)


def table_relations(cells: Grid) -> Table:
    """Return the relation of every measure with ROC AUC."""
    rows = []
    for kind, by_measure in relations(cells).items():
        for measure, result in by_measure.items():
            name = f"{NAMES[measure]}, {'search' if kind == 'found' else 'optimum'}"
            low, high = result.interval
            values = f"{result.rho:.2f}", f"{low:.2f} to {high:.2f}", f"{result.p:.2g}", f"{result.p_families:.2g}"
            rows.append([name, *values, result.verdict])
    head = ("measure, images", "correlation", "95% interval", "p, detectors", "p, families", "answer")
    return Table(head, rows)


def table_floors(cells: Grid) -> Table:
    """Return the correlation for several floors of the quality."""
    rows = []
    for floor in FLOORS:
        result = relate(cells.auc, cells.found[DECIDES], cells.names, floor=floor)
        low, high = result.interval
        tied = (tables(cells.auc, cells.found[DECIDES], floor)[1] <= floor).mean()
        rows.append(
            [
                np.format_float_positional(floor, trim="-"),
                f"{tied:.0%}",
                f"{result.rho:.2f}",
                f"{low:.2f} to {high:.2f}",
                f"{result.p:.2g}",
            ]
        )
    return Table(("floor", "pairs at the floor", "correlation", "95% interval", "p, detectors"), rows)


def table_power(cells: Grid) -> Table:
    """Return the probability that n independent detectors show a correlation of a given strength."""
    auc, quality = cells.auc, cells.found[DECIDES]
    rows = [[str(n), *(f"{tie_aware_power(auc, quality, n=n, rho=rho):.2f}" for rho in STRENGTHS)] for n in SIZES]
    return Table(("detectors", *(f"finds a correlation of {rho:g}" for rho in STRENGTHS)), rows)


def table_by_detector(cells: Grid) -> Table:
    """Return the means over classes of each detector, the best ROC AUC first."""
    rows = []
    for i in np.argsort(-cells.auc.mean(axis=(1, 2))):
        best = cells.optimum[DECIDES][i].mean()
        means = [f"{cells.found[m][i].mean():.2f}" for m in SHOWN]
        optimum = f"{best:.2f}" if np.isfinite(best) else "–"
        rows.append([title(cells.names[i]), f"{cells.auc[i].mean():.3f}", *means, optimum])
    return Table(("detector", "ROC AUC", *SHOWN.values(), "quality of the optimum"), rows)


def csv(cells: Grid) -> str:
    """Return every cell as a line of comma-separated values."""
    axes = {"detector": cells.names, "class": cells.classes, "training": range(cells.auc.shape[2])}
    tables = {"auc": cells.auc, **cells.found, **{f"optimum_{name}": values for name, values in cells.optimum.items()}}
    index = pd.MultiIndex.from_product(axes.values(), names=axes.keys())
    columns = {name: values.ravel() for name, values in tables.items()}
    return str(pd.DataFrame(columns, index).to_csv(float_format="%.6g"))
