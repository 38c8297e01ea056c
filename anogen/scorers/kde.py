"""KDE: the negative log density of Gaussian kernels on the training rows."""

from math import log, pi

import numpy as np
import torch
from pyod.models.kde import KDE
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

N_STEPS, CHUNK_SIZE, N_CANDIDATES = 1_000, 512, 32
INITIAL_STEPS = 30  # mean-shift steps from every training row
EUCLIDEAN = {"euclidean", "l2", "minkowski", "p"}


class KDEScorer(Scorer):
    """score(x) = ln n + d ln(h √2π) - ln Σ_i exp(-||x - x_i||² / 2h²): the exact formula.

    scikit-learn sums over a tree of the training rows. It starts from bounds of the sum over the whole tree, and takes
    the bound of each node off again when it opens the node: exp(-r²/2h²), with r the distance to the node's box. In the
    end nothing should be left of them, but what rounding leaves is 1e-16 of the largest. With hundreds of pixels the
    box of the data holds nearly every image, at distance 0, while all rows are far: the remainder exceeds the sum, by
    tens of nats for noise. It is right where the tree is one leaf (`leaf_size` above the number of rows), as in the
    catalogue. `make_scorer` calls the detector itself where the tree has more leaves; `KDEScorer(detector)` is the
    exact value.
    """

    differentiable = True

    def __init__(self, detector: KDE) -> None:
        rows = torch.tensor(np.asarray(detector.kde_.tree_.data, dtype=np.float64))
        width = float(detector.kde_.bandwidth_)
        constant = log(len(rows)) + rows.shape[1] * log(width * (2 * pi) ** 0.5)
        self._set_rows(rows, width, constant, torch.zeros(len(rows)))

    def _set_rows(self, rows: Tensor, width: float, constant: float, fixed_squares: Tensor) -> None:
        """Take training rows (m, d), centred to lose fewer digits, and the squared distances (m,) of fixed pixels."""
        self.width, self.constant, self.fixed_squares = width, constant, fixed_squares.double()
        self.n_features_in_ = rows.shape[1]
        self.mean = rows.mean(dim=0)
        self.train = rows - self.mean
        self.norms = self.train.square().sum(dim=1) + self.fixed_squares

    def score(self, x: Tensor) -> Tensor:
        """Return the negative log densities of rows (n, d), (n,)."""
        return self.constant - self._exponents(x - self.mean).logsumexp(dim=1)

    def _exponents(self, centred: Tensor) -> Tensor:
        """Return -||x - x_i||² / 2h² of rows (n, d), taken from the mean, as (n, m)."""
        precision = 1 / self.width**2
        own = torch.linalg.vecdot(centred, centred)
        halves = (own[:, None] + self.norms) * (-precision / 2)
        return torch.addmm(halves, centred, self.train.T, alpha=precision).clamp(max=0)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        fixed = complement(free, self.n_features_in_)
        rows = self.train + self.mean
        conditional = KDEScorer.__new__(KDEScorer)
        squares = (reference.double()[fixed] - rows[:, fixed]).square().sum(dim=1)
        conditional._set_rows(rows[:, free], self.width, self.constant, self.fixed_squares + squares)
        return conditional

    def optimum(self) -> Optimum:
        """Return the lowest fixed point of the mean shift x <- Σ_i K_i(x) x_i / Σ_i K_i(x), from every training row.

        A step never lowers the density. Every row takes a few; the best continue until they converge.
        """
        if not self.n_features_in_:
            return self.trivial_optimum()
        starts = torch.cat([torch.zeros_like(self.train[:1]), self.train])
        ends = torch.cat([self._shift(chunk) for chunk in starts.split(CHUNK_SIZE)])
        scores = torch.cat([self.score(chunk + self.mean) for chunk in ends.split(CHUNK_SIZE)])
        x = ends[scores.topk(min(N_CANDIDATES, len(ends)), largest=False).indices]
        for _ in range(N_STEPS):
            x, before = self._mean_shift(x), x
            if (x - before).abs().max() <= 1e-14:
                break
        points = x + self.mean
        scores = self.score(points)
        best = int(scores.argmin())
        certificate = f"the mean shift's lowest fixed point from the mean and all {len(self.train)} training rows"
        return Optimum(points[best][None], scores[best].item(), "numerical", certificate)

    def _mean_shift(self, centred: Tensor) -> Tensor:
        """Return the weighted means of the training rows about rows (n, d), both taken from the mean."""
        return self._exponents(centred).softmax(dim=1) @ self.train

    def _shift(self, x: Tensor) -> Tensor:
        """Return rows (n, d) after a few mean-shift steps; a row that moves less than 1e-4 stops."""
        moving = torch.arange(len(x))
        for _ in range(INITIAL_STEPS):
            after = self._mean_shift(x[moving])
            far = (after - x[moving]).abs().amax(dim=1) > 1e-4
            x = x.index_copy(0, moving, after)
            moving = moving[far]
            if not len(moving):
                break
        return x


@register_scorer(KDE)
def make_kde_scorer(detector: KDE) -> Scorer:
    """Return the exact scorer of a Euclidean tree with one leaf, or the fallback."""
    tree = detector.kde_.tree_
    one_leaf = len(tree.get_arrays()[2]) == 1
    if one_leaf and detector.metric in EUCLIDEAN and not detector.metric_params:
        return KDEScorer(detector)
    return FallbackScorer(detector, tree.data.shape[1])
