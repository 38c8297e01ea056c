"""Figures of chapter `anorand-benchmark` (AnoRand Figs. 5 and 8, Tables 1 and 2)."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion.claims.base import Arrays
from companion.figures.registry import implements
from companion.figures.style import BLUE, FIELD_COLOURS, GREY, VERMILION, new_figure, styled
from notebooks.anorand.anorand_benchmark.claims import OURS
from notebooks.anorand.anorand_benchmark.methods import METHODS, SUPERVISED, Method
from notebooks.anorand.anorand_benchmark.results import Cell, Results, critical_difference


def colour(method: str) -> str:
    """Return the colour of a method: its own for AnoRand and for the network with its labels, grey for others."""
    return {OURS: VERMILION, "mlp": BLUE}.get(method, GREY)


@implements("anorand-fig-5", "anogen-fig-benchmark-artificial")
def fig_5(records: Sequence[Arrays]) -> Figure:
    """Draw AUC PR and ROC AUC of every run, methods ordered by the first; and seconds to train, where there are any."""
    entries = [
        (name, record, m)
        for record in records
        for m, name in enumerate(record["methods"].tolist())
        if not np.isnan(record["average_precision"][m]).all()
    ]
    entries.sort(key=lambda entry: np.nanmean(entry[1]["average_precision"][entry[2]]))
    figure, axes = new_figure(3, width=7.6, height=0.3 * len(entries) + 1.1, sharey=True)
    names = [METHODS[name].title for name, _, _ in entries]
    with styled():
        for ax, key, label in zip(axes[0], ("average_precision", "roc_auc"), ("AUC PR", "ROC AUC"), strict=False):
            for y, (name, record, m) in enumerate(entries):
                values = record[key][m]
                ax.plot(values, np.full(values.shape, y), "o", color=colour(name), markersize=4, alpha=0.5)
                ax.plot(np.nanmean(values), y, "|", color=colour(name), markersize=14, markeredgewidth=2.5)
            ax.set(xlabel=label)
        for y, (name, record, m) in enumerate(entries):
            if "seconds" in cast(Any, getattr(record, "arrays", record)):
                axes[0, 2].plot(np.nanmedian(record["seconds"][m]), y, "s", color=colour(name), markersize=6)
        axes[0, 2].set(xlabel="seconds to train", xscale="log")
        axes[0, 0].set(yticks=range(len(names)), yticklabels=names)
        for ax, letter in ((axes[0, 0], "(a)"), (axes[0, 2], "(b)")):
            ax.text(0, 1.01, letter, transform=ax.transAxes, va="bottom", fontsize=12)
    return figure


@implements("anorand-fig-8", "anogen-fig-benchmark-real-ranks")
def fig_8(results: Results) -> Figure:
    """Draw the ranks of every method over the data sets as boxes, ordered by their means, which are dots."""
    order = np.argsort(-results.ranks.mean(axis=0))
    figure, axes = new_figure(1, width=6.4, height=0.3 * len(order) + 1.1)
    with styled():
        boxes = axes[0, 0].boxplot(results.ranks[:, order], orientation="horizontal", widths=0.6)
        for box, m in zip(boxes["boxes"], order, strict=True):
            box.set_color(colour(results.methods[m]))
        _plot_means(axes[0, 0], results, "rank by AUC PR (1 is best)", first=1, size=6)
    return figure


@implements("anogen-fig-ranks")
def fig_mean_ranks(results: Results) -> Figure:
    """Draw mean ranks; Nemenyi's test cannot distinguish those in the band, one critical difference, from AnoRand's."""
    ours, apart = results.mean_ranks[OURS], critical_difference(*results.ranks.shape)
    figure, axes = new_figure(1, width=6.4, height=0.28 * len(results.methods) + 1.0)
    with styled():
        axes[0, 0].axvspan(ours - apart, ours + apart, color=VERMILION, alpha=0.15, linewidth=0)
        _plot_means(axes[0, 0], results, "mean rank by AUC PR", first=0, size=7)
    return figure


def _plot_means(ax: Axes, results: Results, label: str, first: int, size: int) -> None:
    order = np.argsort(-results.ranks.mean(axis=0))
    names = [results.methods[m] for m in order]
    for y, name in enumerate(names, first):
        ax.plot(results.mean_ranks[name], y, "o", color=colour(name), markersize=size)
    ax.set(xlabel=label)
    ax.set_yticks(range(first, first + len(names)), [METHODS[name].title for name in names])


@implements("anorand-table-1", "anogen-fig-benchmark-real")
def table_1(results: Results, methods: Mapping[str, Method] = METHODS) -> Figure:
    """Draw AUC PR in percent of methods (columns, by mean rank) on data sets (rows).

    A dash: the method failed; a star: some of its repetitions did, and the value is the mean over the others.
    """
    order = np.argsort(results.ranks.mean(axis=0))
    values = 100 * results.values[:, order]
    width, height = 0.42 * values.shape[1] + 1.9, 0.24 * values.shape[0] + 1.7
    figure, [[ax]] = new_figure(1, width=width, height=height)
    with styled():
        ax.imshow(values, vmin=0, vmax=100, cmap=FIELD_COLOURS, aspect="auto")
        for (row, column), value in np.ndenumerate(values):
            best = value == np.nan_to_num(values[row], nan=-1).max()
            style = {"color": "white" if value < 55 else "black", "fontweight": "bold" if best else "normal"}
            star = "*" if (results.sets[row], results.methods[order[column]]) in results.failures else ""
            text = "–" if np.isnan(value) else f"{value:.0f}{star}"
            ax.text(column, row, text, ha="center", va="center", fontsize=8, **style)
        titles = [methods[results.methods[m]].title for m in order]
        ax.set_xticks(range(len(order)), titles, rotation=90, fontsize=9)
        ax.set_yticks(range(len(results.sets)), results.sets, fontsize=9)
        ax.tick_params(length=0)
    return figure


@implements("anorand-table-2", "anogen-fig-benchmark-labelled")
def table_2(results: Results) -> Figure:
    """Draw AUC PR of every supervised method as `table_1` does."""
    return table_1(results, SUPERVISED)


@implements("anogen-fig-harness")
def fig_harness(cells: Sequence[Cell]) -> Figure:
    """Draw our mean ROC AUC over the published one; cells that do not agree are crosses with their names."""
    figure, [[ax]] = new_figure(1, width=5.2, height=5.0)
    with styled():
        ax.plot([0.2, 1], [0.2, 1], color=GREY, linewidth=1)
        named = 0
        for cell in cells:
            if np.isnan(cell.ours):
                continue
            mark, own = ("o", BLUE) if cell.agrees else ("X", VERMILION)
            ax.plot(cell.published, cell.ours, mark, color=own, markersize=6)
            if not cell.agrees:
                name = f"{METHODS[cell.method].title}, {cell.set}"
                offset = (6, 1 if named % 2 else -9)  # alternately above and below, since some have the same values
                ax.annotate(name, (cell.published, cell.ours), offset, textcoords="offset points", fontsize=8)
                named += 1
        ax.set(xlabel="published ROC AUC", ylabel="ROC AUC of this benchmark", aspect="equal")
    return figure
