"""Checks of the scores of real rows, noise and anomalies, with their thresholds.

The thresholds of the first six faults were fixed before any detector was audited, except that of randomness, which was
tightened after the VAE had been found; the comparison of constant with varying features (`blind`) was added after the
first results. Those of the others were fixed on the development half of the bench (chapter `audit-bench`), and the
share of steps outwards that may lower a score after its first test, before its second.
"""

import numpy as np

from anogen.auditing.case import (
    FAR,
    N_PROBES,
    ROUNDING,
    Bools,
    Case,
    Floats,
    Ints,
    Measures,
    finding,
    probability_above,
    relative,
    rounding,
    score_together,
)
from anogen.auditing.data import AuditData
from anogen.auditing.findings import Finding
from anogen.errors import InputError

N_SINGLE_ROWS = 5  # rows that are scored one by one
CONSTANT_TOLERANCE = 1e-9  # of the scores: a smaller range is one score
MIN_NOISE_ABOVE = 1 / 3  # least probability that noise scores above a real row
MAX_BLACK_BELOW = 0.95  # share of real rows above a black image from which black is preferred
MIN_CHANGED_ABOVE = 0.75  # least probability that a clearly changed row scores above a real row
MIN_CONSTANT_RISE = 0.5  # least rise for changed constant features, relative to that for varying ones
MIN_DISTINCT_ROWS, MIN_LEVELS, MAX_TIED = 20, 10, 0.5  # rows to judge ties by; fewer scores cannot tell a tenth apart
MAX_FEATURES, MAX_MOVED_ALONE = 100, 20  # features that are moved inside and outside their range; only outside
N_MOVED_ROWS, MIN_VARYING = 5, 0.05  # rows in which they are moved; share of rows off the median
MAX_MOVED_VALUES = 5_000_000  # of all moved rows: 40 MB
DISTANCES = (FAR, 7.0, 17.0, 40.0)  # ranges of a feature that single values are moved by, farther and farther
MAX_FALLING = 0.1  # share of these steps that may lower a score


def constant(case: Case) -> Finding:
    """Check whether real rows and noise all have one score: the range is at most 1e-9 of the largest score."""
    both = np.concatenate([case.with_noise, case.noise_scores])
    found = np.ptp(both) <= CONSTANT_TOLERANCE * np.abs(both).max()
    levels = float(len(np.unique(both)) / len(both))
    detail = "real rows and noise all get the same score" if found else f"{levels:.0%} of the scores are distinct"
    picture = {"real": case.with_noise, "uniform_noise": case.noise_scores}
    return finding("constant", found, detail, {"distinct_scores": levels}, **picture)


def random(case: Case) -> Finding:
    """Check whether two calls with the same rows give different scores, beyond rounding.

    The global seeds are not reset between the calls. Limits: a detector that is random once in a thousand rows passes,
    and so does one that seeds itself before it scores.
    """
    change = relative(float(np.abs(case.first - case.repeated).max()), case.first)
    detail = "scored twice, rows have the same scores"
    if case.is_random:
        changed = f"change their scores by up to {change:.2g} interquartile ranges"
        detail = f"scored twice, the same {len(case.first)} rows {changed}"
    picture = {"first_call": case.first, "second_call": case.repeated}
    return finding("random", case.is_random, detail, {"change_when_repeated": change}, **picture)


