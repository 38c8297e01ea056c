"""Images that criteria are shown: noise, a constant image, a real digit, the same blurred."""

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

from anogen import datasets


@cache
def image_kinds(count: int = 16) -> dict[str, np.ndarray]:
    """Return images (n, 784) by kind."""
    digits = datasets.load("mnist-5k").one_class(4).X_train[:count].astype(float)
    return {
        "noise": np.random.default_rng(0).random(digits.shape),
        "constant": np.full(digits.shape, 0.5),
        "digit": digits,
        "blurred": np.stack([gaussian_filter(d.reshape(28, 28), 1.5).ravel() for d in digits]),
    }
