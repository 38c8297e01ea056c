"""Figures of an audit: where probes rank among real rows, and what the detector draws beside what is real."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from anogen.auditing import FINDINGS
from companion.figures.style import BLUE, GREY, VERMILION, image_grid, new_figure, styled

Arrays = Mapping[str, np.ndarray]
SHOWN = 4  # of each kind


def ranks(arrays: Arrays, drawn: Mapping[str, Any] | None = None) -> Figure:
    """Return a figure of the share of real rows that score as low, for every row of each kind.

    Parameters
    ----------
    arrays
        Of an `Audit`: `real_scores` and the scores of probes.
    drawn
        Its measures of what was drawn, if anything was.
    """
    real = np.sort(arrays["real_scores"])
    kinds = {"real": real, "shuffled": arrays["shuffled_scores"], "uniform noise": arrays["noise_scores"]}
    if drawn:
        kinds["drawn"] = np.array(drawn["scores"])
    figure, axes = new_figure(height=0.5 + 0.45 * len(kinds))
    with styled():
        for row, scores in enumerate(kinds.values()):
            share = np.searchsorted(real, scores, side="right") / len(real)
            axes[0, 0].scatter(
                share, np.full(len(share), row), s=36, color=BLUE, alpha=0.25, linewidths=0, clip_on=False
            )
        axes[0, 0].set(
            yticks=range(len(kinds)), yticklabels=list(kinds), xlim=(-0.02, 1.02), ylim=(len(kinds) - 0.5, -0.5)
        )
        axes[0, 0].set_xlabel("share of real rows that score as low")
    return figure


def images(arrays: Arrays, shape: tuple[int, ...], drawn: Mapping[str, Any]) -> Figure:
    """Return a figure of real images, of what was drawn and of the most normal points, with their scores."""
    low, high = arrays["low"].min(), arrays["high"].max()
    kinds = {
        "real": (arrays["real"][:SHOWN], arrays["real_scores"][:SHOWN]),
        "drawn": (arrays["drawn"], drawn["scores"]),
    }
    if "optimum" in arrays:
        points = arrays["optimum"][:SHOWN]
        kinds["most\nnormal"] = (points, np.full(len(points), drawn["optimum_score"]))
    pictures, scores = np.ones((len(kinds), SHOWN, *shape)), np.full((len(kinds), SHOWN), np.nan)
    for row, (some, score) in enumerate(kinds.values()):
        pictures[row, : len(some)] = ((some - low) / (high - low)).clip(0, 1).reshape(-1, *shape)
        scores[row, : len(some)] = score
    figure = image_grid(pictures, scores, list(kinds))
    for axes, score in zip(figure.axes, scores.ravel(), strict=True):
        if np.isnan(score):
            axes.set_visible(False)
    return figure


def profiles(arrays: Arrays, *, ordered: bool = False) -> Figure:
    """Return a figure of rows as lines over their features, each from the least to the largest value in the data.

    Parameters
    ----------
    arrays
        Of an `Audit` that has drawn: `real`, `low`, `high`, `drawn`, and `optimum` where it is known.
    ordered
        Whether neighbouring features belong together, as in a time series: no marks then, and one scale for all.
    """
    low, high = arrays["low"], arrays["high"]
    width = np.where(high > low, high - low, 1.0)
    at = np.arange(len(low))

    def unit(rows: np.ndarray) -> np.ndarray:
        return rows.T if ordered else ((rows - low) / width).T

    band = np.percentile(unit(arrays["real"]), [5, 25, 50, 75, 95], axis=1)
    figure, axes = new_figure(height=2.8)
    with styled():
        one = axes[0, 0]
        one.fill_between(at, band[0], band[4], color=GREY, alpha=0.2, linewidth=0, label="real, 5 to 95%")
        one.fill_between(at, band[1], band[3], color=GREY, alpha=0.35, linewidth=0, label="real, 25 to 75%")
        mark = "" if ordered else "o"
        lines = one.plot(at, unit(arrays["drawn"]), color=VERMILION, linewidth=1.2, marker=mark, markersize=4)
        lines[0].set_label("drawn")
        if "optimum" in arrays:
            best = one.plot(at, unit(arrays["optimum"][:SHOWN]), color=BLUE, linewidth=1.2, linestyle="--")
            best[0].set_label("most normal")
        one.set_xlabel("sample" if ordered else "column")
        one.set_ylabel("value" if ordered else "value, in its range")
        if not ordered and len(at) <= 30:
            one.set_xticks(at[:: max(1, len(at) // 15)])
        figure.legend(loc="outside upper center", ncols=4)
    return figure


def measured(drawn: Mapping[str, Any]) -> str:
    """Say what the measures of drawn rows come to."""
    parts = [f"Of real rows, {np.mean(drawn['score_rank']):.0%} score as low as what was drawn"]
    if drawn["nn_ratio"] is not None:
        far = np.median(drawn["nn_ratio"])
        parts.append(f"the nearest training row is {far:.2f} times as far as usual for real rows (in the median)")
    if drawn["morans_i"] is not None:
        parts.append(f"neighbouring pixels correlate {np.mean(drawn['morans_i']):.2f} (Moran's I; noise has 0)")
    parts.append(f"the starts end {drawn['div_ratio']:.2f} times as far from one another as real rows are")
    text = "; ".join(parts) + "."
    if drawn["optimum_score"] is None:
        return text + " The most normal point of this detector is not known."
    return (
        f"{text} The lowest score there is, {drawn['optimum_score']:.5g} ({drawn['optimum_kind']}), is known: the "
        f"search came to {min(drawn['scores']):.5g}, {min(drawn['gap']):.2f} to {max(drawn['gap']):.2f} away from that "
        "point (L2, each feature from 0 to 1)."
    )


def overview(names: list[str], findings: np.ndarray, asked: np.ndarray) -> Figure:
    """Return a figure of what was found, (D, 6) bool, by detector; `asked` (D,) is of the first question."""
    figure, axes = new_figure(height=1.3 + 0.27 * len(names))
    known = np.ones_like(findings)
    known[:, 0] = asked
    with styled():
        one = axes[0, 0]
        row, column = np.nonzero(findings)
        one.scatter(column, row, s=70, color=VERMILION)
        row, column = np.nonzero(~findings & known)
        one.scatter(column, row, s=30, facecolors="none", edgecolors=GREY)
        one.set(xticks=range(len(FINDINGS)), yticks=range(len(names)), yticklabels=names)
        one.set_xticklabels([name.replace("_", " ") for name in FINDINGS], rotation=25, ha="right")
        one.set(xlim=(-0.5, len(FINDINGS) - 0.5), ylim=(len(names) - 0.5, -0.5))
    return figure
