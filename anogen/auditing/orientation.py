"""Which way round a detector's scores are: PyOD's are larger for anomalies, scikit-learn's for normal rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from pyod.models.base import BaseDetector
from sklearn.base import BaseEstimator, is_outlier_detector
from sklearn.pipeline import Pipeline
from torch import nn

from anogen.errors import InputError

Score = Callable[[Any], Any]  # rows (n, d) -> scores (n,)
ORIENTATIONS = ("anomalous", "normal")  # the kind of rows for which a detector's score is larger


def resolve_orientation(detector: Any, orientation: str | None = None) -> tuple[Score, str]:
    """Return a score function that is larger for anomalous rows, and how the detector's scores were read.

    Parameters
    ----------
    detector
        A fitted detector, a function of rows (n, d), or a network.
    orientation
        "anomalous" or "normal", the rows for which the score is larger; by default scikit-learn's outlier detectors are
        larger for normal rows, and all other scores for anomalous ones.

    Raises
    ------
    InputError
        For another orientation, or for an object without a score.
    """
    if orientation not in (None, *ORIENTATIONS):
        raise InputError(f"orientation {orientation!r} is unknown: choose {' or '.join(map(repr, ORIENTATIONS))}")
    score, source = _score(detector)
    larger, convention = _convention(detector, source)
    text = f"larger {source} is more {orientation or larger}, {'as specified' if orientation else convention}"
    if (orientation or larger) == "anomalous":
        return score, text
    return lambda rows: -np.asarray(score(rows), dtype=np.float64), f"{text}; negated"


def _score(detector: Any) -> tuple[Score, str]:
    """Return the detector's own score function and its name."""
    for method in ("decision_function", "score_samples"):
        if callable(getattr(detector, method, None)):
            return getattr(detector, method), method
    if isinstance(detector, nn.Module):
        return _of_network(detector), "output"
    if callable(detector):
        return detector, "score"
    raise InputError(
        "it has no decision_function: give a fitted detector with PyOD's or scikit-learn's protocol, or a function"
    )


def _convention(detector: Any, source: str) -> tuple[str, str]:
    last = detector.steps[-1][1] if isinstance(detector, Pipeline) else detector
    if isinstance(last, BaseDetector):
        return "anomalous", "by PyOD's convention"
    if isinstance(last, BaseEstimator) and (source == "score_samples" or is_outlier_detector(last)):
        return "normal", "by scikit-learn's convention"
    return "anomalous", "assumed as in PyOD"


def _of_network(network: nn.Module) -> Score:
    """Return a function that scores an array with a network, on the device and in the precision of its weights."""
    weight = next(network.parameters(), torch.empty(0))

    def score(rows: Any) -> Any:
        with torch.no_grad():
            return network(torch.as_tensor(rows, dtype=weight.dtype, device=weight.device)).double().cpu().numpy()

    return score
