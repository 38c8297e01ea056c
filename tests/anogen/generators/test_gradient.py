"""Gradient descent on the pixels."""

import numpy as np
import pytest
import torch

from anogen.errors import InputError
from anogen.generators import descend, noise
from anogen.generators.gradient import GradientConfig, State
from anogen.scorers import Scorer

D = 16  # a power of two: scaling by it is exact


class Valley(Scorer):
    """A smooth score without symmetry; its minimum is outside the range of pixels in the first half."""

    differentiable = True

    def __init__(self):
        self.n_features_in_ = D
        self.slopes = torch.linspace(0.5, 2, D, dtype=torch.float64)
        self.bottom = torch.linspace(-0.5, 0.9, D, dtype=torch.float64)

    def score(self, x):
        return (self.slopes * (x - self.bottom).square()).mean(dim=1) + 0.1 * torch.sin(3 * x).mean(dim=1)


class Steps(Valley):
    differentiable = False


def start(n=3, d=D):
    return noise((n, d), torch.Generator().manual_seed(4))


def last(scorer, begin, **options):
    *_, (state, _) = descend(scorer, begin, **options)
    return state


@pytest.mark.parametrize("rule", ["plain", "adam"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_every_step_lowers_the_score(rule, reduction):
    history = torch.stack(
        [s for _, s in descend(Valley(), start(), n_iterations=40, config=GradientConfig(0.01, rule, reduction))]
    )
    assert (history.diff(dim=0) < 0).all()


def test_real_detectors_are_descended(cblof, autoencoder):
    for scorer, rate in ((cblof, 0.01), (autoencoder, 0.1)):
        begin = start(2, 784)
        end = last(
            scorer, begin, n_iterations=15, config=GradientConfig(rate, reduction="sum" if rate > 0.01 else "mean")
        )
        assert (scorer(end.images) < scorer(begin)).all()


def test_the_gradient_of_the_sum_is_that_of_the_mean_with_a_rate_scaled_by_the_number_of_pixels():
    total = last(Valley(), start(), n_iterations=30, config=GradientConfig(0.01, reduction="sum"))
    mean = last(Valley(), start(), n_iterations=30, config=GradientConfig(0.01 * D, reduction="mean"))
    assert torch.allclose(total.images, mean.images, rtol=1e-6)
    assert not torch.allclose(
        total.images, last(Valley(), start(), n_iterations=30, config=GradientConfig(0.01, reduction="mean")).images
    )


def test_a_plain_step_is_the_rate_times_the_gradient():
    x = start(1).requires_grad_()
    Valley()(x).sum().backward()
    one = last(Valley(), start(1), n_iterations=1, config=GradientConfig(0.1, reduction="mean", clip=False))
    assert torch.allclose(one.images, x.detach() - 0.1 * x.grad)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_adam_is_the_known_adam(reduction):
    x = start(1).requires_grad_()
    adam = torch.optim.Adam([x], lr=0.05)
    for _ in range(25):
        adam.zero_grad()
        (Valley()(x) * (D if reduction == "sum" else 1)).sum().backward()
        adam.step()
    ours = last(Valley(), start(1), n_iterations=25, config=GradientConfig(0.05, "adam", reduction, clip=False))
    assert torch.allclose(ours.images, x.detach(), rtol=1e-5, atol=1e-6)


def test_pixels_stay_in_the_range_of_an_image_only_if_clipped():
    clipped = last(Valley(), start(), n_iterations=200, config=GradientConfig(0.05)).images
    free = last(Valley(), start(), n_iterations=200, config=GradientConfig(0.05, clip=False)).images
    assert clipped.min() == 0 and clipped.max() <= 1
    assert free.min() < 0


@pytest.mark.parametrize("rule", ["plain", "adam"])
def test_an_image_has_the_same_bits_alone_and_beside_others(autoencoder, rule):
    begin, descent = start(3, 784), GradientConfig(0.05, rule)
    together = last(autoencoder, begin, n_iterations=6, config=descent)
    for i in range(3):
        alone = last(autoencoder, begin[i : i + 1], n_iterations=6, config=descent)
        assert torch.equal(alone.images[0], together.images[i])
    assert torch.equal(begin, start(3, 784))  # not written into


@pytest.mark.parametrize("rule", ["plain", "adam"])
def test_a_stored_state_goes_on_bit_for_bit(rule):
    descent = GradientConfig(0.05, rule)
    half = last(Valley(), start(), n_iterations=7, config=descent).arrays()
    resumed = last(Valley(), start(), n_iterations=20, config=descent, state=State.restore(half))
    whole = last(Valley(), start(), n_iterations=20, config=descent)
    assert all(np.array_equal(resumed.arrays()[key], whole.arrays()[key]) for key in half)


def test_a_detector_without_a_gradient_is_refused_and_told_what_to_use():
    with pytest.raises(InputError, match="Steps has no gradient: generate with method"):
        last(Steps(), start())


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"n_iterations": 0}, "n_iterations = 0"),
        ({"device": "gpu"}, "device 'gpu' cannot be used here"),
        ({"n_iterations": -1}, "n_iterations = -1"),
        ({"start": torch.zeros(2, 9)}, r"\(1, 9\) do not fit this detector"),
        ({"start": torch.full((2, D), torch.nan)}, "NaN"),
    ],
)
def test_bad_input_is_answered_in_one_line(options, named):
    with pytest.raises(InputError, match=named) as caught:
        last(Valley(), options.pop("start", start()), **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"learning_rate": 0}, "learning_rate = 0"),
        ({"learning_rate": float("nan")}, "learning_rate = nan"),
        ({"rule": "momentum"}, "'momentum': choose plain or adam"),
        ({"reduction": "max"}, "'max': choose sum or mean"),
    ],
)
def test_settings_that_make_no_sense_are_named(settings, named):
    with pytest.raises(InputError, match=named):
        GradientConfig(**settings)
