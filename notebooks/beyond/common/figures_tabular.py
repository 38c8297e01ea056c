"""Figures and tables of the chapters on real tables and heartbeats: generated rows compared with real ones."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from anogen.auditing import FINDINGS
from anogen.detectors import CATALOGUE
from anogen.metrics.images import mean_pairwise
from companion.figures.registry import implements
from companion.figures.style import GREY, VERMILION, new_figure, short, styled
from companion.figures.tables import Table, percent
from companion.notebook import figure as show_figure
from companion.notebook import markdown, table
from companion.records import Record

SAME_ROW = 0.1  # distance, of real rows' own, below which starts have arrived at one row, or at the known optimum
FAR = 2.0  # distance to the nearest real row, in units of real rows' own
RARE = 0.05  # share of real rows at either end of a column, beyond which a value is rare
SAMPLE_SECONDS = 1 / 125
MAX_COLUMNS = 30  # of a table of values
STEPS = "(A score with steps, as HBOS's, has many optima, of which one is known.)"
# What generated rows say about the detectors that `lessons` names.
SENTENCES = (
    "One most normal row, whatever the start, so that a low score means nearness to it: {}.",
    f"Different rows, in the median at most {FAR:g} times as far from real ones as real rows are: {{}}.",
    "Different rows, farther from real ones than that; a row that was made up this way would pass: {}.",
    "The search ended away from the known optimum, so that rows and their variety may show the search: {}. " + STEPS,
    "Columns that never changed in training may take any value: {}.",
    "The search did not arrive, since most real rows score as low, and the picture shows the search: {}.",
)


def titles(record: Record) -> list[str]:
    """Return the detectors' names as they are printed."""
    return [CATALOGUE[name].title for name in record.parameter("detectors")]


