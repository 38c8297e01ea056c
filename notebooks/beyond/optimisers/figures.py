"""Figures and tables of chapter `optimisers`."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from companion.claims.base import Arrays
from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, VERMILION, WIDTH, new_figure, panel, pictures
from companion.figures.tables import Table, join_names
from companion.records import Record
from notebooks.beyond.certificates.figures import title
from notebooks.beyond.optimisers.searches import OPTIMISERS

MIN_GAP = 1e-9  # of the interquartile range: smaller gaps are rounding
MAX_GAP = 3e6  # of the axis
COLUMNS = 2
ROW, HEAD = 0.55, 1.3  # inches: of a row of images, and of the names of the optimisers above them
MAJORITY = 0.5


def names(record: Arrays) -> list[str]:
    """Return the optimisers of a record."""
    return [str(name) for name in record["optimisers"]]


def unit(record: Arrays) -> float:
    """Return the interquartile range of the held-out images' scores."""
    low, high = np.percentile(record["real_scores"], [25, 75])
    return float(high - low)


def gaps(record: Arrays, timed: bool) -> dict[str, np.ndarray]:
    """Return by optimiser the lowest scores above the optimum's, (starts,), in interquartile ranges of real images."""
    lowest = record["timed_lowest"] if timed else record["lowest"][:, :, -1]
    distance = (lowest - record["optimum"]) / unit(record)
    return dict(zip(names(record), np.where(distance < MIN_GAP, 0, distance), strict=True))


def median_gaps(record: Arrays, timed: bool) -> dict[str, float]:
    """Return the median gap of each optimiser."""
    return {name: float(np.median(values)) for name, values in gaps(record, timed).items()}


def best(record: Arrays, timed: bool) -> str:
    """Return the optimiser of the smallest median gap; of equals, the first."""
    medians = median_gaps(record, timed)
    return min(medians, key=medians.__getitem__)


def normal_looking(record: Arrays, timed: bool) -> dict[str, float]:
    """Return by optimiser the share of its images that look like the digit."""
    judged = record["timed_normal_looking" if timed else "normal_looking"]
    return dict(zip(names(record), judged.mean(axis=1).tolist(), strict=True))


def is_timed(record: Arrays) -> bool:
    """Return whether the searches were repeated with equal seconds."""
    try:
        return record["timed_lowest"].size > 0
    except KeyError:
        return False


@implements("anogen-fig-optimisers")
def fig_optimisers(records: Mapping[str, Record]) -> Figure:
    """Plot each optimiser's gap for each detector: median, and range over the starts."""
    rows = -(-len(records) // COLUMNS)
    figure, axes = new_figure(COLUMNS, rows, width=WIDTH, height=2.35 * rows + 0.4, sharey=True)
    for ax in axes.flat[len(records) :]:
        ax.axis("off")
    order = [name for name in OPTIMISERS if any(name in names(record) for record in records.values())]
    for ax, (detector, record) in zip(axes.flat, records.items(), strict=False):
        for timed, shift, colour, marker in ((False, -0.17, GREY, "o"), (True, 0.17, BLUE, "s")):
            if timed and not is_timed(record):
                continue
            for name, values in gaps(record, timed).items():
                y, shown = order.index(name) + shift, np.maximum(values, MIN_GAP)
                ax.plot([shown.min(), shown.max()], [y, y], color=colour, linewidth=1.5)
                ax.plot(np.median(shown), y, marker, color=colour, markersize=5)
        real = (np.median(record["real_scores"]) - record["optimum"]) / unit(record)
        ax.axvline(max(real, MIN_GAP), color=VERMILION, linewidth=1.2, linestyle="--")
        ax.set(xscale="log", xlim=(MIN_GAP / 3, MAX_GAP), xticks=[1e-9, 1e-6, 1e-3, 1, 1e3, 1e6])
        ax.set_title(title(detector), fontsize=11, loc="left")
        ax.set_yticks(range(len(order)), [OPTIMISERS[name].title for name in order], fontsize=9)
    axes[0, 0].invert_yaxis()
    for ax in axes[-1]:
        ax.set_xlabel("gap, interquartile ranges", fontsize=11)
    ax = axes[0, 0]
    ax.plot([], [], "o", color=GREY, label="equal evaluations")
    ax.plot([], [], "s", color=BLUE, label="equal seconds")
    ax.plot([], [], color=VERMILION, linestyle="--", linewidth=1.2, label="median real image")
    figure.legend(loc="outside upper center", ncols=3, columnspacing=1.2, handletextpad=0.4, frameon=False)
    return figure


@implements("anogen-fig-optimisers-images")
def fig_images(records: Mapping[str, Record]) -> Figure:
    """Draw the image that each optimiser finds within equal seconds, a row for each detector; last, the optimum."""
    order = [name for name in OPTIMISERS if any(name in names(record) for record in records.values())]
    figure, axes = new_figure(len(order) + 1, len(records), width=WIDTH, height=ROW * len(records) + HEAD)
    for row, (detector, record) in zip(axes, records.items(), strict=True):
        images = dict(zip(names(record), record["timed_images"], strict=True)) | {"optimum": record["optimum_image"]}
        for ax, name in zip(row, [*order, "optimum"], strict=True):
            if name in images:
                panel(ax, pictures(images[name]))
            else:
                ax.axis("off")
        row[0].set_ylabel(title(detector), rotation=0, ha="right", va="center", fontsize=9)
    for ax, name in zip(axes[0], [*order, "optimum"], strict=True):
        text = OPTIMISERS[name].title if name in OPTIMISERS else "optimum"
        ax.text(0.5, 1.1, text, rotation=90, ha="center", va="bottom", fontsize=9, transform=ax.transAxes)
    return figure


def table_gaps(records: Mapping[str, Record], timed: bool) -> Table:
    """Return the median gap of each optimiser (rows) for each detector (columns); the smallest is bold."""
    medians = {detector: median_gaps(record, timed) for detector, record in records.items()}
    smallest = {detector: min(values.values()) for detector, values in medians.items()}
    rows = []
    for name, optimiser in OPTIMISERS.items():
        if any(name in values for values in medians.values()):
            cells = [brief_gap(values.get(name), smallest[detector]) for detector, values in medians.items()]
            rows.append([optimiser.title, *cells])
    return Table(("optimiser", *map(title, records)), rows)


def table_longer(records: Mapping[str, Record], thesis: Mapping[str, Record]) -> Table:
    """Return the table of gaps with, last, the thesis's evolution with its own number of evaluations."""
    head, rows = table_gaps(records, timed=False)
    gap = {name: thesis_gap(record, thesis[name]) for name, record in records.items() if name in thesis}
    last = ["evolution, thesis", *(brief_gap(gap.get(name), np.nan) for name in records)]
    return Table(head, [*rows, last] if gap else rows)


def thesis_gap(record: Record, search: Record) -> float:
    """Return the median gap of the thesis's searches to the optimum of `record`."""
    return float(np.median(search["best_scores"]) - record["optimum"]) / unit(record)


def brief_gap(value: float | None, smallest: float) -> str:
    """Write a gap with two digits, the smallest in bold."""
    if value is None:
        return "–"
    if value == 0 or value >= 100:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.2g}" if value >= 1e-4 else f"{value:.0e}"
    return f"**{text}**" if value == smallest else text


