"""Planted faults of the bench: sound detectors with one defect each, in two or more forms for every finding.

The forms of the development half and of the test half differ. `expected` names the findings that state the defect; a
detector that fails altogether is expected to be refused, in one line (`REFUSED`).
"""

# ruff: noqa: D101, D102  a name that states the defect is enough; the methods are PyOD's
import sys
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.stats import rankdata
from sklearn.ensemble import IsolationForest, RandomForestClassifier

from notebooks.beyond.audit_bench.sound import Floats, Sound

REFUSED = "refused"


class Planted(NamedTuple):
    """A defect."""

    detector: type[Sound]
    expected: tuple[str, ...]
    is_test: bool
    constant_columns: int = 0  # that are added to the data, for defects of constant features


FAULTS: dict[str, Planted] = {}


def planted(*expected: str, test: bool = False, constant_columns: int = 0) -> Callable[[type[Sound]], type[Sound]]:
    """Register a detector with a planted defect under its own name."""

    def register(detector: type[Sound]) -> type[Sound]:
        name = "".join(f"-{c.lower()}" if c.isupper() else c for c in detector.__name__).lstrip("-")
        FAULTS[name] = Planted(detector, expected, test, constant_columns)
        return detector

    return register


# -- scores that do not tell rows apart --------------------------------------------------------------------------------


