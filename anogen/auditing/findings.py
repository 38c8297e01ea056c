"""Five of the six findings: what an audit asks, and from which answer on it calls a detector at fault.

Thresholds were fixed before any detector was looked at, but that of randomness, which was tightened after the VAE had
been found; and one question was added after the first look: whether
constant features count as much as others (`blind`). Probes are scored among real rows, as anomalies come in practice.
The chance that a score of one set is above one of another is the area under the ROC curve, ties counted half.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anogen.auditing.counting import Asked
from anogen.auditing.data import Rows
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PROBES = 50  # rows of each kind
ALONE = 5  # rows that are scored one by one
SAME = 1e-3  # of the spread of the scores: a smaller change with the batch does not matter
ROUNDING = 1e-6  # of the scores and of their spread: less is arithmetic in single precision
FLAT = 1e-9  # of the scores: less is one score
PREFERRED = 1 / 3  # chance that noise scores higher than a real row, below which noise is preferred
BLACK = 0.95  # share of real rows that a black image beats
SEEN = 0.75  # chance that a row with changed constants scores higher than a real one, below which they are not seen
AS_MUCH = 0.5  # share of the rise for changed varying features, below which constant ones count too little


class Judgement(NamedTuple):
    """A finding, or that there is none."""

    found: bool
    why: str  # one sentence
    measures: dict[str, float | None]


def above(a: Floats, b: Floats) -> float:
    """Return the chance that a score of `a` is above one of `b`, ties counted half."""
    return roc_auc(np.concatenate([b, a]), np.repeat([0, 1], [len(b), len(a)]))


def spread(scores: Floats) -> float:
    """Return the interquartile range, or the range where that is 0."""
    low, high = np.percentile(scores, [25, 75])
    return float(high - low) or float(np.ptp(scores))


def tolerance(scores: Floats) -> float:
    """Return the change of a row's score up to which it counts as the same."""
    return SAME * spread(scores) + ROUNDING * float(np.median(np.abs(scores)))


def uniform(rows: Rows, rng: np.random.Generator) -> Floats:
    """Return rows of noise, (50, d): every feature uniform over its range; an image's over that of all pixels."""
    return rng.uniform(rows.low, rows.high, size=(PROBES, len(rows.low)))


def shuffled(rows: Rows, rng: np.random.Generator) -> Floats:
    """Return rows (50, d), each feature drawn from another real row: what goes with what is lost, nothing else."""
    return np.stack([rng.choice(column, PROBES) for column in rows.real.T], axis=1)


def moved(rows: Rows, features: Bools) -> Floats:
    """Return real rows (at most 50, d) with some features (d,) changed by the largest range of a feature.

    Pixels go to the farther end of the image's range.
    """
    some = rows.real[:PROBES]
    far = np.where(rows.high - some >= some - rows.low, rows.high, rows.low) if rows.shape else some + rows.span
    return np.where(features, far, some)


def among(ask: Asked, real: Floats, probes: Floats) -> tuple[Floats, Floats]:
    """Score probes among real rows, and return the scores of both."""
    scores = ask(np.concatenate([real, probes]))
    return scores[: len(real)], scores[len(real) :]


def constant(real: Floats, noise: Floats) -> Judgement:
    """All rows, real and noise, get one score: their range is at most 1e-9 of the largest.

    Limits: a detector that knows two or three scores is not called constant.
    """
    both = np.concatenate([real, noise])
    found = bool(np.ptp(both) <= FLAT * np.abs(both).max())
    levels = float(len(np.unique(both)) / len(both))
    why = "real rows and noise all get the same score" if found else f"{levels:.0%} of the scores are distinct"
    return Judgement(found, why, {"distinct_scores": levels})


def random(first: Floats, again: Floats) -> Judgement:
    """Two calls with the same rows give different scores, by more than rounding.

    The caller's seeds are not touched between the calls. Limits: a detector that is random once in a thousand rows is
    not caught, and neither is one that seeds itself before it scores.
    """
    change = float(np.abs(first - again).max())
    found = change > ROUNDING * (spread(first) + float(np.median(np.abs(first))))
    relative = _relative(change, first)
    why = (
        f"the same {len(first)} rows, asked for twice, change their scores by up to {relative:.2g} interquartile ranges"
        if found
        else "asked twice, the scores are the same"
    )
    return Judgement(found, why, {"change_when_repeated": relative})


