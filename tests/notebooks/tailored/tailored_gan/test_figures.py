"""Figures and tables of chapter `tailored-gan` show the arrays of their records."""

import numpy as np
import pytest

from companion.claims.base import Case, Finding, at_least, true
from notebooks.tailored.common.figures import over_norms
from notebooks.tailored.tailored_gan import figures
from notebooks.tailored.tailored_gan.experiments import Architecture, Binormal, SeedNorms


class Toy(dict):
    """A record's arrays and parameters, without a file."""

    def __init__(self, arrays, **parameters):
        super().__init__(arrays)
        self.parameter = parameters.__getitem__


def test_each_length_has_a_panel_with_both_densities():
    record = SeedNorms.at("quick", count=200).run()
    figure = figures.fig_1(record)
    assert len(figure.axes) == 2
    for axes, n in zip(figure.axes, (64, 128), strict=True):
        assert [line.get_linestyle() for line in axes.lines[:2]] == ["-", "--"]
        assert any(str(n) in text.get_text() for text in axes.texts)
        corrected, printed_line = (line.get_xdata()[line.get_ydata().argmax()] for line in axes.lines[:2])
        assert corrected > printed_line


def test_rows_are_labelled_and_columns_are_norms():
    images = np.arange(2 * 3 * 16, dtype=np.uint8).reshape(2, 3, 16)
    figure = figures.figs_2_3_14({"path": images, "fine": np.array([0.0, 0.5, 15.0])}, "path")
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == ["seed 1", "seed 2"]
    assert [axes.get_xlabel() for axes in figure.axes[3:]] == ["0", "0.5", "15"]
    shown = np.asarray(figure.axes[4].get_images()[0].get_array())
    assert np.allclose(shown * 255, images[1, 1].reshape(4, 4))


def test_rows_of_many_norms_are_cut_into_two():
    images = np.repeat(np.arange(31, dtype=np.uint8)[None, :, None], 16, axis=2)
    figure = figures.figs_2_3_14({"path": images, "fine": np.arange(0, 15.5, 0.5)}, "path")
    first, second = (axes.get_ylabel() for axes in figure.axes[::16])
    assert (first, second) == ("seed 1\n0 to 7.5", "seed 1\n8 to 15")
    shown = [np.asarray(axes.get_images()[0].get_array()).max() * 255 for axes in figure.axes if axes.get_images()]
    assert np.allclose(shown, np.arange(31))


def test_threshold_in_both_panels():
    record = Toy(Binormal.at("quick").run(), separation=2.0)
    figure = figures.fig_6(record, threshold=0.5)
    assert all(any(set(line.get_xdata()) == {0.5} for line in axes.lines) for axes in figure.axes)
    assert {text.get_text() for text in figure.axes[0].texts} == {"anomalies", "normal", "TP", "FP", "TN", "FN"}


def test_a_line_for_each_class_and_the_border():
    values = np.random.default_rng(0).random((10, 31))
    figure = over_norms(values, values, np.arange(0, 15.5, 0.5), "score")
    for axes in figure.axes:
        assert len(axes.lines) == 11
        assert set(axes.lines[-1].get_xdata()) == {5.0}
    assert figure.axes[1].get_ylabel() == "score"


def test_diagram_names_its_parts():
    words = " ".join(text.get_text() for text in figures.fig_4().axes[0].texts)
    assert all(name in words for name in ("seed", "generator", "classifier", "critic", "real image", "decision"))


@pytest.mark.parametrize(("number", "count"), [(1, 11), (2, 12)])
def test_layers_are_as_printed(number, count):
    _, rows = figures.tables_1_2(Architecture().run(), number)
    assert len(rows) == count
    assert all(ours == theirs for _, _, ours, theirs in rows)


def test_alphas():
    fakes = np.random.default_rng(0).integers(0, 255, (3, 2, 10, 8, 16), np.uint8)
    values = np.array([[0.9, 0.7], [0.7, 0.6], [0.5, 0.4]])
    record = {"alphas": np.array([0.1, 0.5, 0.9]), "fakes": fakes} | dict.fromkeys(
        ("agreement", "independent", "distance"), values
    )
    record |= {"start_fakes": fakes[0, 0]} | {f"start_{key}": 0.5 for key in ("agreement", "independent", "distance")}
    assert len(figures.fig_alphas(record).axes) == 70
    head, rows = figures.table_alphas(record)
    assert len(head) == 4 and rows[1] == ["0.1", *["**80.0%** (90.0%, 70.0%)"] * 2, "**0.8** (0.9, 0.7)"]


def test_a_panel_for_each_criterion_with_its_threshold_and_a_filled_point_where_it_is_met():
    def criterion(record):
        parts = (at_least("a number", record["x"], 3), true("and a question", record["x"] > 4))
        return Finding(cases=(Case(parts, training=0),), random=True, cause="scale")

    records = [Toy({"x": x}, until=end, iterations=9) for x, end in ((2.0, 1), (4.0, 2), (5.0, 0))]
    figure = figures.fig_stages(records, {"tailored-c-07": criterion, "tailored-c-08": criterion})
    for axes, name in zip(figure.axes, ("c-07", "c-08"), strict=True):
        line, *points, threshold = axes.lines
        assert line.get_xdata().tolist() == [1, 2, 9] and line.get_ydata().tolist() == [2, 4, 5]
        assert [point.get_markerfacecolor() == "white" for point in points] == [True, True, False]
        assert set(threshold.get_ydata()) == {3.0}
        assert axes.get_ylabel() == "a number" and axes.texts[0].get_text() == name
