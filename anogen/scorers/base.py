"""The Scorer interface: a fitted detector's anomaly score as a function of tensors."""

from abc import ABC, abstractmethod
from copy import copy, deepcopy
from math import isfinite
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import torch
from numpy.typing import NDArray
from pyod.models.base import BaseDetector
from torch import Tensor, nn

from anogen.errors import InputError

T = TypeVar("T")
Array = TypeVar("Array")
BatchDependence = Literal["none", "train+batch", "batch", "stochastic"]
Orientation = Literal["anomaly", "normality"]

BOX_TOLERANCE = 1e-9
WEIGHT_EPS = 1e-30  # a weight below this is lost in any sum of float32 that matters


class Optimum(NamedTuple, Generic[Array]):
    """The rows that a scorer scores lowest.

    Attributes
    ----------
    samples : array of shape (m, d)
        The known global minimisers: a float64 array from `anogen.find_optimum`, a tensor from `Scorer.optimum`.
    score : float
        Their anomaly score.
    status : {"proved", "numerical"}
        Whether the certificate proves that no row scores lower, or a numerical search ended here.
    certificate : str
        The proof in one sentence, or the search.
    """

    samples: Array
    score: float
    status: Literal["proved", "numerical"]
    certificate: str


class Scorer(ABC):
    """The anomaly score of a fitted detector: `scorer(X)` returns (n,) float64, and larger is more anomalous.

    `anogen.make_scorer` returns one for a detector. A subclass sets `n_features_in_` and defines `score`;
    `anogen.register_scorer` makes it the scorer of a class of detectors.

    Attributes
    ----------
    n_features_in_ : int
        Length d of a row.
    batch_dependence : {"none", "train+batch", "batch", "stochastic"}
        What the score of a row depends on in addition to the row: nothing, the training data and the other rows of the
        batch, the batch alone, or random numbers. Exact scorers declare it. That of a detector without one, of a
        function or a network is measured with 48 rows when it is first read; "batch" then includes "train+batch".
    differentiable : bool
        Whether gradients flow from the score to the row; the score then consists of PyTorch operations, on any device.
    orientation : {"anomaly", "normality"}
        The meaning of a larger value of the detector's own score. The scorer changes the sign of "normality".
    orientation_source : str
        The reason for that orientation, such as "PyOD" or "stated by the caller".
    dtype : torch.dtype
        Type of the arithmetic; scores are returned as float64.
    accepts_float32 : bool
        Whether float32 input is accepted without conversion.
    device : torch.device
        Device of the rows and of the returned scores.

    Examples
    --------
    >>> import anogen, numpy as np
    >>> class DistanceToGrey(anogen.Scorer):
    ...     n_features_in_ = 4
    ...     def score(self, x):
    ...         return (x - 0.5).norm(dim=1)
    >>> DistanceToGrey()(np.zeros((2, 4)))
    tensor([1., 1.], dtype=torch.float64)
    """

    n_features_in_: int
    batch_dependence: BatchDependence = "none"
    differentiable: bool = False
    orientation: Orientation = "anomaly"
    orientation_source: str = "the scorer's own definition"
    dtype: torch.dtype = torch.float64
    accepts_float32: bool = False
    device: torch.device = torch.device("cpu")

    def __call__(self, x: Tensor | NDArray[Any]) -> Tensor:
        """Return the anomaly scores of rows (n, d), a tensor or an array, as (n,) float64.

        Raises `InputError` for rows of another length, and on the CPU for NaN and infinity.
        """
        if not isinstance(x, Tensor):
            x = torch.as_tensor(x)
        if x.device.type == "cpu" and not isfinite(x.detach().sum()) and (bad := int((~x.isfinite()).sum())):
            raise InputError(f"{bad} values of these rows are NaN or infinite: clean them")
        return self.score_finite(x)

    def score_finite(self, x: Tensor) -> Tensor:
        """Return `self(x)` for rows that a search generated, which are not searched for NaN and infinity again."""
        if x.ndim != 2 or x.shape[1] != self.n_features_in_:
            shape, d = tuple(x.shape), self.n_features_in_
            raise InputError(f"rows of shape {shape} do not fit this detector: it takes (n, {d})")
        unconverted = self.accepts_float32 and x.dtype == torch.float32
        scores = self.score(x if unconverted else x.to(self.dtype)).double()
        if scores.shape != x.shape[:1]:  # compiled code will trust it
            raise InputError(f"{len(x)} rows have scores of shape {tuple(scores.shape)}: return one score for each row")
        return scores

    @abstractmethod
    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), already in the scorer's dtype (or accepted float32), as (n,)."""

    def optimum(self) -> Optimum | None:
        """Return the most normal rows, or None if they are unknown."""
        return None

    def optimum_in_box(self, low: float = 0.0, high: float = 1.0) -> Optimum | None:
        """Return the most normal rows with all values in [low, high], or None if they are unknown.

        These are the rows of `optimum` that lie in the box, up to rounding; scorers override this method where there
        may be none.
        """
        known = self.optimum()
        if known is None:
            return None
        inside = ((known.samples >= low - BOX_TOLERANCE) & (known.samples <= high + BOX_TOLERANCE)).all(dim=1)
        return known._replace(samples=known.samples[inside].clamp(low, high)) if inside.any() else None

    def trivial_optimum(self) -> Optimum:
        """Return the trivial optimum when no feature is free: the one row of length 0."""
        row = torch.empty(1, 0, dtype=torch.float64)
        return Optimum(row, self(row).item(), "proved", "no pixel is free")

    def to(self, target: str | torch.device | torch.dtype) -> "Scorer":
        """Return the scorer on a device, such as "cuda", or in `torch.float32`, equal to 1e-5 and faster.

        A differentiable scorer copies its tensors to the device; its scores then differ from the CPU's by rounding.
        Other scorers, made of compiled loops or of the detector's own function, stay on the CPU: rows are copied to
        it and scores back. `condition_on` and `optimum` need a scorer on the CPU. Raises `InputError` if the device is
        unavailable, or if the score would lose its digits in float32.
        """
        if isinstance(target, torch.dtype):
            return self if target == self.dtype else self._to_float32()
        device = resolve_device(target)
        if device == self.device:
            return self
        if not self.differentiable:
            return CPUScorer(self, device)
        moved = _copy_to(self, device)
        moved.device = device
        return moved

    def _to_float32(self) -> "Scorer":
        raise InputError(f"{type(self).__name__} has no mode in float32 that keeps the score: use float64")

    def condition_on(self, free: Tensor, reference: Tensor) -> "Scorer":
        """Return the score as a function of the free pixels alone.

        The scorer of rows (n, f) equals this one on the completed images. `free` (f,) are the indices of the pixels
        that may change, ascending int64, and `reference` (d,) is the image that supplies the others. Scorers override
        this method where the fixed pixels' part of a product, a sum or a distance can be computed once.
        """
        return ConditionalScorer(self, free, reference)


