"""Verdicts of chapter `autoencoder` follow from the records by the fixed criteria, in both directions."""

import numpy as np
import pytest

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


def test_where_another_rate_draws_well_the_descent_failed_and_not_the_detector():
    poor, better = quality(0.5, digit=3), quality(0.5, digit=3)
    other = next(i for i, variant in enumerate(VARIANTS) if variant not in STATED)
    better["normal_looking"] = better["normal_looking"].copy()
    better["normal_looking"][other] = True
    assert autoencoder.threes_are_well_formed(*every(poor, quality())).cause == "detector"
    found = autoencoder.threes_are_well_formed(*every(better, quality()))
    assert (found.holds, found.cause, found.measured["largest share at other rates"]) == (False, "optimiser", 1)


@pytest.mark.parametrize(
    ("function", "records", "holds"),
    [
        (autoencoder.threes_are_well_formed, every(quality(digit=3), quality()), True),
        (autoencoder.threes_are_well_formed, every(quality(13 / 16, digit=3), quality()), True),
        (autoencoder.threes_are_well_formed, every(quality(12 / 16, digit=3), quality()), False),
        (autoencoder.threes_are_well_formed, every(quality(digit=5), quality()), False),  # formed, but another digit
        (autoencoder.fours_are_well_formed, every(quality(digit=3), quality()), True),
        (autoencoder.fours_are_well_formed, every(quality(digit=3), quality(), quality(0.5)), None),  # one width fails
        (autoencoder.the_whole_distribution_is_covered, every(quality(), quality()), True),
        (autoencoder.the_whole_distribution_is_covered, every(quality(), quality(clusters=9)), False),
        (autoencoder.the_whole_distribution_is_covered, every(quality(diversity=0.49), quality()), False),
        (autoencoder.descents_end_in_local_minima, every(drawn(), drawn()) + every(quality(), quality()), True),
        (autoencoder.descents_end_in_local_minima, every(drawn(0.01), drawn()) + every(quality(), quality()), False),
        (
            autoencoder.descent_needs_a_gradient_and_a_rate,
            every(drawn(scores=(1, 1, 1, 1, 2, 1)), drawn(scores=(1, 1, 1, 1, 1, 2))),
            True,
        ),
        (
            autoencoder.fours_vary_more_than_threes,
            every(drawn(0.2, digit=3), drawn(1)) + every(quality(pairwise=3.9), quality()),
            True,
        ),
        (
            autoencoder.fours_vary_more_than_threes,
            every(drawn(0.2, digit=3), drawn(1)) + every(quality(pairwise=4.1), quality()),
            False,  # the training images do not
        ),
        (
            autoencoder.fours_vary_more_than_threes,
            every(drawn(1, digit=3), drawn(0.2)) + every(quality(pairwise=3.9), quality()),
            False,
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
    ],
)
def test_a_verdict_follows_from_the_arrays(function, records, holds):
    assert function(*records).holds is holds


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
