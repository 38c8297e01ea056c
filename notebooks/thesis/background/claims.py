"""Claims of the thesis's chapter 2: what counts as an anomaly, and how a detector is judged."""

import numpy as np

from companion.claims.base import Arrays, Finding, claim, over_sweep
from notebooks.thesis.background.experiments import DETECTORS, LOF_NEIGHBOURS, TRAININGS, Anomalies2D, RocCurve


@claim("thesis-c-01", page="background", needs=lambda: [Anomalies2D()])
def far_points_are_anomalies(record: Arrays) -> Finding:
    """o_1, o_2 and all of O_3 above the 99th percentile of the normal points, for kNN, LOF and IForest.

    Taken over the group's size and the training set, which the thesis leaves open. As the criterion allows, LOF may
    miss O_3 where the group is larger than its neighbourhood; that is reported.
    """
    above, groups = record["above"], record["groups"]  # (sizes, trainings, detectors, (o_1, o_2, O_3))
    complete = above == 1.0
    excused = np.zeros_like(complete)
    excused[groups > LOF_NEIGHBOURS, :, DETECTORS.index("LOF"), 2] = True

    def sizes(found: np.ndarray) -> str:
        return ", ".join(map(str, found)) + " points" if len(found) else "no size"

    measured: dict[str, float | int | str] = {
        f"{name}, fitted to {training}, finds all if O_3 has": sizes(groups[complete[:, t, d].all(axis=-1)])
        for t, training in enumerate(TRAININGS)
        for d, name in enumerate(DETECTORS)
    }
    measured["cases in which LOF is excused"] = int((excused & ~complete).sum())
    met = (complete | excused).all(axis=(2, 3))
    return over_sweep(met.ravel().tolist(), measured, cause="detector")


@claim("thesis-c-02", page="background", needs=lambda: [RocCurve()])
def areas_under_the_curve(record: Arrays) -> Finding:
    """Good 0.95 within 0.005, random 0.50 within 0.02, perfect exactly 1."""
    auc = {name: float(record[f"{name}_auc"]) for name in ("good", "random", "perfect")}
    holds = abs(auc["good"] - 0.95) <= 0.005 and abs(auc["random"] - 0.50) <= 0.02 and auc["perfect"] == 1.0
    return Finding(holds, {f"AUC, {name}": value for name, value in auc.items()}, cause="implementation")


@claim("thesis-c-03", page="background", needs=lambda: [RocCurve()])
def f1_is_a_harmonic_mean(record: Arrays) -> Finding:
    """F1 equals the harmonic mean and scikit-learn to 1e-12; never alarming at 1% has accuracy 0.99 and F1 0."""
    to_mean, to_library = float(record["f1_to_harmonic_mean"]), float(record["f1_to_library"])
    _, _, f1, accuracy, _ = record["rare_never"]
    never_alarms = np.allclose([record["rare_share"], accuracy], [0.01, 0.99], rtol=0, atol=1e-12) and f1 == 0.0
    measured = {
        "largest difference from the harmonic mean": to_mean,
        "largest difference from scikit-learn": to_library,
        "accuracy without any alarm": float(accuracy),
        "F1 without any alarm": float(f1),
    }
    return Finding(bool(max(to_mean, to_library) <= 1e-12 and never_alarms), measured, cause="implementation")
