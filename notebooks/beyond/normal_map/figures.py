"""Figures and table of chapter `normal-map`."""

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import CenteredNorm
from matplotlib.figure import Figure

from companion.claims.base import Arrays
from companion.figures.registry import implements
from companion.figures.style import GREY, WIDTH, new_figure, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.certificates.figures import title
from notebooks.beyond.normal_map.elites import MAX_INK, MAX_ROUGHNESS

COLUMNS = 3
EXTENT = (0, MAX_INK, 0, MAX_ROUGHNESS)
LIMIT = 3  # interquartile ranges at which colours end


def relative(record: Arrays) -> np.ndarray:
    """Return the elites' scores relative to the median held-out image, in interquartile ranges, (side, side)."""
    low, median, high = record["real_quartiles"]
    return np.asarray((record["elite_scores"] - median) / (high - low))


def shares(record: Arrays) -> dict[str, float]:
    """Return shares of the reached cells: whose elite scores below the median real image, and shows no digit or one."""
    scores = relative(record)
    found, below = np.isfinite(scores), np.nan_to_num(scores, nan=np.inf) < 0
    kinds = {"below": below, "no digit": below & ~record["digit"], "normal looking": below & record["normal_looking"]}
    return {name: float(cells.sum() / found.sum()) for name, cells in kinds.items()}


@implements("anogen-fig-normal-map")
def fig_normal_map(records: Mapping[str, Record]) -> Figure:
    """Draw for each detector the scores of the elites; circles are digits to the ensemble, the outline real images."""
    columns = min(COLUMNS, len(records))
    rows = -(-len(records) // columns)
    figure, axes = new_figure(columns, rows, width=WIDTH, height=2.1 * rows + 0.9, sharex=True, sharey=True)
    for ax in axes.flat[len(records) :]:
        ax.axis("off")
    for ax, (detector, record) in zip(axes.flat, records.items(), strict=False):
        scores, side = relative(record), len(record["real"])
        shown = ax.imshow(
            scores, origin="lower", extent=EXTENT, aspect="auto", cmap="RdBu_r", norm=CenteredNorm(0, LIMIT)
        )
        row, column = np.nonzero(record["digit"])
        x, y = (column + 0.5) / side * MAX_INK, (row + 0.5) / side * MAX_ROUGHNESS
        ax.plot(x, y, "o", color="black", markersize=2)
        real = np.kron(record["real"] > 0, np.ones((8, 8)))
        ax.contour(real, levels=[0.5], colors=GREY, linewidths=1.2, extent=EXTENT, origin="lower")
        ax.set_title(title(detector), fontsize=11, loc="left")
    for ax in axes[-1]:
        ax.set_xlabel("ink", fontsize=11)
    for ax in axes[:, 0]:
        ax.set_ylabel("total variation", fontsize=11)
    bar = figure.colorbar(shown, ax=axes, location="bottom", shrink=0.5, aspect=30, extend="both")
    bar.set_label("score − median real image, interquartile ranges", fontsize=10)
    return figure


@implements("anogen-fig-normal-elites")
def fig_elites(records: Mapping[str, Record]) -> Figure:
    """Draw the elites of evenly spaced cells for each detector, at their place in the map."""
    figure, axes = new_figure(len(records), 1, width=WIDTH, height=WIDTH / 2 + 0.2)
    for ax, (detector, record) in zip(axes[0], records.items(), strict=True):
        images = pictures(record["images"]).astype(float) / 255
        step = len(record["elite_scores"]) // len(images)
        images[np.isnan(record["elite_scores"][::step, ::step])] = np.nan  # white
        mosaic = np.concatenate([np.concatenate(list(row), axis=1) for row in images[::-1]], axis=0)
        ax.imshow(mosaic, cmap="gray", vmin=0, vmax=1, extent=EXTENT, aspect="auto", interpolation="nearest")
        ax.set_title(title(detector), fontsize=11, loc="left")
        ax.set_xlabel("ink", fontsize=11)
    axes[0, 0].set_ylabel("total variation", fontsize=11)
    return figure


def table_shares(records: Mapping[str, Record]) -> Table:
    """Return for each detector the reached cells, and shares of them."""
    rows = []
    for detector, record in records.items():
        share = shares(record)
        found = int(np.isfinite(record["elite_scores"]).sum())
        rows.append([title(detector), str(found), *(percent(share[key]) for key in ("below", "no digit"))])
        rows[-1].append(percent(share["normal looking"]))
    return Table(("detector", "cells reached", "below the median real image", "and no digit", "and the digit"), rows)
