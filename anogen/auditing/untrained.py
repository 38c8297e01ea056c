"""The sixth finding: whether fitting a detector leaves a trace in its scores."""

import time

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from anogen.auditing.counting import Asked
from anogen.auditing.data import Rows
from anogen.auditing.findings import Judgement, tolerance
from anogen.auditing.subject import Build, fitted
from anogen.detectors.seeded_fit import seeded

Floats = NDArray[np.float64]

LEARNT_FROM, PILOT, COPIES = 300, 50, 4  # rows that the copies are fitted to, at most and at least; their number
ALIKE = 0.95  # rank correlation from which two trainings may have given the same detector
MOVED = 1e-3  # one minus the rank correlation from which a seed is said to matter
LESS = 0.1  # a change of data must move the ranking by more than this share of what a change of seed does


def untrained(build: Build | None, rows: Rows, seed: int, seconds: float) -> Judgement:
    """Fresh copies of the detector are fitted to other data, and the scores of real rows stay what they were.

    Either they are the same whatever it is fitted to, or their order is decided by the random initialisation: fitting,
    with the same seed, to rows of two-valued noise that share only each feature's mean and deviation with the real ones
    changes the order by less than a tenth of what another seed does (one minus the rank correlation, which must be 0.95
    at least). The second is how a network shows that it was never trained: scaling the data has left its trace, and
    nothing else has.

    Limits: it is the kind of detector, with its options, that is judged, on 300 rows or on fewer where the time is
    short; of an object whose options cannot be asked for (`get_params`) nothing is known. A network that is trained too
    little passes. So does a detector without chance that learns means and deviations only, since there is no seed to
    compare with.
    """
    measures: dict[str, float | None] = {"order_with_other_data": None, "order_with_other_seed": None}
    if build is None:
        return Judgement(False, "not checked: how to build another of its kind is not known", measures)
    rng = np.random.default_rng(seed)
    try:
        count = _affordable(build, seed, rows, seconds)
        if not count:
            return Judgement(False, "not checked: fitting copies of it takes too long (give more seconds)", measures)
        train = rows.train[:count]
        base = _scores(build, seed, train, rows.real)
        same = _scores(build, seed, two_valued(train, rng), rows.real)
        far = _scores(build, seed, elsewhere(train, rng), rows.real)
        other = _scores(build, seed + 1, train, rows.real)
    except Exception as error:  # noqa: BLE001  a detector may refuse such data in any way
        return Judgement(False, f"not checked: a copy refused other data ({type(error).__name__})", measures)
    if max(np.abs(base - same).max(), np.abs(base - far).max()) <= tolerance(base):
        return Judgement(True, "fitted to unrelated noise, it gives the same scores", measures)
    data, chance = _order(base, same), _order(base, other)
    found = data >= ALIKE and 1 - chance >= MOVED and 1 - data <= LESS * (1 - chance)
    why = (
        f"the order of real rows correlates {data:.3f} with that after fitting noise, {chance:.3f} with another seed's"
    )
    return Judgement(found, why, {"order_with_other_data": data, "order_with_other_seed": chance})


def _affordable(build: Build, seed: int, rows: Rows, seconds: float) -> int:
    """Return how many rows copies can be fitted to in the time, 300 at most; 0 if even 50 take too long."""
    if np.isinf(seconds):
        return LEARNT_FROM
    before = time.perf_counter()
    _scores(build, seed, rows.train[:PILOT], rows.real)
    each = time.perf_counter() - before
    room = (seconds - each) / (COPIES * each)
    return int(np.clip(PILOT * room, 0, LEARNT_FROM)) if room >= 1 else 0


def two_valued(train: Floats, rng: np.random.Generator) -> Floats:
    """Return noise (m, d) with the means and deviations of the features and nothing else of them.

    Each value lies near one deviation below or above the mean, independently: what no real data look like. A little
    jitter keeps rows distinct.
    """
    noise = rng.choice([-1.0, 1.0], size=train.shape) + 0.1 * rng.standard_normal(train.shape)
    noise = (noise - noise.mean(axis=0)) / noise.std(axis=0)
    return train.mean(axis=0) + noise * train.std(axis=0)


def elsewhere(train: Floats, rng: np.random.Generator) -> Floats:
    """Return noise (m, d) of another place and scale in every feature."""
    return 7 + 100 * rng.uniform(size=train.shape) * (1 + rng.uniform(size=train.shape[1]))


def _scores(build: Build, seed: int, train: Floats, real: Floats) -> Floats:
    """Fit a copy and return its scores of real rows; chance at inference is the same for every copy."""
    detector = fitted(build, seed, train)
    with seeded(seed):
        return Asked(detector, "a copy")(real)


def _order(a: Floats, b: Floats) -> float:
    """Return the rank correlation; 1 where one of the two has no order."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 1.0 if np.ptp(a) == np.ptp(b) else 0.0
    return float(spearmanr(a, b).statistic)