def table_conclusions(records: Mapping[str, Record], timed: bool) -> Table:
    """Return the shares of images that look like the digit: by evolution, by the best optimiser, and the optimum."""
    rows = []
    for detector, record in records.items():
        share, first = normal_looking(record, timed), best(record, timed)
        starts = record["normal_looking"].shape[1]
        of = [f"{round(share[name] * starts)} of {starts}" for name in ("evolution", "annealed", first)]
        optimum = "yes" if record["optimum_normal_looking"] else "no"
        rows.append([title(detector), *of[:2], f"{of[2]} ({OPTIMISERS[first].title})", optimum])
    return Table(("detector", "evolution", "evolution, annealed", "smallest gap", "optimum"), rows)


def closer_than_evolution(record: Arrays, timed: bool) -> list[str]:
    """Return the optimisers without gradient that have a smaller median gap than evolution."""
    gap = median_gaps(record, timed)
    return [name for name, value in gap.items() if value < gap["evolution"] and not OPTIMISERS[name].gradient]


def closest_without_gradient(records: Mapping[str, Record], timed: bool) -> str:
    """Write which optimiser without gradient has the smallest median gap for which detectors."""
    won: dict[str, list[str]] = {}
    for detector, record in records.items():
        gap = {name: value for name, value in median_gaps(record, timed).items() if not OPTIMISERS[name].gradient}
        won.setdefault(OPTIMISERS[min(gap, key=gap.__getitem__)].title, []).append(title(detector))
    most_first = sorted(won.items(), key=lambda item: -len(item[1]))
    return "; ".join(f"{name} on {join_names(found)}" for name, found in most_first)


def microseconds(record: Record, name: str) -> float:
    """Return the median processor time of one evaluation with an optimiser, its own work included."""
    return 1e6 * float(np.median(record["evaluation_seconds"][names(record).index(name)]))


def evaluations_in_time(record: Record, name: str) -> float:
    """Return the median number of evaluations that an optimiser makes within the equal seconds."""
    return float(np.median(record["timed_evaluations"][names(record).index(name)]))


def agree(record: Arrays, timed: bool) -> bool:
    """Return whether evolution and the optimiser of the smallest gap agree on whether most images look normal."""
    share = normal_looking(record, timed)
    return (share["evolution"] > MAJORITY) == (share[best(record, timed)] > MAJORITY)


def table_costs(records: Mapping[str, Record]) -> Table:
    """Return the processor time of one evaluation with each optimiser: the range over the detectors' medians."""
    rows = []
    for name, optimiser in OPTIMISERS.items():
        each = [microseconds(record, name) for record in records.values() if name in names(record)]
        if each:
            needs = "gradient" if optimiser.gradient else "score"
            rows.append([optimiser.title, needs, optimiser.library or "–", f"{min(each):.0f} to {max(each):.0f}"])
    return Table(("optimiser", "needs", "library", "microseconds for an evaluation"), rows)
