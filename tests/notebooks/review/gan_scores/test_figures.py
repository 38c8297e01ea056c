"""Figures and tables of chapter `gan-scores` show the arrays of their records."""

import numpy as np
import pytest

from notebooks.review.gan_scores import figures
from notebooks.review.gan_scores.measures import TRUNCATIONS
from notebooks.review.gan_scores.score_parts import LAMBDAS, SETS, WAYS
from notebooks.review.gan_scores.search_budget import EPSILONS, LIMITS, STARTS

RNG = np.random.default_rng(0)


def parts():
    """Two classes, three seeds."""
    found = {name: np.full((2, 3, len(SETS)), 0.8) for name in ("linear", "best")}
    found["machine"] = np.full((2, 3, len(SETS)), 0.9)
    validated = np.zeros((2, 3, 6, 2, len(LAMBDAS)))
    for c in range(2):
        for mark in range(6):
            validated[c, :, mark, :, 2 * mark + c] = 1
    return found | {
        "validated": validated, "full": np.full((2, 3, 4), 0.85), "image": np.full((2, 3, 3), 0.9),
        "div_ratio": np.linspace(0.2, 0.8, 4) + np.zeros((2, 3, 4)),
        "nn_ratio": np.linspace(1, 2, 4) + np.zeros((2, 3, 4)), "code": np.full((2, 3, 3, 2), 0.6),
        "inversion": np.ones((2, 3, 3, 2)), "marks": np.arange(1, 7), "norms": RNG.random((2, 3, 20)) * 5,
    }  # fmt: skip


def budget():
    auc = np.full((2, len(EPSILONS), len(LIMITS)), 0.9)
    auc[:, 2, 2] = 0.95
    return {"auc": auc}


def sizes():
    dimensions = np.array([2, 8, 32, 128, 512])
    return {
        "error": np.array([[5.0, 4, 3, 2, 1]]),
        "auc": np.array([[0.7, 0.8, 0.9, 0.8, 0.7]]),
        "dimensions": dimensions,
    }


def test_figures_and_tables():
    record = parts()
    figure = figures.fig_weights(record, (4, 8))
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots] == pytest.approx(LAMBDAS[[0, 2, 4, 6, 8, 10]])
    assert len(figures.fig_norms(record, 16).axes[0].get_legend().texts) == 3
    head, rows = figures.table_compositions(record)
    assert len(rows) == len(SETS) and rows[0] == ["residual", "0.800", "0.800", "0.900"]
    assert [row[0] for row in figures.table_truncations(record)[1]] == ["0.5", "1", "2", "none"] and len(
        TRUNCATIONS
    ) == 4
    head, rows = figures.table_encoders(record)
    assert [row[0] for row in rows[1:]] == list(WAYS) and {len(row) for row in rows} == {len(head)}
    numbers = {text.get_text() for text in figures.fig_budgets(budget(), budget()).axes[0].texts}
    assert numbers == {"0.90", "0.95"}
    assert np.array_equal(figures.fig_latent_sizes(sizes()).axes[1].lines[-1].get_ydata(), sizes()["auc"][0])
    shown = np.zeros((1, 5, 2, 16), np.uint8)
    assert len(figures.fig_copies({"shown": shown}, side=4).axes) == 10
    made = {key: np.full((1, len(figures.METHODS)), 0.5) for key in ("auc", "varied", "unlike")}
    assert figures.table_implementations(made)[1][0] == ["AnoGAN (PyOD)", "0.500", "0.50", "50.0%"]
    assert len(STARTS) == 3
