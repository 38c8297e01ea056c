"""The review's detectors learn what they are shown, repeat themselves, and never look at labels or at other rows."""

from functools import cache

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from sklearn.base import clone

from anogen import datasets
from anogen.detectors.gan import latent_search
from anogen.detectors.gan.anogan import EGBAD, PARTS, AdversarialVAE, AnoGAN, FAnoGAN, GANomaly
from anogen.detectors.gan.objectives import SpectralNormLinear
from anogen.errors import InputError

SETTINGS = latent_search.LatentSearchConfig(limit=40)
KINDS = {
    AnoGAN: {"settings": SETTINGS, "iterations": 300},
    FAnoGAN: {"iterations": 250},
    EGBAD: {"cycle": 1.0, "iterations": 350},
    GANomaly: {"iterations": 250},
    AdversarialVAE: {"iterations": 250},
}
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@cache
def pooled(digit):
    """Rows of a digit, for training and for testing, halved in width and height."""
    data = datasets.load("mnist-5k").one_class(digit)
    return [x.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(-1, 196) for x in (data.X_train, data.test_normal)]


def fit(kind, rows, seed=0, **options):
    return kind(**{**KINDS[kind], **options}, width=32, latent=8, random_state=seed).fit(rows)


@cache
def fitted(kind, digit=4):
    return fit(kind, pooled(digit)[0])


@pytest.mark.slow
@every_kind
def test_what_is_normal_was_learnt_from_the_training_rows(kind):
    four, zero = pooled(4)[1], pooled(0)[1]
    of_fours, of_zeros = (fitted(kind, digit).decision_function(np.concatenate((four, zero))) for digit in (4, 0))
    assert of_fours.shape == (200,) and np.isfinite(of_fours).all() and len(np.unique(of_fours)) > 150
    to_fours, to_zeros = (np.median(s[100:]) - np.median(s[:100]) for s in (of_fours, of_zeros))
    assert to_fours > to_zeros
    shuffled = np.random.default_rng(0).permuted(four[:30], axis=1)
    assert np.median(fitted(kind).decision_function(shuffled)) > np.median(of_fours[:100])


@every_kind
def test_a_row_is_scored_the_same_alone_and_beside_others(kind):
    rows = pooled(4)[1][:6]
    together = fitted(kind).decision_function(rows)
    alone = np.concatenate([fitted(kind).decision_function(row[None]) for row in rows[:1]])
    assert np.allclose(alone, together[:1], rtol=1e-3)
    parts = fitted(kind).parts(rows)
    assert tuple(parts) == PARTS
    assert all(value.shape == (6,) and (value >= 0).all() for value in parts.values())


@every_kind
def test_seed_and_rows_fix_the_bits_and_labels_change_nothing(kind):
    rows, seen = pooled(4)[0][:60], pooled(4)[1][:5]
    few = {"iterations": 3, "batch": 8}
    first = fit(kind, rows, **few).decision_function(seen)
    with pytest.warns(UserWarning, match="unsupervised"):
        other = kind(**{**KINDS[kind], **few}, width=32, latent=8).fit(rows, np.arange(60) % 2)
    assert np.array_equal(other.decision_function(seen), first)
    assert not np.allclose(fit(kind, rows, seed=1, **few).decision_function(seen), first, rtol=1e-4)


@every_kind
def test_the_range_of_the_rows_is_learnt(kind):
    rows, few = np.rint(255 * pooled(4)[0][:60].astype(float)) / 255, {"iterations": 3, "batch": 8}
    plain, shifted = fit(kind, rows, **few), fit(kind, 4 * rows - 2, **few)
    seen = pooled(4)[1][:5].astype(float)
    assert np.allclose(plain.decision_function(seen), shifted.decision_function(4 * seen - 2), rtol=1e-3)


ROWS = np.random.default_rng(0).random((30, 6))


@every_kind
def test_parameters_survive_clone_set_params_and_repr(kind):
    detector = kind(**{**KINDS[kind], "iterations": 60}, latent=4, random_state=3)
    copy = clone(detector)
    assert copy.get_params() == detector.get_params() and copy.iterations == 60 and copy.random_state == 3
    assert {*KINDS[kind], "latent", "width", "batch", "weight", "contamination"} <= detector.get_params().keys()
    assert detector.set_params(contamination=0.3).contamination == 0.3
    assert "iterations=60" in repr(detector) and "latent=4" in repr(detector)


