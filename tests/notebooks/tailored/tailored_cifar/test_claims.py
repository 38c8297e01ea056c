"""Verdicts of chapter `tailored-cifar`, and on both data sets, follow from the records by the fixed criteria."""

import numpy as np
import pytest

from companion.claims import base
from notebooks.tailored.common.claims import NAMES as BOTH
from notebooks.tailored.common.scores import COLOUR_SETS, DIGIT_SETS

MADE = ("fakes", "fakes-uniform", "near")


def record(sets, auroc=0.97, accuracy=1.0, **changed):
    """Two detectors: values of sets by name, 0.97 and 1 for the others, near anomalies less often recognised."""
    names = (*sets, *MADE)
    areas, right = ({**dict.fromkeys(names, default), **given} for default, given in ((0.97, auroc), (1.0, accuracy)))
    return {
        "names": np.array(names),
        "auroc": np.repeat([[areas[name] for name in names]], 2, axis=0),
        "accuracy": np.repeat([[[right[name]] * 2 for name in names]], 2, axis=0),
        "accepted": np.array([[0.95, 0.99], [0.96, 0.98]]),
    } | changed


def digits(auroc={}, accuracy={"near": 0.9}, **changed):  # noqa: B006
    return record(DIGIT_SETS, auroc, accuracy, **changed)


def colour(auroc={}, accuracy={"near": 0.9}, **changed):  # noqa: B006
    return record(COLOUR_SETS, auroc, accuracy, **changed)


LIKE_THE_PAPER = {"cifar100": 0.56, "mnist": 0.24, "uniform": 0.04, "gaussian": 0.03, "fakes": 0.57}
POOR = {"near": 0.6}
DETECTS = {"cifar100": 0.9}
IN_COLOUR = {  # claim: records that do not fail, such as fail, and such as are too small to fail
    "25": (
        [colour(LIKE_THE_PAPER)],
        [colour(LIKE_THE_PAPER | {"uniform": 0.5})],
        [colour(LIKE_THE_PAPER | {"uniform": 0.5, "fakes": 0.8})],
    ),
    "33": ([colour({"cifar100": 0.55})], [colour(DETECTS)], None),
    "36": ([colour(), colour(DETECTS)], None, None),
    "40": ([colour(), colour({"mnist": 0.9})], [colour(), colour({"mnist": 0.99})],
           [colour(POOR), colour({"mnist": 0.99})]),
}  # fmt: skip
ACCEPTED = np.array([[0.9, 0.99]])
ON_BOTH = {  # claim: criteria met on both, missed on digits, missed in colour
    "17": ([{"accuracy": np.array(0.985)}, {"accuracy": np.array(0.94)}], [{"accuracy": np.array(0.96)}] * 2,
           [{"accuracy": np.array(0.985)}, {"accuracy": np.array(0.7)}]),
    "28": ([digits(), colour()], [digits(POOR), colour()], [digits(), colour(POOR)]),
    "30": ([digits(), colour()], [digits(accuracy={"uniform": 0.99}), colour()],
           [digits(), colour(accuracy={"gaussian": 0.99})]),
    "32": ([digits(), colour()], [digits(accuracy={}), colour()], [digits(), colour(POOR)]),
    "38": ([digits(), digits(), colour(), colour()], [digits(), digits(accepted=ACCEPTED), colour(), colour()],
           [digits(), digits(), colour(), colour(accepted=ACCEPTED)]),
    "41": ([digits(), digits(), colour(), colour()], [digits(DETECTS), digits({"fashion": 0.1}), colour(), colour()],
           [digits(), digits(), colour(), colour({"mnist": 0.1})]),
}  # fmt: skip


def judged(number, records):
    judge = base.claim_checks()[f"tailored-c-{number}"]
    assert judge.function is not None
    return judge.function(*records)


@pytest.mark.parametrize("number", IN_COLOUR)
def test_what_does_not_fail_in_colour_is_open_for_want_of_data(number):
    good, bad, small = IN_COLOUR[number]
    found = judged(number, good)
    assert found.holds is None and found.cause == "data"
    if bad:
        assert judged(number, bad).holds is False
    if small:
        assert judged(number, small).holds is None and judged(number, small).cause == "scale"


@pytest.mark.parametrize("number", ON_BOTH)
def test_digits_decide_and_colour_agrees_or_is_too_small(number):
    good, bad, small = ON_BOTH[number]
    assert judged(number, good).holds is True
    assert judged(number, bad).holds is False
    found = judged(number, small)
    assert found.holds is None and found.cause == "scale"
    assert all(any(name in key for key in found.measured) for name in BOTH)


@pytest.mark.parametrize(
    ("shares", "holds", "cause"),
    [((0.9, 0.85, 0.99), True, ""), ((0.7, 0.9, 0.9), False, "detector"), ((0.9, 0.5, 0.9), None, "scale")],
)
def test_real_images_decide_whether_strangers_are_refused(shares, holds, cause):
    found = judged("42", [{"refused": np.repeat(np.array(shares)[None, :, None], 4, axis=0)}])
    assert found.holds is holds and (holds or found.cause == cause)


def test_a_critic_that_prefers_fakes_decides_nothing():
    found = judged("25", [colour(LIKE_THE_PAPER | {"uniform": 0.5, "fakes": 0.2})])
    assert found.holds is None and found.cause == "scale"


@pytest.mark.parametrize("number", ON_BOTH)
def test_digits_alone_may_fail_but_not_hold(number):
    good, bad, _ = ON_BOTH[number]
    assert judged(number, good[: len(good) // 2]).holds is None
    assert judged(number, bad[: len(bad) // 2]).holds is False