def batch_dependent(case: Case) -> Finding:
    """Check whether a row's score depends on the rows that are scored with it, or small batches are refused.

    Half of the real rows are scored by themselves and together with noise, five of them one at a time. Limits: a
    dependence that a few hundred rows do not reveal, as of a transductive detector with a million training rows, is
    not found.
    """
    score, half = case.score, case.rows.real[: max(1, len(case.rows.real) // 2)]
    try:
        scores = {
            "together with noise": score_together(score, half, case.noise)[0],
            "in half the batch": score(half),
            "alone": np.array([score(row[None])[0] for row in half[:N_SINGLE_ROWS]]),
        }
    except InputError as error:
        return finding("batch_dependent", True, f"smaller batches are refused: {error}", {"change_with_batch": None})
    changes = {name: case.changed(values, case.first[: len(values)]) for name, values in scores.items()}
    worst = max(changes, key=lambda name: changes[name][1])
    found, change = changes[worst]
    detail = "a row's score is the same in every batch"
    if found:
        detail = f"scored {worst}, rows change their scores by {change:.2g} interquartile ranges on average"
    picture = {"real": case.first[: len(scores[worst])], worst: scores[worst]}
    return finding("batch_dependent", found, detail, {"change_with_batch": change}, **picture)


def blind_to_constant_features(case: Case) -> Finding:
    """Check whether features that are constant in the data may take any value while the score hardly rises.

    All constant features of real rows are changed at once, by the largest range of any feature. The probability that
    such a row scores above a real row must be at least 0.75. Then the same number of constant and of varying features
    is changed, and the median rise of the score for the constant ones must be at least half of that for the others.
    Limits: a detector that notices a change only when many features change passes; one that ignores constant features
    by design, as every forest of random cuts, does not.
    """
    name, rows = "blind_to_constant_features", case.rows
    is_constant = rows.constant & ~rows.is_text
    count = int(is_constant.sum())
    measures: Measures = {"constant_features": float(count)}
    if not count:
        return finding(name, False, "no feature is constant", measures)
    real, changed = score_together(case.score, rows.real, _displaced(rows, is_constant))
    seen, rng = probability_above(changed, real), case.rng(3)
    constant, varying = (_rise(case, kind, count, rng) for kind in (is_constant, ~rows.constant & ~rows.is_text))
    measures |= {"changed_above_real": seen, "constant_to_varying": constant / varying if varying > 0 else None}
    detail = f"rows with {count} constant features changed score above real rows in {seen:.0%} of pairs"
    if varying > 0:
        detail += f", and rise {constant / varying:.2g} times as much as with varying features changed"
    found = seen < MIN_CHANGED_ABOVE or constant < MIN_CONSTANT_RISE * varying
    return finding(name, found, detail, measures, real=real, constant_features_changed=changed)


def _displaced(rows: AuditData, features: Bools) -> Floats:
    """Return real rows (at most 50, d) with the marked features (d,) changed by the largest range of a feature.

    Pixels are set to the farther end of the image's range.
    """
    real = rows.real[:N_PROBES]
    far = np.where(rows.high - real >= real - rows.low, rows.high, rows.low) if rows.image_shape else real + rows.span
    return np.where(features, far, real)


def _rise(case: Case, kind: Bools, count: int, rng: np.random.Generator) -> float:
    """Return the median rise of the score when `count` of the marked features (d,) are changed."""
    size = min(count, int(kind.sum()))
    chosen = np.isin(np.arange(len(kind)), rng.choice(np.flatnonzero(kind), size, replace=False))
    real, changed = score_together(case.score, case.rows.real, _displaced(case.rows, chosen))
    return float(np.median(changed - real[: len(changed)]))


def prefers_noise(case: Case) -> Finding:
    """Check whether noise scores below real rows in two of three pairs, or a black image below 95% of real images.

    Noise is uniform over each feature's range; of images, over the range of all pixels. Limits: other noise, such as
    grey or faint noise, may be preferred; data that are uniform noise cannot be distinguished from it.
    """
    seen = probability_above(case.noise_scores, case.with_noise)
    measures: Measures = {"noise_above_real": seen, "black_below_real": None}
    found, detail = seen < MIN_NOISE_ABOVE, f"uniform noise scores above real rows in {seen:.0%} of pairs"
    if case.rows.image_shape:
        black_image = np.full((1, len(case.rows.low)), case.rows.low.min())
        others, black = score_together(case.score, case.rows.real, black_image)
        beaten = float((others > black).mean())
        measures["black_below_real"] = beaten
        found, detail = found or beaten >= MAX_BLACK_BELOW, f"{detail}; a black image scores below {beaten:.0%} of them"
    picture = {"real": case.with_noise, "uniform_noise": case.noise_scores}
    return finding("prefers_noise", found, detail, measures, **picture)


def outliers(case: Case) -> list[Finding]:
    """Check whether anomalies score below real rows, as they do if the score is reversed, or not clearly above them.

    The score is upside down if labelled anomalies score lower, by three standard deviations of the area under the ROC
    curve without a difference; or if rows outside the data, three ranges away in every feature, do so in two of three
    pairs, and the labels do not contradict. Otherwise it misses outliers if these rows do not score above real ones in
    three of four pairs, or if one value of a real row that is moved from three ranges outside the data to 7, 17 and 40
    lowers the score in more than a tenth of these steps. Limits: distant rows say nothing of anomalies inside the range
    of the data.
    """
    rows = case.rows
    real, far = score_together(case.score, rows.real, case.far)
    seen, auc, margin = probability_above(far, real), None, 0.0
    picture = {"real": real, "rows_outside_the_data": far}
    detail = f"rows {FAR:g} ranges outside the data score above real rows in {seen:.0%} of pairs"
    if n := len(rows.others):
        real, others = score_together(case.score, rows.real, rows.others)
        auc, margin = probability_above(others, real), 3 * np.sqrt((n + len(real) + 1) / (12 * n * len(real)))
        detail += f"; labelled anomalies in {auc:.0%}"
        picture["labelled_anomalies"] = others
    area = 0.5 if auc is None else auc
    reversed_ = area < 0.5 - margin or (seen < MIN_NOISE_ABOVE and area <= 0.5 + margin)
    evidence = {"far_above_real": seen, "roc_auc": auc}
    hint = ": the score may be reversed (if larger scores mean the opposite, state orientation)"
    falling = None if case.is_random else _falling(case)
    falls: Measures = {"falls_outwards": falling}
    beyond = "" if falling is None else f"; a value moved farther outside lowers the score in {falling:.0%} of steps"
    missed = seen < MIN_CHANGED_ABOVE or (falling or 0.0) > MAX_FALLING
    return [
        finding("upside_down", reversed_, detail + (hint if reversed_ else ""), evidence, **picture),
        finding("misses_outliers", not reversed_ and missed, detail + beyond, evidence | falls, **picture),
    ]


def _falling(case: Case) -> float | None:
    """Return the share of steps outwards of single values that lower the score; None if no feature can be moved."""
    rows, base = case.rows, case.rows.real[:N_MOVED_ROWS]
    steps = np.array([sign * distance for sign in (-1, 1) for distance in DISTANCES])
    tried = _movable(rows, case.rng(9), len(steps), MAX_MOVED_ALONE)
    tried = tried[~rows.is_text[tried]]
    if not len(tried):
        return None
    width = rows.high - rows.low
    moved = np.concatenate([base + step * width * (np.arange(len(width)) == j) for j in tried for step in steps])
    scores = score_together(case.score, base, moved)[1].reshape(len(tried), 2, len(DISTANCES), len(base))
    limit = np.maximum(rounding(case.first), ROUNDING * np.abs(scores[:, :, 1:]))
    return float((np.diff(scores, axis=2) < -limit).mean())


def _movable(rows: AuditData, rng: np.random.Generator, values: int, most: int) -> Ints:
    """Return at most `most` features that vary in 5% of the rows, fewer of very long rows, in random order."""
    varying = (rows.train != np.median(rows.train, axis=0)).mean(axis=0) >= MIN_VARYING
    most = max(1, min(most, MAX_MOVED_VALUES // (values * N_MOVED_ROWS * len(varying))))
    return rng.permutation(np.flatnonzero(varying))[:most]


def saturated(case: Case) -> Finding:
    """Check whether half of the different real rows have one score, or all together fewer than ten scores.

    Limits: a score that saturates for anomalies only passes, since every normal row is still ranked.
    """
    _, first_of = np.unique(case.rows.real, axis=0, return_index=True)
    scores = case.first[first_of]
    if len(scores) < MIN_DISTINCT_ROWS:
        return Finding("saturated", None, f"not checked: there are only {len(scores)} different real rows")
    counts = np.unique(scores, return_counts=True)[1]
    tied = float(counts.max() / len(scores))
    detail = f"{len(scores)} different real rows have {len(counts)} scores; {tied:.0%} share the most frequent one"
    evidence = {"distinct_real_scores": float(len(counts)), "largest_tie": tied}
    return finding("saturated", len(counts) < MIN_LEVELS or tied > MAX_TIED, detail, evidence, real=scores)


def ignores_features(case: Case) -> Finding:
    """Check whether moving a feature, inside and outside its range, changes no score of five rows, beyond rounding.

    At most 100 features are moved, one at a time, fewer of very long rows; features with one value in more than 95% of
    the rows are left out.
    """
    rows, rng = case.rows, case.rng(4)
    if case.is_random:
        return Finding("ignores_features", None, "not checked: the score is random")
    tried = _movable(rows, rng, 3, MAX_FEATURES)
    if not len(tried):
        return Finding("ignores_features", None, "not checked: no feature varies in more than 5% of the rows")
    base, width = rows.real[:N_MOVED_ROWS], rows.high - rows.low
    values = [base - FAR * width, base + FAR * width, (rows.low + rows.high) / 2 + 0 * base]
    moved = np.stack([np.where(np.arange(len(width)) == j, value, base) for j in tried for value in values])
    real, scores = score_together(case.score, base, moved.reshape(-1, len(width)))
    change = np.abs(scores.reshape(len(tried), len(values), -1) - real).max(axis=(1, 2))
    ignored = tried[change <= rounding(case.first)]
    names = ", ".join(rows.columns[j] if rows.columns else str(j) for j in ignored[:5])
    detail = f"{len(ignored)} of {len(tried)} features change no score" + (f": {names}" if len(ignored) else "")
    return finding(
        "ignores_features", len(ignored), detail, {"ignored": float(len(ignored)), "moved": float(len(tried))}
    )