def batch_dependent(ask: Asked, real: Floats, first: Floats, again: Floats, noise: Floats) -> Judgement:
    """A row's score depends on the rows that are scored with it, or some rows are refused without the others.

    Half of the real rows are scored by themselves and among noise, five of them alone. A change counts beyond rounding;
    of a random detector, beyond twice the change between two equal calls. Limits: a dependence that a few hundred rows
    do not show, as of a transductive detector with a million training rows, is not found.
    """
    half = real[: max(1, len(real) // 2)]
    base = first[: len(half)]
    try:
        changes = {
            "among noise": among(ask, half, noise)[0] - base,
            "in half the batch": ask(half) - base,
            "alone": np.array([ask(row[None])[0] for row in half[:ALONE]]) - base[:ALONE],
        }
    except InputError as error:
        return Judgement(True, f"it refuses fewer rows than before: {error}", {"change_with_batch": None})
    limit = max(tolerance(first), 2 * float(np.abs(first - again).mean()))
    largest = {name: float(np.abs(change).mean()) for name, change in changes.items()}
    worst = max(largest, key=lambda name: largest[name])
    relative = _relative(largest[worst], first)
    found = largest[worst] > limit
    why = (
        f"scored {worst}, rows change their scores by {relative:.2g} interquartile ranges on average"
        if found
        else "a row's score is the same in every batch"
    )
    return Judgement(found, why, {"change_with_batch": relative})


def blind(ask: Asked, rows: Rows, rng: np.random.Generator) -> Judgement:
    """Features that were constant in the data may take any value, and the score hardly rises.

    The constant features of real rows are all changed at once, by the largest range of any feature. Such rows should
    stand out: the chance that one scores above a real row must be 0.75 at least. And what never changes should count as
    much as what does: as many features of either kind are changed, and the median rise for constant ones must be half
    of that for others at least. Limits: a detector that sees a change only when many features change passes, and one
    that is blind on purpose, as every forest of random cuts is, does not.
    """
    count = int(rows.constant.sum())
    measures: dict[str, float | None] = {"constant_features": float(count)}
    if not count:
        return Judgement(False, "no feature is constant", measures)
    real, changed = among(ask, rows.real, moved(rows, rows.constant))
    seen = above(changed, real)
    constant, varying = (_rise(ask, rows, kind, count, rng) for kind in (rows.constant, ~rows.constant))
    measures |= {"changed_above_real": seen, "constant_to_varying": constant / varying if varying > 0 else None}
    why = f"rows with {count} constant features changed score above real rows in {seen:.0%} of pairs"
    if varying > 0:
        why += f", and rise {constant / varying:.2g} times as much as with varying ones changed"
    return Judgement(seen < SEEN or constant < AS_MUCH * varying, why, measures)


def _rise(ask: Asked, rows: Rows, kind: Bools, count: int, rng: np.random.Generator) -> float:
    """Return by how much scores rise, in the median, when `count` features of a kind (d,) change, or all it has."""
    size = min(count, int((~rows.constant).sum()))
    chosen = np.isin(np.arange(len(kind)), rng.choice(np.flatnonzero(kind), size, replace=False))
    real, changed = among(ask, rows.real, moved(rows, chosen))
    return float(np.median(changed - real[: len(changed)]))


def prefers_noise(ask: Asked, rows: Rows, real: Floats, noise: Floats) -> Judgement:
    """Noise scores lower than real rows, in at least two pairs of three; or a black image lower than 95% of them.

    Noise is uniform over each feature's range, of images over the range of all pixels; only images can be black.
    Limits: other noise, such as grey or faint, may be preferred; data that are uniform noise cannot be told from it.
    """
    seen = above(noise, real)
    measures: dict[str, float | None] = {"noise_above_real": seen, "black_below_real": None}
    found, why = seen < PREFERRED, f"uniform noise scores above real rows in {seen:.0%} of pairs"
    if rows.shape:
        beside, black = among(ask, rows.real, np.full((1, len(rows.low)), rows.low.min()))
        beaten = float((beside > black).mean())
        measures["black_below_real"] = beaten
        found, why = found or beaten >= BLACK, f"{why}; a black image scores below {beaten:.0%} of them"
    if seen < PREFERRED:
        why += " (are larger scores more normal? scikit-learn's own detectors score that way round)"
    return Judgement(found, why, measures)


def _relative(change: float, scores: Floats) -> float:
    """Return a change in units of the spread of the scores."""
    return change / spread(scores) if spread(scores) else change


def as_json(measures: dict[str, Any]) -> dict[str, Any]:
    """Return measures as JSON writes them: three or more digits, null for what is not a number."""
    return {key: None if value is None or not np.isfinite(value) else float(value) for key, value in measures.items()}
