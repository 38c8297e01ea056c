"""Sample quality: the metrics that the claims' criteria name, under those names.

Images are rows x (n, d) in [0, 1] of a given shape. "Real" means images of the intended class from the data set.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.errors import require
from anogen.metrics.images import checked, mean_pairwise, morans_i, nearest, spread

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Reference:
    """Real images of a class, and what the metrics are relative to.

    Attributes
    ----------
    train : float32 (n, d), training images of the class.
    shape : the shape of one image.
    nn_median : median distance of held-out real images to their nearest training image.
    morans_i_p01 : 1st percentile of `morans_i` over the real images, training and held-out.
    pairwise : mean pairwise distance of real images (of at most 1,000, evenly spaced in ``train``).
    """

    train: NDArray[np.float32]
    shape: tuple[int, ...]
    nn_median: float
    morans_i_p01: float
    pairwise: float

    @classmethod
    def fit(cls, train: ArrayLike, held_out: ArrayLike, shape: tuple[int, ...]) -> "Reference":
        """Measure real images of one class: ``train`` (n, d), and ``held_out`` (m, d), without their copies."""
        real = checked(train, shape, "training images").astype(np.float32)
        held = checked(held_out, shape, "held-out images")
        nn_median = float(np.median(nearest(held, real)[0]))
        message = "the held-out images are copies of training images: hold out images not used for training"
        require(nn_median, message)
        smooth = np.concatenate([morans_i(real, shape), morans_i(held, shape)])
        return cls(real, tuple(shape), nn_median, float(np.percentile(smooth, 1)), mean_pairwise(spread(real)))


def nn_ratio(x: ArrayLike, reference: Reference) -> Floats:
    """Distance (n,) to the nearest real training image, in units of the median that held-out real images have."""
    return nearest(checked(x, reference.shape), reference.train)[0] / reference.nn_median


def normal_looking(p_cls: ArrayLike, nn_ratio: ArrayLike, morans_i: ArrayLike, reference: Reference) -> Bools:
    """Recognised by the classifier, near a real image, and as smooth as real images are (n,)."""
    p, nn, smooth = np.asarray(p_cls), np.asarray(nn_ratio), np.asarray(morans_i)
    return np.asarray((p >= 0.9) & (nn <= 1.5) & (smooth >= reference.morans_i_p01))


def noise_like(morans_i: ArrayLike, nn_ratio: ArrayLike) -> Bools:
    """Neighbouring pixels nearly independent, and far from every real image (n,)."""
    return np.asarray((np.asarray(morans_i) < 0.2) & (np.asarray(nn_ratio) > 2))


def quality(p_cls: ArrayLike, nn_ratio: ArrayLike) -> Floats:
    """Continuous quality (n,) in [0, 1]: p_cls exp(-max(0, nn_ratio - 1)); used where a ranking is needed."""
    return np.asarray(np.asarray(p_cls, float) * np.exp(-np.maximum(0.0, np.asarray(nn_ratio, float) - 1)))


def measure(x: ArrayLike, reference: Reference, p_cls: ArrayLike) -> dict[str, NDArray[Any]]:
    """All per-image metrics, each (n,): p_cls, nn_ratio, morans_i, normal_looking, noise_like, quality.

    `p_cls` (n,) is the probability of the intended class by an independent classifier.
    """
    p, n = np.asarray(p_cls, dtype=np.float64), len(checked(x, reference.shape))
    fits = p.shape == (n,) and ((p >= -1e-6) & (p <= 1 + 1e-6)).all()
    require(fits, f"p_cls of shape {p.shape} does not fit {n} images: give one probability per image")
    measures = measure_unclassified(x, reference)
    nn, smooth = measures["nn_ratio"], measures["morans_i"]
    return measures | {
        "p_cls": p,
        "normal_looking": normal_looking(p, nn, smooth, reference),
        "quality": quality(p, nn),
    }


def measure_unclassified(x: ArrayLike, reference: Reference) -> dict[str, NDArray[Any]]:
    """The metrics of images (n, d) that need no classifier, each (n,): nn_ratio, morans_i, noise_like."""
    nn, smooth = nn_ratio(x, reference), morans_i(x, reference.shape)
    return {"nn_ratio": nn, "morans_i": smooth, "noise_like": noise_like(smooth, nn)}


def div_ratio(x: ArrayLike, reference: Reference) -> float:
    """Mean pairwise distance of images divided by that of equally many real images.

    The denominator is its mean over every choice of equally many real images, which is the mean over all pairs of them.
    """
    return mean_pairwise(checked(x, reference.shape)) / reference.pairwise
