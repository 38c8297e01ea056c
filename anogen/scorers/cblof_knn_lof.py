"""CBLOF, KNN and LOF: distances to the nearest cluster centre or to the nearest training rows."""

import numpy as np
import torch
from numba import njit
from pyod.models.cblof import CBLOF
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from torch import Tensor, nn

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

# Squared distance, relative to the row's squared norm, below which rounding could reach 1e-11 of the score.
CANCELLATION_TOL = 1e-4
EUCLIDEAN = {"euclidean", "l2"}


class CBLOFScorer(Scorer):
    """score(x) = min over large clusters j of ||x - c_j||.

    PyOD assigns x to its nearest centre of all; if that one is large the distance to it counts, else the distance to
    the nearest large one. Either way it is the minimum over the large centres.
    """

    differentiable = True
    accepts_float32 = True

    def __init__(self, centres: Tensor, fixed_squares: Tensor | None = None) -> None:
        """Take the large centres (m, d) and the squared distances (m,) of the fixed pixels to each of them."""
        self.centres = centres.contiguous()
        self.fixed_squares = torch.zeros(len(centres), dtype=torch.float64) if fixed_squares is None else fixed_squares
        self.n_features_in_ = centres.shape[1]

    def score(self, x: Tensor) -> Tensor:
        """Return the distances of rows (n, d) to their nearest large centre, (n,)."""
        if self.device.type == "cpu" and not x.requires_grad:
            return torch.from_numpy(_nearest(x.contiguous().numpy(), self.centres.numpy(), self.fixed_squares.numpy()))
        # The fixed pixels are one more coordinate, in which rows are at 0 and centres at their distance.
        rows = nn.functional.pad(x.double(), (0, 1))
        centres = torch.column_stack([self.centres, self.fixed_squares.sqrt()])
        return torch.cdist(rows, centres, compute_mode="donot_use_mm_for_euclid_dist").amin(dim=1)

    def optimum(self) -> Optimum:
        """Return the large centres, where the score is 0, or those nearest to the fixed pixels."""
        lowest = self.fixed_squares.min()
        certificate = "a distance is at least 0, and is 0 at every large centre"
        if lowest > 0:
            certificate = "free pixels at a centre are at distance 0; the fixed ones decide which centre"
        return Optimum(self.centres[self.fixed_squares == lowest], lowest.sqrt().item(), "proved", certificate)

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Compute the fixed pixels' part of the squared distances once."""
        fixed = complement(free, self.n_features_in_)
        squares = (reference.double()[fixed] - self.centres[:, fixed]).square().sum(dim=1)
        return CBLOFScorer(self.centres[:, free], self.fixed_squares + squares)


@njit(cache=True, fastmath={"reassoc", "contract"})  # the order of a sum is free: several are added at once
def _nearest(rows: np.ndarray, centres: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Return the distances (n,) of rows (n, d) to the nearest of the centres (m, d), from differences: none cancel.

    Four centres at a time, so that a value is widened once for all of them; the last one fills up the last four.
    """
    distances, last = np.empty(len(rows)), len(centres) - 1
    for r in range(len(rows)):
        row, lowest = rows[r], np.inf
        for j in range(0, len(centres), 4):
            p, q, s = min(j + 1, last), min(j + 2, last), min(j + 3, last)
            first, second, third, fourth = centres[j], centres[p], centres[q], centres[s]
            to_first, to_second, to_third, to_fourth = offset[j], offset[p], offset[q], offset[s]
            for i in range(len(row)):
                value = np.float64(row[i])
                to_first += (value - first[i]) ** 2
                to_second += (value - second[i]) ** 2
                to_third += (value - third[i]) ** 2
                to_fourth += (value - fourth[i]) ** 2
            lowest = min(lowest, to_first, to_second, to_third, to_fourth)
        distances[r] = np.sqrt(lowest)
    return distances


@register_scorer(CBLOF)
def make_cblof_scorer(detector: CBLOF) -> Scorer:
    """Return the exact scorer, or the fallback for weighted distances."""
    if detector.use_weights:  # the score then depends on the nearest cluster's size too
        return FallbackScorer(detector, detector.cluster_centers_.shape[1])
    centres = detector.cluster_centers_[np.asarray(detector.large_cluster_labels_, dtype=int)]
    return CBLOFScorer(torch.as_tensor(np.asarray(centres, dtype=np.float64)))


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
