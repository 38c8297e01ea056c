"""KDE: minus the log density of a mixture with one Gaussian on every training row."""

from math import log, pi

import numpy as np
import torch
from pyod.models.kde import KDE
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.registry import FallbackScorer, register_scorer

STEPS, CHUNK, CANDIDATES = 1_000, 512, 32
FEW = 30  # steps that every training row takes
EUCLIDEAN = {"euclidean", "l2", "minkowski", "p"}


class KDEScorer(Scorer):
    """score(x) = ln n + d ln(h √2π) - ln Σ_i exp(-||x - x_i||² / 2h²): the exact formula.

    scikit-learn sums over a tree of the training rows. It starts from bounds of the sum over the whole tree, and takes
    the bound of each node off again when it opens the node: exp(-r²/2h²), with r the distance to the node's box. In the
    end nothing should be left of them, but what rounding leaves is 1e-16 of the largest. With hundreds of pixels the
    box of the data holds nearly every image, at distance 0, while all rows are far: the remainder exceeds the sum, by
    tens of nats for noise. It is right where the tree is one leaf (`leaf_size` above the number of rows), as in the
    catalogue. `scorer` calls the detector itself where there are more; `KDEScorer(detector)` is what it should have
    computed.
    """

    differentiable = True

    def __init__(self, detector: KDE) -> None:
        rows = torch.tensor(np.asarray(detector.kde_.tree_.data, dtype=np.float64))
        width = float(detector.kde_.bandwidth_)
        self._take(rows, width, log(len(rows)) + rows.shape[1] * log(width * (2 * pi) ** 0.5), torch.zeros(len(rows)))

    def _take(self, rows: Tensor, width: float, constant: float, beyond: Tensor) -> None:
        """Take training rows (m, d) and the squared distances (m,) of pixels that are fixed.

        Rows are taken from their mean: less is then lost in the product.
        """
        self.n_features_in_, self.width, self.constant, self.beyond = rows.shape[1], width, constant, beyond.double()
        self.mean = rows.mean(dim=0)
        self.train = rows - self.mean
        self.norms = self.train.square().sum(dim=1) + self.beyond

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
        beside = KDEScorer.__new__(KDEScorer)
        apart = (reference.double()[fixed] - rows[:, fixed]).square().sum(dim=1)
        beside._take(rows[:, free], self.width, self.constant, self.beyond + apart)
        return beside

    def optimum(self) -> Optimum:
        """Return the lowest fixed point of the mean shift x <- Σ_i K_i(x) x_i / Σ_i K_i(x), from every training row.

        A step never lowers the density. Every row takes a few, or as many as still move it; the best go on to the end.
        """
        if not self.n_features_in_:
            return self.trivial_optimum()
        starts = torch.cat([torch.zeros_like(self.train[:1]), self.train])
        ends = torch.cat([self._shifted(some) for some in starts.split(CHUNK)])
        scores = torch.cat([self.score(some + self.mean) for some in ends.split(CHUNK)])
        x = ends[scores.topk(min(CANDIDATES, len(ends)), largest=False).indices]
        for _ in range(STEPS):
            x, before = self._step(x), x
            if (x - before).abs().max() <= 1e-14:
                break
        points = x + self.mean
        scores = self.score(points)
        found = int(scores.argmin())
        why = f"the mean shift's lowest fixed point from the mean and all {len(self.train)} training rows"
        return Optimum(points[found][None], scores[found].item(), "numerical", why)

    def _step(self, centred: Tensor) -> Tensor:
        """Return the weighted means of the training rows about rows (n, d), both taken from the mean."""
        return self._exponents(centred).softmax(dim=1) @ self.train

    def _shifted(self, x: Tensor) -> Tensor:
        """Return where a few steps lead rows (n, d); one that moves less than 1e-4 stays."""
        moving = torch.arange(len(x))
        for _ in range(FEW):
            after = self._step(x[moving])
            far = (after - x[moving]).abs().amax(dim=1) > 1e-4
            x = x.index_copy(0, moving, after)
            moving = moving[far]
            if not len(moving):
                break
        return x


@register_scorer(KDE)
def _(detector: KDE) -> Scorer:
    tree = detector.kde_.tree_
    one_leaf = len(tree.get_arrays()[2]) == 1
    if one_leaf and detector.metric in EUCLIDEAN and not detector.metric_params:
        return KDEScorer(detector)
    return FallbackScorer(detector, tree.data.shape[1])
