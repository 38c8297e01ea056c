"""Draw what a detector believes is normal, and measure it."""

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from anogen.auditing.asking import Progress, Report
from anogen.auditing.rows import Rows
from anogen.auditing.subject import quietly
from anogen.errors import InputError
from anogen.evaluation.distances import mean_pairwise, nearest
from anogen.evaluation.pixels import morans_i
from anogen.generation import Settings, evolve
from anogen.scoring import Optimum, Scorer, scorer

STARTS, POPULATION, SIGMA, HALVINGS = 4, 50, 0.05, 8
MOST, LEAST = 3_000, 20  # generations
OPTIMA = 8  # most normal points that are kept


class Boxed(Scorer):
    """A detector's score as a function of rows in which every feature goes from 0 to 1."""

    def __init__(self, inner: Scorer, rows: Rows) -> None:
        self.inner, self.dimension, self.semantics = inner, inner.dimension, inner.semantics
        self.low, self.width = torch.from_numpy(rows.low), torch.from_numpy(rows.high - rows.low)

    def score(self, x: Tensor) -> Tensor:
        """Return the detector's scores of rows (n, d) of the box, (n,)."""
        return self.inner(self.low + x * self.width)


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
        boxed = Boxed(scorer(detector, len(rows.low)), rows)
        planned = generations or _affordable(boxed, seconds)
        settings = Settings(POPULATION, sigma=SIGMA, halving=max(1, planned // HALVINGS), elites=1)
        ends = np.inf
        for state, _ in evolve(boxed, range(seed, seed + STARTS), generations=planned, settings=settings):
            report(Progress("drawing", state.generation, planned))
            if state.generation == 1:  # which may have compiled
                ends = time.perf_counter() + (seconds if generations is None else np.inf)
            if time.perf_counter() > ends:
                break
        found = _optimum(boxed.inner)
    drawn = state.shown().double().numpy()
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
    arrays = {"drawn": rows.low + drawn * (rows.high - rows.low)}
    if found is not None:
        points = found.points.double().numpy()
        apart = np.linalg.norm(drawn[:, None] - rows.unit(points)[None], axis=-1)
        measures |= {"optimum_score": found.score, "optimum_kind": found.kind, "gap": apart.min(axis=1).tolist()}
        arrays["optimum"] = points[:OPTIMA]
    return measures, arrays


def _affordable(score: Scorer, seconds: float) -> int:
    """Return how many generations fit into the time."""
    some = torch.rand(POPULATION, score.dimension, generator=torch.Generator().manual_seed(0))
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
    return known if known is not None and torch.isfinite(known.points).all() and len(known.points) else None
