"""The temperature at which samples of exp(-score / T) score as held-out rows do."""

from typing import Any

import numpy as np

from anogen.errors import InputError, require
from anogen.generators.sampling import SamplingConfig, check_rows, evaluate, init, resolve_kernel, step
from anogen.scorers import Scorer

SEED, SIZE, STAGE_LENGTH, COARSE_STAGES, FINE_STAGES = 2**64 - 1, 32, 50, 10, 30


def solve_temperature(scorer: Scorer, held_out: Any, config: SamplingConfig) -> tuple[float, float]:
    """Return the temperature at which the mean score of exp(-score / T) is that of held-out rows, and that mean.

    The mean score increases with T, by d<score>/d log T = var(score) / T, so there is at most one solution. Newton's
    method takes this slope from short runs that start at held-out rows; then Robbins and Monro's decreasing steps
    average out the randomness of the runs. The result does not depend on the seeds of the chains.

    Raises `InputError` if no temperature has that mean score.
    """
    kernel, rows = resolve_kernel(scorer, config), check_rows("held_out", held_out, scorer.n_features_in_)
    scores = evaluate(scorer, rows[:, None], kernel)[0]
    target, spread = float(scores.mean()), float(scores.std())
    require(spread > 0, f"all held-out rows have the score {target:g}: give temperature")
    log_t = np.log(spread * np.sqrt(2 / rows.shape[1]))  # exact for a quadratic score
    first = rows[np.linspace(0, len(rows) - 1, SIZE).round().astype(int)]
    state, means = init(scorer, [SEED], kernel, first[None]), []
    for stage in range(COARSE_STAGES + FINE_STAGES):
        temperatures, trace = np.full(SIZE, np.exp(log_t)), []
        for _ in range(STAGE_LENGTH):
            state, _ = step(state, scorer, kernel, temperatures, adapt=True)
            trace.append(state.scores)
        half = np.array(trace[STAGE_LENGTH // 2 :])
        means.append(float(half.mean()))
        newton = (target - means[-1]) * np.exp(log_t) / max(half.var(), 1e-300)
        log_t += np.clip(newton, -1, 1) / max(1, stage - COARSE_STAGES + 2)
    reached = float(np.mean(means[-FINE_STAGES // 2 :]))
    if not abs(reached - target) < spread / 4:
        problem = (
            f"the mean score is {target:.4g} of held-out rows, {reached:.4g} of samples at T = {np.exp(log_t):.3g}"
        )
        raise InputError(f"{problem}: no temperature makes them equal, give temperature")
    return float(np.exp(log_t)), target
