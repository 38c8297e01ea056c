"""Images that criteria are shown: noise, a constant image, a real digit, the same blurred."""

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

from anogen import datasets
from companion.records import store
from companion.studies.ensemble_training import required
from companion.studies.judged import judged
from notebooks.thesis.common.guided import Guided


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


@cache
def judged_kinds() -> dict[str, dict[str, np.ndarray]]:
    """Return the ensemble's judgements of `image_kinds` as images of a 4, each (16,), by kind.

    Of the blurred ones the fifth is recognised by two of its classifiers, all others by at least three.
    """
    inputs = {role: store.load(experiment).arrays for role, experiment in required("laptop").items()}
    judge = judged(Guided(normal=4)).judge
    return {kind: judge(images, inputs) for kind, images in image_kinds().items()}
