"""The case of one audit: detector, rows and first scores, shared by all checks; measures of scores."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from anogen.auditing.data import AuditData
from anogen.auditing.detector import CountingScorer, DetectorUnderTest
from anogen.auditing.findings import Finding
from anogen.metrics.detection import roc_auc

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Measures = dict[str, float | None]

N_PROBES = 50  # rows of each kind
FAR = 3.0  # ranges of a feature: rows that are farther outside are anomalies of any detector
BATCH_TOLERANCE = 1e-3  # of the spread of the scores: smaller changes are ignored
ROUNDING = 1e-6  # of the scores and of their spread: the size of rounding errors in single precision


@dataclass(frozen=True, eq=False)
class Case:
    """What the checks of one audit have in common."""

    score: CountingScorer
    under: DetectorUnderTest
    rows: AuditData
    seed: int
    seconds: float  # time limit of the audit
    first: Floats  # (r,), scores of the real rows
    repeated: Floats  # (r,), the same again
    with_noise: Floats  # (r,), the same in one batch with noise
    noise: Floats  # (50, d)
    noise_scores: Floats  # (50,)
    permuted: Floats  # (50, d)
    far: Floats  # (at most 50, d), real rows moved by three ranges in every feature

    def rng(self, stream: int) -> np.random.Generator:
        """Return the random numbers of a check."""
        return np.random.default_rng([self.seed, stream])

    @property
    def is_random(self) -> bool:
        """Whether two calls with the same rows differ beyond rounding."""
        return float(np.abs(self.first - self.repeated).max()) > rounding(self.first)

    def changed(self, scores: Floats, base: Floats) -> tuple[bool, float]:
        """Return whether scores differ from `base` on average, and by how many interquartile ranges of real rows.

        Changes below the tolerance do not count; of a random detector, below twice the change between equal calls.
        """
        change = float(np.abs(scores - base).mean())
        limit = max(tolerance(self.first), 2 * float(np.abs(self.first - self.repeated).mean()))
        return change > limit, relative(change, self.first)


def finding(
    name: str, found: object, detail: str, evidence: Mapping[str, float | None] | None = None, **picture: Floats
) -> Finding:
    """Return the result of a check that was decided; `picture` has scores (n,) by the kind of rows."""
    return Finding(name, not found, detail, evidence or {}, {k.replace("_", " "): v for k, v in picture.items()})


def probability_above(a: Floats, b: Floats) -> float:
    """Return the probability that a score of `a` is larger than one of `b`: the area under the ROC curve."""
    return roc_auc(np.concatenate([b, a]), np.repeat([0, 1], [len(b), len(a)]))


def spread(scores: Floats) -> float:
    """Return the interquartile range, or the range where that is 0."""
    low, high = np.percentile(scores, [25, 75])
    return float(high - low) or float(np.ptp(scores))


def rounding(scores: Floats) -> float:
    """Return the largest change of a row's score that may be due to rounding in single precision."""
    return ROUNDING * (spread(scores) + float(np.median(np.abs(scores))))


def tolerance(scores: Floats) -> float:
    """Return the largest change of a row's score that is ignored."""
    return BATCH_TOLERANCE * spread(scores) + ROUNDING * float(np.median(np.abs(scores)))


def relative(change: float, scores: Floats) -> float:
    """Return a change in units of the spread of the scores."""
    return change / spread(scores) if spread(scores) else change


def rank_correlation(a: Floats, b: Floats) -> float:
    """Return the rank correlation; if one of the two is constant, 0, and if both are, 1."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 1.0 if np.ptp(a) == np.ptp(b) else 0.0
    return float(spearmanr(a, b).statistic)


def score_together(score: CountingScorer, real: Floats, probes: Floats) -> tuple[Floats, Floats]:
    """Score real rows and probes in one batch, as anomalies are in practice; return the scores of both."""
    scores = score(np.concatenate([real, probes]))
    return scores[: len(real)], scores[len(real) :]


def uniform_noise(rows: AuditData, rng: np.random.Generator) -> Floats:
    """Return uniform noise (50, d) over the range of each feature; of images, over the range of all pixels."""
    return rng.uniform(rows.low, rows.high, size=(N_PROBES, len(rows.low)))


def permuted_rows(rows: AuditData, rng: np.random.Generator) -> Floats:
    """Return rows (50, d) with features permuted independently: marginals are kept, correlations destroyed."""
    return np.stack([rng.choice(column, N_PROBES) for column in rows.real.T], axis=1)


def far_rows(rows: AuditData, rng: np.random.Generator) -> Floats:
    """Return real rows (at most 50, d), each feature moved up or down by three of its ranges."""
    return rows.real[:N_PROBES] + rng.choice([-FAR, FAR], size=len(rows.low)) * (rows.high - rows.low)
