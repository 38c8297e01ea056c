"""What a generator makes of its latent space: how smoothly, how varied if truncated, and how well inverted."""

from collections.abc import Callable

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from scipy.stats import spearmanr
from torch import Tensor

from anogen.metrics import quality
from companion.experiment import Arrays

Made = Callable[[Tensor], Tensor]  # G: (n, d_z) -> (n, d)
TRUNCATIONS = (0.5, 1.0, 2.0, np.inf)
PAIRS, LINES, STEPS = 2_000, 20, 20


def normal(rng: np.random.Generator, *shape: int) -> Tensor:
    """Draw standard normal latent vectors."""
    return torch.from_numpy(rng.normal(size=shape).astype(np.float32))


def smoothness(make: Made, latent: int, rng: np.random.Generator) -> Arrays:
    """Compare distances of latent vectors with distances of what is made of them (claim c-01).

    Arrays: `near`, the rank correlation over pairs whose distance is uniform in (0, 1); `jumps` (20,), the longest
    step on a straight line of 20 steps between two latent vectors, divided by the median step.
    """
    z, apart = normal(rng, PAIRS, latent), torch.from_numpy(rng.random((PAIRS, 1)).astype(np.float32))
    direction = normal(rng, PAIRS, latent)
    with torch.no_grad():
        moved = (make(z) - make(z + apart * direction / direction.norm(dim=1, keepdim=True))).norm(dim=1)
        share = torch.linspace(0, 1, STEPS + 1)[:, None, None]
        ends = normal(rng, 2, LINES, latent)
        lengths = (make((1 - share) * ends[0] + share * ends[1]).diff(dim=0)).norm(dim=2).numpy()
    near = spearmanr(apart[:, 0].numpy(), moved.numpy()).statistic
    return {"near": np.array(near), "jumps": lengths.max(axis=0) / np.median(lengths, axis=0)}


def truncated(rng: np.random.Generator, count: int, latent: int, bound: float) -> Tensor:
    """Draw latent vectors (count, d_z) whose every coordinate is normal, given that it is within ± bound."""
    low = ndtr(-bound)
    return torch.from_numpy(ndtri(low + (1 - 2 * low) * rng.random((count, latent))).astype(np.float32))


def truncation(make: Made, latent: int, reference: quality.Reference, count: int, rng: np.random.Generator) -> Arrays:
    """Return variety `div_ratio` (4,) and distance from real images `nn_ratio` (4,), by `TRUNCATIONS` (claim c-11)."""
    div, nn = [], []
    for bound in TRUNCATIONS:
        with torch.no_grad():
            images = make(truncated(rng, count, latent, bound)).numpy()
        div.append(quality.div_ratio(images, reference))
        nn.append(quality.nn_ratio(images, reference).mean())
    return {"div_ratio": np.array(div), "nn_ratio": np.array(nn)}


def inversion(make: Made, encode: Made, x: Tensor, z: Tensor) -> np.ndarray:
    """Return the mean relative errors of E(G(z)) and of G(E(x)), (2,)."""
    with torch.no_grad():
        back = (encode(make(z)) - z).norm(dim=1) / z.norm(dim=1)
        there = (make(encode(x)) - x).norm(dim=1) / x.norm(dim=1)
    return np.array([back.mean().item(), there.mean().item()])
