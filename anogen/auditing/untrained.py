"""The sixth check of an audit: whether fitting changes a detector's scores."""

import time

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from anogen.auditing.data import AuditData
from anogen.auditing.detector import CountingScorer, DetectorUnderTest
from anogen.auditing.findings import Finding, tolerance
from anogen.detectors.mixins import seeded

Floats = NDArray[np.float64]

MAX_ROWS, MIN_ROWS, N_COPIES = 300, 50, 4  # rows that each of the copies is fitted to, at most and at least
MIN_CORRELATION = 0.95  # rank correlation from which two trainings may have given the same detector
MIN_SEED_EFFECT = 1e-3  # one minus the rank correlation from which the seed matters
MAX_DATA_EFFECT = 0.1  # effect of other data on the order, relative to that of another seed, of an untrained detector


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
    measures: dict[str, float | None] = {"order_with_other_data": None, "order_with_other_seed": None}
    if under.build is None:
        return Finding(False, "not checked: its options are unknown, so no copy can be built", measures)
    rng = np.random.default_rng(seed)
    try:
        count = _affordable(under, seed, rows, seconds)
        if not count:
            return Finding(False, "not checked: fitting copies takes too long (allow more seconds)", measures)
        train = rows.train[:count]
        base = _scores(under, seed, train, rows.real)
        same = _scores(under, seed, _two_valued_noise(train, rng), rows.real)
        far = _scores(under, seed, _displaced_noise(train, rng), rows.real)
        other = _scores(under, seed + 1, train, rows.real)
    except Exception as error:  # noqa: BLE001  a detector may refuse such data in any way
        return Finding(False, f"not checked: a copy refused other data ({type(error).__name__})", measures)
    if max(np.abs(base - same).max(), np.abs(base - far).max()) <= tolerance(base):
        return Finding(True, "fitted to unrelated noise, it gives the same scores", measures)
    by_data, by_seed = _rank_correlation(base, same), _rank_correlation(base, other)
    decided_by_seed = 1 - by_seed >= MIN_SEED_EFFECT and 1 - by_data <= MAX_DATA_EFFECT * (1 - by_seed)
    detail = f"the order correlates {by_data:.3f} with that after fitting noise, {by_seed:.3f} with another seed's"
    measures = {"order_with_other_data": by_data, "order_with_other_seed": by_seed}
    return Finding(by_data >= MIN_CORRELATION and decided_by_seed, detail, measures)


def _affordable(under: DetectorUnderTest, seed: int, rows: AuditData, seconds: float) -> int:
    """Return the number of rows (at most 300) that all copies can be fitted to in the time; 0 if 50 are too many."""
    if np.isinf(seconds):
        return MAX_ROWS
    before = time.perf_counter()
    _scores(under, seed, rows.train[:MIN_ROWS], rows.real)
    each = time.perf_counter() - before
    factor = (seconds - each) / (N_COPIES * each)
    return int(np.clip(MIN_ROWS * factor, 0, MAX_ROWS)) if factor >= 1 else 0


def _two_valued_noise(train: Floats, rng: np.random.Generator) -> Floats:
    """Return noise (m, d) with the mean and deviation of each feature: independent values near mean ± deviation.

    A little jitter keeps rows distinct.
    """
    noise = rng.choice([-1.0, 1.0], size=train.shape) + 0.1 * rng.standard_normal(train.shape)
    noise = (noise - noise.mean(axis=0)) / noise.std(axis=0)
    return train.mean(axis=0) + noise * train.std(axis=0)


def _displaced_noise(train: Floats, rng: np.random.Generator) -> Floats:
    """Return noise (m, d) with another mean and scale in every feature."""
    return 7 + 100 * rng.uniform(size=train.shape) * (1 + rng.uniform(size=train.shape[1]))


def _scores(under: DetectorUnderTest, seed: int, train: Floats, real: Floats) -> Floats:
    """Fit a copy and return its scores of real rows (r,); every copy scores with the same random numbers."""
    score = under.refit(seed, train)
    with seeded(seed):
        return CountingScorer(score, "a copy")(real)


def _rank_correlation(a: Floats, b: Floats) -> float:
    """Return the rank correlation; if one of the two is constant, 0, and if both are, 1."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 1.0 if np.ptp(a) == np.ptp(b) else 0.0
    return float(spearmanr(a, b).statistic)
