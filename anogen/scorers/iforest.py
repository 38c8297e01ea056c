"""IForest: how easily random splits isolate a row."""

import numpy as np
import torch
from numba import njit
from pyod.models.iforest import IForest
from torch import Tensor

from anogen.scorers.base import Scorer
from anogen.scorers.registry import register_scorer


@register_scorer(IForest)
class IForestScorer(Scorer):
    """score(x) = 2^(-Σ_t h_t(x) / (T c(m))) + o, with h_t the depth of the leaf of tree t plus c(its training rows).

    c(m) is the mean depth of m random rows. scikit-learn rounds rows to float32 and compares them with thresholds in
    float64; the largest float32 that is not above a threshold divides the same rows. PyOD adds scikit-learn's offset o,
    the score that a tenth of the training rows exceed: scores above 0 are anomalies.
    """

    dtype = torch.float32  # of the rows; depths are summed in float64

    def __init__(self, detector: IForest) -> None:
        forest = detector.detector_
        self.n_features_in_, self.offset = forest.n_features_in_, forest.offset_
        self.expected = len(forest.estimators_) * float(_mean_depth(np.array([forest.max_samples_]))[0])
        columns = forest.estimators_features_
        trees = [_flatten(e.tree_, features) for e, features in zip(forest.estimators_, columns, strict=True)]
        features, thresholds, children, leaves = map(np.concatenate, zip(*trees, strict=True))
        self.roots = np.cumsum([0] + [len(tree[0]) for tree in trees[:-1]])
        children += np.repeat(self.roots, [len(tree[0]) for tree in trees])[:, None]
        self.levels = np.array([e.tree_.max_depth for e in forest.estimators_])  # most steps from a root to a leaf
        # uint32: numba need not ask whether an index counts from the end
        self.nodes = features.astype(np.uint32), thresholds, children.astype(np.uint32), leaves

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        depths = _depths(x.detach().contiguous().numpy(), self.roots, self.levels, *self.nodes)
        # scikit-learn calls a forest of trees that saw one row each undecided: depth and expectation are both 0
        ratio = depths / self.expected if self.expected else np.ones_like(depths)
        return torch.from_numpy(2**-ratio + self.offset)


def _mean_depth(rows: np.ndarray) -> np.ndarray:
    """Return c(m) = 2 (ln(m - 1) + γ) - 2 (m - 1)/m for m > 2, 1 for 2, and 0 for one row."""
    m = np.maximum(rows, 3).astype(np.float64)
    formula = 2 * (np.log(m - 1) + np.euler_gamma) - 2 * (m - 1) / m
    return np.select([rows <= 1, rows == 2], [0.0, 1.0], formula)


def _flatten(tree: object, columns: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return a tree's features (k,), thresholds (k,), children (k, 2) and leaf depths (k,); a leaf is its own child."""
    left, right, feature, threshold, rows = (
        getattr(tree, name) for name in ("children_left", "children_right", "feature", "threshold", "n_node_samples")
    )
    nodes = np.arange(len(left))
    leaf = left < 0
    depth = np.zeros(len(left))
    for node in nodes[~leaf]:  # a parent precedes its children
        depth[[left[node], right[node]]] = depth[node] + 1
    below = threshold.astype(np.float32)
    below = np.where(below > threshold, np.nextafter(below, np.float32(-np.inf)), below)
    children = np.where(leaf[:, None], nodes[:, None], np.column_stack([left, right]))
    features = np.where(leaf, 0, columns[np.where(leaf, 0, feature)])
    return features, np.where(leaf, np.float32(0), below), children, np.where(leaf, depth + _mean_depth(rows), 0.0)


@njit(cache=True)
def _depths(rows, roots, levels, features, thresholds, children, leaves):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Take all rows one level down a tree at a time: independent steps, so that no row waits for its own memory."""
    n = len(rows)
    depths, at = np.zeros(n), np.zeros(n, dtype=np.uint32)
    for t in range(len(levels)):
        at[:] = roots[t]
        for _ in range(levels[t]):
            for r in range(n):
                node = at[r]
                at[r] = children[node, np.uint32(rows[r, features[node]] > thresholds[node])]
        for r in range(n):
            depths[r] += leaves[at[r]]
    return depths
