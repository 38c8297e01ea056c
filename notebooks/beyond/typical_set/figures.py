"""Figure and table of chapter `typical-set`."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from companion.claims.base import Arrays
from companion.figures.registry import implements
from companion.figures.style import brief, new_figure, panel, pictures
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.beyond.certificates.figures import title
from notebooks.beyond.typical_set.experiments import KINDS

COLUMNS = {
    "found": "found\n(evolution)",
    "mode": "lowest\nscore",
    "typical": "typical\nsample",
    "exact": "exact\ndraw",
    "real": "real\nimage",
}
LACKING = {"mode": "not known", "typical": "no temperature", "exact": "not known"}


def names(record: Arrays) -> list[str]:
    """Return the detectors of a record."""
    return [str(name) for name in record["detectors"]]


def gaps(record: Record, scores: str = "scores") -> np.ndarray:
    """Return scores (D, ...) relative to the median held-out image's, in interquartile ranges of held-out images'."""
    low, median, high = np.percentile(record["real_scores"], [25, 50, 75], axis=1)
    shape = (-1, *[1] * (record[scores].ndim - 1))
    return np.asarray((record[scores] - median.reshape(shape)) / (high - low).reshape(shape))


@implements("anogen-fig-typical-set")
def fig_typical_set(record: Record) -> Figure:
    """Draw one image of each kind in a row for each detector; below it, its score relative to real images'."""
    rows, shown = names(record), gaps(record, "shown_scores")
    figure, axes = new_figure(len(COLUMNS), len(rows), width=6.4, height=1.28 * len(rows) + 0.5)
    for i, name in enumerate(rows):
        for ax, (kind, words) in zip(axes[i], COLUMNS.items(), strict=True):
            place = KINDS.index(kind)
            unknown = kind == "mode" and str(record["kinds"][i]) == "found"
            if np.isfinite(shown[i, place, 0]) and not unknown:
                panel(ax, pictures(record["images"][i, place, 0]))
                far = kind == "typical" and abs(off_target(record)[i]) > 1
                text = signed(float(shown[i, place, 0])) + (" (not arrived)" if far else "")
                ax.set_xlabel(text, fontsize=10, labelpad=2)
            else:
                ax.set(xticks=[], yticks=[], frame_on=False)
                ax.text(0.5, 0.5, LACKING[kind].replace(" ", "\n"), ha="center", va="center", transform=ax.transAxes)
            if i == 0:
                ax.text(0.5, 1.06, words, ha="center", va="bottom", transform=ax.transAxes, fontsize=11)
        axes[i, 0].set_ylabel(title(name).replace(" ", "\n"), rotation=0, ha="right", va="center", fontsize=11)
    return figure


def mean(records: Mapping[str, Record], measure: str, kind: str) -> np.ndarray:
    """Return a measure (D,) of one kind of images, the mean over the digits; NaN if a digit lacks them."""
    return np.asarray(np.mean([record[measure][:, KINDS.index(kind)] for record in records.values()], axis=0))


def table_typical_set(records: Mapping[str, Record]) -> Table:
    """Compare the kinds: the shares of images that are accepted and recognised, and their coverage of real ones."""
    kinds = [words.replace("\n", " ") for words in COLUMNS.values()]
    head = ["detector", *kinds, "lowest score is", "chains: R-hat, gap"]
    rows = []
    first = next(iter(records.values()))
    measures = {kind: [mean(records, one, kind) for one in ("accepted", "recognised", "coverage")] for kind in COLUMNS}
    for i, name in enumerate(names(first)):
        cells = [cell(*(one[i] for one in measures[kind])) for kind in COLUMNS]
        known = dict.fromkeys(str(record["kinds"][i]).replace("found", "not known") for record in records.values())
        if "not known" in known:
            cells[list(COLUMNS).index("mode")] = "–"
        chains = dict.fromkeys(chain(record, i) for record in records.values())
        rows.append([title(name), *cells, ", ".join(known), "; ".join(chains)])
    return Table(head, rows)


def cell(accepted: float, recognised: float, coverage: float) -> str:
    """Write the measures of a set."""
    return f"{percent(accepted)}, {percent(recognised)}; {coverage:.2f}" if np.isfinite(accepted) else "–"


def chain(record: Record, i: int) -> str:
    """Return whether the chains of a detector have mixed, R-hat, and how far they end from the target score."""
    status, off = str(record["statuses"][i]), float(off_target(record)[i])
    return status if np.isnan(off) else f"{status}, {record['r_hat'][i]:.2f}, {signed(off)}"


def signed(number: float) -> str:
    """Write a number with at most two decimals and a proper minus."""
    return brief(round(number, 2) + 0.0).replace("-", "−")


def off_target(record: Arrays) -> np.ndarray:
    """Return the mean score of the samples minus that of the held-out images that set the temperature, (D,).

    It is in interquartile ranges of held-out images' scores, and NaN without samples.
    """
    low, high = np.percentile(record["real_scores"], [25, 75], axis=1)
    return np.asarray((record["scores"][:, KINDS.index("typical")] - record["targets"]) / (high - low))


def arrived(records: Mapping[str, Record]) -> list[str]:
    """Return the detectors of which the chains end within an interquartile range of the target, for all digits."""
    off = np.array([off_target(record) for record in records.values()])
    return [name for name, one in zip(names(next(iter(records.values()))), off.T, strict=True) if (abs(one) <= 1).all()]


def below_all(records: Mapping[str, Record]) -> list[str]:
    """Return the detectors with a known mode that scores below every held-out image, for all digits."""
    mode = KINDS.index("mode")
    lower = [(r["scores"][:, mode] < r["real_scores"].min(axis=1)) & (r["kinds"] != "found") for r in records.values()]
    first = next(iter(records.values()))
    return [name for name, one in zip(names(first), np.array(lower).T, strict=True) if one.all()]
