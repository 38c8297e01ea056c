"""Verdicts of chapter `autoencoder` follow from the records by the fixed criteria, in both directions."""

import numpy as np

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


def every(three, four):
    """Return the records as the claims take them: three's widths, then four's."""
    return [three] * len(WIDTHS) + [four] * len(WIDTHS)


def test_unequal_rates_differ():
    three, four = drawn(scores=(1, 1, 1, 1, 2, 1)), drawn(scores=(1, 1, 1, 1, 1, 2))
    assert autoencoder.descent_needs_a_gradient_and_a_rate(*every(three, four)).holds is True


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
