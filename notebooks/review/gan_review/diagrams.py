"""Drawings of the review: how a GAN is trained (Fig. 1), and how one detects (Fig. 2)."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from companion.figures.style import BLACK, GREEN, GREY, ORANGE, SKY, VERMILION, canvas, styled

Point = tuple[float, float]


def box(axes: Axes, centre: Point, text: str, colour: str = "white", size: Point = (1.25, 0.7)) -> None:
    """Draw a rounded box with a text in its middle."""
    (x, y), (w, h) = centre, size
    axes.add_patch(
        FancyBboxPatch(
            (x - w / 2, y - h / 2), w, h, boxstyle="round,pad=0,rounding_size=0.08", linewidth=1.3, edgecolor=BLACK,
            facecolor=colour, alpha=1 if colour == "white" else 0.6,
        )
    )  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=11.5, linespacing=1.2)


def arrow(
    axes: Axes, start: Point, end: Point, *, colour: str = BLACK, bend: float = 0.0, dashed: bool = False
) -> None:
    """Draw an arrow; a dashed one is feedback."""
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=14, linewidth=1.6, color=colour, shrinkA=0, shrinkB=0,
            connectionstyle=f"arc3,rad={bend}", linestyle="--" if dashed else "-",
        )
    )  # fmt: skip


def fig_1() -> Figure:
    """Draw the training: noise to generator to discriminator, real data beside it, and feedback to both networks."""
    figure, axes = canvas(6.4, 2.9)
    with styled():
        box(axes, (0.75, 1.95), "noise\n$z\\sim p_z$")
        box(axes, (2.5, 1.95), "generator\n$\\mathcal{G}$", ORANGE)
        box(axes, (2.5, 0.75), "real data\n$x\\sim p_{data}$")
        box(axes, (4.2, 1.35), "discriminator\n$\\mathcal{D}$", SKY, (1.4, 0.7))
        box(axes, (5.8, 1.35), "real\nor not?", size=(0.85, 0.7))
        arrow(axes, (1.38, 1.95), (1.87, 1.95))
        arrow(axes, (3.13, 1.85), (3.48, 1.55))
        arrow(axes, (3.13, 0.85), (3.48, 1.15))
        arrow(axes, (4.9, 1.35), (5.37, 1.35))
        axes.plot([5.8, 5.8, 2.5], [1.7, 2.65, 2.65], "--", color=VERMILION, linewidth=1.6)
        arrow(axes, (2.5, 2.65), (2.5, 2.31), colour=VERMILION, dashed=True)
        arrow(axes, (4.2, 2.65), (4.2, 1.71), colour=VERMILION, dashed=True)
        axes.text(3.35, 2.76, "feedback to both", ha="center", va="center", fontsize=11, color=VERMILION)
        axes.text(3.52, 2.02, "$\\mathcal{G}(z)$", ha="center", fontsize=11.5)
    return figure


def fig_2() -> Figure:
    """Draw the detection: a row, its copy by search or by an encoder, the two losses, the score and the threshold."""
    figure, axes = canvas(6.4, 3.4)
    with styled():
        box(axes, (0.6, 1.7), "datum\n$x$", size=(0.85, 0.7))
        box(axes, (2.05, 2.55), "search of the\nlatent space", GREEN, (1.35, 0.7))
        box(axes, (2.05, 0.85), "encoder\n$E(x)$", GREEN, (1.35, 0.7))
        box(axes, (3.45, 1.7), "copy\n$\\hat{x}=\\mathcal{G}(z)$", ORANGE, (1.05, 0.7))
        box(axes, (4.75, 2.55), "residual\n$\\mathcal{L}_{res}$", SKY, (1.15, 0.7))
        box(axes, (4.75, 0.85), "discriminator\n$\\mathcal{L}_{disc}$", SKY, (1.3, 0.7))
        box(axes, (5.8, 1.7), "score\n$\\mathcal{L}_{total}>\\tau$?", size=(1.1, 0.7))
        arrow(axes, (0.75, 2.05), (1.37, 2.45))
        arrow(axes, (0.75, 1.35), (1.37, 0.95))
        arrow(axes, (2.73, 2.45), (3.2, 2.06))
        arrow(axes, (2.73, 0.95), (3.2, 1.34))
        arrow(axes, (3.75, 2.06), (4.17, 2.4))
        arrow(axes, (3.75, 1.34), (4.1, 1.0))
        arrow(axes, (5.34, 2.55), (5.8, 2.07), bend=-0.3)
        arrow(axes, (5.41, 0.85), (5.8, 1.33), bend=0.3)
        axes.plot([0.6, 0.6, 4.75], [2.06, 3.2, 3.2], color=GREY, linewidth=1.2)
        arrow(axes, (4.75, 3.2), (4.75, 2.91), colour=GREY)
        axes.text(2.05, 1.7, "or", ha="center", va="center", fontsize=12)
    return figure
