"""Figures of chapter `autoencoder` (thesis 6.1)."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from companion.figures.style import PALETTE, image_grid, new_figure
from companion.records import Record
from notebooks.thesis.autoencoder.experiments import VARIANTS, Variant

COLUMNS = 8


def squares(images: np.ndarray) -> np.ndarray:
    """Reshape rows (..., d) of grey images to (..., h, w) with h = w."""
    side = round(images.shape[-1] ** 0.5)
    return images.reshape(*images.shape[:-1], side, side)


def drawn_by_gradient(record: Record, variant: Variant = VARIANTS[0], starts: int = 16) -> Figure:
    """Draw the images of one variant of the descent, eight a row, their scores above them (Figs. 6.1 and 6.2)."""
    v = VARIANTS.index(variant)
    return _panel(record["images"][v, :starts], record["scores"][v, :starts])


def drawn_by_evolution(records: Mapping[int, Record], starts: int = 16) -> Figure:
    """Draw the images of each digit, eight a row, their scores above them (Fig. 6.5)."""
    images = np.concatenate([_rows(r["images"][:starts]) for r in records.values()])
    scores = np.concatenate([_rows(r["scores"][:starts]) for r in records.values()])
    labels = [f"{digit}" for digit, r in records.items() for _ in range(len(_rows(r["scores"][:starts])))]
    return image_grid(squares(images), scores, labels)


def drawn_by_width(records: Mapping[int, Record], variant: Variant = VARIANTS[0], columns: int = COLUMNS) -> Figure:
    """Draw what one variant of the descent gives for each latent width: one row a width, a start in each column."""
    v = VARIANTS.index(variant)
    images, scores = (np.stack([r[key][v, :columns] for r in records.values()]) for key in ("images", "scores"))
    return image_grid(squares(images), scores, [f"{width}" for width in records])


def drawn_by_variant(record: Record, columns: int = COLUMNS) -> Figure:
    """Draw what each way to descend gives: one row a variant, a start in each column."""
    labels = [f"{v.rule}, {v.reduction},\n{v.learning_rate:g}" for v in VARIANTS]
    return image_grid(squares(record["images"][:, :columns]), record["scores"][:, :columns], labels)


def detecting_and_drawing(
    widths: Sequence[int],
    auc: Mapping[int, Sequence[float]],
    drawn: Mapping[str, Mapping[str, Mapping[int, Sequence[float]]]],
) -> Figure:
    """Plot, against the latent width, how well each digit's autoencoder detects and what is drawn on it.

    Parameters
    ----------
    auc
        ROC AUC by digit, one value a width.
    drawn
        By measure, three of them, from 0 to 1 or so; then by method; then by digit: one value a width.
    """
    figure, axes = new_figure(2, 2, height=5.6, sharex=True)
    positions = np.arange(len(widths))
    for digit, colour in zip(auc, PALETTE, strict=False):
        axes[0, 0].plot(positions, auc[digit], "o-", color=colour, label=f"digit {digit}")
        for ax, by_method in zip(axes.flat[1:], drawn.values(), strict=True):
            for (method, by_digit), style in zip(by_method.items(), ("s-", "^--", "v:"), strict=False):
                label = f"{digit}, {method}" if ax is axes[0, 1] else None
                ax.plot(positions, by_digit[digit], style, color=colour, label=label)
    for ax, name in zip(axes.flat, ("ROC AUC", *drawn), strict=True):
        ax.set_ylabel(name)
        ax.set_xticks(positions, [str(width) for width in widths])
    for ax in axes.flat[1:]:
        ax.set_ylim(-0.04, max(1.04, ax.get_ylim()[1]))
    for ax in axes[1]:
        ax.set_xlabel("latent width")
    figure.legend(loc="outside lower center", ncols=len(auc))
    return figure


def descent_and_evolution(gradient: Mapping[int, Record], evolution: Mapping[int, Record]) -> Figure:
    """Plot how the score falls, over the starts, by gradient steps and by generations."""
    figure, axes = new_figure(2, 1, height=2.9, sharey=True)
    for digit, colour in zip(gradient, PALETTE, strict=False):
        down = gradient[digit]["history"][0]
        _band(axes[0, 0], gradient[digit]["history_iterations"], down, colour, f"digit {digit}")
        _band(
            axes[0, 1], evolution[digit]["history_generations"], evolution[digit]["history"], colour, f"digit {digit}"
        )
    axes[0, 0].set(xlabel="gradient step", ylabel="anomaly score", yscale="log")
    axes[0, 1].set(xlabel="generation")
    axes[0, 0].legend()
    return figure


def _band(ax, x: np.ndarray, lines: np.ndarray, colour: str, label: str) -> None:  # type: ignore[no-untyped-def]
    """Plot the median of lines (n, len(x)) and the range that holds them all."""
    ax.fill_between(x, lines.min(axis=0), lines.max(axis=0), color=colour, alpha=0.2, linewidth=0)
    ax.plot(x, np.median(lines, axis=0), color=colour, label=label)


def _rows(values: np.ndarray, columns: int = COLUMNS) -> np.ndarray:
    """Break (n, ...) into rows (r, columns, ...), leaving out what does not fill a row (but never all)."""
    columns = min(columns, len(values))
    rows = len(values) // columns
    return values[: rows * columns].reshape(rows, columns, *values.shape[1:])


def _panel(images: np.ndarray, scores: np.ndarray) -> Figure:
    return image_grid(squares(_rows(images)), _rows(scores))
