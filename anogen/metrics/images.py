"""Distances between images, exact and in little memory, and the smoothness of single images.

Images are rows x (n, d), where needed with their ``shape`` (h, w) or (h, w, 3); in [0, 1] where a unit matters.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from anogen.errors import InputError, require

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
CHUNK = 512  # rows of which all distances are computed at a time
IMAGES = 1000  # images in double precision at a time: 25 MB for CIFAR-10
SAMPLE = 1000  # images that stand for a large set where all pairs count


def nearest(x: ArrayLike, real: ArrayLike) -> tuple[Floats, Ints]:
    """Distance (n,) of each row of x to its nearest row of real, and that row's index (n,).

    ``|a - b|^2 = |a|^2 - 2 a.b + |b|^2`` finds the row; the distance itself is then taken without that cancellation, so
    that a copy of a real image is at distance exactly 0.
    """
    x, real = as_rows(x), as_rows(real)
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
    x = as_rows(x)
    require(len(x) >= 2, f"diversity of {len(x)} image: give at least two")
    starts = range(0, len(x), CHUNK)
    total = sum(cdist(x[i : i + CHUNK], x[j : j + CHUNK]).sum() for i in starts for j in starts)
    return float(total / (len(x) * (len(x) - 1)))


def spread(x: ArrayLike, size: int = SAMPLE) -> NDArray[np.floating]:
    """At most ``size`` rows, evenly spaced: a sample that involves no chance."""
    x = as_rows(x)
    return x if len(x) <= size else x[np.linspace(0, len(x) - 1, size).round().astype(int)]


def as_rows(x: ArrayLike) -> NDArray[np.floating]:
    """Return images as rows (n, d) of floats; raise `InputError` for another shape, NaN or infinity."""
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


def per_image(x: ArrayLike, shape: tuple[int, ...], metric: Callable[[Floats], Floats]) -> Floats:
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

    return per_image(x, shape, metric)
