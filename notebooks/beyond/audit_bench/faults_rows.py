"""Planted faults of scores that are wrong for a row, or no function of it."""

# ruff: noqa: D101, D102  a name that states the defect is enough; the methods are PyOD's
import zlib
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist
from scipy.stats import rankdata
from sklearn.ensemble import IsolationForest, RandomForestClassifier

from notebooks.beyond.audit_bench.planted import planted
from notebooks.beyond.audit_bench.sound import Floats, Sound

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
