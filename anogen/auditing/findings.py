"""Five of the six checks of an audit, with their thresholds.

The thresholds were fixed before any detector was audited, except that of randomness, which was tightened after the VAE
had been found; and the comparison of constant with varying features (`blind`) was added after the first results. Probes
are scored in one batch with real rows, as anomalies are in practice.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anogen.auditing.data import AuditData
from anogen.auditing.detector import CountingScorer
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

N_PROBES = 50  # rows of each kind
N_SINGLE_ROWS = 5  # rows that are scored one by one
BATCH_TOLERANCE = 1e-3  # of the spread of the scores: smaller changes with the batch are ignored
ROUNDING = 1e-6  # of the scores and of their spread: the size of rounding errors in single precision
CONSTANT_TOLERANCE = 1e-9  # of the scores: a smaller range is one score
MIN_NOISE_ABOVE = 1 / 3  # least probability that noise scores above a real row
MAX_BLACK_BELOW = 0.95  # share of real rows above a black image from which black is preferred
MIN_CHANGED_ABOVE = 0.75  # least probability that a row with changed constant features scores above a real row
MIN_CONSTANT_RISE = 0.5  # least rise for changed constant features, relative to that for varying ones


class Finding(NamedTuple):
    """The result of one check."""

    found: bool  # whether the detector has the fault
    detail: str  # one sentence
    measures: Mapping[str, float | None] = {}


def probability_above(a: Floats, b: Floats) -> float:
    """Return the probability that a score of `a` is larger than one of `b`: the area under the ROC curve."""
    return roc_auc(np.concatenate([b, a]), np.repeat([0, 1], [len(b), len(a)]))


def spread(scores: Floats) -> float:
    """Return the interquartile range, or the range where that is 0."""
    low, high = np.percentile(scores, [25, 75])
    return float(high - low) or float(np.ptp(scores))


def tolerance(scores: Floats) -> float:
    """Return the largest change of a row's score that is ignored."""
    return BATCH_TOLERANCE * spread(scores) + ROUNDING * float(np.median(np.abs(scores)))


def uniform_noise(rows: AuditData, rng: np.random.Generator) -> Floats:
    """Return uniform noise (50, d) over the range of each feature; of images, over the range of all pixels."""
    return rng.uniform(rows.low, rows.high, size=(N_PROBES, len(rows.low)))


def permuted(rows: AuditData, rng: np.random.Generator) -> Floats:
    """Return rows (50, d) with features permuted independently: marginals are kept, correlations destroyed."""
    return np.stack([rng.choice(column, N_PROBES) for column in rows.real.T], axis=1)


def _displaced(rows: AuditData, features: Bools) -> Floats:
    """Return real rows (at most 50, d) with the marked features (d,) changed by the largest range of a feature.

    Pixels are set to the farther end of the image's range.
    """
    real = rows.real[:N_PROBES]
    far = np.where(rows.high - real >= real - rows.low, rows.high, rows.low) if rows.image_shape else real + rows.span
    return np.where(features, far, real)


def score_together(score: CountingScorer, real: Floats, probes: Floats) -> tuple[Floats, Floats]:
    """Score real rows and probes in one batch; return the scores of both."""
    scores = score(np.concatenate([real, probes]))
    return scores[: len(real)], scores[len(real) :]


def constant(real: Floats, noise: Floats) -> Finding:
    """Check whether real rows and noise all have one score: the range is at most 1e-9 of the largest score.

    Limits: a detector with two or three different scores passes.
    """
    both = np.concatenate([real, noise])
    found = bool(np.ptp(both) <= CONSTANT_TOLERANCE * np.abs(both).max())
    levels = float(len(np.unique(both)) / len(both))
    detail = "real rows and noise all get the same score" if found else f"{levels:.0%} of the scores are distinct"
    return Finding(found, detail, {"distinct_scores": levels})


def random(first: Floats, repeated: Floats) -> Finding:
    """Check whether two calls with the same rows give different scores, beyond rounding.

    The global seeds are not reset between the calls. Limits: a detector that is random once in a thousand rows passes,
    and so does one that seeds itself before it scores.
    """
    change = float(np.abs(first - repeated).max())
    found = change > ROUNDING * (spread(first) + float(np.median(np.abs(first))))
    relative = _relative(change, first)
    detail = (
        f"scored twice, the same {len(first)} rows change their scores by up to {relative:.2g} interquartile ranges"
        if found
        else "scored twice, rows have the same scores"
    )
    return Finding(found, detail, {"change_when_repeated": relative})


