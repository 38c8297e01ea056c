"""A mixture of normal distributions with a shared covariance: the density model that passes the generation test."""

from math import log, pi

import numpy as np
import torch
from scipy.linalg import solve_triangular
from scipy.special import logsumexp
from sklearn.cluster import KMeans
from torch import Tensor

from anogen.errors import InputError
from anogen.scorers import Scorer


class TiedMixture(Scorer):
    """score(x) = -ln p(x), with p(x) = Σ_k π_k N(x; μ_k, Σ), fitted by expectation maximisation from k-means' clusters.

    `ridge`, in units of the squared pixel range, is added to the diagonal of Σ in every step, so that the standard
    deviation of every pixel is at least sqrt(ridge). Since Σ is shared, the relative probability of the components is
    log-linear in x: a start far from all of them is not always assigned to the widest.
    """

    differentiable = True

    def __init__(
        self, X: np.ndarray, components: int = 100, ridge: float = 0.01, iterations: int = 20, random_state: int = 0
    ) -> None:
        """Fit to the rows of X, (n, d); raises `InputError` for fewer rows than components, or a ridge of 0."""
        rows = np.asarray(X, dtype=np.float64)
        if len(rows) < components:
            raise InputError(f"{components} components of {len(rows)} rows: give fewer components")
        if not ridge > 0:
            raise InputError(f"ridge = {ridge:g} is out of range: give a positive number")
        self.n_features_in_ = rows.shape[1]
        labels = KMeans(components, n_init=1, max_iter=20, random_state=random_state).fit(rows).labels_
        second = rows.T @ rows / len(rows)
        shares = np.eye(components)[labels]
        for _ in range(iterations):
            self._maximise(rows, second, shares, ridge)
            joint = self._joint(rows)
            shares = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        self.means, self.constants = torch.from_numpy(self.means_), torch.from_numpy(self.constants_)
        identity = torch.eye(self.n_features_in_).double()
        inverse = torch.linalg.solve_triangular(torch.from_numpy(self.lower_), identity, upper=False)
        self.whiten = inverse.T.contiguous()
        self.white = self.means @ self.whiten
        self.norms = self.white.square().sum(dim=1)

    def score(self, x: Tensor) -> Tensor:
        """Return the negative log densities of rows (n, d), (n,)."""
        return -self.joint(x).logsumexp(dim=1)

    def joint(self, x: Tensor) -> Tensor:
        """Return ln π_k N(x; μ_k, Σ) of rows (n, d), (n, k)."""
        white = x @ self.whiten
        return self.constants - (white.square().sum(dim=1)[:, None] + self.norms - 2 * white @ self.white.T) / 2

    def shifted(self, x: Tensor) -> Tensor:
        """Return Σ_k r_k(x) μ_k of rows (n, d), with r the shares of the components: never less dense than x."""
        return self.joint(x).softmax(dim=1) @ self.means

    def _maximise(self, rows: np.ndarray, second: np.ndarray, shares: np.ndarray, ridge: float) -> None:
        """Set the parameters from shares (n, k) in the components; `second` is the rows' second moment."""
        total = shares.sum(axis=0)
        kept = total > 1e-3  # empty components are dropped
        total, shares = total[kept], shares[:, kept]
        self.weights_, self.means_ = total / total.sum(), (shares.T @ rows) / total[:, None]
        between = (self.means_ * self.weights_[:, None]).T @ self.means_
        self.covariance_ = second - between + ridge * np.eye(len(second))
        self.lower_ = np.linalg.cholesky(self.covariance_)
        d = len(second)
        self.constants_ = np.log(self.weights_) - d * log(2 * pi) / 2 - np.log(self.lower_.diagonal()).sum()

    def _joint(self, rows: np.ndarray) -> np.ndarray:
        """Return `joint` in NumPy."""
        x, m = (solve_triangular(self.lower_, part.T, lower=True).T for part in (rows, self.means_))
        squares = (x * x).sum(axis=1)[:, None] + (m * m).sum(axis=1) - 2 * x @ m.T
        return np.asarray(self.constants_ - squares / 2)
