"""The six checks of an audit, with their thresholds.

The thresholds were fixed before any detector was audited, except that of randomness, which was tightened after the VAE
had been found; and the comparison of constant with varying features (`blind`) was added after the first results. Probes
are scored in one batch with real rows, as anomalies are in practice.
"""

import time

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from anogen.auditing.data import AuditData
from anogen.auditing.detector import CountingScorer, DetectorUnderTest
from anogen.auditing.findings import Finding
from anogen.detectors.mixins import seeded
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Measures = dict[str, float | None]

N_PROBES = 50  # rows of each kind
N_SINGLE_ROWS = 5  # rows that are scored one by one
BATCH_TOLERANCE = 1e-3  # of the spread of the scores: smaller changes with the batch are ignored
ROUNDING = 1e-6  # of the scores and of their spread: the size of rounding errors in single precision
CONSTANT_TOLERANCE = 1e-9  # of the scores: a smaller range is one score
MIN_NOISE_ABOVE = 1 / 3  # least probability that noise scores above a real row
MAX_BLACK_BELOW = 0.95  # share of real rows above a black image from which black is preferred
MIN_CHANGED_ABOVE = 0.75  # least probability that a row with changed constant features scores above a real row
MIN_CONSTANT_RISE = 0.5  # least rise for changed constant features, relative to that for varying ones
MAX_COPY_ROWS, MIN_COPY_ROWS, N_COPIES = 300, 50, 4  # rows that each of the copies is fitted to, at most and at least
MIN_CORRELATION = 0.95  # rank correlation from which two trainings may have given the same detector
MIN_SEED_EFFECT = 1e-3  # one minus the rank correlation from which the seed matters
MAX_DATA_EFFECT = 0.1  # effect of other data on the order, relative to that of another seed, of an untrained detector


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
    return Finding("constant", not found, detail, {"distinct_scores": levels})


def random(first: Floats, repeated: Floats) -> Finding:
    """Check whether two calls with the same rows give different scores, beyond rounding.

    The global seeds are not reset between the calls. Limits: a detector that is random once in a thousand rows passes,
    and so does one that seeds itself before it scores.
    """
    change = float(np.abs(first - repeated).max())
    relative = _relative(change, first)
    found = change > ROUNDING * (spread(first) + float(np.median(np.abs(first))))
    detail = "scored twice, rows have the same scores"
    if found:
        changed = f"change their scores by up to {relative:.2g} interquartile ranges"
        detail = f"scored twice, the same {len(first)} rows {changed}"
    return Finding("random", not found, detail, {"change_when_repeated": relative})


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
        return Finding("batch_dependent", False, f"smaller batches are refused: {error}", {"change_with_batch": None})
    means = {name: float(np.abs(change).mean()) for name, change in changes.items()}
    worst = max(means, key=lambda name: means[name])
    relative = _relative(means[worst], first)
    found = means[worst] > max(tolerance(first), 2 * float(np.abs(first - repeated).mean()))
    detail = "a row's score is the same in every batch"
    if found:
        detail = f"scored {worst}, rows change their scores by {relative:.2g} interquartile ranges on average"
    return Finding("batch_dependent", not found, detail, {"change_with_batch": relative})


def blind(score: CountingScorer, rows: AuditData, rng: np.random.Generator) -> Finding:
    """Check whether features that are constant in the data may take any value while the score hardly rises.

    All constant features of real rows are changed at once, by the largest range of any feature. The probability that
    such a row scores above a real row must be at least 0.75. Then the same number of constant and of varying features
    is changed, and the median rise of the score for the constant ones must be at least half of that for the others.
    Limits: a detector that notices a change only when many features change passes; one that ignores constant features
    by design, as every forest of random cuts, does not.
    """
    count = int(rows.constant.sum())
    measures: Measures = {"constant_features": float(count)}
    if not count:
        return Finding("blind_to_constant_features", True, "no feature is constant", measures)
    real, changed = score_together(score, rows.real, _displaced(rows, rows.constant))
    seen = probability_above(changed, real)
    constant, varying = (_rise(score, rows, kind, count, rng) for kind in (rows.constant, ~rows.constant))
    measures |= {"changed_above_real": seen, "constant_to_varying": constant / varying if varying > 0 else None}
    detail = f"rows with {count} constant features changed score above real rows in {seen:.0%} of pairs"
    if varying > 0:
        detail += f", and rise {constant / varying:.2g} times as much as with varying features changed"
    return Finding(
        "blind_to_constant_features",
        not (seen < MIN_CHANGED_ABOVE or constant < MIN_CONSTANT_RISE * varying),
        detail,
        measures,
    )


