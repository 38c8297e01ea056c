"""`make_scorer(detector)`: the exact scorer of the detector's class, or else a slow, correct fallback."""

import importlib
from collections.abc import Callable
from functools import singledispatch
from typing import Any, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from pyod.models.base import BaseDetector

from anogen.detectors.mixins import check_fitted
from anogen.errors import InputError
from anogen.scorers import fallback
from anogen.scorers.base import Optimum, Orientation, Scorer

Make = TypeVar("Make", bound=Callable[[Any], Scorer])

# The modules with the exact scorers of a detector's module. They are imported when the first such detector comes:
# importing all of PyOD's models would take seconds.
_PYOD = "cblof copod deep_svdd ecod gmm hbos iforest inne kde knn loda lof mcd ocsvm pca"
HOMES = {
    **{f"pyod.models.{name}": f"anogen.scorers.{name}" for name in _PYOD.split()},
    **dict.fromkeys(("pyod.models.auto_encoder", "pyod.models.vae"), "anogen.scorers.autoencoder"),
    **{
        f"anogen.detectors.{name}": f"anogen.scorers.{name}" for name in ("anorand", "autoencoder", "dean", "deep_svdd")
    },
}


def make_scorer(detector: Any, n_features: int | None = None, *, orientation: Orientation | None = None) -> Scorer:
    """Return the scorer of a fitted detector, of a score function or of a network.

    Larger scores are more anomalous. The scorer is exact and fast for the detectors of `anogen.detectors.CATALOGUE`,
    and calls the detector itself for every other one.

    Parameters
    ----------
    detector : object
        One of

        - a fitted PyOD detector: its `decision_function` is larger for anomalies;
        - a fitted scikit-learn outlier estimator, or a pipeline or a search that ends in one: its `decision_function`
          or `score_samples` is larger for normal rows, and its sign is changed;
        - another fitted object with a `decision_function`, which is assumed to be larger for anomalies, as in PyOD;
        - a function from rows (n, d), a float64 array, to scores (n,);
        - a `torch.nn.Module` from rows (n, d), a float32 tensor, to scores (n,) or (n, 1); its scorer is differentiable
          and uses a copy in evaluation mode;
        - a `Scorer`, which is returned unchanged.
    n_features : int, optional
        Length d of a row; needed for functions, networks and detectors without `n_features_in_`.
    orientation : {"anomaly", "normality"}, optional
        The meaning of a larger score. Required for functions and networks; for detectors it replaces the assumption
        above, which `Scorer.orientation` and `Scorer.orientation_source` report.

    Returns
    -------
    Scorer
        The anomaly score of rows (n, d), as (n,) float64, larger for anomalies.

    Raises
    ------
    InputError
        If the detector is not fitted, the length of a row is unknown, or the orientation is missing or unknown.

    See Also
    --------
    register_scorer : Provide an exact scorer for a class of detectors.

    Examples
    --------
    >>> import anogen, numpy as np
    >>> from sklearn.ensemble import IsolationForest
    >>> X = np.random.default_rng(0).random((50, 4))
    >>> scorer = anogen.make_scorer(IsolationForest(random_state=0).fit(X))
    >>> scorer.orientation, scorer.n_features_in_
    ('normality', 4)
    >>> scorer(X).shape
    torch.Size([50])
    >>> distance = anogen.make_scorer(lambda X: np.abs(X - 0.5).sum(axis=1), 4, orientation="anomaly")
    >>> distance(np.zeros((1, 4)))
    tensor([2.], dtype=torch.float64)
    """
    if orientation not in (None, *get_args(Orientation)):
        raise InputError(f"orientation = {orientation!r} is unknown: choose 'anomaly' or 'normality'")
    if isinstance(detector, Scorer):
        return detector
    if isinstance(detector, type):
        raise InputError(f"{detector.__name__} is a class: pass a fitted object, {detector.__name__}().fit(X)")
    for module in scorer_modules(type(detector)):
        importlib.import_module(module)
    registered = _by_class.dispatch(type(detector)) is not _by_class.dispatch(object)
    if fallback.score_method(detector) == "__call__" and not registered:
        return fallback.make_function_scorer(detector, n_features, orientation)
    if orientation is not None and orientation != fallback.assumed_orientation(detector)[0]:
        return fallback.make_fallback_scorer(detector, n_features, orientation)
    scorer = _by_class(detector, n_features)
    if scorer.orientation_source == Scorer.orientation_source:
        scorer.orientation_source = fallback.STATED if orientation else "PyOD"
    return scorer


