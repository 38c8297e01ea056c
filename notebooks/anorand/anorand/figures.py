"""Figures of chapter `anorand`: the network and labels (1, 2), weight and noise (3, 4), digits (6, 7), ablations."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from companion.claims.base import Arrays
from companion.figures import style
from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, PALETTE, SKY, VERMILION, new_figure, styled
from companion.figures.tables import Table
from notebooks.anorand.anorand.ablation import KINDS
from notebooks.anorand.anorand.variants import LOSSES, MODELS, VARIANTS

SIDE = 28  # of a digit, in pixels
OUTPUT_NAMES = ("score", r"$\hat{y}_{mlp}$ alone", r"$\hat{y}_{AE}$ alone")  # last axis of `ap` and `roc`


@implements("anorand-fig-1")
def fig_1() -> Figure:
    """Draw the network: two blocks on one input, one decoder on both, two outputs."""
    figure, axes = style.canvas(6.6, 3.1)
    with styled():
        _box(axes, 0.75, 1.5, 0.95, 0.7, "white", "input $x$")
        _box(axes, 2.45, 2.4, 1.5, 0.75, SKY, "noise detection\n32, 16")
        _box(axes, 2.45, 0.7, 1.5, 0.75, SKY, "encoder\n32, 16, 16")
        _box(axes, 4.1, 1.2, 0.9, 0.95, GREEN, "$z_0$ : 16\n\n$z_1$ : 16")
        _box(axes, 5.75, 1.2, 1.3, 0.75, ORANGE, "decoder\n16, 32")
        _arrows(axes, (1.24, 1.6, 1.68, 2.25), (1.24, 1.4, 1.68, 0.85), (3.22, 2.2, 3.8, 1.7), (3.22, 0.75, 3.63, 0.95))
        _arrows(axes, (4.57, 1.2, 5.07, 1.2), (3.22, 2.5, 4.8, 2.5), (5.75, 0.8, 5.75, 0.42))
        axes.text(4.9, 2.5, r"$\hat{y}_{mlp}$, is it noise?", va="center", fontsize=12)
        axes.text(5.75, 0.22, r"reconstruction $\hat{x}$", ha="center", va="center", fontsize=12)
    return figure


@implements("anorand-fig-2")
def fig_2() -> Figure:
    """Draw the making of synthetic labels: noise and SMOTE on a few rows, which rejoin the others."""
    figure, axes = style.canvas(6.6, 2.9)
    with styled():
        _box(axes, 0.9, 1.45, 1.2, 0.8, "white", "training\nrows $X$")
        _box(axes, 2.75, 2.2, 1.35, 0.7, SKY, "$X_1$: 98%\nlabel 0")
        _box(axes, 2.35, 0.65, 0.95, 0.7, ORANGE, "$X_0$: 2%")
        _box(axes, 3.75, 0.65, 1.15, 0.7, ORANGE, r"$+\,\mathcal{N}(0,\sigma^2)$")
        _box(axes, 5.05, 0.65, 0.85, 0.7, ORANGE, "SMOTE")
        _box(axes, 5.6, 2.2, 1.6, 0.8, GREEN, "$X_{tr}$: 5% with\nlabel 1")
        _arrows(axes, (1.52, 1.6, 2.05, 2.05), (1.52, 1.3, 1.92, 0.9), (2.84, 0.65, 3.15, 0.65))
        _arrows(axes, (4.35, 0.65, 4.6, 0.65), (5.25, 1.02, 5.5, 1.77), (3.45, 2.2, 4.77, 2.2))
        axes.text(5.5, 1.35, "$X_0^1$, label 1", ha="left", va="center", fontsize=11)
    return figure


def _box(axes: Axes, x: float, y: float, w: float, h: float, colour: str, text: str) -> None:
    box = FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle="round,pad=0,rounding_size=0.08", linewidth=1.3)
    box.set(facecolor=colour, edgecolor=BLACK, alpha=0.6 if colour != "white" else 1)
    axes.add_patch(box)
    axes.text(x, y, text, ha="center", va="center", fontsize=11.5)


def _add_letters(*panels: Axes) -> None:
    """Write the source's letters (a), (b), ... above panels."""
    for axes, letter in zip(panels, "abcd", strict=False):
        axes.text(-0.02, 1.02, f"({letter})", transform=axes.transAxes, ha="right", va="bottom", fontsize=12)


