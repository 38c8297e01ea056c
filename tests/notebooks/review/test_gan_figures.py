"""Figures of the review's chapters show what the records hold."""

import numpy as np
import pytest

from notebooks.review.gan_challenges import figures as gan_challenges
from notebooks.review.gan_challenges.measures import ALARMS, MODELS
from notebooks.review.gan_challenges.toys import METHODS
from notebooks.review.gan_review import diagrams as gan_drawings
from notebooks.review.gan_review import figures as gan_review
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


def test_the_drawings_name_every_part():
    words = [" ".join(t.get_text() for t in f.axes[0].texts) for f in (gan_drawings.fig_1(), gan_drawings.fig_2())]
    assert all(word in words[0] for word in ("noise", "generator", "discriminator", "feedback"))
    assert all(word in words[1] for word in ("datum", "search", "encoder", "copy", "score"))


def test_a_region_is_of_the_class_of_another_or_of_none():
    record = plane()
    record["decided"][0, 0], record["p_max"][1, 1] = 9, 0.4
    found = gan_review.regions(record, 4)
    assert (found[0, 0], found[1, 1], found[2, 2]) == (1, 2, 0)
    figure = gan_review.fig_3(record, 4)
    assert [text.get_text() for text in figure.legends[0].texts] == list(gan_review.COLOURS)


def test_a_mosaic_has_the_second_coordinate_upwards_and_few_images():
    shown = gan_review.mosaic(plane()["images"], count=3)
    assert shown.shape == (12, 12)
    assert shown[::4, ::4].tolist() == [[20, 22, 24], [10, 12, 14], [0, 2, 4]]


@pytest.mark.parametrize("step", [0, 5])
def test_the_way_is_drawn_until_the_step(step):
    figure = gan_review.fig_4(plane(), step, starts=3)
    ways = [line for line in figure.axes[0].lines if len(line.get_xdata()) == step + 1]
    assert len(ways) >= 3
    curve = figure.axes[3]
    assert np.allclose([line.get_ydata()[-1] for line in curve.lines if len(line.get_ydata())], 9 - 8 * step / 5)
    assert gan_review.nearest_image(plane(), np.array([4.0, -4.0]))[0] == 4


def test_table_1_has_a_row_for_each_search_and_start_and_one_for_each_encoding():
    measures = RNG.random((2, len(ROWS), 3))
    head, rows = gan_review.table_1({"measures": measures})
    assert len(rows) == 2 * 5 + 2 and all(len(row) == len(head.split(" | ")) for row in rows)
    assert rows[0][5] == "not timed" and rows[0][6] == "600"
    seconds = np.ones((2, len(ROWS), 4))
    seconds[:, 0] = 3
    _, rows = gan_review.table_1({"measures": measures, "processor_seconds": seconds})
    assert rows[0][5] == "3" and rows[-1][7] == f"{measures[0, -1, 0]:.3f}"


def test_every_way_to_train_has_its_samples_and_counts():
    record = {"samples": RNG.random((len(METHODS), 2, 30, 2)), "covered": np.arange(10).reshape(-1, 2) % 8}
    axes = gan_challenges.modes(record).axes
    assert [ax.get_xlabel().split("\n")[0] for ax in axes] == list(METHODS)
    assert axes[1].get_xlabel().endswith("2, 3")


def test_measures_have_a_line_for_each_detector_and_each_model():
    values = RNG.random((len(ALARMS), 4))
    figure = gan_challenges.imbalance({"shares": np.linspace(0, 1, 4), "f1": values, "phi": 1 - values})
    assert np.array_equal([line.get_ydata() for line in figure.axes[1].lines], 1 - values)
    rates = RNG.random((len(MODELS), 4, 3))
    record = {"example": RNG.random(40), "lengths": np.array([32, 64, 128, 256]), "rates": rates}
    right = gan_challenges.subsequences(record).axes[1]
    assert [text.get_text() for text in right.get_legend().texts] == list(MODELS)
    assert right.get_ylim()[1] > 1


def test_a_likelihood_a_law_a_copy_and_a_mixture_are_drawn_from_their_arrays():
    bounds = {"own": RNG.normal(-4, 1, 50) - 3, "other": RNG.normal(-3, 1, 50) - 3}
    figure = gan_challenges.likelihoods(bounds, ("a", "b"))
    assert [text.get_text() for text in figure.axes[0].get_legend().texts] == ["a", "b"]
    law = gan_challenges.law({"dimensions": np.array([2, 64]), "norms": np.abs(RNG.normal(8, 1, (2, 50)))})
    assert [text.get_text() for text in law.axes[0].get_legend().texts] == ["$d_z = 2$", "$d_z = 64$"]
    shown = np.zeros((1, 2, 4, 16), np.uint8)
    assert len(gan_challenges.copies({"shown": shown}, side=4).axes) == 8
    auc = RNG.random((3, 2, 4))
    lines = gan_challenges.contamination({"shares": np.array([0, 0.1]), "auc": auc}).axes[0].lines
    means = [line.get_ydata() for line in lines if line.get_marker() == "o"]
    assert np.allclose(means, auc.mean(axis=2))
