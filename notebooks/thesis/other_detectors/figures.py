"""Figures of chapter `other-detectors` that compare detectors: what a search found beside the optimum; groups."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from companion.figures.style import BLUE, GREY, VERMILION, image_grid, new_figure, pictures
from companion.records import Record
from notebooks.thesis.common.groups import MEANING, SHARE, Drawn
from notebooks.thesis.common.image_figures import percents


def beside_optimum(searches: Mapping[str, Record], qualities: Mapping[str, Record], chosen: Sequence[float]) -> Figure:
    """Draw for each detector and k what the search found and, to its right, the most normal image there is.

    Of several from noise, it is the one nearest to what was found.
    """
    images, scores = [], []
    for name, search in searches.items():
        best, found = qualities[name]["guided_optimum_images"], search["images"][0]
        points = search["optimum_points"].astype(float)
        nearest = points[np.linalg.norm(points - found, axis=1).argmin()]
        row, numbers = [found, nearest], [search["scores"][0], search["optimum_score"]]
        for level in percents(search, chosen):
            row += [search["guided_images"][level, 0], best[level, 0]]
            numbers += [search["guided_scores"][level, 0], search["guided_optimum"][level, 0]]
        images.append(pictures(np.stack(row)))
        scores.append(np.array([float(number) for number in numbers]))
    columns = [text for k in (0, *chosen) for text in (f"found\nk = {k:.0%}", f"optimum\nk = {k:.0%}")]
    return image_grid(np.stack(images), np.stack(scores), list(searches), columns)


def outermost(search: Record) -> float:
    """Return the mean brightness of the outermost pixels of the images from noise."""
    images = pictures(search["images"]).astype(float)
    inside = np.zeros(images.shape[1:], dtype=bool)
    inside[1:-1, 1:-1] = True
    return float(images[:, ~inside].mean())


def grouped(by: Mapping[str, Drawn], groups: Mapping[str, int]) -> Figure:
    """Draw which share of a detector's images looks normal, from noise and at the best k of 50 to 85%.

    Rows are detectors, ordered by the thesis's `groups`; full marks are what the search drew, open ones the optima.
    """
    order = sorted(by, key=lambda name: groups.get(name, 4))
    figure, axes = new_figure(2, 1, height=0.36 * len(order) + 1.3, sharey=True)
    places = [-float(place) for place in range(len(order))]
    for ax, label, k in ((axes[0, 0], "from noise", 0.0), (axes[0, 1], "at the best k of 50 to 85%", 1.0)):
        ax.axvline(100 * SHARE, color=GREY, linestyle="--", linewidth=1.2)
        best = [by[name]._replace(perfect=True) for name in order]
        known = [(_share(drawn, k), y) for drawn, y in zip(best, places, strict=True) if drawn.known(k)]
        x, y = zip(*known, strict=True) if known else ((), ())
        ax.plot(x, y, "D", color=VERMILION, markerfacecolor="none", markersize=11, label="optimum")
        ax.plot([_share(by[name], k) for name in order], places, "o", color=BLUE, markersize=7, label="search")
        for place, a, b in zip(places, order, order[1:], strict=False):
            if groups.get(a) != groups.get(b):
                ax.axhline(place - 0.5, color=GREY, linewidth=0.8)
        ax.set(xlabel=f"{label}, %", xlim=(-6, 106), ylim=(places[-1] - 0.6, 0.6))
    axes[0, 0].set_yticks(places, [f"{name} ({groups[name]})" if name in groups else name for name in order])
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def _share(drawn: Drawn, k: float) -> float:
    return 100 * (drawn.share(0) if k == 0 else drawn.best_share())


def named_group(group: int | None) -> str:
    """Write a group in words."""
    return "not known" if group is None else f"{group}, {MEANING[group]}"
