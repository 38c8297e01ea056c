"""The detector under audit: a class, a factory or a fitted object, in Python or as `module:NAME`."""

import copy
import importlib
import inspect
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyod.models.base import BaseDetector

from anogen.detectors.seeded_fit import seeded
from anogen.errors import InputError

PATH = re.compile(r"(?!.*__)[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
Build = Callable[[int], Any]


class Subject(NamedTuple):
    """A fitted detector of our own to ask, and how to make another of its kind."""

    detector: Any
    name: str
    kind: str  # class, factory or fitted
    build: Build | None  # seed -> an unfitted detector with the same options; None: not known how


def named(path: str) -> Any:
    """Return what `module:NAME` names; the module is imported, which runs it, and nothing is evaluated.

    Raises
    ------
    InputError
        If the path is no such name, or there is no such thing, or importing fails.
    """
    if not PATH.fullmatch(path):
        raise InputError(f"detector {path!r} is no module:NAME: write it like pyod.models.ecod:ECOD")
    module, _, name = path.partition(":")
    try:
        found = importlib.import_module(module)
    except Exception as error:  # noqa: BLE001  whatever the user's module raises
        raise InputError(f"detector {path!r}: importing {module} failed ({_brief(error)})") from None
    if not hasattr(found, name):
        raise InputError(f"detector {path!r}: {module} has no {name!r}")
    return getattr(found, name)


def subject(given: Any, train: NDArray[np.float64], seed: int, name: str | None = None) -> Subject:
    """Return the detector to audit; only a class is fitted, and what was given is never altered.

    Raises
    ------
    InputError
        If it is no detector, cannot be built or fitted, or is not fitted.
    """
    name = name or _name(given)
    if isinstance(given, type):
        if not callable(getattr(given, "fit", None)) or not callable(getattr(given, "decision_function", None)):
            raise InputError(f"{name} has no fit and decision_function: give a detector with PyOD's protocol")
        build = _from_class(given, train.shape[1])
        with telling(f"{name} could not be fitted to {len(train)} rows of {train.shape[1]} columns"):
            return Subject(fitted(build, seed, train), name, "class", build)
    kind = "fitted"
    if not hasattr(given, "decision_function") and callable(given):
        kind = "factory"
        with telling(f"the factory {name} failed"), quietly():
            given = given()
    if isinstance(given, type) or not callable(getattr(given, "decision_function", None)):
        what = "returned no fitted detector" if kind == "factory" else "has no decision_function"
        raise InputError(f"{name} {what}: give a class, a factory or an object with PyOD's protocol")
    pyods = isinstance(given, BaseDetector) or hasattr(given, "decision_scores_")
    if pyods and getattr(given, "decision_scores_", None) is None:
        raise InputError(f"{name} is not fitted: fit it first, or name its class, which is then fitted to the data")
    return Subject(_own(given), name, kind, _from_options(given))


def fitted(build: Build, seed: int, rows: NDArray[np.float64]) -> Any:
    """Build a detector and fit it to rows (n, d), with every source of chance that is known seeded."""
    with seeded(seed), quietly():
        detector = build(seed)
        detector.fit(rows.copy())
    return detector


def _from_class(kind: type, d: int) -> Build:
    """Return how to build a class with its defaults, silent where that is an option."""
    try:
        takes = dict(inspect.signature(kind).parameters)
    except (TypeError, ValueError):
        takes = {}
    for name, parameter in takes.items():
        required = parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        )
        if required and name not in {"n_features", "random_state", "verbose"}:
            raise InputError(
                f"{kind.__name__} cannot be built without {name!r}: name a function that returns a fitted detector"
            )

    def build(seed: int) -> Any:
        known = {"n_features": d, "random_state": seed, "verbose": 0}
        return kind(**{name: value for name, value in known.items() if name in takes})

    return build


def _from_options(detector: Any) -> Build | None:
    """Return how to build another detector with a fitted one's options; only scikit-learn's convention tells them."""
    if not callable(getattr(detector, "get_params", None)):
        return None

    def build(seed: int) -> Any:
        options = copy.deepcopy(detector.get_params(deep=False))
        return type(detector)(**options | ({"random_state": seed} if "random_state" in options else {}))

    return build


def _own(detector: Any) -> Any:
    """Return a copy, since some detectors write into themselves when they score; what cannot be copied is used."""
    try:
        return copy.deepcopy(detector)
    except Exception:  # noqa: BLE001  locks, handles, generators: a detector may hold anything
        return detector


def _name(given: Any) -> str:
    kind = given if isinstance(given, type) or inspect.isfunction(given) else type(given)
    return f"{kind.__module__}:{kind.__qualname__}"


def _brief(error: BaseException) -> str:
    """Return an error's kind and the first line of what it says."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0][:160]}" if said else type(error).__name__


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Turn whatever a user's detector raises into one line that begins with `what`."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  the user's code may raise anything
        raise InputError(f"{what} ({_brief(error)})") from None


@contextmanager
def quietly() -> Iterator[None]:
    """Silence warnings: most rows of an audit are ones that nobody would fit or score on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def here() -> Iterator[None]:
    """Let the user's own modules be found in the present folder, as `python -m` does."""
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:  # the user's code may have taken it away
            sys.path.remove(folder)