def batch_dependent(score: CountingScorer, real: Floats, first: Floats, repeated: Floats, noise: Floats) -> Finding:
    """Check whether a row's score depends on the rows that are scored with it, or small batches are refused.

    Half of the real rows are scored by themselves and together with noise, five of them one at a time. Changes count
    beyond rounding; of a random detector, beyond twice the change between two equal calls. Limits: a dependence that a
    few hundred rows do not reveal, as of a transductive detector with a million training rows, is not found.
    """
    half = real[: max(1, len(real) // 2)]
    base = first[: len(half)]
    try:
        changes = {
            "together with noise": score_together(score, half, noise)[0] - base,
            "in half the batch": score(half) - base,
            "alone": np.array([score(row[None])[0] for row in half[:N_SINGLE_ROWS]]) - base[:N_SINGLE_ROWS],
        }
    except InputError as error:
        return Finding(True, f"smaller batches are refused: {error}", {"change_with_batch": None})
    limit = max(tolerance(first), 2 * float(np.abs(first - repeated).mean()))
    largest = {name: float(np.abs(change).mean()) for name, change in changes.items()}
    worst = max(largest, key=lambda name: largest[name])
    relative = _relative(largest[worst], first)
    found = largest[worst] > limit
    detail = (
        f"scored {worst}, rows change their scores by {relative:.2g} interquartile ranges on average"
        if found
        else "a row's score is the same in every batch"
    )
    return Finding(found, detail, {"change_with_batch": relative})


def blind(score: CountingScorer, rows: AuditData, rng: np.random.Generator) -> Finding:
    """Check whether features that are constant in the data may take any value while the score hardly rises.

    All constant features of real rows are changed at once, by the largest range of any feature. The probability that
    such a row scores above a real row must be at least 0.75. Then the same number of constant and of varying features
    is changed, and the median rise of the score for the constant ones must be at least half of that for the others.
    Limits: a detector that notices a change only when many features change passes; one that ignores constant features
    by design, as every forest of random cuts, does not.
    """
    count = int(rows.constant.sum())
    measures: dict[str, float | None] = {"constant_features": float(count)}
    if not count:
        return Finding(False, "no feature is constant", measures)
    real, changed = score_together(score, rows.real, _displaced(rows, rows.constant))
    seen = probability_above(changed, real)
    constant, varying = (_rise(score, rows, kind, count, rng) for kind in (rows.constant, ~rows.constant))
    measures |= {"changed_above_real": seen, "constant_to_varying": constant / varying if varying > 0 else None}
    detail = f"rows with {count} constant features changed score above real rows in {seen:.0%} of pairs"
    if varying > 0:
        detail += f", and rise {constant / varying:.2g} times as much as with varying features changed"
    return Finding(seen < MIN_CHANGED_ABOVE or constant < MIN_CONSTANT_RISE * varying, detail, measures)


def _rise(score: CountingScorer, rows: AuditData, kind: Bools, count: int, rng: np.random.Generator) -> float:
    """Return the median rise of the score when `count` of the marked features (d,) are changed."""
    size = min(count, int((~rows.constant).sum()))
    chosen = np.isin(np.arange(len(kind)), rng.choice(np.flatnonzero(kind), size, replace=False))
    real, changed = score_together(score, rows.real, _displaced(rows, chosen))
    return float(np.median(changed - real[: len(changed)]))


def prefers_noise(score: CountingScorer, rows: AuditData, real: Floats, noise: Floats) -> Finding:
    """Check whether noise scores below real rows in two of three pairs, or a black image below 95% of real images.

    Noise is uniform over each feature's range; of images, over the range of all pixels. Limits: other noise, such as
    grey or faint noise, may be preferred; data that are uniform noise cannot be distinguished from it.
    """
    seen = probability_above(noise, real)
    measures: dict[str, float | None] = {"noise_above_real": seen, "black_below_real": None}
    found, detail = seen < MIN_NOISE_ABOVE, f"uniform noise scores above real rows in {seen:.0%} of pairs"
    if rows.image_shape:
        others, black = score_together(score, rows.real, np.full((1, len(rows.low)), rows.low.min()))
        beaten = float((others > black).mean())
        measures["black_below_real"] = beaten
        found, detail = found or beaten >= MAX_BLACK_BELOW, f"{detail}; a black image scores below {beaten:.0%} of them"
    if seen < MIN_NOISE_ABOVE:
        detail += " (if larger scores are more normal, as scikit-learn's are, state orientation='normality')"
    return Finding(found, detail, measures)


def _relative(change: float, scores: Floats) -> float:
    """Return a change in units of the spread of the scores."""
    return change / spread(scores) if spread(scores) else change
