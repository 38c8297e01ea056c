"""Figures and tables of chapter `other-detectors` (thesis 6.4): the grid of detectors, optima, groups, re-training."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from matplotlib.figure import Figure
from scipy.spatial.distance import cdist

from anogen.detectors import entry, parse_spec
from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, VERMILION, image_grid, new_figure, panel, pictures, short
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.thesis.cblof.figures import retrained
from notebooks.thesis.common.groups import CHOSEN, MEANING, SHARE, Drawn, median_training
from notebooks.thesis.common.image_figures import against_k, percents, real_below

ABREAST = 5  # detectors next to each other on the home page's picture


def title(detector: str) -> str:
    """Return a detector's name as it is printed."""
    return entry(parse_spec(detector)[0]).title


@implements("thesis-fig-6.17", "anogen-fig-grid-[0-9]")
def fig_6_17(records: Mapping[str, Record], aucs: Mapping[str, float], chosen: Sequence[float]) -> Figure:
    """Draw a row for each detector, named with its ROC AUC, and a column for each k, the first being 0.

    Above each image is the percentage of real images that score lower.
    """
    labels = [f"{name}\n{aucs[name]:.2f}" for name in records]
    images, scores = [], []
    for record in records.values():
        levels = percents(record, chosen)
        images.append(pictures(np.stack([record["images"][0], *record["guided_images"][levels, 0]])))
        scores.append(real_below(record, np.array([record["scores"][0], *record["guided_scores"][levels, 0]])))
    return image_grid(np.stack(images), np.stack(scores), labels, [f"{k:.0%}" for k in (0, *chosen)])


def find_median(qualities: Sequence[Record]) -> int:
    """Return the number of the training of a detector that Fig. 6.17 shows, by the images from noise."""
    by_training = [Drawn(quality, quality.parameter("ks")) for quality in qualities]
    return median_training([d.share(0) for d in by_training], [d.mean_quality() for d in by_training])


@implements("anogen-fig-grid-quality")
def fig_quality_by_k(qualities: Mapping[str, Record]) -> Figure:
    """Plot the mean quality of the images by k, one line a detector."""
    return against_k(qualities, "guided_quality", "quality")


@implements("thesis-fig-6.18", "thesis-fig-6.19", "anogen-fig-retraining*")
def figs_6_18_6_19(record: Record) -> Figure:
    """Draw a row for each training of a detector, an image for each start, their scores above them."""
    return retrained(record)


@implements("anogen-fig-grid-optima")
def fig_optima(searches: Mapping[str, Record], qualities: Mapping[str, Record], chosen: Sequence[float]) -> Figure:
    """Draw for each detector and k the search's image and, to its right, the most normal one (the nearest)."""
    images, scores = [], []
    for name, search in searches.items():
        best, evolved = qualities[name]["guided_optimum_images"], search["images"][0]
        points = search["optimum_points"].astype(float)
        nearest = points[np.linalg.norm(points - evolved, axis=1).argmin()]
        row, numbers = [evolved, nearest], [search["scores"][0], search["optimum_score"]]
        for level in percents(search, chosen):
            row += [search["guided_images"][level, 0], best[level, 0]]
            numbers += [search["guided_scores"][level, 0], search["guided_optimum"][level, 0]]
        images.append(pictures(np.stack(row)))
        scores.append(np.array([float(number) for number in numbers]))
    columns = [text for k in (0, *chosen) for text in (f"found\nk = {k:.0%}", f"optimum\nk = {k:.0%}")]
    return image_grid(np.stack(images), np.stack(scores), list(searches), columns)


