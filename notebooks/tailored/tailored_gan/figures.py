"""Figures 1 to 6 and 14 of the tailored paper: norms of seeds, what a generator makes of them, who notices."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from anogen.detectors.gan import seeds
from companion.figures.style import (  # fmt: skip
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALETTE,
    SKY,
    VERMILION,
    canvas,
    image_grid,
    new_figure,
    styled,
)
from companion.records import Record

Box = tuple[str, tuple[float, float], float, str]  # text, centre, width, colour
WRITTEN = 16  # norms, below so many images
PLAIN = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def fig_1(record: Record) -> Figure:
    """Densities of the seed's norm, one panel a length: simulated, corrected and as printed."""
    lengths = record["lengths"].tolist()
    figure, axes = new_figure(len(lengths), sharey=True)
    edges = record["edges"]
    x = np.linspace(edges[0], edges[-1], 500)
    with styled():
        for ax, length, histogram in zip(axes[0], lengths, record["histogram"], strict=True):
            ax.stairs(histogram, edges, fill=True, color=SKY, alpha=0.6, label="simulated")
            ax.plot(x, seeds.density(x, length), color=BLUE, label="corrected")
            ax.plot(x, seeds.printed_density(x, length), color=VERMILION, linestyle="--", label="as printed")
            ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
            ax.set(xlabel="norm of the seed")
            ax.text(0.75, 0.3, f"$N={length}$", transform=ax.transAxes, ha="center")
        axes[0, 0].set_ylabel("density")
        axes[0, 0].legend(loc="upper right")
    return figure


def along_norms(images: np.ndarray, norms: np.ndarray, rows: Sequence[str]) -> Figure:
    """Images (r, K, d), a row of rising norm for each label; of many norms every third is written."""
    side = int(np.sqrt(images.shape[-1]))
    shown = images.reshape(*images.shape[:2], side, side)
    written = [f"{norm:g}" if len(norms) <= WRITTEN or norm % 3 == 0 else "" for norm in norms]
    return image_grid(shown, row_labels=list(rows), column_labels=written)


def fakes(record: Record) -> Figure:
    """Eight fakes of each class, of natural seeds."""
    side = int(np.sqrt(record["fakes"].shape[-1]))
    shown = record["fakes"][:, :8].reshape(10, -1, side, side).swapaxes(0, 1)
    return image_grid(shown, column_labels=[str(label) for label in range(10)])


def fig_4() -> Figure:
    """Draw the WGAN-GP whose critic and generator are told what the classifier decides."""
    boxes: Sequence[Box] = (
        ("seed $n_F$, $\\Vert n_F\\Vert<5$\nclass $\\tilde{y}$", (0.9, 2.1), 1.4, "white"),
        ("generator $G$", (2.55, 2.1), 1.1, SKY),
        ("classifier $C$\n(trained before)", (3.9, 1.1), 1.3, GREEN),
        ("critic $D$", (5.5, 2.1), 0.9, ORANGE),
        ("real image $x$, class $y$", (3.9, 3.0), 1.8, "white"),
    )
    arrows = (
        ((1.62, 2.1), (1.98, 2.1), ""),
        ((3.12, 2.1), (5.03, 2.1), "fake $G_F$"),
        ((2.7, 1.83), (3.23, 1.15), ""),
        ((4.57, 1.15), (5.4, 1.83), "decision"),
        ((4.82, 2.95), (5.4, 2.37), ""),
    )
    return _diagram(boxes, arrows, "adversarial loss and cross-entropy train $G$; $F-R+\\lambda\\,GP$ trains $D$")


def fig_10() -> Figure:
    """Draw the anomaly detector that a trained generator feeds, beside the critic."""
    boxes: Sequence[Box] = (
        ("seed, $\\Vert n\\Vert<5$", (0.9, 2.6), 1.4, "white"),
        ("seed, $\\Vert n\\Vert\\in[5,6]$", (0.9, 1.5), 1.4, "white"),
        ("generator $G$\n(trained)", (2.65, 2.05), 1.1, SKY),
        ("anomaly detector\n(built like $D$)", (5.45, 2.05), 1.5, ORANGE),
    )
    arrows = (
        ((1.62, 2.6), (2.08, 2.25), ""),
        ((1.62, 1.5), (2.08, 1.85), ""),
        ((3.22, 2.25), (4.68, 2.25), "fakes: 1"),
        ((3.22, 1.8), (4.68, 1.8), "near anomalies: 0"),
    )
    return _diagram(boxes, arrows, "its logit $D(x, \\hat{C}(x))$ is the score: large for normal")


