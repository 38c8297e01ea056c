"""Figures of the forms of Deep SVDD show what the records hold: every form, its images, its scores."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from notebooks.thesis.common.image_figures import side_by_side
from notebooks.thesis.deep_svdd import figures

RNG = np.random.default_rng(0)
KS = (0.3, 0.9)


def record(scores=1.0, known=True, d=784):
    """A record of 3 starts, and of 2 pairs at 2 shares of fixed pixels."""
    arrays = {
        "images": RNG.random((3, d)).astype(np.float16),
        "scores": np.full(3, scores),
        "test_normal_scores": np.array([1.0, 2.0, 40.0]),
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
def test_row_for_each_form(d):
    of = {name: record(score, d=d) for name, score in zip(FORMS, (1.0, 2.0), strict=True)}
    figure = figures.figs_6_7_to_6_10(of)
    assert len(figure.axes) == 6
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == list(FORMS)
    assert texts(figure.axes[4]) == ["1"]  # relative to the median real image
    assert np.allclose(shown(figure.axes[4]).ravel(), of["original"]["images"][1], atol=1e-3)


def test_fewer_starts_leave_empty_places():
    few = record(2.0)
    of = {
        "untrained": record(1.0),
        "original": Toy(few.arrays | {"images": few["images"][:2], "scores": few["scores"][:2]}, {"ks": KS}),
    }
    figure = figures.figs_6_7_to_6_10(of)
    assert [bool(axes.get_images()) for axes in figure.axes] == [True] * 5 + [False]


def test_frame_of_fixed_pixels():
    of = {name: record() for name in FORMS}
    mask, first, second = side_by_side(of, 0.9, pair=1).axes
    assert shown(mask).sum() == round(0.9 * 784)
    assert [axes.get_xlabel() for axes in (mask, first, second)] == ["fixed", *FORMS]
    assert np.allclose(shown(second).ravel(), of["original"]["guided_images"][1, 1])
    assert texts(first) == ["11"]


def test_frame_of_half_normal_runs():
    images, scores = RNG.random((2, 3, 784)), np.arange(6.0).reshape(2, 3)
    arrays = {"images": images, "scores": scores, "test_normal_scores": np.array([2.0])}
    figure = figures.fig_half_normal_runs({name: Toy(arrays, {}) for name in FORMS}, 1)
    assert [texts(axes) for axes in figure.axes] == [["0.5"], ["2"]] * 2
    assert np.allclose(shown(figure.axes[1]).ravel(), images[1, 1])


def test_mask_above_its_images():
    of = {name: record() for name in FORMS}
    figure = figures.fig_k(of, (0.9,), pair=1)
    mask, first, second = figure.axes
    assert shown(mask).sum() == round(0.9 * 784)
    assert np.array_equal(np.flatnonzero(shown(mask)), np.sort(of["untrained"]["order"][1][: round(0.9 * 784)]))
    assert np.allclose(shown(second).ravel(), of["original"]["guided_images"][1, 1])
    assert texts(first) == ["11"] and second.get_xlabel() == "90%"
    assert [axes.get_ylabel() for axes in figure.axes] == ["fixed", *FORMS]


def test_free_error_is_the_mean_over_pairs():
    figure = figures.free_error({name: record() for name in FORMS})
    line = figure.axes[0].get_lines()[0]
    assert np.allclose(line.get_xdata(), [30, 90]) and np.allclose(line.get_ydata(), [0.8, 0.4])


def test_known_optima_only():
    of = {name: {4: record(known=name == "untrained")} for name in FORMS}
    figure = figures.fig_optima(of)
    (axes,) = figure.axes
    assert axes.get_ylabel() == "untrained" and texts(axes) == ["0"]


def test_half_normal_figures():
    history = np.array([[8.0, 2.0, 0.0], [4.0, 2.0, 0.0]])
    runs = {"images": RNG.random((2, 2, 784)), "scores": np.array([[5.0, 6.0], [7.0, 8.0]]), "history": history}
    runs |= {"history_generations": np.array([1, 50, 1000]), "test_normal_scores": np.array([2.0])}
    of = {"untrained": Toy(runs, {"stops": (50, 1000)})}
    figure = figures.fig_6_12(of, run=1)
    assert [axes.get_xlabel() for axes in figure.axes] == ["50", "1,000"]
    assert texts(figure.axes[0]) == ["3.5"]
    figure = figures.fig_falling(of)
    line = figure.axes[0].get_lines()[0]
    assert np.allclose(line.get_xdata(), [1, 50]) and np.allclose(line.get_ydata(), [3, 1])  # 0 has no logarithm
    FigureCanvasAgg(figure).draw()


def cells(table):
    head, rows = table
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_table_detection():
    detection = {
        "auc": np.array([0.8, 0.9]), "threshold": np.array([1.0, 2.0]), "test_labels": np.array([0, 0, 1, 1]),
        "test_scores": np.array([[0.5, 1.5, 0.5, 3.0], [0.5, 1.5, 2.5, 3.0]]), "noise_scores": np.full((2, 5), 1.5),
    }  # fmt: skip
    (row,) = cells(figures.table_detection({4: {"untrained": detection}}))
    assert row["ROC AUC: mean (range)"] == "0.85 (0.80 to 0.90)"
    assert (row["of normal images"], row["of anomalies"], row["of uniform noise"]) == ("75%", "25%", "50%")


def test_table_half_normal():
    images = np.zeros((2, 3, 4))
    images[:, 1:] = 0.3
    run = Toy(
        {"images": images, "scores": np.array([[3.0, 2.0, 1.0]] * 2), "threshold": np.array(1.5)},
        {"stops": (100, 500, 1700), "sigma": 0.01, "population": 100},
    )
    quality = {"p_cls": np.full((2, 3), 0.9), "morans_i": np.full((2, 3), 0.4)}
    first, second, third = cells(figures.table_half_normal({"untrained": run}, {"untrained": quality}))
    assert (first["moved"], second["moved"], second["labelled normal"], third["labelled normal"]) == (
        "0.00", "0.30", "0%", "100%",
    )  # fmt: skip
    assert float(third["blind drift"]) == pytest.approx(2 * float(second["blind drift"]), abs=0.02)


def test_table_fixed_pixels():
    search = Toy({"guided_scores": np.array([[1.0, 3.0], [5.0, 5.0]]), "reference_scores": np.full(2, 2.0)}, {"ks": KS})
    quality = {"free_err_rel": np.array([[0.9, 0.7], [0.5, 0.3]])}
    (row,) = cells(figures.table_fixed_pixels({"untrained": search}, {"untrained": quality}))
    assert (row["error of free pixels, 30% fixed"], row["error of free pixels, 90% fixed"]) == ("0.8", "0.4")
    assert (row["score / real, 30% fixed"], row["score / real, 90% fixed"]) == ("1", "2.5")
