"""Parts that detectors share: fits that depend on the seed alone, npz files without pickles, and checks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from scipy.sparse import issparse
from sklearn import exceptions

from anogen.errors import InputError, require


class NotFittedError(InputError, exceptions.NotFittedError):
    """A detector is used before `fit`: anogen's exception for users, and scikit-learn's for an unfitted estimator."""


def check_parameters(detector: Any, at_least: Mapping[str, int], positive: Sequence[str] = ()) -> None:
    """Raise `InputError` for a parameter below its least value, or not above 0."""
    for name, least in at_least.items():
        value = getattr(detector, name)
        require(value >= least, f"{name} = {value} is too small: give {least} or more")
    for name in positive:
        value = getattr(detector, name)
        require(value > 0, f"{name} = {value} is too small: give more than 0")


def check_fitted(detector: Any, attribute: str) -> None:
    """Raise `NotFittedError` if a detector lacks the attribute that fitting sets."""
    if getattr(detector, attribute, None) is None:
        raise NotFittedError(f"this {type(detector).__name__} is not fitted: call fit(X) first")


def check_finite(rows: np.ndarray, source: str = "the training data") -> None:
    """Raise `InputError` if rows have values that are NaN or infinite."""
    if bad := int(np.size(rows) - np.isfinite(rows).sum()):
        raise InputError(f"{bad} values of {source} are NaN or infinite: clean them")


def as_rows(X: Any, detector: Any = None) -> np.ndarray:
    """Return training rows, or rows for a fitted detector, (n, d) in float64.

    Raises `InputError`, in scikit-learn's words where it has some, for sparse, complex, empty or infinite rows, NaN,
    another shape, or a length d unlike the detector's.
    """
    require(not issparse(X), "sparse rows are not supported: give a dense array, X.toarray()")
    rows = np.asarray(X)
    require(not np.iscomplexobj(rows), "Complex data not supported: give real numbers")
    rows = rows.astype(np.float64, copy=False)
    hint = "Reshape your data with X.reshape(1, -1) if it is one row, X.reshape(-1, 1) if it is one feature"
    require(rows.ndim == 2, f"an array of shape {rows.shape} is not rows (n, d). {hint}")
    d = rows.shape[1]
    require(d, f"rows of 0 feature(s) (shape={rows.shape}) while a minimum of 1 is required: give (n, d)")
    if detector is not None and d != detector.n_features_in_:
        name, expected = type(detector).__name__, detector.n_features_in_
        raise InputError(f"X has {d} features, but {name} is expecting {expected} features as input")
    check_finite(rows, "the training data" if detector is None else "these rows")
    return rows


def finish_fit(detector: Any, X: np.ndarray) -> Any:
    """Set the training scores and PyOD's threshold of a detector that was trained on X, and return it."""
    detector.decision_scores_ = detector.decision_function(X)
    detector._process_decision_scores()
    return detector


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Seed NumPy's and PyTorch's global generators, and restore them on exit; None leaves both unchanged."""
    if seed is None:
        yield
        return
    before = np.random.get_state()  # noqa: NPY002  PyOD uses the global generator
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            np.random.seed(seed)  # noqa: NPY002
            yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


class SeededFitMixin:
    """Precedes a PyOD class: its `fit` then depends on the data and on `random_state` alone.

    PyOD seeds when a detector is created, not when it is fitted, so random numbers drawn in between change the result.
    Its Deep SVDD seeds PyTorch only, and shuffles with NumPy the rows whose mean output becomes the centre: sums in
    another order differ in their last bits, and so does all that follows. Fitted immediately, with NumPy seeded alike,
    PyOD's class gives the same bits.
    """

    random_state: int | None

    def fit(self, X: np.ndarray, y: Any = None) -> Any:
        """Fit to the rows of X (n, d) as PyOD does, with the global generators seeded."""
        with seeded(self.random_state):
            return super().fit(X, y)  # type: ignore[misc]


class SerializableMixin:
    """Precedes `BaseDetector` in a class with `weights()` and `with_weights(weights)`: adds `save` and `load`."""

    def save(self: Any, path: Path) -> None:
        """Write parameters, weights and training scores to an npz file, atomically."""
        partial = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        options = {f"option_{key}": value for key, value in self.get_params().items()}
        with partial.open("wb") as file:
            np.savez(file, **options | {"decision_scores_": self.decision_scores_} | self.weights())
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the detector that `save` wrote; raises `InputError` for another file."""
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        options = {key: arrays.pop(f"option_{key}", None) for key in signature(cls).parameters}
        if "decision_scores_" not in arrays or any(value is None for value in options.values()):
            raise InputError(f"{path.name} contains no {cls.__name__}: delete it to train the detector again")
        kwargs = {key: tuple(value.tolist()) if value.ndim else value.item() for key, value in options.items()}
        loaded: Any = cls(**kwargs).with_weights(arrays)  # type: ignore[attr-defined]
        loaded._set_n_classes(None)
        loaded.decision_scores_ = arrays["decision_scores_"]
        loaded._process_decision_scores()
        return loaded
