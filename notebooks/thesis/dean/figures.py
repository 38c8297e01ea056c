"""Figures and tables of chapter `dean` (thesis 6.3): images by class and size of the ensemble; its submodels."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from anogen.detectors import parse_spec
from anogen.detectors.dean import DEAN
from companion.experiment import Arrays
from companion.figures import style
from companion.figures.registry import implements
from companion.figures.style import image_grid, new_figure, panel, pictures, short
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.thesis.common.image_figures import COLUMNS, by_generation, guided
from notebooks.thesis.dean.ensembles import RANGES
from notebooks.thesis.deep_svdd.figures import free_error

RANGE_NAMES = {"guard": "not scaled", "reference": "divided by $10^{-9}$"}
DEFAULTS = DEAN()  # its options, of which the chapter's experiments change neither the power nor the bag


def count_submodels(record: Record) -> int:
    """Return the number of submodels of a record's detector."""
    options = parse_spec(record.parameter("detector"))[1]
    return int(options.get("n_submodels", DEFAULTS.n_submodels))


def search_budget(record: Record) -> str:
    """Write the length of a search."""
    return f"{record.parameter('generations'):,} generations of {record.parameter('population')} images"


def deviations(record: Record | Arrays, scores: np.ndarray) -> np.ndarray:
    """Return how many times as far off the networks are as on the median real image: a root of the scores' ratio."""
    ratio = np.asarray(scores) / np.median(record["test_normal_scores"], axis=-1)
    return np.round(ratio ** (1 / DEFAULTS.power), 2)


@implements("thesis-fig-6.13", "anogen-fig-dean-drawn-*")
def fig_6_13(records: Mapping[str, Record]) -> Figure:
    """Draw the images from noise of each class, whatever their shape, the networks' deviations above them."""
    columns = min(COLUMNS, max(len(record["images"]) for record in records.values()))
    side = min(1.15, style.WIDTH / columns)
    rows = [(name, i) for name, record in records.items() for i in range(0, len(record["images"]), columns)]
    figure, axes = new_figure(columns, len(rows), width=side * columns + 0.9, height=(side + 0.28) * len(rows) + 0.1)
    for row, (name, first) in zip(axes, rows, strict=True):
        row[0].set_ylabel("" if first else name, rotation=0, ha="right", va="center")
        images, scores = (records[name][key][first : first + columns] for key in ("images", "scores"))
        scores = deviations(records[name], scores)
        for ax, image, score in zip(row, images, scores, strict=False):
            panel(ax, pictures(image), float(score), narrow=side < style.NARROW)
        for ax in row[len(images) :]:
            ax.axis("off")
    return figure


def join_sizes(*records: Record) -> Arrays:
    """Return the arrays (Z, ...) of records on different sizes as those of one; starts that one lacks are NaN."""
    starts = max(record["scores"].shape[1] for record in records)

    def padded(record: Record, key: str) -> np.ndarray:
        array = np.asarray(record[key])
        if key in {"sizes", "darker_lowers", "speck_raises", "test_normal_scores"}:
            return array
        missing = np.full((len(array), starts - array.shape[1], *array.shape[2:]), np.nan)
        return np.concatenate([array, missing], axis=1)

    keys = ("sizes", "images", "scores", "test_normal_scores", "darker_lowers", "speck_raises")
    return {key: np.concatenate([padded(record, key) for record in records]) for key in keys}


@implements("thesis-fig-6.14", "anogen-fig-dean-sizes-*")
def fig_6_14(record: Arrays, absent: Sequence[int] = ()) -> Figure:
    """Draw a column for each size of the ensemble, a row for each start, the networks' deviations above them.

    An image that is NaN, and all of the `absent` sizes, are marked as not computed.
    """
    images, scores = pictures(record["images"]).swapaxes(0, 1), deviations(record, record["scores"].T)
    starts = len(scores)
    empty = np.full((starts, len(absent), *images.shape[2:]), np.nan)
    scores = np.concatenate([scores, np.full((starts, len(absent)), np.nan)], axis=1)
    labels = [f"{size:,}" for size in (*record["sizes"], *absent)]
    figure = image_grid(np.concatenate([images, empty], axis=1), scores, column_labels=labels)
    for i, ax in enumerate(figure.axes):
        row, column = divmod(i, len(labels))
        if np.isnan(scores[row, column]):
            ax.text(0.5, 0.5, "not\ncomputed", transform=ax.transAxes, ha="center", va="center", fontsize=9)
            if row == starts - 1:
                ax.set_axis_on()
                ax.set(xticks=[], yticks=[], box_aspect=1, facecolor="none", xlabel=labels[column])
                ax.spines[:].set_visible(False)
    return figure


