"""The evolutionary algorithm as a vectorised NumPy loop: the baseline of the benchmark."""

from collections.abc import Callable

import numpy as np

from anogen.generators import EvolutionConfig

Score = Callable[[np.ndarray], np.ndarray]  # rows (n, d), float64 -> scores (n,)

SETTINGS = EvolutionConfig()
P, RATE, SIGMA = SETTINGS.population_size, SETTINGS.mutation_rate, SETTINGS.mutation_std
SELECTION = np.arange(P, 0, -1) / (P * (P + 1) / 2)  # probabilities of ranks 0, 1, ..., which decrease linearly


def in_numpy(score: Score, d: int, generations: int, seed: int) -> np.ndarray:
    """Return the image (d,) with the lowest score in the last population."""
    rng = np.random.default_rng(seed)
    population = rng.random((P, d))
    scores = score(population)
    for _ in range(generations):
        by_rank = np.argsort(scores)
        parents_a, parents_b = by_rank[rng.choice(P, size=(2, P), p=SELECTION)]
        children = (population[parents_a] + population[parents_b]) / 2
        mutated = rng.random(P) < RATE
        children[mutated] += rng.normal(0, SIGMA, (mutated.sum(), d))
        population = np.clip(children, 0, 1)
        scores = score(population)
    return population[scores.argmin()]
