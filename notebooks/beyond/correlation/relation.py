"""The relation of ROC AUC and image quality over detectors, within each class, and the rule of the chapter's answer.

The first version of the chapter correlated all pairs of detector and class at once. Classes differ in difficulty, and
the classifier is sure that noise is an 8, a hard class: pooling hid the relation that every class shows (Simpson's
paradox). Within a class, detectors are ranked among themselves.

Detectors that differ in one parameter resemble each other. A *family* is an algorithm with all its variants, and the
answer needs the families to agree.

The rule (`Relation.verdict`), the floor and the list of detectors were fixed when eighteen detectors and DEAN had been
computed, and their answer was known; the variants had not.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import rankdata

from anogen.detectors import parse_spec
from anogen.errors import InputError

FLOOR = 0.01  # qualities below it tie: the order of 1e-7 and 1e-27 is one of rounding
LEVEL = 0.05
ENDS = [100 * LEVEL / 2, 100 * (1 - LEVEL / 2)]

Floats = NDArray[np.float64]


class Relation(NamedTuple):
    """Spearman's correlation over detectors within each class, and its uncertainty."""

    rho: float  # mean over classes
    by_class: tuple[float, ...]
    interval: tuple[float, float]  # 95%, from a bootstrap over families, with all their detectors and classes
    p: float  # of a permutation of whole detectors
    p_families: float  # of a permutation of families, each with the mean ranks of its detectors
    detectors: int
    families: int

    @property
    def verdict(self) -> str:
        """`positive` or `negative` if the interval excludes 0 and both tests reject it, else `inconclusive`."""
        low, high = self.interval
        if max(self.p, self.p_families) >= LEVEL or low <= 0 <= high:
            return "inconclusive"
        return "positive" if low > 0 else "negative"


class Mixed(NamedTuple):
    """Slopes of the ranks of quality on the ranks of ROC AUC within a class, both with a standard deviation of 1."""

    slope: float  # of the mixed model with a random intercept for each detector
    error: float  # its standard error
    between: float  # of the detectors' means
    within: float  # of what remains: on the classes on which a detector detects better than on others


class Pooled(NamedTuple):
    """Spearman's correlation over all cells at once."""

    rho: float
    interval: tuple[float, float]  # 95%, from a bootstrap over detectors
    p: float  # of a permutation of whole detectors


def family(spec: str) -> str:
    """Return the name of a detector's algorithm, without options."""
    return parse_spec(spec)[0]


def spearman(x: Floats, y: Floats) -> float:
    """Return Spearman's correlation of two tables, ties having mean ranks; 0 where one of them is constant."""
    return float((unit_ranks(np.ravel(x)[:, None]) * unit_ranks(np.ravel(y)[:, None])).sum())


def unit_ranks(table: Floats) -> Floats:
    """Return the ranks within each column, ties having mean ranks, with mean 0 and norm 1; 0 in a constant column."""
    ranks = rankdata(table, axis=0)
    centred = ranks - ranks.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    return np.asarray(centred / np.where(norms > 0, norms, 1))


def tables(auc: Floats, measure: Floats, floor: float) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return both tables (detectors, classes), means over trainings, without detectors that lack a number; their rows.

    Of the measure, values below the floor are raised to it.
    """
    x, y = (np.asarray(table, dtype=np.float64) for table in (auc, measure))
    if x.shape != y.shape or x.ndim not in (2, 3):
        raise InputError(f"tables have shapes {x.shape} and {y.shape}: give (detectors, classes) twice")
    x, y = (table.reshape(*table.shape[:2], -1).mean(axis=-1) for table in (x, y))
    (rows,) = np.nonzero((np.isfinite(x) & np.isfinite(y)).all(axis=1))
    if len(rows) < 3:
        raise InputError(f"only {len(rows)} detectors have numbers in both tables: give at least three")
    return x[rows], np.maximum(y[rows], floor), rows


def relate(
    auc: Floats, measure: Floats, names: Sequence[str], *, floor: float = FLOOR, seed: int = 0, draws: int = 1_000
) -> Relation:
    """Correlate two tables (detectors, classes) or (detectors, classes, trainings) within classes."""
    x, y, rows = tables(auc, measure, floor)
    found = [family(names[row]) for row in rows]
    kinds = sorted(set(found))
    members = [np.flatnonzero(np.array(found) == kind) for kind in kinds]
    rng = np.random.default_rng(seed)
    a, b = unit_ranks(x), unit_ranks(y)
    by_class = (a * b).sum(axis=0)
    c, d = (unit_ranks(np.stack([table[group].mean(axis=0) for group in members])) for table in (a, b))
    resampled = []
    for _ in range(draws):
        chosen = np.concatenate([members[i] for i in rng.integers(len(kinds), size=len(kinds))])
        resampled.append((unit_ranks(x[chosen]) * unit_ranks(y[chosen])).sum(axis=0).mean())
    low, high = np.percentile(resampled, ENDS).tolist()
    return Relation(
        float(by_class.mean()), tuple(by_class.tolist()), (low, high),
        permutation_test(a, b, draws, rng), permutation_test(c, d, draws, rng),
        len(rows), len(kinds),
    )  # fmt: skip


def permutation_test(a: Floats, b: Floats, draws: int, rng: np.random.Generator) -> float:
    """Return the p-value, both sides, of the sum of products of two tables, whole rows of one of them permuted."""
    observed = abs((a * b).sum())
    extreme = sum(abs((a * b[rng.permutation(len(b))]).sum()) >= observed - 1e-12 for _ in range(draws))
    return float(1 + extreme) / (draws + 1)


def pool(auc: Floats, measure: Floats, *, seed: int = 0, draws: int = 1_000) -> Pooled:
    """Correlate all cells at once, without a floor, as the chapter's first version did."""
    x, y, _ = tables(auc, measure, -np.inf)
    rng, n = np.random.default_rng(seed), len(x)
    rho = spearman(x, y)
    resampled = [spearman(x[i], y[i]) for i in (rng.integers(n, size=n) for _ in range(draws))]
    shuffled = sum(abs(spearman(x, y[rng.permutation(n)])) >= abs(rho) - 1e-12 for _ in range(draws))
    low, high = np.percentile(resampled, ENDS).tolist()
    return Pooled(rho, (low, high), float(1 + shuffled) / (draws + 1))


