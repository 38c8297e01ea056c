"""One generation of offspring: select parents by rank, average them, mutate half (thesis 5.3.2).

`recombine_and_mutate` is for the CPU: one pass over a population that fits in its cache, with random numbers computed
where they are used. `recombine_and_mutate_on_device` is the same algorithm in torch operations, for a GPU. CPU and GPU
streams differ but have the same distribution.
"""

import numpy as np
import torch
from numba import njit, uint32
from torch import Tensor

from anogen.generators.philox import NUMPY, normals, uniform, words

PARENTS, MUTATES, NOISE = 0, 1, 2  # last word of the addresses: the purpose of the random numbers


@njit(**NUMPY)
def recombine_and_mutate(population, scores, cdf, offspring, std, rate, clip, n_elites, low, high, generation):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `offspring` (P, d) with the next generation of `population` (P, d), float32.

    Scores and cdf, the cumulative probability of a parent's rank, are (P,) float64; std, of a mutation, is float32.
    The elites survive as the first offspring. The two words of the run's seed, low and high, are with the generation
    the address of the random numbers.
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
    for i in range(n_elites):
        offspring[i] = population[by_rank[i]]
    for i in range(n_elites, p):
        parent_a = population[by_rank[_rank(cdf, uniform(parents[0, i], parents[1, i]))]]
        parent_b = population[by_rank[_rank(cdf, uniform(parents[2, i], parents[3, i]))]]
        child = offspring[i]
        if uniform(mutates[0, i], mutates[1, i]) < rate:
            words(bits, uint32(i), generation, uint32(NOISE), low, high)
            normals(noise, bits)
            for j in range(d):
                child[j] = min(most, max(least, half * (parent_a[j] + parent_b[j]) + std * noise[j]))
        else:
            for j in range(d):
                child[j] = min(most, max(least, half * (parent_a[j] + parent_b[j])))


@njit(error_model="numpy", inline="always")
def _rank(cdf, u):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the number of values of cdf (P,), without the last, that are below u, by bisection.

    Both outcomes of a step are equally probable, so a branch would be mispredicted half of the time: the sign of the
    difference becomes a mask instead.
    """
    at, size = np.int64(0), len(cdf)
    while size > 1:
        middle = size >> 1
        at += middle & (np.float64(cdf[at + middle - 1] - u).view(np.int64) >> 63)
        size -= middle
    return at


def on_cpu(population: Tensor) -> bool:
    """Return whether a population (P, d) is in the CPU's memory, where compiled loops can use it."""
    return population.device.type == "cpu"


def recombine_and_mutate_on_device(
    population: Tensor,
    scores: Tensor,
    cdf: Tensor,
    *,
    std: float,
    rate: float,
    clip: bool,
    n_elites: int,
    seed: int,
    generation: int,
) -> Tensor:
    """Return the next generation of a population (P, d) on its own device, where scores and cdf are, too."""
    p, device = len(population), population.device
    address = int(np.random.SeedSequence([seed, generation]).generate_state(1, np.uint64)[0] >> 1)
    generator = torch.Generator(device).manual_seed(address)
    by_rank = scores.argsort(stable=True)
    uniforms = torch.rand(2, p, dtype=torch.float64, generator=generator, device=device)
    parents_a, parents_b = by_rank[torch.searchsorted(cdf, uniforms).clamp_(max=p - 1)]
    offspring = (population[parents_a] + population[parents_b]).mul_(0.5)
    mutated = torch.rand(p, 1, generator=generator, device=device) < rate
    offspring += std * mutated * torch.randn(offspring.shape, generator=generator, device=device)
    if clip:
        offspring.clamp_(0, 1)
    offspring[:n_elites] = population[by_rank[:n_elites]]
    return offspring


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
