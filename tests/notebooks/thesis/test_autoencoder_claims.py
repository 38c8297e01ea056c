"""Verdicts of chapter `autoencoder` follow from the records by the fixed criteria, in both directions."""

from functools import cache

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from anogen import datasets
from companion.claims.decision import conditions, decide
from companion.records import store
from companion.studies.quality import Classifier, measure_images, weights_of
from notebooks.thesis.autoencoder import claims as autoencoder
from notebooks.thesis.autoencoder.experiments import VARIANTS, WIDTHS
from notebooks.thesis.common.descent import WAYS as STATED

D = 9  # pixels of a fabricated image
RNG = np.random.default_rng(0)


def drawn(spread: float = 1.0, scores: tuple[float, ...] = (), digit: int = 4) -> dict[str, np.ndarray]:
    """Return a record of descents, for every variant 32 images, `spread` apart, around the digit's own place."""
    images = digit + spread * RNG.normal(size=(len(VARIANTS), 32, D))
    by_variant = np.array(scores or [1.0] * len(VARIANTS))[:, None]
    return {"images": images, "scores": by_variant * RNG.uniform(0.5, 1.5, size=(len(VARIANTS), 32))}


def noise() -> dict[str, np.ndarray]:
    return {"images": RNG.random((len(VARIANTS), 32, D))}


def quality(looks: float = 1.0, digit: int = 4, diversity: float = 0.8, clusters: int = 12, pairwise: float = 4.0):
    """Return the measures of descents: a share `looks` of the images is normal looking, in every variant."""
    shape = (len(VARIANTS), 32)
    return {
        "normal_looking": np.broadcast_to(np.arange(32) % 16 < round(looks * 16), shape),
        "predicted": np.full(shape, digit),
        "div_ratio": np.full(len(VARIANTS), diversity),
        "clusters": np.full(len(VARIANTS), clusters),
        "pairwise": np.array(pairwise),
    }


def evolved(looks: float = 1.0, diversity: float = 0.8) -> dict[str, np.ndarray]:
    return {"normal_looking": np.arange(16) < round(looks * 16), "div_ratio": np.array(diversity)}


def every(three, four, exception=None):
    """Return the records as the claims take them: three's widths, then four's; `exception` replaces four's first."""
    records = [three] * len(WIDTHS) + [four] * len(WIDTHS)
    return records if exception is None else [*records[: len(WIDTHS)], exception, *records[len(WIDTHS) + 1 :]]


@pytest.mark.parametrize(
    ("function", "records", "holds"),
    [
        (
            autoencoder.descent_needs_a_gradient_and_a_rate,
            every(drawn(scores=(1, 1, 1, 1, 2, 1)), drawn(scores=(1, 1, 1, 1, 1, 2))),
            True,
        ),
        (
            autoencoder.evolution_draws_like_the_gradient,
            every(quality(), quality()) + every(evolved(13 / 16), evolved()),
            True,
        ),
        (
            autoencoder.evolution_draws_like_the_gradient,
            every(quality(), quality()) + every(evolved(12 / 16), evolved()),
            False,
        ),
        (
            autoencoder.evolution_draws_like_the_gradient,
            every(quality(), quality()) + every(evolved(), evolved(diversity=0.4)),
            False,
        ),
        (
            autoencoder.evolution_draws_like_the_gradient,
            every(quality(0), quality(0)) + every(evolved(0), evolved(0)),
            False,  # noise by both methods
        ),
    ],
)
def test_a_verdict_follows_from_the_arrays(function, records, holds):
    assert function(*records).holds is holds


@cache
def fours() -> np.ndarray:
    return datasets.load("mnist-5k").one_class(4).test_normal[:32]


def measured(images: np.ndarray) -> dict[str, np.ndarray]:
    """Return the measures of 32 images as those of a descent that ends at them in every variant."""
    weights = weights_of(store.load(Classifier.at("laptop")).arrays)
    values = measure_images(images[None], "mnist-5k", 4, weights, 0)
    return {k: np.broadcast_to(v, (len(VARIANTS), *v.shape[1:])) if v.shape else v for k, v in values.items()}


def blur(images: np.ndarray, deviation: float) -> np.ndarray:
    return gaussian_filter(images.reshape(-1, 28, 28), (0, deviation, deviation)).reshape(images.shape)


@pytest.mark.parametrize(
    ("images", "formed"),
    [
        (fours, True),
        (lambda: np.random.default_rng(0).random((32, 784)), False),
        (lambda: np.full((32, 784), 0.5), False),
        (lambda: blur(fours(), 3), False),
    ],
    ids=["real", "noise", "constant", "blurred beyond recognition"],
)
def test_criteria_on_images(images, formed):
    quality = measured(images())
    search = {"normal_looking": quality["normal_looking"][0], "div_ratio": quality["div_ratio"][0]}
    both = [*[quality] * autoencoder.EACH, *[search] * autoencoder.EACH]
    assert autoencoder.evolution_draws_like_the_gradient(*both).holds is formed


def test_one_training_of_each_width_is_not_enough_and_plain_steps_on_the_mean_are_excluded():
    finding = autoencoder.evolution_draws_like_the_gradient(*every(quality(), quality()), *every(evolved(), evolved()))
    assert (decide(finding), finding.random, finding.cause) == ("inconclusive", True, "scale")
    by_setting = conditions(finding)
    assert by_setting[0].setting == "width 4, plain steps on the sum"
    assert len(by_setting) == len(WIDTHS) * len(STATED)
    excluded = {condition.setting for condition in by_setting if not condition.admissible}
    assert excluded == {f"width {width}, plain steps on the mean" for width in WIDTHS}


def test_equal_rates_leave_no_difference():
    same = {"scores": np.ones((len(VARIANTS), 32))}
    assert autoencoder.descent_needs_a_gradient_and_a_rate(*every(same, same)).holds is False


def test_the_claims_ask_for_the_records_in_the_order_in_which_they_read_them():
    for needed in (autoencoder._needs("gradient-*", "gradient-*-quality")(),):
        expected = [(digit, width) for digit in (3, 4) for width in WIDTHS]
        assert [(e.digit, e.latent) for e in needed] == expected * 2
        assert {e.name for e in needed[: len(expected)]} == {"autoencoder-gradient"}
        assert {e.name for e in needed[len(expected) :]} == {"autoencoder-gradient-quality"}


def test_every_stated_variant_has_the_stated_learning_rate():
    assert {v.learning_rate for v in STATED} == {0.01}
    assert {(v.rule, v.reduction) for v in STATED} == {(r, m) for r in ("plain", "adam") for m in ("sum", "mean")}
