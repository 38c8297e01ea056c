"""Figures and tables of sets of generated images, compared with sets of real images and of noise."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, VERMILION, new_figure
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.sample_quality.experiments import NETWORKS, SETS

REJECTED = 0.05  # the p-value below which an image does not count as one of the class

LABELS = {"real": "**real images**", "noise": "**uniform noise**"}


@implements("anogen-fig-coverage-*")
def fig_coverage(records: Mapping[str, Record], network: str = NETWORKS[0]) -> Figure:
    """Plot the coverage of real images, mean and range over draws: by generated ones, known optima and real ones."""
    n = NETWORKS.index(network)
    figure, [[ax]] = new_figure(1, 1, height=0.38 * len(records) + 0.9)
    for row, record in enumerate(records.values()):
        for name, y, style in (
            ("real", row, {"color": BLACK, "linewidth": 2, "marker": "|", "markersize": 14, "markeredgewidth": 3}),
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


def table_sets(records: Mapping[str, Record]) -> Table:
    """Measure every detector's images and known optima; last, real images and noise, in sets of the same numbers."""
    head = ("images of", "precision", "coverage", "coverage, untrained", "diversity", "far")
    rows = []
    for name, record in records.items():
        rows.append([name, *_measures(record, "found")])
        if "optimum_p_values" in record.arrays:
            rows.append([f"{name}, optimum", *_measures(record, "optimum")])
    sizes = {int(record.parameter("starts")): record for record in records.values()}
    for size in sorted(sizes, reverse=True):
        for name, kind in (("real images", "real"), ("uniform noise", "noise")):
            rows.append([f"**{size} {name}**", *_measures(sizes[size], kind)])
    return Table(head, rows)


def table_distances(records: Mapping[str, Record], network: str = NETWORKS[0]) -> Table | None:
    """Return the kernel distances with their intervals, of the detectors with enough images; None without any."""
    n = NETWORKS.index(network)
    rows = {}  # by label: real images and noise are the same for all detectors
    for name, record in records.items():
        for kind in SETS:
            if f"{kind}_kid" in record.arrays:
                value, low, high = record[f"{kind}_kid"][n]
                label = LABELS.get(kind, name if kind == "found" else f"{name}, {kind}")
                rows[label] = [f"{value:.1f}", f"{low:.1f} to {high:.1f}"]
    table = [[label, *rows[label]] for label in sorted(rows, key=lambda label: label in LABELS.values())]
    return Table(("images of", "kernel distance", "95% interval"), table) if rows else None


def covering(records: Mapping[str, Record], network: str = NETWORKS[0]) -> list[str]:
    """Return the detectors whose images reach half of the coverage that as many real ones have."""
    n = NETWORKS.index(network)
    return [name for name, r in records.items() if r["found_coverage"][n].mean() >= r["real_coverage"][n].mean() / 2]


def _measures(record: Record, kind: str) -> list[str]:
    trained, untrained = range(len(NETWORKS))
    values = [record[f"{kind}_{key}"][n].mean() for key, n in (("precision", trained), ("coverage", trained))]
    values += [record[f"{kind}_coverage"][untrained].mean()]
    values += [record[f"{kind}_vendi"][trained].mean() / record["real_vendi"][trained].mean()]
    rejected = float(np.mean(record[f"{kind}_p_values"][:, -1] < REJECTED))  # in the classifier's features
    return [*(f"{value:.2f}" for value in values), percent(rejected)]
