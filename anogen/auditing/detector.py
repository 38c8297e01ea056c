"""The detector under test: a class, a factory, a function, a network or a fitted object, or `module:NAME`."""

import copy
import importlib
import inspect
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from pyod.models.base import BaseDetector
from torch import Tensor, nn

from anogen.detectors.mixins import seeded
from anogen.errors import InputError, require
from anogen.scorers.base import Orientation
from anogen.scorers.fallback import STATED, assumed_orientation, score_method

Floats = NDArray[np.float64]
Score = Callable[[Floats], Any]  # rows (n, d) -> scores (n,), larger is more anomalous
Build = Callable[[int], Any]

IMPORT_PATH = re.compile(r"(?!.*__)[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
MAX_SCORE = 1e300  # replaces infinite scores, so that differences stay finite


@dataclass(frozen=True)
class DetectorUnderTest:
    """A copy of the user's detector, fitted, and how to build another one with the same options."""

    detector: Any
    name: str
    kind: str  # class, factory, function or fitted
    score: Score
    orientation: str  # how the detector's scores were read, as a phrase
    requested_orientation: Orientation | None
    build: Build | None  # None if that is unknown

    def refit(self, seed: int, rows: Floats) -> Score:
        """Build a copy, fit it to rows (m, d), and return its score function."""
        assert self.build is not None, "only a detector that can be built can be refitted"
        return _score_function(_fit(self.build, seed, rows), self.requested_orientation)[0]


@dataclass
class CountingScorer:
    """Score rows with a detector, count the calls and report failures in one line."""

    score: Score
    name: str
    calls: int = 0
    start: float = field(default_factory=time.perf_counter)

    def __call__(self, rows: Floats) -> Floats:
        """Return the scores of rows (n, d), (n,), with infinite scores replaced by ±1e300."""
        self.calls += 1
        with one_line_errors(f"{self.name} could not score {len(rows)} rows of {rows.shape[1]} columns"):
            scores = np.asarray(self.score(rows.copy()), dtype=np.float64).reshape(-1)
        n, n_nan = len(rows), int(np.isnan(scores).sum())
        complete = scores.shape == (n,)
        require(complete, f"{self.name} returned {scores.size} scores for {n} rows: return one for each row")
        require(not n_nan, f"{self.name} scores {n_nan} of {n} rows NaN: fix it first")
        return np.clip(scores, -MAX_SCORE, MAX_SCORE)

    def seconds(self) -> float:
        """Return the time since the scorer was made, in seconds."""
        return time.perf_counter() - self.start


def import_detector(path: str) -> Any:
    """Import the object that `module:NAME` names; the module's code runs, nothing is evaluated."""
    valid = IMPORT_PATH.fullmatch(path)
    require(valid, f"detector {path!r} is not of the form module:NAME: write it like pyod.models.ecod:ECOD")
    module, _, name = path.partition(":")
    try:
        imported = importlib.import_module(module)
    except Exception as error:  # noqa: BLE001  the user's module may raise anything
        raise InputError(f"detector {path!r}: importing {module} failed ({_brief(error)})") from None
    require(hasattr(imported, name), f"detector {path!r}: {module} has no {name!r}")
    return getattr(imported, name)


def prepare(
    detector: Any, train: Floats, seed: int, name: str | None = None, orientation: Orientation | None = None
) -> DetectorUnderTest:
    """Return the detector to audit: a class is fitted to `train` (m, d), anything else is copied."""
    name = name or _name(detector)
    build = None
    if isinstance(detector, type):
        kind = "class"
        complete = all(callable(getattr(detector, method, None)) for method in ("fit", "decision_function"))
        require(complete, f"{name} has no fit and decision_function: give a detector with PyOD's protocol")
        build = _builder_of_class(detector, train.shape[1])
        with one_line_errors(f"{name} could not be fitted to {len(train)} rows of {train.shape[1]} columns"):
            detector = _fit(build, seed, train)
    else:
        kind = _kind(detector)
        if kind == "factory":
            with one_line_errors(f"the factory {name} failed"):
                detector = detector()
            if isinstance(detector, type) or score_method(detector) is None:
                raise InputError(f"{name} returned no fitted detector: return one with PyOD's protocol")
        pyod_like = isinstance(detector, BaseDetector) or hasattr(detector, "decision_scores_")
        if pyod_like and getattr(detector, "decision_scores_", None) is None:
            raise InputError(f"{name} is not fitted: fit it first, or name its class, which is then fitted to the data")
        with suppress(Exception):  # locks, handles, generators: a detector may hold anything
            detector = copy.deepcopy(detector)  # because some detectors change when they score
        build = _builder_of_options(detector)
    try:
        score, text = _score_function(detector, orientation)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    return DetectorUnderTest(detector, name, kind, score, text, orientation, build)


def _kind(detector: Any) -> str:
    """Tell a fitted object, a score function or network, and a factory, which needs no argument, from one another."""
    if score_method(detector) != "__call__":
        return "fitted"
    if isinstance(detector, nn.Module):
        return "function"
    try:
        inspect.signature(detector).bind()
    except (TypeError, ValueError):  # arguments are missing, or compiled code has no signature
        return "function"
    return "factory"


def _score_function(detector: Any, orientation: Orientation | None) -> tuple[Score, str]:
    """Return a function of rows (n, d) that is larger for anomalies, and how the detector's scores were read."""
    method = score_method(detector)
    if method is None:
        raise InputError("it has no decision_function: give a detector with PyOD's or scikit-learn's protocol")
    known = orientation in (None, *get_args(Orientation))
    require(known, f"orientation = {orientation!r} is unknown: choose 'anomaly' or 'normality'")
    assumed, source = (None, "") if method == "__call__" else assumed_orientation(detector)
    if orientation:
        assumed, source = orientation, STATED
    require(assumed, "the meaning of a larger score is unknown: pass orientation='anomaly' or 'normality'")
    own = _network_score(detector) if isinstance(detector, nn.Module) else getattr(detector, method)
    text = f"larger scores mean {assumed} ({source})"
    if assumed == "anomaly":
        return own, text
    return lambda rows: -np.asarray(own(rows), dtype=np.float64), text


def _network_score(network: nn.Module) -> Score:
    """Return a function that scores an array with a network in its present mode, on the device of its weights."""
    weight = next(network.parameters(), torch.empty(0))

    def score(rows: Floats) -> Floats:
        with torch.no_grad():
            scores: Tensor = network(torch.as_tensor(rows, dtype=weight.dtype, device=weight.device))
        return scores.double().cpu().numpy()

    return score


def _fit(build: Build, seed: int, rows: Floats) -> Any:
    """Build a detector and fit it to rows (m, d), with all known random generators seeded."""
    with seeded(seed), warnings.catch_warnings(action="ignore"):
        detector = build(seed)
        detector.fit(rows.copy())
    return detector


def _builder_of_class(detector_class: type, n_features: int) -> Build:
    """Return a function that builds the class with its defaults, silent where that is an option."""
    try:
        accepted = dict(inspect.signature(detector_class).parameters)
    except (TypeError, ValueError):
        accepted = {}
    for name, parameter in accepted.items():
        optional = parameter.default is not parameter.empty
        variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if not optional and not variadic and name not in {"n_features", "random_state", "verbose"}:
            hint = "name a function that returns a fitted detector"
            raise InputError(f"{detector_class.__name__} cannot be built without {name!r}: {hint}")

    def build(seed: int) -> Any:
        options = {"n_features": n_features, "random_state": seed, "verbose": 0}
        return detector_class(**{name: value for name, value in options.items() if name in accepted})

    return build


def _builder_of_options(detector: Any) -> Build | None:
    """Return a function that builds a detector with a fitted one's options, which only `get_params` reveals."""
    if not callable(getattr(detector, "get_params", None)):
        return None

    def build(seed: int) -> Any:
        options = copy.deepcopy(detector.get_params(deep=False))
        return type(detector)(**options | ({"random_state": seed} if "random_state" in options else {}))

    return build


def _name(detector: Any) -> str:
    named = detector if isinstance(detector, type) or inspect.isfunction(detector) else type(detector)
    return f"{named.__module__}:{named.__qualname__}"


def _brief(error: BaseException) -> str:
    """Return an error's type and the first line of its message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__


@contextmanager
def one_line_errors(what: str) -> Iterator[None]:
    """Silence warnings, and turn any exception of the user's code into an `InputError` that begins with `what`."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  the user's code may raise anything
        raise InputError(f"{what} ({_brief(error)})") from None


@contextmanager
def cwd_on_path() -> Iterator[None]:
    """Make modules of the current folder importable, as `python -m` does."""
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with suppress(ValueError):  # the user's code may have removed it
            sys.path.remove(folder)
