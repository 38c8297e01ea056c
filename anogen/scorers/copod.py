"""COPOD, and ECOD's common part: sums over pixels of negative log tail probabilities among training rows and batch."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple, Self

import numpy as np
import torch
from numba import njit
from pyod.models.copod import COPOD
from scipy.stats import skew
from torch import Tensor

from anogen.scorers.base import Optimum, Scorer, complement
from anogen.scorers.fallback import FallbackScorer
from anogen.scorers.registry import register_scorer

ROUNDING = 16 * np.finfo(np.float64).eps  # of one addition, with a margin


class SortedColumns(NamedTuple):
    """The sorted distinct values of every column of the training rows, one column after the other."""

    starts: np.ndarray  # (d + 1,): where a column's levels begin
    levels: np.ndarray  # (m,): NaN marks the end of a column: no value is equal to it, or above
    below: np.ndarray  # (m,): training values below a level, and at the mark all

    @classmethod
    def from_rows(cls, train: np.ndarray) -> Self:
        """Sort the columns of training rows (n, d)."""
        columns = [np.unique(column, return_counts=True) for column in train.T]
        starts = np.cumsum([0] + [len(levels) + 1 for levels, _ in columns])
        levels = np.concatenate([np.empty(0), *(np.append(levels, np.nan) for levels, _ in columns)])
        below = np.concatenate([np.empty(0, dtype=int), *(np.cumsum([0, *counts]) for _, counts in columns)])
        return cls(starts, levels, below)

    @property
    def columns(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return each column's levels (k,), and the numbers of training values below each and of all (k + 1,)."""
        spans = zip(self.starts[:-1], self.starts[1:], strict=True)
        return [(self.levels[at : end - 1], self.below[at:end]) for at, end in spans]


class TailScorer(Scorer):
    """score(x) = Σ_i max(s_i, l_i, r_i) for ECOD and Σ_i max(s_i, (l_i + r_i)/2) for COPOD.

    l_i = -ln(share of values <= x_i) and r_i = -ln(share of values >= x_i), where the values are pixel i of all rows of
    the training data *and of the batch*; s_i is r_i where these values are skewed to the right, l_i where to the left,
    and l_i + r_i where they are not. So a row's score depends on its batch, and a population of rows that are alike
    becomes part of what is normal.

    The training values are kept as sorted levels with counts, and merged with the sorted batch. The sign of the
    skewness follows from the moments of both parts; where rounding could decide it, scipy computes it, as in PyOD.
    """

    batch_dependence = "train+batch"
    accepts_float32 = True

    def __init__(self, train: np.ndarray, average: bool, fixed_offset: Callable[[int], float] | None = None) -> None:
        """Take the training rows, whether tails are averaged, and the fixed pixels' score by batch size."""
        self.train, self.average = np.ascontiguousarray(train, dtype=np.float64), average
        self.fixed_offset = fixed_offset or (lambda size: 0.0)
        self.n_features_in_ = train.shape[1]
        self.sorted = SortedColumns.from_rows(self.train)
        self.constant = np.diff(self.sorted.starts) == 2
        self.mean = self.train.mean(axis=0)
        self.moments = moments(self.train, self.mean)
        # By batch size, -ln(k/N) of k = 1 ... N, the number of training rows and of the batch's together.
        self.neg_log_tail = cache(lambda size: -np.log(np.arange(1, len(train) + size + 1) / (len(train) + size)))

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d) among the training rows and each other, (n,)."""
        rows = x.detach().contiguous().numpy()
        columns = np.ascontiguousarray(rows.T)
        order = np.argsort(columns, axis=1)
        scores = tail_scores(
            columns, order, *self.sorted, self.neg_log_tail(len(rows)), self._signs(rows), self.average
        )
        return torch.from_numpy(scores + self.fixed_offset(len(rows)))

    def condition_on(self, free: Tensor, reference: Tensor) -> Scorer:
        """Add up the fixed pixels' terms once a size of the batch: they are equal in all of its rows."""
        fixed = complement(free, self.n_features_in_)
        rest, row = TailScorer(self.train[:, fixed.numpy()], self.average), reference[None, fixed]
        fixed_offset = cache(lambda n: self.fixed_offset(n) + rest(row.expand(n, -1))[0].item())
        return TailScorer(self.train[:, free.numpy()], self.average, fixed_offset)

    def _signs(self, rows: np.ndarray) -> np.ndarray:
        """Return the signs (d,) of the skewness of the training rows together with `rows`."""
        n, b = len(self.train), len(rows)
        mean = rows.mean(axis=0, dtype=np.float64)
        (n2, n3, n3_size), (b2, b3, b3_size) = self.moments, moments(rows, mean)
        shift = mean - self.mean
        second = n2 + b2 + shift**2 * (n * b / (n + b))
        between = shift**3 * (n * b * (n - b) / (n + b) ** 2)
        third = n3 + b3 + between + 3 * shift * (n * b2 - b * n2) / (n + b)
        size = n3_size + b3_size + np.abs(between) + 3 * np.abs(shift) * (n * b2 + b * n2) / (n + b)
        level = np.abs(n * self.mean + b * mean) / (n + b)
        rounding = (n + b) * ROUNDING
        unsure = np.abs(third) <= rounding * (size + 3 * second * level)
        unsure |= second <= (n + b) * (rounding * level) ** 2
        signs, ambiguous = np.sign(third), np.flatnonzero(unsure)
        constant = self.constant[ambiguous] & (rows[:, ambiguous] == self.train[0, ambiguous]).all(axis=0)
        ambiguous = ambiguous[~constant]  # the tails of the others are 0
        if len(ambiguous):
            # Two columns at least, row after row in memory: NumPy sums other layouts in another order.
            both = np.concatenate([self.train[:, ambiguous], rows[:, ambiguous]])
            known = skew(np.ascontiguousarray(np.hstack([both, both])), axis=0)[: len(ambiguous)]
            signs[ambiguous] = np.sign(np.nan_to_num(known))
        return signs

    def optimum(self) -> Optimum:
        """Return the best training level of every pixel, for a row that is scored alone.

        A value between two levels has the left tail of the lower and the right tail of the upper, each at least what it
        is at the other one: only another sign of the skewness could make it better. The third moment is a cubic in the
        row's value, so its sign between two levels is known from them and from the cubic's two extremes.
        """
        if not self.n_features_in_:
            return self.trivial_optimum()
        n = len(self.train)
        neg_log_tail, columns = self.neg_log_tail(1), self.sorted.columns
        n_levels = max(len(levels) for levels, _ in columns)
        grid = np.stack([np.pad(levels, (0, n_levels - len(levels)), mode="edge") for levels, _ in columns])
        signs = np.stack([self._signs(row[None]) for row in grid.T])
        reach = np.sqrt(self.moments[0] * (n + 1) / (n * max(n - 1, 1)))
        inflections = np.stack([self.mean - reach, self.mean + reach])
        inflection_signs = np.stack([self._signs(row[None]) for row in inflections])
        point, proved = np.empty(self.n_features_in_), True
        for i, (levels, below) in enumerate(columns):
            level_signs = signs[: len(levels), i]
            above = n - below
            terms = self._terms(neg_log_tail[below[1:]], neg_log_tail[above[:-1]], level_signs)
            point[i] = levels[terms.argmin()]
            ends = np.concatenate([[-1], level_signs, [1]])  # far below, the row itself skews the pixel to the left
            extremes = np.searchsorted(levels, inflections[:, i])
            for sign in (-1, 1):
                possible = (ends[:-1] != -sign) | (ends[1:] != -sign)
                possible[extremes[inflection_signs[:, i] != -sign]] = True
                gaps = self._terms(neg_log_tail[below], neg_log_tail[above], np.array(sign))
                proved &= bool((gaps[possible] >= terms.min()).all())
        best = torch.from_numpy(point)[None]
        certificate = "alone in its batch, a row has the least term of every pixel at one of the training levels"
        return Optimum(best, self(best).item(), "proved" if proved else "numerical", certificate)

    def _terms(self, left: np.ndarray, right: np.ndarray, signs: np.ndarray) -> np.ndarray:
        """Return the terms of one pixel from both tails and the sign of its skewness."""
        skewed = np.select([signs > 0, signs < 0], [right, left], left + right)
        return np.maximum(skewed, (left + right) / 2 if self.average else np.maximum(left, right))


