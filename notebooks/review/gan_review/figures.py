"""Figures 1 to 4 and Table 1 of the review."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import ConnectionPatch, Ellipse, FancyArrowPatch, FancyBboxPatch, Patch

from companion.claims.base import Arrays
from companion.figures import style
from companion.figures.registry import implements
from companion.figures.style import canvas, new_figure, panel, styled
from companion.figures.tables import Table
from notebooks.review.gan_review.inference import ROWS, STARTS

COLOURS = {"of the class": style.YELLOW, "another class": style.VERMILION, "no certain class": style.GREY}
KINDS = ("normal", "anomaly")
Point = tuple[float, float]


def _box(axes: Axes, centre: Point, text: str, colour: str = "white", size: Point = (1.25, 0.7)) -> None:
    """Draw a rounded box with a centred text."""
    (x, y), (w, h) = centre, size
    alpha, shape = 1 if colour == "white" else 0.6, "round,pad=0,rounding_size=0.08"
    look: dict[str, Any] = {"linewidth": 1.3, "edgecolor": style.BLACK, "facecolor": colour, "alpha": alpha}
    axes.add_patch(FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle=shape, **look))
    axes.text(x, y, text, ha="center", va="center", fontsize=11.5, linespacing=1.2)


def _arrow(
    axes: Axes, start: Point, end: Point, *, colour: str = style.BLACK, bend: float = 0.0, dashed: bool = False
) -> None:
    """Draw an arrow; a dashed one is feedback."""
    curve, line = f"arc3,rad={bend}", "--" if dashed else "-"
    look: dict[str, Any] = {"linewidth": 1.6, "color": colour, "linestyle": line, "shrinkA": 0, "shrinkB": 0}
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, connectionstyle=curve, **look))


@implements("review-fig-1")
def fig_1() -> Figure:
    """Draw the training: noise and real data lead to the discriminator, feedback leads to both networks."""
    figure, axes = canvas(6.4, 2.9)
    with styled():
        _box(axes, (0.75, 1.95), "noise\n$z\\sim p_z$")
        _box(axes, (2.5, 1.95), "generator\n$\\mathcal{G}$", style.ORANGE)
        _box(axes, (2.5, 0.75), "real data\n$x\\sim p_{data}$")
        _box(axes, (4.2, 1.35), "discriminator\n$\\mathcal{D}$", style.SKY, (1.4, 0.7))
        _box(axes, (5.8, 1.35), "real\nor not?", size=(0.85, 0.7))
        _arrow(axes, (1.38, 1.95), (1.87, 1.95))
        _arrow(axes, (3.13, 1.85), (3.48, 1.55))
        _arrow(axes, (3.13, 0.85), (3.48, 1.15))
        _arrow(axes, (4.9, 1.35), (5.37, 1.35))
        axes.plot([5.8, 5.8, 2.5], [1.7, 2.65, 2.65], "--", color=style.VERMILION, linewidth=1.6)
        _arrow(axes, (2.5, 2.65), (2.5, 2.31), colour=style.VERMILION, dashed=True)
        _arrow(axes, (4.2, 2.65), (4.2, 1.71), colour=style.VERMILION, dashed=True)
        axes.text(3.35, 2.76, "feedback to both", ha="center", va="center", fontsize=11, color=style.VERMILION)
        axes.text(3.52, 2.02, "$\\mathcal{G}(z)$", ha="center", fontsize=11.5)
    return figure


@implements("review-fig-2")
def fig_2() -> Figure:
    """Draw the detection: a sample, its reconstruction by search or encoder, both losses, the score, the threshold."""
    figure, axes = canvas(6.4, 3.4)
    with styled():
        _box(axes, (0.6, 1.7), "sample\n$x$", size=(0.85, 0.7))
        _box(axes, (2.05, 2.55), "search of the\nlatent space", style.GREEN, (1.35, 0.7))
        _box(axes, (2.05, 0.85), "encoder\n$E(x)$", style.GREEN, (1.35, 0.7))
        _box(axes, (3.45, 1.7), "reconstruction\n$\\hat{x}=\\mathcal{G}(z)$", style.ORANGE, (1.3, 0.7))
        _box(axes, (4.75, 2.55), "residual\n$\\mathcal{L}_{res}$", style.SKY, (1.15, 0.7))
        _box(axes, (4.75, 0.85), "discriminator\n$\\mathcal{L}_{disc}$", style.SKY, (1.3, 0.7))
        _box(axes, (5.8, 1.7), "score\n$\\mathcal{L}_{total}>\\tau$?", size=(1.1, 0.7))
        _arrow(axes, (0.75, 2.05), (1.37, 2.45))
        _arrow(axes, (0.75, 1.35), (1.37, 0.95))
        _arrow(axes, (2.73, 2.45), (3.2, 2.06))
        _arrow(axes, (2.73, 0.95), (3.2, 1.34))
        _arrow(axes, (3.75, 2.06), (4.17, 2.4))
        _arrow(axes, (3.75, 1.34), (4.1, 1.0))
        _arrow(axes, (5.34, 2.55), (5.8, 2.07), bend=-0.3)
        _arrow(axes, (5.41, 0.85), (5.8, 1.33), bend=0.3)
        axes.plot([0.6, 0.6, 4.75], [2.06, 3.2, 3.2], color=style.GREY, linewidth=1.2)
        _arrow(axes, (4.75, 3.2), (4.75, 2.91), colour=style.GREY)
        axes.text(2.05, 1.7, "or", ha="center", va="center", fontsize=12)
    return figure


def regions(record: Arrays, label: int) -> np.ndarray:
    """Return the kind of the image generated at each place of the plane, (g, g): an index into `COLOURS`."""
    sure = record["p_max"] >= 0.5
    return np.where(~sure, 2, np.where(record["decided"] == label, 0, 1))


def _plane(axes: Axes, record: Arrays) -> None:
    reach = float(record["axis"][-1])
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")


@implements("review-fig-3", "anogen-fig-review-plane-*")
def fig_3(record: Arrays, label: int) -> Figure:
    """Draw the sets of data that a generator can make, and below the same computed: the plane of `LatentPlane`.

    Regions by class (left), and the generated images (right). Inside the white line D judges the image as real; 95% of
    all samples come from inside the dashed circle.
    """
    figure, [drawn, (left, right)] = new_figure(2, 2, width=7.2, height=5.9, height_ratios=(0.5, 1))
    _draw_sets(*drawn)
    axis = record["axis"]
    with styled():
        colours = ListedColormap(list(COLOURS.values()))
        left.pcolormesh(axis, axis, regions(record, label), cmap=colours, vmin=-0.5, vmax=2.5, alpha=0.75)
        if record["realness"].min() < 0 < record["realness"].max():
            left.contour(axis, axis, record["realness"], levels=[0.0], colors="white", linewidths=2.5)
        angle = np.linspace(0, 2 * np.pi, 200)
        radius = np.sqrt(-2 * np.log(0.05))  # of the Rayleigh distribution
        left.plot(radius * np.cos(angle), radius * np.sin(angle), "--", color=style.BLACK, linewidth=1.5)
        _plane(left, record)
        handles = [Patch(color=colour, alpha=0.75, label=name) for name, colour in COLOURS.items()]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
        right.imshow(mosaic(record["images"]), cmap="gray", vmin=0, vmax=255)
        right.set(xticks=[], yticks=[])
    return figure


def _draw_sets(latent: Axes, data: Axes) -> None:
    """Draw a latent space, and the data that it leads to: normal ones, others, and those beyond D's threshold."""
    with styled():
        for ax, name in ((latent, "latent space"), (data, "data that the generator makes")):
            ax.set(xlim=(-1.7, 1.7), ylim=(-1.15, 0.95), aspect="equal")
            ax.axis("off")
            for size, centre, colour in ((2.9, (0.0, 0.0), "#E28743"), (1.3, (-0.5, 0.05), style.YELLOW)):
                ax.add_patch(Ellipse(centre, size, 0.6 * size, facecolor=colour, edgecolor=style.BLACK))
            ax.add_patch(Ellipse((-0.3, 0.0), 2.0, 1.4, fill=False, edgecolor="white", linewidth=2.5))
            ax.text(-0.5, 0.05, "normal", ha="center", va="center", fontsize=10)
            ax.text(0, -1.12, name, ha="center", fontsize=11)
        data.text(1.07, 0, "ab-\nnormal", ha="center", va="center", fontsize=9)
        ends: dict[str, Any] = {
            "xyA": (1.5, 0.0),
            "coordsA": latent.transData,
            "xyB": (-1.5, 0.0),
            "coordsB": data.transData,
        }
        latent.figure.add_artist(ConnectionPatch(**ends, arrowstyle="-|>", mutation_scale=16, linewidth=1.6))
        latent.text(1.6, 0.15, "$\\mathcal{G}$", fontsize=12)


