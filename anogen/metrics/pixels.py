"""What can be told from an image alone: smoothness, noise, edge and centre.

Images are rows x (n, d) of a given ``shape`` (h, w) or (h, w, 3), in [0, 1] where a unit matters.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
CHUNK = 1000  # images in double precision at a time: 25 MB for CIFAR-10


def checked(x: ArrayLike, shape: tuple[int, ...], what: str = "images") -> NDArray[np.floating]:
    """Return x as a float matrix (n, d).

    Raises
    ------
    InputError
        If it is empty, not (n, d) with d = prod(shape), or holds NaN or infinity.
    """
    rows = np.asarray(x)
    if rows.dtype.kind != "f":
        rows = rows.astype(np.float64)
    if rows.ndim != 2 or rows.shape[1] != int(np.prod(shape)) or len(rows) == 0:
        raise InputError(
            f"{what} of shape {rows.shape} do not fit: give at least one row of {int(np.prod(shape))} pixels {shape}"
        )
    if not np.isfinite(rows).all():
        bad = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise InputError(f"{what}[{bad}] holds NaN or infinity: remove it before measuring")
    return rows


def _per_image(x: ArrayLike, shape: tuple[int, ...], metric: Callable[[Floats], Floats]) -> Floats:
    """Apply a metric of images (m, h, w, c) -> (m,) to all rows, a chunk at a time."""
    rows, (h, w, *_) = checked(x, shape), shape

    def chunks() -> Iterator[Floats]:
        for start in range(0, len(rows), CHUNK):
            yield metric(rows[start : start + CHUNK].astype(np.float64).reshape(-1, h, w, rows.shape[1] // (h * w)))

    return np.concatenate(list(chunks()))


def morans_i(x: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Spatial autocorrelation (n,): Moran's I over 4-neighbours, averaged over channels.

    I = (N / W) sum_ij w_ij z_i z_j / sum_i z_i^2 with z the deviation from the channel's mean, w_ij = 1 for adjacent
    pixels and W their number. About 0 for independent noise (-1/(N-1) on average), towards 1 for smooth images, -1 for
    a checkerboard. A constant channel, for which I is 0/0, counts as 1: flat is smooth, not noisy.

    Raises
    ------
    InputError
        If x does not fit the shape or is not finite.
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

    Parameters
    ----------
    region : bool (h, w), the whole image if not given; see `edge_centre`.

    Raises
    ------
    InputError
        If x does not fit, or the region holds no two adjacent pixels.
    """
    inside = np.ones(shape[:2], bool) if region is None else np.asarray(region, bool)
    across, down = inside[:, 1:] & inside[:, :-1], inside[1:] & inside[:-1]
    if not (across.any() or down.any()):
        raise InputError("the region holds no two adjacent pixels: give a larger one")

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
    if not inside.any():
        raise InputError("the region holds no pixel: give a larger one")
    return _per_image(x, shape, lambda images: images[:, inside].mean(axis=(1, 2)))
