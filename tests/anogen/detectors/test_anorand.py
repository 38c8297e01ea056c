"""AnoRand: what its synthetic labels and its losses are, that a stack trains as if each were alone, what it refuses."""

import numpy as np
import pytest
import torch
from sklearn.datasets import make_classification

from anogen.detectors import anorand as training
from anogen.detectors.anorand import AnoRand, fit_together
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc

FAST = {"epochs": 60, "learning_rate": 3e-3, "batch_size": 64}


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).normal(size=(600, 5)) @ np.diag([1, 2, 3, 0, 5]) + 7


@pytest.fixture(scope="module")
def fitted(rows):
    return AnoRand(noise=3, **FAST).fit(rows)


@pytest.mark.parametrize("n", [20, 57, 400, 5000])
def test_a_twentieth_of_the_training_set_is_synthetic(n):
    X = np.random.default_rng(1).normal(size=(n, 3))
    seen, y = training.synthetic_training_set(X, X.std(axis=0), 1.0, np.random.default_rng(0))
    disturbed = max(2, round(0.02 * n))
    assert (y == 0).sum() == n - disturbed
    assert np.isin(seen[y == 0][:, 0], X[:, 0]).all() and not np.isin(seen[y == 1][:, 0], X[:, 0]).any()
    assert y.sum() == 2 if n == 20 else abs(y.mean() - 0.05) < 0.01
    assert n < 1000 or abs(y.mean() - 0.05) < 0.001


def test_noise_is_in_units_of_each_features_deviation():
    rng, scale = np.random.default_rng(0), np.array([1.0, 10.0, 0.0])
    change = training.add_noise(np.zeros((4000, 3)), scale, 0.5, rng)
    assert change.std(axis=0) == pytest.approx(0.5 * scale, rel=0.05)


def test_the_loss_is_eqs_2_to_4_with_the_minus_that_eq_3_lacks():
    rng = np.random.default_rng(0)
    x, copy, logit = rng.normal(size=(2, 7, 3)), rng.normal(size=(2, 7, 3)), rng.normal(size=(2, 7))
    y, w = rng.integers(0, 2, (2, 7)), np.array([0.2, 0.9])
    p = 1 / (1 + np.exp(-logit))
    l_ae = ((1 - y) * ((x - copy) ** 2).mean(axis=2)).mean(axis=1)
    l_ce = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=1)
    out = training.Outputs(torch.tensor(logit), torch.tensor(copy), torch.tensor(copy))
    ours = AnoRand().loss(torch.tensor(x), out, torch.tensor(y, dtype=torch.float64), torch.tensor(w)).numpy()
    assert ours == pytest.approx(w * l_ce + (1 - w) * l_ae)


def test_the_decoder_is_given_the_last_hidden_layer_of_one_block_and_the_output_of_the_other(fitted, rows):
    assert fitted.latents(rows).shape == (600, 16 + 16)
    x = fitted.scale(rows)[None]
    noise_detection, encoder, decoder = training.blocks(fitted.network_)
    hidden = x
    for weight, bias in zip(noise_detection[:-2:2], noise_detection[1:-2:2], strict=True):
        hidden = torch.relu(hidden @ weight + bias)
    z = torch.cat([hidden, training.block(encoder, x)[1]], dim=2)
    assert torch.allclose(torch.from_numpy(fitted.latents(rows)), z[0], atol=1e-5)
    copies = training.block(decoder, z)[1][0].double().numpy() * fitted.scale_ + fitted.mean_
    assert fitted.reconstruct(rows) == pytest.approx(copies, abs=1e-4)


def test_the_score_is_eqs_6_to_8(fitted, rows):
    y_mlp, y_ae = fitted.probabilities(rows)
    error = np.linalg.norm((rows - fitted.reconstruct(rows)) / fitted.scale_, axis=1)
    assert y_ae == pytest.approx(1 / (1 + np.exp(-error)), rel=1e-5)
    q_0, q_1 = np.quantile(y_mlp, 0.75), np.quantile(y_ae, 0.75)
    assert fitted.alpha_ == pytest.approx(q_1 / (q_0 + q_1))
    assert fitted.decision_function(rows) == pytest.approx(fitted.alpha_ * y_mlp + (1 - fitted.alpha_) * y_ae)