@implements("anogen-fig-campaign", "anogen-fig-cardio", "anogen-fig-heartbeats", "anogen-fig-thyroid")
def fig_rows(record: Record, *, ordered: bool = False) -> Figure:
    """Plot each detector's generated rows over bands of held-out real ones; if `ordered`, columns are a time series."""
    real, drawn = (_unit_range(record, record[key].astype(float), ordered) for key in ("real", "drawn"))
    band = np.percentile(real, [5, 25, 75, 95], axis=0)
    at = np.arange(real.shape[-1]) * (SAMPLE_SECONDS if ordered else 1)
    kinds = {f"four real {'beats' if ordered else 'rows'}": real[:4], **dict(zip(titles(record), drawn, strict=True))}
    figure, axes = new_figure(2, -(-len(kinds) // 2), height=1.9 * -(-len(kinds) // 2), sharex=True, sharey=True)
    with styled():
        for ax, (name, rows) in zip(axes.flat, kinds.items(), strict=False):
            ax.fill_between(at, band[0], band[3], color=GREY, alpha=0.2, linewidth=0)
            ax.fill_between(at, band[1], band[2], color=GREY, alpha=0.35, linewidth=0)
            ax.plot(at, rows.T, color=VERMILION, linewidth=0.9)
            ax.text(0.02, 0.97, name, transform=ax.transAxes, va="top", fontsize=10)
            ax.set_ylim(-0.05, 1.2)
        for ax in axes.flat[len(kinds) :]:
            ax.set_visible(False)
        for ax in axes[-1]:
            ax.set_xlabel("time in s" if ordered else "column")
        for ax in axes[:, 0]:
            ax.set_ylabel("value" if ordered else "value, in its range")
    return figure


def caption_and_alt(record: Record, *, ordered: bool = False) -> dict[str, str]:
    """Return `caption` and `alt` of `fig_rows`."""
    rows, over = ("beats", "time") if ordered else ("rows", "the columns")
    starts, n = record["drawn"].shape[1], len(titles(record))
    return {
        "caption": f"Lines: four held-out normal {rows}, and the lowest score that the search found on each detector, "
        f"from {starts} starts. Bands: half and nine tenths of held-out normal {rows}.",
        "alt": f"Panels with the values of {rows} over {over}: real ones, then those that each of {n} detectors draws, "
        "over grey bands of what is usual.",
    }


def _unit_range(record: Record, rows: NDArray[np.float64], ordered: bool) -> NDArray[np.float64]:
    """Return rows (..., d) with every column from 0 to 1, those of a time series on one scale."""
    low, high = record["low"], record["high"]
    if ordered:
        return np.asarray((rows - low.min()) / (high.max() - low.min()))
    return np.asarray((rows - low) / np.where(high > low, high - low, 1.0))


def share_of_rare_values(record: Record) -> NDArray[np.float64]:
    """Return the share of columns in which a generated row has a rare value, (detectors, starts)."""
    low, high = np.quantile(record["real"], [RARE, 1 - RARE], axis=0)
    return np.asarray(((record["drawn"] < low) | (record["drawn"] > high)).mean(axis=-1))


def audit_table(record: Record) -> Table:
    """Return the findings of the audit and the distances of generated rows from real ones, by detector."""
    rows, rare = [], share_of_rare_values(record)
    for i, title in enumerate(titles(record)):
        faults = [name.replace("_", " ") for name, has in zip(FINDINGS, record["findings"][i], strict=True) if has]
        gap = record["gap"][i]
        row = [title, ", ".join(faults) or "sound", f"{record['roc_auc'][i]:.3f}"]
        row += [percent(record["score_rank"][i].mean()), short(float(np.median(record["nn_ratio"][i])))]
        row += [percent(rare[i].mean()), f"{record['div_ratio'][i]:.2f}"]
        rows.append([*row, "–" if np.isnan(gap).any() else f"{gap.max():.2g}"])
    head = (
        "detector", "audit", "ROC AUC", "real rows that score as low", "nearest real row", "rare values",
        "distance between starts", "distance to the optimum",
    )  # fmt: skip
    return Table(head, rows)


def audit_note(record: Record) -> str:
    """Return the explanation of the columns of `audit_table`."""
    return (
        "Distances are taken where each column goes from 0 to 1 over normal rows. The nearest real row and the "
        "distance between starts are relative to what is usual between real rows; "
        f"rare is what fewer than {RARE:.0%} of real rows have at that end of a column. Detectors have their "
        "library's defaults and are fitted to normal rows alone; the search stays within the range of the data. "
        f"{record.parameter('generations'):,} generations. {{doc}}`audit` explains the questions of the audit."
    )


def value_table(record: Record) -> Table:
    """Return, column by column, quantiles of real rows and each detector's generated row from its first start."""
    quantiles = np.quantile(record["real"].astype(float), [RARE, 0.5, 1 - RARE], axis=0)
    rows = [
        [str(column), *(short(float(v)) for v in (*quantiles[:, column], *record["drawn"][:, 0, column]))]
        for column in range(record["real"].shape[1])
    ]
    return Table(["column", "real, 5%", "real, median", "real, 95%", *titles(record)], rows)


def roughness(record: Record) -> NDArray[np.float64]:
    """Return the mean change between neighbouring samples of generated series, real ones having 1, (detectors,)."""
    real, drawn = (np.abs(np.diff(record[key].astype(float))) for key in ("real", "drawn"))
    return np.asarray(drawn.mean(axis=(1, 2)) / real.mean())


def lessons(record: Record, *, ordered: bool = False) -> list[str]:
    """Return sentences on what the generated rows say about the detectors; every number is the record's."""
    names = np.array(titles(record))
    near, lost = np.median(record["nn_ratio"], axis=1), record["score_rank"].mean(axis=1) > 0.5
    one_row, blind = record["div_ratio"] < SAME_ROW, record["findings"][:, FINDINGS.index("blind_to_constant_features")]
    usual = mean_pairwise(_unit_range(record, record["real"].astype(float), ordered=False))
    away = (np.nan_to_num(record["gap"]).max(axis=1) > SAME_ROW * usual) & ~lost  # from every known optimum
    one, several = (kind & ~lost & ~away for kind in (one_row, ~one_row))
    cases = zip(SENTENCES, (one, several & (near <= FAR), several & (near > FAR), away, blind, lost), strict=True)
    sentences = [sentence.format(", ".join(names[which])) for sentence, which in cases if which.any()]
    if ordered:
        steps = [f"{name} {change:.2g}" for name, change in zip(names, roughness(record), strict=True)]
        sentences.append(f"Change from one sample to the next, where real series have 1: {', '.join(steps)}.")
    best, nearest = int(np.argmax(record["roc_auc"])), int(near.argmin())
    end = f"; the nearest come from {names[nearest]} ({near[nearest]:.2g})." if nearest != best else "."
    last = f"The detector with the highest ROC AUC, {names[best]} ({record['roc_auc'][best]:.3f}), draws rows "
    return [*sentences, f"{last}{near[best]:.2g} times as far from real ones as real rows are{end}"]


def show_rows(record: Record | None, id_: str, *, ordered: bool = False) -> None:
    """Put `fig_rows` on the page; nothing while the record is missing."""
    if record is not None:
        figure = fig_rows(record, ordered=ordered)
        show_figure(figure, id=id_, records=[record], **caption_and_alt(record, ordered=ordered))


def show_values(record: Record | None) -> None:
    """Put `value_table` on the page if the data have few columns."""
    if record is not None and record["real"].shape[1] <= MAX_COLUMNS:
        table(*value_table(record))
        markdown(
            "Values of normal rows, and of the row that each detector draws from its first start. "
            "Columns are numbered as in the file."
        )


def show_audit(record: Record | None) -> None:
    """Put `audit_table` and its explanation on the page."""
    if record is not None:
        table(*audit_table(record))
        markdown(audit_note(record))


def show_lessons(record: Record | None, *, ordered: bool = False) -> None:
    """Put the sentences of `lessons` on the page, as a list."""
    if record is not None:
        markdown("\n".join(f"- {sentence}" for sentence in lessons(record, ordered=ordered)))
