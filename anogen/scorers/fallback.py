"""Scorers of detectors without an exact one, of functions and of networks; the orientation of their scores."""

import copy
from functools import cached_property
from typing import Any

import numpy as np
import torch
from pyod.models.base import BaseDetector
from sklearn.base import BaseEstimator, is_outlier_detector
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from anogen.detectors.mixins import check_fitted, seeded
from anogen.errors import InputError
from anogen.scorers.base import BatchDependence, Orientation, Scorer

TRANSDUCTIVE = {"pyod.models.copod", "pyod.models.ecod"}  # scores are ranks among training rows and batch
STATED = "stated by the caller"


class FallbackScorer(Scorer):
    """The detector's own score function: correct for every detector, as slow as the detector."""

    def __init__(
        self, detector: Any, n_features: int, orientation: Orientation = "anomaly", source: str = "PyOD"
    ) -> None:
        self.detector, self.n_features_in_ = detector, n_features
        self.orientation, self.orientation_source = orientation, source
        self.method = score_method(detector) or "decision_function"
        if not TRANSDUCTIVE.isdisjoint(base.__module__ for base in type(detector).__mro__):
            self.batch_dependence = "train+batch"

    @cached_property
    def batch_dependence(self) -> BatchDependence:  # type: ignore[override]
        """Unless it is known, as measured: eight rows are scored together, again, and in two batches."""
        rows = torch.from_numpy(np.random.default_rng(0).random((8, self.n_features_in_)))
        with seeded(0):
            together, repeated = self.score(rows), self.score(rows)
            halves = torch.cat([self.score(rows[:4]), self.score(rows[4:])])
        tolerance = 1e-6 * together.abs().max().item() + 1e-4 * (together.max() - together.min()).item()
        if not torch.allclose(together, repeated, rtol=0, atol=tolerance, equal_nan=True):
            return "stochastic"
        return "none" if torch.allclose(together, halves, rtol=0, atol=tolerance, equal_nan=True) else "batch"

    def score(self, x: Tensor) -> Tensor:
        """Return the detector's own scores of rows (n, d) as (n,), larger for anomalies."""
        with torch.enable_grad():  # some detectors search for a reconstruction by gradient
            scores = getattr(self.detector, self.method)(x.detach().numpy())
        scores = np.asarray(scores.detach().cpu() if isinstance(scores, Tensor) else scores, dtype=np.float64)
        scores = _one_for_each_row(scores, len(x), f"{_name(self.detector)}.{self.method}")
        return torch.from_numpy(-scores if self.orientation == "normality" else scores)


class ModuleScorer(Scorer):
    """The output of a network for float32 rows, differentiable: a copy of the network in evaluation mode."""

    differentiable = True
    dtype = torch.float32

    def __init__(self, module: nn.Module, n_features: int, orientation: Orientation) -> None:
        self.module = copy.deepcopy(module).cpu().float().eval().requires_grad_(requires_grad=False)
        self.n_features_in_, self.orientation, self.orientation_source = n_features, orientation, STATED

    def score(self, x: Tensor) -> Tensor:
        """Return the outputs for rows (n, d) as (n,), larger for anomalies."""
        scores = _one_for_each_row(self.module(x), len(x), _name(self.module))
        return -scores if self.orientation == "normality" else scores


def make_fallback_scorer(
    detector: Any, n_features: int | None = None, orientation: Orientation | None = None
) -> FallbackScorer:
    """Return the scorer that calls the detector itself; raises as `make_scorer` does."""
    if score_method(detector) is None:
        hint = "set novelty=True" if hasattr(detector, "novelty") else "pass a fitted detector with PyOD's protocol"
        raise InputError(f"{_name(detector)} has no decision_function: {hint}")
    if isinstance(detector, BaseDetector):
        check_fitted(detector, "decision_scores_")
    elif isinstance(detector, BaseEstimator):
        try:
            check_is_fitted(detector)
        except NotFittedError:
            raise InputError(f"this {_name(detector)} is not fitted: call fit(X) first") from None
    assumed, source = (orientation, STATED) if orientation else assumed_orientation(detector)
    if assumed is None:
        hint = "state the meaning of a larger score, orientation='anomaly' or 'normality'"
        raise InputError(f"{_name(detector)} is not an outlier detector of scikit-learn: {hint}")
    return FallbackScorer(detector, _row_length(detector, n_features), assumed, source)


def make_function_scorer(function: Any, n_features: int | None, orientation: Orientation | None) -> Scorer:
    """Return the scorer of a score function or a network."""
    if orientation is None:
        hint = "pass orientation='anomaly' if larger scores are more anomalous, or orientation='normality'"
        raise InputError(f"the orientation of {_name(function)} is unknown: {hint}")
    d = _row_length(function, n_features)
    if isinstance(function, nn.Module):
        return ModuleScorer(function, d, orientation)
    return FallbackScorer(function, d, orientation, STATED)


def assumed_orientation(detector: Any) -> tuple[Orientation | None, str]:
    """Return the assumed orientation of a detector's score and its reason; None where neither is safe to assume."""
    last = detector
    while isinstance(last, Pipeline) or hasattr(last, "best_estimator_"):
        last = last.steps[-1][1] if isinstance(last, Pipeline) else last.best_estimator_
    if isinstance(last, BaseDetector):
        return "anomaly", "PyOD"
    if not isinstance(last, BaseEstimator):
        return "anomaly", "assumed, as in PyOD"
    if score_method(detector) == "score_samples" or is_outlier_detector(last):
        return "normality", "scikit-learn"
    return None, "unknown"


def score_method(detector: Any) -> str | None:
    """Return the name of the method that scores rows."""
    methods = ("decision_function", "score_samples", "__call__")
    return next((name for name in methods if callable(getattr(detector, name, None))), None)


def _one_for_each_row(scores: Any, n: int, source: str) -> Any:
    if scores.shape not in {(n,), (n, 1)}:
        shape = tuple(scores.shape)
        raise InputError(f"{source} returned scores of shape {shape} for {n} rows: it has to return one for each row")
    return scores.reshape(-1)


def _row_length(detector: Any, n_features: Any) -> int:
    n_features = getattr(detector, "n_features_in_", None) if n_features is None else n_features
    if n_features is None:
        raise InputError(f"{_name(detector)} does not state the length of a row: pass n_features to make_scorer")
    if not isinstance(n_features, int | np.integer) or isinstance(n_features, bool) or n_features < 1:
        raise InputError(f"n_features = {n_features!r} is not a valid row length: give 1, 2, ...")
    return int(n_features)


def _name(detector: Any) -> str:
    return str(getattr(detector, "__name__", type(detector).__name__))
