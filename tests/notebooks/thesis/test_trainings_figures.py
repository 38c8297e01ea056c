"""Figures and tables of chapter `trainings`."""

import numpy as np
import pytest

from notebooks.thesis.trainings import figures as trainings

KS = (0.5, 0.9)


class Toy:
    """A record by hand."""

    def __init__(self, detector="iforest", **arrays):
        self.arrays, self.detector = arrays, detector

    def __getitem__(self, name):
        return self.arrays[name]

    def parameter(self, name):
        return {"ks": KS, "detector": self.detector, "stops": (100, 2_000)}[name]


def measured(looks, error, detector="iforest"):
    return Toy(
        detector,
        normal_looking=np.arange(4) < 4 * looks,
        guided_normal_looking=np.zeros((2, 3), bool),
        quality=np.full(4, looks),
        guided_quality=np.full((2, 3), looks),
        free_err_rel=np.full((2, 3), error),
        pairwise=np.array(2.0),
    )


QUALITIES = {
    "Isolation forest": [measured(0.25, 0.9), measured(0.5, 0.7)],
    "Deep SVDD, untrained": [measured(0.0, 1.0, "deep-svdd-untrained")] * 2,
}


def images(*rows):
    real = np.array([0.0, 2, 4])  # scores, of a median of 2
    return Toy(images=np.array(rows, np.float16), scores=np.arange(len(rows)) + 1.5, test_normal_scores=real)


def test_fig_trainings_rows_and_columns():
    figure = trainings.fig_trainings({"one": [images([0] * 4), images([1] * 4)], "other": [images([0.5] * 4)] * 2})
    shown = [float(np.asarray(axes.get_images()[0].get_array()).mean()) for axes in figure.axes]
    assert shown == [0, 1, 0.5, 0.5]
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["one", "other"]
    assert [axes.get_xlabel() for axes in figure.axes[2:]] == ["1", "2"]
    assert {text.get_text() for axes in figure.axes for text in axes.texts} == {"0.33"}  # one of three


def test_table_classes():
    rng = np.random.default_rng(0)
    rough = rng.random((4, 28, 28)) * np.pad(np.ones((12, 12)), 8, constant_values=0.5)
    searches = {"Deep SVDD\n3": [Toy(images=rough.reshape(4, -1)), Toy(images=rng.random((4, 784)))]}
    noisy, smooth = (
        Toy(noise_like=np.full(4, share), morans_i=np.full(4, i), nn_ratio=np.full(4, 2.5))
        for share, i in ((True, 0.01), (False, 0.2))
    )
    head, [row] = trainings.table_classes({"Deep SVDD\n3": [noisy, smooth]}, searches)
    assert len(head) == len(row) == 5
    assert row[:4] == ["Deep SVDD, 3", "0% to 100%", "0.010 to 0.200", "2.50"]
    low, high = map(float, row[4].split(" to "))
    assert high > 1.5
    assert low == pytest.approx(1, abs=0.1)


def half(last):
    return Toy(
        images=np.full((2, 2, 4), last, np.float16),
        scores=np.array([[5.0, last], [3.0, last]]),
        test_normal_scores=np.linspace(0, 1, 101),
        noise_like=np.array([[False, True], [False, False]]),
    )


def test_normal_seeded_figure_and_table():
    halves = {"Deep SVDD": [half(0.25), half(0.5)]}
    figure = trainings.fig_normal_seeded(halves)
    assert [axes.get_ylabel() for axes in figure.axes[::2]] == ["Deep SVDD\n100", "Deep SVDD\n2,000"]
    assert [float(axes.get_images()[0].get_array().mean()) for axes in figure.axes] == [0.25, 0.5] * 2
    _, rows = trainings.table_normal_seeded(halves, halves)
    assert rows == [
        ["Deep SVDD", "1", "8", "0.5", "50%"],
        ["Deep SVDD", "2", "8", "1", "50%"],
    ]


def test_table_measures_gives_the_range():
    head, rows = trainings.table_measures(QUALITIES)
    assert len(head) == len(rows[0]) == 5
    assert rows[0] == ["Isolation forest", "25% to 50%", "0%", "0.25 to 0.50", "0.70 to 0.90"]


def detects(*auc):
    return [Toy(auc=np.array([value, 0.1])) for value in auc]  # of a record of several trainings, the first counts


def test_table_groups():
    detections = {"Isolation forest": detects(0.8, 0.75), "Deep SVDD, untrained": detects(0.5, 0.5)}
    head, rows = trainings.table_groups(QUALITIES, detections)
    assert len(head) == 4
    assert rows == [
        ["Isolation forest", "3", "3, 1", "0.750 to 0.800"],
        ["Deep SVDD, untrained", "3", "3, 3", "0.500"],
    ]
    (row,) = trainings.table_groups({"KNN": [measured(1, 1, "knn")]}, {"KNN": detects(0.9)})[1]
    assert row == ["KNN", "–", "1", "0.900"]


def test_table_distances():
    searches = {"Isolation forest": [images([0, 0], [0, 1]), images([4, 0], [4, 1])]}
    _, ((name, within, between, ratio),) = trainings.table_distances(searches, QUALITIES)
    assert (name, within) == ("Isolation forest", "0.500")
    assert between == f"{(4 + 17**0.5) / 4:.3f}"
    assert ratio == f"{(4 + 17**0.5) / 2:.1f}"
    same = {"Isolation forest": [images([0, 0], [0, 0]), images([1, 0], [1, 0])]}
    assert trainings.table_distances(same, QUALITIES)[1][0][-1] == "–"
