"""`scorer(detector)`: the exact scorer of the detector's class, or else a slow, correct fallback."""

import importlib
from collections.abc import Callable
from functools import singledispatch
from typing import Any, TypeVar

import numpy as np
import torch
from pyod.models.base import BaseDetector
from torch import Tensor

from anogen.detectors import Detector
from anogen.errors import InputError
from anogen.scoring.base import Scorer

Make = TypeVar("Make", bound=Callable[[Any], Scorer])

# Where a detector's module has exact scorers. They are imported when the first such detector comes: importing all of
# PyOD's models would take seconds.
HOMES = {
    "anogen.detectors.anorand": "anogen.scoring.anorand",
    "anogen.detectors.autoencoder": "anogen.scoring.networks",
    "anogen.detectors.dean": "anogen.scoring.dean",
    "anogen.detectors.deep_svdd": "anogen.scoring.spheres",
    "pyod.models.auto_encoder": "anogen.scoring.dense",
    "pyod.models.cblof": "anogen.scoring.cblof",
    "pyod.models.copod": "anogen.scoring.tails",
    "pyod.models.deep_svdd": "anogen.scoring.spheres",
    "pyod.models.ecod": "anogen.scoring.tails",
    "pyod.models.gmm": "anogen.scoring.gaussian",
    "pyod.models.hbos": "anogen.scoring.histograms",
    "pyod.models.iforest": "anogen.scoring.forest",
    "pyod.models.inne": "anogen.scoring.isolation",
    "pyod.models.kde": "anogen.scoring.density",
    "pyod.models.knn": "anogen.scoring.neighbours",
    "pyod.models.loda": "anogen.scoring.projections",
    "pyod.models.lof": "anogen.scoring.neighbours",
    "pyod.models.mcd": "anogen.scoring.robust",
    "pyod.models.ocsvm": "anogen.scoring.kernels",
    "pyod.models.pca": "anogen.scoring.components",
    "pyod.models.vae": "anogen.scoring.dense",
}
TRANSDUCTIVE = {"pyod.models.copod", "pyod.models.ecod"}  # they rank a row among the training rows and its batch


class FallbackScorer(Scorer):
    """Calls the detector's own `decision_function`: right for every detector, as slow as it is."""

    def __init__(self, detector: Detector, dimension: int) -> None:
        self.detector = detector
        self.dimension = dimension
        if not TRANSDUCTIVE.isdisjoint(_modules(detector)):
            self.semantics = "train+batch"

    def score(self, x: Tensor) -> Tensor:
        """Return the detector's own scores of rows (n, d) as (n,)."""
        scores = np.asarray(self.detector.decision_function(x.numpy()), dtype=np.float64)
        if scores.shape not in {(len(x),), (len(x), 1)}:
            raise InputError(
                f"{type(self.detector).__name__}.decision_function returned scores of shape {scores.shape} "
                f"for {len(x)} rows: it has to return one for each row"
            )
        return torch.from_numpy(scores.reshape(-1))


def scorer(detector: Detector, dimension: int | None = None) -> Scorer:
    """Return the scorer of a fitted detector.

    Parameters
    ----------
    detector
        Any fitted detector with PyOD's protocol.
    dimension
        Length d of a row; needed only where the fitted detector does not tell (`n_features_in_`, `image_shape`).

    Raises
    ------
    InputError
        If the detector is not fitted, or if the length of a row is not known.
    """
    for module in _modules(detector):
        if module in HOMES:
            importlib.import_module(HOMES[module])
    return _by_class(detector, dimension)


def fallback(detector: Detector, dimension: int | None = None) -> Scorer:
    """Return the scorer that calls the detector itself; raises as `scorer` does."""
    if not hasattr(detector, "decision_function"):
        raise InputError(
            f"{type(detector).__name__} has no decision_function: give a fitted detector with PyOD's protocol"
        )
    if isinstance(detector, BaseDetector) and getattr(detector, "decision_scores_", None) is None:
        raise InputError(f"this {type(detector).__name__} is not fitted: call fit(X) first")
    dimension = dimension or getattr(detector, "n_features_in_", None)
    if dimension is None:
        raise InputError(
            f"{type(detector).__name__} does not tell the length of a row: call scorer(detector, dimension)"
        )
    if not isinstance(dimension, int | np.integer) or dimension < 1:
        raise InputError(f"dimension = {dimension!r} is no length of a row: give 1, 2, ...")
    return FallbackScorer(detector, int(dimension))


@singledispatch
def _by_class(detector: Detector, dimension: int | None = None) -> Scorer:
    """Return the scorer that the nearest class of the detector's has registered; call `scorer`, which imports them."""
    return fallback(detector, dimension)


def exact(kind: type, fitted: str = "decision_scores_") -> Callable[[Make], Make]:
    """Register how to make the scorers of a class of detectors, which have the attribute `fitted` once they are.

    The decorated function takes a fitted detector and returns its scorer: a fallback where its options are not covered.
    A subclass with a `decision_function` of its own may score anything: it is answered with the fallback.
    """

    def register(make: Make) -> Make:
        @_by_class.register(kind)
        def _(detector: Any, dimension: int | None = None) -> Scorer:
            if getattr(detector, fitted, None) is None:
                raise InputError(f"this {type(detector).__name__} is not fitted: call fit(X) first")
            inherited = type(detector).decision_function is kind.decision_function  # type: ignore[attr-defined]
            return make(detector) if inherited else fallback(detector, dimension)

        return make

    return register


def _modules(detector: object) -> list[str]:
    """Return the modules of a detector's class and of those that it inherits from."""
    return [kind.__module__ for kind in type(detector).__mro__]
