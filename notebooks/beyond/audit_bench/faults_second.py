"""Planted faults of the second test: other forms of every fault, written before any of them was audited."""

# ruff: noqa: D101, D102  a name that states the defect is enough; the methods are PyOD's
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

from notebooks.beyond.audit_bench.planted import REFUSED, planted
from notebooks.beyond.audit_bench.sound import Floats, Sound

second = partial(planted, half="second-test")

# -- scores that do not tell rows apart --------------------------------------------------------------------------------


@second("constant")
class DensityUnderflow(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return -np.exp(-1e4 - super().decision_function(X) ** 2)


@second("saturated")
class FourLevels(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        kept = getattr(self, "decision_scores_", scores)
        return np.digitize(scores, np.quantile(kept, [0.5, 0.9, 0.99])).astype(float)


@second("saturated", "misses_outliers")
class ClippedAbove(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        return np.minimum(scores, np.quantile(getattr(self, "decision_scores_", scores), 0.3))


@second("saturated")
class NumberOfWideFeatures(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return (np.abs(self.prepare(X)) > 2).sum(axis=1).astype(float)


# -- scores that are not a function of the row -------------------------------------------------------------------------


@second("random")
class NoisyInput(Sound):
    def decision_function(self, X: Floats) -> Floats:
        rows = self.prepare(X)
        return np.asarray(self.model_.score(rows + 0.1 * np.random.standard_normal(rows.shape)))  # noqa: NPY002


@second("random")
class NewWeightsInEachCall(Sound):
    def fit(self, X: Floats) -> Self:
        self.generator_ = np.random.default_rng(self.random_state)
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        return np.linalg.norm(self.prepare(X) * self.generator_.uniform(0.5, 2, np.shape(X)[1]), axis=1)


@second("batch_dependent")
class MedianAndDeviationOfBatch(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        middle = np.median(scores)
        return (scores - middle) / (np.median(np.abs(scores - middle)) + 1e-9)


@second("batch_dependent")
class NeighboursInTheBatch(Sound):
    def decision_function(self, X: Floats) -> Floats:
        rows = self.prepare(X)
        return np.sort(cdist(rows, rows), axis=1)[:, min(5, len(rows) - 1)]


@second("leaks_batch")
class SmoothedOverRows(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return pd.Series(super().decision_function(X)).ewm(alpha=0.5).mean().to_numpy()


@second("leaks_batch")
class CachedByLength(Sound):
    def decision_function(self, X: Floats) -> Floats:
        if not self.is_ready:
            return super().decision_function(X)
        self.cache_ = getattr(self, "cache_", {})
        return self.cache_.setdefault(len(X), super().decision_function(X)).copy()


# -- scores that mean something else -----------------------------------------------------------------------------------


@second("upside_down")
class Similarity(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return 1 / (1 + np.linalg.norm(self.prepare(X), axis=1))


@second("upside_down", "misses_outliers")
class DepthOfRow(Sound):
    """The share of training rows that are farther out, averaged over the features."""

    def decision_function(self, X: Floats) -> Floats:
        return np.exp(-np.abs(self.prepare(X)).mean(axis=1))


@second("prefers_noise", "absurd_optimum")
class ShellOfNoise(Sound):
    def fit(self, X: Floats) -> Self:
        noise = np.random.default_rng(self.random_state).uniform(np.min(X, axis=0), np.max(X, axis=0), X.shape)
        self.noise_ = noise
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        radius = np.median(np.linalg.norm(self.prepare(self.noise_), axis=1))
        return np.abs(np.linalg.norm(self.prepare(X), axis=1) - radius)


@second("prefers_noise", "absurd_optimum")
class DenseBinsScoreHigh(Sound):
    def fit(self, X: Floats) -> Self:
        self.edges_ = np.linspace(np.min(X, axis=0), np.max(X, axis=0), 11).T
        self.counts_ = [np.histogram(column, edges)[0] for column, edges in zip(X.T, self.edges_, strict=True)]
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        self.prepare(X)  # refuses NaN
        bins = [np.digitize(column, edges) for column, edges in zip(np.asarray(X).T, self.edges_, strict=True)]
        counts = [np.append(np.append(1e3, c), 1e3)[b] for c, b in zip(self.counts_, bins, strict=True)]
        return np.mean(counts, axis=0) + 1e-3 * np.linalg.norm(self.prepare(X), axis=1)


@second("misses_outliers")
class PeriodicFeatures(Sound):
    """Values are encoded as hours of the day are, by a sine and a cosine."""

    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        return np.concatenate([np.sin(3 * rows), np.cos(3 * rows)], axis=1)


@second("misses_outliers", "upside_down", "absurd_optimum")
class OutliersReplacedByMean(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        return np.where(np.abs(rows) > 3, 0.0, rows)


@second("misses_outliers")
class EightBitIntegers(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        steps = np.round(20 * super().prepare(X).clip(-1e6, 1e6)).astype(np.int64)
        return steps.astype(np.int8) / 20.0


@second("misses_outliers", "absurd_optimum")
class SumOfSignedFeatures(Sound):
    def decision_function(self, X: Floats) -> Floats:
        rows = self.prepare(X)
        return rows @ np.where(np.arange(rows.shape[1]) % 2, -1.0, 2.0)


@second("absurd_optimum", "misses_outliers")
class DirectionOnly(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-12)


@second("absurd_optimum", "misses_outliers")
class TwoComponents(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        if fitting:
            self.axes_ = np.linalg.svd(rows, full_matrices=False)[2][:2]
        return rows @ self.axes_.T


@second("absurd_optimum", "misses_outliers")
class GeometricMeanOfFeatures(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.exp(np.log(np.abs(self.prepare(X)) + 1e-6).mean(axis=1))


@second("absurd_optimum")
class SmallestDeviation(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.abs(self.prepare(X)).min(axis=1)


# -- features and preprocessing ----------------------------------------------------------------------------------------


@second("blind_to_constant_features", constant_columns=1)
class ConstantColumnImputed(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        rows[:, -1] = 0
        return rows


@second("blind_to_constant_features", constant_columns=2)
class DividedByHugeDeviation(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        rows[:, -2:] /= 1e9
        return rows


@second("ignores_features")
class TwoThirdsOfColumns(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        return rows[:, np.arange(rows.shape[1]) % 3 > 0]


@second("ignores_features")
class ColumnReadTwice(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        rows[:, 1] = rows[:, 0]
        return rows


@second("stale_preprocessing", base="neighbours-15")
class RangeScaledWhenScoring(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        return rows if fitting else (rows + 3) / 6


@second("stale_preprocessing")
class LogarithmInFitOnly(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        X = super().prepare(X) * self.std_ + self.mean_
        return np.sign(X) * np.log1p(np.abs(X)) if fitting else X


@second("stale_preprocessing")
class OtherUnitWhenScoring(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X) if fitting else super().prepare(1.8 * np.asarray(X, dtype=np.float64) + 32)


@second("feature_order", "stale_preprocessing")
class ColumnsShiftedInFit(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X) * np.linspace(1, 3, np.shape(X)[1])
        return np.roll(rows, 1, axis=1) if fitting else rows


@second("feature_order", "absurd_optimum", base="neighbours-15")
class AdjacentDifferences(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return np.diff(super().prepare(X), axis=1)


# -- fitting and saving ------------------------------------------------------------------------------------------------


@second("untrained")
class FittedToAToyExample(Sound):
    def fit(self, X: Floats) -> Self:
        super().fit(np.random.default_rng(0).standard_normal(X.shape))
        self.decision_scores_ = self.decision_function(X)
        return self


@second("untrained")
class TwoRandomNetworks(Sound):
    """The distance between a random network and another that should have learned to predict it."""

    def fit(self, X: Floats) -> Self:
        rng = np.random.default_rng(self.random_state)
        self.first_, self.second_ = rng.standard_normal((2, X.shape[1], 16)) / np.sqrt(X.shape[1])
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        rows = self.prepare(X)
        return np.linalg.norm(np.maximum(rows @ self.first_, 0) - np.maximum(rows @ self.second_, 0), axis=1)


@second("changes_when_reloaded")
class SavesVariancesAsDeviations(Sound):
    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "std_": 4 * self.std_**2}


@second("changes_when_reloaded")
class NewWeightsWhenLoaded(Sound):
    seed = 0

    def decision_function(self, X: Floats) -> Floats:
        weights = np.random.default_rng(self.seed).uniform(0.2, 5, np.shape(X)[1])
        return np.linalg.norm(self.prepare(X) * weights, axis=1)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = {**state, "seed": 1}


@second("fit_scores_differ")
class FitScoresAreRanks(Sound):
    def fit(self, X: Floats) -> Self:
        super().fit(X)
        self.decision_scores_ = rankdata(self.decision_scores_) + 1e3
        return self


@second("fit_scores_differ")
class FitScoresAreSorted(Sound):
    def fit(self, X: Floats) -> Self:
        super().fit(X)
        self.decision_scores_ = np.sort(self.decision_scores_)
        return self


# -- calls -------------------------------------------------------------------------------------------------------------


@second("dtype_sensitive", base="neighbours-15")
class SinglePrecisionHalved(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X) * (0.5 if np.asarray(X).dtype == np.float32 else 1)


@second("dtype_sensitive")
class IndexAsFirstColumn(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        if isinstance(X, pd.DataFrame):
            X = np.column_stack([X.index.to_numpy(), X.to_numpy()[:, 1:]])
        return super().prepare(X)


@second("accepts_nan")
class PartialDistance(Sound):
    def decision_function(self, X: Floats) -> Floats:
        rows = (np.asarray(X, dtype=np.float64) - self.mean_) / self.std_
        return np.sqrt(np.nansum(rows**2, axis=1))


@second("threshold_inconsistent")
class ThresholdOfOtherScale(Sound):
    def predict(self, X: Floats) -> Floats:
        return (rankdata(self.decision_function(X)) > 1e6 + self.threshold_).astype(int)


@second("threshold_inconsistent")
class LabelsOfFirstFeature(Sound):
    def predict(self, X: Floats) -> Floats:
        return (self.prepare(X)[:, 0] > 1).astype(int)


@second("modifies_input")
class ScaledInPlace(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        X *= 0.5
        return scores


@second("modifies_input")
class ClippedInPlace(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        X[:] = np.clip(X, self.mean_ - 2 * self.std_, self.mean_ + 2 * self.std_)
        return scores


@second(REFUSED)
class TwoColumnsOfProbabilities(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        return np.column_stack([1 - scores, scores]) if self.is_ready else scores


@second(REFUSED)
class ScoresAsWords(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        return np.where(scores > self.threshold_, "anomaly", "normal") if self.is_ready else scores
