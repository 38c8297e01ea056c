"""Checks of what fitting does: copies of the detector are fitted to other rows, seeds, units and orders of columns."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from anogen.auditing.case import FAR, Case, Floats, finding, probability_above, rank_correlation, tolerance
from anogen.auditing.detector import CountingScorer
from anogen.auditing.findings import Finding
from anogen.detectors.mixins import seeded
from anogen.errors import InputError
from anogen.metrics.images import nearest

MAX_COPY_ROWS, MIN_COPY_ROWS, N_COPIES = 300, 50, 6  # rows that each of the copies is fitted to, at most and at least
MAX_COPY_VALUES = 5_000_000  # of very long rows, of which at least 50 are taken: 40 MB
MIN_CORRELATION = 0.95  # rank correlation from which two trainings may have given the same detector
MIN_SEED_EFFECT = 1e-3  # one minus the rank correlation from which the seed matters
MAX_DATA_EFFECT = 0.1  # effect of other data on the order, relative to that of another seed, of an untrained detector
MIN_SAME = 0.5  # rank correlation below which nothing is left of the order
MAX_ONE_SIDED = 0.98  # probability that one score is larger than another, from which they have no common scale
MAX_ORDER_EFFECT, SEED_FACTOR = 0.02, 3.0  # effect of the order of columns, alone and relative to another seed's
MIN_UNLIKE, MIN_LOWER = 3.0, 0.95  # distance of converted rows from the data; share that scores below real rows
FITTED_FAULTS = ("untrained", "stale_preprocessing", "feature_order", "fit_scores_differ")


@dataclass(frozen=True, eq=False)
class Copies:
    """Scores of real rows (r,) by copies that were fitted to at most 300 rows, with the same random numbers."""

    base: Floats
    noise: Floats  # fitted to two-valued noise with each feature's mean and deviation
    displaced: Floats  # fitted to noise with another mean and scale
    other_seed: Floats
    shifted: Floats  # every feature of fitted and scored rows is increased by a constant
    permuted: Floats  # the columns of fitted and scored rows are permuted
    fit_scores: Floats | None  # (m,), what the base copy keeps as scores of its training rows
    call_scores: Floats | None  # (m,), its scores of these rows


def fitting_checks(case: Case) -> list[Finding]:
    """Check whether a detector is untrained, its preprocessing stale, its columns mixed, or its fit scores other ones.

    Limits: the class with its options is checked, on 300 rows or, if the time is short, fewer; nothing is known of an
    object whose options cannot be read (`get_params`).
    """
    copies, reason = None, "its options are unknown or fit_copies is False, so no copy was fitted"
    if case.under.build is not None:
        try:
            copies = _fit_copies(case)
            reason = "fitting copies takes too long (allow more seconds)"
        except InputError as error:
            reason = f"a copy refused other data ({error})"
    stale = converted(case)
    if copies is None:
        undecided = [Finding(name, None, f"not checked: {reason}") for name in FITTED_FAULTS]
        return [stale if stale.found and item.name == stale.name else item for item in undecided]
    return [
        untrained(copies),
        stale if stale.found else stale_preprocessing(case, copies),
        feature_order(case, copies),
        fit_scores_differ(copies),
    ]


def untrained(copies: Copies) -> Finding:
    """Check whether copies of the detector that are fitted to other data give real rows the same scores or order.

    Either the scores are the same whatever a copy is fitted to, or the random initialisation decides their order:
    fitting to two-valued noise that shares only each feature's mean and deviation with the data, with the same seed,
    changes the order by less than a tenth of what another seed does (one minus the rank correlation, which must be at
    least 0.95). The second is the sign of a network that was never trained: only the scaling of the data has an effect.

    Limits: a network that is trained too little passes, and so does a deterministic detector that learns means and
    deviations only, because there is no seed to compare with.
    """
    base, picture = copies.base, {"fitted_to_the_data": copies.base, "fitted_to_noise": copies.noise}
    if max(np.abs(base - copies.noise).max(), np.abs(base - copies.displaced).max()) <= tolerance(base):
        return finding("untrained", True, "fitted to unrelated noise, it gives the same scores", None, **picture)
    by_data, by_seed = rank_correlation(base, copies.noise), rank_correlation(base, copies.other_seed)
    decided_by_seed = 1 - by_seed >= MIN_SEED_EFFECT and 1 - by_data <= MAX_DATA_EFFECT * (1 - by_seed)
    detail = f"the order correlates {by_data:.3f} with that after fitting noise, {by_seed:.3f} with another seed's"
    evidence = {"order_with_other_data": by_data, "order_with_other_seed": by_seed}
    return finding("untrained", by_data >= MIN_CORRELATION and decided_by_seed, detail, evidence, **picture)


def stale_preprocessing(case: Case, copies: Copies) -> Finding:
    """Check whether other units of the data, in fitting and scoring, change everything, or in scoring, nothing.

    Everything: after adding a constant to each feature, the scores of the two copies are on different scales, or hardly
    correlate, though another seed leaves the order. Nothing: real rows that are moved by three ranges and stretched
    have the same scores in a batch of their own. Limits: images, whose range is fixed, and texts are not moved.
    """
    name, rows = "stale_preprocessing", case.rows
    width = np.where(rows.constant, 0.0, rows.high - rows.low)
    stretched = rows.real + FAR * width + 0.5 * (rows.real - rows.real.mean(axis=0))
    moved = case.score(np.where(rows.is_text, rows.real, stretched))
    nothing = not case.is_random and float(np.abs(moved - case.first).max()) <= tolerance(case.first)
    if rows.image_shape:
        return finding(name, nothing, "does not apply: images have a fixed range")
    same, seeds = rank_correlation(copies.base, copies.shifted), rank_correlation(copies.base, copies.other_seed)
    above = probability_above(copies.shifted, copies.base)
    everything = max(above, 1 - above) > MAX_ONE_SIDED or (same < MIN_SAME and same < seeds - 0.3)
    evidence = {"order_with_other_units": same, "higher_with_other_units": above}
    detail = (
        f"after adding a constant to the data, the order correlates {same:.3f}, and {above:.0%} of pairs score higher"
    )
    if nothing:
        detail = "real rows that are moved by three ranges and stretched have the same scores"
    picture = {"own_units": copies.base, "other_units": copies.shifted}
    return finding(name, nothing or everything, detail, evidence, **picture)


def converted(case: Case) -> Finding:
    """Check whether real rows score far lower once they are standardised, scaled to [0, 1], or the reverse.

    Such rows are unlike the data, three times as far from them as 95% of real rows are; if nineteen of twenty score
    below real rows, the model expects other units than it is given.
    """
    rows, train = case.rows, case.rows.train
    mean, std = train.mean(axis=0), np.where(train.std(axis=0) > 0, train.std(axis=0), 1.0)
    low, width = rows.low, np.where(rows.high > rows.low, rows.high - rows.low, 1.0)
    real = rows.real[:30]
    forms = {
        "standardised": (real - mean) / std,
        "scaled to [0, 1]": (real - low) / width,
        "with means and deviations put back": real * std + mean,
        "with ranges put back": real * width + low,
    }
    known = rows.coordinates(train, std)
    usual = float(np.quantile(nearest(rows.coordinates(rows.real, std), known)[0], 0.95)) or 1.0
    forms = {k: np.where(rows.is_text, real, v) for k, v in forms.items()}
    away = {k: np.median(nearest(rows.coordinates(v, std), known)[0]) for k, v in forms.items()}
    unlike = {k: v for k, v in forms.items() if away[k] > MIN_UNLIKE * usual}
    if not unlike:
        return finding("stale_preprocessing", False, "converted rows are like the data")
    scores = np.split(case.score(np.concatenate(list(unlike.values()))), len(unlike))
    lower = {k: probability_above(case.first, s) for k, s in zip(unlike, scores, strict=True)}
    worst = max(lower, key=lambda k: lower[k])
    detail = f"{worst}, rows unlike the data score below real rows in {lower[worst]:.0%} of pairs"
    return finding("stale_preprocessing", lower[worst] > MIN_LOWER, detail, {"converted_below_real": lower[worst]})


def feature_order(case: Case, copies: Copies) -> Finding:
    """Check whether permuting the columns, in fitting and scoring, changes the order of real rows.

    It must change by more than 0.02 (one minus the rank correlation), and three times as much as with another seed.
    Limits: it does not apply to images, signals and tables with texts.
    """
    if case.rows.image_shape or case.rows.is_signal:
        return finding("feature_order", False, "does not apply: images and signals have an order")
    if case.rows.is_text.any():
        return finding("feature_order", False, "does not apply: texts and numbers cannot be exchanged")
    same, seeds = rank_correlation(copies.base, copies.permuted), rank_correlation(copies.base, copies.other_seed)
    found = 1 - same > max(MAX_ORDER_EFFECT, SEED_FACTOR * (1 - seeds))
    detail = f"with columns permuted, the order of rows correlates {same:.3f}; with another seed, {seeds:.3f}"
    return finding("feature_order", found, detail, {"order_with_columns_permuted": same})


def fit_scores_differ(copies: Copies) -> Finding:
    """Check whether `decision_scores_` has the order of scoring the same rows, and the scale of scores of other rows.

    Neighbours are often counted without the row itself in fitting: a rank correlation of 0.5 is enough, and held-out
    rows may score above the kept scores in 2 to 98% of pairs. Limits: only PyOD keeps such scores.
    """
    if copies.fit_scores is None or copies.call_scores is None:
        return finding("fit_scores_differ", False, "does not apply: no scores are kept from fitting")
    kept, called = copies.fit_scores, copies.call_scores
    same = rank_correlation(kept, called) if np.ptp(called) > 0 else 1.0  # each row is its own neighbour
    above = probability_above(copies.base, kept)
    found = same < MIN_SAME or max(above, 1 - above) > MAX_ONE_SIDED
    detail = (
        f"kept scores correlate {same:.3f} with those of scoring later; other rows score higher in {above:.0%} of pairs"
    )
    evidence = {"order_of_fit_scores": same, "above_fit_scores": above}
    return finding("fit_scores_differ", found, detail, evidence, kept_from_fitting=kept, scored_later=called)


def _fit_copies(case: Case) -> Copies | None:
    """Fit and score the copies; None if the time is too short."""
    rows, seed, rng = case.rows, case.seed, np.random.default_rng(case.seed)
    count = _affordable(case)
    if not count:
        return None
    train, real = rows.train[:count], rows.real
    order = case.rng(7).permutation(train.shape[1])
    shift = FAR * (rows.high - rows.low) * case.rng(8).uniform(1, 4, train.shape[1]) + rows.span
    shift = np.where(rows.is_text, 0.0, shift)
    base, detector = _scores_of_copy(case, seed, train, real)
    kept = getattr(detector, "decision_scores_", None)
    kept = None if kept is None or np.shape(kept) != (count,) else np.asarray(kept, dtype=np.float64)
    return Copies(
        base,
        _scores_of_copy(case, seed, _two_valued_noise(train, rng), real)[0],
        _scores_of_copy(case, seed, _displaced_noise(train, rng), real)[0],
        _scores_of_copy(case, seed + 1, train, real)[0],
        _scores_of_copy(case, seed, train + shift, real + shift)[0],
        _scores_of_copy(case, seed, train[:, order], real[:, order])[0],
        kept,
        None if kept is None else _score_copy(case, detector, train),
    )


def _affordable(case: Case) -> int:
    """Return the number of rows (at most 300) that all copies can be fitted to in the time; 0 if 50 are too many."""
    most = min(MAX_COPY_ROWS, max(MIN_COPY_ROWS, MAX_COPY_VALUES // len(case.rows.low)), len(case.rows.train))
    left = case.seconds - case.score.seconds()
    if np.isinf(left):
        return most
    if left <= 0:
        return 0
    before = time.perf_counter()
    _scores_of_copy(case, case.seed, case.rows.train[:MIN_COPY_ROWS], case.rows.real)
    each = time.perf_counter() - before
    factor = (left - each) / (N_COPIES * each)
    return int(np.clip(MIN_COPY_ROWS * factor, 0, most)) if factor >= 1 else 0


def _two_valued_noise(train: Floats, rng: np.random.Generator) -> Floats:
    """Return noise (m, d), independent values near mean ± deviation of each feature; a little jitter separates rows."""
    noise = rng.choice([-1.0, 1.0], size=train.shape) + 0.1 * rng.standard_normal(train.shape)
    noise = (noise - noise.mean(axis=0)) / noise.std(axis=0)
    return train.mean(axis=0) + noise * train.std(axis=0)


def _displaced_noise(train: Floats, rng: np.random.Generator) -> Floats:
    """Return noise (m, d) with another mean and scale in every feature."""
    return 7 + 100 * rng.uniform(size=train.shape) * (1 + rng.uniform(size=train.shape[1]))


def _scores_of_copy(case: Case, seed: int, train: Floats, real: Floats) -> tuple[Floats, Any]:
    """Fit a copy; return its scores of real rows (r,), and the copy."""
    detector = case.under.refit(seed, train)
    return _score_copy(case, detector, real), detector


def _score_copy(case: Case, detector: Any, rows: Floats) -> Floats:
    """Return a copy's scores (n,); every copy scores with the same random numbers."""
    with seeded(case.seed):
        return CountingScorer(case.under.score_of(detector), "a copy")(rows)
