"""Figures and tables that several chapters on the tailored paper share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from anogen.detectors.gan import seeds
from companion.claims import inventory
from companion.claims.criterion import Arrays
from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, GREY, PALETTE, VERMILION, canvas, new_figure, styled
from companion.figures.tables import Table
from companion.records import Record
from notebooks.tailored.common.omniglot import INVERTED
from notebooks.tailored.common.scores import RATES

Box = tuple[str, tuple[float, float], float, str]  # text, centre, width, colour
NAMES: Mapping[str, str] = {
    "FashionMNIST": "fashion", "Omniglot": "omniglot", "notMNIST": "notmnist", "Uniform": "uniform",
    "Gaussian": "gaussian", "CIFAR-10-bw": "cifar10", "CIFAR-100": "cifar100", "MNIST-resized": "mnist",
    "SVHN-bw": "svhn", "SVHN": "svhn",
}  # fmt: skip
TITLES: Mapping[str, str] = {
    "real": "real images", "fashion": "FashionMNIST", "omniglot": "Omniglot", INVERTED: "Omniglot inverted",
    "notmnist": "notMNIST", "uniform": "uniform noise", "gaussian": "Gaussian noise", "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100", "mnist": "MNIST", "svhn": "SVHN", "scenes": "scenes", "fakes": "fakes",
    "fakes-uniform": "fakes, even norms", "near": "near anomalies",
}  # fmt: skip
BELOW = {  # a set with a row of its own below one of the paper's
    "LSUN": ("scenes", "scenes, where the paper has LSUN"),
    "Omniglot": (INVERTED, "Omniglot inverted, white on black"),
}
METRICS = {  # of Tables 3 to 10: the array and level, and the column as printed
    "AUROC": ("auroc", None, "AUROC"),
    "accuracy (95%)": ("accuracy", 0, "accuracy_0.95"),
    "FPR at 95% TPR": ("fpr95", None, "FPR95TPR"),
    "accuracy (99%)": ("accuracy", 1, "accuracy_0.99"),
}
FIRST, SECOND = tuple(METRICS)[:2], tuple(METRICS)[2:]  # a table on a page has two of them
PLAIN = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def draw_diagram(
    boxes: Sequence[Box],
    arrows: Sequence[tuple[tuple[float, float], tuple[float, float], str]],
    below: str,
    height: float = 3.4,
) -> Figure:
    """Draw labelled boxes (text, centre, width, colour), arrows (start, end, text), and a sentence below them."""
    figure, axes = canvas(6.4, height)
    with styled():
        for text, (x, y), wide, colour in boxes:
            high = 0.25 if "\n" not in text else 0.36
            look: dict[str, Any] = {"facecolor": colour, "edgecolor": BLACK, "alpha": 0.6 if colour != "white" else 1.0}
            place = (x - wide / 2, y - high)
            axes.add_patch(FancyBboxPatch(place, wide, 2 * high, boxstyle="round,pad=0.02", **look))
            axes.text(x, y, text, ha="center", va="center", fontsize=10)
        for start, end, text in arrows:
            axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, color=BLACK))
            x, y = np.mean((start, end), axis=0)
            axes.text(x, y + 0.08, text, ha="center", fontsize=10, bbox=PLAIN)
        axes.text(3.2, 0.35, below, ha="center", va="center", fontsize=11, color=VERMILION)
    return figure


def add_letters(*panels: Axes) -> None:
    """Write the paper's letters (a), (b), ... above panels."""
    for ax, letter in zip(panels, "abcd", strict=False):
        ax.text(0, 1.02, f"({letter})", transform=ax.transAxes, ha="left", va="bottom", fontsize=11)


def draw_class_lines(ax: Axes, x: np.ndarray, values: np.ndarray, names: Sequence[str], width: float = 1.4) -> None:
    """Draw a line for each name (n, F), those after all colours dashed."""
    for i, (name, line) in enumerate(zip(names, values, strict=True)):
        style = "-" if i < len(PALETTE) else "--"
        ax.plot(x, line, color=PALETTE[i % len(PALETTE)], linestyle=style, linewidth=width, label=name)


