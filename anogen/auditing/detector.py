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

from anogen.auditing.adapters import Adapted, Decode, adapt
from anogen.detectors.mixins import seeded
from anogen.errors import InputError, brief, require
from anogen.scorers.base import Orientation, Scorer
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

    def refit(self, seed: int, rows: Floats) -> Any:
        """Return a copy that is fitted to rows (m, d)."""
        assert self.build is not None, "only a detector that can be built can be refitted"
        return _fit(self.build, seed, rows, self.name)

    def score_of(self, detector: Any) -> Score:
        """Return the score function of a copy."""
        return score_function(detector, self.requested_orientation)[0]


@dataclass
class CountingScorer:
    """Score rows with a detector, count the calls and report failures in one line."""

    score: Score
    name: str
    calls: int = 0
    start: float = field(default_factory=time.perf_counter)

    modified: int = 0  # calls that changed the rows they were passed

    def __call__(self, rows: Any, *, allow_nan: bool = False) -> Floats:
        """Return the scores of rows (n, d), (n,), with infinite scores replaced by ±1e300.

        The detector is passed a copy of an array, with its dtype and layout, or of a DataFrame.
        """
        self.calls += 1
        n = len(rows)
        if isinstance(rows, np.ndarray):
            passed = rows.copy(order="K") if rows.flags.forc else np.repeat(rows, 2, axis=0)[::2]
        else:
            passed = rows.copy()
        with one_line_errors(f"{self.name} could not score {n} rows of {rows.shape[1]} columns"):
            scores = _real_numbers(self.score(passed)).reshape(-1)
        self.modified += not np.array_equal(np.asarray(passed), np.asarray(rows), equal_nan=True)
        n_nan = int(np.isnan(scores).sum())
        complete = scores.shape == (n,)
        require(complete, f"{self.name} returned {scores.size} scores for {n} rows: return one for each row")
        require(allow_nan or not n_nan, f"{self.name} scores {n_nan} of {n} rows NaN: fix it first")
        return np.clip(scores, -MAX_SCORE, MAX_SCORE)

    def seconds(self) -> float:
        """Return the time since the scorer was made, in seconds."""
        return time.perf_counter() - self.start


def import_detector(path: str) -> Any:
    """Import the object that `module:NAME` names; the module's code runs, nothing is evaluated."""
    valid = IMPORT_PATH.fullmatch(path)
    require(valid, f"detector {path!r} is not of the form module:NAME: write it like pyod.models.ecod:ECOD")
    module, _, name = path.partition(":")
    with one_line_errors(f"detector {path!r}: importing {module} failed"):
        imported = importlib.import_module(module)
        where = getattr(imported, "__file__", None) or "built in"
        require(hasattr(imported, name), f"detector {path!r}: {module} ({where}) has no {name!r}")
        return getattr(imported, name)


def prepare(
    detector: Any,
    train: Floats,
    seed: int,
    name: str | None = None,
    orientation: Orientation | None = None,
    copy_fitted: bool = True,
    columns: list[str] | None = None,
    decoder: Callable[[Any], Decode | None] | None = None,
) -> DetectorUnderTest:
    """Return the detector to audit: a class is fitted to `train` (m, d); a fitted object is copied unless told not to.

    A detector that is copied is not altered, for some change when they score. `columns` and `decoder` are those of
    `adapters.adapt`.
    """
    with one_line_errors("the detector cannot be examined"):  # attributes of a user's object may raise anything
        name = name or _name(detector)
        build = None
        if isinstance(detector, type):
            kind, detector = "class", adapt(detector, columns, decoder)
            scores = any(callable(getattr(detector, name, None)) for name in ("decision_function", "score_samples"))
            complete = scores and callable(getattr(detector, "fit", None))
            require(complete, f"{name} has no fit and decision_function: give a detector with PyOD's protocol")
            build = _builder_of_class(detector, train.shape[1])
            detector = _fit(build, seed, train, name)
        else:
            kind = _kind(detector)
            if kind == "factory":
                detector = _call_factory(detector, name)
            pyod_like = isinstance(detector, BaseDetector) or hasattr(detector, "decision_scores_")
            if pyod_like and getattr(detector, "decision_scores_", None) is None:
                hint = "fit it first, or name its class, which is then fitted to the data"
                raise InputError(f"{name} is not fitted: {hint}")
            detector = adapt(detector, columns, decoder)
            kind = "function" if kind == "fitted" and score_method(detector) == "__call__" else kind
            if copy_fitted and kind != "factory" and score_method(detector):
                detector = _copy(detector, name)
            build = _builder_of_options(detector)
        try:
            score, text = score_function(detector, orientation)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
    return DetectorUnderTest(detector, name, kind, score, text, orientation, build)