def mosaic(images: np.ndarray) -> np.ndarray:
    """Return images of a plane (m, m, d) as one picture, z_2 upwards."""
    side = int(np.sqrt(images.shape[-1]))
    rows, columns = images.shape[:2]
    tiles = images[::-1].reshape(rows, columns, side, side)
    return np.asarray(tiles.swapaxes(1, 2).reshape(rows * side, columns * side))


@implements("review-fig-4", "anogen-fig-review-search-*")
def fig_4(record: Arrays, starts: int = 5) -> Figure:
    """Draw searches of `LatentPlane` for a normal image and for an anomaly.

    For each: the image and the sequence of the best search with its residuals; the paths and residuals of `starts`.
    """
    steps, last = record["steps"], record["curves"].shape[2] - 1
    side = int(np.sqrt(record["targets"].shape[-1]))
    figure = Figure(figsize=(7.6, 7.4), facecolor="white", layout="constrained")
    parts = np.asarray(figure.subfigures(4, 1, height_ratios=(0.72, 1, 0.72, 1)))
    with styled():
        for i, kind in enumerate(KINDS):
            curves = record["curves"][i]
            best = int(curves[:, -1].argmin())
            target, *sequence = parts[2 * i].subplots(1, 1 + len(steps))
            panel(target, record["targets"][i].reshape(side, side))
            target.set_xlabel(f"$x$, {kind}", fontsize=10)
            for ax, step, image in zip(sequence, steps, record["sequence"][i], strict=True):
                panel(ax, image.reshape(side, side), float(curves[best, step]))
                ax.set_xlabel(f"$\\mathcal{{G}}(z_{{{step}}})$", fontsize=10)
            plane, curve = parts[2 * i + 1].subplots(1, 2, width_ratios=(1, 1.6))
            plane.pcolormesh(record["axis"], record["axis"], record["surface"][i], cmap=style.FIELD_COLOURS)
            rest = [n for n in range(len(curves)) if n != best][: starts - 1]
            for n in (*rest, best):
                path, colour = record["paths"][i, n].astype(float), style.VERMILION if n == best else style.SKY
                plane.plot(*path.T, color=colour, linewidth=1.6)
                plane.plot(*path[0], "o", color="white", markeredgecolor=colour, markersize=5)
                plane.plot(*path[-1], "s", color=colour, markeredgecolor="white", markersize=5)
                curve.plot(curves[n], color=colour, linewidth=1.4)
            _plane(plane, record)
            plane.set(xticks=[-4, 0, 4], yticks=[-4, 0, 4])
            top = 1.05 * float(record["curves"].max())
            curve.set(xlim=(0, last), ylim=(0, top), xlabel="step", ylabel="$\\mathcal{L}_{res}$")
        figure.legend(handles=_search_legend(), loc="outside lower center", ncols=4)
    return figure


