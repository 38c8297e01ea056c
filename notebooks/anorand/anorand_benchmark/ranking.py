"""Ranks of methods over data sets, and tests of whether they differ (Demsar 2006)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def ranks(values: Floats) -> Floats:
    """Return the rank of each method on each data set, (S, M) -> (S, M): 1 for the largest value, ties shared.

    A method without a value, NaN, has failed where others gave an answer: it is ranked below them.
    """
    known = np.where(np.isnan(values), -np.inf, values)
    return np.asarray(stats.rankdata(-known, axis=1), dtype=np.float64)


def friedman(ranked: Floats) -> float:
    """Return the p value of Friedman's test that all methods rank alike, from ranks (S, M) of three methods or more."""
    return float(stats.friedmanchisquare(*ranked.T).pvalue)


def critical_difference(sets: int, methods: int, level: float = 0.05) -> float:
    """Return Nemenyi's critical difference of mean ranks: q sqrt(M (M + 1) / (6 S)).

    q is the studentised range's quantile for M methods and infinite degrees of freedom, divided by the root of 2.
    """
    q = stats.studentized_range.ppf(1 - level, methods, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(methods * (methods + 1) / (6 * sets)))


def holm(p: Sequence[float]) -> Floats:
    """Return p values adjusted for their number by Holm's step-down rule, in the given order."""
    given = np.asarray(p, dtype=np.float64)
    order = np.argsort(given)
    steps = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(steps, 1)
    return adjusted


def wilcoxon_p(first: Floats, second: Floats) -> float:
    """Return the two-sided p value of Wilcoxon's test on paired values (S,), NaN left out; 1 if none differ."""
    both = ~(np.isnan(first) | np.isnan(second))
    difference = first[both] - second[both]
    return float(stats.wilcoxon(difference).pvalue) if difference.any() else 1.0
