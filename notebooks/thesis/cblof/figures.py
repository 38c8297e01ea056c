"""Figures and tables of chapter `cblof`: re-trained detectors, their optima, and the distance from them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import GREY, PALETTE, VERMILION, image_grid, new_figure, panel, pictures
from companion.figures.tables import Table, percent
from companion.records import Record

BLACK_BELOW = 0.005  # grey value of a pixel that counts as black


def retrained(record: Record, trainings: int = 2, starts: int = 8) -> Figure:
    """Draw one row a training, one image a start, their scores above them (Figs. 6.18 and 6.19)."""
    images, scores = (record[key][:trainings, :starts] for key in ("images", "scores"))
    return image_grid(pictures(images), scores, [f"training {t + 1}" for t in range(len(images))])


def nearest_optima(record: Record) -> np.ndarray:
    """Return the index of the known optimum nearest to the end of each run, (trainings, starts)."""
    points, images = record["optimum_points"].astype(float), record["images"].astype(float)
    distances = np.linalg.norm(images[:, :, None] - points[:, None], axis=-1)
    return np.nanargmin(distances, axis=-1)


class SharedError(NamedTuple):
    """The difference of images from their optimum: what the starts of a training share, and what each adds."""

    shared: float  # length of the mean over starts, mean over trainings
    own: float  # standard deviation over starts
    in_black: float  # share of the shared error's square in pixels that are black in the optimum
    black_mean: float  # mean shared error of these pixels


def shared_error(record: Record) -> SharedError:
    """Measure the error that the starts of a training share; zeros where the optimum is unknown."""
    if "optimum_points" not in record.arrays:
        return SharedError(0.0, 0.0, 0.0, 0.0)
    points = record["optimum_points"].astype(float)
    nearest = np.take_along_axis(points, nearest_optima(record)[..., None], axis=1)
    error = record["images"].astype(float) - nearest  # (trainings, starts, pixels)
    shared, black = error.mean(axis=1), nearest[:, 0] < BLACK_BELOW
    own = np.sqrt(error.var(axis=1, ddof=1).sum(axis=-1)).mean()
    in_black = (shared**2 * black).sum() / (shared**2).sum()
    black_mean = float(shared[black].mean()) if black.any() else 0.0
    return SharedError(float(np.linalg.norm(shared, axis=-1).mean()), float(own), float(in_black), black_mean)


@implements("anogen-fig-cblof-centres")
def fig_centres(record: Record) -> Figure:
    """Draw the most normal images of every training; below each, the number of starts that ended there."""
    points, ended = pictures(record["optimum_points"]), nearest_optima(record)
    trainings, most = points.shape[:2]
    figure, axes = new_figure(most, trainings, width=0.85 * most + 0.5, height=trainings * 1.12)
    for (t, m), ax in np.ndenumerate(axes):
        if np.isnan(points[t, m]).any():
            ax.axis("off")
            continue
        panel(ax, points[t, m])
        count = int((ended[t] == m).sum())
        ax.set_xlabel(f"{count}" if count else "", color=VERMILION, labelpad=2)
        for spine in ax.spines.values():
            spine.set(color=VERMILION if count else GREY, linewidth=2.5 if count else 0.6)
        if m == 0:
            ax.set_ylabel(f"training {t + 1}")
    return figure


@implements("anogen-fig-cblof-arrival")
def fig_arrival(record: Record, floor: float) -> Figure:
    """Plot the lowest score of the population by generation, one line a start, one colour a training.

    `floor` is the distance from its optimum at which mutations keep an image.
    """
    figure, [[ax]] = new_figure(1, 1, height=3.0)
    for t, lines in enumerate(record["history"]):
        for s, line in enumerate(lines):
            label, color = f"training {t + 1}" if s == 0 else None, PALETTE[t % len(PALETTE)]
            ax.plot(record["history_generations"], line, color=color, linewidth=1, alpha=0.8, label=label)
    ax.axhline(floor, color="black", linestyle="--", linewidth=1.5)
    ax.text(1, floor * 1.05, r"$\sigma\sqrt{2d}$", transform=ax.get_yaxis_transform(), ha="right", va="bottom")
    ax.set(xlabel="generation", ylabel="lowest anomaly score", xscale="log", yscale="log")
    ax.legend(loc="center left")
    return figure


def table_searches(searches: Mapping[str, Record], qualities: Mapping[str, Record]) -> Table:
    """Compare searches with other settings: normal-looking images, distance from the centre, diversity."""
    head = ("search", "images", "normal-looking", "distance from the centre", "distance between starts, real = 100%")
    rows = []
    for name, search in searches.items():
        looks, ratio = qualities[name]["normal_looking"], qualities[name]["div_ratio"]
        gap, apart = f"{search['gap'].mean():.3f}", f"{ratio.mean():.1%}"
        rows.append([name, str(search["scores"].size), percent(looks.mean()), gap, apart])
    return Table(head, rows)
