"""One generation of children: choose parents by rank, average them, mutate half (thesis 5.3.2).

`recombine_and_mutate` is for the processor: one pass over a population that fits in its cache, with random numbers drawn where they
are used. `recombine_and_mutate_on_device` says the same in torch's operations, for a GPU; its random numbers are others, of the same
laws.
"""

import numpy as np
import torch
from numba import njit, uint32
from torch import Tensor

from anogen.generators.philox import NUMPY, normals, uniform, words

PARENTS, MUTATES, CHANGE = 0, 1, 2  # last word of the addresses: what the random numbers are for


@njit(**NUMPY)
def recombine_and_mutate(population, scores, law, children, sigma, rate, clip, elites, low, high, generation):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `children` (P, d) with the next generation of `population` (P, d), float32.

    Parameters
    ----------
    scores
        Of the population, (P,) float64; the lower, the likelier to be a parent.
    law
        Cumulative probability of a parent's rank, (P,) float64.
    sigma
        Standard deviation of a mutation, float32.
    rate
        Share of the children that are mutated.
    clip
        Whether pixels are kept in [0, 1].
    elites
        How many of the best go on unchanged, as the first children.
    low
        Low word of the run's seed: with `high` and `generation` the address of the random numbers.
    high
        High word of the run's seed.
    generation
        Number of this generation.
    """
    p, d = population.shape
    by_rank = np.argsort(scores, kind="mergesort")  # stable: equal scores keep their order
    parents, mutates = np.empty((4, p), np.uint32), np.empty((4, p), np.uint32)
    words(parents, uint32(0), generation, uint32(PARENTS), low, high)
    words(mutates, uint32(0), generation, uint32(MUTATES), low, high)
    bits = np.empty((4, (d + 3) // 4), np.uint32)
    noise = np.empty(4 * bits.shape[1], np.float32)
    half = np.float32(0.5)
    least, most = np.float32(0 if clip else -np.inf), np.float32(1 if clip else np.inf)
    for i in range(elites):
        children[i] = population[by_rank[i]]
    for i in range(elites, p):
        mother = population[by_rank[_rank(law, uniform(parents[0, i], parents[1, i]))]]
        father = population[by_rank[_rank(law, uniform(parents[2, i], parents[3, i]))]]
        child = children[i]
        if uniform(mutates[0, i], mutates[1, i]) < rate:
            words(bits, uint32(i), generation, uint32(CHANGE), low, high)
            normals(noise, bits)
            for j in range(d):
                child[j] = min(most, max(least, half * (mother[j] + father[j]) + sigma * noise[j]))
        else:
            for j in range(d):
                child[j] = min(most, max(least, half * (mother[j] + father[j])))


@njit(error_model="numpy", inline="always")
def _rank(law, u):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return how many of law (P,), but not of the last, are below u, by bisection.

    Its steps are as likely to go one way as the other: a branch would be guessed wrongly half of the time, so the sign
    of a difference is made a mask.
    """
    at, size = np.int64(0), len(law)
    while size > 1:
        middle = size >> 1
        at += middle & (np.float64(law[at + middle - 1] - u).view(np.int64) >> 63)
        size -= middle
    return at


def on_processor(population: Tensor) -> bool:
    """Tell whether a population (P, d) is in the processor's memory, where compiled loops may work on it."""
    return population.device.type == "cpu"


def recombine_and_mutate_on_device(
    population: Tensor,
    scores: Tensor,
    law: Tensor,
    *,
    sigma: float,
    rate: float,
    clip: bool,
    elites: int,
    seed: int,
    generation: int,
) -> Tensor:
    """Return the next generation of a population (P, d) on its own device, which has scores and law too.

    The parameters are those of `recombine_and_mutate`.
    """
    p, device = len(population), population.device
    address = int(np.random.SeedSequence([seed, generation]).generate_state(1, np.uint64)[0] >> 1)
    generator = torch.Generator(device).manual_seed(address)
    by_rank = scores.argsort(stable=True)
    drawn = torch.rand(2, p, dtype=torch.float64, generator=generator, device=device)
    mothers, fathers = by_rank[torch.searchsorted(law, drawn).clamp_(max=p - 1)]
    children = (population[mothers] + population[fathers]).mul_(0.5)
    mutated = torch.rand(p, 1, generator=generator, device=device) < rate
    children += sigma * mutated * torch.randn(children.shape, generator=generator, device=device)
    if clip:
        children.clamp_(0, 1)
    children[:elites] = population[by_rank[:elites]]
    return children


@njit(**NUMPY)
def summarize_fitness(scores):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the index of the lowest of scores (P,), their mean, and whether one is NaN."""
    lowest, total, broken = 0, 0.0, False
    for i in range(len(scores)):
        total += scores[i]
        broken |= np.isnan(scores[i])
        if scores[i] < scores[lowest]:
            lowest = i
    return lowest, total / len(scores), broken
