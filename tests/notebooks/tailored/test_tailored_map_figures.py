"""Maps of the classifier's features and what goes beyond the tailored paper show what the records hold."""

import numpy as np
import pytest

from notebooks.tailored.common import figures_beyond as tailored_beyond
from notebooks.tailored.common.scores import BANDS
from notebooks.tailored.tailored_mnist import figures_maps as tailored_maps
from notebooks.tailored.tailored_mnist.other_classifiers import KINDS, PLANS

RNG = np.random.default_rng(0)


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
    (axes,) = tailored_maps.fig_13(plane).axes
    assert written(axes) == [str(label) for label in range(10)]
    assert sum(len(dots.get_offsets()) for dots in axes.collections) == 40


def test_every_path_has_its_steps_and_its_end(plane):
    (axes,) = tailored_maps.fig_15(plane).axes
    paths = [line for line in axes.lines if len(line.get_xdata()) == 31]
    assert len(paths) == 5
    ends = [line for line in axes.lines if line.get_marker() == "s"]
    assert [line.get_xdata()[0] for line in ends] == plane["path_place"][:, -1, 0].tolist()


def test_every_set_of_anomalies_has_a_panel(plane):
    panels = [axes for axes in tailored_maps.fig_16(plane).axes if axes.get_visible()]
    assert [written(axes)[-1] for axes in panels] == ["near anomalies, class 1", "notMNIST", "Gaussian noise"]
    assert np.allclose(panels[2].collections[1].get_offsets(), plane["place"][3])


def test_each_class_and_band_has_its_area():
    areas = np.full((2, len(BANDS), 10), 0.75)
    areas[:, 5, 3] = 1.0
    areas[:, 6, 0] = np.nan
    axes = tailored_beyond.by_class({"bands": np.array(BANDS), "band_auroc": areas}).axes[0]
    shown = np.asarray(axes.get_images()[0].get_array())
    assert shown.shape == (10, 10) and shown[3, 0] == 1.0
    assert written(axes)[:2] == [".75", "-"] and written(axes)[30] == "1.00"


def test_alphas_and_what_is_drawn():
    fakes = RNG.integers(0, 255, (3, 2, 10, 8, 16), np.uint8)
    values = np.array([[0.9, 0.7], [0.7, 0.6], [0.5, 0.4]])
    record = {"alphas": np.array([0.1, 0.5, 0.9]), "fakes": fakes} | dict.fromkeys(
        ("agreement", "independent", "distance"), values
    )
    record |= {"start_fakes": fakes[0, 0]} | {f"start_{key}": 0.5 for key in ("agreement", "independent", "distance")}
    assert len(tailored_beyond.alphas(record).axes) == 70
    head, rows = tailored_beyond.alpha_table(record)
    assert len(head.split(" | ")) == 4 and rows[1] == ["0.1", *["**80.0%** (90.0%, 70.0%)"] * 2, "**0.8** (0.9, 0.7)"]
    drawn = {
        "drawn": fakes[0, 0, :, 0].repeat(2, axis=0)[:12], "best_real": fakes[0, 0, :, 1],
        "scores": np.linspace(-9, -5, 12), "best_scores": np.full(10, -3.0),
    }  # fmt: skip
    axes = tailored_beyond.drawn(drawn).axes
    assert len(axes) == 20 and written(axes[0]) == ["-9"] and written(axes[10]) == ["-3"]
    assert len(tailored_beyond.evolved(drawn).axes) == 2


def test_every_combination_of_data_and_classifier_is_listed():
    ones = np.ones((len(PLANS), len(KINDS)))
    _, rows = tailored_beyond.pieces(dict.fromkeys(("accuracy", "classified", "judged", "auroc"), ones))
    assert [row[:2] for row in rows] == [[data, kind] for data in PLANS for kind in KINDS]
