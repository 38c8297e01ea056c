"""Tables of what searches draw as sets, between real images and noise."""

from collections.abc import Mapping, Sequence

import numpy as np

from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.sample_quality.fidelity import JUDGES

REJECTED = 0.05  # the p-value below which an image counts as none of the class


def as_sets(records: Mapping[str, Record], judge: str = JUDGES[0]) -> Table:
    """Measure every detector's images, and its optimum's where it is known, in the features of a judge.

    The last rows are as many real images, the ceiling, and uniform noise, the floor, for every size of the sets.
    """
    head = (
        "images of",
        "images",
        "precision",
        "density",
        "recall",
        "coverage",
        "diversity",
        "far in pixels",
        "far in features",
    )
    rows = []
    for name, record in records.items():
        rows.append([name, str(record.parameter("starts")), *_measures(record, "found", judge)])
        if "optimum_p_values" in record.arrays:
            rows.append([f"{name}, optimum", str(record.parameter("starts")), *_measures(record, "optimum", judge)])
    sizes = {int(record.parameter("starts")): record for record in records.values()}
    for size in sorted(sizes, reverse=True):
        for name, of in (("**real images**", "real"), ("**uniform noise**", "noise")):
            rows.append([name, str(size), *_measures(sizes[size], of, judge)])
    return Table(head, rows)


def distances(records: Mapping[str, Record], judge: str = JUDGES[0]) -> Table | None:
    """Return the kernel distances with their intervals, of the detectors that drew enough images; None without one."""
    j = JUDGES.index(judge)
    rows = []
    for name, record in records.items():
        if "found_kid" in record.arrays:
            kinds = [kind for kind in ("found", "optimum", "real", "noise") if f"{kind}_kid" in record.arrays]
            for kind in kinds:
                value, low, high = record[f"{kind}_kid"][j]
                rows.append([name, kind, f"{value:.3g}", f"{low:.3g} to {high:.3g}"])
    return Table(("detector", "images", "kernel distance", "95% interval"), rows) if rows else None


def covering(records: Mapping[str, Record], judge: str = JUDGES[0]) -> Sequence[str]:
    """Return the detectors whose images reach half of the coverage that as many real ones have."""
    j = JUDGES.index(judge)
    return [n for n, r in records.items() if r["found_coverage"][j].mean() >= r["real_coverage"][j].mean() / 2]


def _measures(record: Record, of: str, judge: str) -> list[str]:
    j = JUDGES.index(judge)
    values = [f"{record[f'{of}_{key}'][j].mean():.2f}" for key in ("precision", "density", "recall", "coverage")]
    diversity = record[f"{of}_vendi"][j].mean() / record["real_vendi"][j].mean()
    rejected = np.mean(record[f"{of}_p_values"] < REJECTED, axis=0)
    return [*values, f"{diversity:.2f}", *map(percent, rejected)]
