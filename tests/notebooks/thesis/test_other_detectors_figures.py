"""Figures of chapters `other-detectors` and `appendix`."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from companion.records import MissingRecord, load_available, store
from notebooks.thesis.common.groups import Drawn
from notebooks.thesis.common.image_figures import guided
from notebooks.thesis.other_detectors.figures import fig_groups, fig_optima, find_median, group_in_words

KS = (0.5, 0.8)


class Fake(SimpleNamespace):
    """A record of `Guided` with images of nine pixels."""

    def __getitem__(self, name):
        return self.arrays[name]

    def parameter(self, name):
        return {"ks": KS}[name]


def search() -> Fake:
    rng = np.random.default_rng(0)
    arrays = {
        "images": rng.random((4, 9)), "scores": np.arange(4.0), "optimum_points": np.zeros((1, 9)),
        "optimum_score": np.array(-7.0), "guided_images": rng.random((2, 1, 9)),
        "guided_scores": np.array([[11.0], [12.0]]), "guided_optimum": np.array([[-11.0], [-12.0]]),
        "test_normal_scores": np.ones(3), "order": np.arange(9)[None], "references": np.ones((1, 9)),
    }  # fmt: skip
    return Fake(arrays=arrays)


def scores(figure) -> list[str]:
    FigureCanvasAgg(figure).draw()
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_fig_optima_shows_search_and_optimum_with_scores():
    quality = {"guided_optimum_images": np.ones((2, 1, 9))}
    figure = fig_optima({"HBOS": search()}, {"HBOS": quality}, KS)
    assert scores(figure) == ["0", "-7", "11", "-11", "12", "-12"]
    assert figure.axes[5].get_images()[0].get_array().min() == 1


def test_guided_begins_with_pairs_without_fixed_pixels():
    figure = guided(search(), unguided=4)
    assert scores(figure) == ["0", "1", "2", "3", "11", "12"]
    fixed = [axes.get_images()[0].get_array().mean() for axes in figure.axes if axes.get_xlabel()]
    assert fixed[:4] == [0, 0, 0, 0] and 0 < fixed[4] < fixed[5] < 1


def test_fig_6_17_shows_the_training_with_the_median_share_of_normal_looking_images():
    def measured(looks: float, quality: float) -> Fake:
        measures = {"normal_looking": np.array(looks), "quality": np.array(quality)}
        return Fake(arrays=measures | {f"guided_{key}": np.full((2, 1), value) for key, value in measures.items()})

    assert find_median([measured(0, 0), measured(1, 0), measured(0.4, 0), measured(0.2, 0), measured(1, 0)]) == 2
    assert find_median([measured(0, 0.2), measured(0, 0.5), measured(1, 0.9), measured(0, 0.3), measured(1, 0.8)]) == 1


def drawn(looks: float, optimum: float | None) -> Drawn:
    arrays = {"normal_looking": np.array(looks), "guided_normal_looking": np.full((2, 1), looks)}
    if optimum is not None:
        arrays |= {"optimum_quality": np.zeros(1), "optimum_normal_looking": np.array(optimum)}
    return Drawn(arrays, KS)


def test_fig_groups_orders_detectors_and_omits_unknown_optima():
    by = {"HBOS": drawn(0, 1), "CBLOF": drawn(1, None)}
    left, right = fig_groups(by, {"HBOS": 3, "CBLOF": 1}).axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["CBLOF (1)", "HBOS (3)"]
    marks = {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in left.get_lines()}
    assert marks["search"] == ([100, 0], [0, -1])
    assert marks["optimum"] == ([100], [-1])
    assert {line.get_label(): list(line.get_xdata()) for line in right.get_lines()}["optimum"] == []


def test_group_in_words():
    assert group_in_words(None) == "not known"
    assert group_in_words(2) == "2, with guidance"


def test_load_available_leaves_out_the_books_missing_records(monkeypatch):
    def load(experiment):
        if experiment == "missing":
            raise MissingRecord(experiment)
        return f"loaded {experiment}"

    computing = sys.modules[load_available.__module__]
    monkeypatch.setattr(computing, "chapter_experiments", lambda _chapter: {"a": "there", "b": "missing"})
    monkeypatch.setattr(store, "load", load)
    monkeypatch.setattr(computing, "get", lambda experiment, report=None: f"computed {experiment}")
    records = load_available("toy", {"a": "there", "b": "missing", "c": "own"})
    assert records == {"a": "loaded there", "c": "computed own"}


@pytest.mark.parametrize("unguided", [0, 1])
def test_guided_shows_every_k_once(unguided):
    figure = guided(search(), unguided=unguided)
    labels = [axes.get_xlabel() for axes in figure.axes if axes.get_xlabel()]
    assert labels == ["k = 0%"] * unguided + ["k = 50%", "k = 80%"]
