"""Verdicts of chapter `gan-challenges` follow from the records, in both directions."""

import numpy as np
import pytest

from companion.claims.decision import decide
from notebooks.review.gan_challenges import claims
from notebooks.review.gan_challenges.experiments import Imbalance
from notebooks.review.gan_challenges.toys import LatentLaw


def rings(near=0.9, **covered):
    """Return the records of the authors' ring, and of a broader ring that no method misses."""
    gan, other = covered.pop("gan", 6), next(iter(covered.values()))
    sharp = {"covered": np.array([[gan] * 5, [other] * 5, [other] * 5]), "near": np.full((3, 5), near)}
    broad = {"covered": np.full((3, 5), 8), "near": np.full((3, 5), 0.9)}
    return sharp, {key: np.concatenate((value, value[:2])) for key, value in broad.items()}


def watched(apart=0.01, late=0.69):
    entropy = np.linspace(0.5, late, 50)[None].repeat(5, axis=0)
    return {"apart": np.full((5, 50, 2), apart), "entropy": entropy, "marks": np.arange(50)}


def mixed(auc):
    return {"shares": np.array([0, 0.01, 0.05, 0.1, 0.2]), "auc": np.array(auc)[:, :, None].repeat(5, axis=2)}


def test_further_seeds_count():
    assert decide(claims.few_anomalies_harm(mixed([FALLING] * 3), mixed([FLAT] * 3))) == OPEN
    assert decide(claims.the_error_of_normal_data_rises(watched(), watched(late=0.3))) == OPEN


def rates(first, last):
    noise = np.random.default_rng(0).normal(0, 0.01, (2, 4, 10))
    return {"lengths": np.arange(4), "rates": np.linspace(first, last, 4)[None, :, None] + noise}


FALLING, FLAT = [0.95, 0.94, 0.9, 0.85, 0.8], [0.95, 0.95, 0.96, 0.95, 0.95]


NO, PART, OPEN = "not reproduced", "reproduced in part", "inconclusive"


@pytest.mark.parametrize(
    ("function", "record", "word"),
    [
        (claims.the_discriminator_ends_undecided, watched(), "reproduced"),
        (claims.the_discriminator_ends_undecided, watched(apart=0.06), NO),
        (claims.the_error_of_normal_data_rises, watched(), "reproduced"),
        (claims.the_error_of_normal_data_rises, watched(late=0.3), NO),
        (claims.normal_vectors_lie_in_a_ring, LatentLaw.at("quick", samples=2_000).run(), "reproduced"),
        (claims.the_origin_is_likely_and_never_drawn, LatentLaw.at("quick").run(), "reproduced"),
        (claims.few_anomalies_harm, mixed([FALLING] * 3), "reproduced"),
        (claims.few_anomalies_harm, mixed([FLAT] * 3), NO),
        (claims.few_anomalies_harm, mixed([FALLING, FLAT, FALLING]), PART),
        (claims.f1_flatters_alarms_without_end, Imbalance.at("quick", points=20_000).run(), "reproduced"),
        (claims.longer_subsequences_raise_false_alarms, rates(0.4, 0.1), NO),
        (claims.longer_subsequences_raise_false_alarms, rates(0.1, 0.4), "reproduced"),
    ],
)
def test_criterion(function, record, word):
    assert decide(function(record)) == word


@pytest.mark.parametrize(
    ("function", "records", "word"),
    [
        (claims.wgan_gp_covers_more, rings(gan=3, other=8), "reproduced"),
        (claims.wgan_gp_covers_more, rings(gan=6, other=5), NO),
        (claims.wgan_gp_covers_more, rings(gan=8, other=8), OPEN),  # no method can cover more
        (claims.wgan_gp_covers_more, rings(near=0.2, gan=3, other=8), OPEN),  # not yet trained
        (claims.autoencoders_cover_no_less, rings(gan=3, other=3), "reproduced"),
        (claims.autoencoders_cover_no_less, rings(gan=3, other=2), NO),
        (claims.autoencoders_cover_no_less, rings(gan=8, other=8), OPEN),
    ],
)
def test_rings(function, records, word):
    assert decide(function(*records)) == word


def copies(patched=0.95, missed=9, sharp=0.5):
    classes = np.arange(10).repeat(20)
    errors = np.where(classes == 4, 1.0, 5.0)
    errors[(classes == missed) & (np.arange(200) % 20 < 12)] = 0.5
    return {
        "patched": np.full((10, 2, 5), patched), "errors": errors[None].repeat(10, axis=0), "classes": classes,
        "sharpness": np.array([[1.0, sharp]] * 10),
    }  # fmt: skip


def likelihoods(own, other):
    return {"own": np.array([own]), "other": np.array([other])}


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (claims.errors_point_at_the_patch, copies(), copies(patched=0.8)),
        (claims.close_classes_are_copied_too_well, copies(), copies(missed=1)),
        (claims.copies_are_blurred, copies(), copies(sharp=0.9)),
        (claims.other_data_are_as_likely, likelihoods(-3.0, -2.0), likelihoods(-2.0, -3.0)),
    ],
)
def test_claims_on_five_trainings(function, good, bad):
    assert decide(function(*[good] * 5)) == "reproduced"
    assert decide(function(*[bad] * 5)) == NO
    assert decide(function(*[good] * 3, *[bad] * 3)) == OPEN


def test_colour_images_are_harder():
    spread = np.linspace(-0.02, 0.02, 10)
    digits = {"auc": 0.95 + spread}
    assert decide(claims.colour_images_are_harder(digits, {"auc": 0.6 + spread})) == "reproduced"
    assert decide(claims.colour_images_are_harder(digits, {"auc": 0.9 + spread})) == NO
    assert decide(claims.colour_images_are_harder(digits, {"auc": 0.8 + 10 * spread})) == OPEN


def test_more_parts_cost_more():
    record = {
        "counts": np.array([1, 11, 66]),
        "expected": np.array([1, 11, 66]),
        "processor_seconds": np.array([[1, 2, 3]]),
    }
    assert claims.more_parts_cost_more(record).holds is True
    assert claims.more_parts_cost_more(record | {"expected": np.array([1, 10, 66])}).holds is False
    assert claims.more_parts_cost_more(record | {"processor_seconds": np.array([[1, 3, 2]])}).holds is False
