"""How like a set of real images a set of generated ones is: in the features of a network, or in pixels.

Sets are rows (n, f) of features. Libraries fail on sets that have collapsed to one image, which is what many searches
give; here a distance of 0 lies inside a ball of radius 0, and a set of copies has a diversity of 1.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from anogen.errors import InputError
from anogen.metrics.images import nearest

NEIGHBOURS = 5  # k of precision, recall, density and coverage

Floats = NDArray[np.float64]


class Manifold(NamedTuple):
    """Precision and recall (Kynkäänniemi et al., 2019), density and coverage (Naeem et al., 2020).

    A set is described by balls around its members that reach to their k-th nearest neighbour in the set.
    """

    precision: float  # share of generated images inside a real image's ball
    recall: float  # share of real images inside a generated image's ball
    density: float  # how many real balls a generated image lies in, in units of k; may exceed 1
    coverage: float  # share of real images with a generated image in their ball


def manifold(generated: ArrayLike, real: ArrayLike, k: int = NEIGHBOURS) -> Manifold:
    """Compare two sets of the same number of rows, (n, f), of which there must be more than k."""
    fake, true = _two(generated, real)
    if min(len(fake), len(true)) <= k:
        raise InputError(f"{min(len(fake), len(true))} images have no {k} neighbours each: give more than {k}")
    apart = cdist(fake, true)
    in_true, in_fake = apart <= _radii(true, k), apart <= _radii(fake, k)[:, None]
    return Manifold(
        float(in_true.any(axis=1).mean()),
        float(in_fake.any(axis=0).mean()),
        float(in_true.sum() / (k * len(fake))),
        float(in_true.any(axis=0).mean()),
    )


def _radii(rows: Floats, k: int) -> Floats:
    """Return the distance of each row to its k-th nearest other row, (n,)."""
    return np.asarray(np.partition(cdist(rows, rows), k, axis=1)[:, k])


def kid(generated: ArrayLike, real: ArrayLike, seed: int = 0, draws: int = 1_000) -> tuple[float, float, float]:
    """Return the kernel inception distance and its 95% interval: the unbiased squared maximum mean discrepancy.

    The kernel is (x·y / f + 1)^3 (Bińkowski et al., 2018). The interval is a bootstrap over images, not pairs; two
    copies of an image that is drawn twice are not a pair. Either set needs two rows.
    """
    fake, true = _two(generated, real)
    if min(len(fake), len(true)) < 2:
        raise InputError("a distance between distributions from one image: give at least two of either kind")
    within = [_kernel(rows, rows) for rows in (fake, true)]
    between = _kernel(fake, true)
    rng = np.random.default_rng(seed)
    times = [rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=draws) for rows in (fake, true)]
    ones = [np.ones((1, len(rows)), dtype=int) for rows in (fake, true)]
    value = _discrepancy(within, between, ones)[0]
    low, high = np.nanpercentile(_discrepancy(within, between, times), [2.5, 97.5])
    return float(value), float(low), float(high)


def _kernel(x: Floats, y: Floats) -> Floats:
    return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)


def _discrepancy(within: Sequence[Floats], between: Floats, times: Sequence[NDArray[np.integer]]) -> Floats:
    """Return the discrepancy (draws,) of sets in which row i stands times[.][draw, i] times; NaN without a pair."""
    total = -2 * ((times[0] @ between) * times[1]).sum(axis=1) / (len(between) * len(between.T))
    for kernel, count in zip(within, times, strict=True):
        copies = (count * count).astype(float)
        pairs = len(kernel) ** 2 - copies.sum(axis=1)
        pairs[pairs == 0] = np.nan
        total += (((count @ kernel) * count).sum(axis=1) - copies @ kernel.diagonal()) / pairs
    return np.asarray(total)


def vendi(rows: ArrayLike) -> float:
    """Return the Vendi score, from 1 (all rows alike) to n (all orthogonal): the effective number of different rows.

    The exponential of the entropy of the eigenvalues of K / n, K the cosine similarity (Friedman and Dieng, 2023).
    """
    x = np.asarray(rows, dtype=np.float64)
    length = np.linalg.norm(x, axis=1, keepdims=True)
    x = np.divide(x, length, out=np.zeros_like(x), where=length > 0)
    kernel = x @ x.T
    np.fill_diagonal(kernel, 1)  # of a row of zeros too
    weight = np.linalg.eigvalsh(kernel / len(x))
    weight = weight[weight > 1e-12]
    return float(np.exp(-(weight * np.log(weight)).sum()))


def conformal(x: ArrayLike, train: ArrayLike, held_out: ArrayLike) -> Floats:
    """Return the conformal p-value of each row of x, (n,): small where it is farther from all real rows than real ones.

    p = (1 + the number of held-out rows at least as far from their nearest training row) / (m + 1); for a row of the
    class itself, P(p <= a) <= a.
    """
    far, usual = nearest(x, train)[0], np.sort(nearest(held_out, train)[0])
    return np.asarray((1 + len(usual) - np.searchsorted(usual, far, side="left")) / (len(usual) + 1))


def _two(generated: ArrayLike, real: ArrayLike) -> tuple[Floats, Floats]:
    fake, true = (np.asarray(rows, dtype=np.float64) for rows in (generated, real))
    if fake.ndim != 2 or true.ndim != 2 or fake.shape[1] != true.shape[1]:
        raise InputError(f"sets of shapes {fake.shape} and {true.shape} do not fit: give rows of the same length")
    if not (np.isfinite(fake).all() and np.isfinite(true).all()):
        raise InputError("the features hold NaN or infinity: remove such images before measuring")
    return fake, true
