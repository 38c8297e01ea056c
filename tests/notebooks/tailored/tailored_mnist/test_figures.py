"""Figures and tables of chapter `tailored-mnist` show the arrays of their records."""

import numpy as np
import pytest

from notebooks.tailored.common.figures import SECOND, TITLES, figs_7_11, tables_3_to_10
from notebooks.tailored.common.scores import BANDS, DIGIT_SETS, RATES
from notebooks.tailored.common.wgan import FINE
from notebooks.tailored.tailored_mnist import figures
from notebooks.tailored.tailored_mnist.other_classifiers import KINDS, PLANS

NAMES = (*DIGIT_SETS, "fakes", "fakes-uniform", "near")
RNG = np.random.default_rng(0)


@pytest.fixture
def record():
    sets = len(NAMES)
    return {
        "names": np.array(NAMES),
        "auroc": np.array([np.full(sets, 0.98), np.full(sets, 1.0)]),
        "fpr95": np.zeros((2, sets)),
        "accuracy": np.full((2, sets, 2), 0.9),
        "accepted": np.array([[0.95, 0.99], [0.97, 0.99]]),
        "threshold": np.array([[0.5, 0.1], [0.4, 0.2]]),
        "roc": np.repeat(np.sqrt(RATES)[None], sets, axis=0),
        "scores": RNG.normal(size=(sets + 1, 30)),
        "confidence": RNG.random((sets + 1, 30)),
        "bands": np.array(BANDS),
        "band_auroc": np.full((2, len(BANDS), 10), 0.9),
        "recognised": np.repeat(np.linspace(0, 1, len(BANDS))[None], 2, axis=0),
        "fine": FINE,
    }


def test_every_cell_is_measured_or_a_dash_with_its_reason(record):
    head, rows = tables_3_to_10(record, 5)
    assert len(head) == 7
    cells = {row[0]: row[1:] for row in rows}
    assert cells["FashionMNIST"][:3] == ["99.0 (1.4)", "98.5", "+0.5"]
    assert cells["MNIST"] == ["-", "-", "-", "96.0 (1.4)", "95.7", "+0.3"]
    assert cells["SVHN-bw"][:3] == ["-", "92.3", "-"]
    head, rows = tables_3_to_10(record, 5, SECOND)
    cells = {row[0]: row[1:] for row in rows}
    assert cells["MNIST"][3:] == ["99.0 (0.0)", "99.1", "-0.1"] and cells["Fakes, norm in [0, 5]"][3].startswith("90.0")
    assert {row[0] for row in rows if row[1] == "-" != row[2]} == {"SVHN-bw"}


def test_one_training_has_no_deviation(record):
    one = record | {key: record[key][:1] for key in ("auroc", "fpr95", "accuracy", "accepted")}
    _, rows = tables_3_to_10(one)
    assert rows[1][1:4] == ["98.0", "64.0", "+34.0"]


def test_table_11_has_both_numbers(record):
    head, rows = figures.table_11(record)
    assert len(head) == len(rows[0]) == 6
    assert rows[0][1:5] == ["96.0", "95.7", "+0.3", "-"]
    assert rows[1][1:5] == ["90.0", "95.0", "-5.0", "99.0"]
    head, quoted = figures.table_literature()
    assert len(head) == len(quoted[1]) == 10 and quoted[1][-1] == "88.5" and quoted[1].count("-") == 4


def test_each_set_has_a_curve_a_box_and_a_panel(record):
    left, right = figs_7_11(record).axes
    assert len(left.lines) == len(NAMES) + 1
    titles = [TITLES[name] for name in ("real", *NAMES)]
    assert [label.get_text() for label in right.get_yticklabels()] == titles
    panels = [axes for axes in figures.figs_8_9(record, shown=20).axes if axes.get_visible()]
    assert [axes.texts[0].get_text() for axes in panels] == titles
    assert all(len(axes.collections[0].get_offsets()) == 20 for axes in panels)


def test_bands_are_drawn_at_their_middle(record):
    left, right = figures.fig_beyond({"one": record, "other": record}).axes
    assert left.lines[0].get_xdata()[:2].tolist() == [0.5, 1.5]
    assert right.lines[1].get_ydata().tolist() == record["recognised"][0].tolist()


def test_diagram_names_its_parts():
    words = " ".join(text.get_text() for text in figures.fig_10().axes[0].texts)
    assert all(name in words for name in ("generator", "anomaly detector", "fakes: 1", "near anomalies: 0"))


class Toy(dict):
    """A record's arrays and parameters, without a file."""

    def parameter(self, name):
        return {"path_digit": 1}[name]


@pytest.fixture
def plane():
    labels = np.arange(40) % 10
    places = np.stack([labels, labels], axis=1) + RNG.normal(0, 0.1, (40, 2))
    return Toy(
        train_place=places, train_class=labels, path_place=RNG.random((5, 31, 2)),
        names=np.array(["real", "near", "notmnist", "gaussian"]), place=RNG.random((4, 6, 2)),
    )  # fmt: skip


def written(axes):
    return [text.get_text() for text in axes.texts]


def test_every_cluster_bears_its_class(plane):
    (axes,) = figures.fig_13(plane).axes
    assert written(axes) == [str(label) for label in range(10)]
    assert sum(len(dots.get_offsets()) for dots in axes.collections) == 40


def test_every_path_has_its_steps_and_its_end(plane):
    (axes,) = figures.fig_15(plane).axes
    paths = [line for line in axes.lines if len(line.get_xdata()) == 31]
    assert len(paths) == 5
    ends = [line for line in axes.lines if line.get_marker() == "s"]
    assert [line.get_xdata()[0] for line in ends] == plane["path_place"][:, -1, 0].tolist()


def test_every_set_of_anomalies_has_a_panel(plane):
    panels = [axes for axes in figures.fig_16(plane).axes if axes.get_visible()]
    assert [written(axes)[-1] for axes in panels] == [
        "(a) notMNIST",
        "(b) near anomalies, class 1",
        "(d) Gaussian noise",
    ]
    assert np.allclose(panels[2].collections[1].get_offsets(), plane["place"][3])


def test_each_class_and_band_has_its_area():
    areas = np.full((2, len(BANDS), 10), 0.75)
    areas[:, 5, 3] = 1.0
    areas[:, 6, 0] = np.nan
    axes = figures.fig_by_class({"bands": np.array(BANDS), "band_auroc": areas}).axes[0]
    shown = np.asarray(axes.get_images()[0].get_array())
    assert shown.shape == (10, 10) and shown[3, 0] == 1.0
    assert written(axes)[:2] == [".75", "-"] and written(axes)[30] == "1.00"


def test_generated_images_have_their_scores():
    fakes = RNG.integers(0, 255, (10, 8, 16), np.uint8)
    drawn = {
        "drawn": fakes[:, 0].repeat(2, axis=0)[:12], "best_real": fakes[:, 1],
        "scores": np.linspace(-9, -5, 12), "best_scores": np.full(10, -3.0),
    }  # fmt: skip
    axes = figures.fig_drawn(drawn).axes
    assert len(axes) == 20 and written(axes[0]) == ["-9"] and written(axes[10]) == ["-3"]
    assert len(figures.fig_evolved(drawn).axes) == 2


def test_every_combination_of_data_and_classifier_is_listed():
    ones = np.ones((len(PLANS), len(KINDS)))
    _, rows = figures.table_classifiers(dict.fromkeys(("accuracy", "classified", "judged", "auroc"), ones))
    assert [row[:2] for row in rows] == [[data, kind] for data in PLANS for kind in KINDS]
