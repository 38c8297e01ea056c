"""Figures and tables of the tailored detector show what the records hold, beside what is reported."""

import numpy as np
import pytest

from notebooks.tailored.common.samples import FINE
from notebooks.tailored.common.scores import BANDS, DIGIT_SETS, RATES
from notebooks.tailored.common.tables import literature, printed, results
from notebooks.tailored.tailored_mnist import figures

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
    head, rows = results(record, printed("tailored-table-5"))
    assert len(head.split(" | ")) == 5
    cells = {row[0]: row[1:] for row in rows}
    assert cells["FashionMNIST"][0] == "**99.00** (1.41); 98.55, +0.45"
    assert cells["MNIST"] == ["-", "-", "**96.00** (1.41); 95.67, +0.33", "**99.00** (0.00); 99.10, -0.10"]
    assert cells["SVHN-bw (not to be had)"][0] == "-; 92.33"
    assert cells["Fakes, norm in [0, 5]"][3].startswith("**90.00**")
    unmeasured = {row[0] for row in rows if any(cell.startswith("-;") for cell in row[1:])}
    assert unmeasured == {"SVHN-bw (not to be had)"}


def test_one_training_has_no_deviation(record):
    one = record | {key: record[key][:1] for key in ("auroc", "fpr95", "accuracy", "accepted")}
    _, rows = results(one, printed("tailored-table-3"))
    assert rows[1][1] == "**98.00**; 63.99, +34.01"


def test_the_literature_stands_beside_both_numbers(record):
    head, rows = literature(record, printed("tailored-table-11"))
    assert len(head.split(" | ")) == len(rows[0]) == 13
    assert rows[0][1:4] == ["96.00", "-", "95.7"]
    assert rows[1][1:4] == ["90.00", "99.00", "94.96"]
    assert rows[1][-1] == "88.5" and rows[1].count("-") == 4


def test_each_set_has_a_curve_a_box_and_a_panel(record):
    left, right = figures.roc_and_scores(record).axes
    assert len(left.lines) == len(NAMES) + 1
    assert [label.get_text() for label in right.get_yticklabels()] == ["real", *NAMES]
    panels = [axes for axes in figures.confidence_and_score(record, shown=20).axes if axes.get_visible()]
    assert [axes.texts[0].get_text() for axes in panels] == ["real", *NAMES]
    assert all(len(axes.collections[0].get_offsets()) == 20 for axes in panels)


def test_bands_are_drawn_at_their_middle(record):
    left, right = figures.beyond({"one": record, "other": record}).axes
    assert left.lines[0].get_xdata()[:2].tolist() == [0.5, 1.5]
    assert right.lines[1].get_ydata().tolist() == record["recognised"][0].tolist()
