"""Measures of images that the book's claims name: smoothness by region, agreement on free pixels, diversity.

Images are rows x (n, d), where needed with their ``shape`` (h, w) or (h, w, 3).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from anogen.errors import InputError, require
from anogen.metrics import quality
from anogen.metrics.images import as_rows, nearest, per_image, spread

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def bootstrap_difference(a: ArrayLike, b: ArrayLike, seed: int, draws: int = 2000) -> tuple[float, float]:
    """95% interval of mean_pairwise(a) - mean_pairwise(b), resampling images (not pairs) with replacement.

    The two copies of an image that is drawn twice are not a pair: their distance 0 would bias every draw downwards. Of
    sets larger than 1,000 images, 1,000 evenly spaced ones are used; three images are needed in each set.
    """
    rng = np.random.default_rng(seed)
    low, high = np.percentile(_resampled(a, rng, draws) - _resampled(b, rng, draws), [2.5, 97.5])
    return float(low), float(high)


def _resampled(x: ArrayLike, rng: np.random.Generator, draws: int) -> Floats:
    """Mean pairwise distance (draws,) of bootstrap samples of x."""
    x = spread(x)
    n = len(x)
    require(n >= 3, f"a bootstrap over {n} images: give at least three")
    times = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(np.float64)
    pairs = n * n - (times * times).sum(axis=1)
    pairs[pairs == 0] = np.nan  # one image drawn n times has no pair
    means = ((times @ cdist(x, x)) * times).sum(axis=1) / pairs
    return np.where(np.isnan(means), np.nanmean(means), means)


def distinct_clusters(groups: Sequence[ArrayLike], train: ArrayLike, clusters: int = 16, seed: int = 0) -> list[int]:
    """Number of k-means clusters of the real class that the nearest real neighbours of each group's images fall in.

    Each group is (n, d); the real class is clustered once for all of them (thesis-c-23).
    """
    from sklearn.cluster import KMeans

    train = as_rows(train)
    require(len(train) >= clusters, f"{clusters} clusters of {len(train)} images: ask for fewer clusters")
    labels = KMeans(clusters, n_init=4, random_state=seed).fit(train.astype(np.float64)).labels_
    return [len(np.unique(labels[nearest(group, train)[1]])) for group in groups]


def local_var(x: ArrayLike, shape: tuple[int, ...], region: ArrayLike | None = None) -> Floats:
    """Mean absolute difference (n,) of horizontally and vertically adjacent pixels, of which both lie in ``region``.

    The region, bool (h, w), is the whole image if not given; see `edge_centre`.
    """
    inside = np.ones(shape[:2], bool) if region is None else np.asarray(region, bool)
    across, down = inside[:, 1:] & inside[:, :-1], inside[1:] & inside[:-1]
    require(across.any() or down.any(), "the region holds no two adjacent pixels: give a larger one")

    def metric(images: Floats) -> Floats:
        steps = (np.abs(np.diff(images, axis=2))[:, across], np.abs(np.diff(images, axis=1))[:, down])
        return np.concatenate(steps, axis=1).mean(axis=(1, 2))

    return per_image(x, shape, metric)


def laplacian_energy(x: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """High-frequency energy (n,): mean absolute Laplacian (five-point) over the inner pixels and the channels."""

    def metric(v: Floats) -> Floats:
        inner = v[:, :-2, 1:-1] + v[:, 2:, 1:-1] + v[:, 1:-1, :-2] + v[:, 1:-1, 2:] - 4 * v[:, 1:-1, 1:-1]
        return np.asarray(np.abs(inner).mean(axis=(1, 2, 3)))

    return per_image(x, shape, metric)


def edge_centre(shape: tuple[int, ...]) -> tuple[Bools, Bools]:
    """Masks (h, w) of the edge, a frame 4 pixels wide, and of the centre: 14x14 of 28x28, 16x16 of 32x32."""
    h, w = shape[:2]
    edge, centre = np.ones((h, w), bool), np.zeros((h, w), bool)
    edge[4 : h - 4, 4 : w - 4] = False
    centre[h // 4 : h // 4 + h // 2, w // 4 : w // 4 + w // 2] = True
    return edge, centre


def region_mean(x: ArrayLike, shape: tuple[int, ...], region: ArrayLike) -> Floats:
    """Mean brightness (n,) over a region, bool (h, w), and the channels."""
    inside = np.asarray(region, bool)
    require(inside.any(), "the region holds no pixel: give a larger one")
    return per_image(x, shape, lambda images: images[:, inside].mean(axis=(1, 2)))


def free_err(x: ArrayLike, target: ArrayLike, fixed: ArrayLike) -> Floats:
    """Mean absolute difference (n,) of images (n, d) and their target over the pixels that were not fixed.

    The target is (n, d) or (d,), in [0, 1]; fixed, bool (n, d) or (d,), has to leave each image a free pixel.
    """
    x, target, free = _guided(x, target, fixed)
    return np.asarray((np.abs(x - target) * free).sum(axis=1) / free.sum(axis=1))


def free_err_rel(x: ArrayLike, target: ArrayLike, fixed: ArrayLike) -> Floats:
    """`free_err` divided by its expectation for uniform random pixels, E|U - t| = t^2 - t + 1/2: 1 = a random guess."""
    _, t, free = _guided(x, target, fixed)
    return free_err(x, target, fixed) / ((t * t - t + 0.5) * free).sum(axis=1) * free.sum(axis=1)


def _guided(x: ArrayLike, target: ArrayLike, fixed: ArrayLike) -> tuple[Floats, Floats, Bools]:
    rows = np.atleast_2d(np.asarray(x, dtype=np.float64))
    try:
        goal = np.broadcast_to(np.asarray(target, dtype=np.float64), rows.shape)
        free = ~np.broadcast_to(np.asarray(fixed, dtype=bool), rows.shape)
    except ValueError as error:
        shapes = f"target {np.shape(target)} nor mask {np.shape(fixed)}"
        raise InputError(f"images {rows.shape} fit neither {shapes}") from error
    finite = np.isfinite(rows).all() and np.isfinite(goal).all()
    require(finite, "the images or their targets hold NaN or infinity: remove them before measuring")
    require(free.any(axis=1).all(), "an image has no free pixel: fix fewer than all of them")
    return rows, goal, free


def noise_floor(reference: quality.Reference, seed: int = 0, count: int = 100) -> dict[str, NDArray[Any]]:
    """`nn_ratio`, `morans_i` and `noise_like`, each (count,), of uniform noise: how bad the worst looks.

    Where the real images are far from one another, even pure noise may be nearer than two such distances; `noise_like`
    then says nothing, and a page that uses it should say so.
    """
    return quality.measure_unclassified(
        np.random.default_rng(seed).random((count, reference.train.shape[1])), reference
    )


def score_rank(scores: ArrayLike, real_scores: ArrayLike) -> Floats:
    """Share (n,) of held-out real images with an anomaly score at or below each score: 0 = more normal than all."""
    s, real = np.asarray(scores, dtype=np.float64), np.sort(np.asarray(real_scores, dtype=np.float64).ravel())
    if real.size == 0 or np.isnan(real).any() or np.isnan(s).any():
        raise InputError("a score is NaN, or there is no real score to rank against: score held-out real images first")
    return np.asarray(np.searchsorted(real, s, side="right") / real.size)
