"""Figures and tables of sets of generated images, compared with sets of real images and of noise."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, VERMILION, new_figure
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.sample_quality.experiments import NETWORKS, SETS

REJECTED = 0.05  # the p-value below which an image does not count as one of the class


@implements("anogen-fig-coverage-*")
def fig_coverage(records: Mapping[str, Record], network: str = NETWORKS[0]) -> Figure:
    """Plot the coverage of real images, mean and range over draws: by generated ones, known optima and real ones."""
    n = NETWORKS.index(network)
    figure, [[ax]] = new_figure(1, 1, height=0.38 * len(records) + 0.9)
    for row, record in enumerate(records.values()):
        for name, y, style in (
            ("real", row, {"color": GREY, "linewidth": 6, "alpha": 0.35, "marker": "|"}),
            ("optimum", row + 0.16, {"color": VERMILION, "marker": "o", "markerfacecolor": "none"}),
            ("found", row - 0.16, {"color": BLUE, "marker": "o"}),
        ):
            if f"{name}_coverage" in record.arrays:
                values = record[f"{name}_coverage"][n]
                ax.plot([values.min(), values.max()], [y, y], **{**style, "marker": None})
                ax.plot(values.mean(), y, **style)
    ax.set(xlabel="coverage", xlim=(-0.03, 1.03), yticks=np.arange(len(records)), yticklabels=list(records))
    ax.invert_yaxis()
    return figure


def table_sets(records: Mapping[str, Record], network: str = NETWORKS[0]) -> Table:
    """Measure every detector's images and known optima in a network's features; last, real images and noise."""
    measures = ("precision", "density", "recall", "coverage", "diversity", "far in pixels", "far in features")
    rows = []
    for name, record in records.items():
        rows.append([name, str(record.parameter("starts")), *_measures(record, "found", network)])
        if "optimum_p_values" in record.arrays:
            rows.append([f"{name}, optimum", str(record.parameter("starts")), *_measures(record, "optimum", network)])
    sizes = {int(record.parameter("starts")): record for record in records.values()}
    for size in sorted(sizes, reverse=True):
        for name, kind in (("**real images**", "real"), ("**uniform noise**", "noise")):
            rows.append([name, str(size), *_measures(sizes[size], kind, network)])
    return Table(("images of", "images", *measures), rows)


def table_distances(records: Mapping[str, Record], network: str = NETWORKS[0]) -> Table | None:
    """Return the kernel distances with their intervals, of the detectors with enough images; None without any."""
    n = NETWORKS.index(network)
    rows = []
    for name, record in records.items():
        for kind in SETS:
            if f"{kind}_kid" in record.arrays:
                value, low, high = record[f"{kind}_kid"][n]
                rows.append([name, kind, f"{value:.3g}", f"{low:.3g} to {high:.3g}"])
    return Table(("detector", "images", "kernel distance", "95% interval"), rows) if rows else None


def covering(records: Mapping[str, Record], network: str = NETWORKS[0]) -> list[str]:
    """Return the detectors whose images reach half of the coverage that as many real ones have."""
    n = NETWORKS.index(network)
    return [name for name, r in records.items() if r["found_coverage"][n].mean() >= r["real_coverage"][n].mean() / 2]


def _measures(record: Record, kind: str, network: str) -> list[str]:
    n = NETWORKS.index(network)
    values = [f"{record[f'{kind}_{key}'][n].mean():.2f}" for key in ("precision", "density", "recall", "coverage")]
    diversity = record[f"{kind}_vendi"][n].mean() / record["real_vendi"][n].mean()
    rejected = np.mean(record[f"{kind}_p_values"] < REJECTED, axis=0)
    return [*values, f"{diversity:.2f}", *map(percent, rejected)]
