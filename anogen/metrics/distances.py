"""Euclidean distances between images, exact and in little memory."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from anogen.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
CHUNK = 512
SAMPLE = 1000  # images that stand for a large set where all pairs count


def nearest(x: ArrayLike, real: ArrayLike) -> tuple[Floats, Ints]:
    """Distance (n,) of each row of x to its nearest row of real, and that row's index (n,).

    |a - b|^2 = |a|^2 - 2 a.b + |b|^2 finds the row; the distance itself is then taken without that cancellation, so
    that a copy of a real image is at distance exactly 0.
    """
    x, real = _rows(x), _rows(real)
    if x.shape[1] != real.shape[1]:
        raise InputError(f"images have {x.shape[1]} pixels and real ones {real.shape[1]}: give images of one shape")
    distance, index = np.empty(len(x)), np.empty(len(x), np.intp)
    for i in range(0, len(x), CHUNK):
        a = x[i : i + CHUNK].astype(np.float64)
        best, at = np.full(len(a), np.inf), np.zeros(len(a), np.intp)
        for j in range(0, len(real), CHUNK):
            b = real[j : j + CHUNK].astype(np.float64)
            square = (b * b).sum(axis=1) - 2 * (a @ b.T)  # |a|^2 is the same for all b
            column = square.argmin(axis=1)
            value = square[np.arange(len(a)), column]
            closer = value < best
            best[closer], at[closer] = value[closer], j + column[closer]
        distance[i : i + CHUNK] = np.linalg.norm(a - real[at], axis=1)
        index[i : i + CHUNK] = at
    return distance, index


def mean_pairwise(x: ArrayLike) -> float:
    """Mean distance over all pairs of rows.

    Raises
    ------
    InputError
        If there are fewer than two rows.
    """
    x = _rows(x)
    if len(x) < 2:
        raise InputError(f"diversity of {len(x)} image: give at least two")
    total = sum(
        cdist(x[i : i + CHUNK], x[j : j + CHUNK]).sum()
        for i in range(0, len(x), CHUNK)
        for j in range(0, len(x), CHUNK)
    )
    return float(total / (len(x) * (len(x) - 1)))


def spread(x: ArrayLike, size: int = SAMPLE) -> NDArray[np.floating]:
    """At most ``size`` rows, evenly spaced: a sample that involves no chance."""
    x = _rows(x)
    return x if len(x) <= size else x[np.linspace(0, len(x) - 1, size).round().astype(int)]


def bootstrap_difference(a: ArrayLike, b: ArrayLike, seed: int, draws: int = 2000) -> tuple[float, float]:
    """95% interval of mean_pairwise(a) - mean_pairwise(b), resampling images (not pairs) with replacement.

    The two copies of an image that is drawn twice are not a pair: their distance 0 would bias every draw downwards. Of
    sets larger than 1,000 images, 1,000 evenly spaced ones are used.

    Raises
    ------
    InputError
        If either set has fewer than three images.
    """
    rng = np.random.default_rng(seed)
    low, high = np.percentile(_resampled(a, rng, draws) - _resampled(b, rng, draws), [2.5, 97.5])
    return float(low), float(high)


def _resampled(x: ArrayLike, rng: np.random.Generator, draws: int) -> Floats:
    """Mean pairwise distance (draws,) of bootstrap samples of x."""
    x = spread(x)
    n = len(x)
    if n < 3:
        raise InputError(f"a bootstrap over {n} images: give at least three")
    times = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(np.float64)
    pairs = n * n - (times * times).sum(axis=1)
    pairs[pairs == 0] = np.nan  # one image drawn n times has no pair
    means = ((times @ cdist(x, x)) * times).sum(axis=1) / pairs
    return np.where(np.isnan(means), np.nanmean(means), means)


def distinct_clusters(images: ArrayLike, train: ArrayLike, clusters: int = 16, seed: int = 0) -> int:
    """Number of k-means clusters of the real class that the images' nearest real neighbours fall in (thesis-c-23).

    Raises
    ------
    InputError
        If there are fewer real images than clusters.
    """
    from sklearn.cluster import KMeans

    train = _rows(train)
    if len(train) < clusters:
        raise InputError(f"{clusters} clusters of {len(train)} images: ask for fewer clusters")
    groups = KMeans(clusters, n_init=4, random_state=seed).fit(train.astype(np.float64)).labels_
    return len(np.unique(groups[nearest(images, train)[1]]))


def _rows(x: ArrayLike) -> NDArray[np.floating]:
    rows = np.asarray(x)
    if rows.ndim != 2 or len(rows) == 0:
        raise InputError(f"images of shape {rows.shape} do not fit: give at least one row of pixels")
    if not np.isfinite(rows).all():
        raise InputError("the images hold NaN or infinity: remove them before measuring")
    return rows if rows.dtype.kind == "f" else rows.astype(np.float64)
