"""Images whose class is known by construction: degraded digits, and images that show no digit.

Images are floats (n, h, w) in [0, 1]; the class `NONE` stands for "none of the ten digits".
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from companion.datasets.anomaly_sets import anomalies

NONE = 10
Images = NDArray[np.floating]
Labels = NDArray[np.integer]


def blur(images: Images, width: float) -> Images:
    """Blur with a Gaussian of a standard deviation in pixels."""
    return np.asarray(gaussian_filter(images, (0, width, width)))


def add_specks(images: Images, count: int, rng: np.random.Generator) -> Images:
    """Set `count` random pixels of each image to a random brightness from 0.4 to 1."""
    rows = images.reshape(len(images), -1).copy()
    places = rng.random(rows.shape).argsort(axis=1)[:, :count]
    np.put_along_axis(rows, places, rng.uniform(0.4, 1, places.shape).astype(rows.dtype), axis=1)
    return rows.reshape(images.shape)


def average(images: Images, labels: Labels, among: int) -> Images:
    """Replace each digit by the mean of itself and its nearest neighbours of the class, `among` in all."""
    rows, result = images.reshape(len(images), -1), np.empty_like(images)
    for label in np.unique(labels):
        own = np.flatnonzero(labels == label)
        near = cdist(rows[own], rows[own]).argsort(axis=1)[:, :among]
        result[own] = images[own][near].mean(axis=1)
    return result


def partners(labels: Labels, rng: np.random.Generator) -> Labels:
    """Return for each image the index of a random image of another class."""
    others = {label: np.flatnonzero(labels != label) for label in np.unique(labels)}
    return np.array([rng.choice(others[label]) for label in labels])


def mix(images: Images, others: Images) -> Images:
    """Overlay each digit with one of another class: their mean."""
    return (images + others) / 2


def join_halves(images: Images, others: Images, rng: np.random.Generator) -> Images:
    """Replace the right or the lower half of each digit by that of a digit of another class."""
    result, (h, w) = images.copy(), images.shape[1:]
    right = rng.random(len(images)) < 0.5
    result[right, :, w // 2 :] = others[right, :, w // 2 :]
    result[~right, h // 2 :] = others[~right, h // 2 :]
    return result


def discs(n: int, side: int, rng: np.random.Generator) -> Images:
    """Return discs of a random place, radius and constant brightness, on black."""
    return rng.uniform(0.3, 1, (n, 1, 1)) * _inside(n, side, rng)


def noise_discs(n: int, side: int, rng: np.random.Generator) -> Images:
    """Return discs of uniform noise on black."""
    return rng.random((n, side, side)) * _inside(n, side, rng)


def noise(n: int, side: int, rng: np.random.Generator) -> Images:
    """Return uniform noise, half of it only in a random share of the pixels."""
    density = np.where(rng.random((n, 1, 1)) < 0.5, 1, rng.uniform(0.02, 1, (n, 1, 1)))
    return rng.random((n, side, side)) * (rng.random((n, side, side)) < density)


def clouds(n: int, side: int, rng: np.random.Generator) -> Images:
    """Return blurred noise of full contrast."""
    width = rng.uniform(0.5, 4)
    images = blur(rng.random((n, side, side)), width)
    low, high = images.min(axis=(1, 2), keepdims=True), images.max(axis=(1, 2), keepdims=True)
    return (images - low) / (high - low)


def shuffle_patches(images: Images, size: int, rng: np.random.Generator) -> Images:
    """Shuffle the square patches of each image; of size 1, its pixels."""
    n, h, w = images.shape
    patches = images.reshape(n, h // size, size, w // size, size).swapaxes(2, 3).reshape(n, -1, size, size)
    order = rng.random(patches.shape[:2]).argsort(axis=1)
    patches = np.take_along_axis(patches, order[:, :, None, None], axis=1)
    return patches.reshape(n, h // size, w // size, size, size).swapaxes(2, 3).reshape(n, h, w)


def other_sets(names: Sequence[str], n: int, side: int, seed: int, part: str) -> Images:
    """Return images of other data sets, n of each; the parts "train" and "test" share no image."""
    images = [anomalies(name, (1, side, side), n, seed, part)[:, 0].numpy() / 255 for name in names]
    return np.concatenate(images) if images else np.empty((0, side, side))


def degrade(digits: Images, labels: Labels, rng: np.random.Generator) -> Images:
    """Degrade digits so that a person still reads them: blurred, specked, averaged, faint or grainy."""
    result = digits.copy()
    for part in np.array_split(rng.permutation(len(digits)), 20):  # 20 random strengths
        a, b, c, d = np.array_split(part, 4)
        result[a] = blur(digits[a], rng.uniform(0.3, 1.8))
        result[b] = add_specks(digits[b], int(rng.integers(1, 26)), rng)
        result[c] = average(digits[c], labels[c], int(rng.integers(2, 9)))
        result[d] = rng.uniform(0, 0.2) + rng.uniform(0.4, 0.8) * digits[d] + rng.normal(0, 0.05, digits[d].shape)
    return result.clip(0, 1)


def without_digit(digits: Images, labels: Labels, rng: np.random.Generator) -> Images:
    """Return images that show no digit, as many as digits are passed: noise, shapes, and digits mixed or shuffled.

    Discs of noise are left out on purpose: they are a kind that the validation alone has.
    """
    made, side, others = [], digits.shape[1], digits[partners(labels, rng)]
    for part in np.array_split(rng.permutation(len(digits)), 20):
        a, b, c, d, e, f, g = np.array_split(part, 7)
        made += [noise(len(a), side, rng), clouds(len(b), side, rng), discs(len(c), side, rng)]
        made += [mix(digits[d], others[d]), join_halves(digits[e], others[e], rng)]
        made += [shuffle_patches(digits[f], int(rng.choice([1, 2, 4, 7, 14])), rng)]
        flat = np.broadcast_to(rng.random((len(g), 1, 1)), (len(g), side, side))
        made.append((flat + rng.uniform(0, 0.1) * rng.normal(size=flat.shape)).clip(0, 1))
    return np.concatenate(made)


def _inside(n: int, side: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return the insides of discs of random places and radii, bool (n, side, side)."""
    y, x = rng.uniform(0.35 * side, 0.65 * side, (2, n, 1, 1))
    across, down = np.meshgrid(np.arange(side), np.arange(side))
    inside: NDArray[np.bool_] = np.hypot(down - y, across - x) < rng.uniform(0.15 * side, 0.42 * side, (n, 1, 1))
    return inside
