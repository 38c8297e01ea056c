"""A mixture of normal distributions with a shared covariance: the density model that passes the generation test."""

from math import log, pi
from typing import Any, Self

import numpy as np
from pyod.models.base import BaseDetector
from scipy.linalg import solve_triangular
from scipy.special import logsumexp
from sklearn.cluster import KMeans

from anogen.detectors.mixins import check_fitted
from anogen.errors import InputError


class TiedMixture(BaseDetector):
    """p(x) = Σ_k π_k N(x; μ_k, Σ) with PyOD's protocol; the score is -ln p(x).

    Fitted by expectation maximisation from the clusters of k-means. `ridge` is added to the diagonal of Σ in every
    step, so that the standard deviation of every pixel is at least sqrt(ridge). Since Σ is shared, the relative
    probability of the components is log-linear in x: a start far from all of them is not always assigned to the widest.

    Parameters
    ----------
    components, iterations, random_state
        Number of components, steps of the fit, and seed of k-means.
    ridge
        In units of the squared pixel range.
    """

    def __init__(
        self,
        components: int = 100,
        ridge: float = 0.01,
        iterations: int = 20,
        random_state: int = 0,
        contamination: float = 0.1,
    ) -> None:
        super().__init__(contamination=contamination)
        self.components = components
        self.ridge = ridge
        self.iterations = iterations
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Fit to the rows of X, (n, d); y is ignored.

        Raises
        ------
        InputError
            If there are fewer rows than components, or the ridge is not positive.
        """
        rows = np.asarray(X, dtype=np.float64)
        if len(rows) < self.components:
            raise InputError(f"{self.components} components of {len(rows)} rows: give fewer components")
        if not self.ridge > 0:
            raise InputError(f"ridge = {self.ridge:g} is out of range: give a positive number")
        self._set_n_classes(y)
        self.n_features_in_ = rows.shape[1]
        labels = KMeans(self.components, n_init=1, max_iter=20, random_state=self.random_state).fit(rows).labels_
        second = rows.T @ rows / len(rows)
        shares = np.eye(self.components)[labels]
        for _ in range(self.iterations):
            self._maximise(rows, second, shares)
            joint = self._joint(rows)
            shares = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        self.decision_scores_ = self.decision_function(rows)
        self._process_decision_scores()
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return -ln p of the rows of X, (n,)."""
        check_fitted(self, "means_")
        return np.asarray(-logsumexp(self._joint(np.asarray(X, dtype=np.float64)), axis=1))

    def _maximise(self, rows: np.ndarray, second: np.ndarray, shares: np.ndarray) -> None:
        """Set the parameters from shares (n, k) in the components; `second` is the rows' second moment."""
        total = shares.sum(axis=0)
        kept = total > 1e-3  # empty components are dropped
        total, shares = total[kept], shares[:, kept]
        self.weights_, self.means_ = total / total.sum(), (shares.T @ rows) / total[:, None]
        between = (self.means_ * self.weights_[:, None]).T @ self.means_
        self.covariance_ = second - between + self.ridge * np.eye(len(second))
        self.lower_ = np.linalg.cholesky(self.covariance_)
        d = len(second)
        self.constants_ = np.log(self.weights_) - d * log(2 * pi) / 2 - np.log(self.lower_.diagonal()).sum()

    def _joint(self, rows: np.ndarray) -> np.ndarray:
        """Return ln π_k N(x; μ_k, Σ) of rows (n, d), (n, k)."""
        x, m = (solve_triangular(self.lower_, part.T, lower=True).T for part in (rows, self.means_))
        squares = (x * x).sum(axis=1)[:, None] + (m * m).sum(axis=1) - 2 * x @ m.T
        return np.asarray(self.constants_ - squares / 2)
