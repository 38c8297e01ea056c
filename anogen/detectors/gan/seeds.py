"""Seeds of a generator by their Chebyshev norm, and the distribution of that norm (Eq. 1 of the tailored paper)."""

from typing import Literal

import numpy as np
import torch
from scipy import special
from torch import Tensor

from anogen.errors import InputError

RADIUS = 5.0  # r_A: the norm below which fakes lie, and above which anomalies lie
NEAR_BAND = (5.0, 6.0)  # norms of the near anomalies in training
TEST_BAND = (6.0, 7.0)  # norms of those in the tables


def norm(seeds: Tensor) -> Tensor:
    """Return the Chebyshev norm max |n_i| of seeds (..., N), (...)."""
    return seeds.abs().amax(dim=-1)


def rescale(seeds: Tensor, radius: Tensor | float) -> Tensor:
    """Return seeds (..., N) in the same directions, with norms `radius` (...): a seed "modifying its norm"."""
    return seeds * (torch.as_tensor(radius, dtype=seeds.dtype) / norm(seeds)).unsqueeze(-1)


def sample_natural(count: int, length: int, generator: torch.Generator, below: float = RADIUS) -> Tensor:
    """Draw standard normal seeds (count, length) whose norm is less than `below` (4 in 100,000 are rejected at 5)."""
    seeds = torch.randn(count, length, generator=generator)
    while (outside := norm(seeds) >= below).any():
        seeds[outside] = torch.randn(int(outside.sum()), length, generator=generator)
    return seeds


def sample_band(count: int, length: int, band: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Draw seeds (count, length) with normal directions and norms uniform in a band.

    Rejection sampling is infeasible: 4 in 100,000 normal seeds have a norm of 5 or more. Raises `InputError` if the
    band is empty or starts below 0.
    """
    low, high = band
    if not 0 <= low < high:
        raise InputError(f"norms from {low:g} to {high:g} are not a band: give two ascending numbers from 0 on")
    directions = torch.randn(count, length, generator=generator)
    return rescale(directions, low + (high - low) * torch.rand(count, generator=generator))


def sample(kind: Literal["natural", "uniform"], count: int, length: int, generator: torch.Generator) -> Tensor:
    """Draw seeds of fakes (count, length), norm below r_A: natural norms, about 2.5, or norms uniform in [0, 5]."""
    if kind == "natural":
        return sample_natural(count, length, generator)
    return sample_band(count, length, (0.0, RADIUS), generator)


def density(x: np.ndarray, length: int) -> np.ndarray:
    """Return the density of max |n_i| of N standard normal numbers: Eq. 1, corrected (`inc-tailored-01`)."""
    inside = special.erf(np.abs(x) / np.sqrt(2)) ** (length - 1)
    return np.asarray(np.where(x >= 0, length * np.sqrt(2 / np.pi) * np.exp(-(x**2) / 2) * inside, 0.0))


def cumulative(x: np.ndarray, length: int) -> np.ndarray:
    """Return P(max |n_i| < x)."""
    return np.asarray(special.erf(np.maximum(x, 0) / np.sqrt(2)) ** length)


def printed_density(x: np.ndarray, length: int) -> np.ndarray:
    """Return the density of max n_i, without absolute values: Eq. 1 as printed."""
    return np.asarray(length / np.sqrt(2 * np.pi) * np.exp(-(x**2) / 2) * special.ndtr(x) ** (length - 1))


def printed_cumulative(x: np.ndarray, length: int) -> np.ndarray:
    """Return P(max n_i < x)."""
    return np.asarray(special.ndtr(x) ** length)
