"""Claims of the thesis's chapter 2: what counts as an anomaly, and how a detector is judged."""

from itertools import product
from typing import Any

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Case, Finding, at_most, claim, true
from notebooks.thesis.background.experiments import DETECTORS, LOF_NEIGHBOURS, TRAININGS, RocCurve
from notebooks.thesis.common.readings import over_readings

ANOMALIES = ("o_1", "o_2", "O_3")


def _all_seeds() -> list[Any]:
    roles = chapter_experiments("background")
    return [roles[role] for role in roles if role.startswith("anomalies")]


@claim("thesis-c-01", page="background", needs=_all_seeds)
def far_points_are_anomalies(*records: Arrays) -> Finding:
    """o_1, o_2 and all of O_3 above the 99th percentile of the normal points, for kNN, LOF and IForest.

    Taken over the group's size and the training set, which the thesis leaves open. As the criterion allows, LOF may
    miss O_3 where the group is larger than its neighbourhood. Each seed has other points and another forest.
    """
    cases = []
    order = sorted(range(len(TRAININGS)), key=lambda t: TRAININGS[t] == "all points")  # as the thesis trains
    for (d, name), t, (g, size) in product(enumerate(DETECTORS), order, enumerate(records[0]["groups"])):
        excused = name == "LOF" and size > LOF_NEIGHBOURS
        sought = ANOMALIES[:2] if excused else ANOMALIES
        for seed, record in enumerate(records):
            above = record["above"][g, t, d]  # the shares of (o_1, o_2, O_3)
            parts = tuple(true(f"{anomaly} is above", above[i] == 1) for i, anomaly in enumerate(sought))
            cases.append(Case(parts, f"{name}, fitted to {TRAININGS[t]}, {size} points in O_3", seed))
    return over_readings(cases, "detector")


@claim(
    "thesis-c-02",
    page="background",
    needs=lambda: [RocCurve()],
    identity="The area is the probability that an anomaly scores above a normal point; the example has 0.95 by design.",
)
def areas_under_the_curve(record: Arrays) -> Finding:
    """Good 0.95 within 0.005, random 0.50 within 0.02, perfect exactly 1."""
    auc = {name: float(record[f"{name}_auc"]) for name in ("good", "random", "perfect")}
    parts = (
        at_most("distance of the example's ROC AUC from 0.95", abs(auc["good"] - 0.95), 0.005),
        at_most("distance of random guessing's from 0.5", abs(auc["random"] - 0.50), 0.02),
        true("that of a perfect detector is 1", auc["perfect"] == 1.0),
    )
    measured = {f"AUC, {name}": value for name, value in auc.items()}
    return Finding(cases=(Case(parts),), measured=measured, cause="implementation", random=False)


@claim(
    "thesis-c-03",
    page="background",
    needs=lambda: [RocCurve()],
    identity="F1 is defined as this harmonic mean; the check is that ours is computed so.",
)
def f1_is_a_harmonic_mean(record: Arrays) -> Finding:
    """F1 equals the harmonic mean and scikit-learn to 1e-12; never alarming at 1% has accuracy 0.99 and F1 0."""
    _, _, f1, accuracy, _ = record["rare_never"]
    never_alarms = np.allclose([record["rare_share"], accuracy], [0.01, 0.99], rtol=0, atol=1e-12) and f1 == 0.0
    parts = (
        at_most("largest difference from the harmonic mean", float(record["f1_to_harmonic_mean"]), 1e-12),
        at_most("largest difference from scikit-learn", float(record["f1_to_library"]), 1e-12),
        true("without any alarm the accuracy is 0.99 and F1 is 0", never_alarms),
    )
    measured = {"accuracy without any alarm": float(accuracy), "F1 without any alarm": float(f1)}
    return Finding(cases=(Case(parts),), measured=measured, cause="implementation", random=False)
