"""Figures of chapter `deep-svdd` (thesis 6.2): the forms of a detector side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from companion.figures.style import PALETTE, image_grid, new_figure, panel, pictures
from companion.records import Record
from notebooks.thesis.common.guided import masks
from notebooks.thesis.common.image_figures import COLUMNS, against_k, percents


def drawn_by_form(records: Mapping[str, Record], starts: int = 16) -> Figure:
    """Draw one image for each start from noise, their scores above them; rows of eight, form by form (6.7-6.10).

    A form with fewer starts leaves the rest of its row empty.
    """
    columns = min(COLUMNS, max(len(record["images"]) for record in records.values()))
    images, scores, labels = [], [], []
    for name, record in records.items():
        pixels = pictures(record["images"][:starts]).astype(float)
        rows = -(-len(pixels) // columns)
        images.append(np.full((rows * columns, *pixels.shape[1:]), np.nan))
        scores.append(np.full(rows * columns, np.nan))
        images[-1][: len(pixels)], scores[-1][: len(pixels)] = pixels, record["scores"][:starts]
        labels += [name, *[""] * (rows - 1)]
    every = np.concatenate(images)
    return image_grid(every.reshape(-1, columns, *every.shape[1:]), np.concatenate(scores).reshape(-1, columns), labels)


def guided_by_form(records: Mapping[str, Record], chosen: Sequence[float] = (), pair: int = 0) -> Figure:
    """Draw the masks in the first row, white pixels being fixed, and below them a row for each form (Fig. 6.11)."""
    first = next(iter(records.values()))
    ks, levels = first.parameter("ks"), percents(first, chosen)
    rows, columns = 1 + len(records), len(levels)
    figure, axes = new_figure(columns, rows, width=0.82 * columns + 1.1, height=1.1 * rows)
    for column, level in enumerate(levels):
        panel(axes[0, column], pictures(masks(first.arrays, ks[level])[pair].astype(float)))
        for row, record in zip(axes[1:], records.values(), strict=True):
            image, score = record["guided_images"][level, pair], record["guided_scores"][level, pair]
            panel(row[column], pictures(image), float(score))
        axes[-1, column].set_xlabel(f"{ks[level]:.0%}")
    for row, name in zip(axes, ("fixed", *records), strict=True):
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure


def free_error(qualities: Mapping[str, Record]) -> Figure:
    """Plot how far the free pixels are from the real image's by k, one line a form; 1 is a random guess."""
    figure = against_k(qualities, "free_err_rel")
    figure.axes[0].axhline(1, color="black", linestyle="--", linewidth=1.5)
    figure.axes[0].set_ylabel("error of free pixels / a guess's")
    return figure


def half_normal_by_form(records: Mapping[str, Record], run: int = 0) -> Figure:
    """Draw a row for each form, a column for each number of generations, of one half-normal population (Fig. 6.12)."""
    stops = [f"{stop:,}" for stop in next(iter(records.values())).parameter("stops")]
    images = np.stack([pictures(record["images"][run]) for record in records.values()])
    return image_grid(images, np.stack([record["scores"][run] for record in records.values()]), list(records), stops)


def half_normal_at(records: Mapping[str, Record], stop: int) -> Figure:
    """Draw a row for each form, a column for each run, after one number of generations; a frame of a slider."""
    images = np.stack([pictures(record["images"][:, stop]) for record in records.values()])
    return image_grid(images, np.stack([record["scores"][:, stop] for record in records.values()]), list(records))


def optima(records: Mapping[str, Mapping[str, Record]]) -> Figure:
    """Draw one most normal image of each form that knows one (rows), for each class where all of these do."""
    known = {
        name: {label: r for label, r in of.items() if "optimum_points" in r.arrays} for name, of in records.items()
    }
    known = {name: of for name, of in known.items() if of}
    classes = [label for label in next(iter(known.values())) if all(label in of for of in known.values())]
    images = np.stack([[pictures(of[label]["optimum_points"][0]) for label in classes] for of in known.values()])
    scores = np.array([[float(of[label]["optimum_score"]) for label in classes] for of in known.values()])
    return image_grid(images, scores, list(known))


def scores_fall(records: Mapping[str, Record]) -> Figure:
    """Plot the lowest score of the population by generation, in units of the median of held-out real images.

    The line is the median of the runs, the band holds them all; where a score is 0 there is nothing to draw.
    """
    figure, axes = new_figure(1, 1, height=3.2)
    ax = axes[0, 0]
    for color, (name, record) in zip(PALETTE, records.items(), strict=False):
        runs = record["history"] / np.median(record["test_normal_scores"])
        drawn = (runs > 0).any(axis=0)
        x, runs = record["history_generations"][drawn], np.where(runs > 0, runs, np.nan)[:, drawn]
        ax.fill_between(x, np.nanmin(runs, axis=0), np.nanmax(runs, axis=0), color=color, alpha=0.2)
        ax.plot(x, np.nanmedian(runs, axis=0), color=color, label=name, marker=".", markersize=4)
    ax.axhline(1, color="black", linestyle="--", linewidth=1.5)
    ax.set(xlabel="generation", ylabel="lowest score / real median", xscale="log", yscale="log")
    figure.legend(loc="outside right upper")
    return figure
