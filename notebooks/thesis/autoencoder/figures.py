"""Figures of chapter `autoencoder` (thesis 6.1)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from anogen.generators import GradientConfig
from companion.figures.registry import implements
from companion.figures.style import PALETTE, image_grid, new_figure, pictures
from companion.records import Record
from notebooks.thesis.autoencoder.experiments import VARIANTS
from notebooks.thesis.common.image_figures import COLUMNS, image_rows


def thousandths(scores: np.ndarray, real: float | np.ndarray) -> np.ndarray:
    """Return scores in thousandths of `real`, the median score of held-out real images, with one decimal."""
    return np.round(1000 * np.asarray(scores) / real, 1)


def median_real(training: Record) -> float:
    """Return the median score of the held-out images of the digit on a trained autoencoder."""
    return float(np.median(training["test_scores"][training["test_labels"] == 0]))


@implements("anogen-fig-gradient-*")
def fig_gradient(record: Record, real: float, variant: GradientConfig = VARIANTS[0], starts: int = 16) -> Figure:
    """Draw the images of one variant of the descent, eight a row, with their scores in thousandths of `real`."""
    v = VARIANTS.index(variant)
    return image_rows({"": (record["images"][v, :starts], thousandths(record["scores"][v, :starts], real))})


@implements("thesis-fig-6.5", "anogen-fig-evolution")
def fig_6_5(records: Mapping[Any, Record], real: Mapping[Any, float], starts: int = 16) -> Figure:
    """Draw the evolved images of each class, eight a row, with their scores in thousandths of the class's `real`."""
    return image_rows(
        {
            f"{name}": (r["images"][:starts], thousandths(r["scores"][:starts], real[name]))
            for name, r in records.items()
        }
    )


@implements("anogen-fig-autoencoder-widths-*")
def fig_widths(
    records: Mapping[int, Record],
    real: Mapping[int, float],
    variant: GradientConfig = VARIANTS[0],
    columns: int = COLUMNS,
) -> Figure:
    """Draw the images of one variant of the descent: a row for each latent width, a column for each start."""
    v = VARIANTS.index(variant)
    images = np.stack([record["images"][v, :columns] for record in records.values()])
    scores = np.stack([thousandths(record["scores"][v, :columns], real[w]) for w, record in records.items()])
    return image_grid(pictures(images), scores, [f"width {width}" for width in records])


@implements("anogen-fig-autoencoder-variants")
def fig_variants(record: Record, real: float, columns: int = COLUMNS) -> Figure:
    """Draw the images of every variant of the descent: a row for each variant, a column for each start."""
    labels = [f"{v.rule}, {v.reduction},\n{v.learning_rate:g}".replace("adam", "Adam") for v in VARIANTS]
    scores = thousandths(record["scores"][:, :columns], real)
    return image_grid(pictures(record["images"][:, :columns]), scores, labels)


@implements("anogen-fig-autoencoder-tradeoff")
def fig_tradeoff(
    widths: Sequence[int],
    auc: Mapping[int, Sequence[float]],
    measures: Mapping[str, Mapping[str, Mapping[int, Sequence[float]]]],
) -> Figure:
    """Plot ROC AUC (by digit and width) and three measures (by name, method, digit, width) against the latent width."""
    figure, axes = new_figure(2, 2, height=5.6, sharex=True)
    positions = np.arange(len(widths))
    for digit, colour in zip(auc, PALETTE, strict=False):
        axes[0, 0].plot(positions, auc[digit], "o-", color=colour, label=f"digit {digit}")
        for ax, by_method in zip(axes.flat[1:], measures.values(), strict=True):
            for (method, by_digit), style in zip(by_method.items(), ("s-", "^--", "v:"), strict=False):
                label = f"{digit}, {method}" if ax is axes[0, 1] else None
                ax.plot(positions, by_digit[digit], style, color=colour, label=label)
    for ax, name in zip(axes.flat, ("ROC AUC", *measures), strict=True):
        ax.set_ylabel(name)
        ax.set_xticks(positions, [str(width) for width in widths])
    for ax in axes.flat[1:]:
        ax.set_ylim(-0.04, max(1.04, ax.get_ylim()[1]))
    for ax in axes[1]:
        ax.set_xlabel("latent width")
    figure.legend(loc="outside lower center", ncols=len(auc))
    return figure


@implements("anogen-fig-autoencoder-history")
def fig_history(gradient: Mapping[int, Record], evolution: Mapping[int, Record]) -> Figure:
    """Plot the fall of the score by gradient steps and by generations: the median and the range of all starts."""
    figure, axes = new_figure(2, 1, height=2.9, sharey=True)
    for digit, colour in zip(gradient, PALETTE, strict=False):
        down, search = gradient[digit], evolution[digit]
        steps = (down["history_iterations"], search["history_generations"])
        for ax, x, lines in zip(axes[0], steps, (down["history"][0], search["history"]), strict=True):
            ax.fill_between(x, lines.min(axis=0), lines.max(axis=0), color=colour, alpha=0.2, linewidth=0)
            ax.plot(x, np.median(lines, axis=0), color=colour, label=f"digit {digit}")
    axes[0, 0].set(xlabel="gradient step", ylabel="anomaly score", yscale="log")
    axes[0, 1].set(xlabel="generation")
    axes[0, 0].legend()
    return figure
