"""Verdicts of chapter `gan-scores` follow from the records, in both directions."""

import numpy as np
import pytest

from notebooks.review.gan_scores import claims
from notebooks.review.gan_scores.score_parts import LAMBDAS, SETS
from notebooks.review.gan_scores.search_budget import EPSILONS, LIMITS


def parts(**changed):
    """Two classes, three seeds; everything as the review says."""
    found = {name: np.full((2, 3, len(SETS)), 0.8) for name in ("linear", "best", "machine")}
    found["machine"][:] = 0.9
    for name in ("linear", "machine"):
        found[name][..., [6, 7]] += 0.02  # with the norm
    validated = np.zeros((2, 3, 6, 2, len(LAMBDAS)))
    for c in range(2):
        for mark in range(6):
            validated[c, :, mark, :, 2 * mark + c] = 1
    return found | {
        "validated": validated, "near": np.full((2, 3), 0.9), "jumps": np.full((2, 3, 20), 1.5),
        "full": np.full((2, 3, 4), 0.85), "outside": np.array([0.1, 0.3]) + np.zeros((2, 3, 2)),
        "div_ratio": np.linspace(0.2, 0.8, 4) + np.zeros((2, 3, 4)),
        "nn_ratio": np.linspace(1, 2, 4) + np.zeros((2, 3, 4)), "image": np.full((2, 3, 3), 0.9),
        "code": np.array([0.5, 0.6, 0.7])[:, None] + np.zeros((2, 3, 3, 2)),
        "inversion": np.array([1.0, 1.0, 0.5])[:, None] + np.zeros((2, 3, 3, 2)),
    } | changed  # fmt: skip


ONLY_EASY = np.array([0.85, 0.7])[:, None, None] + np.zeros((2, 3, 4))
WEAK = np.where(np.arange(len(SETS)) == 0, 0.9, 0.8) + np.zeros((2, 3, 1))
STILL = np.ones((2, 3, 6, 2, len(LAMBDAS)))


@pytest.mark.parametrize(
    ("function", "changed", "otherwise"),
    [
        (claims.near_vectors_give_near_images, {"near": np.full((2, 3), 0.7)}, False),
        (claims.normal_data_suffice, {"full": ONLY_EASY}, None),
        (claims.both_parts_beat_one, {"linear": WEAK}, False),
        (claims.the_best_weight_moves, {"validated": STILL}, False),
        (claims.an_svm_beats_weights, {"best": np.full((2, 3, len(SETS)), 0.95)}, None),
        (claims.anomalies_need_unlikely_vectors, {"outside": np.full((2, 3, 2), 1.0)}, False),
        (claims.the_norm_helps, {"linear": np.full((2, 3, len(SETS)), 0.8)}, None),
        (claims.truncation_trades_variety, {"nn_ratio": np.ones((2, 3, 4))}, False),
        (claims.image_distances_separate_better, {"image": np.full((2, 3, 3), 0.4)}, False),
        (claims.encoders_lose_nothing, {"full": np.array([0.9, 0.9, 0.7, 0.9]) + np.zeros((2, 3, 4))}, None),
        (claims.joint_training_separates_better, {"code": np.full((2, 3, 3, 2), 0.5)}, False),
        (claims.the_cycle_makes_inverses, {"inversion": np.ones((2, 3, 3, 2))}, False),
    ],
)  # fmt: skip
def test_criterion_on_parts(function, changed, otherwise):
    assert function(parts()).holds is True
    finding = function(parts(**changed))
    assert finding.holds is otherwise and finding.measured


def budget(inside=0.95, differs=0.2, starts=(0.8, 0.85, 0.9)):
    auc = np.full((2, len(EPSILONS), len(LIMITS)), 0.9)
    auc[:, 2, 2] = inside
    return {"auc": auc, "differs": np.full((2, len(EPSILONS)), differs), "start_auc": np.array([starts] * 2)}


def times(start=(1, 4, 16), dimension=(1, 2, 3, 4, 5), iteration=(5.0, 1.0)):
    return {
        "dimensions": np.array([2, 8, 32, 128, 512]), "iterations": np.array([1200, 600]),
        "start_seconds": np.array([start] * 3, float), "dimension_seconds": np.array([dimension] * 3, float),
        "iteration_seconds": np.array([iteration] * 3),
    }  # fmt: skip


def sizes(auc=(0.7, 0.8, 0.9, 0.8, 0.7)):
    return {"error": np.array([[5.0, 4, 3, 2, 1]]), "auc": np.array([auc]), "dimensions": times()["dimensions"]}


@pytest.mark.parametrize(
    ("function", "good", "bad", "otherwise"),
    [
        (claims.the_best_budget_is_inside, [budget()] * 2, [budget(), budget(inside=0.9)], None),
        (claims.a_mean_decides_wrongly, [budget()] * 2, [budget(differs=0.0)] * 2, False),
        (claims.starts_help_and_cost, [budget()] * 2 + [times()], [budget()] * 2 + [times((1, 4, 30))], False),
        (claims.sizes_have_a_best, [sizes(), times()], [sizes((0.5, 0.6, 0.7, 0.8, 0.9)), times()], False),
        (claims.gans_train_longer, [times()], [times(iteration=(1.0, 1.0))], False),
    ],
)
def test_criterion_on_searches(function, good, bad, otherwise):
    assert function(*good).holds is True
    assert function(*bad).holds is otherwise


def test_negatives_are_judged_over_all_sets():
    names = np.array(claims.DIGIT_SETS)
    good, bad = ({"names": names, "auroc": np.full((2, len(names)), value)} for value in (0.9, 0.6))
    assert claims.negatives_sharpen(good, bad).holds is True
    assert claims.negatives_sharpen(bad, good).holds is False
