"""Sparse counterfactuals: the fewest edits of a row after which a detector scores it as normal.

The generators change all features of a row at once, so they do not fit; this search changes one column at a time to a
value that normal rows have. A column is a feature, or the features of one category (a one in one of them).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

Floats = np.ndarray
Score = Callable[[Floats], Floats]  # of rows (n, d), (n,)

QUANTILES = (0.1, 0.5, 0.9)  # of a column's normal values, that an edit may set it to
MAX_STEPS = 150
SHRINKS = 32  # values between the old and the new one that are tried at most
LINE_STEPS = 100


class Columns(NamedTuple):
    """The columns of a table: the features of each, and the values (v, features) that an edit may set it to."""

    features: list[np.ndarray]
    values: list[Floats]
    seen: list[Floats]  # of a column with one feature: all normal values, sorted; else empty

    @classmethod
    def fit(cls, train: Floats, features: Sequence[np.ndarray]) -> "Columns":
        """Take the values from normal rows (n, d)."""
        values, seen = [], []
        for own in features:
            part = train[:, own]
            single = len(own) == 1
            seen.append(np.unique(part) if single else np.empty(0))
            chosen = np.quantile(part, QUANTILES, axis=0, method="nearest") if single else part
            values.append(np.unique(chosen, axis=0))
        return cls(list(features), values, seen)

    def changed(self, row: Floats, other: Floats) -> Floats:
        """Return the numbers of the columns in which two rows differ."""
        return np.flatnonzero([np.any(row[own] != other[own]) for own in self.features])

    def edited(self, row: Floats, edits: Sequence[tuple[int, Floats]]) -> Floats:
        """Return a row for each edit, a column and its new values, (n, d)."""
        rows = np.repeat(row[None], len(edits), axis=0)
        for new, (column, value) in zip(rows, edits, strict=True):
            new[self.features[column]] = value
        return rows

    def valid(self, rows: Floats) -> Floats:
        """Return whether each row (n, d) has values of normal rows in every column, (n,)."""
        results = []
        for own, values, seen in zip(self.features, self.values, self.seen, strict=True):
            if len(own) == 1:
                results.append((rows[:, own[0]] >= seen[0]) & (rows[:, own[0]] <= seen[-1]))
            else:
                results.append((rows[:, None, own] == values).all(axis=2).any(axis=1))
        return np.all(results, axis=0)


def sparse(score: Score, row: Floats, limit: float, columns: Columns, target: Floats, together: int = 1) -> Floats:
    """Return a row (d,) that scores at most `limit` and differs from `row` in few columns, by little.

    Edits that lower the score most are added, at most `together` at once; if none helps, all columns are set to those
    of the normal row `target`. Edits that are unnecessary are taken back; then each value moves towards the old one as
    far as the limit allows.
    """
    now = add_edits(score, row, limit, columns, together)
    return shrink(score, row, prune(score, row, target if now is None else now, limit, columns), limit, columns)


def add_edits(score: Score, row: Floats, limit: float, columns: Columns, together: int) -> Floats | None:
    """Return `row` with edits after which it scores at most `limit`; None if at some point no edit helps."""
    every = [(column, value) for column, values in enumerate(columns.values) for value in values]
    now = row
    for _ in range(MAX_STEPS):
        (level,) = score(now[None])
        if level <= limit:
            return now
        edits = [(c, v) for c, v in every if np.any(now[columns.features[c]] != v)]
        scores = score(columns.edited(now, edits))
        best: dict[int, Floats] = {}
        for i in np.argsort(scores, kind="stable"):
            if scores[i] >= level or len(best) == together:
                break
            best.setdefault(edits[i][0], edits[i][1])
        if not best:
            return None
        trials, trial = [], now
        for column, value in best.items():
            trial = columns.edited(trial, [(column, value)])[0]
            trials.append(trial)
        now = trials[int(score(np.stack(trials)).argmin())]
    return None


def prune(score: Score, row: Floats, now: Floats, limit: float, columns: Columns) -> Floats:
    """Return `now` with the columns set back to those of `row` that are unnecessary, the least necessary one first."""
    while len(changed := columns.changed(row, now)):
        trials = columns.edited(now, [(c, row[columns.features[c]]) for c in changed])
        scores = score(trials)
        if scores.min() > limit:
            break
        now = trials[int(scores.argmin())]
    return now


def shrink(score: Score, row: Floats, now: Floats, limit: float, columns: Columns) -> Floats:
    """Return `now` with every changed number as near to that of `row` as the limit allows, among normal values."""
    changed = [c for c in columns.changed(row, now) if len(columns.features[c]) == 1]
    for column in sorted(changed, key=lambda c: -abs(row[columns.features[c]] - now[columns.features[c]])[0]):
        (feature,) = columns.features[column]
        old, new = row[feature], now[feature]
        seen = columns.seen[column]
        between = seen[(seen > min(old, new)) & (seen < max(old, new))]
        if not len(between):
            continue
        between = between[np.unique(np.linspace(0, len(between) - 1, SHRINKS).astype(int))]
        between = between[np.argsort(abs(between - old))]
        trials = columns.edited(now, [(column, np.array([value])) for value in between])
        good = score(trials) <= limit
        if good.any():
            now = trials[int(good.argmax())]
    return now


def nearest_normal(score: Score, row: Floats, limit: float, train: Floats) -> Floats:
    """Return the training row (d,) nearest to `row` of those that score at most `limit`."""
    accepted = train[score(train) <= limit]
    return accepted[np.square(accepted - row).sum(axis=1).argmin()]


def line(score: Score, row: Floats, limit: float, target: Floats) -> Floats:
    """Return the first point on the straight line from `row` to the normal row `target` that scores at most `limit`."""
    points = row + np.linspace(0, 1, LINE_STEPS + 1)[1:, None] * (target - row)
    points[-1] = target  # without rounding
    return points[int((score(points) <= limit).argmax())]
