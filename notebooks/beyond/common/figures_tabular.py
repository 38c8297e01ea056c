"""Figures and tables of the chapters on real tables and heartbeats: generated rows compared with real ones."""

from collections import defaultdict

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from anogen.auditing import FINDINGS
from anogen.detectors import CATALOGUE
from anogen.metrics.images import mean_pairwise
from companion.figures.registry import implements
from companion.figures.style import GREY, VERMILION, new_figure, styled
from companion.figures.tables import Table
from companion.notebook import figure as show_figure
from companion.notebook import table
from companion.records import Record

SAME_ROW = 0.1  # distance, of real rows' own, below which starts have arrived at one row, or at the known optimum
FAR = 2.0  # distance to the nearest real row, in units of real rows' own
RARE = 0.05  # share of real rows at either end of a column, beyond which a value is rare
SAMPLE_SECONDS = 1 / 125
MAX_COLUMNS = 30  # of a table of values
STATEMENTS = (
    "One row from every start: a low score means nearness to that row",
    f"Different rows, at most {FAR:g} times as far from real ones as real rows are",
    "Different rows, farther away: a row made up in this way would pass",
    "The search ended away from the known optimum, so its rows may show the search",
    "Columns that never changed in training may take any value",
    "The search did not arrive: most real rows score as low",
)  # what generated rows say about the detectors that `lessons` names
COLUMNS = {  # of data sets whose file has no names: those of the UCI repository, from which ADBench took the data
    "adbench/thyroid": ("age", "TSH", "T3", "TT4", "T4U", "FTI"),
    "adbench/cardio": (
        "baseline heart rate", "accelerations", "fetal movements", "uterine contractions", "light decelerations",
        "severe decelerations", "prolonged decelerations", "abnormal short-term variability",
        "mean short-term variability", "abnormal long-term variability", "mean long-term variability",
        "histogram width", "histogram minimum", "histogram maximum", "histogram peaks", "histogram zeros",
        "histogram mode", "histogram mean", "histogram median", "histogram variance", "histogram tendency",
    ),
}  # fmt: skip


def titles(record: Record) -> list[str]:
    """Return the detectors' names as they are printed."""
    return [CATALOGUE[name].title for name in record.parameter("detectors")]


