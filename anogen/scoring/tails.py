"""COPOD and ECOD: the sum over pixels of how rare a value is in the tails of the training rows and of its own batch."""

import numpy as np
import torch
from numba import njit
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from scipy.stats import skew
from torch import Tensor

from anogen.scoring.base import Optimum, Scorer
from anogen.scoring.registry import FallbackScorer, exact

ROUNDING = 16 * np.finfo(np.float64).eps  # of one addition, with room to spare


class TailScorer(Scorer):
    """score(x) = Σ_i max(s_i, l_i, r_i) for ECOD and Σ_i max(s_i, (l_i + r_i)/2) for COPOD.

    l_i = -ln(share of values <= x_i) and r_i = -ln(share of values >= x_i), where the values are pixel i of all rows of
    the training data *and of the batch*; s_i is r_i where these values are skewed to the right, l_i where to the left,
    and l_i + r_i where they are not. So a row's score depends on its batch, and a population of rows that are alike
    becomes part of what is normal.

    The training values are kept as sorted levels with counts, and merged with the sorted batch. The sign of the
    skewness follows from the moments of both parts; where rounding could decide it, scipy is asked, as PyOD does.
    """

    semantics = "train+batch"

    def __init__(self, train: np.ndarray, average: bool) -> None:
        self.train, self.average = np.ascontiguousarray(train, dtype=np.float64), average
        self.dimension = train.shape[1]
        columns = [np.unique(column, return_counts=True) for column in self.train.T]
        self.starts = np.cumsum([0] + [len(levels) for levels, _ in columns])
        self.levels = np.concatenate([levels for levels, _ in columns])
        self.upto = np.concatenate([np.cumsum(counts) for _, counts in columns])  # training values <= each level
        self.constant = np.diff(self.starts) == 1
        self.mean = self.train.mean(axis=0)
        self.moments = _moments(self.train - self.mean)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d) among the training rows and each other, (n,)."""
        rows = x.detach().numpy()
        columns = np.ascontiguousarray(rows.T)
        order = np.argsort(columns, axis=1)
        rare = -np.log(np.arange(1, len(self.train) + len(rows) + 1) / (len(self.train) + len(rows)))
        signs = self._signs(rows)
        return torch.from_numpy(
            _sum_of_tails(columns, order, self.starts, self.levels, self.upto, rare, signs, self.average)
        )

    def _signs(self, rows: np.ndarray) -> np.ndarray:
        """Return the signs (d,) of the skewness of the training rows together with `rows`."""
        n, b = len(self.train), len(rows)
        mean = rows.mean(axis=0)
        (n2, n3, n3_size), (b2, b3, b3_size) = self.moments, _moments(rows - mean)
        shift = mean - self.mean
        second = n2 + b2 + shift**2 * (n * b / (n + b))
        between = shift**3 * (n * b * (n - b) / (n + b) ** 2)
        third = n3 + b3 + between + 3 * shift * (n * b2 - b * n2) / (n + b)
        size = n3_size + b3_size + np.abs(between) + 3 * np.abs(shift) * (n * b2 + b * n2) / (n + b)
        level = np.abs(n * self.mean + b * mean) / (n + b)
        rounding = (n + b) * ROUNDING
        doubtful = (np.abs(third) <= rounding * (size + 3 * second * level)) | (
            second <= (n + b) * (rounding * level) ** 2
        )
        doubtful &= ~(self.constant & (rows == self.train[0]).all(axis=0))  # both tails are 0 there
        signs = np.sign(third)
        if doubtful.any():
            # Two columns at least, row after row in memory: numpy adds others up in another order.
            asked = np.flatnonzero(doubtful)
            both = np.concatenate([self.train[:, asked], rows[:, asked]])
            signs[asked] = np.sign(np.nan_to_num(skew(np.ascontiguousarray(np.hstack([both, both])), axis=0)))[
                : len(asked)
            ]
        return signs

    def optimum(self) -> Optimum:
        """Return the best training level of every pixel, for a row that is scored alone.

        A value between two levels has the left tail of the lower and the right tail of the upper, each at least what it
        is at the other one: only another sign of the skewness could make it better. The third moment is a cubic in the
        row's value, so its sign between two levels is known from them and from the cubic's two extremes.
        """
        n = len(self.train)
        rare = -np.log(np.arange(1, n + 2) / (n + 1))
        columns = np.split(self.levels, self.starts[1:-1])
        most = max(map(len, columns))
        ladder = np.stack([np.pad(levels, (0, most - len(levels)), mode="edge") for levels in columns])
        signs = np.stack([self._signs(row[None]) for row in ladder.T])
        reach = np.sqrt(self.moments[0] * (n + 1) / (n * max(n - 1, 1)))
        bends = np.stack([self.mean - reach, self.mean + reach])
        bend_signs = np.stack([self._signs(row[None]) for row in bends])
        point, proved = np.empty(self.dimension), True
        for i, (levels, upto) in enumerate(zip(columns, np.split(self.upto, self.starts[1:-1]), strict=True)):
            here = signs[: len(levels), i]
            below, above = np.concatenate([[0], upto]), n - np.concatenate([[0], upto])  # training values about a gap
            terms = self._terms(rare[upto], rare[above[:-1]], here)
            point[i] = levels[terms.argmin()]
            ends = np.concatenate([[-1], here, [1]])  # far below, the row itself skews the pixel to the left
            extremes = np.searchsorted(levels, bends[:, i])
            for sign in (-1, 1):
                possible = (ends[:-1] != -sign) | (ends[1:] != -sign)
                possible[extremes[bend_signs[:, i] != -sign]] = True
                gaps = self._terms(rare[below], rare[above], np.array(sign))
                proved &= bool((gaps[possible] >= terms.min()).all())
        best = torch.from_numpy(point)[None]
        why = "alone in its batch, a row has the least term of every pixel at one of the training levels"
        return Optimum(best, self(best).item(), "proved" if proved else "numerical", why)

    def _terms(self, left: np.ndarray, right: np.ndarray, signs: np.ndarray) -> np.ndarray:
        """Return the terms of one pixel from both tails and the sign of its skewness."""
        skewed = np.select([signs > 0, signs < 0], [right, left], left + right)
        return np.maximum(skewed, (left + right) / 2 if self.average else np.maximum(left, right))


def _moments(apart: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Σ y², Σ y³ and Σ |y|³ of the columns of y (n, d), each (d,)."""
    square = apart * apart
    cube = square * apart
    return square.sum(axis=0), cube.sum(axis=0), np.abs(cube).sum(axis=0)


