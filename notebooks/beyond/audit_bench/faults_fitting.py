"""Planted faults of features, preprocessing, fitting and saving."""

# ruff: noqa: D101, D102  a name that states the defect is enough; the methods are PyOD's
from typing import Any, Self

import numpy as np

from notebooks.beyond.audit_bench.planted import planted
from notebooks.beyond.audit_bench.sound import Floats, Sound

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