@implements("anogen-fig-campaign", "anogen-fig-cardio", "anogen-fig-heartbeats", "anogen-fig-thyroid")
def fig_rows(record: Record, *, ordered: bool = False) -> Figure:
    """Plot each detector's generated rows over bands of held-out real ones; if `ordered`, as lines over time."""
    step, style = (
        (None, {"linewidth": 0.9}) if ordered else ("mid", {"linestyle": "", "marker": "o", "markersize": 2.5})
    )
    real, drawn = (_unit_range(record, record[key].astype(float), ordered) for key in ("real", "drawn"))
    band = np.percentile(real, [5, 25, 75, 95], axis=0)
    at = np.arange(real.shape[-1]) * SAMPLE_SECONDS if ordered else np.arange(1, real.shape[-1] + 1)
    kinds = {f"four real {'beats' if ordered else 'rows'}": real[:4], **dict(zip(titles(record), drawn, strict=True))}
    figure, axes = new_figure(2, -(-len(kinds) // 2), height=1.9 * -(-len(kinds) // 2), sharex=True, sharey=True)
    with styled():
        for ax, (name, rows) in zip(axes.flat, kinds.items(), strict=False):
            ax.fill_between(at, band[0], band[3], color=GREY, alpha=0.2, linewidth=0, step=step)
            ax.fill_between(at, band[1], band[2], color=GREY, alpha=0.35, linewidth=0, step=step)
            ax.plot(at, rows.T, color=VERMILION, **style)
            ax.text(0.02, 0.97, name, transform=ax.transAxes, va="top", fontsize=10)
            ax.set_ylim(-0.05, 1.2)
        for ax in axes.flat[len(kinds) :]:
            ax.set_visible(False)
        for ax in axes[-1]:
            ax.set_xlabel("time in s" if ordered else "column, counted from 1")
        for ax in axes[:, 0]:
            ax.set_ylabel("value" if ordered else "value, in its range")
    return figure


def caption_and_alt(record: Record, *, ordered: bool = False) -> dict[str, str]:
    """Return `caption` and `alt` of `fig_rows`."""
    kind = "beats" if ordered else "rows"
    starts, near = record["drawn"].shape[1], np.median(record["nn_ratio"], axis=1)
    named = zip(titles(record), near, strict=True)
    distances = ", ".join(f"{title} {distance:.1f}" for title, distance in named)
    return {
        "caption": f"Four held-out normal {kind}, and the lowest-scoring {kind} that the search found on each detector "
        f"from {starts} starts. Bands: half and nine tenths of held-out normal {kind}.",
        "alt": f"Panels of real and generated {kind} over grey bands. The distance of generated {kind} to the nearest "
        f"real one, in units of real {kind}', is {distances}.",
    }


def _unit_range(record: Record, rows: NDArray[np.float64], ordered: bool) -> NDArray[np.float64]:
    """Return rows (..., d) with every column from 0 to 1, those of a time series on one scale."""
    low, high = record["low"], record["high"]
    if ordered:
        return np.asarray((rows - low.min()) / (high.max() - low.min()))
    return np.asarray((rows - low) / np.where(high > low, high - low, 1.0))


def _usual_distance(record: Record) -> float:
    """Return the mean distance of two real rows, with every column from 0 to 1."""
    return float(mean_pairwise(_unit_range(record, record["real"].astype(float), ordered=False)))


def audit_table(record: Record, *, ordered: bool = False) -> Table:
    """Return the findings of the audit and relative distances of generated rows, by detector."""
    rows, rough, usual = [], roughness(record), _usual_distance(record)
    for i, title in enumerate(titles(record)):
        faults = [name.replace("_", " ") for name, has in zip(FINDINGS, record["findings"][i], strict=False) if has]
        gap = record["gap"][i]
        row = [title, ", ".join(faults) or "none", f"{record['roc_auc'][i]:.3f}"]
        row += [f"{np.median(record['nn_ratio'][i]):.2f}", f"{record['div_ratio'][i]:.2f}"]
        row += ["–" if np.isnan(gap).any() else f"{gap.max() / usual:.2f}"]
        rows.append(row + [f"{rough[i]:.1f}"] * ordered)
    head = ["detector", "faults", "ROC AUC", "nearest real row", "between starts", "to the optimum"]
    return Table(head + ["change between samples"] * ordered, rows)


def value_table(record: Record) -> Table:
    """Return, column by column, the range of real rows and each detector's row from its first start, rare ones bold."""
    low, high = np.quantile(record["real"].astype(float), [RARE, 1 - RARE], axis=0)
    names = COLUMNS.get(record.parameter("dataset"), [str(column + 1) for column in range(len(low))])
    rows = []
    for column, name in enumerate(names):
        values = record["drawn"][:, 0, column].astype(float)
        outside = (values < low[column]) | (values > high[column])
        cells = [f"**{v:.3f}**" if rare else f"{v:.3f}" for v, rare in zip(values, outside, strict=True)]
        rows.append([name, f"{low[column]:.3f} to {high[column]:.3f}", *cells])
    return Table(["column", f"real, {RARE:.0%} to {1 - RARE:.0%}", *titles(record)], rows)


def roughness(record: Record) -> NDArray[np.float64]:
    """Return the mean change between neighbouring samples of generated series, real ones having 1, (detectors,)."""
    real, drawn = (np.abs(np.diff(record[key].astype(float))) for key in ("real", "drawn"))
    return np.asarray(drawn.mean(axis=(1, 2)) / real.mean())


def lessons(record: Record) -> Table:
    """Return what the generated rows show, each with the detectors of which it is true."""
    names = np.array(titles(record))
    near, lost = np.median(record["nn_ratio"], axis=1), record["score_rank"].mean(axis=1) > 0.5
    one_row, blind = record["div_ratio"] < SAME_ROW, record["findings"][:, FINDINGS.index("blind_to_constant_features")]
    away = (np.nan_to_num(record["gap"]).max(axis=1) > SAME_ROW * _usual_distance(record)) & ~lost  # from all optima
    one, several = (kind & ~lost & ~away for kind in (one_row, ~one_row))
    cases = zip(STATEMENTS, (one, several & (near <= FAR), several & (near > FAR), away, blind, lost), strict=True)
    rows = [[statement, ", ".join(names[which])] for statement, which in cases if which.any()]
    return Table(("the generated rows show", "detectors"), rows)


def summary(record: Record | None) -> dict[str, str]:
    """Return numbers for the sentences of a chapter; dashes while the record is missing."""
    if record is None:
        return defaultdict(lambda: "–")
    names, near = titles(record), np.median(record["nn_ratio"], axis=1)
    best, nearest = int(np.argmax(record["roc_auc"])), int(near.argmin())
    farthest = int(near.argmax())
    blind = record["findings"][:, FINDINGS.index("blind_to_constant_features")]
    return {
        "detectors": str(len(names)),
        "best": names[best],
        "best_auc": f"{record['roc_auc'][best]:.3f}",
        "best_distance": f"{near[best]:.1f}",
        "nearest": names[nearest],
        "nearest_distance": f"{near[nearest]:.2f}",
        "farthest": names[farthest],
        "farthest_distance": f"{near[farthest]:.1f}",
        "one_row": str(int((record["div_ratio"] < SAME_ROW).sum())),
        "blind": str(int(blind.sum())),
        "roughest": f"{roughness(record).max():.1f}",
        "generations": f"{record.parameter('generations'):,}",
    }


def show_rows(record: Record | None, id_: str, *, ordered: bool = False) -> None:
    """Put `fig_rows` and the table of `lessons` on the page; nothing while the record is missing."""
    if record is not None:
        figure = fig_rows(record, ordered=ordered)
        show_figure(figure, id=id_, records=[record], **caption_and_alt(record, ordered=ordered))
        table(*lessons(record))


def show_values(record: Record | None) -> None:
    """Put `value_table` on the page if the data have few columns."""
    if record is not None and record["real"].shape[1] <= MAX_COLUMNS:
        table(*value_table(record))


def show_audit(record: Record | None, *, ordered: bool = False) -> None:
    """Put `audit_table` on the page."""
    if record is not None:
        table(*audit_table(record, ordered=ordered))
