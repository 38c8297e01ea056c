"""Figures of chapter `other-detectors` (thesis 6.4)."""

import numpy as np
from matplotlib.figure import Figure

from companion.figures.style import GREY, PALETTE, VERMILION, image_grid, new_figure, panel
from companion.records import Record
from notebooks.thesis.autoencoder.figures import squares


def retrained(record: Record, trainings: int = 2, starts: int = 8) -> Figure:
    """Draw one row a training, one image a start, their scores above them (Fig. 6.18)."""
    images, scores = (record[key][:trainings, :starts] for key in ("images", "scores"))
    return image_grid(squares(images), scores, [f"training {t + 1}" for t in range(len(images))])


def ends(record: Record) -> np.ndarray:
    """Return in which known optimum each run ended: the index of the nearest, (trainings, starts)."""
    points, images = record["optimum_points"].astype(float), record["images"].astype(float)
    distances = np.linalg.norm(images[:, :, None] - points[:, None], axis=-1)
    return np.nanargmin(distances, axis=-1)


def centres(record: Record) -> Figure:
    """Draw the most normal images of every training; below each, how many of the starts ended there."""
    points, ended = squares(record["optimum_points"]), ends(record)
    trainings, most = points.shape[:2]
    figure, axes = new_figure(most, trainings, width=0.85 * most + 0.5, height=trainings * 1.12)
    for t in range(trainings):
        for m in range(most):
            ax = axes[t, m]
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


def arrival(record: Record, floor: float) -> Figure:
    """Plot the lowest score of the population by generation, one line a start, one colour a training.

    `floor` is the distance that the mutations themselves keep an image from the point it has reached.
    """
    figure, axes = new_figure(1, 1, height=3.0)
    ax = axes[0, 0]
    for t, lines in enumerate(record["history"]):
        for s, line in enumerate(lines):
            label = f"training {t + 1}" if s == 0 else None
            ax.plot(
                record["history_generations"],
                line,
                color=PALETTE[t % len(PALETTE)],
                linewidth=1,
                alpha=0.8,
                label=label,
            )
    ax.axhline(floor, color="black", linestyle="--", linewidth=1.5)
    ax.text(1, floor * 1.05, r"$\sigma\sqrt{2d}$", transform=ax.get_yaxis_transform(), ha="right", va="bottom")
    ax.set(xlabel="generation", ylabel="lowest anomaly score", xscale="log", yscale="log")
    ax.legend(loc="center left")
    return figure
