"""Verdicts of chapter `gan-challenges` follow from the records, in both directions."""

import numpy as np
import pytest

from notebooks.review.gan_challenges import claims
from notebooks.review.gan_challenges.experiments import Imbalance
from notebooks.review.gan_challenges.toys import METHODS, LatentLaw


def modes(**covered):
    return {"covered": np.array([[covered.get(name.replace(" ", "_").replace("-", "_"), 6)] * 5 for name in METHODS])}


def watched(apart=0.01, late=0.69):
    entropy = np.linspace(0.5, late, 50)[None].repeat(3, axis=0)
    return {"apart": np.full((3, 50, 2), apart), "entropy": entropy, "marks": np.arange(50)}


def mixed(auc):
    return {"shares": np.array([0, 0.01, 0.05, 0.1, 0.2]), "auc": np.array(auc)[:, :, None].repeat(2, axis=2)}


def rates(first, last):
    return {"lengths": np.arange(4), "rates": np.linspace(first, last, 4)[None, :, None].repeat(2, axis=0)}


FALLING, FLAT = [0.95, 0.94, 0.9, 0.85, 0.8], [0.95, 0.95, 0.96, 0.95, 0.95]


@pytest.mark.parametrize(
    ("function", "record", "holds"),
    [
        (claims.wgan_gp_covers_more, modes(gan=3, wgan_gp=8), True),
        (claims.wgan_gp_covers_more, modes(gan=8, wgan_gp=8), False),
        (claims.autoencoders_cover_no_less, modes(gan=3, adversarial_vae=3), True),
        (claims.autoencoders_cover_no_less, modes(gan=3, adversarial_vae=2), False),
        (claims.the_discriminator_ends_undecided, watched(), True),
        (claims.the_discriminator_ends_undecided, watched(apart=0.06), False),
        (claims.the_error_of_normal_data_rises, watched(), True),
        (claims.the_error_of_normal_data_rises, watched(late=0.3), False),
        (claims.normal_vectors_lie_in_a_ring, LatentLaw.at("quick", samples=2_000).run(), True),
        (claims.the_origin_is_likely_and_never_drawn, LatentLaw.at("quick").run(), True),
        (claims.few_anomalies_harm, mixed([FALLING] * 3), True),
        (claims.few_anomalies_harm, mixed([FLAT] * 3), False),
        (claims.few_anomalies_harm, mixed([FALLING, FLAT, FALLING]), None),
        (claims.other_data_are_as_likely, {"own": np.array([-3.0]), "other": np.array([-2.0])}, True),
        (claims.other_data_are_as_likely, {"own": np.array([-2.0]), "other": np.array([-3.0])}, False),
        (claims.f1_flatters_alarms_without_end, Imbalance.at("quick", points=20_000).run(), True),
        (claims.longer_subsequences_raise_false_alarms, rates(0.1, 0.1), False),
        (claims.longer_subsequences_raise_false_alarms, rates(0.1, 0.4), True),
    ],
)
def test_criterion(function, record, holds):
    finding = function(record)
    assert finding.holds is holds
    assert finding.measured


def copies(patched=0.95, missed=9, sharp=0.5, auc=0.95):
    classes = np.arange(10).repeat(20)
    errors = np.where(classes == 4, 1.0, 5.0)
    errors[(classes == missed) & (np.arange(200) % 20 < 12)] = 0.5
    return {
        "patched": np.full((10, 2, 5), patched), "errors": errors[None].repeat(10, axis=0), "classes": classes,
        "sharpness": np.array([[1.0, sharp]] * 10), "auc": np.full(10, auc),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (claims.errors_point_at_the_patch, [copies()], [copies(patched=0.8)]),
        (claims.close_classes_are_copied_too_well, [copies()], [copies(missed=1)]),
        (claims.copies_are_blurred, [copies()], [copies(sharp=0.9)]),
        (claims.colour_images_are_harder, [copies(), copies(auc=0.6)], [copies(), copies(auc=0.9)]),
    ],
)
def test_claims_on_copies(function, good, bad):
    assert function(*good).holds is True
    assert function(*bad).holds is False


def test_more_parts_cost_more():
    record = {
        "counts": np.array([1, 11, 66]),
        "expected": np.array([1, 11, 66]),
        "processor_seconds": np.array([[1, 2, 3]]),
    }
    assert claims.more_parts_cost_more(record).holds is True
    assert claims.more_parts_cost_more(record | {"expected": np.array([1, 10, 66])}).holds is False
    assert claims.more_parts_cost_more(record | {"processor_seconds": np.array([[1, 3, 2]])}).holds is False
