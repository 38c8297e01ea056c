"""The same algorithm as others would write it today: a NumPy loop; `libraries` has it in evotorch, pymoo and DEAP.

Every function scores each generation of 150 rows in one call, draws parents with the same probabilities, averages two
of them, mutates half of the children by N(0, 0.01²), clips, and replaces the whole population. Each returns the image
(d,) of the lowest score in its last population.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from anogen.generators import EvolutionConfig

Score = Callable[[np.ndarray], np.ndarray]  # of rows (n, d), float64, as (n,)

SETTINGS = EvolutionConfig()
P, RATE, SIGMA = SETTINGS.population_size, SETTINGS.mutation_rate, SETTINGS.mutation_std
LAW = np.arange(P, 0, -1) / (P * (P + 1) / 2)  # probability of the parent of rank 0, 1, ...: it falls linearly


def in_numpy(score: Score, d: int, generations: int, seed: int) -> np.ndarray:
    """Evolve by a vectorised loop."""
    rng = np.random.default_rng(seed)
    population = rng.random((P, d))
    scores = score(population)
    for _ in range(generations):
        by_rank = np.argsort(scores)
        mothers, fathers = by_rank[rng.choice(P, size=(2, P), p=LAW)]
        children = (population[mothers] + population[fathers]) / 2
        mutated = rng.random(P) < RATE
        children[mutated] += rng.normal(0, SIGMA, (mutated.sum(), d))
        population = np.clip(children, 0, 1)
        scores = score(population)
    return population[scores.argmin()]


def tensors(score: Score) -> Callable[[Any], Any]:
    """Return a score of arrays as one of tensors."""
    import torch

    return partial(lambda f, x: torch.from_numpy(np.asarray(f(x.double().numpy())).astype(np.float32)), score)