@every_kind
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.zeros(5), r"shape \(5,\) is not rows \(n, d\). Reshape your data"),
        (np.zeros((1, 5)), "1 rows are too few: give [A-Za-z]+ at least 2"),
        (np.full((5, 2), np.nan), "10 values of the training data are NaN or infinite"),
        (np.full((5, 2), np.inf), "10 values of the training data are NaN or infinite"),
        (csr_array((5, 2)), "sparse rows are not supported"),
        (np.zeros((5, 2), dtype=complex), "Complex data not supported"),
    ],
)
def test_rows_that_cannot_be_learnt_are_refused(kind, rows, message):
    with pytest.raises(InputError, match=message):
        kind(iterations=1).fit(rows)


@every_kind
def test_rows_that_cannot_be_scored_are_refused(kind):
    detector = kind(**{**KINDS[kind], "iterations": 1}).fit(ROWS.tolist())
    for rows, message in (
        (ROWS[:, :3], rf"X has 3 features, but {kind.__name__} is expecting 6 features"),
        (ROWS[0], "Reshape your data"),
        (np.where(ROWS > 0.9, np.nan, ROWS), "values of these rows are NaN or infinite"),
    ):
        with pytest.raises(InputError, match=message):
            detector.decision_function(rows)


@every_kind
def test_the_global_random_generators_are_neither_used_nor_needed(kind):
    states, scores = [], []
    for seed in (0, 1):
        torch.manual_seed(seed)
        before = torch.random.get_rng_state()
        scores.append(kind(**{**KINDS[kind], "iterations": 2}).fit(ROWS).decision_scores_)
        states.append(torch.equal(torch.random.get_rng_state(), before))
    assert states == [True, True] and np.array_equal(*scores)


# --- the search ----------------------------------------------------------------------------------------------------


def bowl(z):
    """A loss with its minimum, 0, at 1."""
    return (z - 1).square().sum(dim=1)


def test_a_search_arrives_and_each_row_stops_by_itself():
    near, far = torch.full((1, 2), 1.2), torch.full((1, 2), 5.0)
    settings = latent_search.LatentSearchConfig(epsilon=0.1, limit=300)
    both = latent_search.find(bowl, torch.cat((near, far)), settings)
    assert both.done.all() and both.steps[0] == 0 < both.steps[1]
    alone = latent_search.find(bowl, far, settings)
    assert torch.equal(alone.z[0], both.z[1]) and alone.steps[0] == both.steps[1]


def test_the_mean_of_a_batch_decides_for_rows_that_it_does_not_describe():
    z = torch.tensor([[1.0, 1.0], [1.0, 1.5]])  # losses 0 and 0.25: the mean is below 0.2, one of the two is not
    settings = latent_search.LatentSearchConfig(epsilon=0.2, limit=50)
    apart = latent_search.find(bowl, z, settings)
    together = latent_search.find(bowl, z, settings._replace(averaged=True))
    assert apart.steps.tolist()[0] == 0 < apart.steps.tolist()[1]
    assert together.steps.tolist() == [0, 0]


def test_a_search_ends_at_its_limit_and_steps_smaller_when_it_is_near():
    start = torch.full((1, 2), 5.0)
    ended = latent_search.find(bowl, start, latent_search.LatentSearchConfig(limit=3))
    assert ended.steps.tolist() == [3] and not ended.done.any()
    small = latent_search.find(bowl, start, latent_search.LatentSearchConfig(limit=3, near=1e9))
    far, near = (float((start - end.z).norm()) for end in (ended, small))
    assert near == pytest.approx(0.1 * far, rel=0.05)


def test_more_starts_never_make_the_best_end_worse():
    rows = fitted(AnoGAN).unit(pooled(4)[1][:8])
    few, many = fitted(AnoGAN), fit(AnoGAN, pooled(4)[0], iterations=3)
    many.networks_, many.starts = few.networks_, 3
    loss = latent_search.total(few.networks_["generator"], few.networks_["critic"], rows, few.weight)
    one, three = (loss(detector.reconstruct(rows)[0]) for detector in (few, many))
    assert (three <= one + 1e-3).float().mean() >= 0.7  # the starts differ, since three are drawn where one was


def test_the_kernel_is_0_for_a_copy_and_1_far_away():
    def same(z):
        return z

    x = torch.zeros(2, 3)
    loss = latent_search.kernel(same, x, 1.0)(torch.tensor([[0.0, 0, 0], [50.0, 0, 0]]))
    assert loss.tolist() == [0.0, 1.0]


def test_a_bounded_layer_is_nowhere_steeper_than_1():
    layer = SpectralNormLinear(5, 4)
    x, y = torch.randn(2, 100, 5, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        slopes = (layer(x) - layer(y)).norm(dim=1) / (x - y).norm(dim=1)
    assert 0.5 < slopes.max() <= 1 + 1e-5
