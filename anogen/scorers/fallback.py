"""Scorers of detectors without an exact one, of functions and of networks; the orientation of their scores."""

import copy
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import torch
from pyod.models.base import BaseDetector
from sklearn import exceptions
from sklearn.base import BaseEstimator, is_outlier_detector
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from anogen.detectors.mixins import NotFittedError, check_fitted, seeded
from anogen.errors import InputError
from anogen.scorers.base import BatchDependence, Orientation, Scorer

STATED = "stated by the caller"
N_PROBES = 48  # half of them are still more rows than the 20 neighbours that COF and SOD look for in a batch
TRAINING_ROWS = ("X_train_", "X_train", "_fit_X")  # names under which PyOD's and scikit-learn's detectors keep them


class FallbackScorer(Scorer):
    """The detector's own score function: correct for every detector, as slow as the detector."""

    def __init__(
        self, detector: Any, n_features: int, orientation: Orientation = "anomaly", source: str = "PyOD"
    ) -> None:
        self.detector, self.n_features_in_ = detector, n_features
        self.orientation, self.orientation_source = orientation, source
        self.method = score_method(detector) or "decision_function"

    @cached_property
    def batch_dependence(self) -> BatchDependence:  # type: ignore[override]
        """As `measure_batch_dependence` finds it when it is first read."""
        return measure_batch_dependence(self._own_scores, probe_rows(self.n_features_in_, self.detector))

    def score(self, x: Tensor) -> Tensor:
        """Return the detector's own scores of rows (n, d) as (n,), larger for anomalies.

        Raises `InputError` if a detector that compares the rows of a batch fails for a small batch.
        """
        try:
            return self._own_scores(x)
        except (IndexError, ValueError) as error:
            if isinstance(error, InputError) or len(x) >= N_PROBES or self.batch_dependence == "none":
                raise
            failed = f"{_name(self.detector)}.{self.method} failed for {len(x)} rows ({str(error).splitlines()[0]})"
            raise InputError(f"{failed}: its scores depend on the batch, pass more rows at once") from error

    def _own_scores(self, x: Tensor) -> Tensor:
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

    @cached_property
    def batch_dependence(self) -> BatchDependence:  # type: ignore[override]
        """As `measure_batch_dependence` finds it when it is first read."""
        rows = probe_rows(self.n_features_in_).to(self.device, self.dtype)
        return measure_batch_dependence(self.score, rows)

    def score(self, x: Tensor) -> Tensor:
        """Return the outputs for rows (n, d) as (n,), larger for anomalies."""
        scores = _one_for_each_row(self.module(x), len(x), _name(self.module))
        return -scores if self.orientation == "normality" else scores


def measure_batch_dependence(score: Callable[[Tensor], Tensor], rows: Tensor) -> BatchDependence:
    """Return what the score of a row depends on in addition to the row, as far as rows (n, d) reveal it.

    The rows are scored together, again, and in two halves, four calls in all, with the global generators seeded and
    restored. "batch" includes scores that depend on the training data too, and functions that refuse these rows.
    """
    try:
        with seeded(0), torch.no_grad():
            together, repeated = score(rows), score(rows)
            halves = torch.cat([score(half) for half in rows.chunk(2)])
    except Exception:  # noqa: BLE001  the function is the user's code
        return "batch"
    finite = together[together.isfinite()]
    tolerance = 0.0
    if len(finite):
        tolerance = 1e-6 * finite.abs().max().item() + 1e-4 * (finite.max() - finite.min()).item()
    if not torch.allclose(together, repeated, rtol=0, atol=tolerance, equal_nan=True):
        return "stochastic"
    return "none" if torch.allclose(together, halves, rtol=0, atol=tolerance, equal_nan=True) else "batch"


def probe_rows(n_features: int, detector: Any = None) -> Tensor:
    """Return the same rows (48, d) at every call: each between two training rows if these are known, else noise."""
    rng = np.random.default_rng(0)
    noise = rng.random((N_PROBES, n_features))
    for rows in (np.asarray(getattr(detector, name, None)) for name in TRAINING_ROWS):
        if rows.ndim == 2 and rows.shape[1] == n_features and len(rows):
            first, second = rows[rng.integers(len(rows), size=(2, N_PROBES))].astype(np.float64)
            return torch.from_numpy(first + noise[:, :1] * (second - first))
    return torch.from_numpy(noise)


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
        except exceptions.NotFittedError:
            raise NotFittedError(f"this {_name(detector)} is not fitted: call fit(X) first") from None
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
