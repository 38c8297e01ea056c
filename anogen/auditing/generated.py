"""Search for the rows that a detector scores as most normal, and measure them."""

import time
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anogen.auditing.data import AuditData
from anogen.auditing.detector import DetectorUnderTest
from anogen.errors import InputError
from anogen.generators import EvolutionConfig, evolve
from anogen.metrics.images import mean_pairwise, morans_i, nearest
from anogen.progress import Progress, Report
from anogen.scorers import Optimum, Scorer, make_scorer

N_STARTS, POPULATION_SIZE, MUTATION_RATE, MUTATION_STD, N_HALVINGS = 4, 50, 0.9, 0.1, 8
MIN_GENERATIONS, MAX_GENERATIONS = 20, 3_000
MAX_QUANTILES = 1_001  # of a feature's distribution
MAX_OPTIMA = 8  # rows of the optimum that are kept


class UnitBoxScorer(Scorer):
    """A detector's score of rows in which every feature is mapped to [0, 1].

    For a table, the coordinate is the rank among the training values, so that a step is as long as the data are wide
    there; for an image, it is the position in the range of all pixels.
    """

    def __init__(self, inner: Scorer, rows: AuditData) -> None:
        self.inner = inner
        self.n_features_in_ = inner.n_features_in_
        self.batch_dependence = inner.batch_dependence
        self.levels = torch.from_numpy(_levels(rows))  # (l, d), ascending
        self.rows = rows

    def score(self, x: Tensor) -> Tensor:
        """Return the detector's scores (n,) of rows (n, d) in [0, 1]."""
        return self.inner(self.to_data(x))

    def to_data(self, x: Tensor) -> Tensor:
        """Return rows (n, d) in the units of the data, interpolated between the levels; discrete columns stay valid."""
        at = x.double().clamp(0, 1) * (len(self.levels) - 1)
        below = at.floor().long().clamp(max=len(self.levels) - 2)
        low, high = self.levels.gather(0, below), self.levels.gather(0, below + 1)
        inside = low + (high - low) * (at - below)
        return torch.from_numpy(self.rows.snap(inside.numpy())) if self.rows.discrete else inside


def _levels(rows: AuditData) -> NDArray[np.float64]:
    """Return ascending values of each feature (l, d): its quantiles; of an image, minimum and maximum of all pixels."""
    ends = np.stack([rows.low, rows.high])
    if rows.image_shape:
        return ends
    inner = np.quantile(rows.train, np.linspace(0, 1, min(MAX_QUANTILES, len(rows.train)))[1:-1], axis=0)
    return np.concatenate([ends[:1], inner, ends[1:]])


def search(
    under: DetectorUnderTest,
    rows: AuditData,
    real_scores: NDArray[np.float64],
    *,
    seed: int,
    seconds: float = np.inf,
    n_generations: int | None = None,
    progress: Report,
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Search for the rows of the lowest score within the range of the data, from four random starts.

    A table starts from independently permuted features, an image from uniform noise. The time limit excludes
    compilation; by default at most 3,000 generations are computed. Return measures and arrays. The measures are lists
    with a number for each start: `scores`; `score_rank`, the share of real rows that score as low; `nn_ratio`, distance
    to the nearest training row, in units of the median for real rows; `nearest_scores` and `nearest_rank`, the same of
    that row; for images `morans_i`; and `div_ratio`, the mean distance between the starts' results, in units of that
    between real rows. If the optimum is known: `optimum_score`, `optimum_status`, and `gap`, distance to the nearest
    optimum. Features are mapped to [0, 1] before distances are measured. The arrays are `generated` and `nearest`
    (4, d) and, if known, `optimum` (at most 8, d).
    """
    with warnings.catch_warnings(action="ignore"):
        inner = make_scorer(under.detector, len(rows.low), orientation=under.requested_orientation)
        scorer = UnitBoxScorer(inner, rows)
        planned = n_generations or _affordable(scorer, seconds)
        half_life = max(1, planned // N_HALVINGS)
        config = EvolutionConfig(POPULATION_SIZE, MUTATION_RATE, MUTATION_STD, mutation_half_life=half_life, n_elites=1)
        end = np.inf
        for state, _ in evolve(scorer, range(seed, seed + N_STARTS), n_generations=planned, config=config):
            progress(Progress("search", state.generation, planned))
            if state.generation == 1:  # the first generation may have compiled code
                end = time.perf_counter() + (seconds if n_generations is None else np.inf)
            if time.perf_counter() > end:
                break
        optimum = _optimum(scorer.inner)
    generated = scorer.to_data(state.current_best()).numpy()
    unit = rows.scaled(generated)
    scores = np.array([s.min().item() for s in state.scores])
    train, held = rows.scaled(rows.train), rows.scaled(rows.real)
    usual = float(np.median(nearest(held, train)[0]))
    distance, closest = nearest(unit, train)
    near = rows.train[closest]
    near_scores = inner(torch.from_numpy(np.concatenate([rows.real, near]))).detach().numpy()[len(rows.real) :]
    measures: dict[str, Any] = {
        "generations": state.generation,
        "scores": scores.tolist(),
        "score_rank": [float((real_scores <= score).mean()) for score in scores],
        "nn_ratio": (distance / usual).tolist() if usual else None,
        "nearest_scores": near_scores.tolist(),
        "nearest_rank": [float((real_scores <= score).mean()) for score in near_scores],
        "morans_i": morans_i(unit, rows.image_shape).tolist() if rows.image_shape else None,
        "div_ratio": mean_pairwise(unit) / mean_pairwise(held),
        "optimum_score": None,
    }
    arrays = {"generated": generated, "nearest": near}
    if optimum is not None:
        points = optimum.samples.double().numpy()
        gap = np.linalg.norm(unit[:, None] - rows.scaled(points)[None], axis=-1).min(axis=1)
        measures |= {"optimum_score": optimum.score, "optimum_status": optimum.status, "gap": gap.tolist()}
        arrays["optimum"] = points[:MAX_OPTIMA]
    return measures, arrays


def _affordable(score: Scorer, seconds: float) -> int:
    """Return the number of generations that fit into the time."""
    batch = torch.rand(POPULATION_SIZE, score.n_features_in_, generator=torch.Generator().manual_seed(0))
    score(batch)  # the first call may compile code
    start = time.perf_counter()
    score(batch)
    each = N_STARTS * (time.perf_counter() - start) + 1e-4
    return int(np.clip(seconds / each, MIN_GENERATIONS, MAX_GENERATIONS))


def _optimum(score: Scorer) -> Optimum | None:
    """Return the optimum if it is known and finite."""
    try:
        known = score.optimum()
    except (InputError, ArithmeticError, RuntimeError):
        return None
    return known if known is not None and torch.isfinite(known.samples).all() and len(known.samples) else None
