"""Figures and tables of the chapters on real tables and heartbeats: what detectors draw beside what is real."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from anogen.auditing import FINDINGS
from anogen.detectors import CATALOGUE
from anogen.metrics.distances import mean_pairwise
from companion.figures.style import GREY, VERMILION, new_figure, short, styled
from companion.figures.tables import Table, percent
from companion.records import Record

SINGLE = 0.1  # distance, of real rows' own, below which starts have arrived at one row, or at the known optimum
NEAR, FAR = 1.0, 2.0  # distances to the nearest real row, in units of real rows' own
UNUSUAL = 0.05  # share of real rows at either end of a column, beyond which a value is unusual
SAMPLE_SECONDS = 1 / 125
AWAY = (
    "The search ended away from the known optimum, so that rows and their variety may show the search: {}. "
    "(A score with steps, as HBOS's, has many optima, of which one is known.)"
)


def titles(record: Record) -> list[str]:
    """Return the detectors' names as they are printed."""
    return [CATALOGUE[name].title for name in record.parameter("detectors")]


def panels(record: Record, *, ordered: bool = False) -> Figure:
    """Plot what each detector draws over held-out real rows, a panel for each, and some of the real rows themselves.

    Parameters
    ----------
    ordered
        Whether columns are samples of a time series; else every column goes from 0 to 1 over the normal rows.
    """
    real, drawn = (_placed(record, record[key].astype(float), ordered) for key in ("real", "drawn"))
    band = np.percentile(real, [5, 25, 75, 95], axis=0)
    at = np.arange(real.shape[-1]) * (SAMPLE_SECONDS if ordered else 1)
    kinds = {"four real rows" if not ordered else "four real beats": real[:4]}
    kinds |= dict(zip(titles(record), drawn, strict=True))
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


def described(record: Record, *, ordered: bool = False) -> dict[str, str]:
    """Return `caption` and `alt` of the panels."""
    rows, over = ("beats", "time") if ordered else ("rows", "the columns")
    caption = (
        f"Lines: four held-out normal {rows}, and the lowest score that the search found on each "
        f"detector, from {record['drawn'].shape[1]} starts. Bands: half and nine tenths of held-out normal {rows}."
    )
    alt = (
        f"Panels with the values of {rows} over {over}: real ones, then those that each of {len(titles(record))} "
        "detectors draws, over grey bands of what is usual."
    )
    return {"caption": caption, "alt": alt}


def _placed(record: Record, rows: NDArray[np.float64], ordered: bool) -> NDArray[np.float64]:
    """Return rows (..., d) with every column from 0 to 1, those of a time series on one scale."""
    low, high = record["low"], record["high"]
    if ordered:
        return np.asarray((rows - low.min()) / (high.max() - low.min()))
    return np.asarray((rows - low) / np.where(high > low, high - low, 1.0))


def unusual(record: Record) -> NDArray[np.float64]:
    """Return the share of columns in which a drawn row has a value that is rare in real rows, (detectors, starts)."""
    low, high = np.quantile(record["real"], [UNUSUAL, 1 - UNUSUAL], axis=0)
    return np.asarray(((record["drawn"] < low) | (record["drawn"] > high)).mean(axis=-1))


def audited(record: Record) -> Table:
    """Return what the audit found, and how near the drawn rows are to real ones, by detector."""
    rows, rare = [], unusual(record)
    for i, title in enumerate(titles(record)):
        found = [name.replace("_", " ") for name, there in zip(FINDINGS, record["findings"][i], strict=True) if there]
        gap = record["gap"][i]
        rows.append(
            [
                title,
                ", ".join(found) or "sound",
                f"{record['roc_auc'][i]:.3f}",
                percent(record["score_rank"][i].mean()),
                short(float(np.median(record["nn_ratio"][i]))),
                percent(rare[i].mean()),
                f"{record['div_ratio'][i]:.2f}",
                "–" if np.isnan(gap).any() else f"{gap.max():.2g}",
            ]
        )
    head = "detector | audit | ROC AUC | real rows that score as low | nearest real row | rare values"
    return Table(f"{head} | distance between starts | distance to the optimum", rows)