def find_optimum(scorer: Any, n_features: int | None = None) -> "Optimum[NDArray[np.float64]]":
    """Return the most normal rows of a detector where they are known exactly.

    Parameters
    ----------
    scorer : Scorer or fitted detector
        A scorer of `make_scorer`, or what `make_scorer` takes.
    n_features : int, optional
        Length d of a row, if the detector does not state it.

    Returns
    -------
    Optimum
        The rows (m, d) float64 of the lowest score, that score, the status "proved" or "numerical" and the certificate.

    Raises
    ------
    InputError
        If no optimum is known for this detector; `anogen.generate` then searches for one.

    Examples
    --------
    >>> import anogen, numpy as np
    >>> from pyod.models.mcd import MCD
    >>> X = np.random.default_rng(0).random((50, 4))
    >>> optimum = anogen.find_optimum(MCD(random_state=0).fit(X))
    >>> optimum.samples.shape, optimum.score, optimum.status
    ((1, 4), 0.0, 'proved')
    """
    scorer = make_scorer(scorer, n_features)
    optimum = scorer.optimum()
    if optimum is None:
        name = type(scorer).__name__
        raise InputError(f"the optimum of {name} is unknown: search for it with anogen.generate(scorer)")
    return Optimum(optimum.samples.detach().double().cpu().numpy().copy(), *optimum[1:])


def scorer_modules(detector_class: type) -> list[str]:
    """Return the modules that register exact scorers for a class of detectors or for its base classes."""
    return [HOMES[base.__module__] for base in detector_class.__mro__ if base.__module__ in HOMES]


def register_scorer(detector_class: type, fitted: str | None = None) -> Callable[[Make], Make]:
    """Register the scorers of a class of detectors.

    Parameters
    ----------
    detector_class : type
        The class of detectors. A subclass that overrides `decision_function` still gets the fallback.
    fitted : str, optional
        Attribute that only a fitted detector has; by default `decision_scores_` for PyOD's detectors.

    Returns
    -------
    callable
        A decorator of a subclass of `Scorer`, or of a function that returns a scorer, with the fitted detector as its
        only argument.

    Raises
    ------
    InputError
        If `detector_class` is not a class; and from `make_scorer`, if a detector is not fitted.

    Examples
    --------
    >>> import anogen, numpy as np, torch
    >>> class Centroid:
    ...     def fit(self, X):
    ...         self.mean_ = X.mean(axis=0)
    ...         return self
    ...     def decision_function(self, X):
    ...         return np.linalg.norm(X - self.mean_, axis=1)
    >>> @anogen.register_scorer(Centroid, fitted="mean_")
    ... class CentroidScorer(anogen.Scorer):
    ...     differentiable = True
    ...     def __init__(self, detector):
    ...         self.mean, self.n_features_in_ = torch.from_numpy(detector.mean_), len(detector.mean_)
    ...     def score(self, x):
    ...         return (x - self.mean).norm(dim=1)
    >>> anogen.make_scorer(Centroid().fit(np.eye(3))).differentiable
    True
    """
    if not isinstance(detector_class, type):
        raise InputError(f"register_scorer takes a class of detectors, not {detector_class!r}")
    attribute = fitted or ("decision_scores_" if issubclass(detector_class, BaseDetector) else None)
    own = getattr(detector_class, "decision_function", None)

    def register(make: Make) -> Make:
        @_by_class.register(detector_class)
        def make_registered_scorer(detector: Any, n_features: int | None = None) -> Scorer:
            if attribute is not None:
                check_fitted(detector, attribute)
            inherited = getattr(type(detector), "decision_function", None) is own
            return make(detector) if inherited else fallback.make_fallback_scorer(detector, n_features)

        return make

    return register


@singledispatch
def _by_class(detector: Any, n_features: int | None = None) -> Scorer:
    """Return the scorer registered for the nearest class of the detector; `make_scorer` imports them first."""
    return fallback.make_fallback_scorer(detector, n_features)
