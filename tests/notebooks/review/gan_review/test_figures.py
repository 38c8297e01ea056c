"""Figures of chapter `gan-review` show the arrays of their records."""

import numpy as np

from notebooks.review.gan_review import figures
from notebooks.review.gan_review.inference import ROWS

RNG = np.random.default_rng(0)
AXIS = np.linspace(-4, 4, 5)


def plane():
    """A plane of 5 x 5 images of 16 pixels, each as grey as its number, and searches of four images."""
    images = np.arange(25, dtype=np.uint8).reshape(5, 5, 1).repeat(16, axis=2)
    curves = np.linspace(9, 1, 6)[None, None] + np.array([1, 0, 2])[:, None] + np.zeros((2, 1, 1))
    return {
        "axis": AXIS, "images": images, "decided": np.full((5, 5), 4), "p_max": np.full((5, 5), 0.9),
        "realness": RNG.normal(size=(5, 5)), "targets": np.zeros((2, 16), np.uint8), "curves": curves,
        "paths": np.linspace(0, 2, 6)[:, None].repeat(2, axis=1)[None, None] + np.zeros((2, 3, 1, 1)),
        "steps": np.array([0, 1, 5]), "sequence": np.full((2, 3, 16), 7, np.uint8), "surface": RNG.random((2, 5, 5)),
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
    shown = figures.mosaic(plane()["images"])
    assert shown.shape == (20, 20)
    assert shown[::8, ::8].tolist() == [[20, 22, 24], [10, 12, 14], [0, 2, 4]]


def test_sequences_have_the_residuals_of_the_best_search():
    axes = figures.fig_4(plane(), starts=2).axes
    assert [ax.texts[0].get_text() for ax in axes[1:4]] == ["9", "7.4", "1"]  # of the second start, the lowest
    _, _, _, _, _, curve = axes[:6]
    assert [line.get_ydata()[-1] for line in curve.lines] == [2, 1]  # the best one is drawn last


def test_table_1_rows():
    measures = RNG.random((2, len(ROWS), 3))
    head, rows = figures.table_1({"measures": measures})
    assert len(rows) == 2 * 5 + 2 and all(len(row) == len(head) for row in rows)
    assert rows[0][2:5] == ["not timed", "600", ""]
    seconds = np.ones((2, len(ROWS), 4))
    seconds[:, 0] = 3
    _, rows = figures.table_1({"measures": measures, "processor_seconds": seconds})
    assert rows[0][2:5] == ["3", "600", "0.005"] and rows[-1][5] == f"{measures[0, -1, 0]:.3f}"