def _displaced(rows: AuditData, features: Bools) -> Floats:
    """Return real rows (at most 50, d) with the marked features (d,) changed by the largest range of a feature.

    Pixels are set to the farther end of the image's range.
    """
    real = rows.real[:N_PROBES]
    far = np.where(rows.high - real >= real - rows.low, rows.high, rows.low) if rows.image_shape else real + rows.span
    return np.where(features, far, real)


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
    measures: Measures = {"noise_above_real": seen, "black_below_real": None}
    found, detail = seen < MIN_NOISE_ABOVE, f"uniform noise scores above real rows in {seen:.0%} of pairs"
    if rows.image_shape:
        others, black = score_together(score, rows.real, np.full((1, len(rows.low)), rows.low.min()))
        beaten = float((others > black).mean())
        measures["black_below_real"] = beaten
        found, detail = found or beaten >= MAX_BLACK_BELOW, f"{detail}; a black image scores below {beaten:.0%} of them"
    return Finding("prefers_noise", not found, detail, measures)


def prefers_anomalies(noise: Finding, score: CountingScorer, rows: AuditData, seed: int) -> Finding:
    """Add to the finding on noise whether anomalies score below real rows, as they do if the score is reversed.

    It is so if labelled anomalies score lower, by three standard deviations of the area under the ROC curve without a
    difference; or if rows outside the data, three ranges away in every feature, do so in two of three pairs, and the
    labels do not contradict. Limits: a score that is linear in the features is low on one side in either orientation.
    """
    sides = np.random.default_rng([seed, 2]).choice([-3.0, 3.0], size=len(rows.low))
    far = rows.real[:N_PROBES] + sides * (rows.high - rows.low)
    real, far_scores = score_together(score, rows.real, far)
    seen, auc, margin = probability_above(far_scores, real), None, 0.0
    if n := len(rows.others):
        real, others = score_together(score, rows.real, rows.others)
        auc, margin = probability_above(others, real), 3 * np.sqrt((n + len(real) + 1) / (12 * n * len(real)))
    detail, area = noise.detail, 0.5 if auc is None else auc
    by_labels, by_distance = area < 0.5 - margin, seen < MIN_NOISE_ABOVE and area <= 0.5 + margin
    if by_labels:
        detail += f"; labelled anomalies score above real rows in {area:.0%} of pairs"
    if by_distance:
        detail += f"; rows far outside the data score above real rows in {seen:.0%} of pairs"
    if by_labels or by_distance:
        detail += ": the score may be reversed (if larger scores mean the opposite, state orientation)"
    measures = {**noise.evidence, "far_above_real": seen, "roc_auc": auc}
    return Finding("prefers_noise", not (noise.found or by_labels or by_distance), detail, measures)


