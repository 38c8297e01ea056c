"""Figures and tables of chapter `tailored-cifar` show the arrays of their records."""

import numpy as np

from companion.chapters import chapter_experiments
from notebooks.tailored.common.figures import tables_3_to_10
from notebooks.tailored.common.scores import COLOUR_SETS
from notebooks.tailored.common.wgan import FINE
from notebooks.tailored.tailored_cifar import figures

RNG = np.random.default_rng(0)
NAMES = [f"thing {i}" for i in range(10)]


def test_scenes_are_below_lsun():
    names = (*COLOUR_SETS, "fakes", "near")
    record = {
        "names": np.array(names),
        "auroc": np.array([[i / 10 for i in range(len(names))]]),
        "fpr95": np.zeros((1, len(names))),
        "accuracy": np.zeros((1, len(names), 2)),
        "accepted": np.array([[0.95, 0.99]]),
    }
    _, rows = tables_3_to_10(record, 6)
    cells = [row[:4] for row in rows]
    place = cells.index(["LSUN", "-", "96.3", "-"])
    assert cells[place + 1] == ["scenes, where the paper has LSUN", "20.0", "-", "-"]
    assert ["SVHN", "-", "15.7", "-"] in cells
    assert all(row[4] != "-" for row in rows if row[0] not in ("LSUN", "SVHN"))


def test_images_in_colour_by_norm_and_by_class():
    record = {
        "norms": np.array([0.0, 5.0, 15.0]),
        "shared": RNG.integers(0, 256, (10, 3, 3072), dtype=np.uint8),
        "fakes": RNG.integers(0, 256, (10, 8, 3072), dtype=np.uint8),
    }
    along = figures.fig_norms(record, NAMES)
    assert [axes.get_ylabel() for axes in along.axes[::3]] == NAMES[::2]
    assert [axes.get_xlabel() for axes in along.axes[-3:]] == ["0", "5", "15"]
    made = figures.fig_fakes(record, NAMES)
    assert len(made.axes) == 40
    shown = np.asarray(made.axes[10 + 3].get_images()[0].get_array())
    assert np.allclose(shown, record["fakes"][3, 1].reshape(32, 32, 3)) or np.allclose(
        shown * 255, record["fakes"][3, 1].reshape(32, 32, 3)
    )


def test_a_line_for_each_class_and_both_borders():
    record = {"curve": RNG.random((2, 10, len(FINE))), "threshold": np.array([[0.4, 0.1], [0.6, 0.1]]), "fine": FINE}
    (axes,) = figures.fig_17(record, NAMES).axes
    assert [line.get_label() for line in axes.lines[:10]] == NAMES
    assert set(axes.lines[10].get_ydata()) == {0.5} and set(axes.lines[11].get_xdata()) == {5.0}


def test_the_strangers_come_from_this_chapters_generator():
    ours = chapter_experiments("tailored-cifar")
    assert ours["crossed"].foreign() == ours["gan"]
    assert ours["crossed"].detector_training() == chapter_experiments("tailored-mnist")["generated"].detector_training()
    own = chapter_experiments("tailored-cifar", width=20)
    assert own["crossed"].foreign() == own["gan"] != ours["gan"]
