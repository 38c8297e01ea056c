"""How varied the training images of a digit are, by distances that do or do not depend on the amount of ink."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen import datasets
from anogen.metrics.images import mean_pairwise, spread
from companion.experiment import Arrays, Experiment, Inputs

DIGITS = (3, 4)  # of Figs. 6.1 and 6.2
DISTANCES = ("L2", "unit L2", "cosine", "Jaccard")
INK = 0.5  # from which on a pixel counts as drawn


@dataclass(frozen=True, kw_only=True)
class Variety(Experiment):
    """Mean distance between any two of 1,000 evenly spaced training images of a digit (thesis-c-22).

    Arrays, for D digits: `digits` (D,); `ink` (D,), the mean image's sum of pixels; `distances` (D, 4), of `DISTANCES`:
    L2 of the images, L2 of the images divided by their norms, one minus the cosine of their angle, and one minus the
    share that the drawn pixels of two images have in common.
    """

    name = "variety"
    quick: ClassVar = {"dataset": "mnist-5k"}
    axes: ClassVar = ("digits",)
    listed: ClassVar = {"digits": "digits"}

    dataset: str = "mnist"
    digits: tuple[int, ...] = DIGITS

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Measure the training images of one digit."""
        images = spread(datasets.load(self.dataset).one_class(cell[0]).X_train).astype(np.float64)
        values = mean_pairwise(images), mean_pairwise(unit(images)), mean_cosine(images), mean_jaccard(images >= INK)
        return {"ink": np.array(images.sum(axis=1).mean()), "distances": np.array(values)}


def unit(images: np.ndarray) -> np.ndarray:
    """Return images (n, d) divided by their L2 norms; a black image stays black."""
    rows = np.asarray(images, dtype=np.float64)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1)


def mean_cosine(images: np.ndarray) -> float:
    """Return the mean cosine distance of any two of the images (n, d)."""
    total = np.square(unit(images).sum(axis=0)).sum()
    n = len(images)
    return float(1 - (total - n) / (n * (n - 1)))


def mean_jaccard(drawn: np.ndarray) -> float:
    """Return the mean Jaccard distance of any two of the images (n, d), given by their drawn pixels."""
    rows = drawn.astype(np.float32)
    common, sizes, n = rows @ rows.T, rows.sum(axis=1), len(rows)
    share = common / np.maximum(sizes[:, None] + sizes - common, 1)
    return float(1 - (share.sum() - np.trace(share)) / (n * (n - 1)))
