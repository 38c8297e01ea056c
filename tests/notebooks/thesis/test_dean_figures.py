"""Figures and tables of chapter `dean`."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from notebooks.thesis.dean import figures

RNG = np.random.default_rng(0)


class Toy(dict):
    """A record's arrays and parameters, without a file."""

    def __init__(self, arrays, **parameters):
        super().__init__(arrays)
        self.arrays, self.parameter = arrays, parameters.__getitem__


def texts(axes):
    return [text.get_text() for text in axes.texts]


def search(n, d):
    history = np.array([[8.0, 4.0, 2.0]] * n)
    return Toy(
        {
            "images": RNG.random((n, d)).astype(np.float16),
            "scores": 2 * (np.arange(n) + 1.0) ** 9,
            "history": history,
            "history_generations": np.array([1, 5, 10]),
            "test_normal_scores": np.array([1.0, 2.0, 4.0]),
        }
    )


SIZES = Toy(
    {
        "images": RNG.random((3, 2, 784)).astype(np.float16),
        "scores": 2 * np.arange(6.0).reshape(3, 2) ** 9,
        "test_normal_scores": np.full((3, 5), 2.0),
        "sizes": np.array([30, 100, 1750]),
        "darker_lowers": RNG.random((3, 784)),
        "speck_raises": RNG.random((3, 784)),
    }
)


@pytest.mark.parametrize(("starts", "columns", "begins"), [(4, 4, [0, 1]), (16, 8, [0, 2]), (11, 8, [0, 2])])
def test_fig_6_13_of_classes_with_other_shapes(starts, columns, begins):
    figure = figures.fig_6_13({"4": search(starts, 784), "frog": search(2, 3072)})
    shown = [axes for axes in figure.axes if axes.get_images()]
    shapes = [np.asarray(axes.get_images()[0].get_array()).shape for axes in shown]
    assert shapes == [(28, 28)] * starts + [(32, 32, 3)] * 2
    assert [figure.axes[columns * begin].get_ylabel() for begin in begins] == ["4", "frog"]
    assert sum(axes.axison for axes in figure.axes) == starts + 2
    assert texts(figure.axes[columns * begins[1]]) == ["1"]


def test_fig_6_14_columns_and_rows():
    figure = figures.fig_6_14(SIZES)
    assert [axes.get_xlabel() for axes in figure.axes[3:]] == ["30", "100", "1,750"]
    assert [texts(axes)[0] for axes in figure.axes] == ["0", "2", "4", "1", "3", "5"]


def test_fig_6_14_marks_absent_sizes():
    figure = figures.fig_6_14(SIZES, [2_000])
    assert [texts(axes)[0] for axes in figure.axes] == ["0", "2", "4", "not\ncomputed", "1", "3", "5", "not\ncomputed"]
    assert figure.axes[-1].get_xlabel() == "2,000" and not figure.axes[-1].get_images()


def test_fig_6_14_of_two_records_marks_missing_starts():
    larger = Toy({key: SIZES[key][:1] for key in ("darker_lowers", "speck_raises", "test_normal_scores")} | {
        "sizes": np.array([2_000]), "images": SIZES["images"][:1, :1], "scores": SIZES["scores"][:1, :1],
    })  # fmt: skip
    figure = figures.fig_6_14(figures.join_sizes(SIZES, larger))
    assert [texts(axes)[0] for axes in figure.axes] == ["0", "2", "4", "0", "1", "3", "5", "not\ncomputed"]
    assert [axes.get_xlabel() for axes in figure.axes[4:]] == ["30", "100", "1,750", "2,000"]


def test_fig_single_pixels_is_in_percent():
    figure = figures.fig_single_pixels(SIZES)
    maps = [np.asarray(axes.get_images()[0].get_array()) for axes in figure.axes[:6]]
    assert np.allclose(maps[1].ravel(), 100 * SIZES["darker_lowers"][1])
    assert np.allclose(maps[5].ravel(), 100 * SIZES["speck_raises"][2])
    FigureCanvasAgg(figure).draw()


def test_fig_submodels_marks_the_90th_percentile():
    auc = np.linspace(0.5, 0.7, 11)
    record = Toy({"submodel_auc": auc, "sizes": np.array([10, 20]), "ensemble_auc": np.array([[0.6, 0.7], [0.8, 0.9]])})
    left, right = figures.fig_submodels(record).axes
    assert sum(bar.get_width() for bar in left.patches) == 11
    first, second, dashed = right.get_lines()
    assert list(first.get_ydata()) == [0.6, 0.8] and list(second.get_ydata()) == [0.7, 0.9]
    assert dashed.get_ydata()[0] == pytest.approx(0.68)
    larger = Toy({"sizes": np.array([10, 40]), "ensemble_auc": np.array([[0.6, 0.7], [0.9, 1.0]])})
    line = figures.fig_submodels(record, larger).axes[1].get_lines()[0]
    assert list(line.get_xdata()) == [10, 20, 40] and list(line.get_ydata()) == [0.6, 0.8, 0.9]


