"""What a scorer is: a fitted detector's score on tensors."""

from abc import ABC, abstractmethod
from copy import copy, deepcopy
from typing import Any, Literal, NamedTuple, TypeVar

import torch
from numpy.typing import NDArray
from pyod.models.base import BaseDetector
from torch import Tensor, nn

from anogen.errors import InputError

Holder = TypeVar("Holder")

DUST = 1e-30  # a weight below this is lost in any sum of float32 that matters

Semantics = Literal["none", "train+batch", "batch", "stochastic"]


class Optimum(NamedTuple):
    """The most normal points of a detector."""

    samples: Tensor  # (m, d): every known global minimiser
    score: float
    status: Literal["proved", "numerical"]
    certificate: str  # the argument, or how it was found


class Scorer(ABC):
    """The score of a fitted detector, equal to its `decision_function`.

    Attributes
    ----------
    dimension
        Length d of a row.
    batch_dependence
        What a row's score depends on besides the row: nothing (`none`), the training data and the rest of the
        batch (`train+batch`), the batch alone (`batch`), or chance (`stochastic`).
    differentiable
        Whether gradients flow from the score to the row; it is then made of PyTorch's operations, on any device.
    dtype
        Of the arithmetic; scores are returned as float64.
    accepts_float32
        Whether rows in float32 are taken as they are, and each value is widened where it is used.
    device
        Where rows have to be; scores are returned there.
    """

    n_features_in_: int
    batch_dependence: Semantics = "none"
    differentiable: bool = False
    dtype: torch.dtype = torch.float64
    accepts_float32: bool = False
    device: torch.device = torch.device("cpu")

    def __call__(self, x: Tensor | NDArray[Any]) -> Tensor:
        """Return the anomaly scores of rows (n, d), a tensor or an array, as (n,), float64."""
        if not isinstance(x, Tensor):
            x = torch.as_tensor(x)
        if x.ndim != 2 or x.shape[1] != self.n_features_in_:
            raise InputError(
                f"rows of shape {tuple(x.shape)} do not fit this detector: it takes (n, {self.n_features_in_})"
            )
        as_it_is = self.accepts_float32 and x.dtype == torch.float32
        scores = self.score(x if as_it_is else x.to(self.dtype)).double()
        if scores.shape != x.shape[:1]:  # compiled code will trust it
            raise InputError(f"{len(x)} rows have got scores of shape {tuple(scores.shape)}: return one for each row")
        return scores

    @abstractmethod
    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), already in the scorer's dtype (or float32 if it accepts that), as (n,)."""

    def optimum(self) -> Optimum | None:
        """Return the most normal points where they are known."""
        return None

    def trivial_optimum(self) -> Optimum:
        """Return the one row that there is where no pixel is free, (0,), as the most normal one."""
        row = torch.empty(1, 0, dtype=torch.float64)
        return Optimum(row, self(row).item(), "proved", "no pixel is free")

    def single(self) -> "Scorer":
        """Return the faster scorer in float32, equal to 1e-5, where there is one; raises `InputError` where not."""
        if self.dtype == torch.float32:
            return self
        raise InputError(f"{type(self).__name__} has no mode in float32 that keeps the score: use float64")

    def to(self, device: str | torch.device) -> "Scorer":
        """Return the scorer of rows on a device, such as "cuda"; raises `InputError` where that is not at hand.

        All that a differentiable scorer computes with is copied there: its scores then differ from the processor's by
        rounding. Any other one, made of compiled loops or of the detector's own function, stays on the processor, and
        rows are handed to it and scores back. `condition_on` and `optimum` are for scorers that are on the processor.
        """
        device = available(device)
        if device == self.device:
            return self
        if not self.differentiable:
            return CPUScorer(self, device)
        there = _with_all_on(self, device)
        there.device = device
        return there

    def condition_on(self, free: Tensor, reference: Tensor) -> "Scorer":
        """Return the score as a function of the free pixels alone.

        Parameters
        ----------
        free
            Indices of the pixels that may change, (f,), int64, ascending.
        reference
            The image that the other pixels are held at, (d,).

        Returns
        -------
        A scorer of rows (n, f), equal to this one on the images that they complete. Scorers override this where the
        fixed pixels' part of a product, a sum or a distance can be computed once.
        """
        return ConditionalScorer(self, free, reference)


def complement(free: Tensor, d: int) -> Tensor:
    """Return the indices of the pixels that are not free, (d - f,)."""
    fixed = torch.ones(d, dtype=torch.bool)
    fixed[free] = False
    return fixed.nonzero().squeeze(1)


def without_dust(weight: Tensor) -> Tensor:
    """Return weights of float32 with those set to 0 that are too small to change a sum of any size.

    Weight decay leaves such weights at pixels that never change, and processors take up to fifteen times as long for
    their products, which are below the smallest normal number.
    """
    return weight.masked_fill(weight.abs() < DUST, 0)


class ConditionalScorer(Scorer):
    """Any scorer's conditional score: completes the image and scores it whole."""

    def __init__(self, whole: Scorer, free: Tensor, reference: Tensor) -> None:
        self.whole, self.free, self.reference = whole, free, reference.to(whole.dtype)
        self.n_features_in_ = len(free)
        self.batch_dependence, self.differentiable, self.dtype = (
            whole.batch_dependence,
            whole.differentiable,
            whole.dtype,
        )

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of the images that rows (n, f) complete, (n,)."""
        return self.whole.score(self.reference.repeat(len(x), 1).index_copy(1, self.free, x))


class CPUScorer(Scorer):
    """A scorer that computes on the processor, for rows that are elsewhere."""

    def __init__(self, whole: Scorer, device: torch.device) -> None:
        self.whole, self.device = whole, device
        self.n_features_in_, self.batch_dependence, self.dtype, self.accepts_float32 = (
            whole.n_features_in_, whole.batch_dependence, whole.dtype, whole.accepts_float32
        )  # fmt: skip

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,), on their device."""
        return self.whole.score(x.cpu()).to(self.device)

    def to(self, device: str | torch.device) -> Scorer:
        """Return the scorer of rows that are on another device."""
        return self.whole.to(device)


def available(device: str | torch.device) -> torch.device:
    """Return a device by its name, with its number; raise `InputError` if it is not there or has no float64."""
    try:
        return torch.empty(1, dtype=torch.float64, device=device).device
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).strip().split("\n")[0]
        raise InputError(
            f"device {str(device)!r} cannot be used here ({reason}): give 'cpu', or one that is"
        ) from error


def _with_all_on(holder: Holder, device: torch.device) -> Holder:
    """Return a copy of an object whose tensors and networks are on a device."""
    there = copy(holder)
    vars(there).update({name: _on(value, device) for name, value in vars(holder).items()})
    return there


def _on(value: Any, device: torch.device) -> Any:
    """Return a value with the tensors in it on a device; what holds none is returned as it is."""
    match value:
        case Tensor() | Scorer():
            return value.to(device)
        case nn.Module():
            return deepcopy(value).to(device)
        case BaseDetector():
            return _with_all_on(value, device)
        case dict():
            return {key: _on(one, device) for key, one in value.items()}
        case tuple() if hasattr(value, "_fields"):
            return type(value)(*(_on(one, device) for one in value))
        case list() | tuple():
            return type(value)(_on(one, device) for one in value)
    return value