def _call_factory(factory: Any, name: str) -> Any:
    with one_line_errors(f"the factory {name} failed"):
        detector = factory()
    if inspect.iscoroutine(detector):
        detector.close()
    if isinstance(detector, type) or score_method(adapt(detector)) is None:
        raise InputError(f"{name} returned no fitted detector: return one with PyOD's protocol")
    return detector


def _copy(detector: Any, name: str) -> Any:
    """Return a deep copy; functions have no state and stay as they are."""
    hint = "and scoring could change it: pass copy=False, or a function without arguments that returns it"
    with one_line_errors(f"{name} cannot be copied, {hint}"):
        copied = copy.deepcopy(detector)
    require(copied is not detector or inspect.isroutine(detector), f"{name} cannot be copied, {hint}")
    return copied


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


def score_function(detector: Any, orientation: Orientation | None) -> tuple[Score, str]:
    """Return a function of rows (n, d) that is larger for anomalies, and how the detector's scores were read."""
    method = score_method(detector)
    if method is None:
        raise InputError("it has no decision_function: give a detector with PyOD's or scikit-learn's protocol")
    known = orientation in (None, *get_args(Orientation))
    require(known, f"orientation = {orientation!r} is unknown: choose 'anomaly' or 'normality'")
    assumed, source = (None, "") if method == "__call__" else assumed_orientation(detector)
    if isinstance(detector, Scorer | Adapted):
        assumed, source = "anomaly", detector.orientation_source
    if orientation:
        assumed, source = orientation, STATED
    require(assumed, "the meaning of a larger score is unknown: pass orientation='anomaly' or 'normality'")
    own = _network_score(detector) if isinstance(detector, nn.Module) else getattr(detector, method)
    text = f"larger scores mean {assumed} ({source})"
    if assumed == "anomaly":
        return own, text
    return lambda rows: -_real_numbers(own(rows)), text


def _real_numbers(scores: Any) -> Floats:
    """Return a detector's scores as float64; raise for complex or masked ones, which it would truncate."""
    array = np.asarray(scores)
    if np.iscomplexobj(array) or np.ma.is_masked(scores):
        raise TypeError("scores are complex or masked")
    return array.astype(np.float64)


def _network_score(network: nn.Module) -> Score:
    """Return a function that scores an array with a network in its present mode, on the device of its weights."""
    weight = next(network.parameters(), torch.empty(0))

    def score(rows: Floats) -> Floats:
        with torch.no_grad():
            scores: Tensor = network(torch.as_tensor(rows, dtype=weight.dtype, device=weight.device))
        return scores.double().cpu().numpy()

    return score


def _fit(build: Build, seed: int, rows: Floats, name: str) -> Any:
    """Build a detector and fit it to rows (m, d), with all known random generators seeded."""
    what = f"{name} could not be fitted to {len(rows)} rows of {rows.shape[1]} columns"
    with seeded(seed), one_line_errors(what):
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
        options = {"n_features": n_features, "random_state": seed, "verbose": 0, "novelty": True}
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


@contextmanager
def one_line_errors(what: str) -> Iterator[None]:
    """Silence warnings, and turn any exception of the user's code into an `InputError` that begins with `what`.

    SystemExit is one of them: the user's code must not end an audit as if it had passed. Ctrl-C stays what it is.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (InputError, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001  the user's code may raise anything
        raise InputError(f"{what} ({brief(error)})") from None


@contextmanager
def cwd_on_path() -> Iterator[None]:
    """Make modules of the current folder importable, after installed ones: a `random.py` there replaces none."""
    folder = str(Path.cwd())
    sys.path.append(folder)
    try:
        yield
    finally:
        with suppress(ValueError):  # the user's code may have removed it
            sys.path.remove(folder)