@njit(cache=True, error_model="numpy")
def tail_scores(columns, order, starts, levels, below, neg_log_tail, signs, average):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the sums (n,) of the terms of rows over their columns (d, n), which `order` (d, n) sorts.

    Each column's batch and training values are merged: both are sorted. `neg_log_tail` is -ln(k/N) of k = 1 ... N.
    """
    d, n = columns.shape
    last, scores = len(neg_log_tail) - 1, np.zeros(n)
    for i in range(d):
        column, rank, at, first = columns[i], order[i], starts[i], 0
        right_counts, left_counts = 1.0 if signs[i] >= 0 else 0.0, 1.0 if signs[i] <= 0 else 0.0
        while first < n:
            v, end = column[rank[first]], first + 1
            while end < n and column[rank[end]] == v:
                end += 1
            while levels[at] < v:
                at += 1
            left = neg_log_tail[below[at + (levels[at] == v)] + end - 1]
            right = neg_log_tail[last - below[at] - first]
            skewed = left_counts * left + right_counts * right
            term = max(skewed, (left + right) / 2 if average else max(left, right))
            for k in range(first, end):
                scores[rank[k]] += v if np.isnan(v) else term
            first = end
    return scores


@njit(cache=True)
def moments(rows: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Σ y², Σ y³ and Σ |y|³ of the columns of y = rows - mean, each (d,)."""
    n, d = rows.shape
    second, third, size = np.zeros(d), np.zeros(d), np.zeros(d)
    for r in range(n):
        for i in range(d):
            y = rows[r, i] - mean[i]
            second[i] += y * y
            third[i] += y * y * y
            size[i] += y * y * abs(y)
    return second, third, size


@register_scorer(COPOD)
def make_copod_scorer(detector: COPOD) -> Scorer:
    """Return the exact scorer, or the fallback for PyOD's parallel code, which computes something else."""
    if detector.n_jobs != 1:
        return FallbackScorer(detector, detector.X_train.shape[1])
    return TailScorer(detector.X_train, average=True)