def _arrows(axes: Axes, *ends: tuple[float, float, float, float]) -> None:
    for x0, y0, x1, y1 in ends:
        line = FancyArrowPatch((x0, y0), (x1, y1), arrowstyle="-|>", mutation_scale=14, shrinkA=0, shrinkB=0)
        line.set(color=BLACK, linewidth=1.5)
        axes.add_patch(line)


@implements("anorand-fig-3", "anogen-fig-anorand-w-*")
def fig_3(record: Arrays, label: str = "weight $w$") -> Figure:
    """Draw AUC PR (left) and ROC AUC (right) of the score over w as boxes, and the medians of both outputs."""
    figure, axes = new_figure(2, width=7.2, height=3.3)
    values = record["values"]
    step = np.diff(values).min()
    with styled():
        for ax, name, title in zip(axes[0], ("ap", "roc"), ("AUC PR", "ROC AUC"), strict=True):
            boxes = ax.boxplot(
                list(record[name][..., 0].T), positions=values, widths=0.6 * step, manage_ticks=False,
                patch_artist=True, medianprops={"color": BLACK}, flierprops={"markersize": 3},
            )  # fmt: skip
            for box in boxes["boxes"]:
                box.set(facecolor=SKY, linewidth=1)
            boxes["boxes"][0].set_label("score")
            for k, (line, colour) in enumerate((("--", VERMILION), (":", GREEN)), start=1):
                ax.plot(values, np.median(record[name][..., k], axis=0), line, color=colour, label=OUTPUT_NAMES[k])
            ax.set(xlabel=label, ylabel=title, xlim=(values[0] - step, values[-1] + step))
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
        _add_letters(*axes[0])
    return figure


@implements("anorand-fig-4", "anogen-fig-anorand-noise-*")
def fig_4(record: Arrays) -> Figure:
    """Draw AUC PR (left) and ROC AUC (right) of the score over the noise as boxes, and the medians of both outputs."""
    return fig_3(record, r"noise $\sigma$")


@implements("anorand-fig-6", "anogen-fig-anorand-latents-*")
def fig_6(record: Arrays, digits: tuple[int, int] = (1, 7)) -> Figure:
    """Draw the latent vectors of each model on their first two principal axes, both digits in two colours."""
    figure, axes = new_figure(len(MODELS), width=7.2, height=2.9)
    with styled():
        for ax, name, plane in zip(axes[0], MODELS, record["plane"], strict=True):
            for label, colour, marker in ((0, BLUE, "o"), (1, VERMILION, "^")):
                chosen = plane[record["plane_labels"] == label]
                ax.scatter(
                    *chosen.T, s=5, marker=marker, color=colour, linewidth=0, alpha=0.5, label=f"digit {digits[label]}"
                )
            ax.set(xlabel=f"{name}, first axis", xticks=[], yticks=[])
        axes[0, 0].set_ylabel("second axis")
        axes[0, 0].legend(loc="lower right", markerscale=3, handletextpad=0.1, borderpad=0)
        _add_letters(*axes[0])
    return figure


@implements("anogen-fig-anorand-copies")
def fig_reconstructions(record: Arrays, shown: int = 4) -> Figure:
    """Draw held-out digits (first row) and each model's reconstructions of them."""
    rows = np.concatenate([record["originals"][None], record["copies"]])  # (1 + K, 2, n, d)
    names = ["image", *MODELS]
    figure, axes = new_figure(2 * shown, len(rows), width=6.6, height=0.86 * len(rows))
    for r, (name, both) in enumerate(zip(names, rows, strict=True)):
        images = both[:, :shown].reshape(2 * shown, SIDE, SIDE)
        for ax, image in zip(axes[r], images, strict=True):
            style.panel(ax, image)
        axes[r, 0].set_ylabel(name, rotation=0, ha="right", va="center")
    return figure


