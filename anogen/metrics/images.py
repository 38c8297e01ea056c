"""Distances between images, exact and in little memory, and measures of single images: smoothness, edge and centre.

Images are rows x (n, d), where needed with their ``shape`` (h, w) or (h, w, 3); in [0, 1] where a unit matters.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from anogen.errors import InputError, require

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
CHUNK = 512  # rows of which all distances are computed at a time
IMAGES = 1000  # images in double precision at a time: 25 MB for CIFAR-10
SAMPLE = 1000  # images that stand for a large set where all pairs count


def nearest(x: ArrayLike, real: ArrayLike) -> tuple[Floats, Ints]:
    """Distance (n,) of each row of x to its nearest row of real, and that row's index (n,).

    |a - b|^2 = |a|^2 - 2 a.b + |b|^2 finds the row; the distance itself is then taken without that cancellation, so
    that a copy of a real image is at distance exactly 0.
    """
    x, real = _rows(x), _rows(real)
    d, d_real = x.shape[1], real.shape[1]
    require(d == d_real, f"images have {d} pixels and real ones {d_real}: give images of one shape")
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
    """Mean distance over all pairs of at least two rows."""
    x = _rows(x)
    require(len(x) >= 2, f"diversity of {len(x)} image: give at least two")
    starts = range(0, len(x), CHUNK)
    total = sum(cdist(x[i : i + CHUNK], x[j : j + CHUNK]).sum() for i in starts for j in starts)
    return float(total / (len(x) * (len(x) - 1)))


def spread(x: ArrayLike, size: int = SAMPLE) -> NDArray[np.floating]:
    """At most ``size`` rows, evenly spaced: a sample that involves no chance."""
    x = _rows(x)
    return x if len(x) <= size else x[np.linspace(0, len(x) - 1, size).round().astype(int)]


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


def distinct_clusters(images: ArrayLike, train: ArrayLike, clusters: int = 16, seed: int = 0) -> int:
    """Number of k-means clusters of the real class that the images' nearest real neighbours fall in (thesis-c-23)."""
    from sklearn.cluster import KMeans

    train = _rows(train)
    require(len(train) >= clusters, f"{clusters} clusters of {len(train)} images: ask for fewer clusters")
    groups = KMeans(clusters, n_init=4, random_state=seed).fit(train.astype(np.float64)).labels_
    return len(np.unique(groups[nearest(images, train)[1]]))


def _rows(x: ArrayLike) -> NDArray[np.floating]:
    rows = np.asarray(x)
    fits = rows.ndim == 2 and len(rows)
    require(fits, f"images of shape {rows.shape} do not fit: give at least one row of pixels")
    require(np.isfinite(rows).all(), "the images hold NaN or infinity: remove them before measuring")
    return rows if rows.dtype.kind == "f" else rows.astype(np.float64)


def checked(x: ArrayLike, shape: tuple[int, ...], what: str = "images") -> NDArray[np.floating]:
    """Return x as a float matrix (n, d), d = prod(shape); raise `InputError` if it is empty or not finite."""
    rows = np.asarray(x)
    if rows.dtype.kind != "f":
        rows = rows.astype(np.float64)
    d, fits = int(np.prod(shape)), rows.ndim == 2 and len(rows)
    message = f"{what} of shape {rows.shape} do not fit: give at least one row of {d} pixels {shape}"
    require(fits and rows.shape[1] == d, message)
    if not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise InputError(f"{what}[{bad}] holds NaN or infinity: remove it before measuring")
    return rows


def _per_image(x: ArrayLike, shape: tuple[int, ...], metric: Callable[[Floats], Floats]) -> Floats:
    """Apply a metric of images (m, h, w, c) -> (m,) to all rows, a chunk at a time."""
    rows, (h, w, *_) = checked(x, shape), shape
    chunks = (rows[start : start + IMAGES].astype(np.float64) for start in range(0, len(rows), IMAGES))
    return np.concatenate([metric(chunk.reshape(len(chunk), h, w, -1)) for chunk in chunks])


def morans_i(x: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Spatial autocorrelation (n,): Moran's I over 4-neighbours, averaged over channels.

    I = (N / W) sum_ij w_ij z_i z_j / sum_i z_i^2 with z the deviation from the channel's mean, w_ij = 1 for adjacent
    pixels and W their number. About 0 for independent noise (-1/(N-1) on average), towards 1 for smooth images, -1 for
    a checkerboard. A constant channel, for which I is 0/0, counts as 1: flat is smooth, not noisy.
    """

    def metric(images: Floats) -> Floats:
        _, h, w, _ = images.shape
        z = images - images.mean(axis=(1, 2), keepdims=True)
        pairs = (z[:, :, 1:] * z[:, :, :-1]).sum(axis=(1, 2)) + (z[:, 1:] * z[:, :-1]).sum(axis=(1, 2))
        squares = (z * z).sum(axis=(1, 2))
        flat = images.max(axis=(1, 2)) == images.min(axis=(1, 2))
        per_pair = h * w / (h * (w - 1) + w * (h - 1))
        channels = np.where(flat, 1.0, per_pair * pairs / np.where(flat, 1.0, squares))
        return np.asarray(channels.mean(axis=1))

    return _per_image(x, shape, metric)


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

    return _per_image(x, shape, metric)


def laplacian_energy(x: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """High-frequency energy (n,): mean absolute Laplacian (five-point) over the inner pixels and the channels."""

    def metric(v: Floats) -> Floats:
        inner = v[:, :-2, 1:-1] + v[:, 2:, 1:-1] + v[:, 1:-1, :-2] + v[:, 1:-1, 2:] - 4 * v[:, 1:-1, 1:-1]
        return np.asarray(np.abs(inner).mean(axis=(1, 2, 3)))

    return _per_image(x, shape, metric)


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
    return _per_image(x, shape, lambda images: images[:, inside].mean(axis=(1, 2)))
