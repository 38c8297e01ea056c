"""Figures 3 and 4 of the review, computed: a latent plane, and the ways of a search across it."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from companion.claims.base import Arrays
from companion.figures.style import BLACK, BLUE, FIELD_COLOURS, GREY, VERMILION, YELLOW, new_figure, panel, styled
from notebooks.review.gan_review.inference import ROWS, STARTS, per_sample
from notebooks.review.gan_review.latent_plane import halves

NORMAL, OTHER, NONE = "of the class", "another class", "no sure class"
COLOURS = {NORMAL: YELLOW, OTHER: VERMILION, NONE: GREY}
KINDS = ("a normal image", "an anomaly")


def regions(record: Arrays, label: int) -> np.ndarray:
    """Return what is generated at each place of the plane, (g, g): an index into `COLOURS`."""
    sure = record["p_max"] >= 0.5
    return np.where(~sure, 2, np.where(record["decided"] == label, 0, 1))


def _plane(axes: Axes, record: Arrays) -> None:
    reach = float(record["axis"][-1])
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")


def fig_3(record: Arrays, label: int) -> Figure:
    """Draw what is generated where: regions of the plane (left), and the images themselves (right).

    Inside the white line D holds the image for real; 95% of all samples come from inside the dashed circle.
    """
    figure, axes = new_figure(2, width=7.2, height=3.9)
    left, right = axes[0]
    axis = record["axis"]
    with styled():
        colours = ListedColormap(list(COLOURS.values()))
        left.pcolormesh(axis, axis, regions(record, label), cmap=colours, vmin=-0.5, vmax=2.5, alpha=0.75)
        if record["realness"].min() < 0 < record["realness"].max():
            left.contour(axis, axis, record["realness"], levels=[0.0], colors="white", linewidths=2.5)
        angle = np.linspace(0, 2 * np.pi, 200)
        radius = np.sqrt(-2 * np.log(0.05))  # of the Rayleigh law
        left.plot(radius * np.cos(angle), radius * np.sin(angle), "--", color=BLACK, linewidth=1.5)
        _plane(left, record)
        handles = [Patch(color=colour, alpha=0.75, label=name) for name, colour in COLOURS.items()]
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
        right.imshow(mosaic(record["images"]), cmap="gray", vmin=0, vmax=255)
        right.set(xticks=[], yticks=[])
    return figure


def mosaic(images: np.ndarray, count: int = 9) -> np.ndarray:
    """Return images of a plane (g, g, d) as one picture, z_2 upwards, at most `count` in each direction."""
    step = -(-len(images) // count)
    chosen = images[::step, ::step][::-1]
    side = int(np.sqrt(chosen.shape[-1]))
    rows, columns = chosen.shape[:2]
    return np.asarray(chosen.reshape(rows, columns, side, side).swapaxes(1, 2).reshape(rows * side, columns * side))


def fig_4(record: Arrays, step: int, starts: int = 5) -> Figure:
    """Draw the ways to copies of a normal image and of an anomaly after some steps, the copies and their losses."""
    figure, axes = new_figure(4, 2, width=7.4, height=4.6, width_ratios=(1.25, 0.7, 0.7, 1.2))
    firsts = [part.start for part in halves(record["targets"])]
    with styled():
        for row, (target, kind) in enumerate(zip(firsts, KINDS, strict=True)):
            paths, losses = record["paths"][target, :starts].astype(float), record["losses"][target, :starts]
            plane, wanted, copy, curve = axes[row]
            plane.pcolormesh(record["axis"], record["axis"], record["surface"][row], cmap=FIELD_COLOURS)
            for path in paths:
                plane.plot(*path[: step + 1].T, color="white", linewidth=1.6)
                plane.plot(*path[0], "o", color="white", markersize=4)
                plane.plot(*path[step], "o", color=VERMILION, markersize=5)
            _plane(plane, record)
            plane.set(xlabel="$z_1$" if row else "")
            best = int(losses[:, step].argmin())
            side = int(np.sqrt(record["targets"].shape[-1]))
            panel(wanted, record["targets"][target].reshape(side, side))
            wanted.set_xlabel(f"$x$, {kind}", fontsize=10)
            panel(copy, nearest_image(record, paths[best, step]).reshape(side, side), float(losses[best, step]))
            copy.set_xlabel("near $\\mathcal{G}(z)$", fontsize=10)
            for loss in losses:
                curve.plot(loss[: step + 1], color=BLUE, linewidth=1.3)
                curve.plot(step, loss[step], "o", color=VERMILION, markersize=4)
            curve.set(xlim=(0, losses.shape[1] - 1), ylim=(0, 1.05 * float(record["losses"][firsts].max())))
            curve.set(xlabel="step" if row else "", ylabel="$\\mathcal{L}_{res}$")
        figure.legend(
            handles=[
                Line2D([], [], marker="o", color=GREY, markerfacecolor="white", label="$z_0$ and the way"),
                Line2D([], [], marker="o", color=VERMILION, linestyle="", label="where it is"),
            ],
            loc="outside lower center",
            ncols=2,
        )
    return figure


def nearest_image(record: Arrays, z: np.ndarray) -> np.ndarray:
    """Return the image of the grid's place nearest to z (2,), (d,)."""
    column, row = (int(np.abs(record["axis"] - value).argmin()) for value in z)
    return np.asarray(record["images"][row, column])


def table_1(record: Mapping[str, np.ndarray]) -> tuple[str, list[list[str]]]:
    """Return head and rows of Table 1, for searches from random starts and from the encoder's.

    Times are processor seconds of a sample, relative to the encoder's at batch 1, as the source's milliseconds are.
    """
    head = "method | start | $\\epsilon$ | $n_{max}$ | batch | time / encoder | source | AUC | average precision | phi"
    timed = "processor_seconds" in record
    busy = per_sample(record["processor_seconds"]) if timed else None
    base = next(i for i, row in enumerate(ROWS) if row.encoder and row.batch == 1)
    rows = []
    for r, row in enumerate(ROWS):
        for k, start in enumerate(STARTS[: 1 if row.encoder else 2]):
            cells = ["encoder", "", "", ""] if row.encoder else ["search", start, f"{row.epsilon:g}", str(row.limit)]
            taken = f"{busy[k, r] / busy[0, base]:.3g}" if busy is not None else "not timed"
            source = f"{row.reported / ROWS[base].reported:.3g}"
            rows.append([*cells, str(row.batch), taken, source, *(f"{m:.3f}" for m in record["measures"][k, r])])
    return head, rows