@implements("thesis-fig-6.15", "anogen-fig-dean-k-*")
def fig_6_15(record: Record) -> Figure:
    """Draw mask and image for each share of fixed pixels."""
    return guided(record, relate=deviations)


@implements("thesis-fig-6.16", "anogen-fig-dean-half-*")
def fig_6_16(record: Record) -> Figure:
    """Draw a row for each normal-seeded population, a column for each number of generations."""
    return by_generation(record, relate=deviations)


@implements("anogen-fig-dean-free-error-*")
def fig_free_error(qualities: Mapping[str, Record]) -> Figure:
    """Plot the error of the free pixels by k, one line a detector; 1 is a random guess."""
    return free_error(qualities)


@implements("anogen-fig-dean-pixels")
def fig_single_pixels(record: Arrays) -> Figure:
    """Draw for each size how often a single pixel changes the score: black in noise (above), inverted in a digit."""
    sizes = record["sizes"]
    figure, axes = new_figure(len(sizes), 2, width=1.55 * len(sizes) + 2.2, height=3.6)
    rows = (("darker_lowers", "darker\nin noise\nis better"), ("speck_raises", "changed\nin a digit\nis worse"))
    for row, (key, label) in zip(axes, rows, strict=True):
        row[0].set_ylabel(label, rotation=0, ha="right", va="center")
        for ax, share in zip(row, record[key], strict=True):
            percents = pictures(100 * share)
            percents = percents.mean(axis=2) if percents.ndim == 3 else percents  # over the channels
            drawn = ax.imshow(percents, vmin=0, vmax=100, cmap=style.FIELD_COLOURS)
            ax.set(xticks=[], yticks=[])
    for ax, size in zip(axes[-1], sizes, strict=True):
        ax.set_xlabel(f"{size:,}")
    figure.colorbar(drawn, ax=axes, label="% of the images", shrink=0.8)
    return figure


@implements("anogen-fig-dean-submodels")
def fig_submodels(record: Record, *larger: Record) -> Figure:
    """Plot the histogram of the submodels' ROC AUC (left), and by its size that of the ensemble and larger ones."""
    figure, axes = new_figure(2, 1, height=3.0, sharey=True, width_ratios=(1, 2))
    left, right = axes[0]
    alone = record["submodel_auc"]
    left.hist(alone, bins=20, orientation="horizontal", color=style.GREY)
    left.set(xlabel="submodels", ylabel="ROC AUC")
    sizes, auc = (np.concatenate([part[key] for part in (record, *larger)]) for key in ("sizes", "ensemble_auc"))
    sizes, first = np.unique(sizes, return_index=True)  # the parts overlap
    auc = auc[first]
    for column, (name, color) in enumerate((("the deviation", style.BLUE), ("its power", style.VERMILION))):
        right.plot(sizes, auc[:, column], color=color, label=f"mean of {name}")
    right.axhline(float(np.percentile(alone, 90)), color=style.GREY, linestyle="--", linewidth=1.5)
    right.set(xlabel="submodels in the ensemble")
    right.legend(loc="best")
    return figure


@implements("anogen-fig-dean-falling")
def fig_best_scores(records: Mapping[str, Record]) -> Figure:
    """Plot the lowest score of each start's population by generation, in units of the median of real images."""
    figure, axes = new_figure(1, 1, height=3.0)
    ax = axes[0, 0]
    for color, (name, record) in zip(style.PALETTE, records.items(), strict=False):
        lines = record["history"] / np.median(record["test_normal_scores"])
        for start, line in enumerate(lines):
            label = name if start == 0 else None
            ax.plot(record["history_generations"], line, color=color, linewidth=1.4, label=label)
    ax.axhline(1, color="black", linestyle="--", linewidth=1.5)
    ax.set(xlabel="generation", ylabel="lowest score / median real image", yscale="log")
    figure.legend(loc="outside right upper")
    return figure


@implements("anogen-fig-dean-ranges")
def fig_input_ranges(record: Record) -> Figure:
    """Draw the generated image for either way to scale the input, its score above it."""
    names = [RANGE_NAMES[mode] for mode in RANGES]
    return image_grid(pictures(record["images"])[None], record["scores"][None], column_labels=names)


