"""KNN: the distance to the k-th nearest training row."""

from pyod.models.knn import KNN
from torch import Tensor

from anogen.scorers.base import Scorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.neighbours import NeighbourScorer, is_euclidean
from anogen.scorers.registry import register_scorer


class KNNScorer(NeighbourScorer):
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


@register_scorer(KNN)
def make_knn_scorer(detector: KNN) -> Scorer:
    """Return the exact scorer of Euclidean distances, or the fallback."""
    return KNNScorer(detector) if is_euclidean(detector) else FallbackScorer(detector, detector.neigh_.n_features_in_)
