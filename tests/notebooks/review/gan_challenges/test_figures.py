"""Figures of chapter `gan-challenges` show the arrays of their records."""

import numpy as np

from notebooks.review.gan_challenges import figures
from notebooks.review.gan_challenges.experiments import ALARMS, MODELS
from notebooks.review.gan_challenges.toys import METHODS

RNG = np.random.default_rng(0)


def test_modes():
    record = {"samples": RNG.random((len(METHODS), 2, 30, 2)), "covered": np.arange(10).reshape(-1, 2) % 8}
    axes = figures.fig_modes(record).axes
    assert [ax.get_xlabel().split("\n")[0] for ax in axes] == [figures.TITLES[name] for name in METHODS]
    assert axes[1].get_xlabel().endswith("2, 3")


def test_imbalance_and_subsequences():
    values = RNG.random((len(ALARMS), 4))
    figure = figures.fig_imbalance({"shares": np.linspace(0, 1, 4), "f1": values, "phi": 1 - values})
    assert np.array_equal([line.get_ydata() for line in figure.axes[1].lines], 1 - values)
    rates = RNG.random((len(MODELS), 4, 3))
    record = {"example": RNG.random(40), "lengths": np.array([32, 64, 128, 256]), "rates": rates}
    right = figures.fig_subsequences(record).axes[1]
    assert [text.get_text() for text in right.get_legend().texts] == list(MODELS)
    assert right.get_ylim()[1] > 1


def test_likelihoods_norms_copies_and_contamination():
    bounds = {"own": RNG.normal(-4, 1, 50) - 3, "other": RNG.normal(-3, 1, 50) - 3}
    figure = figures.fig_likelihoods(bounds, ("a", "b"))
    assert [text.get_text() for text in figure.axes[0].get_legend().texts] == ["a", "b"]
    law = figures.fig_latent_norms({"dimensions": np.array([2, 64]), "norms": np.abs(RNG.normal(8, 1, (2, 50)))})
    assert [text.get_text() for text in law.axes[0].get_legend().texts] == ["$d_z = 2$", "$d_z = 64$"]
    shown = np.zeros((1, 2, 4, 16), np.uint8)
    assert len(figures.fig_copies({"shown": shown}, side=4).axes) == 8
    auc = RNG.random((3, 2, 4))
    lines = figures.fig_contamination({"shares": np.array([0, 0.1]), "auc": auc}).axes[0].lines
    means = [line.get_ydata() for line in lines if line.get_marker() == "o"]
    assert np.allclose(means, auc.mean(axis=2))