def explained(record: Record) -> str:
    """Say how the columns of `audited` are meant."""
    return (
        "Distances are taken where each column goes from 0 to 1 over normal rows. The nearest real row and the "
        "distance between starts are relative to what is usual between real rows; "
        f"rare is what fewer than {UNUSUAL:.0%} of real rows have at that end of a column. Detectors have their "
        "library's defaults and are fitted to normal rows alone; the search stays within the range of the data. "
        f"{record.parameter('generations'):,} generations. {{doc}}`audit` explains the questions of the audit."
    )


def values(record: Record) -> Table:
    """Return, column by column, quantiles of real rows and what each detector draws from its first start."""
    quantiles = np.quantile(record["real"].astype(float), [UNUSUAL, 0.5, 1 - UNUSUAL], axis=0)
    rows = [
        [str(column), *(short(float(v)) for v in (*quantiles[:, column], *record["drawn"][:, 0, column]))]
        for column in range(record["real"].shape[1])
    ]
    return Table(" | ".join(["column", "real, 5%", "real, median", "real, 95%", *titles(record)]), rows)


def roughness(record: Record) -> NDArray[np.float64]:
    """Return the mean change between neighbouring samples of drawn series, real ones having 1, (detectors,)."""
    real, drawn = (np.abs(np.diff(record[key].astype(float))) for key in ("real", "drawn"))
    return np.asarray(drawn.mean(axis=(1, 2)) / real.mean())


def short_of_the_optimum(record: Record) -> NDArray[np.bool_]:
    """Return for which detectors some start ended away from every known optimum, in the mean distance of real rows."""
    usual = mean_pairwise(_placed(record, record["real"].astype(float), ordered=False))
    return np.asarray(np.nan_to_num(record["gap"]).max(axis=1) > SINGLE * usual)


def lessons(record: Record, *, ordered: bool = False) -> list[str]:
    """Return what the rows drawn say about the detectors, a sentence each; every number is the record's."""
    names = np.array(titles(record))
    near, lost = np.median(record["nn_ratio"], axis=1), record["score_rank"].mean(axis=1) > 0.5
    single, blind = record["div_ratio"] < SINGLE, record["findings"][:, FINDINGS.index("blind_to_constant_features")]
    away = short_of_the_optimum(record) & ~lost
    told = [
        (
            single & ~lost & ~away,
            "One most normal row, whatever the start, so that a low score means nearness to it: {}.",
        ),
        (
            ~single & ~lost & ~away & (near <= FAR),
            f"Different rows, in the median at most {FAR:g} times as far from real ones as real rows are: {{}}.",
        ),
        (
            ~single & ~lost & ~away & (near > FAR),
            "Different rows, farther from real ones than that; a row that was made up this way would pass: {}.",
        ),
        (away, AWAY),
        (blind, "Columns that never changed in training may take any value: {}."),
        (
            lost,
            "The search did not arrive, since most real rows score as low, and the picture shows the search: {}.",
        ),
    ]
    said = [sentence.format(", ".join(names[which])) for which, sentence in told if which.any()]
    if ordered:
        steps = [f"{name} {one:.2g}" for name, one in zip(names, roughness(record), strict=True)]
        said.append(f"Change from one sample to the next, where real series have 1: {', '.join(steps)}.")
    best = int(np.argmax(record["roc_auc"]))
    return [
        *said,
        f"The detector with the highest ROC AUC, {names[best]} ({record['roc_auc'][best]:.3f}), draws rows "
        f"{near[best]:.2g} times as far from real ones as real rows are"
        + (f"; the nearest come from {names[near.argmin()]} ({near.min():.2g})." if near.argmin() != best else "."),
    ]
