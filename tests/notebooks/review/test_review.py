"""Verdicts on the review's claims follow from the records, in both directions."""

import numpy as np
import pytest

from notebooks.review.gan_challenges import claims as gan_challenges
from notebooks.review.gan_challenges.measures import Imbalance
from notebooks.review.gan_challenges.toys import METHODS, LatentLaw
from notebooks.review.gan_review import claims as gan_review
from notebooks.review.gan_review.inference import ROWS


def modes(**covered):
    return {"covered": np.array([[covered.get(name.replace(" ", "_").replace("-", "_"), 6)] * 5 for name in METHODS])}


def watched(apart=0.01, late=0.69):
    entropy = np.linspace(0.5, late, 50)[None].repeat(3, axis=0)
    return {"apart": np.full((3, 50, 2), apart), "entropy": entropy, "marks": np.arange(50)}


def mixed(auc):
    return {"shares": np.array([0, 0.01, 0.05, 0.1, 0.2]), "auc": np.array(auc)[:, :, None].repeat(2, axis=2)}


def timed(*seconds, auc=0.9):
    """Return a record of Table 1 with the given time of each row, the same from either start."""
    measures = np.full((2, len(ROWS), 3), 0.9)
    measures[:, -1, 0] = auc
    return {
        "processor_seconds": np.array(seconds)[None, :, None].repeat(2, axis=0).repeat(3, axis=2),
        "measures": measures,
    }


def plane(bands=(0, 0.1, 0.2), normal=1.0, other=5.0, spread=0.5):
    ends = np.repeat([normal, other], 5)[:, None] * (1 + spread * np.array([0, 1, 2]))
    losses = np.stack((ends + 9, ends), axis=2)
    return {
        "band_other": np.array(bands),
        "sampled_other": np.array(0.1),
        "losses": losses,
        "targets": np.zeros((10, 4)),
    }


def rates(first, last):
    return {"lengths": np.arange(4), "rates": np.linspace(first, last, 4)[None, :, None].repeat(2, axis=0)}


FALLING, FLAT = [0.95, 0.94, 0.9, 0.85, 0.8], [0.95, 0.95, 0.96, 0.95, 0.95]
PAPER = [row.reported for row in ROWS]


@pytest.mark.parametrize(
    ("function", "record", "holds"),
    [
        (gan_challenges.wgan_gp_covers_more, modes(gan=3, wgan_gp=8), True),
        (gan_challenges.wgan_gp_covers_more, modes(gan=8, wgan_gp=8), False),
        (gan_challenges.autoencoders_cover_no_less, modes(gan=3, adversarial_vae=3), True),
        (gan_challenges.autoencoders_cover_no_less, modes(gan=3, adversarial_vae=2), False),
        (gan_challenges.the_discriminator_ends_undecided, watched(), True),
        (gan_challenges.the_discriminator_ends_undecided, watched(apart=0.06), False),
        (gan_challenges.the_error_of_normal_data_rises, watched(), True),
        (gan_challenges.the_error_of_normal_data_rises, watched(late=0.3), False),
        (gan_challenges.normal_vectors_lie_in_a_ring, LatentLaw.at("quick", samples=2_000).run(), True),
        (gan_challenges.the_origin_is_likely_and_never_drawn, LatentLaw.at("quick").run(), True),
        (gan_challenges.few_anomalies_harm, mixed([FALLING] * 3), True),
        (gan_challenges.few_anomalies_harm, mixed([FLAT] * 3), False),
        (gan_challenges.few_anomalies_harm, mixed([FALLING, FLAT, FALLING]), None),
        (gan_challenges.other_data_are_as_likely, {"own": np.array([-3.0]), "other": np.array([-2.0])}, True),
        (gan_challenges.other_data_are_as_likely, {"own": np.array([-2.0]), "other": np.array([-3.0])}, False),
        (gan_challenges.f1_flatters_alarms_without_end, Imbalance.at("quick", points=20_000).run(), True),
        (gan_challenges.longer_subsequences_raise_false_alarms, rates(0.1, 0.1), False),
        (gan_challenges.longer_subsequences_raise_false_alarms, rates(0.1, 0.4), True),
        (gan_review.iterations_and_tolerance_set_the_time, timed(*PAPER), True),
        (gan_review.iterations_and_tolerance_set_the_time, timed(10, 1, 10, 10, 5, 1, 1), False),
        (gan_review.batches_search_faster, timed(*PAPER), True),
        (gan_review.batches_search_faster, timed(9, 1, 18, 5, 2, 1, 1), False),
        (gan_review.an_encoder_is_faster, timed(*PAPER), True),
        (gan_review.an_encoder_is_faster, timed(99, 1, 99, 9, 9, 1, 1), False),
        (gan_review.encoders_like_batches, timed(*PAPER), True),
        (gan_review.encoders_like_batches, timed(*PAPER, auc=0.89), False),
        (gan_review.generators_make_other_things, plane(), True),
        (gan_review.generators_make_other_things, plane(bands=(0.2, 0.1, 0)), False),
        (gan_review.searches_end_in_different_places, plane(), True),
        (gan_review.searches_end_in_different_places, plane(spread=0.0), False),
        (gan_review.a_residual_remains, plane(), True),
        (gan_review.a_residual_remains, plane(other=1.0), False),
    ],
)  # fmt: skip
def test_a_criterion_is_met_or_it_is_not(function, record, holds):
    finding = function(record)
    assert finding.holds is holds
    assert finding.measured


def test_a_ratio_of_two_is_left_open_where_equal_searches_take_unequal_times():
    record = timed(*PAPER)
    record["processor_seconds"] = record["processor_seconds"] * np.array([1, 1.3, 1.8])
    assert gan_review.iterations_and_tolerance_set_the_time(record).holds is None


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
        (gan_challenges.errors_point_at_the_patch, [copies()], [copies(patched=0.8)]),
        (gan_challenges.close_classes_are_copied_too_well, [copies()], [copies(missed=1)]),
        (gan_challenges.copies_are_blurred, [copies()], [copies(sharp=0.9)]),
        (gan_challenges.colour_images_are_harder, [copies(), copies(auc=0.6)], [copies(), copies(auc=0.9)]),
    ],
)
def test_copies_decide_four_claims(function, good, bad):
    assert function(*good).holds is True
    assert function(*bad).holds is False


def test_more_parts_have_to_cost_more_and_be_as_many_as_the_formula_says():
    record = {
        "counts": np.array([1, 11, 66]),
        "expected": np.array([1, 11, 66]),
        "processor_seconds": np.array([[1, 2, 3]]),
    }
    assert gan_challenges.more_parts_cost_more(record).holds is True
    assert gan_challenges.more_parts_cost_more(record | {"expected": np.array([1, 10, 66])}).holds is False
    assert gan_challenges.more_parts_cost_more(record | {"processor_seconds": np.array([[1, 3, 2]])}).holds is False
