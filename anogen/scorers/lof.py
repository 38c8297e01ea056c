"""LOF: how much denser the training rows are around a row's neighbours than around the row."""

import numpy as np
import torch
from pyod.models.lof import LOF
from torch import Tensor

from anogen.scorers.base import Scorer
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.neighbours import NeighbourScorer, is_euclidean
from anogen.scorers.registry import register_scorer


class LOFScorer(NeighbourScorer):
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


@register_scorer(LOF)
def make_lof_scorer(detector: LOF) -> Scorer:
    """Return the exact scorer of Euclidean distances to the training rows, or the fallback."""
    if is_euclidean(detector) and getattr(detector, "novelty", True):
        return LOFScorer(detector)
    return FallbackScorer(detector, detector.detector_.n_features_in_)
