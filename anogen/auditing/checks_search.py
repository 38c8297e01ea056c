"""A short search for rows that are unlike the data and score as normal; its settings come from the bench's halves."""

import numpy as np

from anogen.auditing.case import Case, Floats, finding
from anogen.auditing.data import AuditData
from anogen.auditing.findings import Finding
from anogen.metrics.images import nearest

N_GENERATIONS, N_CANDIDATES, N_PARENTS = 10, 100, 10  # of the search; parents by score, and by distance
MAX_SEARCH_VALUES, MIN_CANDIDATES = 2_000_000, 20  # of all candidates of very long rows: 16 MB
N_COMPONENTS, MAX_COMPONENT_ROWS = 5, 300  # principal components of the data; rows that they are computed from
BEYOND = 1.0  # ranges of a feature that the search may leave the data by
MAX_DISTANCE = 2.5  # of a row that scores below 95% of real rows to the nearest training row, relative to these


def absurd_optimum(case: Case) -> Finding:
    """Check whether a short search finds a row that is unlike the data and scores as more normal than most real rows.

    The search starts from noise, permuted rows, means, corners, and the ends of the data's principal components, not
    from real rows. It evolves 100 rows for ten generations, towards low scores and, among rows that score below 95% of
    real rows, away from the data; within their range, extended by it on both sides. Half of the children are their
    parents' mixture with some features changed, half are moved along the difference of two other parents. A row is
    absurd if it scores below 95% of real rows and is 2.5 times as far from all training rows as 95% of held-out rows,
    every feature of a table in units of its deviation, and different texts at distance 1. Limits: the search is short,
    so a worse row may exist.
    """
    rows, rng = case.rows, case.rng(5)
    width, count = rows.high - rows.low, min(N_CANDIDATES, max(MIN_CANDIDATES, MAX_SEARCH_VALUES // len(rows.low)))
    low, high = rows.low - BEYOND * width, rows.high + BEYOND * width
    unit = np.where(rows.constant, 1.0, rows.train.std(axis=0)) if rows.image_shape is None else np.ones(len(width))
    unit, limit = np.where(unit > 0, unit, 1.0), np.quantile(case.first, 0.05)
    train = rows.coordinates(rows.train, unit)
    usual = float(np.quantile(nearest(rows.coordinates(rows.real, unit), train)[0], 0.95)) or 1.0
    population = np.concatenate([_special(rows, unit, low, high), case.noise, case.permuted])[:count]
    found, ratio = 0, 0.0
    for _ in range(N_GENERATIONS):
        population = rows.snap(population)
        scores = case.score(population)
        below, distance = np.flatnonzero(scores < limit), np.full(len(scores), -np.inf)
        if len(below):
            distance[below] = nearest(rows.coordinates(population[below], unit), train)[0] / usual
        found, ratio = found + len(below), max(ratio, float(distance.max()))
        by_distance = np.argsort(-distance, kind="stable")[: min(N_PARENTS, len(below))]
        parents = population[np.concatenate([by_distance, np.argsort(scores, kind="stable")[:N_PARENTS]])]
        population = np.concatenate([parents[:1], np.clip(_children(parents, count - 1, width, rng), low, high)])
    detail = f"{found} generated rows score below 95% of real rows"
    if found:
        detail += f"; one is {ratio:.2g} times as far from the data as 95% of these"
    evidence = {"rows_below": float(found), "distance_ratio": ratio}
    return finding("absurd_optimum", ratio > MAX_DISTANCE, detail, evidence, real=case.first, generated=scores)


def _special(rows: AuditData, unit: Floats, low: Floats, high: Floats) -> Floats:
    """Return means, medians, corners, and the ends of the principal components within `low` and `high` (16, d)."""
    center, median = rows.train.mean(axis=0), np.median(rows.train, axis=0)
    count = min(len(rows.train), MAX_COMPONENT_ROWS, max(MIN_CANDIDATES, MAX_SEARCH_VALUES // len(low)))
    some = rows.train[np.linspace(0, len(rows.train) - 1, count).astype(int)]
    axes = np.linalg.svd((some - some.mean(axis=0)) / unit, full_matrices=False)[2][:N_COMPONENTS] * unit
    axes = np.where(rows.is_text, 0.0, np.concatenate([axes, -axes]))
    room = np.where(axes > 0, high - center, center - low)  # up to the border of each feature
    length = np.divide(room, np.abs(axes), out=np.full(axes.shape, np.inf), where=axes != 0).min(axis=1, keepdims=True)
    ends = center + np.where(np.isfinite(length), length, 0.0) * axes
    return np.concatenate([np.stack([center, median, rows.low, rows.high, low, high]), ends])


def _children(parents: Floats, count: int, width: Floats, rng: np.random.Generator) -> Floats:
    """Return new rows (count, d): mixtures of two parents with steps, or parents moved along others' difference."""
    a, b, c, d = parents[rng.integers(len(parents), size=(4, count))]
    mixed = np.where(rng.random(a.shape) < 0.5, a, b)
    mixed += rng.normal(0, 0.2, a.shape) * width * (rng.random(a.shape) < 0.3)
    moved = a + rng.uniform(0.5, 2, (count, 1)) * (c - d)
    return np.where(rng.random((count, 1)) < 0.5, mixed, moved)