@implements("anogen-fig-grid-found")
def fig_found(searches: Mapping[str, Record]) -> Figure:
    """Draw each detector's image from noise and, below it, its optimum (the nearest), where one is known and unique."""
    columns = min(ABREAST, len(searches))
    bands = -(-len(searches) // columns)
    figure, axes = new_figure(columns, 2 * bands, width=5.0, height=1.9 * bands)
    for ax in axes[-2:].ravel():
        ax.axis("off")
    for number, (detector, search) in enumerate(searches.items()):
        band, column = divmod(number, columns)
        above, below = axes[2 * band : 2 * band + 2, column]
        above.axis("on")
        below.axis("on")
        found = search["images"][0].astype(float)
        panel(above, pictures(found))
        above.text(0.5, 1.06, title(detector), transform=above.transAxes, ha="center", fontsize=9)
        if detector in CHOSEN or not known(search):
            below.axis("off")
            word = "not\nunique" if detector in CHOSEN else "not\nknown"
            below.text(0.5, 0.5, word, ha="center", va="center", fontsize=9, color=GREY, transform=below.transAxes)
        else:
            points = search["optimum_points"].astype(float)
            panel(below, pictures(points[np.linalg.norm(points - found, axis=1).argmin()]))
        if column == 0:
            for ax, label in ((above, "found"), (below, "optimum")):
                ax.text(-0.12, 0.5, label, transform=ax.transAxes, ha="right", va="center", fontsize=9)
    return figure


def known(search: Record) -> bool:
    """Return whether a search's detector has a known most normal image."""
    return "optimum_points" in search.arrays


def outermost(search: Record) -> float:
    """Return the mean brightness of the outermost pixels of the images from noise."""
    images = pictures(search["images"]).astype(float)
    inside = np.zeros(images.shape[1:], dtype=bool)
    inside[1:-1, 1:-1] = True
    return float(images[:, ~inside].mean())


@implements("anogen-fig-grid-groups")
def fig_groups(by: Mapping[str, Drawn], groups: Mapping[str, int]) -> Figure:
    """Plot each detector's share of normal-looking images (open marks: of optima) from noise and at the best k."""
    order = sorted(by, key=lambda name: groups.get(name, 4))
    figure, axes = new_figure(2, 1, height=0.36 * len(order) + 1.3, sharey=True)
    rows = [-float(row) for row in range(len(order))]
    columns = {"from noise": False, "at the best k of 50 to 85%": True}
    for ax, (label, guided) in zip(axes[0], columns.items(), strict=True):
        ax.axvline(100 * SHARE, color=GREY, linestyle="--", linewidth=1.2)
        ys = [(name, y) for name, y in zip(order, rows, strict=True) if by[name].has_optima(guided)]
        best = np.reshape([(_share(by[name].optima, guided), y) for name, y in ys], (-1, 2))
        ax.plot(*best.T, "D", color=VERMILION, markerfacecolor="none", markersize=11, label="optimum")
        ax.plot([_share(by[name], guided) for name in order], rows, "o", color=BLUE, markersize=7, label="search")
        for row, a, b in zip(rows, order, order[1:], strict=False):
            if groups.get(a) != groups.get(b):
                ax.axhline(row - 0.5, color=GREY, linewidth=0.8)
        ax.set(xlabel=f"{label}, %", xlim=(-6, 106), ylim=(rows[-1] - 0.6, 0.6))
    axes[0, 0].set_yticks(rows, [f"{name} ({groups[name]})" if name in groups else name for name in order])
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def _share(drawn: Drawn, guided: bool) -> float:
    return 100 * (drawn.best_share() if guided else drawn.share(0))


def group_in_words(group: int | None) -> str:
    """Write a group in words."""
    return "not known" if group is None else f"{group}, {MEANING[group]}"


def table_grid(by: Mapping[str, Drawn], detections: Mapping[str, Record]) -> Table:
    """Compare the detectors of the grid: ROC AUC, shares of normal-looking images, quality."""
    head = (
        "detector", "ROC AUC", "of its labels", "normal-looking from noise", "at the best k of 50 to 85%",
        "mean quality",
    )  # fmt: skip
    rows = []
    for name, drawn in by.items():
        auc = detections[name]["auc"]
        spread = f" ({auc.min():.2f} to {auc.max():.2f})" if auc.size > 1 and np.ptp(auc) > 5e-3 else ""
        rows.append([
            title(name), f"{auc.mean():.2f}{spread}", f"{detections[name]['binary_auc'].mean():.2f}",
            percent(drawn.share(0)), percent(drawn.best_share()), f"{drawn.mean_quality():.2f}",
        ])  # fmt: skip
    return Table(head, rows)


def table_optima(searches: Mapping[str, Record], qualities: Mapping[str, Record]) -> Table:
    """Compare the scores of searches with those of the known optima and of real images."""
    head = ("detector", "score found", "optimum", "real images", "distance to the optimum", "optimum normal-looking")
    rows = []
    for name, search in searches.items():
        scores = (np.median(search["scores"]), float(search["optimum_score"]), np.median(search["test_normal_scores"]))
        looks = percent(qualities[name]["optimum_normal_looking"].mean())
        rows.append([title(name), *map(short, scores), f"{search['gap'].mean():.1f}", looks])
    return Table(head, rows)


def table_retrained(trainings: Mapping[str, Record], qualities: Mapping[str, Record]) -> Table:
    """Compare the images of one training and of different trainings: shares, mean distances (L2)."""
    head = ("detector", "images", "normal-looking", "apart in one training", "between trainings", "real images")
    rows = []
    for name, record in trainings.items():
        quality, images = qualities[name], record["images"].astype(float)
        pairs = combinations(range(len(images)), 2)
        between = [f"{cdist(images[a], images[b]).mean():.2f}" for a, b in pairs] or ["-"]
        apart = quality["mean_pairwise"].mean(), float(quality["pairwise"])
        looks = quality["normal_looking"]
        row = [title(name), str(looks.size), percent(looks.mean()), f"{apart[0]:.2f}"]
        rows.append([*row, " to ".join(dict.fromkeys((min(between), max(between)))), f"{apart[1]:.2f}"])
    return Table(head, rows)