def table_input_ranges(record: Record) -> Table:
    """Compare the two ways to scale the input."""
    rows = []
    for i, mode in enumerate(RANGES):
        noisy, real = (record[key][i] for key in ("noise_scores", "normal_scores"))
        levels = f"{record['levels'][i]} of {noisy.size}"
        medians = (short(np.median(scores)) for scores in (noisy, real))
        rows.append([RANGE_NAMES[mode], f"{record['auc'][i]:.2f}", levels, *medians])
    return Table(("constant pixels", "ROC AUC", "different scores of noise", "median of noise", "of real images"), rows)


def table_bags(record: Record) -> Table:
    """Compare ensembles with and without bags: mean and range over the trainings."""
    head = ("pixels in a bag", "rank correlation", "ROC AUC of a submodel", "of the ensemble, power", "deviation")
    rows = []
    for i, width in enumerate(record.parameter("bags")):
        both = record["ensemble_auc"][i]
        values = (record["rank_correlation"][i], record["submodel_auc"][i].mean(axis=-1), both[:, 1], both[:, 0])
        rows.append([str(width), *(f"{v.mean():.3f} ({v.min():.3f} to {v.max():.3f})" for v in values)])
    return Table(head, rows)


def table_from_noise(
    searches: Mapping[str, Record], qualities: Mapping[str, Record], detections: Mapping[str, Record]
) -> Table:
    """Measure the images from noise, class by class."""
    rows = []
    for name, search in searches.items():
        quality = qualities[name]
        off = np.median(deviations(search, search["scores"]))
        row = [name, f"{detections[name]['auc'].mean():.2f}", percent(quality["noise_like"].mean())]
        rows.append([*row, f"{quality['morans_i'].mean():.2f}", f"{off:.2f}", percent(quality["score_rank"].mean())])
    return Table(("class, submodels", "ROC AUC", "noise-like", "Moran's I", "networks off", "better real images"), rows)


def table_by_size(record: Arrays, qualities: Sequence[Record], edge: np.ndarray) -> Table:
    """Measure the images of each size of the ensemble; `edge` (d,) are the pixels of the frame."""
    head = (
        "submodels", "that see a pixel", "brightness of the frame", "noise-like", "darker is better", "speck is worse",
    )  # fmt: skip
    measures = [
        (frame.mean(), noisy.mean())
        for quality in qualities
        for frame, noisy in zip(*(quality[key] for key in ("edge_mean", "noise_like")), strict=True)
    ]
    rows = []
    for i, (size, (frame, noisy)) in enumerate(zip(record["sizes"], measures, strict=True)):
        row = [f"{size:,}", f"{size * min(1, DEFAULTS.bag / edge.size):.0f}", f"{frame:.3f}", percent(noisy)]
        rows.append(row + [percent(record[key][i][edge].mean()) for key in ("darker_lowers", "speck_raises")])
    return Table(head, rows)


def table_by_k(search: Record, quality: Record, digit: int) -> Table:
    """Measure the images with fixed pixels: means over the pairs."""
    head = ("k", "error of free pixels", f"p({digit})", "distance", "pixels off by 0.3", "networks off")
    apart = (np.abs(search["guided_images"].astype(float) - search["references"]) > 0.3).mean(axis=(1, 2))
    off = deviations(search, search["guided_scores"].mean(axis=1))
    means = [quality[key].mean(axis=1) for key in ("free_err_rel", "guided_p_cls", "guided_nn_ratio")]
    rows = [
        [percent(k), *(f"{value:.2f}" for value in values), percent(far), f"{score:.2f}"]
        for k, *values, far, score in zip(search.parameter("ks"), *means, apart, off, strict=True)
    ]
    return Table(head, rows)


def table_by_stop(half: Record, quality: Record, edge: np.ndarray, digit: int) -> Table:
    """Measure the images of normal-seeded populations: means over the runs; `edge` (d,) is the frame."""
    head = ("generations", "networks off", f"p({digit})", "Moran's I", "brightness of the frame")
    frame = half["images"].astype(float)[..., edge].mean(axis=-1)
    values = [deviations(half, half["scores"]), *(quality[key] for key in ("p_cls", "morans_i")), frame]
    means = zip(*(value.mean(axis=0) for value in values), strict=True)
    by_stop = zip(half.parameter("stops"), means, strict=True)
    return Table(head, [[f"{stop:,}", *(f"{mean:.2f}" for mean in row)] for stop, row in by_stop])
