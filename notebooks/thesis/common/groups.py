"""The thesis's three groups of detectors (6.4) as numbers; the thresholds were fixed before anything was computed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from companion.claims.base import Arrays

SHARE = 0.5  # of the images at one k that must be normal looking, for the detector to count as normal looking there
WITH_GUIDANCE = (0.5, 0.6, 0.7, 0.8, 0.85)  # the k at which group 2 must be normal looking once
STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # the columns of Fig. 6.17
THESIS = {
    "autoencoder": 1, "ocsvm": 1, "cblof": 1, "copod": 2, "gmm": 2, "dean": 2, "hbos": 3, "deep-svdd": 3, "iforest": 3,
}  # fmt: skip
# Whose known optimum is one of many that look unlike, chosen by us: it does not tell what a perfect search would draw.
CHOSEN = ("deep-svdd", "deep-svdd-untrained")
MEANING = {1: "without guidance", 2: "with guidance", 3: "not even with guidance"}


class Drawn(NamedTuple):
    """Measures of one detector's images by k, of the known optima if `perfect`.

    From a record of `GuidedQuality`, by one network, or of `Judged`, by the ensemble, without errors on free pixels.
    """

    quality: Arrays
    ks: Sequence[float]
    perfect: bool = False

    def values(self, measure: str, k: float) -> np.ndarray:
        """Return a measure of the images at one k: of all starts (S,) at 0, of all pairs (P,) else."""
        prefix = ("guided_" if k else "") + ("optimum_" if self.perfect else "")
        values = np.asarray(self.quality[prefix + measure], dtype=float)
        return values[self._level(k)] if k else values

    def free(self, k: float) -> float:
        """Return the mean error on the free pixels at one k, relative to uniform noise."""
        errors = self.quality["free_err_rel"][self._level(k)] if k else self.quality["unguided_free_err_rel"]
        return float(np.mean(errors))

    def _level(self, k: float) -> int:
        return int(np.argmin(np.abs(np.asarray(self.ks) - k)))

    def has_images_at(self, k: float) -> bool:
        """Tell whether there are images at this k."""
        return k == 0 or bool(np.isclose(self.ks, k).any())

    @property
    def optima(self) -> "Drawn":
        """The same of the known optima."""
        return self._replace(perfect=True)

    def has_optima(self, guided: bool) -> bool:
        """Tell whether the optima are known: without fixed pixels, or `guided` by them."""
        record: Any = self.quality
        name = "guided_optimum_quality" if guided else "optimum_quality"
        return name in getattr(record, "arrays", record)

    def optima_or_images(self) -> "Drawn":
        """Return the optima if they are known for every k, else the images of the search."""
        return self.optima if self.has_optima(False) and self.has_optima(True) else self

    def share(self, k: float) -> float:
        """Return the share of normal-looking images at one k."""
        return float(self.values("normal_looking", k).mean())

    def best_share(self) -> float:
        """Return the largest share of normal-looking images at a k of `WITH_GUIDANCE`, 0 where there is none."""
        return max((self.share(k) for k in WITH_GUIDANCE if self.has_images_at(k)), default=0.0)

    def mean_quality(self) -> float:
        """Return the mean quality over the columns of Fig. 6.17, k = 0 to 90%."""
        return float(np.mean([self.values("quality", k).mean() for k in STEPS if self.has_images_at(k)]))


def group(drawn: Drawn) -> int:
    """Return the group of a detector: 1 without guidance, 2 with guidance, 3 not even then (thesis-c-72)."""
    if drawn.share(0) >= SHARE:
        return 1
    return 2 if drawn.best_share() >= SHARE else 3


def perfect_group(detector: str, drawn: Drawn) -> int | None:
    """Return the group that a perfect search would give, from the known optima; None where they do not tell."""
    if detector.partition(":")[0] in CHOSEN or not drawn.has_optima(False):
        return None
    if drawn.has_optima(True):
        return group(drawn.optima)
    return 1 if drawn.optima.share(0) >= SHARE else None


def median_training(shares: Sequence[float], qualities: Sequence[float]) -> int:
    """Return the number of the training with the median share of normal-looking images.

    Mean quality orders equal shares; of an even number of trainings it is the lower of the two in the middle.
    """
    order = sorted(range(len(shares)), key=lambda training: (shares[training], qualities[training]))
    return order[(len(order) - 1) // 2]
