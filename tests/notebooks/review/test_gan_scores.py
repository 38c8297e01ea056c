"""Verdicts on parts of scores and searches follow from the records; test labels decide on no weight."""

import numpy as np
import pytest

from notebooks.review.gan_challenges.measures import STEP, weights
from notebooks.review.gan_scores import claims as gan_scores
from notebooks.review.gan_scores import figures
from notebooks.review.gan_scores.composition import Labelled, linear, machine, weighed
from notebooks.review.gan_scores.latent_space import TRUNCATIONS
from notebooks.review.gan_scores.score_parts import LAMBDAS, SETS, WAYS
from notebooks.review.gan_scores.search_budget import EPSILONS, LIMITS, STARTS, differing

RNG = np.random.default_rng(0)


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
        (gan_scores.near_vectors_give_near_images, {"near": np.full((2, 3), 0.7)}, False),
        (gan_scores.normal_data_suffice, {"full": ONLY_EASY}, None),
        (gan_scores.both_parts_beat_one, {"linear": WEAK}, False),
        (gan_scores.the_best_weight_moves, {"validated": STILL}, False),
        (gan_scores.a_machine_beats_weights, {"best": np.full((2, 3, len(SETS)), 0.95)}, None),
        (gan_scores.anomalies_need_unlikely_vectors, {"outside": np.full((2, 3, 2), 1.0)}, False),
        (gan_scores.the_norm_helps, {"linear": np.full((2, 3, len(SETS)), 0.8)}, None),
        (gan_scores.truncation_trades_variety, {"nn_ratio": np.ones((2, 3, 4))}, False),
        (gan_scores.image_distances_separate_better, {"image": np.full((2, 3, 3), 0.4)}, False),
        (gan_scores.encoders_lose_nothing, {"full": np.array([0.9, 0.9, 0.7, 0.9]) + np.zeros((2, 3, 4))}, None),
        (gan_scores.joint_training_separates_better, {"code": np.full((2, 3, 3, 2), 0.5)}, False),
        (gan_scores.the_cycle_makes_inverses, {"inversion": np.ones((2, 3, 3, 2))}, False),
    ],
)  # fmt: skip
def test_a_criterion_on_parts_is_met_or_it_is_not(function, changed, otherwise):
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
        (gan_scores.the_best_budget_is_inside, [budget()] * 2, [budget(), budget(inside=0.9)], None),
        (gan_scores.a_mean_decides_wrongly, [budget()] * 2, [budget(differs=0.0)] * 2, False),
        (gan_scores.starts_help_and_cost, [budget()] * 2 + [times()], [budget()] * 2 + [times((1, 4, 30))], False),
        (gan_scores.sizes_have_a_best, [sizes(), times()], [sizes((0.5, 0.6, 0.7, 0.8, 0.9)), times()], False),
        (gan_scores.gans_train_longer, [times()], [times(iteration=(1.0, 1.0))], False),
    ],
)
def test_a_criterion_on_searches_is_met_or_it_is_not(function, good, bad, otherwise):
    assert function(*good).holds is True
    assert function(*bad).holds is otherwise


def test_negatives_are_judged_over_all_sets():
    names = np.array(gan_scores.DIGIT_SETS)
    good, bad = ({"names": names, "auroc": np.full((2, len(names)), value)} for value in (0.9, 0.6))
    assert gan_scores.negatives_sharpen(good, bad).holds is True
    assert gan_scores.negatives_sharpen(bad, good).holds is False


def labelled(seed):
    labels = np.arange(80) % 2
    rng = np.random.default_rng(seed)
    return Labelled({"a": rng.normal(size=80) + 2 * labels, "b": rng.normal(size=80)}, labels)


def test_weights_and_machine_are_chosen_on_validation_rows_alone():
    """With every test label turned round, what was chosen gives 1 less its AUC: it was chosen without them."""
    validation, test = labelled(0), labelled(1)
    turned = test._replace(labels=1 - test.labels)
    assert linear(validation, turned, ("a", "b"))[0] == pytest.approx(1 - linear(validation, test, ("a", "b"))[0])
    assert machine(validation, turned, ("a", "b")) == pytest.approx(1 - machine(validation, test, ("a", "b")))
    chosen, best = linear(validation, test, ("a", "b"))
    assert 0.85 < chosen <= best


def test_every_weighting_is_tried_once():
    data = labelled(0)
    assert len(weighed(data, ("a", "b"))) == STEP + 1 == len(list(weights(2)))


def test_rows_that_the_mean_does_not_describe_are_counted():
    apart = np.full((5, 4), 0.4)
    apart[2:, :3] = 0.0  # the mean is 0.1 from the third step on, one row stays far
    assert differing(apart, 0.1) == 0.25
    assert differing(apart, 0.01) == 0.75  # the mean never arrives, three of the four rows do


def test_figures_and_tables_hold_what_the_record_does():
    record = parts() | {"marks": np.arange(1, 7), "norms": RNG.random((2, 3, 20)) * 5}
    figure = figures.weights(record, (4, 8))
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots] == pytest.approx(LAMBDAS[[0, 2, 4, 6, 8, 10]])
    assert len(figures.norms(record, 16).axes[0].get_legend().texts) == 3
    head, rows = figures.compositions(record)
    assert len(rows) == len(SETS) and rows[0] == ["residual", "0.800", "0.800", "0.900"]
    assert [row[0] for row in figures.truncations(record)[1]] == ["0.5", "1", "2", "none"] and len(TRUNCATIONS) == 4
    head, rows = figures.encoders(record)
    assert [row[0] for row in rows[1:]] == list(WAYS) and {len(row) for row in rows} == {len(head.split(" | "))}
    numbers = {text.get_text() for text in figures.budgets(budget(), budget()).axes[0].texts}
    assert numbers == {"0.90", "0.95"}
    assert np.array_equal(figures.sizes(sizes()).axes[1].lines[-1].get_ydata(), sizes()["auc"][0])
    shown = np.zeros((1, 5, 2, 16), np.uint8)
    assert len(figures.copies({"shown": shown}, side=4).axes) == 10
    made = {key: np.full((1, len(figures.METHODS)), 0.5) for key in ("auc", "varied", "unlike")}
    assert figures.implementations(made)[1][0] == ["AnoGAN (PyOD)", "0.500", "0.50", "50.0%"]
    assert len(STARTS) == 3
