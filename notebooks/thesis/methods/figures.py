"""Drawings of chapter 5: how an autoencoder, Deep SVDD and the evolutionary algorithm work."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon

from companion.figures.registry import implements
from companion.figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, SKY, VERMILION, canvas, styled


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
        axes.text(
            3.2,
            0.22,
            r"score: mean of $(x_i-\hat{x}_i)^2$",
            ha="center",
            va="center",
            color=VERMILION,
            fontsize=12,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 4},
        )
    return figure


def _trapezium(
    axes: Axes, span: tuple[float, float], y: float, heights: tuple[float, float], colour: str, name: str
) -> None:
    (left, right), (a, b) = span, (heights[0] / 2, heights[1] / 2)
    corners = [(left, y - a), (left, y + a), (right, y + b), (right, y - b)]
    axes.add_patch(Polygon(corners, facecolor=colour, edgecolor=BLACK, alpha=0.55, linewidth=1.2))
    axes.text((left + right) / 2, y, name, ha="center", va="center", fontsize=13)


def _bar(axes: Axes, x: float, y: float, height: float, name: str, size: str, colour: str = BLUE) -> None:
    """Draw a layer as a column of units, its name above and what it holds below."""
    units = np.arange(y - height / 2 + 0.095, y + height / 2, 0.19)
    for unit in units:
        axes.add_patch(Circle((x, unit), 0.075, facecolor=colour, edgecolor=BLACK, linewidth=0.8))
    axes.text(x, y + height / 2 + 0.1, name, ha="center", va="bottom", fontsize=13)
    axes.text(x, y - height / 2 - 0.08, size, ha="center", va="top", fontsize=11, color=GREY)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], *, bend: float = 0.0) -> None:
    style = f"arc3,rad={bend}"
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=15,
            linewidth=1.6,
            color=BLACK,
            connectionstyle=style,
            shrinkA=0,
            shrinkB=0,
        )
    )


@implements("thesis-fig-5.2")
def fig_5_2() -> Figure:
    """Draw Deep SVDD: a network maps scattered points so that the normal ones fall into a small sphere."""
    figure, axes = canvas(6.4, 3.1)
    rng = np.random.default_rng(5)  # the drawing's own points: they stand for no data
    with styled():
        for x, name in ((1.45, r"input space $\mathcal{X}$"), (4.95, r"latent space $\mathcal{F}$")):
            axes.add_patch(
                FancyBboxPatch(
                    (x - 1.2, 0.55), 2.4, 2.4, boxstyle="round,pad=0,rounding_size=0.1", fill=False, edgecolor=GREY
                )
            )
            axes.text(x, 0.28, name, ha="center", va="center", fontsize=13)
        angle = np.linspace(0.15, np.pi - 0.15, 26)
        arc = np.column_stack([1.45 + 0.8 * np.cos(angle), 1.35 + 0.95 * np.sin(angle)]) + rng.normal(0, 0.07, (26, 2))
        far = np.array([[1.45, 1.25], [0.65, 0.9], [2.3, 0.95]])
        _points(axes, arc, "normal")
        _points(axes, far, "anomaly")
        centre, radius = np.array([4.95, 1.8]), 0.62
        axes.add_patch(Circle(tuple(centre), radius, facecolor=SKY, alpha=0.35, edgecolor="none"))
        axes.add_patch(Circle(tuple(centre), radius, fill=False, edgecolor=BLACK, linewidth=1.6, linestyle="--"))
        turn, reach = (
            2.4 * np.arange(30),
            0.54 * np.sqrt((np.arange(30) + 0.5) / 30),
        )  # a sunflower: even, never regular
        unit = np.array([np.cos(turn), np.sin(turn)])
        beside = (
            np.abs(unit.T @ [-np.sin(np.pi / 5), np.cos(np.pi / 5)]) * reach
        )  # distance from the line of the radius
        free = ((beside > 0.12) | (unit.T @ [np.cos(np.pi / 5), np.sin(np.pi / 5)] < 0)) & (reach > 0.27)
        inside = centre + (reach * unit).T[free]
        _points(axes, inside, "normal")
        outside = np.array([[4.1, 2.62], [5.85, 0.95], [4.05, 0.95]])
        _points(axes, outside, "anomaly")
        edge = centre + radius * np.array([np.cos(np.pi / 5), np.sin(np.pi / 5)])
        axes.plot(*np.array([centre, edge]).T, color=BLACK, linewidth=1.6)
        axes.scatter([centre[0]], [centre[1]], s=60, marker="x", color=BLACK, linewidth=2.2, zorder=3)
        axes.text(centre[0] + 0.02, centre[1] - 0.19, "$c$", ha="center", va="center", fontsize=14)
        axes.text(edge[0] + 0.14, edge[1] + 0.12, "$R$", ha="center", va="center", fontsize=14)
        _arrow(axes, (2.75, 1.95), (3.65, 1.95), bend=-0.25)
        axes.text(3.2, 2.3, r"network $\phi$", ha="center", va="center", fontsize=12)
        _points(axes, np.array([[2.82, 1.3]]), "normal")
        _points(axes, np.array([[2.82, 1.02]]), "anomaly")
        axes.text(2.95, 1.3, "normal", va="center", fontsize=10)
        axes.text(2.95, 1.02, "anomaly", va="center", fontsize=10)
    return figure


def _points(axes: Axes, points: np.ndarray, kind: str) -> None:
    size, marker, colour = (30, "o", BLUE) if kind == "normal" else (55, "^", VERMILION)
    axes.scatter(points[:, 0], points[:, 1], s=size, marker=marker, color=colour, edgecolor="black", linewidth=0.5)


# The steps of the algorithm: key, text, centre, colour. The sizes fit the longest text.
STEPS = (
    ("start", "start population\n150 random images", (1.35, 4.05), "white"),
    ("score", "fitness\nanomaly score of every image", (1.35, 2.85), SKY),
    ("end", "read-out\ngenerated image", (1.35, 0.55), "white"),
    ("select", "selection\ntwo parents; the lower their\nscore, the more likely", (5.1, 1.55), ORANGE),
    ("cross", "crossover (recombination)\npixel by pixel mean of the two", (5.1, 2.75), ORANGE),
    (
        "mutate",
        "mutation\nwith probability 0.5 add\n$\\mathcal{N}(0, 0.01^2)$ to every free pixel",
        (5.1, 3.95),
        ORANGE,
    ),
)


@implements("thesis-fig-5.3")
def fig_5_3() -> Figure:
    """Draw the evolutionary algorithm as a flow chart, with the thesis's own operators and their values."""
    figure, axes = canvas(6.62, 4.6)
    wide, high = 2.45, {"select": 0.88, "mutate": 0.92}
    with styled():
        for key, text, (x, y), colour in STEPS:
            w, h = (2.75 if x > 3 else wide), high.get(key, 0.68)
            axes.add_patch(
                FancyBboxPatch(
                    (x - w / 2, y - h / 2),
                    w,
                    h,
                    boxstyle="round,pad=0,rounding_size=0.08",
                    facecolor=colour,
                    edgecolor=BLACK,
                    linewidth=1.3,
                    alpha=0.6 if colour != "white" else 1,
                )
            )
            name, _, rest = text.partition("\n")
            lines = rest.count("\n") + 1
            axes.text(x, y + 0.1 * lines, name, ha="center", va="center", fontsize=12, fontweight="bold")
            axes.text(x, y - 0.12, rest, ha="center", va="center", fontsize=10.5, linespacing=1.15)
        axes.add_patch(
            Polygon(
                [(1.35, 2.1), (2.45, 1.7), (1.35, 1.3), (0.25, 1.7)], facecolor="white", edgecolor=BLACK, linewidth=1.3
            )
        )
        axes.text(1.35, 1.7, "last\ngeneration?", ha="center", va="center", fontsize=11)
        _arrow(axes, (1.35, 3.7), (1.35, 3.2))
        _arrow(axes, (1.35, 2.5), (1.35, 2.11))
        _arrow(axes, (1.35, 1.29), (1.35, 0.9))
        axes.text(1.45, 1.1, "yes", ha="left", va="center", fontsize=11)
        axes.text(2.62, 1.85, "no", ha="center", va="center", fontsize=11)
        _arrow(axes, (2.45, 1.7), (3.72, 1.7))
        _arrow(axes, (5.1, 2.0), (5.1, 2.4))
        _arrow(axes, (5.1, 3.1), (5.1, 3.48))
        axes.plot([3.72, 3.15, 3.15], [3.95, 3.95, 2.85], color=BLACK, linewidth=1.6)
        _arrow(axes, (3.15, 2.85), (2.59, 2.85))
        axes.text(3.15, 2.38, "150 children\nreplace all\nparents", ha="center", va="center", fontsize=10.5)
    return figure