def mixed_model(auc: Floats, measure: Floats, *, floor: float = FLOOR) -> Mixed:
    """Fit rank of quality = slope * rank of ROC AUC + intercept of the detector + noise, by maximum likelihood.

    The ranks are taken within a class, so intercepts of the classes are 0, and the model without the detectors'
    intercepts has the slope `Relation.rho`. The intercepts explain whatever is the same for a detector on all classes,
    a relation of the detectors' means included: this slope is about their differences from class to class.
    """
    x, y, _ = tables(auc, measure, floor)
    a, b = (np.sqrt(len(x)) * unit_ranks(table) for table in (x, y))
    n, t = a.shape
    mean_a, mean_b = a.mean(axis=1), b.mean(axis=1)
    rest_a, rest_b = a - mean_a[:, None], b - mean_b[:, None]
    # sums of products between and within detectors; the intercepts' variance divides the weight of the first
    between = t * np.array([mean_a @ mean_a, mean_a @ mean_b, mean_b @ mean_b])
    within = np.array([(rest_a * rest_a).sum(), (rest_a * rest_b).sum(), (rest_b * rest_b).sum()])

    def fit(weight: float) -> tuple[float, float, float]:
        aa, ab, bb = np.maximum(within + weight * between, (1e-12, -np.inf, 0))
        slope = ab / aa
        variance = max(bb - slope * ab, 1e-12) / (n * t)
        return slope, variance, float(np.sqrt(variance / aa))

    def deviance(log_weight: float) -> float:
        return n * t * float(np.log(fit(np.exp(log_weight))[1])) - n * log_weight

    best = minimize_scalar(deviance, bounds=(-12, 0), method="bounded")
    slope, _, error = fit(float(np.exp(best.x)))
    parts = (products[1] / max(products[0], 1e-12) for products in (between, within))
    return Mixed(*map(float, (slope, error, *parts)))


def repeatability(table: Floats) -> float:
    """Return the share of the variance of ranks within a class that is the detectors' own, (detectors, classes)."""
    ranks = unit_ranks(table)
    t = ranks.shape[1]
    noise = ranks.var(axis=1, ddof=1).mean()
    own = ranks.mean(axis=1).var(ddof=1) - noise / t
    return float(np.clip(own / (own + noise), 0, 1))


@cache
def power(n: int, rho: float, own: tuple[float, float], ties: float, classes: int = 10, draws: int = 2_000) -> float:
    """Return the probability that n independent detectors show a relation of strength rho, by simulation.

    Ranks of both tables are normal scores of which a share `own` of the variance is the detector's; the lowest share
    `ties` of the qualities tie. rho is the correlation within a class before ties. The test has the level 5%.
    """
    shares = np.sqrt(own)
    own_rho = 2 * np.sin(np.pi * rho / 6) / max(float(shares.prod()), 1e-9)  # Pearson's, of the detectors' own parts
    rng = np.random.default_rng(0)
    results = []
    for correlation in (0.0, min(1.0, own_rho)):
        z, e = rng.normal(size=(2, draws, n, 1)), rng.normal(size=(2, draws, n, classes))
        z[1] = correlation * z[0] + np.sqrt(1 - correlation**2) * z[1]
        x, y = (s * mine + np.sqrt(1 - s * s) * noise for s, mine, noise in zip(shares, z, e, strict=True))
        y = np.maximum(y, np.quantile(y, ties))
        a, b = (unit_ranks(table.transpose(1, 0, 2).reshape(n, -1)) for table in (x, y))
        results.append(np.abs((a * b).sum(axis=0).reshape(draws, classes).mean(axis=1)))
    return float((results[1] > np.quantile(results[0], 1 - LEVEL)).mean())


def tie_aware_power(auc: Floats, quality: Floats, *, n: int, rho: float) -> float:
    """Return `power` with the repeatability of both tables and the share of qualities at the floor."""
    x, y, _ = tables(auc, quality, FLOOR)
    own = repeatability(x), repeatability(y)
    return power(n, rho, own, float((y <= FLOOR).mean()), y.shape[1])
