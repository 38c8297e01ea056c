"""Feature bagging: local outlier factors on random halves to wholes of the features (Lazarevic and Kumar 2005)."""

from typing import Any, Self

import numpy as np
from pyod.models.base import BaseDetector
from pyod.models.lof import LOF


class FeatureBagging(BaseDetector):
    """The mean score of local outlier factors, each of which sees its own random features, at least half of them.

    PyOD's class of this name has the same rule, but imports a package that is no longer maintained.

    Parameters
    ----------
    n_estimators
        Number of local outlier factors, each with PyOD's defaults.
    random_state
        Seed of the choice of features.
    """

    def __init__(self, n_estimators: int = 10, random_state: int | None = None, contamination: float = 0.1) -> None:
        super().__init__(contamination=contamination)
        self.n_estimators = n_estimators
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Fit to the rows of X, (n, d); y is ignored."""
        rng, d = np.random.default_rng(self.random_state), X.shape[1]
        self._set_n_classes(y)
        sizes = rng.integers(max(1, d // 2), d + 1, self.n_estimators)
        self.features_ = [rng.choice(d, size, replace=False) for size in sizes]
        self.estimators_ = [LOF().fit(X[:, features]) for features in self.features_]
        self.decision_scores_ = np.mean([estimator.decision_scores_ for estimator in self.estimators_], axis=0)
        self._process_decision_scores()
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the mean score of every row of X, (n, d) -> (n,)."""
        pairs = zip(self.estimators_, self.features_, strict=True)
        return np.mean([estimator.decision_function(X[:, features]) for estimator, features in pairs], axis=0)
