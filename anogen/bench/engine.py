"""The evolution's own cost: a generation with a score that costs nothing."""

from typing import Any

import torch
from torch import Tensor

from anogen.bench.rates import Rates
from anogen.bench.timing import threads, timed
from anogen.generators import EvolutionConfig, evolve
from anogen.scorers import Scorer

D, GENERATIONS = 784, 200  # so many that the first population, which is drawn in another way, does not count


class FirstPixel(Scorer):
    """Scores a row by its first pixel: as little as a score can cost that still has something to choose by."""

    n_features_in_ = D
    widens = True

    def score(self, x: Tensor) -> Tensor:
        """Return the first column of rows (n, d), (n,)."""
        return x[:, 0]


def engine(seconds: float) -> dict[str, Any]:
    """Time generations of 150 x 784 on one thread, and what they cannot do without.

    That is one pass that reads two parents and writes a child, and normals for half of the children, from the
    fastest of three generators.
    """
    settings = EvolutionConfig()

    def run() -> None:
        for _ in evolve(FirstPixel(), [0], n_generations=GENERATIONS, config=settings):
            pass

    with threads(1), torch.inference_mode():
        whole = timed(run, 4 * seconds)
        rates = Rates(1, seconds)
        drawn = rates.normals(settings.population_size * D // 2)
        averaged = rates.averaging(settings.population_size, D)
    return {
        "ms_per_generation": whole.ms / GENERATIONS,
        "bound_ms": averaged + min(drawn.values()),
        "spread_ms": [end / GENERATIONS for end in whole.spread],
        "averaging_ms": averaged,
        "normals_ms": drawn,
        "threads": 1,
    }
