"""Figure and table of chapter `typical-set`."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

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
LACKING = {"typical": "no temperature", "exact": "not known"}
HALF = 0.5


def names(record: Record) -> list[str]:
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
            if np.isfinite(shown[i, place, 0]):
                panel(ax, pictures(record["images"][i, place, 0]))
                ax.set_xlabel(brief(float(shown[i, place, 0])), fontsize=10, labelpad=2)
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
    """Compare the kinds: the share of images that the judge accepts, and their coverage of real ones."""
    kinds = [words.replace("\n", " ") for words in COLUMNS.values()]
    head = ["detector", *kinds, "lowest score is", "chains: R-hat, gap"]
    rows = []
    first = next(iter(records.values()))
    shares, coverages = ({kind: mean(records, name, kind) for kind in COLUMNS} for name in ("accepted", "coverage"))
    for i, name in enumerate(names(first)):
        cells = [
            f"{percent(shares[kind][i])}; {coverages[kind][i]:.2f}" if np.isfinite(shares[kind][i]) else "–"
            for kind in COLUMNS
        ]
        known = dict.fromkeys(str(record["kinds"][i]) for record in records.values())
        chains = dict.fromkeys(chain(record, i) for record in records.values())
        rows.append([title(name), *cells, ", ".join(known), ", ".join(chains)])
    return Table(head, rows)


def chain(record: Record, i: int) -> str:
    """Return whether the chains of a detector have mixed, R-hat, and how far they end from the target score."""
    status = str(record["statuses"][i])
    return status if np.isnan(off_target(record)[i]) else f"{status}, {record['r_hat'][i]:.2f}, {brief_gap(record, i)}"


def brief_gap(record: Record, i: int) -> str:
    """Return the distance of the samples' mean score from the target, in interquartile ranges."""
    return brief(round(float(off_target(record)[i]), 2)).replace("-", "−")


def off_target(record: Record) -> np.ndarray:
    """Return the mean score of the samples minus that of the held-out images that set the temperature, (D,).

    It is in interquartile ranges of held-out images' scores, and NaN without samples.
    """
    low, high = np.percentile(record["real_scores"], [25, 75], axis=1)
    return np.asarray((record["scores"][:, KINDS.index("typical")] - record["targets"]) / (high - low))


def arrived(records: Mapping[str, Record]) -> list[str]:
    """Return the detectors of which the chains end within an interquartile range of the target, for all digits."""
    off = np.array([off_target(record) for record in records.values()])
    return [name for name, one in zip(names(next(iter(records.values()))), off.T, strict=True) if (abs(one) <= 1).all()]


def repaired(records: Mapping[str, Record], kind: str = "typical") -> list[str]:
    """Return the detectors of which the lowest score is not accepted, but at least half of the images of a kind are."""
    modes, samples = mean(records, "accepted", "mode"), mean(records, "accepted", kind)
    first = next(iter(records.values()))
    return [name for name, a, b in zip(names(first), modes, samples, strict=True) if a < HALF <= b]


def below_all(records: Mapping[str, Record]) -> list[str]:
    """Return the detectors of which the lowest score is below that of every held-out image, for all digits."""
    lower = [r["scores"][:, KINDS.index("mode")] < r["real_scores"].min(axis=1) for r in records.values()]
    first = next(iter(records.values()))
    return [name for name, one in zip(names(first), np.array(lower).T, strict=True) if one.all()]
