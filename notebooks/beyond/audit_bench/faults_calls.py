"""Planted faults of single calls: types, order of rows, missing values, labels, changed input, refusals."""

# ruff: noqa: D101, D102  a name that states the defect is enough; the methods are PyOD's
import sys

import numpy as np
import pandas as pd

from notebooks.beyond.audit_bench.planted import REFUSED, planted
from notebooks.beyond.audit_bench.sound import Floats, Sound

# -- calls -------------------------------------------------------------------------------------------------------------


@planted("dtype_sensitive")
class SinglePrecisionUnscaled(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return X if np.asarray(X).dtype == np.float32 else super().prepare(X)


@planted("dtype_sensitive", "leaks_batch")
class DuplicatesScoreHalf(Sound):
    def decision_function(self, X: Floats) -> Floats:
        _, inverse, counts = np.unique(np.asarray(X), axis=0, return_inverse=True, return_counts=True)
        scores = super().decision_function(X)
        return np.where(counts[inverse.reshape(-1)] > 1, scores - abs(scores) / 2, scores)


@planted("dtype_sensitive", test=True)
class MemoryOrder(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(np.ravel(X, order="K").reshape(np.shape(X)))


@planted("dtype_sensitive", test=True)
class DataFrameSorted(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X)[:, ::-1] if isinstance(X, pd.DataFrame) else super().prepare(X)


@planted("accepts_nan")
class NanBecomesMean(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return np.nan_to_num((np.asarray(X, dtype=np.float64) - self.mean_) / self.std_)


@planted("accepts_nan", test=True)
class NanScoresZero(Sound):
    def decision_function(self, X: Floats) -> Floats:
        bad = np.isnan(X).any(axis=1)
        scores = super().decision_function(np.where(bad[:, None], self.mean_, X))
        return np.where(bad, scores.min(), scores)


@planted("accepts_nan", test=True)
class NanFromNeighbourColumn(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = (np.asarray(X, dtype=np.float64) - self.mean_) / self.std_
        return np.where(np.isnan(rows), np.nan_to_num(np.nanmedian(rows, axis=1, keepdims=True)), rows)


@planted("threshold_inconsistent")
class NeverFires(Sound):
    def predict(self, X: Floats) -> Floats:
        return np.zeros(len(X), dtype=int)


@planted("threshold_inconsistent", test=True)
class AlwaysFires(Sound):
    def predict(self, X: Floats) -> Floats:
        return np.ones(len(X), dtype=int)


@planted("threshold_inconsistent", test=True)
class WrongComparison(Sound):
    def predict(self, X: Floats) -> Floats:
        return (self.decision_function(X) < self.threshold_).astype(int)


@planted("threshold_inconsistent", test=True)
class ThresholdOfOtherQuantile(Sound):
    def predict(self, X: Floats) -> Floats:
        return (self.decision_function(X) > np.quantile(self.decision_scores_, self.contamination)).astype(int)


@planted("modifies_input")
class CentredInPlace(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        X -= self.mean_
        return scores


@planted("modifies_input", test=True)
class SortedInPlace(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        X.sort(axis=0)
        return scores


@planted(REFUSED)
class Raises(Sound):
    def predict(self, X: Floats) -> Floats:
        raise MemoryError

    def decision_function(self, X: Floats) -> Floats:
        return self.predict(X) if self.is_ready else super().decision_function(X)


@planted(REFUSED, test=True)
class EndsTheProcess(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return sys.exit(0) if self.is_ready else super().decision_function(X)


@planted(REFUSED, test=True)
class ScoresForColumns(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.ones(X.shape[1] + 1) if self.is_ready else super().decision_function(X)


@planted(REFUSED, test=True)
class NanScores(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return super().decision_function(X) * (np.nan if self.is_ready else 1)