def complement(free: Tensor, d: int) -> Tensor:
    """Return the indices of the pixels that are not free, (d - f,)."""
    fixed = torch.ones(d, dtype=torch.bool)
    fixed[free] = False
    return fixed.nonzero().squeeze(1)


def drop_tiny_weights(weight: Tensor) -> Tensor:
    """Return float32 weights with those below 1e-30 set to 0.

    Weight decay leaves such weights at constant pixels. Their products are subnormal, which makes a CPU up to fifteen
    times slower.
    """
    return weight.masked_fill(weight.abs() < WEIGHT_EPS, 0)


class _WrappedScorer(Scorer):
    """Base of scorers that pass rows on to another scorer."""

    def __init__(self, whole: Scorer, n_features: int) -> None:
        self.whole, self.n_features_in_, self.dtype = whole, n_features, whole.dtype

    @property
    def batch_dependence(self) -> BatchDependence:  # type: ignore[override]
        """That of the whole scorer."""
        return self.whole.batch_dependence


class ConditionalScorer(_WrappedScorer):
    """The conditional score of any scorer: completes the image and scores it whole."""

    def __init__(self, whole: Scorer, free: Tensor, reference: Tensor) -> None:
        super().__init__(whole, len(free))
        self.free, self.reference, self.differentiable = free, reference.to(whole.dtype), whole.differentiable

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of the images that rows (n, f) complete, (n,)."""
        return self.whole.score(self.reference.repeat(len(x), 1).index_copy(1, self.free, x))


class CPUScorer(_WrappedScorer):
    """A scorer that computes on the CPU, for rows on another device."""

    def __init__(self, whole: Scorer, device: torch.device) -> None:
        super().__init__(whole, whole.n_features_in_)
        self.device, self.accepts_float32 = device, whole.accepts_float32

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,), on their device."""
        return self.whole.score(x.cpu()).to(self.device)

    def to(self, target: str | torch.device | torch.dtype) -> Scorer:
        """Return the scorer of rows on another device, or in another type."""
        return self.whole.to(target)


def resolve_device(device: str | torch.device) -> torch.device:
    """Return a device by its name, with its number; raise `InputError` if it is unavailable or has no float64."""
    try:
        return torch.empty(1, dtype=torch.float64, device=device).device
    except (RuntimeError, AssertionError, TypeError) as error:
        problem = f"device {str(device)!r} cannot be used here ({str(error).strip().splitlines()[0]})"
        raise InputError(f"{problem}: give 'cpu', or one that is") from error


def _copy_to(obj: T, device: torch.device) -> T:
    moved = copy(obj)
    vars(moved).update({name: _to_device(value, device) for name, value in vars(obj).items()})
    return moved


def _to_device(value: Any, device: torch.device) -> Any:
    """Return a value with its tensors on a device; a value without tensors is returned unchanged."""
    match value:
        case Tensor() | Scorer():
            return value.to(device)
        case nn.Module():
            return deepcopy(value).to(device)
        case BaseDetector():
            return _copy_to(value, device)
        case dict():
            return {key: _to_device(item, device) for key, item in value.items()}
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*(_to_device(item, device) for item in value))
        case list() | tuple():
            return type(value)(_to_device(item, device) for item in value)
    return value
