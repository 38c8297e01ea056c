"""`make_scorer(detector)`: the exact scorer of the detector's class, or else a slow, correct fallback."""

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
from anogen.scorers.base import Scorer

Make = TypeVar("Make", bound=Callable[[Any], Scorer])

# Where a detector's module has exact scorers. They are imported when the first such detector comes: importing all of
# PyOD's models would take seconds.
HOMES = {
    "anogen.detectors.anorand": "anogen.scorers.anorand",
    "anogen.detectors.autoencoder": "anogen.scorers.autoencoder",
    "anogen.detectors.dean": "anogen.scorers.dean",
    "anogen.detectors.deep_svdd": "anogen.scorers.deep_svdd",
    "pyod.models.auto_encoder": "anogen.scorers.auto_encoder",
    "pyod.models.cblof": "anogen.scorers.cblof",
    "pyod.models.copod": "anogen.scorers.copod_ecod",
    "pyod.models.deep_svdd": "anogen.scorers.deep_svdd",
    "pyod.models.ecod": "anogen.scorers.copod_ecod",
    "pyod.models.gmm": "anogen.scorers.gmm",
    "pyod.models.hbos": "anogen.scorers.hbos",
    "pyod.models.iforest": "anogen.scorers.iforest",
    "pyod.models.inne": "anogen.scorers.inne",
    "pyod.models.kde": "anogen.scorers.kde",
    "pyod.models.knn": "anogen.scorers.knn_lof",
    "pyod.models.loda": "anogen.scorers.loda",
    "pyod.models.lof": "anogen.scorers.knn_lof",
    "pyod.models.mcd": "anogen.scorers.mcd",
    "pyod.models.ocsvm": "anogen.scorers.ocsvm",
    "pyod.models.pca": "anogen.scorers.pca",
    "pyod.models.vae": "anogen.scorers.auto_encoder",
}
TRANSDUCTIVE = {"pyod.models.copod", "pyod.models.ecod"}  # they rank a row among the training rows and its batch


class FallbackScorer(Scorer):
    """Calls the detector's own `decision_function`: right for every detector, as slow as it is."""

    def __init__(self, detector: Detector, n_features: int) -> None:
        self.detector = detector
        self.n_features_in_ = n_features
        if not TRANSDUCTIVE.isdisjoint(_modules(detector)):
            self.batch_dependence = "train+batch"

    def score(self, x: Tensor) -> Tensor:
        """Return the detector's own scores of rows (n, d) as (n,)."""
        scores = np.asarray(self.detector.decision_function(x.numpy()), dtype=np.float64)
        if scores.shape not in {(len(x),), (len(x), 1)}:
            raise InputError(
                f"{type(self.detector).__name__}.decision_function returned scores of shape {scores.shape} "
                f"for {len(x)} rows: it has to return one for each row"
            )
        return torch.from_numpy(scores.reshape(-1))


def make_scorer(detector: Detector, n_features: int | None = None) -> Scorer:
    """Return the scorer of a fitted detector.

    Parameters
    ----------
    detector
        Any fitted detector with PyOD's protocol.
    n_features
        Length d of a row; needed only where the fitted detector does not tell (`n_features_in_`, `image_shape`).

    Raises
    ------
    InputError
        If the detector is not fitted, or if the length of a row is not known.
    """
    for module in scorer_modules(type(detector)):
        importlib.import_module(module)
    return _by_class(detector, n_features)


def scorer_modules(kind: type) -> list[str]:
    """Return the modules that register exact scorers for a class of detectors or for one that it inherits from."""
    return [HOMES[one.__module__] for one in kind.__mro__ if one.__module__ in HOMES]


def make_fallback_scorer(detector: Detector, n_features: int | None = None) -> Scorer:
    """Return the scorer that calls the detector itself; raises as `scorer` does."""
    if not hasattr(detector, "decision_function"):
        raise InputError(
            f"{type(detector).__name__} has no decision_function: give a fitted detector with PyOD's protocol"
        )
    if isinstance(detector, BaseDetector) and getattr(detector, "decision_scores_", None) is None:
        raise InputError(f"this {type(detector).__name__} is not fitted: call fit(X) first")
    n_features = n_features or getattr(detector, "n_features_in_", None)
    if n_features is None:
        raise InputError(
            f"{type(detector).__name__} does not tell the length of a row: call make_scorer(detector, n_features)"
        )
    if not isinstance(n_features, int | np.integer) or n_features < 1:
        raise InputError(f"n_features = {n_features!r} is no length of a row: give 1, 2, ...")
    return FallbackScorer(detector, int(n_features))


@singledispatch
def _by_class(detector: Detector, n_features: int | None = None) -> Scorer:
    """Return the scorer that the nearest class of the detector's has registered; call `scorer`, which imports them."""
    return make_fallback_scorer(detector, n_features)


def register_scorer(kind: type, fitted: str = "decision_scores_") -> Callable[[Make], Make]:
    """Register how to make the scorers of a class of detectors, which have the attribute `fitted` once they are.

    The decorated function takes a fitted detector and returns its scorer: a fallback where its options are not covered.
    A subclass with a `decision_function` of its own may score anything: it is answered with the fallback.
    """

    def register(make: Make) -> Make:
        @_by_class.register(kind)
        def _(detector: Any, n_features: int | None = None) -> Scorer:
            if getattr(detector, fitted, None) is None:
                raise InputError(f"this {type(detector).__name__} is not fitted: call fit(X) first")
            inherited = type(detector).decision_function is kind.decision_function  # type: ignore[attr-defined]
            return make(detector) if inherited else make_fallback_scorer(detector, n_features)

        return make

    return register


def _modules(detector: object) -> list[str]:
    """Return the modules of a detector's class and of those that it inherits from."""
    return [kind.__module__ for kind in type(detector).__mro__]
