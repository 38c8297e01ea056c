"""The prior of a descent: its measures, its untrained counterparts, its claims."""

import numpy as np
import pytest
import torch
from small_pages import arrays, record

from anogen import datasets
from notebooks.beyond.passing import claims
from notebooks.beyond.passing.figures_prior import fig_prior, table_prior
from notebooks.beyond.passing.prior import PRIORS, Prior, squared_correlation


@pytest.fixture(scope="module")
def experiment():
    return Prior.at("quick")


def test_squared_correlation_ignores_scale_and_sign():
    a = np.random.default_rng(0).random((2, 50))
    assert squared_correlation(a, 1 - 3 * a) == pytest.approx(1)
    assert squared_correlation(a, np.ones((2, 50))).tolist() == [0, 0]
    assert squared_correlation(a[:1], a[1:])[0] == pytest.approx(np.corrcoef(a)[0, 1] ** 2)


def test_an_untrained_autoencoder_keeps_its_initial_weights(experiment):
    data = datasets.load("mnist-5k").one_class(4)
    _, first = experiment.scorers("autoencoder", data.X_train[:64], data.image_shape, 4, 0)
    _, other = experiment.scorers("autoencoder", 1 - data.X_train[:64], data.image_shape, 4, 0)
    rows = torch.from_numpy(data.X_test[:5])
    assert torch.equal(first(rows), other(rows))


def test_a_constant_score_leaves_the_start_without_a_prior_and_smooths_it_with_one(experiment):
    held_out = torch.from_numpy(datasets.load("mnist-5k").one_class(4).test_normal)
    images = [experiment.descend(None, prior, held_out).numpy() for prior in PRIORS]
    assert (squared_correlation(images[0], images[2]) > 0.98).all()  # but for the contrast of the sigmoid
    rough = [np.abs(np.diff(one.reshape(-1, 28, 28))).sum() for one in images]
    assert rough[1] < rough[0] and rough[3] < rough[2]


def test_figure_and_table_have_all_priors_and_states(experiment):
    made = record(experiment)
    assert len(fig_prior(made, 4).axes) == 3 * len(PRIORS)
    rows = table_prior(made).rows
    assert [row[0] for row in rows] == ["KDE, pixels", "KDE, pixels, smooth", "KDE, Fourier", "KDE, Fourier, smooth"]
    values = arrays(experiment)
    assert values["normal"].dtype == bool and ((values["shared"] >= 0) & (values["shared"] <= 1)).all()


@pytest.mark.parametrize("good", [True, False])
def test_claims_are_decided_by_their_criteria(good):
    normal = np.zeros((2, 3, 5, 2, 4, 4), bool)
    normal[0, :, :, 0, 3] = good
    made = {"shared": np.full((2, 3, 5, 4), 0.6 if good else 0.4), "normal": normal}
    assert claims.the_picture_comes_from_the_prior(made).holds is good
    assert claims.the_prior_makes_pictures_look_normal(made).holds is good