@planted("constant")
class AllZero(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.zeros(len(X))


@planted("constant", test=True)
class NeverSplits(Sound):
    """An isolation forest whose trees are single leaves, so that every path has the same length."""

    def fit(self, X: Floats) -> Self:
        super().fit(X)
        self.model_ = IsolationForest(n_estimators=20, max_samples=1, random_state=self.random_state).fit(X)
        return self

    def decision_function(self, X: Floats) -> Floats:
        return (
            -self.model_.score_samples(X) if isinstance(self.model_, IsolationForest) else super().decision_function(X)
        )


@planted("constant", "saturated", test=True)
class SigmoidOverflow(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return 1 / (1 + np.exp(-100 - super().decision_function(X)))


@planted("saturated", "constant")
class RoundedSigmoid(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.round(1 / (1 + np.exp(-super().decision_function(X))), 1)


@planted("saturated", test=True)
class ClippedBelowThreshold(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.maximum(super().decision_function(X), getattr(self, "threshold_", -np.inf))


@planted("saturated", test=True)
class LabelsAsScores(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        return scores if not hasattr(self, "threshold_") else (scores > self.threshold_).astype(float)


# -- scores that are not a function of the row -------------------------------------------------------------------------


@planted("random")
class NoiseAtInference(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return super().decision_function(X) + 0.05 * np.random.standard_normal(len(X))  # noqa: NPY002


@planted("random", test=True)
class DropoutAtInference(Sound):
    def decision_function(self, X: Floats) -> Floats:
        keep = np.random.random(X.shape[1]) > 0.2  # noqa: NPY002
        return np.asarray(self.model_.score(self.prepare(X) * keep))


@planted("random", test=True)
class NewSubsampleEachCall(Sound):
    def fit(self, X: Floats) -> Self:
        self.rows_ = np.asarray(X)
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        chosen = self.rows_[np.random.choice(len(self.rows_), 20)]  # noqa: NPY002
        return np.linalg.norm(self.prepare(X)[:, None] - self.prepare(chosen), axis=2).min(axis=1)


@planted("batch_dependent", "stale_preprocessing")
class ScaledByBatch(Sound):
    def decision_function(self, X: Floats) -> Floats:
        X = np.asarray(X)
        std = X.std(axis=0)
        return np.asarray(self.model_.score((X - X.mean(axis=0)) / np.where(std > 0, std, 1)))


@planted("batch_dependent")
class MinusBatchMean(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        return scores - scores.mean()


@planted("batch_dependent", test=True)
class BatchRanks(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return rankdata(super().decision_function(X)) / len(X)


@planted("batch_dependent", test=True)
class MinMaxOfBatch(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        return (scores - scores.min()) / max(np.ptp(scores), 1e-12)


@planted("leaks_batch")
class AveragedWithPreviousRow(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        return (scores + np.concatenate([scores[:1], scores[:-1]])) / 2


@planted("leaks_batch", "random")
class MeanFollowsEachCall(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        self.mean_ = 0.9 * self.mean_ + 0.1 * np.asarray(X).mean(axis=0)
        return scores


@planted("leaks_batch", test=True)
class RunningMaximum(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        return scores + 0.5 * np.maximum.accumulate(scores)


@planted("leaks_batch", "random", test=True)
class DividedByLargestSoFar(Sound):
    def decision_function(self, X: Floats) -> Floats:
        scores = super().decision_function(X)
        self.largest_ = max(getattr(self, "largest_", 1e-9), float(np.abs(scores).max()))
        return scores / self.largest_


# -- scores that mean something else -----------------------------------------------------------------------------------


@planted("upside_down")
class FlippedSign(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return -super().decision_function(X)


@planted("upside_down", test=True)
class ScikitLearnSign(Sound):
    def fit(self, X: Floats) -> Self:
        self.forest_ = IsolationForest(n_estimators=50, random_state=self.random_state).fit(X)
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        return self.forest_.score_samples(X)


@planted("upside_down", test=True)
class ReciprocalDistance(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return 1 / (1e-6 + np.linalg.norm(self.prepare(X), axis=1))


@planted("prefers_noise")
class DistanceToNoise(Sound):
    """Distances to uniform noise relative to those to the data, the wrong way round."""

    def fit(self, X: Floats) -> Self:
        rng = np.random.default_rng(self.random_state)
        self.noise_ = rng.uniform(np.min(X, axis=0), np.max(X, axis=0), X.shape)
        self.rows_ = np.asarray(X)
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        rows, noise, data = map(self.prepare, (X, self.noise_, self.rows_))
        return np.sort(cdist(rows, noise), axis=1)[:, 4] / (1 + np.sort(cdist(rows, data), axis=1)[:, 4])


@planted("prefers_noise", "upside_down", test=True)
class ProbabilityOfReal(Sound):
    """A classifier of real rows and noise, of which the wrong column is the score."""

    def fit(self, X: Floats) -> Self:
        rng = np.random.default_rng(self.random_state)
        noise = rng.uniform(np.min(X, axis=0), np.max(X, axis=0), X.shape)
        forest = RandomForestClassifier(50, min_samples_leaf=5, random_state=self.random_state)
        self.forest_ = forest.fit(np.concatenate([X, noise]), np.repeat([1, 0], len(X)))
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        return self.forest_.predict_proba(X)[:, 1]


@planted("misses_outliers")
class HashOfRow(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.array([zlib.crc32(row.tobytes()) / 2**32 for row in np.asarray(X, dtype=np.float64)])


@planted("misses_outliers", "absurd_optimum")
class SumOfFeatures(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return self.prepare(X).sum(axis=1)


@planted("misses_outliers", test=True)
class NearlyConstantForest(Sound):
    """Scores of 0.69 with fluctuations that have nothing to do with the values, as of trees that never split."""

    def decision_function(self, X: Floats) -> Floats:
        return 0.69 + 0.01 * np.sin(1e5 * self.prepare(X).sum(axis=1))


@planted("misses_outliers", test=True)
class WrappedValues(Sound):
    """Values overflow and wrap around, as of small integers."""

    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return (super().prepare(X) + 2) % 4 - 2


@planted("absurd_optimum", "misses_outliers")
class OneProjection(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.abs(self.prepare(X).sum(axis=1))


@planted("absurd_optimum", "misses_outliers", "prefers_noise", test=True)
class ResidualOfLastComponents(Sound):
    """The reconstruction error of a linear model that keeps half of the directions."""

    def fit(self, X: Floats) -> Self:
        super().fit(X)
        rows = self.prepare(X)
        self.axes_ = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][: max(1, X.shape[1] // 2)]
        return self

    def decision_function(self, X: Floats) -> Floats:
        rows = self.prepare(X)
        return (
            np.linalg.norm(rows - rows @ self.axes_.T @ self.axes_, axis=1) if hasattr(self, "axes_") else rows.sum(1)
        )


@planted("absurd_optimum", "ignores_features", "misses_outliers", test=True)
class DistanceToOneCorner(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.linalg.norm(self.prepare(X) - 3, axis=1)


# -- features and preprocessing ----------------------------------------------------------------------------------------


@planted("ignores_features")
class FirstHalfOfColumns(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        return rows[:, : max(1, rows.shape[1] // 2)]


@planted("ignores_features", test=True)
class WithoutLastColumn(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X)[:, :-1]


@planted("ignores_features", test=True)
class WithoutLargestVariance(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return np.delete(super().prepare(X), np.argmax(self.std_), axis=1)


@planted("blind_to_constant_features", constant_columns=2)
class VaryingColumnsOnly(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X)[:, :-2]


@planted("blind_to_constant_features", test=True, constant_columns=3)
class ConstantColumnsDownWeighted(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        return rows * np.concatenate([np.ones(rows.shape[1] - 3), np.full(3, 1e-3)])


@planted("stale_preprocessing")
class UnscaledWhenScoring(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X) if fitting else np.asarray(X, dtype=np.float64)


@planted("stale_preprocessing")
class ScalerOfOtherData(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X) if fitting else (np.asarray(X, dtype=np.float64) - 5) / 7


@planted("stale_preprocessing", test=True)
class ScaledWhenScoringOnly(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return np.asarray(X, dtype=np.float64) if fitting else super().prepare(X)


@planted("stale_preprocessing", test=True)
class ScalerOfFirstFit(Sound):
    """A scaler that the class keeps from its first fit, here to data in other units."""

    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X) if fitting else (np.asarray(X, dtype=np.float64) - 68) / 9


@planted("feature_order", "stale_preprocessing")
class SortedColumnsInFit(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = np.asarray(X, dtype=np.float64)
        return rows[:, np.argsort(self.mean_)] if fitting else rows


@planted("feature_order", test=True)
class ReversedColumnsInFit(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        weighted = rows * np.linspace(0.2, 3, rows.shape[1])
        return weighted[:, ::-1] if fitting else weighted


@planted("feature_order", test=True)
class WeightsByPosition(Sound):
    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        rows = super().prepare(X)
        return rows * 10.0 ** -np.linspace(0, 3, rows.shape[1])


# -- fitting and saving ------------------------------------------------------------------------------------------------


@planted("untrained")
class FitDoesNothing(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.linalg.norm(np.asarray(X) - 1, axis=1)


@planted("untrained")
class RandomNetwork(Sound):
    """The distance of a random network's output to its mean: a Deep SVDD that never steps."""

    def fit(self, X: Floats) -> Self:
        rng = np.random.default_rng(self.random_state)
        self.layers_ = [rng.standard_normal((m, n)) / np.sqrt(m) for m, n in ((X.shape[1], 32), (32, 8))]
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        out = np.maximum(self.prepare(X) @ self.layers_[0], 0) @ self.layers_[1]
        center = np.maximum(0 * self.mean_ @ self.layers_[0], 0) @ self.layers_[1]
        return np.linalg.norm(out - center, axis=1)


@planted("untrained", test=True)
class HardCodedCenter(Sound):
    def decision_function(self, X: Floats) -> Floats:
        return np.abs(np.asarray(X) - 0.5).max(axis=1)


@planted("untrained", test=True)
class RandomAutoencoder(Sound):
    def fit(self, X: Floats) -> Self:
        rng = np.random.default_rng(self.random_state)
        self.code_ = rng.standard_normal((X.shape[1], 4)) / np.sqrt(X.shape[1])
        self.back_ = rng.standard_normal((4, X.shape[1])) / 2
        return super().fit(X)

    def decision_function(self, X: Floats) -> Floats:
        rows = self.prepare(X)
        return ((np.tanh(rows @ self.code_) @ self.back_ - rows) ** 2).mean(axis=1)


@planted("changes_when_reloaded")
class SavedWithoutScaler(Sound):
    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "mean_": np.zeros_like(self.mean_), "std_": np.ones_like(self.std_)}


@planted("changes_when_reloaded", test=True)
class SavedWithoutWeights(Sound):
    def fit(self, X: Floats) -> Self:
        self.weights_ = np.random.default_rng(self.random_state).uniform(0.2, 5, X.shape[1])
        return super().fit(X)

    def prepare(self, X: Floats, fitting: bool = False) -> Floats:
        return super().prepare(X) * self.weights_

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = {**state, "weights_": np.ones_like(state["weights_"])}


@planted("changes_when_reloaded", test=True)
class LoadedWithOldSign(Sound):
    sign = 1.0

    def decision_function(self, X: Floats) -> Floats:
        return self.sign * super().decision_function(X)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = {**state, "sign": -1.0}


@planted("fit_scores_differ")
class FitScoresReversed(Sound):
    def fit(self, X: Floats) -> Self:
        super().fit(X)
        self.decision_scores_ = -self.decision_scores_
        return self


@planted("fit_scores_differ", test=True)
class FitScoresOfShuffledRows(Sound):
    def fit(self, X: Floats) -> Self:
        super().fit(X)
        self.decision_scores_ = np.random.default_rng(1).permutation(self.decision_scores_)
        return self


@planted("fit_scores_differ", test=True)
class FitScoresOnOtherScale(Sound):
    def fit(self, X: Floats) -> Self:
        super().fit(X)
        scores = self.decision_scores_
        self.decision_scores_ = (scores - scores.min()) / np.ptp(scores) - 1e3
        return self


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
