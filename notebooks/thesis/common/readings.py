"""Findings over what the thesis leaves open: the ways to descend and which of them count, and the trainings."""

from collections import Counter
from collections.abc import Mapping, Sequence

from anogen.generators.gradient import GradientConfig
from companion.claims.base import Case, Finding, Number
from companion.claims.decision import TRAININGS
from notebooks.thesis.common.descent import WAYS


def describe(way: GradientConfig) -> str:
    """Return the name of a rule and reduction, as in "plain steps on the sum"."""
    return f"{'Adam' if way.rule == 'adam' else 'plain steps'} on the {way.reduction}"


def is_admissible(way: GradientConfig) -> bool:
    """Return whether a reading counts for verdicts: plain steps on the mean leave the noise almost as it was."""
    return (way.rule, way.reduction) != ("plain", "mean")


# Number, name and admissibility of each way to read "500 iterations with a learning rate of 0.01" (6.1.1).
READINGS = tuple((number, describe(way), is_admissible(way)) for number, way in enumerate(WAYS))


def over_readings(
    cases: Sequence[Case], cause: str, measured: Mapping[str, Number] | None = None, *, cost: str = "", flip: str = ""
) -> Finding:
    """Return the finding of a random detector over its cases.

    The cause of a failure is `cause` where no admissible case meets the criterion, *unstated choice* where some do, and
    *scale* where the trainings are too few for a verdict or an interval is too wide.
    """
    counted = [case for case in cases if case.admissible]
    trainings = Counter[str]()
    for case in counted:
        trainings[case.setting] += case.pooled or 1
    few = min(trainings.values()) < TRAININGS
    met = {case.met() for case in counted}
    if met == {True} and not few:
        cause = ""
    elif (few and not cost) or (None in met and False not in met):
        cause = "scale"
    elif True in met:
        cause = "unstated choice"
    return Finding(cases=tuple(cases), measured=measured or {}, cause=cause, random=True, cost=cost, flip=flip)
