"""What a scorer is: a fitted detector's score on tensors."""

from abc import ABC, abstractmethod
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from anogen.errors import InputError

Semantics = Literal["pointwise", "train+batch", "batch", "stochastic"]


class Optimum(NamedTuple):
    """The most normal points of a detector."""

    points: Tensor  # (m, d): every known global minimiser
    score: float
    kind: Literal["proved", "numerical"]
    why: str  # the argument, or how it was found


class Scorer(ABC):
    """The score of a fitted detector, equal to its `decision_function`.

    Attributes
    ----------
    dimension
        Length d of a row.
    semantics
        What a row's score depends on besides the row: nothing (`pointwise`), the training data and the rest of the
        batch (`train+batch`), the batch alone (`batch`), or chance (`stochastic`).
    differentiable
        Whether gradients flow from the score to the row.
    dtype
        Of the arithmetic; scores are returned as float64.
    widens
        Whether rows in float32 are taken as they are, and each value is widened where it is used.
    """

    dimension: int
    semantics: Semantics = "pointwise"
    differentiable: bool = False
    dtype: torch.dtype = torch.float64
    widens: bool = False

    def __call__(self, x: Tensor) -> Tensor:
        """Return the anomaly scores of rows (n, d) as (n,), float64."""
        if x.ndim != 2 or x.shape[1] != self.dimension:
            raise InputError(f"rows of shape {tuple(x.shape)} do not fit this detector: it takes (n, {self.dimension})")
        as_it_is = self.widens and x.dtype == torch.float32
        return self.score(x if as_it_is else x.to(self.dtype)).double()

    @abstractmethod
    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), already in the scorer's dtype (or one it widens), as (n,)."""

    def optimum(self) -> Optimum | None:
        """Return the most normal points where they are known."""
        return None

    def only(self) -> Optimum:
        """Return the one row that there is where no pixel is free, (0,), as the most normal one."""
        row = torch.empty(1, 0, dtype=torch.float64)
        return Optimum(row, self(row).item(), "proved", "no pixel is free")

    def single(self) -> "Scorer":
        """Return the faster scorer in float32, equal to 1e-5, where there is one; raises `InputError` where not."""
        if self.dtype == torch.float32:
            return self
        raise InputError(f"{type(self).__name__} has no mode in float32 that keeps the score: use float64")

    def given(self, free: Tensor, reference: Tensor) -> "Scorer":
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
        return Given(self, free, reference)


def complement(free: Tensor, d: int) -> Tensor:
    """Return the indices of the pixels that are not free, (d - f,)."""
    fixed = torch.ones(d, dtype=torch.bool)
    fixed[free] = False
    return fixed.nonzero().squeeze(1)


class Given(Scorer):
    """Any scorer's conditional score: completes the image and scores it whole."""

    def __init__(self, whole: Scorer, free: Tensor, reference: Tensor) -> None:
        self.whole, self.free, self.reference = whole, free, reference.to(whole.dtype)
        self.dimension = len(free)
        self.semantics, self.differentiable, self.dtype = whole.semantics, whole.differentiable, whole.dtype

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of the images that rows (n, f) complete, (n,)."""
        return self.whole.score(self.reference.repeat(len(x), 1).index_copy(1, self.free, x))
