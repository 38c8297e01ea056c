"""Verdicts of chapter `gan-scores` follow from the records, in both directions."""

import numpy as np
import pytest

from companion.claims.decision import decide
from notebooks.review.gan_scores import claims, claims_search
from notebooks.review.gan_scores.score_parts import LAMBDAS, SETS
from notebooks.review.gan_scores.search_budget import EPSILONS, LIMITS

SEEDS = 5
NO = "not reproduced"


def parts(**changed):
    """Two classes, five seeds; everything as the review says."""
    found = {name: np.full((2, SEEDS, len(SETS)), 0.8) for name in ("linear", "best", "machine")}
    found["machine"][:] = 0.9
    found["linear"][..., [4, 5]] += 0.01  # both parts
    for name in ("linear", "machine"):
        found[name][..., [6, 7]] += 0.02  # with the norm
    validated = np.zeros((2, SEEDS, 6, 2, len(LAMBDAS)))
    for c in range(2):
        for mark in range(6):
            validated[c, :, mark, :, 2 * mark + c] = 1
    return found | {
        "validated": validated, "near": np.full((2, SEEDS), 0.9), "jumps": np.full((2, SEEDS, 20), 1.5),
        "full": np.full((2, SEEDS, 4), 0.85), "outside": np.array([0.1, 0.3]) + np.zeros((2, SEEDS, 2)),
        "div_ratio": np.linspace(0.2, 0.8, 4) + np.zeros((2, SEEDS, 4)),
        "nn_ratio": np.linspace(1, 2, 4) + np.zeros((2, SEEDS, 4)), "image": np.full((2, SEEDS, 3), 0.9),
        "code": np.array([0.5, 0.6, 0.7])[:, None] + np.zeros((2, SEEDS, 3, 2)),
        "inversion": np.array([1.0, 1.0, 0.5])[:, None] + np.zeros((2, SEEDS, 3, 2)),
    } | changed  # fmt: skip


ONLY_EASY = np.array([0.85, 0.7])[:, None, None] + np.zeros((2, SEEDS, 4))
WEAK = np.where(np.arange(len(SETS)) == 0, 0.9, 0.8) + np.zeros((2, SEEDS, 1))
USELESS = np.full((2, SEEDS, len(SETS)), 0.8)  # the second part adds nothing
AT_CHANCE = np.array([0.33, 0.49, 0.7])[:, None] + np.zeros((2, SEEDS, 3, 2))
ENCODERS = np.array([0.9, 0.9, 0.7, 0.9]) + np.zeros((2, SEEDS, 4))


@pytest.mark.parametrize(
    ("function", "changed", "otherwise"),
    [
        (claims.near_vectors_give_near_images, {"near": np.full((2, SEEDS), 0.7)}, NO),
        (claims.near_vectors_give_near_images, {"jumps": np.full((2, SEEDS, 20), 3.5)}, NO),
        (claims.normal_data_suffice, {"full": ONLY_EASY}, "reproduced in part"),
        (claims.both_parts_beat_one, {"linear": WEAK}, NO),
        (claims.both_parts_beat_one, {"linear": USELESS}, NO),
        (claims.an_svm_beats_weights, {"best": np.full((2, SEEDS, len(SETS)), 0.95)}, "reproduced in part"),
        (claims.anomalies_need_unlikely_vectors, {"outside": np.zeros((2, SEEDS, 2))}, NO),
        (claims.the_norm_helps, {"linear": USELESS}, "reproduced in part"),
        (claims.truncation_trades_variety, {"nn_ratio": np.ones((2, SEEDS, 4))}, NO),
        (claims.truncation_trades_variety, {"div_ratio": np.full((2, SEEDS, 4), 0.3)}, "inconclusive"),
        (claims.image_distances_separate_better, {"image": np.full((2, SEEDS, 3), 0.4)}, NO),
        (claims.encoders_lose_nothing, {"full": ENCODERS}, "reproduced in part"),
        (claims.joint_training_separates_better, {"code": np.full((2, SEEDS, 3, 2), 0.6)}, NO),
        (claims.joint_training_separates_better, {"code": AT_CHANCE}, NO),
        (claims.the_cycle_makes_inverses, {"inversion": np.ones((2, SEEDS, 3, 2))}, NO),
    ],
)  # fmt: skip
def test_criterion_on_parts(function, changed, otherwise):
    assert decide(function(parts())) == "reproduced"
    assert decide(function(parts(**changed))) == otherwise


