"""Draw what a detector believes is normal, and measure it."""

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anogen.auditing.counting import Progress, Report
from anogen.auditing.data import Rows
from anogen.auditing.subject import quietly
from anogen.errors import InputError
from anogen.generators import EvolutionConfig, evolve
from anogen.metrics.distances import mean_pairwise, nearest
from anogen.metrics.pixels import morans_i
from anogen.scorers import Optimum, Scorer, make_scorer

STARTS, POPULATION, MUTATED, SIGMA, HALVINGS = 4, 50, 0.9, 0.1, 8
MOST, LEAST = 3_000, 20  # generations
LEVELS = 1_001  # of a feature's distribution
OPTIMA = 8  # most normal points that are kept


class Boxed(Scorer):
    """A detector's score as a function of rows in which every feature goes from 0 to 1.

    Of a table, 0 to 1 is the rank among the values of the data, so that a step is as long as the data are wide there;
    of an image, it is the range that all pixels share.
    """

    def __init__(self, inner: Scorer, rows: Rows) -> None:
        self.inner, self.n_features_in_, self.batch_dependence = inner, inner.n_features_in_, inner.batch_dependence
        self.levels = torch.from_numpy(_levels(rows))  # (l, d), ascending

    def score(self, x: Tensor) -> Tensor:
        """Return the detector's scores of rows (n, d) of the box, (n,)."""
        return self.inner(self.placed(x))

    def placed(self, x: Tensor) -> Tensor:
        """Return the rows (n, d) that rows of the box stand for: between two levels, on the line between them."""
        at = x.double().clamp(0, 1) * (len(self.levels) - 1)
        below = at.floor().long().clamp(max=len(self.levels) - 2)
        low, high = self.levels.gather(0, below), self.levels.gather(0, below + 1)
        return low + (high - low) * (at - below)


def _levels(rows: Rows) -> NDArray[np.float64]:
    """Return values of each feature (l, d) from the least to the largest: quantiles, or of an image the two ends."""
    ends = np.stack([rows.low, rows.high])
    if rows.shape:
        return ends
    inner = np.quantile(rows.train, np.linspace(0, 1, min(LEVELS, len(rows.train)))[1:-1], axis=0)
    return np.concatenate([ends[:1], inner, ends[1:]])


def draw(
    detector: Any,
    rows: Rows,
    real_scores: NDArray[np.float64],
    *,
    seed: int,
    seconds: float = np.inf,
    generations: int | None = None,
    report: Report,
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Search for the most normal rows within the range of the data, from four random starts.

    A table's features start as in random real rows, each in another one; an image starts as uniform noise.

    Parameters
    ----------
    real_scores
        Scores of `rows.real`.
    seconds
        Of the search, without what is compiled before it; it is stopped after that.
    generations
        Of the search; if not given, as many as the time allows, 3,000 at most.

    Returns
    -------
    measures
        Lists with a number for each start: `scores`; `score_rank`, the share of real rows that score as low;
        `nn_ratio`, distance to the nearest training row, in units of the median that real rows have; for images
        `morans_i`. `div_ratio`, the mean distance between them, in units of that of real rows. Where the most normal
        points are known: `optimum_score`, `optimum_kind`, and `gap`, distances to the nearest of them. Distances are
        taken where every feature goes from 0 to 1.
    arrays
        `drawn` (4, d) and, where known, `optimum` (at most 8, d).
    """
    with quietly():
        boxed = Boxed(make_scorer(detector, len(rows.low)), rows)
        planned = generations or _affordable(boxed, seconds)
        halving = max(1, planned // HALVINGS)
        settings = EvolutionConfig(
            POPULATION, mutation_rate=MUTATED, mutation_std=SIGMA, mutation_half_life=halving, n_elites=1
        )
        ends = np.inf
        for state, _ in evolve(boxed, range(seed, seed + STARTS), n_generations=planned, config=settings):
            report(Progress("drawing", state.generation, planned))
            if state.generation == 1:  # which may have compiled
                ends = time.perf_counter() + (seconds if generations is None else np.inf)
            if time.perf_counter() > ends:
                break
        found = _optimum(boxed.inner)
    placed = boxed.placed(state.current_best()).numpy()
    drawn = rows.unit(placed)
    scores = np.array([s.min().item() for s in state.scores])
    train, held = rows.unit(rows.train), rows.unit(rows.real)
    usual = float(np.median(nearest(held, train)[0]))
    measures: dict[str, Any] = {
        "generations": state.generation,
        "scores": scores.tolist(),
        "score_rank": [float((real_scores <= score).mean()) for score in scores],
        "nn_ratio": (nearest(drawn, train)[0] / usual).tolist() if usual else None,
        "morans_i": morans_i(drawn, rows.shape).tolist() if rows.shape else None,
        "div_ratio": mean_pairwise(drawn) / mean_pairwise(held),
        "optimum_score": None,
    }
    arrays = {"drawn": placed}
    if found is not None:
        points = found.samples.double().numpy()
        apart = np.linalg.norm(drawn[:, None] - rows.unit(points)[None], axis=-1)
        measures |= {"optimum_score": found.score, "optimum_kind": found.status, "gap": apart.min(axis=1).tolist()}
        arrays["optimum"] = points[:OPTIMA]
    return measures, arrays


def _affordable(score: Scorer, seconds: float) -> int:
    """Return how many generations fit into the time."""
    some = torch.rand(POPULATION, score.n_features_in_, generator=torch.Generator().manual_seed(0))
    score(some)  # the first call may compile
    began = time.perf_counter()
    score(some)
    each = STARTS * (time.perf_counter() - began) + 1e-4
    return int(np.clip(seconds / each, LEAST, MOST))


def _optimum(score: Scorer) -> Optimum | None:
    """Return the most normal points, if they are known and finite."""
    try:
        known = score.optimum()
    except (InputError, ArithmeticError, RuntimeError):
        return None
    return known if known is not None and torch.isfinite(known.samples).all() and len(known.samples) else None
