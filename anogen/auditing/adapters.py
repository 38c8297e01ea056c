"""Detectors of other libraries with PyOD's protocol: river, aeon, ONNX, and detectors of tables with names and text.

Libraries are recognised by the names of a class's modules, so none is imported here unless the user's object needs it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from anogen.errors import InputError, brief, require

Floats = NDArray[np.float64]
Decode = Callable[[Floats], Any]
ONNX_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
SCORE_OUTPUTS = ("scores", "score", "score_samples", "decision_function", "anomaly_score")  # the first that is there


class Adapted:
    """A detector of another library, with `fit` and `decision_function`; larger scores are more anomalous.

    `get_params` returns what builds an equal one, so that copies can be fitted to other data.
    """

    orientation_source: ClassVar[str] = ""

    def __init__(self, model: Any, columns: list[str] | None = None, random_state: int | None = None) -> None:
        self.model, self.columns, self.random_state = model, columns, random_state

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return dict(vars(self))


class RiverDetector(Adapted):
    """A detector of river, which learns and scores one row at a time; a row is a dict by column name or number."""

    orientation_source = "river"

    def fit(self, X: Floats, y: object = None) -> "RiverDetector":
        """Learn rows (n, d) in their order."""
        options = self.model._get_params()
        seed: dict[str, Any] = {"seed": self.random_state}
        seeds = {key: seed for key, value in options.items() if "seed" in _keys(value)}
        seeds |= seed if "seed" in options else {}
        self.model = self.model.clone(seeds if self.random_state is not None else None)
        for row in self._dicts(X):
            self.model.learn_one(row)
        return self

    def decision_function(self, X: Floats) -> Floats:
        """Return the scores of rows (n, d), one call for each, (n,)."""
        return np.array([self.model.score_one(row) for row in self._dicts(X)])

    def _dicts(self, X: Floats) -> list[dict[Any, float]]:
        names = self.columns or range(X.shape[1])  # river numbers the columns of arrays
        return [dict(zip(names, row, strict=True)) for row in np.asarray(X).tolist()]


class AeonDetector(Adapted):
    """A detector of aeon, for rows that are windows of a signal; the library's detectors of collections and of series.

    A detector of series is fitted to the windows in a row, and the score of a window is that of its most anomalous
    point.
    """

    orientation_source = "aeon"

    def fit(self, X: Floats, y: object = None) -> "AeonDetector":
        """Fit a copy to windows (n, w)."""
        X = np.asarray(X)
        self.model = clone(self.model)
        if self.random_state is not None and "random_state" in self.model.get_params():
            self.model.set_params(random_state=self.random_state)
        self.model.fit(X.reshape(-1) if self._reads_series else X)
        return self

    def decision_function(self, X: Floats) -> Floats:
        """Return the scores of windows (n, w), (n,)."""
        X = np.asarray(X)
        if self._reads_series:
            return np.array([np.max(self.model.predict(row)) for row in X], dtype=np.float64)
        return np.asarray(self.model.predict(X), dtype=np.float64)

    @property
    def _reads_series(self) -> bool:
        return any(".series" in part.__module__ for part in type(self.model).__mro__)


class OnnxScore:
    """The output of an ONNX model for rows, as a function; the model's file holds no Python code.

    Rows are reshaped to the model's input. The output is the only one with one number for each row; of several, the one
    named scores, score, score_samples, decision_function or anomaly_score.
    """

    def __init__(self, session: Any, path: str | None = None) -> None:
        self.session, self.path = session, path
        inputs = session.get_inputs()
        known = len(inputs) == 1 and inputs[0].type in ONNX_TYPES
        taken = ", ".join(f"{given.name}: {given.type}" for given in inputs)
        require(known, f"the ONNX model takes {taken}: give one with one input of floating-point numbers")
        self.input, self.dtype = inputs[0].name, ONNX_TYPES[inputs[0].type]
        shape: list[Any] = list(inputs[0].shape) or [None]
        self.batch, self.shape = shape[0], shape[1:]
        outputs = [output.name for output in session.get_outputs() if output.type in ONNX_TYPES]
        named = [name for name in SCORE_OUTPUTS if name in outputs]
        hint = "rename one to scores"
        require(
            named or len(outputs) == 1, f"the ONNX model's outputs are {', '.join(outputs) or 'no numbers'}: {hint}"
        )
        self.output = named[0] if named else outputs[0]

    def __call__(self, X: Floats) -> Floats:
        """Return the model's output for rows (n, d), (n,), one row at a time if its batch size is fixed to 1."""
        shape: list[int] = [-1 if not isinstance(side, int) else side for side in self.shape]
        rows = np.ascontiguousarray(X, dtype=self.dtype).reshape(len(X), *shape if shape.count(-1) < 2 else [-1])
        parts = [rows[i : i + 1] for i in range(len(rows))] if self.batch == 1 else [rows]
        return np.concatenate([self.session.run([self.output], {self.input: part})[0].reshape(-1) for part in parts])

    def __deepcopy__(self, memo: object) -> "OnnxScore":
        """Return another function of the same session, which has no state that scoring could change."""
        return OnnxScore(self.session, self.path)

    def __reduce__(self) -> Any:
        """Save the path of the model's file."""
        if self.path is None:
            raise TypeError("an open session of onnxruntime cannot be saved")
        return load_onnx, (self.path,)


