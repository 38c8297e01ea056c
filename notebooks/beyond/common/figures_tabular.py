"""Figures and tables of the chapters on real tables and heartbeats: generated rows compared with real ones."""

from collections import defaultdict
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from anogen.auditing import FAULTS, FINDINGS
from anogen.detectors import CATALOGUE
from anogen.metrics.images import mean_pairwise
from companion.figures.registry import implements
from companion.figures.style import BLUE, GREY, VERMILION, new_figure, styled
from companion.figures.tables import Table, join_names, percent
from companion.notebook import figure as show_figure
from companion.notebook import glue, markdown, table
from companion.records import Record
from notebooks.beyond.common.columns import names_of
from notebooks.beyond.common.tabular import CODES, EVIDENCE, PHRASES, VERDICTS

SAME_ROW = 0.1  # distance, of real rows' own, below which starts have arrived at one row, or at the known optimum
FAR = 2.0  # distance to the nearest real row, in units of real rows' own
APART = 0.1  # of a column's range: two rows are unlike there; different texts are, too
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


def titles(record: Record) -> list[str]:
    """Return the detectors' names as they are printed."""
    return [CATALOGUE[name].title for name in record.parameter("detectors")]


@implements("anogen-fig-campaign", "anogen-fig-cardio", "anogen-fig-heartbeats", "anogen-fig-thyroid")
def fig_rows(record: Record, *, ordered: bool = False) -> Figure:
    """Plot each detector's generated rows, and the real one nearest to the best, over bands of held-out real rows.

    If `ordered`, they are lines over time. Categorical columns are left out.
    """
    style = {"linewidth": 0.9} if ordered else {"linestyle": "", "marker": "o", "markersize": 2.5}
    numbers = np.flatnonzero(~is_text(record))
    real, drawn, near = (
        _unit_range(record, record[key].astype(float), ordered)[..., numbers] for key in ("real", "drawn", "near")
    )
    best = near[np.arange(len(near)), lowest(record)]
    band = np.percentile(real, [5, 25, 75, 95], axis=0)
    at = np.arange(real.shape[-1]) * SAMPLE_SECONDS if ordered else numbers + 1
    kinds = {f"four real {'beats' if ordered else 'rows'}": real[:4], **dict(zip(titles(record), drawn, strict=True))}
    figure, axes = new_figure(2, -(-len(kinds) // 2), height=1.9 * -(-len(kinds) // 2), sharex=True, sharey=True)
    with styled():
        for i, (ax, (name, rows)) in enumerate(zip(axes.flat, kinds.items(), strict=False)):
            for low, high, alpha in ((band[0], band[3], 0.2), (band[1], band[2], 0.35)):
                if ordered:
                    ax.fill_between(at, low, high, color=GREY, alpha=alpha, linewidth=0)
                else:
                    ax.bar(at, high - low, bottom=low, width=1.0, color=GREY, alpha=alpha, linewidth=0)
            ax.plot(at, rows.T, color=VERMILION, **style)
            if i:
                ax.plot(at, best[i - 1], color=BLUE, **(style | ({} if ordered else {"marker": "x", "markersize": 4})))
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
    rest = " Columns of texts are left out." if is_text(record).any() else ""
    return {
        "caption": f"Four held-out normal {kind}, and the lowest-scoring {kind} that the search found on each detector "
        f"from {starts} starts (red), with the real one nearest to the lowest (blue). Bands: half and nine tenths of "
        f"held-out normal {kind}.{rest}",
        "alt": f"Panels of real and generated {kind} over grey bands. The distance of generated {kind} to the nearest "
        f"real one, in units of real {kind}', is {distances}.",
    }


def is_text(record: Record) -> NDArray[np.bool_]:
    """Return whether each column is categorical (d,)."""
    return np.asarray((record["texts"] != "").any(axis=1))


def lowest(record: Record) -> NDArray[np.intp]:
    """Return the start that led to the lowest score, by detector."""
    return np.asarray(record["scores"].argmin(axis=1))


def found(record: Record, name: str) -> NDArray[np.bool_]:
    """Return whether each detector has a finding."""
    return np.asarray(record["findings"][:, FINDINGS.index(name)] == CODES[False])


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
    """Return the verdict of the audit and relative distances of generated rows, by detector."""
    rows, rough, usual = [], roughness(record), _usual_distance(record)
    for i, title in enumerate(titles(record)):
        names = [name for name in FINDINGS if found(record, name)[i]]
        gap = record["gap"][i]
        row = [title, ", ".join(map(_words, names)) or VERDICTS[record["verdict"][i]], f"{record['roc_auc'][i]:.3f}"]
        row += [f"{np.median(record['nn_ratio'][i]):.2f}", f"{record['div_ratio'][i]:.2f}"]
        row += ["–" if np.isnan(gap).any() else f"{gap.max() / usual:.2f}"]
        rows.append(row + [f"{rough[i]:.1f}"] * ordered)
    head = ["detector", "verdict or findings", "ROC AUC", "nearest real row", "between starts", "to the optimum"]
    return Table(head + ["change between samples"] * ordered, rows)


def findings_text(record: Record) -> str:
    """Return each finding with its evidence by detector and what to do, as a list in Markdown."""
    lines = []
    for name in FINDINGS:
        if not (has := found(record, name)).any():
            continue
        evidence = (dict(zip(EVIDENCE, values, strict=True)) for values in record["evidence"][has])
        stated = zip(np.array(titles(record))[has], evidence, strict=True)
        details = "; ".join(f"*{title}*: {PHRASES[name].format_map(values)}" for title, values in stated)
        fault = FAULTS[name]
        lines.append(
            f"- **{_words(name).capitalize()}** ({fault.severity}). {fault.explanation} {details}. "
            f"**What to do:** {fault.advice}"
        )
    undecided = (record["findings"] == CODES[None]).any(axis=0)
    if undecided.any():
        lines.append(f"- Undecided for some: {', '.join(_words(FINDINGS[i]) for i in np.flatnonzero(undecided))}.")
    return "\n".join(lines or ["No detector has a finding."])


def value_table(record: Record) -> Table:
    """Return, column by column, real values, and each detector's lowest row with the real one nearest to it.

    Rare values are bold. The last row has the share of held-out rows that score as low.
    """
    real, texts = record["real"].astype(float), record["texts"]
    drawn, near = _lowest_rows(record, "drawn"), _lowest_rows(record, "near")
    low, high = np.quantile(real, [RARE, 1 - RARE], axis=0)
    rows = []
    for j, name in enumerate(names_of(record.parameter("dataset"), len(low))):
        if is_text(record)[j]:
            shares = (real[:, [j]] == np.arange(len(texts[j]))).mean(axis=0)
            usual, rare = (
                f"{texts[j][shares.argmax()]} ({percent(shares.max())})",
                shares[drawn[:, j].astype(int)] < RARE,
            )
            cells = [
                (str(texts[j][int(a)]), str(texts[j][int(b)])) for a, b in zip(drawn[:, j], near[:, j], strict=True)
            ]
        else:
            decimals = int(np.clip(3 - np.ceil(np.log10(max(record["high"][j] - record["low"][j], 1e-9))), 0, 3))
            show = partial(_rounded, decimals=decimals)
            usual, rare = f"{show(low[j])} to {show(high[j])}", (drawn[:, j] < low[j]) | (drawn[:, j] > high[j])
            cells = [(show(a), show(b)) for a, b in zip(drawn[:, j], near[:, j], strict=True)]
        pairs = zip(cells, rare, strict=True)
        rows.append([f"{j + 1}. {name}", usual, *(f"{f'**{a}**' if bold else a} ({b})" for (a, b), bold in pairs)])
    ranks = (record[key][np.arange(len(drawn)), lowest(record)] for key in ("score_rank", "nearest_rank"))
    shares = [f"{percent(a)} ({percent(b)})" for a, b in zip(*ranks, strict=True)]
    rows.append(["held-out rows that score as low", "", *shares])
    return Table(["column", f"real, {RARE:.0%} to {1 - RARE:.0%}", *titles(record)], rows)


def columns_apart(record: Record) -> NDArray[np.intp]:
    """Return the number of columns in which the lowest row differs from the real row nearest to it, by detector."""
    drawn, near = _lowest_rows(record, "drawn"), _lowest_rows(record, "near")
    limit = np.where(is_text(record), 0.5, APART * (record["high"] - record["low"]))
    return np.asarray((np.abs(drawn - near) > limit).sum(axis=1))


def _lowest_rows(record: Record, key: str) -> NDArray[np.float64]:
    return np.asarray(record[key][np.arange(len(record[key])), lowest(record)], dtype=np.float64)


def _rounded(value: float, decimals: int) -> str:
    return f"{round(float(value), decimals) + 0.0:.10g}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def roughness(record: Record) -> NDArray[np.float64]:
    """Return the mean change between neighbouring samples of generated series, real ones having 1, (detectors,)."""
    real, drawn = (np.abs(np.diff(record[key].astype(float))) for key in ("real", "drawn"))
    return np.asarray(drawn.mean(axis=(1, 2)) / real.mean())


def lessons(record: Record) -> Table:
    """Return what the generated rows show, each with the detectors of which it is true."""
    names = np.array(titles(record))
    near, lost = np.median(record["nn_ratio"], axis=1), record["score_rank"].mean(axis=1) > 0.5
    one_row, blind = record["div_ratio"] < SAME_ROW, found(record, "blind_to_constant_features")
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
    apart, near_rank = columns_apart(record), record["nearest_rank"][np.arange(len(names)), lowest(record)]
    sound = record["verdict"] == VERDICTS.index("sound")
    best_findings = [_words(name) for name in FINDINGS if found(record, name)[best]]
    return {
        "detectors": str(len(names)),
        "sound": str(int(sound.sum())),
        "faulty": join_names([name for name, is_sound in zip(names, sound, strict=True) if not is_sound]),
        "faulty_auc": max((f"{auc:.3f}" for auc in record["roc_auc"][~sound]), default="–"),
        "absurd": join_names([name for name, has in zip(names, found(record, "absurd_optimum"), strict=True) if has]),
        "absurd_ratio": f"{np.nan_to_num(record['evidence'][:, EVIDENCE.index('distance_ratio')]).max():.1f}",
        "best": names[best],
        "best_auc": f"{record['roc_auc'][best]:.3f}",
        "best_distance": f"{near[best]:.1f}",
        "best_findings": join_names(best_findings),
        "best_apart": str(apart[best]),
        "columns": str(record["real"].shape[1]),
        "most_apart": str(apart.max()),
        "most_apart_name": names[int(apart.argmax())],
        "least_apart": str(apart.min()),
        "least_apart_name": names[int(apart.argmin())],
        "near_rank": percent(near_rank.max()),
        "near_rank_name": names[int(near_rank.argmax())],
        "best_near_rank": percent(near_rank[best]),
        "calls": str(int(record["calls"].max())),
        "nearest": names[nearest],
        "nearest_distance": f"{near[nearest]:.2f}",
        "farthest": names[farthest],
        "farthest_distance": f"{near[farthest]:.1f}",
        "one_row": str(int((record["div_ratio"] < SAME_ROW).sum())),
        "roughest": f"{roughness(record).max():.1f}",
        "generations": f"{record.parameter('generations'):,}",
    }


def glue_summary(record: Record | None, names: str) -> None:
    """Name those numbers of `summary` on the page whose names, separated by blanks, are given."""
    told = summary(record)
    glue(**{name: told[name] for name in names.split()})


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
    """Put `audit_table` and the findings on the page."""
    if record is not None:
        table(*audit_table(record, ordered=ordered))
        markdown(findings_text(record))
