"""Every scorer gives the numbers of the detector's own `decision_function`, and keeps what it declares."""

from functools import cache

import numpy as np
import pytest
import torch

from anogen import datasets, detectors
from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.errors import InputError
from anogen.scorers import make_scorer
from anogen.scorers.base import Scorer

OPTIONS = {
    "anorand": {"epochs": 20, "learning_rate": 1e-3, "batch_size": 32},
    "autoencoder": {"epochs": 1},
    "dean": {"n_submodels": 9, "epochs": 20, "batch_size": 64},
    "deep-svdd": {"epochs": 1},
    "deep-svdd-lenet": {"epochs": 5, "batch_size": 32},
    "pyod-autoencoder": {"epoch_num": 2},
    "vae": {"epoch_num": 2},
}
EDGES = (0.0, 1.0, 0.2, -0.5, 1.5)  # black, white, a level on a bin's edge, and two that no image has
every_detector = pytest.mark.parametrize("name", detectors.CATALOGUE)


@cache
def fours():
    return datasets.load("mnist-5k").one_class(4)


@cache
def fitted(name):
    return detectors.fit(name, fours().X_train[:200], **OPTIONS.get(name, {}))


def scorer_of(name):
    return make_scorer(fitted(name), 784)


def assert_equal(name, rows):
    """Compare with the detector, relative to the largest score and to the spread of the training scores."""
    exact = scorer_of(name)
    ours, theirs = exact(torch.from_numpy(rows)).numpy(), fitted(name).decision_function(rows)
    assert ours.dtype == np.float64
    size = max(np.abs(theirs).max(), np.subtract(*np.percentile(fitted(name).decision_scores_, [75, 25])))
    tolerance = 1e-9 if exact.dtype == torch.float64 else 1e-5
    assert np.abs(ours - theirs).max() <= tolerance * size


def noise(n=150):
    return np.random.default_rng(1).random((n, 784))


def mixed():
    """Rows of every kind, in float64."""
    edges = np.stack([np.full(784, level) for level in EDGES])
    train, test = fours().X_train[:60].astype(float), fours().X_test[::40].astype(float)
    return np.concatenate([train, test, edges, noise(60)])[:150]


@every_detector
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(noise, id="noise"),
        pytest.param(mixed, id="mixed"),
        pytest.param(lambda: mixed()[:1], id="one"),
        pytest.param(lambda: np.flipud(mixed()).copy(), id="permuted"),
        pytest.param(lambda: np.stack([np.full(784, level) for level in EDGES]), id="edges"),
        pytest.param(lambda: fours().X_train[:200].mean(axis=0, keepdims=True).astype(float), id="mean"),
    ],
)
def test_a_scorer_equals_the_detectors_own_function(name, rows):
    assert_equal(name, rows())


@every_detector
def test_a_scorer_keeps_what_it_declares(name):
    exact, rows = scorer_of(name), torch.from_numpy(mixed())
    scores = exact(rows)
    assert scores.shape == (len(rows),) and torch.isfinite(scores).all()
    assert torch.equal(exact(rows), scores)  # the same call gives the same bits
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(rows)))
    assert torch.allclose(exact(rows[order]), scores[order], rtol=1e-6)
    companions = torch.cat([rows[:1], torch.from_numpy(noise(149))])
    alone = exact(rows[:1])[0]
    unmoved = torch.allclose(exact(companions)[0], alone, rtol=1e-6)
    assert unmoved == (exact.batch_dependence == "none")


@every_detector
def test_gradients_flow_where_they_are_declared_and_are_right(name):
    exact = scorer_of(name)
    # pooling bends where pixels are equal, as on a black background: a gradient is the slope on one side of that
    image = noise(1) if name == "deep-svdd-lenet" else fours().test_normal[:1].astype(np.float64)
    x = torch.from_numpy(image).requires_grad_(exact.differentiable)
    if not exact.differentiable:
        assert not exact(x).requires_grad
        return
    score = exact(x).sum()
    (gradient,) = torch.autograd.grad(score, x)
    along = gradient / gradient.norm()
    # in float32 a step that changes the score by 0.1%: a longer one crosses a steep network's bends
    h = min(1e-2, 5e-4 * (score / gradient.norm()).item()) if exact.dtype == torch.float32 else 1e-6
    with torch.no_grad():
        slope = (exact(x + h * along) - exact(x - h * along)).item() / (2 * h)
    assert slope == pytest.approx(gradient.norm().item(), rel=0.02)