def _diagram(
    boxes: Sequence[Box], arrows: Sequence[tuple[tuple[float, float], tuple[float, float], str]], below: str
) -> Figure:
    figure, axes = canvas(6.4, 3.4)
    with styled():
        for text, (x, y), wide, colour in boxes:
            high = 0.25 if "\n" not in text else 0.36
            axes.add_patch(
                FancyBboxPatch(
                    (x - wide / 2, y - high), wide, 2 * high, boxstyle="round,pad=0.02", facecolor=colour,
                    edgecolor=BLACK, alpha=0.6 if colour != "white" else 1.0,
                )
            )  # fmt: skip
            axes.text(x, y, text, ha="center", va="center", fontsize=10)
        for start, end, text in arrows:
            axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, color=BLACK))
            axes.text(
                (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 0.08, text, ha="center", fontsize=10, bbox=PLAIN
            )
        axes.text(3.2, 0.35, below, ha="center", va="center", fontsize=11, color=VERMILION)
    return figure


def over_norms(confidence: np.ndarray, critic: np.ndarray, norms: np.ndarray, name: str) -> Figure:
    """Classifier's confidence (10, F) and a detector's score (10, F) over the norm, a line a class (Figs. 5 and 12)."""
    figure, axes = new_figure(2, height=3.3)
    with styled():
        for ax, values, label in zip(axes[0], (confidence, critic), ("mean confidence", name), strict=True):
            _lines(ax, norms, values)
            ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
            ax.set(xlabel="norm of the seed", ylabel=label)
        axes[0, 0].set_ylim(0, 1.02)
        lines, labels = axes[0, 1].get_legend_handles_labels()
        figure.legend(
            lines, labels, loc="outside lower center", ncols=10, fontsize=9, title="class", title_fontsize=9,
            handlelength=1.2, columnspacing=1,
        )  # fmt: skip
    return figure


def _lines(ax: Axes, x: np.ndarray, values: np.ndarray) -> None:
    for label, line in enumerate(values):
        ax.plot(
            x, line, color=PALETTE[label % len(PALETTE)], linestyle="-" if label < len(PALETTE) else "--",
            linewidth=1.4, label=str(label),
        )  # fmt: skip


def distances(record: Record) -> Figure:
    """How far the images are apart: of ten classes from one seed, of seeds in one class, and from the real images."""
    figure, axes = new_figure(2, height=3.0)
    with styled():
        left, right = axes[0]
        each = record["class_distance"]
        left.plot(record["norms"], each.mean(axis=0), color=BLUE, label="ten classes, one seed")
        left.plot(record["norms"], record["seed_distance"], color=VERMILION, label="many seeds, one class")
        left.set(xlabel="norm of the seed", ylabel="mean distance", ylim=(0, None))
        left.legend(fontsize=9)
        right.scatter(record["nearest_norms"].ravel(), record["nearest"].ravel(), s=4, color=BLUE, alpha=0.4)
        right.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
        right.set(xlabel="norm of the seed", ylabel="distance to a real image", ylim=(0, None))
    return figure


def fig_6(record: Record, threshold: float) -> Figure:
    """Two laws of scores, what a threshold makes of them, and both rates while it moves."""
    figure, axes = new_figure(2)
    grid, apart = record["thresholds"], record.parameter("separation")
    with styled():
        left, right = axes[0]
        for mean, colour, name in ((0.0, VERMILION, "anomalies"), (apart, BLUE, "normal")):
            law = np.exp(-((grid - mean) ** 2) / 2) / np.sqrt(2 * np.pi)
            left.plot(grid, law, color=colour)
            above = grid > threshold
            left.fill_between(grid[above], law[above], color=colour, alpha=0.35)
            left.text(mean, law.max() * 1.02, name, ha="right" if mean == 0 else "left", color=colour)
        left.axvline(threshold, color=BLACK, linewidth=1.2)
        left.text(threshold + 0.1, 0.02, "TP", color=BLUE, fontsize=11)
        left.text(threshold + 0.1, 0.07, "FP", color=VERMILION, fontsize=11)
        left.set(xlabel="score", ylabel="density", ylim=(0, 0.47))
        right.plot(grid, record["tpr"], color=BLUE, label="TPR")
        right.plot(grid, record["fpr"], color=VERMILION, label="FPR")
        right.axvline(threshold, color=BLACK, linewidth=1.2)
        right.set(xlabel="threshold", ylabel="rate")
        right.legend()
    return figure


def losses(record: Record) -> Figure:
    """How the training went: the critic's gap R - F, its penalty, and the classifier's cross-entropy on the fakes."""
    figure, axes = new_figure(3)
    parts = (
        ("losses.critic.gap", "gap R - F"),
        ("losses.critic.penalty", "penalty"),
        ("losses.generator.classified", "cross-entropy"),
    )
    with styled():
        for ax, (key, name) in zip(axes[0], parts, strict=True):
            ax.plot(np.arange(1, len(record[key]) + 1), record[key], color=BLUE, linewidth=0.8)
            ax.set(xlabel="iteration", ylabel=name)
    return figure