def test_noise_is_what_it_learns_to_detect(fitted, rows):
    rng = np.random.default_rng(3)
    noisy = rows + rng.normal(size=rows.shape) * 3 * fitted.spread_
    seen = np.concatenate([rows, noisy])
    assert roc_auc(fitted.decision_function(seen), np.repeat([0, 1], 600)) > 0.85


def test_a_stack_trains_as_if_each_were_alone(rows):
    grid = [{"w": 0.1, "noise": 0.5}, {"w": 0.9, "noise": 2.0}, {"w": 0.9, "noise": 2.0, "random_state": 1}]
    options = {**FAST, "epochs": 3}
    alone = [AnoRand(**options, **one).fit(rows) for one in grid]
    stacked = fit_together([AnoRand(**options, **one) for one in grid], [rows] * 3)
    for one, other in zip(alone, stacked, strict=True):
        assert other.decision_function(rows) == pytest.approx(one.decision_function(rows), rel=1e-3)
    assert not np.allclose(stacked[1].decision_scores_, stacked[2].decision_scores_, rtol=1e-2)


def test_real_labels_take_the_place_of_synthetic_ones():
    X, y = make_classification(1500, 6, n_informative=4, weights=[0.9], class_sep=2, random_state=0)
    detector = AnoRand(supervision="labels", **FAST).fit(X[:1000], y[:1000])
    assert roc_auc(detector.decision_function(X[1000:]), y[1000:]) > 0.9


def test_a_detector_comes_back_from_disk(fitted, rows, tmp_path):
    fitted.save(tmp_path / "it.npz")
    loaded = AnoRand.load(tmp_path / "it.npz")
    assert np.array_equal(loaded.decision_function(rows), fitted.decision_function(rows))
    assert loaded.get_params() == fitted.get_params()


def test_constant_features_and_few_rows_are_handled(rows):
    few = AnoRand(epochs=1).fit(rows[:30])  # fewer than a batch, and two synthetic anomalies: fewer than SMOTE's k + 1
    assert np.isfinite(few.decision_function(rows)).all()
    assert few.scale_[3] == 1 and few.spread_[3] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"w": 1.2}, "w = 1.2 is out of range: give a number from 0 to 1"),
        ({"noise": -1}, "noise = -1 is out of range"),
        ({"supervision": "some"}, "unknown supervision 'some': choose synthetic or labels"),
        ({"epochs": 0}, "epochs = 0 is too small"),
        ({"learning_rate": 0}, "learning_rate = 0 is too small"),
        ({"random_state": -1}, "random_state = -1 is too small"),
    ],
)
def test_parameters_that_no_training_has_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        AnoRand(**options)


def test_data_that_cannot_be_learnt_from_are_refused(rows):
    spoilt = rows.copy()
    spoilt[0, 0] = np.nan
    with pytest.raises(InputError, match="1 values of the training data are NaN or infinite: clean them"):
        AnoRand().fit(spoilt)
    with pytest.raises(InputError, match="19 rows are too few: give AnoRand at least 20"):
        AnoRand().fit(rows[:19])
    with pytest.raises(InputError, match="is not rows"):
        AnoRand().fit(rows[0])
    with pytest.raises(InputError, match=r"not fitted: call fit\(X\) first"):
        AnoRand().decision_function(rows)
    with pytest.raises(InputError, match="do not fit into one tensor"):
        fit_together([AnoRand(epochs=1), AnoRand(epochs=2)], [rows, rows])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_rows_that_cannot_be_scored_are_refused(fitted, rows, value):
    spoilt = rows.copy()
    spoilt[:2, 0] = value
    for answer in (fitted.decision_function, fitted.probabilities, fitted.latents, fitted.reconstruct):
        with pytest.raises(InputError, match="2 values of these rows are NaN or infinite: clean them"):
            answer(spoilt)


def test_labels_that_say_nothing_are_refused(rows):
    supervised = AnoRand(supervision="labels")
    with pytest.raises(InputError, match="supervision by labels needs labels"):
        supervised.fit(rows)
    with pytest.raises(InputError, match="every label is 0: give normal and anomalous rows"):
        supervised.fit(rows, np.zeros(600))
    with pytest.raises(InputError, match="labels must be 600 numbers"):
        supervised.fit(rows, np.ones(5))
