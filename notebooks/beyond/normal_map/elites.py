"""MAP-Elites (Mouret and Clune 2015) on images: the lowest score in each cell of ink and roughness.

pyribs has it too; these lines take the scores of whole batches in float32 and need no further library.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from anogen.scorers import Scorer

Images = NDArray[np.float32]
BATCH = 400  # children that are scored at once
MAX_INK, MAX_ROUGHNESS = 0.5, 0.35  # of the map; uniform noise has 1/2 and 1/3
LINE_STD = 0.3  # of the step along the line through two parents, in units of their distance
STDS = (-3.0, -1.0)  # log10 of the smallest and largest standard deviation of noise


def ink(images: Images) -> Images:
    """Return the mean pixel of square images (n, d), (n,)."""
    return images.mean(axis=1)


def roughness(images: Images) -> Images:
    """Return the total variation of square images (n, d): the mean difference of adjacent pixels, (n,)."""
    side = round(images.shape[1] ** 0.5)
    square = images.reshape(-1, side, side)
    down, across = np.abs(np.diff(square, axis=1)), np.abs(np.diff(square, axis=2))
    return (down.mean(axis=(1, 2)) + across.mean(axis=(1, 2))) / 2


def cells(images: Images, side: int) -> NDArray[np.int64]:
    """Return the cell of each image in a map of side x side, row after row of roughness, (n,); -1 outside of it."""
    column = (ink(images) / MAX_INK * side).astype(np.int64)
    row = (roughness(images) / MAX_ROUGHNESS * side).astype(np.int64)
    return np.where((column < side) & (row < side), row * side + column, -1)


class Archive(NamedTuple):
    """The elite of each cell: its image, and its score, infinite where none was found."""

    images: Images  # (cells, d)
    scores: NDArray[np.float64]  # (cells,)

    def add(self, images: Images, scores: NDArray[np.float64], side: int) -> None:
        """Replace the elites that images (n, d) improve on; of equals, the first remains."""
        where = cells(images, side)
        best_first = np.lexsort((scores, where))
        reached, first = np.unique(where[best_first], return_index=True)
        best = best_first[first]
        better = (reached >= 0) & (scores[best] < self.scores[reached])
        self.images[reached[better]], self.scores[reached[better]] = images[best[better]], scores[best[better]]


def first_images(train: Images, rng: Generator) -> Iterator[Images]:
    """Yield training images, and noise of all amplitudes about all greys."""
    yield train[rng.integers(len(train), size=BATCH)]
    grey, amplitude = rng.random((2, BATCH, 1), np.float32)
    noise = rng.random((BATCH, train.shape[1]), np.float32)
    yield (grey + amplitude * (noise - np.float32(0.5))).clip(0, 1)


def children(parents: Images, rng: Generator) -> Images:
    """Return children of pairs of images, a quarter each of four kinds.

    They lie on the line through two parents, add noise to one, have a rectangle of the other, or a grey rectangle.
    """
    quarter, d = BATCH // 4, parents.shape[1]
    a, b = parents[rng.integers(len(parents), size=(2, BATCH))]
    line, noisy, joined = slice(0, quarter), slice(quarter, 2 * quarter), slice(2 * quarter, BATCH)
    a[line] += np.float32(LINE_STD) * rng.standard_normal((quarter, 1), np.float32) * (b[line] - a[line])
    std = (10 ** rng.uniform(*STDS, (quarter, 1))).astype(np.float32)
    a[noisy] += std * rng.standard_normal((quarter, d), np.float32)
    b[3 * quarter :] = rng.random((BATCH - 3 * quarter, 1), np.float32)
    side = round(d**0.5)
    (top, left), (bottom, right) = np.sort(rng.integers(side + 1, size=(2, 2, 2 * quarter, 1)), axis=0)
    pixel = np.arange(side)
    inside = ((pixel >= top) & (pixel < bottom))[:, :, None] & ((pixel >= left) & (pixel < right))[:, None]
    a[joined] = np.where(inside.reshape(-1, d), b[joined], a[joined])
    return a.clip(0, 1)


def explore(score: Scorer, train: Images, evaluations: int, side: int, rng: Generator) -> Archive:
    """Return the elites after a number of evaluations, which is rounded up to batches."""
    archive = Archive(np.zeros((side**2, train.shape[1]), np.float32), np.full(side**2, np.inf))
    made = 0
    for images in first_images(train, rng):
        archive.add(images, score(images).numpy(), side)
        made += len(images)
    while made < evaluations:
        images = children(archive.images[np.isfinite(archive.scores)], rng)
        archive.add(images, score(images).numpy(), side)
        made += len(images)
    return archive
