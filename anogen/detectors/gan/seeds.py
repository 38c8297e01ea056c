"""Seeds of a generator by their Chebyshev norm, and the law of that norm (Eq. 1 of the tailored paper)."""

from typing import Literal

import numpy as np
import torch
from scipy import special
from torch import Tensor

from anogen.errors import InputError

RADIUS = 5.0  # r_A: fakes have seeds below it, anomalies above
NEAR = (5.0, 6.0)  # of the near anomalies in training
TESTED = (6.0, 7.0)  # of those in the tables


def norm(seeds: Tensor) -> Tensor:
    """Return the Chebyshev norm max |n_i| of seeds (..., N), (...)."""
    return seeds.abs().amax(dim=-1)


def scaled(seeds: Tensor, radius: Tensor | float) -> Tensor:
    """Return seeds (..., N) in the same directions, with the given norms (...): a seed "modifying its norm"."""
    return seeds * (torch.as_tensor(radius, dtype=seeds.dtype) / norm(seeds)).unsqueeze(-1)


def natural(count: int, length: int, generator: torch.Generator, below: float = RADIUS) -> Tensor:
    """Draw standard normal seeds (count, length) and reject those whose norm is `below` or more (4 in 100,000 at 5)."""
    drawn = torch.randn(count, length, generator=generator)
    while (outside := norm(drawn) >= below).any():
        drawn[outside] = torch.randn(int(outside.sum()), length, generator=generator)
    return drawn


def between(count: int, length: int, band: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Draw seeds (count, length) of norms uniform in a band: normal directions, rescaled.

    To wait for a normal seed of norm 5 to 6 is hopeless: 4 in 100,000 reach 5.

    Raises
    ------
    InputError
        If the band is empty or begins below 0.
    """
    low, high = band
    if not 0 <= low < high:
        raise InputError(f"norms from {low:g} to {high:g} make no band: give two numbers from 0 on, ascending")
    directions = torch.randn(count, length, generator=generator)
    return scaled(directions, low + (high - low) * torch.rand(count, generator=generator))


def drawn(kind: Literal["natural", "uniform"], count: int, length: int, generator: torch.Generator) -> Tensor:
    """Draw the seeds of fakes, norm below r_A: with their natural norms, about 2.5, or with norms uniform in [0, 5]."""
    if kind == "natural":
        return natural(count, length, generator)
    return between(count, length, (0.0, RADIUS), generator)


def density(x: np.ndarray, length: int) -> np.ndarray:
    """Density of max |n_i| of N standard normal numbers: Eq. 1, corrected (`inc-tailored-01`)."""
    inside = special.erf(np.abs(x) / np.sqrt(2)) ** (length - 1)
    return np.asarray(np.where(x >= 0, length * np.sqrt(2 / np.pi) * np.exp(-(x**2) / 2) * inside, 0.0))


def cumulative(x: np.ndarray, length: int) -> np.ndarray:
    """P(max |n_i| < x)."""
    return np.asarray(special.erf(np.maximum(x, 0) / np.sqrt(2)) ** length)


def printed_density(x: np.ndarray, length: int) -> np.ndarray:
    """Density of max n_i, without absolute values: Eq. 1 as it is printed."""
    return np.asarray(length / np.sqrt(2 * np.pi) * np.exp(-(x**2) / 2) * special.ndtr(x) ** (length - 1))


def printed_cumulative(x: np.ndarray, length: int) -> np.ndarray:
    """P(max n_i < x)."""
    return np.asarray(special.ndtr(x) ** length)
