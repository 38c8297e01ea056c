"""Figures 7 to 12 of the tailored paper: what a detector refuses."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from anogen.detectors.gan import seeds
from companion.figures.style import BLUE, GREY, PALETTE, VERMILION, new_figure, styled
from companion.records import Record
from notebooks.tailored.common.scores import RATES


def roc_and_scores(record: Record) -> Figure:
    """ROC curves of every set, real images being positive, and how the scores are spread (Figs. 7 and 11)."""
    names = ["real", *record["names"].tolist()]
    figure, axes = new_figure(2, height=3.6, width_ratios=(1, 1.2))
    with styled():
        left, right = axes[0]
        for i, (name, curve) in enumerate(zip(names[1:], record["roc"], strict=True)):
            left.plot(RATES, curve, color=PALETTE[i % len(PALETTE)], linestyle="-" if i < len(PALETTE) else "--",
                      linewidth=1.3, label=name)  # fmt: skip
        left.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
        left.set(xlabel="false positive rate", ylabel="true positive rate")
        left.legend(fontsize=8)
        right.boxplot(list(record["scores"]), orientation="horizontal", tick_labels=names, showfliers=False)
        right.axvline(record["threshold"][0, 0], color=VERMILION, linewidth=1.2)
        right.set_xlabel("score")
        right.invert_yaxis()
        right.tick_params(labelsize=9)
    return figure


def confidence_and_score(record: Record, shown: int = 1_000) -> Figure:
    """The classifier's confidence against the detector's score, a panel a set (Figs. 8 and 9)."""
    names = ["real", *record["names"].tolist()]
    columns = 5
    figure, axes = new_figure(columns, -(-len(names) // columns), sharex=True, sharey=True)
    with styled():
        for ax, name, scores, sure in zip(axes.flat, names, record["scores"], record["confidence"], strict=False):
            ax.scatter(scores[:shown], sure[:shown], s=2, color=BLUE, alpha=0.3)
            ax.axvline(record["threshold"][0, 0], color=VERMILION, linewidth=0.8)
            ax.text(0.5, 1.03, name, transform=ax.transAxes, ha="center", fontsize=9)
            ax.tick_params(labelsize=8)
        for ax in axes.flat[len(names) :]:
            ax.set_visible(False)
        figure.supxlabel("score", fontsize=11)
        figure.supylabel("confidence", fontsize=11)
    return figure


def beyond(records: Mapping[str, Record]) -> Figure:
    """The AUROC of every band of norms against real images of the class, and the share recognised, by training."""
    figure, axes = new_figure(2)
    with styled():
        left, right = axes[0]
        for i, (name, record) in enumerate(records.items()):
            middle = record["bands"].mean(axis=1)
            left.plot(middle, np.nanmean(record["band_auroc"], axis=(0, 2)), color=PALETTE[i], label=name)
            right.plot(middle, record["recognised"].mean(axis=0), color=PALETTE[i])
        for ax, label in ((left, "AUROC"), (right, "share refused")):
            ax.axvline(seeds.RADIUS, color=GREY, linewidth=1, linestyle=":")
            ax.set(xlabel="norm of the seed", ylabel=label, ylim=(0, 1.02))
        left.legend(fontsize=9)
    return figure
