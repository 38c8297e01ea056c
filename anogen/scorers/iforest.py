"""IForest: how easily random splits isolate a row."""

import decimal

import numpy as np
import torch
from numba import njit
from pyod.models.iforest import IForest
from torch import Tensor

from anogen.scorers.base import Scorer
from anogen.scorers.registry import register_scorer

# 2^(-j/32) for j = 0 ... 31 in float64, and the remainders: the digits that follow.
with decimal.localcontext(prec=50):
    _EXACT = [decimal.Decimal(2) ** (decimal.Decimal(-j) / 32) for j in range(32)]
    POWERS = np.array([[float(power), float(power - decimal.Decimal(float(power)))] for power in _EXACT])
LN2, LN2_LOW = 0.6931471805599453, 2.3190468138462996e-17  # ln 2 and its remainder


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
        self.expected = len(forest.estimators_) * float(mean_depth(np.array([forest.max_samples_]))[0])
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
        return torch.from_numpy(negative_powers(ratio, POWERS) + self.offset)


def mean_depth(rows: np.ndarray) -> np.ndarray:
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
    return features, np.where(leaf, np.float32(0), below), children, np.where(leaf, depth + mean_depth(rows), 0.0)


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


@njit(cache=True)
def negative_powers(exponents, powers):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return 2^-x of exponents x (n,), at least 0, with the same bits on every machine; `powers` are `POWERS`.

    NumPy's power has other last bits on other processors. Here x = w + j/32 - r with a small r, and 2^r - 1 is a
    series. The sums are kept in two numbers, so that the result is correctly rounded but for one in thousands.
    """
    out = np.empty(len(exponents))
    for i in range(len(exponents)):
        x = exponents[i]
        steps = np.floor(x * 32 + 0.5)
        whole = np.floor(steps / 32)
        power, remainder = powers[int(steps - 32 * whole)]
        rest = steps / 32 - x
        high, low = _two_product(rest, LN2)
        series = 1 / 6 + high * (1 / 24 + high * (1 / 120 + high * (1 / 720 + high / 5040)))
        series = high * high * (0.5 + high * series)
        growth, small = _two_sum(high, (low + rest * LN2_LOW) + series)
        product, error = _two_product(power, growth)
        total, lost = _two_sum(power, product)
        out[i] = (total + (lost + (error + (power * small + remainder * (1 + growth))))) * 2.0**-whole
    return out


@njit(inline="always")
def _two_product(a, b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return a b and its rounding error (Dekker)."""
    high = a * b
    a_high = a * 134217729.0 - (a * 134217729.0 - a)
    b_high = b * 134217729.0 - (b * 134217729.0 - b)
    a_low, b_low = a - a_high, b - b_high
    return high, a_low * b_low - (high - a_high * b_high - a_low * b_high - a_high * b_low)


@njit(inline="always")
def _two_sum(a, b):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return a + b and its rounding error."""
    high = a + b
    part = high - a
    return high, (a - (high - part)) + (b - part)
