"""Figures that several chapters on the tailored paper share."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from anogen.detectors.gan import seeds
from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, GREY, PALETTE, VERMILION, canvas, new_figure, styled
from companion.records import Record
from notebooks.tailored.common.scores import RATES

Box = tuple[str, tuple[float, float], float, str]  # text, centre, width, colour
PLAIN = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def draw_diagram(
    boxes: Sequence[Box], arrows: Sequence[tuple[tuple[float, float], tuple[float, float], str]], below: str
) -> Figure:
    """Draw labelled boxes (text, centre, width, colour), arrows (start, end, text), and a sentence below them."""
    figure, axes = canvas(6.4, 3.4)
    with styled():
        for text, (x, y), wide, colour in boxes:
            high = 0.25 if "\n" not in text else 0.36
            look = {"facecolor": colour, "edgecolor": BLACK, "alpha": 0.6 if colour != "white" else 1.0}
            place = (x - wide / 2, y - high)
            axes.add_patch(FancyBboxPatch(place, wide, 2 * high, boxstyle="round,pad=0.02", **look))
            axes.text(x, y, text, ha="center", va="center", fontsize=10)
        for start, end, text in arrows:
            axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, color=BLACK))
            x, y = np.mean((start, end), axis=0)
            axes.text(x, y + 0.08, text, ha="center", fontsize=10, bbox=PLAIN)
        axes.text(3.2, 0.35, below, ha="center", va="center", fontsize=11, color=VERMILION)
    return figure


def draw_class_lines(ax: Axes, x: np.ndarray, values: np.ndarray, names: Sequence[str]) -> None:
    """Draw a line for each class (10, F), the last ones dashed."""
    for i, (name, line) in enumerate(zip(names, values, strict=True)):
        style = "-" if i < len(PALETTE) else "--"
        ax.plot(x, line, color=PALETTE[i % len(PALETTE)], linestyle=style, linewidth=1.4, label=name)


def over_norms(confidence: np.ndarray, critic: np.ndarray, norms: np.ndarray, name: str) -> Figure:
    """Draw the classifier's confidence (10, F) and a detector's score (10, F) over the norm, a line a class."""
    figure, axes = new_figure(2, height=3.3)
    with styled():
        for ax, values, label in zip(axes[0], (confidence, critic), ("mean confidence", name), strict=True):
            draw_class_lines(ax, norms, values, [str(label) for label in range(len(values))])
            ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
            ax.set(xlabel="norm of the seed", ylabel=label)
        axes[0, 0].set_ylim(0, 1.02)
        lines, labels = axes[0, 1].get_legend_handles_labels()
        look = {"fontsize": 9, "title_fontsize": 9, "handlelength": 1.2, "columnspacing": 1}
        figure.legend(lines, labels, loc="outside lower center", ncols=10, title="class", **look)
    return figure


@implements("tailored-fig-12", "anogen-fig-tailored-cifar-over-norms")
def fig_12(record: Record) -> Figure:
    """Draw the classifier's confidence and the detectors' mean score over the norm, from `DetectorScores`."""
    score = record["curve"].mean(axis=0)
    return over_norms(record["confidence_curve"], score, record["fine"], "mean score of the detector")


@implements(
    "tailored-fig-7", "tailored-fig-11", "anogen-fig-tailored-cifar-critic", "anogen-fig-tailored-cifar-trained"
)
def fig_7(record: Record) -> Figure:
    """Draw ROC curves, real images being positive, and scores of every set: `CriticScores`, `DetectorScores`."""
    names = ["real", *record["names"].tolist()]
    figure, axes = new_figure(2, height=3.6, width_ratios=(1, 1.2))
    with styled():
        left, right = axes[0]
        for i, (name, curve) in enumerate(zip(names[1:], record["roc"], strict=True)):
            line = "-" if i < len(PALETTE) else "--"
            left.plot(RATES, curve, color=PALETTE[i % len(PALETTE)], linestyle=line, linewidth=1.3, label=name)
        left.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
        left.set(xlabel="false positive rate", ylabel="true positive rate")
        left.legend(fontsize=8)
        right.boxplot(list(record["scores"]), orientation="horizontal", tick_labels=names, showfliers=False)
        right.axvline(record["threshold"][0, 0], color=VERMILION, linewidth=1.2)
        right.set_xlabel("score")
        right.invert_yaxis()
        right.tick_params(labelsize=9)
    return figure


@implements(
    "anogen-fig-tailored-losses", "anogen-fig-tailored-cifar-losses", "anogen-fig-tailored-cifar-unscaled-losses"
)
def fig_losses(record: Record) -> Figure:
    """Draw the gap R - F, the penalty, and the classifier's cross-entropy on the fakes in `TailoredGAN`'s training."""
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
