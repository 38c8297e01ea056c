"""Figures of the forms of Deep SVDD show what the records hold: every form, its images, its scores."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from anogen.figures import deep_svdd as figures
from anogen.figures.guided import side_by_side

RNG = np.random.default_rng(0)
KS = (0.3, 0.9)


def record(scores=1.0, known=True, d=784):
    """A record of 3 starts, and of 2 pairs at 2 shares of fixed pixels."""
    arrays = {
        "images": RNG.random((3, d)).astype(np.float16),
        "scores": np.full(3, scores),
        "guided_images": RNG.random((2, 2, d)),
        "guided_scores": np.array([[11.0, 12.0], [21.0, 22.0]]),
        "order": np.stack([RNG.permutation(d) for _ in range(2)]),
        "free_err_rel": np.array([[0.9, 0.7], [0.5, 0.3]]),
        **({"optimum_points": RNG.random((1, d)), "optimum_score": np.array(0.0)} if known else {}),
    }
    return Toy(arrays, {"ks": KS})


class Toy(dict):
    """A record's arrays and parameters, without a file."""

    def __init__(self, arrays, parameters):
        super().__init__(arrays)
        self.arrays, self.parameter = arrays, parameters.__getitem__


FORMS = ("untrained", "original")


def texts(axes):
    return [text.get_text() for text in axes.texts]


def shown(axes):
    return np.asarray(axes.get_images()[0].get_array())


@pytest.mark.parametrize("d", [784, 3072])
def test_every_form_has_its_row(d):
    of = {name: record(score, d=d) for name, score in zip(FORMS, (1.0, 2.0), strict=True)}
    figure = figures.drawn_by_form(of)
    assert len(figure.axes) == 6
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == list(FORMS)
    assert texts(figure.axes[4]) == ["2"]
    assert np.allclose(shown(figure.axes[4]).ravel(), of["original"]["images"][1], atol=1e-3)


def test_a_frame_has_the_mask_and_every_form_at_one_k():
    of = {name: record() for name in FORMS}
    mask, first, second = side_by_side(of, 0.9, pair=1).axes
    assert shown(mask).sum() == round(0.9 * 784)
    assert [axes.get_xlabel() for axes in (mask, first, second)] == ["fixed", *FORMS]
    assert np.allclose(shown(second).ravel(), of["original"]["guided_images"][1, 1])
    assert texts(first) == ["22"]


def test_a_frame_has_every_run_after_the_same_generations():
    images, scores = RNG.random((2, 3, 784)), np.arange(6.0).reshape(2, 3)
    figure = figures.half_normal_at({name: Toy({"images": images, "scores": scores}, {}) for name in FORMS}, 1)
    assert [texts(axes) for axes in figure.axes] == [["1"], ["4"]] * 2
    assert np.allclose(shown(figure.axes[1]).ravel(), images[1, 1])


def test_the_mask_stands_above_the_images_that_it_was_used_for():
    of = {name: record() for name in FORMS}
    figure = figures.guided_by_form(of, (0.9,), pair=1)
    mask, first, second = figure.axes
    assert shown(mask).sum() == round(0.9 * 784)
    assert np.array_equal(np.flatnonzero(shown(mask)), np.sort(of["untrained"]["order"][1][: round(0.9 * 784)]))
    assert np.allclose(shown(second).ravel(), of["original"]["guided_images"][1, 1])
    assert texts(first) == ["22"] and second.get_xlabel() == "90%"
    assert [axes.get_ylabel() for axes in figure.axes] == ["fixed", *FORMS]


def test_the_free_pixels_error_is_the_mean_over_the_pairs():
    figure = figures.free_error({name: record() for name in FORMS})
    line = figure.axes[0].get_lines()[0]
    assert np.allclose(line.get_xdata(), [30, 90]) and np.allclose(line.get_ydata(), [0.8, 0.4])


def test_only_forms_with_a_known_optimum_show_one():
    of = {name: {4: record(known=name == "untrained")} for name in FORMS}
    figure = figures.optima(of)
    (axes,) = figure.axes
    assert axes.get_ylabel() == "untrained" and texts(axes) == ["0"]


def test_generations_are_columns_and_the_scores_are_relative_to_real_images():
    history = np.array([[8.0, 2.0, 0.0], [4.0, 2.0, 0.0]])
    runs = {"images": RNG.random((2, 2, 784)), "scores": np.array([[5.0, 6.0], [7.0, 8.0]]), "history": history}
    runs |= {"history_generations": np.array([1, 50, 1000]), "test_normal_scores": np.array([2.0])}
    of = {"untrained": Toy(runs, {"stops": (50, 1000)})}
    figure = figures.half_normal_by_form(of, run=1)
    assert [axes.get_xlabel() for axes in figure.axes] == ["50", "1,000"]
    assert texts(figure.axes[0]) == ["7"]
    figure = figures.scores_fall(of)
    line = figure.axes[0].get_lines()[0]
    assert np.allclose(line.get_xdata(), [1, 50]) and np.allclose(line.get_ydata(), [3, 1])  # 0 has no logarithm
    FigureCanvasAgg(figure).draw()
