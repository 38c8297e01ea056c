"""The colour of images as a whole: what the thesis calls a tint."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.metrics.images import checked

Floats = NDArray[np.float64]


def channel_means(x: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Return the mean red, green and blue (n, 3) of images x (n, d); those of a grey image are equal."""
    rows = checked(x, shape)
    images = rows.astype(np.float64).reshape(len(rows), -1, 3 if len(shape) == 3 else 1)
    return np.asarray(np.broadcast_to(images.mean(axis=1), (len(rows), 3)))


def tint(x: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """Return how far the mean colour of each image is from grey (n,): the largest deviation of a channel."""
    means = channel_means(x, shape)
    return np.asarray(np.abs(means - means.mean(axis=1, keepdims=True)).max(axis=1))