def test_fig_best_scores_in_units_of_real_scores():
    figure = figures.fig_best_scores({"4": search(2, 784), "frog": search(1, 3072)})
    lines = figure.axes[0].get_lines()
    assert len(lines) == 4 and np.allclose(lines[0].get_ydata(), [4, 2, 1])
    assert [line.get_label() for line in lines if not line.get_label().startswith("_")] == ["4", "frog"]


def ranges():
    arrays = {"images": RNG.random((2, 784)), "scores": np.array([0.5, 1.0]), "auc": np.array([0.9, 0.8])}
    arrays |= {"noise_scores": np.ones((2, 150)), "normal_scores": np.zeros((2, 20)), "levels": np.array([150, 1])}
    return Toy(arrays | {"history": np.array([[3.0, 0.5], [1.0, 1.0]])})


def test_input_ranges():
    figure = figures.fig_input_ranges(ranges())
    assert [axes.get_xlabel() for axes in figure.axes] == ["not scaled", "divided by $10^{-9}$"]
    head, rows = figures.table_input_ranges(ranges())
    assert rows[1] == ["divided by $10^{-9}$", "0.80", "1 of 150", "1", "0"]
    assert {len(row) for row in rows} == {len(head)}


def test_tables_from_noise_by_size_and_of_bags():
    single = {key: np.array([0.25, 0.75]) for key in ("morans_i", "nn_ratio", "noise_like", "score_rank")}
    head, (row,) = figures.table_from_noise({"4": search(2, 784)}, {"4": single}, {"4": {"auc": np.array([0.9])}})
    assert len(row) == len(head)
    assert row == ["4", "0.90", "50%", "0.50", "1.50", "50%"]

    edge = np.arange(784) < 100
    of_size = {key: np.full((3, 2), 0.5) for key in ("edge_mean", "quality", "noise_like")}
    head, rows = figures.table_by_size(SIZES, [of_size], edge)
    assert {len(row) for row in rows} == {len(head)}
    assert rows[0][1] == f"{30 * 200 / 784:.0f}"
    assert rows[2][-1] == f"{SIZES['speck_raises'][2][:100].mean():.0%}"

    bags = {"rank_correlation": np.full((2, 3), 0.5), "submodel_auc": np.full((2, 3, 4), 0.6)}
    auc = np.broadcast_to(np.array([0.7, 0.8]), (2, 3, 2))
    head, rows = figures.table_bags(Toy(bags | {"ensemble_auc": auc}, bags=(200, 784)))
    assert rows[1] == ["784", "0.500 (0.500 to 0.500)", "0.600 (0.600 to 0.600)", "0.800 (0.800 to 0.800)",
                       "0.700 (0.700 to 0.700)"]  # fmt: skip


def test_tables_by_k_and_by_stop():
    references = np.zeros((2, 4))
    images = np.array([[[0.4, 0, 0, 0]] * 2, [[0.0] * 4] * 2])
    arrays = {"guided_images": images, "references": references, "guided_scores": np.array([[0.0, 1024.0], [1.0, 1.0]])}
    guided = Toy(arrays | {"test_normal_scores": np.array([1.0])}, ks=(0.5, 0.9))
    measures = {key: np.full((2, 2), 0.5) for key in ("free_err_rel", "guided_p_cls", "guided_nn_ratio")}
    head, rows = figures.table_by_k(guided, measures, 7)
    assert "p(7)" in head and rows[0] == ["50%", "0.50", "0.50", "0.50", "25%", "2.00"]
    half = Toy(
        {"images": np.full((1, 2, 4), 0.25), "scores": np.array([[1.0, 512.0]]), "test_normal_scores": np.ones(3)},
        stops=(1000, 15000),
    )
    measures = {key: np.array([[0.1, 0.2]]) for key in ("score_rank", "p_cls", "nn_ratio", "morans_i")}
    head, rows = figures.table_by_stop(half, measures, np.array([True, False, False, True]), 7)
    assert rows == [["1,000", "1.00", "0.10", "0.10", "0.25"], ["15,000", "2.00", "0.20", "0.20", "0.25"]]