def over_norms(confidence: np.ndarray, critic: np.ndarray, norms: np.ndarray, name: str) -> Figure:
    """Draw the classifier's confidence (10, F) and a detector's score (10, F) over the norm, a line a class."""
    figure, axes = new_figure(2, height=3.3)
    with styled():
        for ax, values, label in zip(axes[0], (confidence, critic), ("mean confidence", name), strict=True):
            draw_class_lines(ax, norms, values, [str(label) for label in range(len(values))])
            ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
            ax.set(xlabel="norm of the seed", ylabel=label)
        add_letters(*axes[0])
        axes[0, 0].set_ylim(0, 1.02)
        lines, labels = axes[0, 1].get_legend_handles_labels()
        look: dict[str, Any] = {"fontsize": 9, "title_fontsize": 9, "handlelength": 1.2, "columnspacing": 1}
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
def figs_7_11(record: Arrays) -> Figure:
    """Draw ROC curves (a), real images being positive, and the scores of every set as densities (b).

    A set has the same line in both panels. Arrays of `CriticScores` or `DetectorScores`.
    """
    names = record["names"].tolist()
    figure, [(left, right)] = new_figure(2, width=7.2, height=4.4, width_ratios=(1, 1.25))
    low, high = np.quantile(record["scores"], (0.005, 0.995))
    bins = np.linspace(low, high, 60)
    with styled():
        draw_class_lines(left, RATES, record["roc"], names, 1.3)
        left.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
        left.set(xlabel="false positive rate", ylabel="true positive rate")
        lines = [
            {"color": BLACK},
            *({"color": line.get_color(), "linestyle": line.get_linestyle()} for line in left.lines),
        ]
        for y, (scores, line) in enumerate(zip(record["scores"], lines, strict=False)):
            density = np.histogram(np.clip(scores, low, high), bins)[0]
            right.stairs(y - 0.9 * density / density.max(), bins, baseline=y, fill=True, alpha=0.3, color=line["color"])
            right.stairs(y - 0.9 * density / density.max(), bins, baseline=y, linewidth=1, **line)
        right.axvline(record["threshold"][0, 0], color=VERMILION, linewidth=1.2)
        right.set_yticks(range(len(names) + 1), [TITLES.get(name, name) for name in ("real", *names)])
        right.set_xlabel("score")
        right.set_ylim(len(names) + 0.3, -1.1)
        right.tick_params(labelsize=9)
        add_letters(left, right)
    return figure


@implements(
    "anogen-fig-tailored-losses", "anogen-fig-tailored-cifar-losses", "anogen-fig-tailored-cifar-unscaled-losses"
)
def fig_losses(record: Record) -> Figure:
    """Draw the gap R - F, the penalty and the cross-entropy on the fakes, in the last stage of `TailoredGAN`."""
    figure, axes = new_figure(3)
    parts = (
        ("losses.critic.gap", "gap R - F"),
        ("losses.critic.penalty", "penalty"),
        ("losses.generator.classified", "cross-entropy"),
    )
    done = record.parameter("until") or record.parameter("iterations")
    with styled():
        for ax, (key, name) in zip(axes[0], parts, strict=True):
            ax.plot(np.arange(done - len(record[key]), done) + 1, record[key], color=BLUE, linewidth=0.8)
            ax.set(xlabel="iteration", ylabel=name)
    return figure


@implements(*(f"tailored-table-{number}" for number in range(3, 11)))
def tables_3_to_10(record: Arrays, number: int = 3, metrics: Sequence[str] = FIRST) -> Table:
    """Return one of Tables 3 to 10, of `CriticScores` or `DetectorScores`: for each metric ours, the paper's, the gap.

    All are in percent. A set that is not part of the data has no measured number. Below the paper's rows there may be
    one with nothing reported, of a substitute or of Omniglot inverted. The last two are of fakes and near anomalies.
    """
    table, known = printed(f"tailored-table-{number}"), record["names"].tolist()
    columns, rows = list(table.columns), []
    for line in table.rows:
        name, row = line[0], [line[0]]
        for key, level, column in (METRICS[metric] for metric in metrics):
            row += _cells(measured(record, name, key, level), line[columns.index(column)])
        rows.append(row)
        other, text = BELOW.get(name, ("", ""))
        if other in known:
            row = [text]
            for key, level, _ in (METRICS[metric] for metric in metrics):
                row += _cells(_values(record, other, key, level), None)
            rows.append(row)
    head = [f"{metric}, {whose}" for metric in metrics for whose in ("here", "paper", "difference")]
    return Table(("set", *head), rows)


def measured(record: Arrays, name: str, key: str, level: int | None) -> np.ndarray | None:
    """Return a cell's values over the detectors, in percent, (T,); None where there is nothing to measure."""
    if name in ("MNIST", "CIFAR-10"):
        return None if level is None else 100 * np.asarray(record["accepted"][:, level])
    known = "fakes" if name.startswith("Fakes") else "near" if name.startswith("Anomalies") else NAMES.get(name, "")
    return _values(record, known, key, level)


def _values(record: Arrays, wanted: str, key: str, level: int | None) -> np.ndarray | None:
    """Return a measure of a set of the record, as `measured` does."""
    names = record["names"].tolist()
    if wanted not in names:
        return None
    values = record[key][:, names.index(wanted)]
    return 100 * np.asarray(values if level is None else values[:, level])


def printed(id_: str) -> inventory.Table:
    """Return a table of the inventory."""
    return next(one for one in inventory.tables() if one.id == id_)


def _cells(values: np.ndarray | None, reported: float | None) -> list[str]:
    """Return mean (and deviation) over the detectors, the reported value, and the difference."""
    ours = "-" if values is None else f"{values.mean():.1f}"
    if values is not None and len(values) > 1:
        ours += f" ({values.std(ddof=1):.1f})"
    theirs = "-" if reported is None else f"{reported:.1f}"
    return [ours, theirs, "-" if values is None or reported is None else f"{values.mean() - reported:+z.1f}"]