@njit(cache=True)
def _sum_of_tails(
    columns: np.ndarray,
    order: np.ndarray,
    starts: np.ndarray,
    levels: np.ndarray,
    upto: np.ndarray,
    rare: np.ndarray,
    signs: np.ndarray,
    average: bool,
) -> np.ndarray:
    """Merge each pixel's sorted batch (columns[i][order[i]]) with its training levels, and add up its terms."""
    d, b = columns.shape
    scores = np.zeros(b)
    total = len(rare)
    for i in range(d):
        at, end = starts[i], starts[i + 1]
        first = 0
        while first < b:
            v = columns[i, order[i, first]]
            last = first
            while last + 1 < b and columns[i, order[i, last + 1]] == v:
                last += 1
            while at < end and levels[at] < v:
                at += 1
            less = upto[at - 1] if at > starts[i] else 0  # training values below v
            same = upto[at] if at < end and levels[at] == v else less  # and not above v
            left, right = rare[same + last], rare[total - less - first - 1]
            if signs[i] > 0:
                term = right
            elif signs[i] < 0:
                term = left
            else:
                term = left + right
            term = max(term, (left + right) / 2 if average else max(left, right))
            if np.isnan(v):
                term = v
            for j in range(first, last + 1):
                scores[order[i, j]] += term
            first = last + 1
    return scores


def _made(detector: COPOD | ECOD) -> Scorer:
    """Return the scorer of a COPOD or an ECOD."""
    if detector.n_jobs != 1:  # PyOD's other code path
        return FallbackScorer(detector, detector.X_train.shape[1])
    return TailScorer(detector.X_train, isinstance(detector, COPOD))


exact(COPOD)(_made)
exact(ECOD)(_made)
