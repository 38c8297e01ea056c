"""One generation of children: choose parents by rank, average them, mutate half (thesis 5.3.2).

`breed` is for the processor: one pass over a population that fits in its cache, with random numbers drawn where they
are used. `breed_on_device` says the same in torch's operations, for a GPU; its random numbers are others, of the same
laws.
"""

import numpy as np
import torch
from numba import njit, uint32
from torch import Tensor

from anogen.generation.philox import NUMPY, normals, philox, uniform, words

PARENTS, MUTATES, CHANGE = 0, 1, 2  # last word of the addresses: what the random numbers are for


@njit(**NUMPY)
def breed(population, scores, law, children, sigma, rate, clip, elites, low, high, generation):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `children` (P, d) with the next generation of `population` (P, d), float32.

    Parameters
    ----------
    scores
        Of the population, (P,) float64; the lower, the likelier to be a parent.
    law
        Cumulative probability of a parent's rank, (P,) float64.
    sigma, rate
        Standard deviation of a mutation, float32, and the share of children that have one.
    clip
        Whether pixels are kept in [0, 1].
    elites
        How many of the best go on unchanged, as the first children.
    low, high, generation
        The two words of the run's seed, and the number of this generation: the address of its random numbers.
    """
    p, d = population.shape
    by_rank = np.argsort(scores, kind="mergesort")  # stable: equal scores keep their order
    bits = np.empty((4, (d + 3) // 4), np.uint32)
    noise = np.empty(4 * bits.shape[1], np.float32)
    zero, half, one = np.float32(0), np.float32(0.5), np.float32(1)
    for i in range(elites):
        children[i] = population[by_rank[i]]
    for i in range(elites, p):
        u, v, w, x = philox(uint32(i), uint32(0), generation, uint32(PARENTS), low, high)
        mother = population[by_rank[min(np.searchsorted(law, uniform(u, v)), p - 1)]]
        father = population[by_rank[min(np.searchsorted(law, uniform(w, x)), p - 1)]]
        child = children[i]
        u, v, w, x = philox(uint32(i), uint32(0), generation, uint32(MUTATES), low, high)
        if uniform(u, v) < rate:
            words(bits, uint32(i), generation, uint32(CHANGE), low, high)
            normals(noise, bits)
            for j in range(d):
                child[j] = half * (mother[j] + father[j]) + sigma * noise[j]
        else:
            for j in range(d):
                child[j] = half * (mother[j] + father[j])
        if clip:
            for j in range(d):
                pixel = child[j]
                pixel = max(zero, pixel)
                child[j] = min(one, pixel)


def breed_on_device(
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
    """Return the next generation of a population (P, d) on its own device; the parameters are those of `breed`."""
    p, device = len(population), population.device
    address = int(np.random.SeedSequence([seed, generation]).generate_state(1, np.uint64)[0] >> 1)
    generator = torch.Generator(device).manual_seed(address)
    by_rank = scores.argsort(stable=True)
    drawn = torch.rand(2, p, dtype=torch.float64, generator=generator, device=device)
    mothers, fathers = by_rank[torch.searchsorted(law.to(device), drawn).clamp_(max=p - 1)]
    children = (population[mothers] + population[fathers]).mul_(0.5)
    mutated = torch.rand(p, 1, generator=generator, device=device) < rate
    children += sigma * mutated * torch.randn(children.shape, generator=generator, device=device)
    if clip:
        children.clamp_(0, 1)
    children[:elites] = population[by_rank[:elites]]
    return children


@njit(**NUMPY)
def survey(scores):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the index of the lowest of scores (P,), their mean, and whether one is NaN."""
    lowest, total, broken = 0, 0.0, False
    for i in range(len(scores)):
        total += scores[i]
        broken |= np.isnan(scores[i])
        if scores[i] < scores[lowest]:
            lowest = i
    return lowest, total / len(scores), broken