def _search_legend() -> list[Line2D]:
    """Return what the colours and marks of Fig. 4 mean."""
    best = Line2D([], [], color=style.VERMILION, label="best search")
    other = Line2D([], [], color=style.SKY, label="other starts")
    dots: dict[str, Any] = {"color": style.GREY, "linestyle": ""}
    start = Line2D([], [], marker="o", markerfacecolor="white", label="$z_0$", **dots)
    return [best, other, start, Line2D([], [], marker="s", label="$z_T$", **dots)]


@implements("review-table-1", "anogen-table-search")
def table_1(record: Mapping[str, np.ndarray]) -> Table:
    """Return Table 1 of `InferenceTimes`, for searches from random starts and from the encoder's.

    Times are processor seconds of a sample, relative to the encoder's at batch 1, as the source's milliseconds are.
    """
    head = ("method", "batch", "time / encoder, here", "time / encoder, paper", "here / paper", "AUC")
    busy = np.nanmedian(record["processor_seconds"], axis=2) if "processor_seconds" in record else None
    base = next(i for i, row in enumerate(ROWS) if not row.limit and row.batch == 1)
    rows = []
    for r, row in enumerate(ROWS):
        for k, start in enumerate(STARTS[: 2 if row.limit else 1]):
            settings = f"$\\epsilon = {row.epsilon:g}$, $n_{{max}} = {row.limit}$, {start} start"
            times = ["not timed", _ratio(row.reported / ROWS[base].reported), ""]
            if busy is not None:
                ratio = busy[k, r] / busy[0, base]
                times = [_ratio(ratio), times[1], f"{ratio * ROWS[base].reported / row.reported:.2g}"]
            method = f"search, {settings}" if row.limit else "encoder"
            rows.append([method, str(row.batch), *times, f"{record['measures'][k, r, 0]:.3f}"])
    return Table(head, rows)


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
