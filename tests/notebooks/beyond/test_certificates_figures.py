"""Figures of chapter `certificates`."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from notebooks.beyond.certificates.experiments import Certificate
from notebooks.beyond.certificates.figures import MIN_MARGIN, fig_margins, fig_most_normal, most_normal_image


@pytest.fixture(scope="module")
def certificates():
    return {name: Certificate.at("quick", detector=name, evaluations=100).run({}) for name in ("gmm", "pca")}


def corners(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[[0, 0, -1, -1], [0, -1, 0, -1], :]


def test_fig_most_normal_shows_optimum_and_real_image(certificates):
    figure = fig_most_normal(certificates)
    shown = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    assert len(shown) == 4
    assert np.array_equal(shown[1].ravel(), certificates["gmm"]["median_image"].astype(float))
    assert [ax.get_xlabel() for ax in figure.axes if ax.get_xlabel()] == ["GMM", "PCA"]
    assert (corners(figure) == 255).all()


def test_fig_margins_has_a_mark_for_each_attempt(certificates):
    figure = fig_margins(certificates)
    (ax,) = figure.axes
    marks = [x for line in ax.lines for x in line.get_xdata() if line.get_linestyle() == "None"]
    assert len(marks) == sum(len(c["margin"]) + 1 for c in certificates.values())
    assert min(marks) == MIN_MARGIN
    assert [label.get_text() for label in ax.get_yticklabels()] == ["GMM", "PCA"]
    assert (corners(figure) == 255).all()


def test_most_normal_image_is_the_optimum_in_the_box():
    record = {"optimum_points": np.array([[-0.5, 2.0]]), "optimum_score": np.array(1.0)}
    assert most_normal_image(record)[1] == 1
    image, score = most_normal_image(record | {"box_point": np.array([0.0, 1.0]), "box_score": np.array(1.5)})
    assert image.tolist() == [0, 1] and score == 1.5
