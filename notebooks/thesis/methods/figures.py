"""Drawings of chapter 5: how an autoencoder, Deep SVDD and the evolutionary algorithm work."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon

from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, SKY, VERMILION, canvas, styled

Pair = tuple[float, float]


@implements("thesis-fig-5.1")
def fig_5_1() -> Figure:
    """Draw an autoencoder: a wide input, ever narrower layers, a narrow code, and the way back to the width."""
    figure, axes = canvas(6.4, 3.0)
    with styled():
        middle = 1.68
        _trapezium(axes, (1.45, 2.55), middle, (1.9, 0.75), SKY, "encoder")
        _trapezium(axes, (3.85, 4.95), middle, (0.75, 1.9), ORANGE, "decoder")
        _bar(axes, 0.85, middle, 1.9, "input $x$", "all $n$ pixels")
        _bar(axes, 3.2, middle, 0.75, "code $z$", "few numbers", GREEN)
        _bar(axes, 5.55, middle, 1.9, r"output $\hat{x}$", "all $n$ pixels")
        for start, end in ((1.02, 1.42), (2.58, 3.03), (3.37, 3.82), (4.98, 5.38)):
            _arrow(axes, (start, middle), (end, middle))
        axes.plot([0.85, 0.85, 5.55, 5.55], [0.33, 0.22, 0.22, 0.33], color=VERMILION)
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 4}
        _text(axes, 3.2, 0.22, r"score: mean of $(x_i-\hat{x}_i)^2$", 12, color=VERMILION, bbox=behind)
    return figure


def _text(axes: Axes, x: float, y: float, text: str, size: float, **options: Any) -> None:
    """Write a text, centred unless the options say otherwise."""
    axes.text(x, y, text, fontsize=size, **{"ha": "center", "va": "center", **options})


def _trapezium(axes: Axes, span: Pair, y: float, heights: Pair, colour: str, name: str) -> None:
    (left, right), (a, b) = span, (heights[0] / 2, heights[1] / 2)
    corners = [(left, y - a), (left, y + a), (right, y + b), (right, y - b)]
    axes.add_patch(Polygon(corners, facecolor=colour, edgecolor=BLACK, alpha=0.55, linewidth=1.2))
    _text(axes, (left + right) / 2, y, name, 13)


def _box(axes: Axes, centre: Pair, size: Pair, rounding: float, **options: Any) -> None:
    """Draw a box with round corners."""
    (x, y), (width, height) = centre, size
    style = f"round,pad=0,rounding_size={rounding}"
    axes.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, boxstyle=style, **options))


def _bar(axes: Axes, x: float, y: float, height: float, name: str, size: str, colour: str = BLUE) -> None:
    """Draw a layer as a column of units, its name above and what it holds below."""
    for unit in np.arange(y - height / 2 + 0.095, y + height / 2, 0.19):
        axes.add_patch(Circle((x, unit), 0.075, facecolor=colour, edgecolor=BLACK, linewidth=0.8))
    _text(axes, x, y + height / 2 + 0.1, name, 13, va="bottom")
    _text(axes, x, y - height / 2 - 0.08, size, 11, va="top", color=GREY)


def _arrow(axes: Axes, start: Pair, end: Pair, *, bend: float = 0.0) -> None:
    shape: dict[str, Any] = {"arrowstyle": "-|>", "connectionstyle": f"arc3,rad={bend}", "mutation_scale": 15}
    axes.add_patch(FancyArrowPatch(start, end, linewidth=1.6, color=BLACK, shrinkA=0, shrinkB=0, **shape))


@implements("thesis-fig-5.2")
def fig_5_2() -> Figure:
    """Draw Deep SVDD: a network maps scattered points so that the normal ones fall into a small sphere."""
    figure, axes = canvas(6.4, 3.1)
    rng = np.random.default_rng(5)  # the drawing's own points: they stand for no data
    with styled():
        for x, name in ((1.45, r"input space $\mathcal{X}$"), (4.95, r"latent space $\mathcal{F}$")):
            _box(axes, (x, 1.75), (2.4, 2.4), 0.1, fill=False, edgecolor=GREY)
            _text(axes, x, 0.28, name, 13)
        angle = np.linspace(0.15, np.pi - 0.15, 26)
        arc = np.column_stack([1.45 + 0.8 * np.cos(angle), 1.35 + 0.95 * np.sin(angle)]) + rng.normal(0, 0.07, (26, 2))
        _points(axes, arc, "normal")
        _points(axes, np.array([[1.45, 1.25], [0.65, 0.9], [2.3, 0.95]]), "anomaly")
        centre, radius = np.array([4.95, 1.8]), 0.62
        axes.add_patch(Circle(tuple(centre), radius, facecolor=SKY, alpha=0.35, edgecolor="none"))
        axes.add_patch(Circle(tuple(centre), radius, fill=False, edgecolor=BLACK, linewidth=1.6, linestyle="--"))
        turn = 2.4 * np.arange(30)  # a sunflower: even, never regular
        reach = 0.54 * np.sqrt((np.arange(30) + 0.5) / 30)
        unit = np.array([np.cos(turn), np.sin(turn)])
        towards = np.array([np.cos(np.pi / 5), np.sin(np.pi / 5)])  # the direction of the radius
        beside = np.abs(unit.T @ [-towards[1], towards[0]]) * reach  # distance from its line
        free = ((beside > 0.12) | (unit.T @ towards < 0)) & (reach > 0.27)
        _points(axes, centre + (reach * unit).T[free], "normal")
        _points(axes, np.array([[4.1, 2.62], [5.85, 0.95], [4.05, 0.95]]), "anomaly")
        edge = centre + radius * towards
        axes.plot(*np.array([centre, edge]).T, color=BLACK, linewidth=1.6)
        axes.scatter([centre[0]], [centre[1]], s=60, marker="x", color=BLACK, linewidth=2.2, zorder=3)
        _text(axes, centre[0] + 0.02, centre[1] - 0.19, "$c$", 14)
        _text(axes, edge[0] + 0.14, edge[1] + 0.12, "$R$", 14)
        _arrow(axes, (2.75, 1.95), (3.65, 1.95), bend=-0.25)
        _text(axes, 3.2, 2.3, r"network $\phi$", 12)
        for kind, y in (("normal", 1.3), ("anomaly", 1.02)):
            _points(axes, np.array([[2.82, y]]), kind)
            _text(axes, 2.95, y, kind, 10, ha="left")
    return figure


def _points(axes: Axes, points: np.ndarray, kind: str) -> None:
    size, marker, colour = (30, "o", BLUE) if kind == "normal" else (55, "^", VERMILION)
    axes.scatter(points[:, 0], points[:, 1], s=size, marker=marker, color=colour, edgecolor="black", linewidth=0.5)


# The steps of the algorithm: key, text, centre. The sizes fit the longest text.
STEPS = (
    ("start", "start population\n150 random images", (1.35, 4.05)),
    ("score", "fitness\nanomaly score of every image", (1.35, 2.85)),
    ("end", "read-out\ngenerated image", (1.35, 0.55)),
    ("select", "selection\ntwo parents; the lower their\nscore, the more likely", (5.1, 1.55)),
    ("cross", "crossover (recombination)\npixel by pixel mean of the two", (5.1, 2.75)),
    ("mutate", "mutation\nwith probability 0.5 add\n$\\mathcal{N}(0, 0.01^2)$ to every free pixel", (5.1, 3.95)),
)
COLOURS = {"start": "white", "end": "white", "score": SKY}  # orange for the operators
HEIGHTS = {"select": 0.88, "mutate": 0.92}


@implements("thesis-fig-5.3")
def fig_5_3() -> Figure:
    """Draw the evolutionary algorithm as a flow chart, with the thesis's own operators and their values."""
    figure, axes = canvas(6.62, 4.6)
    with styled():
        for key, text, (x, y) in STEPS:
            size, colour = ((2.75 if x > 3 else 2.45), HEIGHTS.get(key, 0.68)), COLOURS.get(key, ORANGE)
            alpha = 0.6 if colour != "white" else 1
            _box(axes, (x, y), size, 0.08, facecolor=colour, edgecolor=BLACK, linewidth=1.3, alpha=alpha)
            name, _, rest = text.partition("\n")
            _text(axes, x, y + 0.1 * (rest.count("\n") + 1), name, 12, fontweight="bold")
            _text(axes, x, y - 0.12, rest, 10.5, linespacing=1.15)
        diamond = [(1.35, 2.1), (2.45, 1.7), (1.35, 1.3), (0.25, 1.7)]
        axes.add_patch(Polygon(diamond, facecolor="white", edgecolor=BLACK, linewidth=1.3))
        _text(axes, 1.35, 1.7, "last\ngeneration?", 11)
        for x, ends in ((1.35, ((3.7, 3.2), (2.5, 2.11), (1.29, 0.9))), (5.1, ((2.0, 2.4), (3.1, 3.48)))):
            for start, end in ends:
                _arrow(axes, (x, start), (x, end))
        _text(axes, 1.45, 1.1, "yes", 11, ha="left")
        _text(axes, 2.62, 1.85, "no", 11)
        _arrow(axes, (2.45, 1.7), (3.72, 1.7))
        axes.plot([3.72, 3.15, 3.15], [3.95, 3.95, 2.85], color=BLACK, linewidth=1.6)
        _arrow(axes, (3.15, 2.85), (2.59, 2.85))
        _text(axes, 3.15, 2.38, "150 children\nreplace all\nparents", 10.5)
    return figure
