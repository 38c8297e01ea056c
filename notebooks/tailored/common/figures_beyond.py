"""What the tailored paper does not show: the score by norm and class, α, and what the detector draws."""

import numpy as np
from matplotlib.figure import Figure

from companion.figures.style import FIELD_COLOURS, image_grid, new_figure, short, styled
from companion.figures.tables import Table
from companion.records import Record
from notebooks.tailored.tailored_mnist.other_classifiers import KINDS, PLANS


def by_class(record: Record, low: float = 5, high: float = 15) -> Figure:
    """The AUROC of each unit band of norms against the real images of each class, mean over the detectors."""
    bands = record["bands"]
    inside = (bands[:, 0] >= low) & (bands[:, 1] <= high)
    areas = record["band_auroc"].mean(axis=0)[inside].T
    figure, axes = new_figure(1, height=3.4)
    with styled():
        ax = axes[0, 0]
        shown = ax.imshow(areas, cmap=FIELD_COLOURS, vmin=min(0.5, float(np.nanmin(areas))), vmax=1, aspect="auto")
        for (y, x), value in np.ndenumerate(areas):
            dark = value < 0.8
            text = "-" if np.isnan(value) else f"{value:.2f}".removeprefix("0")
            ax.text(x, y, text, ha="center", va="center", fontsize=8, color="white" if dark else "black")
        ax.set_xticks(range(inside.sum()), [f"{a:g}-{b:g}" for a, b in bands[inside]], fontsize=9)
        ax.set_yticks(range(len(areas)))
        ax.set(xlabel="norm of the seed", ylabel="class")
        figure.colorbar(shown, ax=ax, label="AUROC")
    return figure


def alphas(record: Record) -> Figure:
    """Fakes of every class from the same seeds: before, then a row for each α and training."""
    shown, rows = [record["start_fakes"]], ["before"]
    for alpha, of_alpha in zip(record["alphas"], record["fakes"], strict=True):
        shown += list(of_alpha)
        rows += [f"α = {alpha:g}, {number}" for number in range(1, len(of_alpha) + 1)]
    side = int(np.sqrt(record["fakes"].shape[-1]))
    images = np.stack([fakes[:, 0].reshape(-1, side, side) for fakes in shown])
    return image_grid(images, row_labels=rows, column_labels=[str(label) for label in range(10)])


def alpha_table(record: Record) -> Table:
    """Agreement of the two classifiers and the feature distance before and for each α: the mean, and each training."""
    head = ("α", "classifier in the loop agrees", "independent classifier agrees", "feature distance of the fakes")
    keys = (("agreement", "{:.1%}"), ("independent", "{:.1%}"), ("distance", "{:.1f}"))
    before = ["before", *(f"**{form.format(float(record[f'start_{key}']))}**" for key, form in keys)]

    def cell(values: np.ndarray, form: str) -> str:
        each = ", ".join(form.format(value) for value in values)
        return f"**{form.format(values.mean())}** ({each})"

    return Table(
        head,
        [
            before,
            *(
                [f"{alpha:g}", *(cell(record[key][i], form) for key, form in keys)]
                for i, alpha in enumerate(record["alphas"])
            ),
        ],
    )


def drawn(record: Record) -> Figure:
    """What the gradient drew for each class, over the real image of the class with the lowest score; scores above."""
    side = int(np.sqrt(record["drawn"].shape[-1]))
    classes = len(record["best_real"])
    images = np.stack([record["drawn"][:classes], record["best_real"]]).reshape(2, classes, side, side)
    scores = np.stack([record["scores"][:classes], record["best_scores"]])
    return image_grid(images, scores, row_labels=["drawn", "real"], column_labels=[str(y) for y in range(classes)])


def evolved(record: Record) -> Figure:
    """What evolution drew, with the scores."""
    side = int(np.sqrt(record["drawn"].shape[-1]))
    ends = record["drawn"][len(record["best_real"]) :].reshape(1, -1, side, side)
    return image_grid(ends, record["scores"][None, len(record["best_real"]) :])


def pieces(record: Record) -> Table:
    """What each combination of classifier and type of data gives."""
    head = (
        "data",
        "classifier",
        "its accuracy",
        "passes through the classifier",
        "through the detector",
        "AUROC against noise",
    )
    rows = []
    for i, data in enumerate(PLANS):
        for j, kind in enumerate(KINDS):
            cells = [f"{record[key][i, j]:.0%}" for key in ("accuracy",)]
            cells += [f"{record[key][i, j]:g}" for key in ("classified", "judged")]
            rows.append([data, kind, *cells, short(record["auroc"][i, j])])
    return Table(head, rows)
