"""Figure, tables and answer of chapter `correlation`: ROC AUC against the quality of the generated images."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import GREY, PALETTE, new_figure, short
from companion.figures.tables import Table, join_names
from companion.records import Record
from notebooks.beyond.correlation.claims import Association, association
from notebooks.beyond.correlation.experiments import DECIDES, MEASURES
from notebooks.thesis.other_detectors.figures import title

MARKERS = "oXs^vDP*<>phd"


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


def associations(cells: Grid) -> dict[str, dict[str, Association]]:
    """Correlate ROC AUC with every measure, of the search's images (`found`) and of the optima where they are known."""
    signs = {measure: -1 if measure == "nn_ratio" else 1 for measure in MEASURES}  # a small distance is good
    return {
        kind: {m: association(cells.auc, sign * by[m]) for m, sign in signs.items() if known(by[m]).sum() >= 3}
        for kind, by in (("found", cells.found), ("optimum", cells.optimum))
    }


def known(table: np.ndarray) -> np.ndarray:
    """Return which detectors have numbers, (detectors,), in a table (detectors, ...)."""
    return np.asarray(np.isfinite(table).reshape(len(table), -1).all(axis=1))


def answer(cells: Grid, kind: str = "found") -> str:
    """Return the answer in one sentence, by the measure that decides, of the images found or of the known optima."""
    measured = getattr(cells, kind)[DECIDES]
    result = association(cells.auc, measured)
    better, worse = (
        f"draw {how} images" if kind == "found" else f"have {how} known optima" for how in ("better", "worse")
    )
    word = {
        "positive": f"Yes: detectors with a higher ROC AUC {better}",
        "negative": f"No, on the contrary: detectors with a higher ROC AUC {worse}",
        "undecided": f"Undecided, whether detectors with a higher ROC AUC {better}: that there is no correlation is "
        f"not excluded by {join_names(result.including_zero or ['the three together'])}",
    }[result.verdict]
    low, high = result.detectors
    return (
        f"{word} (Spearman's correlation {result.rho:.2f} over {known(measured).sum()} detectors and "
        f"{len(cells.classes)} classes; 95% interval {low:.2f} to {high:.2f} over detectors, {result.cells[0]:.2f} to "
        f"{result.cells[1]:.2f} over cells; p = {result.p:.2g})."
    )


def other_answers(cells: Grid) -> str:
    """Return the answers of the measures of the searches' images that do not decide, in one sentence."""
    others = {m: a for m, a in associations(cells)["found"].items() if m != DECIDES and a.verdict != "undecided"}
    if not others:
        return "None of the others would answer otherwise than *undecided*."
    answers = ", ".join(f"`{m}` ({a.verdict}, {a.rho:.2f})" for m, a in others.items())
    return f"By the same rule, others of the search's images would answer otherwise: {answers}."


@implements("anogen-fig-correlation-*")
def fig_correlation(cells: Grid) -> Figure:
    """Plot the quality of images found, and of known optima, against ROC AUC: a mark for each detector and class."""
    figure, axes = new_figure(2, height=4.4)
    for ax, values, label in zip(axes[0], (cells.found, cells.optimum), ("image found", "known optimum"), strict=True):
        for i in np.flatnonzero(known(values[DECIDES])).tolist():
            x, y = cells.auc[i].mean(axis=-1), values[DECIDES][i].mean(axis=-1)
            ax.plot(x, y, linestyle="", markersize=4.5, alpha=0.75, clip_on=False, **style(i))
        ax.axvline(0.5, color=GREY, linewidth=1, linestyle=":")
        ax.set(xlabel="ROC AUC", ylabel=f"quality of the {label}", ylim=(-0.02, 1.02))
    for i, name in enumerate(cells.names):
        axes[0, 0].plot([], [], linestyle="", label=title(name), **style(i))
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, handletextpad=0.1, columnspacing=0.8)
    return figure


def style(index: int) -> dict[str, str]:
    """Return a detector's marker and colour."""
    return {"marker": MARKERS[index % len(MARKERS)], "color": PALETTE[index % len(PALETTE)]}


def table_budget(record: Record) -> Table:
    """Return the final scores of both searches of every detector, the shorter first, and their images' quality."""
    rows = []
    for i, name in enumerate(record.parameter("detectors")):
        low, real = record["optimum"][i], record["real_scores"][i, 1]
        relative = (record["scores"][i] - low) / (real - low)
        ends = [f"{score:.2g}" if np.isfinite(low) else "-" for score in relative]
        rows.append([title(name), *ends, *(short(float(record[DECIDES][i, j])) for j in range(2))])
    head = ("detector", "score, short search", "score, long search", f"`{DECIDES}`, short", f"`{DECIDES}`, long")
    return Table(head, rows)


def table_associations(cells: Grid) -> Table:
    """Return the correlation of every measure with ROC AUC."""
    rows = []
    for kind, by_measure in associations(cells).items():
        for measure, result in by_measure.items():
            intervals = [f"{low:.2f} to {high:.2f}" for low, high in (result.cells, result.detectors)]
            name = f"{'−' if measure == 'nn_ratio' else ''}`{measure}`, {'search' if kind == 'found' else 'optimum'}"
            rows.append([name, f"{result.rho:.2f}", *intervals, f"{result.p:.2g}", result.verdict])
    return Table(("measure", "Spearman", "95% over cells", "95% over detectors", "p", "verdict"), rows)


def table_by_detector(cells: Grid) -> Table:
    """Return the means over classes of each detector, the best ROC AUC first."""
    rows = []
    for i in np.argsort(-cells.auc.mean(axis=(1, 2))):
        best = cells.optimum[DECIDES][i].mean()
        means = [short(float(cells.found[m][i].mean())) for m in MEASURES]
        optimum = short(float(best)) if np.isfinite(best) else "-"
        rows.append([title(cells.names[i]), f"{cells.auc[i].mean():.3f}", *means, optimum])
    return Table(("detector", "ROC AUC", *(f"`{m}`" for m in MEASURES), f"`{DECIDES}` of the optimum"), rows)


def csv(cells: Grid) -> str:
    """Return every cell as a line of comma-separated values."""
    axes = {"detector": cells.names, "class": cells.classes, "training": range(cells.auc.shape[2])}
    tables = {"auc": cells.auc, **cells.found, **{f"optimum_{name}": values for name, values in cells.optimum.items()}}
    index = pd.MultiIndex.from_product(axes.values(), names=axes.keys())
    columns = {name: values.ravel() for name, values in tables.items()}
    return str(pd.DataFrame(columns, index).to_csv(float_format="%.6g"))
