"""KNN and LOF: distances to the nearest training rows, by one matrix product."""

import numpy as np
import torch
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from torch import Tensor

from anogen.scorers.base import Scorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

# Squared distance, relative to the row's squared norm, below which rounding could reach 1e-11 of the score.
CANCELLATION_TOL = 1e-4
EUCLIDEAN = {"euclidean", "l2"}


class _DistanceScorer(Scorer):
    """Euclidean distances to the training rows, which are centred: the product then loses fewer digits."""

    differentiable = True

    def __init__(self, train: np.ndarray) -> None:
        rows = torch.tensor(np.asarray(train, dtype=np.float64))
        self.n_features_in_ = rows.shape[1]
        self.mean = rows.mean(dim=0)
        self.train = rows - self.mean
        self.norms = self.train.square().sum(dim=1)

    def nearest(self, x: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Return the distances to the k nearest training rows (n, k), sorted, and their indices (n, k).

        Both come from the product. A row close to a training row would lose digits: its distances are computed from
        the differences.
        """
        centred = x - self.mean
        own = torch.linalg.vecdot(centred, centred)
        products = torch.addmm(own[:, None] + self.norms, centred, self.train.T, alpha=-2)
        squares, indices = products.topk(k, dim=1, largest=False)
        close = squares[:, 0] < CANCELLATION_TOL * own.clamp(min=1)
        if not close.any():
            return squares.sqrt(), indices
        distances = torch.linalg.vector_norm(centred[close][:, None] - self.train[indices[close]], dim=2)
        exact, order = distances.sort(dim=1)
        safe = squares.clamp(min=torch.finfo(x.dtype).tiny).sqrt()  # a root's slope at 0 would make the gradient NaN
        return safe.index_put((close,), exact), indices.index_put((close,), indices[close].gather(1, order))


class KNNScorer(_DistanceScorer):
    """score(x) = distance to the k-th nearest training row, or the mean or median of all k."""

    def __init__(self, detector: KNN) -> None:
        super().__init__(detector.neigh_._fit_X)
        self.k, self.method = detector.n_neighbors, detector.method

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        distances, _ = self.nearest(x, self.k)
        match self.method:
            case "largest":
                return distances[:, -1]
            case "mean":
                return distances.mean(dim=1)
        return (distances[:, (self.k - 1) // 2] + distances[:, self.k // 2]) / 2


class LOFScorer(_DistanceScorer):
    """score(x) = mean over the k neighbours of lrd(neighbour) / lrd(x), with 1/lrd(x) the mean reachability distance.

    The reachability distance of a neighbour is that to x, but at least its own distance to its k-th neighbour. 1e-10 is
    added to the mean, as scikit-learn does against duplicates. A training row is its own neighbour here, unlike in fit.
    """

    def __init__(self, detector: LOF) -> None:
        inner = detector.detector_
        super().__init__(inner._fit_X)
        self.k = inner.n_neighbors_
        self.density = torch.tensor(np.asarray(inner._lrd))
        self.k_distances = torch.tensor(np.asarray(inner._distances_fit_X_[:, self.k - 1]))

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        distances, indices = self.nearest(x, self.k)
        mean = torch.maximum(distances, self.k_distances[indices]).mean(dim=1) + 1e-10
        return self.density[indices].mean(dim=1) * mean


def make_neighbour_scorer(detector: KNN | LOF) -> Scorer:
    """Return the exact scorer of Euclidean distances, or the fallback."""
    euclidean = detector.metric in EUCLIDEAN or (detector.metric == "minkowski" and detector.p == 2)
    if euclidean and not detector.metric_params and getattr(detector, "novelty", True):
        return KNNScorer(detector) if isinstance(detector, KNN) else LOFScorer(detector)
    inner = detector.neigh_ if isinstance(detector, KNN) else detector.detector_
    return FallbackScorer(detector, inner.n_features_in_)


register_scorer(KNN)(make_neighbour_scorer)
register_scorer(LOF)(make_neighbour_scorer)