def test_trainings_that_disagree_are_inconclusive():
    full = parts()["full"]
    full[:, :2] = 0.7  # two of five seeds
    assert decide(claims.normal_data_suffice(parts(full=full))) == "inconclusive"


def test_the_place_of_a_flat_maximum_cannot_tell():
    assert decide(claims.the_best_weight_moves(parts())) == "reproduced"
    flat = np.random.default_rng(0).normal(0.8, 1e-3, parts()["validated"].shape)
    assert decide(claims.the_best_weight_moves(parts(validated=flat))) == "inconclusive"
    still = np.zeros_like(flat)
    still[..., 3, :, 5] = 1.0  # the same λ for both classes at the only moment that counts
    assert decide(claims.the_best_weight_moves(parts(validated=still))) != "reproduced"


def budget(inside=0.95, differs=0.2, starts=(0.8, 0.85, 0.9), searched=0.5):
    auc = np.full((SEEDS, len(EPSILONS), len(LIMITS)), 0.9)
    auc[:, 2, 2] = inside
    return {
        "auc": auc, "differs": np.full((SEEDS, len(EPSILONS)), differs), "start_auc": np.array([starts] * SEEDS),
        "steps": np.full(auc.shape, searched * LIMITS[-1]),
    }  # fmt: skip


def times(start=(1, 4, 16), dimension=(1, 2, 3, 4, 5), iteration=(6.0, 1.0)):
    return {
        "dimensions": np.array([2, 8, 32, 128, 512]), "iterations": np.array([1200, 600]),
        "start_seconds": np.array([start] * 7, float), "dimension_seconds": np.array([dimension] * 7, float),
        "iteration_seconds": np.array([iteration] * 7),
    }  # fmt: skip


def sizes(auc=(0.7, 0.8, 0.9, 0.8, 0.7)):
    return {
        "error": np.array([[5.0, 4, 3, 2, 1]] * SEEDS), "auc": np.array([auc] * SEEDS),
        "dimensions": times()["dimensions"],
    }  # fmt: skip


RISING = (0.5, 0.6, 0.7, 0.8, 0.9)


@pytest.mark.parametrize(
    ("function", "good", "bad", "otherwise"),
    [
        (claims_search.the_best_budget_is_inside, [budget()] * 2, [budget(), budget(0.9)], "reproduced in part"),
        (claims_search.a_mean_decides_wrongly, [budget()] * 2, [budget(differs=0.0)] * 2, NO),
        (claims_search.a_mean_decides_wrongly, [budget()] * 2, [budget(searched=1.0)] * 2, "inconclusive"),
        (claims_search.starts_help_and_cost, [budget()] * 2 + [times()], [budget()] * 2 + [times((1, 4, 30))], NO),
        (claims_search.sizes_have_a_best, [sizes(), times()], [sizes(RISING), times()], "reproduced in part"),
        (claims_search.sizes_have_a_best, [sizes(), times()], [sizes(RISING), times(dimension=(5,) * 5)], NO),
        (claims_search.gans_train_longer, [times()], [times(iteration=(1.0, 1.0))], "inconclusive"),
    ],
)  # fmt: skip
def test_criterion_on_searches(function, good, bad, otherwise):
    assert decide(function(*good)) == "reproduced"
    assert decide(function(*bad)) == otherwise


def test_a_tolerance_that_no_row_reaches_does_not_count():
    reached = budget()
    reached["steps"][:, :3] = LIMITS[-1]
    reached["differs"][:, :3] = 0.0
    assert decide(claims_search.a_mean_decides_wrongly(reached, reached)) == "reproduced"


def test_negatives_of_one_gan_decide_nothing():
    names = np.array(claims.DIGIT_SETS)
    good, bad = ({"names": names, "auroc": np.full((2, len(names)), value)} for value in (0.9, 0.6))
    for records, holds in (((good, bad), True), ((bad, good), False)):
        finding = claims.negatives_sharpen(*records)
        assert finding.holds is holds
        assert decide(finding) == "inconclusive"
