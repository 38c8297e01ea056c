"""Findings over readings and trainings: causes, excluded readings, means over trainings."""

import numpy as np
import pytest

from companion.claims.base import Case, above, mean_interval, true
from companion.claims.decision import decide
from notebooks.thesis.background.claims import far_points_are_anomalies
from notebooks.thesis.background.experiments import DETECTORS
from notebooks.thesis.common.readings import READINGS, over_readings


def cases(setting: str, *outcomes: bool, admissible: bool = True) -> list[Case]:
    return [Case((true("met", met),), setting, i, admissible) for i, met in enumerate(outcomes)]


def test_names_of_readings():
    assert [name for _, name, _ in READINGS] == [
        "plain steps on the sum", "plain steps on the mean", "Adam on the sum", "Adam on the mean",
    ]  # fmt: skip
    assert [admissible for *_, admissible in READINGS] == [True, False, True, True]


@pytest.mark.parametrize(
    ("found", "verdict", "cause"),
    [
        (cases("a", *[True] * 5), "reproduced", ""),
        (cases("a", *[False] * 5), "not reproduced", "detector"),
        (cases("a", *[True] * 5) + cases("b", *[False] * 5), "reproduced in part", "unstated choice"),
        (cases("a", *[True] * 5) + cases("b", *[False] * 5, admissible=False), "reproduced", ""),
        (cases("a", True, True, True, False, False), "inconclusive", "unstated choice"),
        (cases("a", *[True] * 4), "inconclusive", "scale"),
        (cases("a", *[False] * 4), "inconclusive", "scale"),
    ],
)
def test_cause(found, verdict, cause):
    finding = over_readings(found, "detector")
    assert (decide(finding), finding.cause, finding.random) == (verdict, cause, True)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [((1, 2, 1, 2, 1), "reproduced"), ((-1, -2, -1, -2, -1), "not reproduced"), ((-1, 2, -1, 2, -1), "inconclusive")],
)
def test_the_interval_of_a_mean_over_five_trainings_decides(values, verdict):
    part = above("gain", float(np.mean(values)), 0, mean_interval(values), "5 trainings")
    finding = over_readings([Case((part,), pooled=5)], "detector")
    assert decide(finding) == verdict
    assert finding.cause == {"reproduced": "", "not reproduced": "detector", "inconclusive": "scale"}[verdict]
    assert decide(over_readings([Case((part,), pooled=4)], "detector")) == "inconclusive"


def plane(**missed: int) -> dict[str, np.ndarray]:
    """Return shares above the limit, all 1 but those of the group for some detectors."""
    above_limit = np.ones((2, 2, len(DETECTORS), 3))
    for name, sizes in missed.items():
        above_limit[sizes:, :, DETECTORS.index(name), 2] = 0.5
    return {"above": above_limit, "groups": np.array([4, 25])}


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ([plane()] * 5, "reproduced"),
        ([plane(LOF=1)] * 5, "reproduced"),  # excused: the group is larger than its neighbourhood
        ([plane(LOF=0)] * 5, "reproduced in part"),
        (
            [plane(KNN=0, LOF=0, IForest=0)] * 5,
            "reproduced in part",
        ),  # LOF, of a large group, is only asked for o_1, o_2
        ([{**plane(), "above": np.zeros((2, 2, 3, 3))}] * 5, "not reproduced"),
        ([plane()] * 4, "inconclusive"),
    ],
)
def test_far_points(records, verdict):
    assert decide(far_points_are_anomalies(*records)) == verdict