def untrained(under: DetectorUnderTest, rows: AuditData, seed: int, seconds: float) -> Finding:
    """Check whether copies of the detector that are fitted to other data give real rows the same scores or order.

    Either the scores are the same whatever a copy is fitted to, or the random initialisation decides their order:
    fitting to two-valued noise that shares only each feature's mean and deviation with the data, with the same seed,
    changes the order by less than a tenth of what another seed does (one minus the rank correlation, which must be at
    least 0.95). The second is the sign of a network that was never trained: only the scaling of the data has an effect.

    Limits: the class with its options is checked, on 300 rows or, if the time is short, fewer; nothing is known of an
    object whose options cannot be read (`get_params`). A network that is trained too little passes, and so does a
    deterministic detector that learns means and deviations only, because there is no seed to compare with.
    """
    measures: Measures = {"order_with_other_data": None, "order_with_other_seed": None}
    if under.build is None:
        return Finding("untrained", None, "not checked: its options are unknown, so no copy can be built", measures)
    rng = np.random.default_rng(seed)
    try:
        count = _affordable(under, seed, rows, seconds)
        if not count:
            return Finding(
                "untrained", None, "not checked: fitting copies takes too long (allow more seconds)", measures
            )
        train = rows.train[:count]
        base = _scores_of_copy(under, seed, train, rows.real)
        same = _scores_of_copy(under, seed, _two_valued_noise(train, rng), rows.real)
        far = _scores_of_copy(under, seed, _displaced_noise(train, rng), rows.real)
        other = _scores_of_copy(under, seed + 1, train, rows.real)
    except InputError as error:
        return Finding("untrained", None, f"not checked: a copy refused other data ({error})", measures)
    if max(np.abs(base - same).max(), np.abs(base - far).max()) <= tolerance(base):
        return Finding("untrained", False, "fitted to unrelated noise, it gives the same scores", measures)
    by_data, by_seed = _rank_correlation(base, same), _rank_correlation(base, other)
    decided_by_seed = 1 - by_seed >= MIN_SEED_EFFECT and 1 - by_data <= MAX_DATA_EFFECT * (1 - by_seed)
    detail = f"the order correlates {by_data:.3f} with that after fitting noise, {by_seed:.3f} with another seed's"
    measures = {"order_with_other_data": by_data, "order_with_other_seed": by_seed}
    return Finding("untrained", not (by_data >= MIN_CORRELATION and decided_by_seed), detail, measures)


def _affordable(under: DetectorUnderTest, seed: int, rows: AuditData, seconds: float) -> int:
    """Return the number of rows (at most 300) that all copies can be fitted to in the time; 0 if 50 are too many."""
    if np.isinf(seconds):
        return MAX_COPY_ROWS
    if seconds <= 0:
        return 0
    before = time.perf_counter()
    _scores_of_copy(under, seed, rows.train[:MIN_COPY_ROWS], rows.real)
    each = time.perf_counter() - before
    factor = (seconds - each) / (N_COPIES * each)
    return int(np.clip(MIN_COPY_ROWS * factor, 0, MAX_COPY_ROWS)) if factor >= 1 else 0


def _two_valued_noise(train: Floats, rng: np.random.Generator) -> Floats:
    """Return noise (m, d), independent values near mean ± deviation of each feature; a little jitter separates rows."""
    noise = rng.choice([-1.0, 1.0], size=train.shape) + 0.1 * rng.standard_normal(train.shape)
    noise = (noise - noise.mean(axis=0)) / noise.std(axis=0)
    return train.mean(axis=0) + noise * train.std(axis=0)


def _displaced_noise(train: Floats, rng: np.random.Generator) -> Floats:
    """Return noise (m, d) with another mean and scale in every feature."""
    return 7 + 100 * rng.uniform(size=train.shape) * (1 + rng.uniform(size=train.shape[1]))


def _scores_of_copy(under: DetectorUnderTest, seed: int, train: Floats, real: Floats) -> Floats:
    """Fit a copy and return its scores of real rows (r,); every copy scores with the same random numbers."""
    score = under.refit(seed, train)
    with seeded(seed):
        return CountingScorer(score, "a copy")(real)


def _rank_correlation(a: Floats, b: Floats) -> float:
    """Return the rank correlation; if one of the two is constant, 0, and if both are, 1."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 1.0 if np.ptp(a) == np.ptp(b) else 0.0
    return float(spearmanr(a, b).statistic)


def _relative(change: float, scores: Floats) -> float:
    """Return a change in units of the spread of the scores."""
    return change / spread(scores) if spread(scores) else change