def load_onnx(path: str | Path) -> OnnxScore:
    """Return the score function of an .onnx file, computed on the CPU."""
    require(Path(path).is_file(), f"there is no file {path}: give an ONNX model")
    try:
        import onnxruntime
    except ImportError:
        raise InputError(f"to read {path}, install onnxruntime (pip install onnxruntime)") from None
    try:
        return OnnxScore(onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]), str(path))
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  a damaged file makes the runtime raise nearly anything
        raise InputError(f"{path} cannot be read ({brief(error)}): is it an ONNX model?") from None


def adapt(
    detector: Any, columns: list[str] | None = None, decoder: Callable[[Any], Decode | None] | None = None
) -> Any:
    """Return a detector, or a class of detectors, with PyOD's protocol; those that have a known one as they are.

    `columns` are the names of the features, for libraries that read rows by name. `decoder` is that of `AuditData`: it
    returns the function that makes tables of rows (n, d), for detectors that take no arrays.
    """
    detector_class = detector if isinstance(detector, type) else type(detector)
    modules = {part.__module__.partition(".")[0] for part in detector_class.__mro__}
    if "onnxruntime" in modules and hasattr(detector, "get_inputs"):
        detector = OnnxScore(detector)
    adapted: type[Adapted] | None = None
    if "river" in modules and hasattr(detector, "score_one"):
        supervised = "SupervisedAnomalyDetector" in {part.__name__ for part in detector_class.__mro__}
        require(not supervised, f"{detector_class.__name__} scores a target given features: give an AnomalyDetector")
        adapted = RiverDetector
    elif "aeon" in modules and "BaseAnomalyDetector" in {part.__name__ for part in detector_class.__mro__}:
        adapted = AeonDetector
    if adapted is not None:
        if isinstance(detector, type):
            return _class_of(adapted, detector, columns)
        fitted = adapted is RiverDetector or detector.get_tag("fit_is_empty") or detector.is_fitted
        require(fitted, f"{detector_class.__name__} is not fitted: fit it first, or name its class")
        return adapted(detector, columns)
    decode = decoder(detector) if decoder else None
    return detector if decode is None else _of_table(detector, decode)


def _class_of(adapted: type[Adapted], model_class: type, columns: list[str] | None) -> type:
    """Return a class that builds an adapted detector with its library's defaults."""

    def build(_: type, random_state: int | None = None) -> Adapted:
        return adapted(model_class(), columns, random_state)

    return type(model_class.__name__, (adapted,), {"__new__": build})


def _of_table(detector: Any, decode: Decode) -> Any:
    """Return a detector of arrays that passes rows, decoded, to one of tables."""
    first = FunctionTransformer(decode)
    if isinstance(detector, type):
        return type(detector.__name__, (Pipeline,), {"__new__": lambda _: make_pipeline(first, detector())})
    return make_pipeline(first, detector) if hasattr(detector, "fit") else lambda rows: detector(decode(rows))


def _keys(value: Any) -> Any:
    return value if isinstance(value, dict) else ()
