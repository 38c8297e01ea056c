"""Figures of chapter `passing`: what density models draw, how it compares, and other coordinates of the image."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from companion.figures.style import BLUE, GREY, PALETTE, image_grid, new_figure, pictures
from companion.records import Record
from notebooks.beyond.passing.experiments import LAWS, LEAST_COVERAGE, LEAST_RATE, MODELS, passes
from notebooks.beyond.passing.parametrised import WAYS

TITLES = {"mixture": "mixture", "kde": "KDE", "kde-likelihood": "KDE (likelihood)"}
SHOWN = 8


def drawn(record: Record, law: int) -> Figure:
    """Draw the first local minima from the starts of one law, a row for each model."""
    rows = [record["images"][model, law, :SHOWN] for model in range(len(MODELS))]
    return image_grid(pictures(np.stack(rows)) / 255, row_labels=[TITLES[name].replace(" ", "\n") for name in MODELS])


def rate(record: Record, model: int, law: int, digit: int) -> float:
    """Return the share of the images that the classifier takes for the digit."""
    return float((record["predicted"][model, law] == digit).mean())


def passed(record: Record, model: int, law: int, digit: int, view: int = 0) -> bool:
    """Tell whether a set passes, its coverage being seen in the classifier's features or in pixels."""
    coverage, ceiling = record["coverage"][model, law, view], record["ceiling_coverage"][view]
    return passes(rate(record, model, law, digit), float(coverage), float(ceiling))


def sets(records: Mapping[int, Record]) -> Figure:
    """Plot coverage against the rate of recognised images: a mark for each digit, model and law of the starts."""
    figure, axes = new_figure(1, 1, height=4.2)
    ax = axes[0, 0]
    for model, name in enumerate(MODELS):
        for law, marker in enumerate("xo"):
            x = [rate(r, model, law, digit) for digit, r in records.items()]
            y = [r["coverage"][model, law, 0] / r["ceiling_coverage"][0] for r in records.values()]
            ax.plot(x, y, marker, color=PALETTE[model], label=f"{TITLES[name]}, {LAWS[law]}", clip_on=False, alpha=0.8)
    ax.axvline(LEAST_RATE, color=GREY, linewidth=1, linestyle=":")
    ax.axhline(LEAST_COVERAGE, color=GREY, linewidth=1, linestyle=":")
    ax.set(xlabel="share of images recognised as the digit", ylabel="coverage, real images = 1")
    figure.legend(loc="outside upper center", ncols=2, columnspacing=1.2, handletextpad=0.3)
    return figure


def near(records: Mapping[int, Record]) -> Figure:
    """Plot the median distance to the nearest training image, in units of held-out real images' median, by digit."""
    figure, axes = new_figure(1, 1, height=3.2)
    ax = axes[0, 0]
    for model, name in enumerate(MODELS):
        y = [np.median(r["train_distance"][model, 1]) / np.median(r["real_train_distance"]) for r in records.values()]
        ax.plot(list(map(str, records)), y, "o", color=PALETTE[model], label=TITLES[name], clip_on=False)
    ax.axhline(1, color=BLUE, linewidth=1, linestyle=":")
    ax.set(xlabel="digit", ylabel="distance, real images = 1", ylim=(0, None))
    ax.legend()
    return figure


def ways(record: Record) -> Figure:
    """Draw images of the autoencoder in every way to write and to penalise them, their scores above them."""
    images, scores = (record[key][:, :4] for key in ("images", "scores"))
    labels = [str(way).replace(", total", ",\ntotal") for way in WAYS]
    return image_grid(pictures(images), scores, row_labels=labels)