@every_detector
def test_a_detector_that_is_not_fitted_is_refused(name):
    with pytest.raises(InputError, match=r"not fitted: call fit\(X\) first"):
        make_scorer(detectors.create(name, 784), 784)


@every_detector
@pytest.mark.parametrize("shape", [(3, 783), (784,), (2, 28, 28)])
def test_rows_of_another_shape_are_refused(name, shape):
    with pytest.raises(InputError, match=r"it takes \(n, 784\)"):
        scorer_of(name)(torch.zeros(shape))


@every_detector
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_refused(name, value):
    rows = np.array(noise(3))
    rows[1, 5], rows[2, 7] = value, value
    with pytest.raises(InputError, match="2 values of these rows are NaN or infinite"):
        scorer_of(name)(rows)


def test_finite_rows_whose_sum_is_infinite_are_scored():
    scorer = make_scorer(lambda X: X[:, 0], 2, orientation="anomaly")
    assert scorer(np.full((3, 2), 1e308)).tolist() == [1e308] * 3


@pytest.mark.parametrize("shape", [(8, 12), (12, 8, 3)])
def test_the_autoencoders_scorer_knows_every_shape_of_an_image(shape):
    rows = np.random.default_rng(0).random((30, np.prod(shape)), dtype=np.float32)
    detector = ConvAutoencoder(shape, latent=3, epochs=1).fit(rows)
    assert make_scorer(detector)(torch.from_numpy(rows)).numpy() == pytest.approx(
        detector.decision_function(rows), rel=1e-5
    )
    asked = torch.from_numpy(rows).requires_grad_()
    assert make_scorer(detector)(asked).detach().numpy() == pytest.approx(detector.decision_function(rows), rel=1e-5)


def test_a_detector_that_does_not_tell_the_length_of_a_row_is_asked_for_it():
    class Mute:
        def decision_function(self, X):
            return X.sum(axis=1)

    with pytest.raises(InputError, match=r"Mute does not state the length of a row: pass n_features to make_scorer"):
        make_scorer(Mute())


def test_a_thing_that_is_no_detector_is_named():
    with pytest.raises(InputError, match="dict has no decision_function"):
        make_scorer({})


def test_anybodys_detector_with_the_protocol_has_a_scorer():
    class Mine:
        def fit(self, X, y=None):
            self.centre_, self.n_features_in_ = X.mean(axis=0), X.shape[1]
            return self

        def decision_function(self, X):
            return np.abs(X - self.centre_).sum(axis=1)[:, None]  # some give a column

    rows = noise(5)
    mine = make_scorer(Mine().fit(rows))
    assert isinstance(mine, Scorer)
    assert mine(torch.from_numpy(rows)).numpy() == pytest.approx(np.abs(rows - rows.mean(axis=0)).sum(axis=1))
    assert mine.optimum() is None


def test_with_nothing_free_or_everything_free_the_conditional_score_is_the_score_itself():
    exact, rows = scorer_of("gmm"), torch.from_numpy(mixed())
    everything = torch.arange(784)
    assert torch.allclose(exact.condition_on(everything, rows[0])(rows), exact(rows))
    assert torch.allclose(exact.condition_on(everything[:0], rows[0])(rows[:5, :0]), exact(rows[:1]).repeat(5))


@every_detector
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_score_of_the_free_pixels_is_the_score_of_the_image_they_complete(name, share):
    exact = scorer_of(name)
    fixed = np.random.default_rng(3).random(784) < share
    free = torch.from_numpy(np.flatnonzero(~fixed))
    image = fours().test_normal[0].astype(float)
    rows = np.where(fixed, image, mixed())
    ours = exact.condition_on(free, torch.from_numpy(image))(torch.from_numpy(rows[:, ~fixed])).numpy()
    theirs = fitted(name).decision_function(rows)
    size = max(np.abs(theirs).max(), np.subtract(*np.percentile(fitted(name).decision_scores_, [75, 25])))
    assert np.abs(ours - theirs).max() <= (1e-9 if exact.dtype == torch.float64 else 1e-5) * size
