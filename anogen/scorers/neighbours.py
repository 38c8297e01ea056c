"""The nearest training rows of KNN and LOF."""

import numpy as np
import torch
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from torch import Tensor

from anogen.scorers.base import Scorer

# Squared distance, relative to the row's squared norm, below which rounding could reach 1e-11 of the score.
CANCELLATION_TOL = 1e-4
EUCLIDEAN = {"euclidean", "l2"}


class NeighbourScorer(Scorer):
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


def is_euclidean(detector: KNN | LOF) -> bool:
    """Return whether a detector's distance is the Euclidean one."""
    euclidean = detector.metric in EUCLIDEAN or (detector.metric == "minkowski" and detector.p == 2)
    return euclidean and not detector.metric_params
