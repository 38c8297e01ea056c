"""Figures and tables of AnoRand show what the records hold."""

import numpy as np

from notebooks.anorand.anorand import figures
from notebooks.anorand.anorand.ablation import KINDS
from notebooks.anorand.anorand.variants import VARIANTS

RNG = np.random.default_rng(0)


def test_diagrams_name_every_part():
    words = " ".join(text.get_text() for figure in (figures.fig_1(), figures.fig_2()) for text in figure.axes[0].texts)
    for word in ("noise detection", "encoder", "decoder", "$z_0$", "SMOTE", "98%", "5%"):
        assert word in words


def test_fig_3_and_4():
    record = {"values": np.array([0.0, 0.5, 1.0]), "ap": RNG.random((4, 3, 3)), "roc": RNG.random((4, 3, 3))}
    figure = figures.fig_3(record)
    assert [axes.get_ylabel() for axes in figure.axes] == ["AUC PR", "ROC AUC"]
    assert [f(record).axes[0].get_xlabel() for f in (figures.fig_3, figures.fig_4)] == ["weight $w$", r"noise $\sigma$"]
    left = figure.axes[0]
    assert len(left.patches) == 3
    lines = {line.get_label(): line.get_ydata() for line in left.lines if line.get_label().endswith("alone")}
    assert np.array_equal(lines[figures.OUTPUT_NAMES[2]], np.median(record["ap"][..., 2], axis=0))


def test_figures_on_digits():
    record = {
        "plane": RNG.random((3, 8, 2)),
        "plane_labels": np.array([0, 1] * 4),
        "originals": np.zeros((2, 6, 784), np.uint8),
        "copies": np.full((3, 2, 6, 784), 9, np.uint8),
        "ap": RNG.random((3, 5, 3)),
        "roc": RNG.random((3, 5, 3)),
    }
    assert [axes.get_xlabel() for axes in figures.fig_6(record).axes] == [
        f"{name}, first axis" for name in ("AE", "VAE", "AnoRand")
    ]
    shown = figures.fig_reconstructions(record).axes
    assert len(shown) == 4 * 8 and shown[8].get_ylabel() == "AE"
    left = figures.fig_7(record).axes[0]
    assert [label.get_text() for label in left.get_yticklabels()][:3] == ["AE", "VAE", "AnoRand"]
    points = [line.get_xdata() for line in left.lines if len(line.get_xdata()) == 5]
    assert np.array_equal(points[3], record["ap"][2, :, 1])


def test_fig_signs_and_fig_labels():
    record = {"error": RNG.random((3, 2, 4)), "cross_entropy": RNG.random((3, 2, 4)), "epochs_seen": np.array([1, 2])}
    assert [len(axes.lines) for axes in figures.fig_signs(record).axes] == [3, 3]
    labels = {"distance": RNG.random((2, 3, 4, len(KINDS))), "noise": np.arange(4.0)}
    figure = figures.fig_labels(labels, ["a", "b"])
    assert [axes.get_xlabel() for axes in figure.axes] == ["noise, a", "noise, b"]
    assert [line.get_label() for line in figure.axes[0].lines] == list(KINDS)


def test_ablation_table():
    names = ["reference", "permuted"]
    ap = np.arange(2.0)[:, None, None, None] + np.zeros((2, 1, 3, 4))
    record = {"variants": np.array(names), "ap": ap, "alpha": np.full((2, 1, 3), 0.9), "error": np.ones((2, 1, 3))}
    head, rows = figures.ablation_table(record, 0)
    assert [row[0] for row in rows] == [VARIANTS[name].title for name in names]
    assert rows[1][1:] == ["1.000 ± 0.000", "1.000", "1.000", "1.000", "0.900"]
    assert len(head) == len(rows[0])


def test_fig_generated():
    record = {"images": np.zeros((2, 3, 784)), "scores": np.arange(6.0).reshape(2, 3)}
    record["test_normal_scores"] = np.full((2, 9), 2.0)
    axes = np.reshape(figures.fig_generated({"AnoRand": record, "Other": record}).axes, (4, 3))
    assert axes[3, 2].images[0].get_array().shape == (28, 28) and axes[3, 2].texts[0].get_text() == "2.5"
    assert axes[2, 0].get_ylabel() == "Other\ntraining 1"
