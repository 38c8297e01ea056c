"""Figures 8 to 10, 13, 15 and 16 and Table 11 of the tailored paper: the detector of digits."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anogen.detectors.gan import seeds
from companion.claims.criterion import Arrays
from companion.figures import style
from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, PALETTE, VERMILION, image_grid, new_figure, pictures, short, styled
from companion.figures.tables import Table
from companion.records import Record
from notebooks.tailored.common.figures import TITLES, Box, draw_diagram, measured, printed
from notebooks.tailored.tailored_mnist.other_classifiers import KINDS, PLANS

CLASS_COLOURS = (*PALETTE, style.YELLOW, GREY, "#882255")
OUTLINE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
PANELS: Mapping[str, str] = {  # of Fig. 16, in the paper's order
    "notmnist": "(a) notMNIST", "near": "(b) near anomalies, class {digit}", "cifar10": "(c) CIFAR-10",
    "gaussian": "(d) Gaussian noise",
}  # fmt: skip


@implements("tailored-table-11")
def table_11(record: Record) -> Table:
    """Return Table 11: the accuracy at 95% of `DetectorScores` and of the paper, our AUROC, the best other method."""
    head = ("anomalies", "accuracy, here", "accuracy, paper", "difference", "AUROC, here", "best other method")
    rows, others = [], printed("tailored-table-11").columns[2:]
    for name, reported, *theirs in printed("tailored-table-11").rows:
        real = name == "MNIST accuracy"
        accuracy = measured(record, "MNIST" if real else name, "accuracy", 0)
        area = None if real else measured(record, name, "auroc", None)
        known = {method: value for method, value in zip(others, theirs, strict=True) if value is not None}
        best = max(known, key=known.__getitem__, default="")
        ours, area_here = ("-" if value is None else f"{value.mean():.1f}" for value in (accuracy, area))
        apart = "-" if accuracy is None else f"{accuracy.mean() - reported:+z.1f}"
        rows.append([name, ours, f"{reported:.1f}", apart, area_here, f"{known[best]:g} ({best})" if best else "-"])
    return Table(head, rows)


def table_literature() -> Table:
    """Return the columns of Table 11 that the paper takes from the literature."""
    table = printed("tailored-table-11")
    rows = [[name, *("-" if value is None else f"{value:g}" for value in theirs)] for name, _, *theirs in table.rows]
    return Table(("anomalies", *table.columns[2:]), rows)


@implements("tailored-fig-10")
def fig_10() -> Figure:
    """Draw the anomaly detector, trained on the output of a trained generator."""
    boxes: Sequence[Box] = (
        ("seed, $\\Vert n\\Vert<5$", (0.9, 1.9), 1.4, "white"),
        ("seed, $\\Vert n\\Vert\\in[5,6]$", (0.9, 1.0), 1.4, "white"),
        ("generator $G$\n(trained)", (2.65, 1.45), 1.1, style.SKY),
        ("anomaly detector\n(built like $D$)", (5.45, 1.45), 1.5, style.ORANGE),
    )
    arrows = (
        ((1.62, 1.9), (2.08, 1.6), ""),
        ((1.62, 1.0), (2.08, 1.3), ""),
        ((3.22, 1.65), (4.68, 1.65), "fakes: 1"),
        ((3.22, 1.2), (4.68, 1.2), "near anomalies: 0"),
    )
    return draw_diagram(boxes, arrows, "its logit $D(x, \\hat{C}(x))$ is the score: large for normal", height=2.4)


@implements("tailored-fig-8", "tailored-fig-9")
def figs_8_9(record: Arrays, shown: int = 1_000) -> Figure:
    """Draw confidence against score, a panel a set: `CriticScores` (Fig. 8), `DetectorScores` (Fig. 9)."""
    names = ["real", *record["names"].tolist()]
    columns = 4
    rows = -(-len(names) // columns)
    figure, axes = new_figure(columns, rows, width=7.2, height=1.7 * rows, sharex=True, sharey=True)
    with styled():
        for ax, name, scores, sure in zip(axes.flat, names, record["scores"], record["confidence"], strict=False):
            ax.scatter(scores[:shown], sure[:shown], s=2, color=BLUE, alpha=0.3)
            ax.axvline(record["threshold"][0, 0], color=VERMILION, linewidth=0.8)
            ax.text(0.5, 1.06, TITLES.get(name, name), transform=ax.transAxes, ha="center", fontsize=10)
            ax.tick_params(labelsize=9)
        for ax in axes.flat[len(names) :]:
            ax.set_visible(False)
        figure.supxlabel("score", fontsize=11)
        figure.supylabel("confidence", fontsize=11)
    return figure


@implements("anogen-fig-tailored-beyond")
def fig_beyond(records: Mapping[str, Record]) -> Figure:
    """Draw the AUROC of every band of norms against real images of the class, and the share recognised, by training."""
    figure, [(left, right)] = new_figure(2)
    with styled():
        for i, (name, record) in enumerate(records.items()):
            middle = record["bands"].mean(axis=1)
            left.plot(middle, np.nanmean(record["band_auroc"], axis=(0, 2)), color=PALETTE[i], label=name)
            right.plot(middle, record["recognised"].mean(axis=0), color=PALETTE[i])
        for ax, label in ((left, "AUROC"), (right, "share refused")):
            ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
            ax.set(xlabel="norm of the seed", ylabel=label, ylim=(0, 1.02))
        left.legend(fontsize=9)
    return figure


@implements("anogen-fig-tailored-by-class")
def fig_by_class(record: Record, low: float = 5, high: float = 15) -> Figure:
    """Draw the AUROC of each unit band of norms against the real images of each class, mean over the detectors."""
    bands = record["bands"]
    inside = (bands[:, 0] >= low) & (bands[:, 1] <= high)
    areas = record["band_auroc"].mean(axis=0)[inside].T
    figure, [[ax]] = new_figure(1, height=3.4)
    with styled():
        lowest = min(0.5, float(np.nanmin(areas)))
        shown = ax.imshow(areas, cmap=style.FIELD_COLOURS, vmin=lowest, vmax=1, aspect="auto")
        for (y, x), value in np.ndenumerate(areas):
            dark = value < 0.8
            text = "-" if np.isnan(value) else f"{value:.2f}".removeprefix("0")
            ax.text(x, y, text, ha="center", va="center", fontsize=8, color="white" if dark else "black")
        ax.set_xticks(range(inside.sum()), [f"{a:g}-{b:g}" for a, b in bands[inside]], fontsize=9)
        ax.set_yticks(range(len(areas)))
        ax.set(xlabel="norm of the seed", ylabel="class")
        figure.colorbar(shown, ax=ax, label="AUROC")
    return figure


@implements("tailored-fig-13")
def fig_13(record: Record) -> Figure:
    """Draw the features of training images in `FeatureMap`, a colour a class."""
    figure, axes = new_figure(1, width=4.8, height=4.4)
    with styled():
        for label in range(10):
            here = record["train_place"][record["train_class"] == label]
            axes[0, 0].scatter(*here.T, s=2, color=CLASS_COLOURS[label], linewidths=0)
        _name_clusters(axes[0, 0], record)
    return figure


@implements("tailored-fig-15")
def fig_15(record: Record) -> Figure:
    """Draw the paths of the seeds over the grey map: dots in steps of norm, a ring at norm 0, the end numbered."""
    figure, [[ax]] = new_figure(1, width=4.8, height=4.4)
    with styled():
        ax.scatter(*record["train_place"].T, s=2, color="#cccccc", linewidths=0)
        for i, path in enumerate(record["path_place"]):
            ax.plot(*path.T, color=PALETTE[i], linewidth=1, marker="o", markersize=2.5, label=f"seed {i + 1}")
            ax.plot(*path[-1], "s", color=PALETTE[i], markersize=7, markeredgecolor=style.BLACK)
        ax.plot(*record["path_place"][0, 0], "o", markersize=11, markerfacecolor="none", markeredgecolor=style.BLACK)
        _name_clusters(ax, record)
        ax.legend(fontsize=9, loc="best")
    return figure


@implements("tailored-fig-16")
def fig_16(record: Record) -> Figure:
    """Draw the anomalies of each set over the grey map."""
    names = [name for name in PANELS if name in record["names"].tolist()]
    figure, axes = new_figure(2, -(-len(names) // 2), width=6.4, height=2.9 * -(-len(names) // 2))
    with styled():
        for ax, name in zip(axes.flat, names, strict=False):
            ax.scatter(*record["train_place"].T, s=1.5, color="#cccccc", linewidths=0)
            ax.scatter(*record["place"][record["names"].tolist().index(name)].T, s=6, color=VERMILION, linewidths=0)
            _name_clusters(ax, record, size=8)
            title = PANELS[name].format(digit=record.parameter("path_digit"))
            ax.text(0.5, 1.02, title, transform=ax.transAxes, ha="center", va="bottom", fontsize=10)
        for ax in axes.flat[len(names) :]:
            ax.set_visible(False)
    return figure


def _name_clusters(ax: Axes, record: Record, size: int = 10) -> None:
    """Write each class at the training image in the middle of its images, and remove the ticks: a map has no unit."""
    for label in np.unique(record["train_class"]):
        here = record["train_place"][record["train_class"] == label]
        middle = np.median(here, axis=0)
        place = here[np.linalg.norm(here - middle, axis=1).argmin()]
        ax.text(place[0], place[1], str(label), ha="center", va="center", fontsize=size, bbox=OUTLINE)
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.6)


@implements("anogen-fig-tailored-drawn")
def fig_drawn(record: Record) -> Figure:
    """Draw the gradient's image for each class above the class's real image of the lowest score (`TailoredDrawing`)."""
    classes = len(record["best_real"])
    images = pictures(np.stack([record["drawn"][:classes], record["best_real"]]))
    scores = np.stack([record["scores"][:classes], record["best_scores"]])
    return image_grid(images, scores, row_labels=["generated", "real"], column_labels=[str(y) for y in range(classes)])


@implements("anogen-fig-tailored-evolved")
def fig_evolved(record: Record) -> Figure:
    """Draw the evolved images with their scores (`TailoredDrawing`)."""
    classes = len(record["best_real"])
    return image_grid(pictures(record["drawn"][None, classes:]), record["scores"][None, classes:])


def table_classifiers(record: Record) -> Table:
    """Return accuracy, passes and AUROC of each combination of classifier and type of data in `AnyClassifier`."""
    passes = ("passes through the classifier", "through the detector")
    rows = []
    for i, data in enumerate(PLANS):
        for j, kind in enumerate(KINDS):
            accuracy, auroc = f"{record['accuracy'][i, j]:.0%}", short(record["auroc"][i, j])
            rows.append([data, kind, accuracy, *(f"{record[key][i, j]:g}" for key in ("classified", "judged")), auroc])
    return Table(("data", "classifier", "its accuracy", *passes, "AUROC against noise"), rows)