@implements("anorand-fig-7", "anogen-fig-anorand-detection-*")
def fig_7(record: Arrays) -> Figure:
    """Draw each model's AUC PR (left) and ROC AUC (right), a point per seed; AnoRand's outputs are below its score."""
    names = [*MODELS, *OUTPUT_NAMES[1:]]
    figure, axes = new_figure(2, width=7.2, height=3.0, sharey=True)
    with styled():
        for ax, name, title in zip(axes[0], ("ap", "roc"), ("AUC PR", "ROC AUC"), strict=True):
            by_model = record[name]
            lines = [*by_model[..., 0], by_model[-1, :, 1], by_model[-1, :, 2]]
            for y, (values, colour) in enumerate(zip(lines, PALETTE, strict=False)):
                ax.plot(values, np.full(len(values), y), "o", color=colour, markersize=6, alpha=0.7)
                ax.plot(values.mean(), y, "|", color=BLACK, markersize=16, markeredgewidth=2)
            ax.set(xlabel=title, yticks=range(len(names)), yticklabels=names)
            ax.set_xlim(-0.03, 1.03)
        axes[0, 0].invert_yaxis()
        _add_letters(*axes[0])
    return figure


@implements("anogen-fig-anorand-signs")
def fig_signs(record: Arrays) -> Figure:
    """Draw reconstruction error (left) and cross entropy (right) over epochs for the forms of the loss."""
    figure, axes = new_figure(2, width=7.2, height=3.2)
    with styled():
        panels = (("error", "reconstruction error"), ("cross_entropy", "cross entropy"))
        for ax, (name, title) in zip(axes[0], panels, strict=True):
            for loss, values, line in zip(LOSSES, record[name], ("-", "--", ":"), strict=True):
                ax.plot(record["epochs_seen"], values.mean(axis=1), line, label=loss)
            ax.set(xlabel="epochs", ylabel=title, xscale="log", yscale="log")
        axes[0, 0].legend(loc="upper left", fontsize=10)
    return figure


@implements("anogen-fig-anorand-labels")
def fig_labels(record: Arrays, settings: Sequence[str]) -> Figure:
    """Draw the distance of synthetic anomalies from normal rows over the noise, a panel per setting."""
    figure, axes = new_figure(len(settings), width=7.2, height=3.1, sharey=True)
    with styled():
        for ax, setting, distance in zip(axes[0], settings, record["distance"].mean(axis=1), strict=True):
            for k, (kind, line) in enumerate(zip(KINDS, ("-", "-", "--", ":"), strict=True)):
                colour = GREY if k == 0 else PALETTE[k - 1]
                ax.plot(record["noise"], distance[:, k], line, color=colour, label=kind)
            ax.set(xlabel=f"noise, {setting}")
        axes[0, 0].set_ylabel("distance of the\nnearest normal row")
        axes[0, 0].legend(loc="upper left", fontsize=9.5)
    return figure


def ablation_table(record: Arrays, setting: int) -> Table:
    """Return a row per variant with the AUC PR of the score and of its outputs, and alpha, in one setting."""
    rows = []
    for name, ap, alpha in zip(
        record["variants"].tolist(), record["ap"][:, setting], record["alpha"][:, setting], strict=True
    ):
        score, *others = (f"{value:.3f}" for value in ap.mean(axis=0))
        rows.append([VARIANTS[name].title, f"{score} ± {ap[:, 0].std():.3f}", *others, f"{np.median(alpha):.3f}"])
    outputs = (r"$\hat y_{mlp}$ alone", r"$\hat y_{AE}$ alone", "weights exchanged")
    return Table(["variant", "score", *outputs, r"$\alpha$"], rows)


@implements("anogen-fig-anorand-drawn-*")
def fig_generated(records: Mapping[str, Arrays]) -> Figure:
    """Draw generated images, a row per training, with their scores relative to the median held-out image's."""
    images = np.concatenate([r["images"] for r in records.values()])
    scores = np.concatenate(
        [r["scores"] / np.median(r["test_normal_scores"], axis=1, keepdims=True) for r in records.values()]
    )
    names = [f"{name}\ntraining {i}" for name, r in records.items() for i in range(1, len(r["scores"]) + 1)]
    return style.image_grid(images.reshape(*scores.shape, SIDE, SIDE), scores, names)
