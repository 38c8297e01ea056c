"""Verdicts of chapter `tailored-cifar`, and on both data sets, follow from the records by the fixed criteria."""

import inspect

import numpy as np
import pytest
from tailored.generators import fakes

from companion.claims import base
from companion.claims.decision import conditions, decide
from notebooks.tailored.common.omniglot import INVERTED
from notebooks.tailored.common.scores import COLOUR_SETS, DIGIT_SETS

MADE = ("fakes", "fakes-uniform", "near")


def record(sets, auroc, accuracy, trainings=2, **changed):
    """Return detectors' values of sets by name, 0.97 and 1 for the others, near anomalies less often recognised."""
    names = (*sets, *MADE)
    areas, right = ({**dict.fromkeys(names, default), **given} for default, given in ((0.97, auroc), (1.0, accuracy)))
    return {
        "names": np.array(names),
        "auroc": np.repeat([[areas[name] for name in names]], trainings, axis=0),
        "accuracy": np.repeat([[[right[name]] * 2 for name in names]], trainings, axis=0),
        "accepted": np.repeat([[0.95, 0.99]], trainings, axis=0),
    } | changed


def digits(auroc={}, accuracy={"near": 0.9}, **changed):  # noqa: B006
    return record((*DIGIT_SETS, INVERTED), auroc, accuracy, **changed)


def colour(auroc={}, accuracy={"near": 0.9}, **changed):  # noqa: B006
    return record(COLOUR_SETS, auroc, accuracy, **changed)


LIKE_THE_PAPER = {"cifar100": 0.56, "mnist": 0.24, "uniform": 0.04, "gaussian": 0.03}
POOR = {"near": 0.6}
DETECTS = {"cifar100": 0.9}
IN_COLOUR = {  # claim: records that do not fail, and such as fail
    "25": ([colour(LIKE_THE_PAPER)], [colour(LIKE_THE_PAPER | {"uniform": 0.5})]),
    "33": ([colour({"cifar100": 0.55})], [colour(DETECTS)]),
    "36": ([colour(), colour({"cifar100": 0.995})], [colour(), colour()]),
    "40": ([colour(), colour({"mnist": 0.9})], [colour(), colour({"mnist": 0.99})]),
}
ACCEPTED = np.array([[0.9, 0.99]])
ON_BOTH = {  # claim: records of digits that meet the criterion, and such as do not
    "28": ([digits()], [digits(POOR)]),
    "30": ([digits()], [digits(accuracy={"uniform": 0.99})]),
    "32": ([digits()], [digits(accuracy={})]),
    "38": ([digits(), digits()], [digits(), digits(accepted=ACCEPTED)]),
    "41": ([digits(), digits()], [digits(), digits({"fashion": 0.1})]),
}
TOLD, NOT_TOLD = {"fakes": 0.9}, {"fakes": 0.55}


def function(number):
    check = base.claim_checks()[f"tailored-c-{number}"]
    assert check.function is not None
    return check.function


def judged(number, records):
    """Return the finding by the criterion alone, whatever the generator is."""
    return inspect.unwrap(function(number))(*records)


@pytest.mark.parametrize("number", IN_COLOUR)
def test_criterion_in_colour(number):
    good, bad = IN_COLOUR[number]
    assert False not in [case.met() for case in judged(number, good).cases]
    assert judged(number, bad).holds is False


def test_sets_that_are_missing_are_named_and_cannot_be_judged():
    undecided = [case for number in ("25", "33", "40") for case in judged(number, IN_COLOUR[number][0]).cases]
    assert [case.setting.split(",")[0] for case in undecided if not case.decidable] == ["SVHN or LSUN", "SVHN", "LSUN"]
    assert decide(judged("36", IN_COLOUR["36"][1])) == "inconclusive"


@pytest.mark.parametrize("number", ON_BOTH)
def test_criterion_on_both(number):
    good, bad = ON_BOTH[number]
    assert {case.met() for case in judged(number, good)} == {True}
    assert {case.met() for case in judged(number, bad)} == {False}


def test_a_data_set_whose_generator_has_not_learned_is_shown_and_not_judged():
    learned, poor = fakes(), {"hit": np.array([0.1, 0.2])}
    many = record(DIGIT_SETS, {}, {"near": 0.9}, trainings=8)
    colours = [poor, colour(TOLD), colour()]
    check = function("28")
    found = check(learned, digits(NOT_TOLD), many, *colours)
    assert [k.holds for k in conditions(found)] == [True, None] and decide(found) == "reproduced in part"
    assert "has not learned" in conditions(found)[1].setting
    found = check(learned, digits(TOLD), many, *colours)
    assert decide(found) == "inconclusive" and "MNIST" in found.limits and "CIFAR-10" in found.limits
    as_distributed = {key: many[key][:, :1] for key in ("auroc", "accuracy")}
    found = function("32")(learned, digits(NOT_TOLD), many, as_distributed, *colours)
    assert [k.setting.split(",")[0] for k in conditions(found)] == ["MNIST", "MNIST", "CIFAR-10"]


def test_accuracy_of_the_classifiers():
    narrow = {"accuracy": np.array(0.67)}
    assert decide(judged("17", [{"accuracy": np.array(0.985)}, narrow])) == "reproduced in part"
    assert decide(judged("17", [{"accuracy": np.array(0.96)}, narrow])) == "inconclusive"  # one training


@pytest.mark.parametrize(
    ("shares", "holds"), [((0.9, 0.85, 0.99), True), ((0.7, 0.7, 0.7), False), ((0.9, 0.5, 0.9), None)]
)
def test_strangers_are_refused(shares, holds):
    record = {"refused": np.repeat(np.array(shares)[None, :, None], 8, axis=0)}
    found = judged("42", [{"hit": np.array(0.8)}, colour(NOT_TOLD), record])
    assert found.holds is holds
    unlearned = judged("42", [{"hit": np.array(0.1)}, colour(NOT_TOLD), record])
    assert [case.decidable for case in unlearned.cases] == [True] * 8 + [False] * 16
