"""One generation of offspring: select parents by rank, average them, mutate half (thesis 5.3.2).

`recombine_and_mutate` is for the CPU: one pass over a population that fits in its cache, with random numbers computed
where they are used. `recombine_and_mutate_on_device` is the same algorithm in torch operations, for a GPU. CPU and GPU
streams differ but have the same distribution.

The CPU's random numbers are a function of their address: Philox-4x32-10, and normals from it by Box and Muller. They
depend on a run's seed, the generation and the child alone. A run needs no stored generator state, and gives the same
bits alone, in any batch and after an interruption. Only integer arithmetic and correctly rounded operations (+, *, /,
square root) are used, each a loop that a compiler turns into vector instructions: a normal costs a third of what it
costs from torch's generator, and has the same bits on every machine.

Sources: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011); Box and Muller (1958).
"""

from typing import Any

import numpy as np
import torch
from numba import float32, int32, njit, uint32, uint64
from torch import Tensor

PARENTS, MUTATES, NOISE = 0, 1, 2  # last word of the addresses: the purpose of the random numbers
# no branch for a division by 0: such a branch forbids vectors
NUMPY: dict[str, Any] = {"error_model": "numpy", "cache": True}
INLINE: dict[str, Any] = {"error_model": "numpy", "inline": "always"}
LN2, HALF_PI = np.float32(np.log(2)), np.float32(np.pi / 2)


@njit(**INLINE)
def _round(a, b, c, d, k, m):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Mix four words once with two words of key; return the words and the next round's key."""
    x, y = uint64(0xD2511F53) * uint64(a), uint64(0xCD9E8D57) * uint64(c)
    a, c = uint32(y >> uint64(32)) ^ b ^ k, uint32(x >> uint64(32)) ^ d ^ m
    return a, uint32(y), c, uint32(x), uint32(k + uint32(0x9E3779B9)), uint32(m + uint32(0xBB67AE85))


@njit(**INLINE)
def philox(a, b, c, d, k, m):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return four random words, uint32, for the address (a, b, c, d) and the key (k, m)."""
    # ten rounds, written out: a loop here would keep the caller's loop from becoming vector instructions
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    a, b, c, d, k, m = _round(a, b, c, d, k, m)
    return a, b, c, d


@njit(**INLINE)
def uniform(high, low):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return a number in [0, 1), float64 of 53 random bits, from two words."""
    return (np.float64(high >> uint32(5)) * 67108864.0 + np.float64(low >> uint32(6))) / 9007199254740992.0


@njit(**INLINE)
def box_muller(u, v):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return two independent standard normals, float32, from two words: radius sqrt(-2 ln u), a random direction."""
    # ln u for u = n / 2^24, n = 1, ..., 2^24: n = 2^e f with 1 <= f < 2, and ln f = 2 artanh((f - 1) / (f + 1))
    bits = np.float32(uint32(u >> uint32(8)) + uint32(1)).view(np.uint32)
    e = float32(int32(int32(bits >> uint32(23)) - int32(127 + 24)))
    f = np.uint32((bits & uint32(0x7FFFFF)) | uint32(0x3F800000)).view(np.float32)
    s = (f - float32(1)) / (f + float32(1))
    q = s * s
    series = float32(1 / 7) + q * (float32(1 / 9) + q * float32(1 / 11))
    series = float32(1) + q * (float32(1 / 3) + q * (float32(1 / 5) + q * series))
    radius = np.sqrt(float32(-2) * (float32(2) * s * series + e * LN2))
    # a direction in the first quadrant by Taylor's series, and two bits that change the signs
    t = float32(int32(v >> uint32(10))) * (HALF_PI / float32(2**22))
    q = t * t
    sine = float32(1 / 120) + q * (float32(-1 / 5040) + q * (float32(1 / 362880) + q * float32(-1 / 39916800)))
    sine = t * (float32(1) + q * (float32(-1 / 6) + q * sine))
    cosine = float32(1 / 40320) + q * (float32(-1 / 3628800) + q * float32(1 / 479001600))
    cosine = float32(1 / 24) + q * (float32(-1 / 720) + q * cosine)
    cosine = float32(1) + q * (float32(-1 / 2) + q * cosine)
    right = np.float32(radius * cosine).view(np.uint32) ^ uint32(v << uint32(31))
    up = np.float32(radius * sine).view(np.uint32) ^ uint32((v & uint32(2)) << uint32(30))
    return np.uint32(right).view(np.float32), np.uint32(up).view(np.float32)


@njit(**NUMPY)
def words(out, b, c, d, k, m):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `out` (4, n), uint32, with the words of the addresses (0..n-1, b, c, d)."""
    first, second, third, fourth = out[0], out[1], out[2], out[3]
    for i in range(out.shape[1]):
        w, x, y, z = philox(uint32(i), b, c, d, k, m)
        first[i] = w
        second[i] = x
        third[i] = y
        fourth[i] = z


@njit(**NUMPY)
def normals(out, bits):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Fill `out` (4 n,), float32, with standard normals made of `bits` (4, n)."""
    half = len(out) // 2
    u, v = bits.ravel()[:half], bits.ravel()[half:]
    left, right = out[:half], out[half:]
    for i in range(half):
        x, y = box_muller(u[i], v[i])
        left[i] = x
        right[i] = y


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


@njit(**INLINE)
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
