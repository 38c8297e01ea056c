"""Figures of chapter `gan-review` show the arrays of their records."""

import numpy as np
import pytest

from notebooks.review.gan_review import figures
from notebooks.review.gan_review.inference import ROWS

RNG = np.random.default_rng(0)
AXIS = np.linspace(-4, 4, 5)


def plane():
    """A plane of 5 x 5 images of 16 pixels, each as grey as its number, and searches of four images."""
    images = np.arange(25, dtype=np.uint8).reshape(5, 5, 1).repeat(16, axis=2)
    losses = np.linspace(9, 1, 6)[None, None] + np.zeros((4, 3, 1))
    return {
        "axis": AXIS, "images": images, "decided": np.full((5, 5), 4), "p_max": np.full((5, 5), 0.9),
        "realness": RNG.normal(size=(5, 5)), "targets": np.zeros((4, 16), np.uint8), "losses": losses,
        "paths": np.linspace(0, 2, 6)[:, None].repeat(2, axis=1)[None, None] + np.zeros((4, 3, 1, 1)),
        "surface": RNG.random((2, 5, 5)),
    }  # fmt: skip


def test_diagrams_name_every_part():
    words = [" ".join(t.get_text() for t in f.axes[0].texts) for f in (figures.fig_1(), figures.fig_2())]
    assert all(word in words[0] for word in ("noise", "generator", "discriminator", "feedback"))
    assert all(word in words[1] for word in ("sample", "search", "encoder", "reconstruction", "score"))


def test_regions_and_legend():
    record = plane()
    record["decided"][0, 0], record["p_max"][1, 1] = 9, 0.4
    found = figures.regions(record, 4)
    assert (found[0, 0], found[1, 1], found[2, 2]) == (1, 2, 0)
    figure = figures.fig_3(record, 4)
    assert [text.get_text() for text in figure.legends[0].texts] == list(figures.COLOURS)


def test_mosaic_orientation_and_size():
    shown = figures.mosaic(plane()["images"], count=3)
    assert shown.shape == (12, 12)
    assert shown[::4, ::4].tolist() == [[20, 22, 24], [10, 12, 14], [0, 2, 4]]


@pytest.mark.parametrize("step", [0, 5])
def test_paths_end_at_the_step(step):
    figure = figures.fig_4(plane(), step, starts=3)
    ways = [line for line in figure.axes[0].lines if len(line.get_xdata()) == step + 1]
    assert len(ways) >= 3
    curve = figure.axes[4]
    assert np.allclose([line.get_ydata()[-1] for line in curve.lines if len(line.get_ydata())], 9 - 8 * step / 5)
    assert figures.nearest_image(plane(), np.array([4.0, -4.0]))[0] == 4


def test_table_1_rows():
    measures = RNG.random((2, len(ROWS), 3))
    head, rows = figures.table_1({"measures": measures})
    assert len(rows) == 2 * 5 + 2 and all(len(row) == len(head) for row in rows)
    assert rows[0][2:5] == ["not timed", "600", ""]
    seconds = np.ones((2, len(ROWS), 4))
    seconds[:, 0] = 3
    _, rows = figures.table_1({"measures": measures, "processor_seconds": seconds})
    assert rows[0][2:5] == ["3", "600", "0.005"] and rows[-1][5] == f"{measures[0, -1, 0]:.3f}"
