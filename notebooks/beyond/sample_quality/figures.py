"""Figures of what searches draw as sets, between real images and noise."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from companion.figures.style import BLUE, GREY, VERMILION, new_figure
from companion.records import Record
from notebooks.beyond.sample_quality.fidelity import JUDGES


def coverage(records: Mapping[str, Record], judge: str = JUDGES[0]) -> Figure:
    """Draw the coverage of real images: by images found (blue), known optima (red, open) and real ones (grey).

    Lines are the range over the draws of real images, marks the means.
    """
    j = JUDGES.index(judge)
    figure, axes = new_figure(1, 1, height=0.38 * len(records) + 0.9)
    ax = axes[0, 0]
    for row, record in enumerate(records.values()):
        for of, place, style in (
            ("real", row, {"color": GREY, "linewidth": 6, "alpha": 0.35, "marker": "|"}),
            ("optimum", row + 0.16, {"color": VERMILION, "marker": "o", "markerfacecolor": "none"}),
            ("found", row - 0.16, {"color": BLUE, "marker": "o"}),
        ):
            if f"{of}_coverage" in record.arrays:
                values = record[f"{of}_coverage"][j]
                ax.plot([values.min(), values.max()], [place, place], **{**style, "marker": None})
                ax.plot(values.mean(), place, **style)
    ax.set(xlabel="coverage", xlim=(-0.03, 1.03), yticks=np.arange(len(records)), yticklabels=list(records))
    ax.invert_yaxis()
    return figure
