"""Gradient descent on the pixels (thesis 5.3.1 and 6.1.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.errors import InputError
from anogen.generators import _validation as given
from anogen.generators._validation import finite
from anogen.scorers import Scorer


@dataclass(frozen=True)
class GradientConfig:
    """How to descend; what the thesis leaves open is marked with *.

    Attributes
    ----------
    learning_rate
        Step size.
    rule
        * `plain` gradient steps, or `adam`.
    reduction
        * Whether the gradient is that of the `mean` over the d pixels, as Eq. 5.1 is printed, or of the `sum`, which
        is d times as large.
    clip
        * Whether pixels are kept in [0, 1].
    """

    learning_rate: float = 0.01
    rule: Literal["plain", "adam"] = "plain"
    reduction: Literal["sum", "mean"] = "sum"
    clip: bool = True

    def __post_init__(self) -> None:
        if not self.learning_rate > 0:
            raise InputError(f"learning_rate = {self.learning_rate:g} makes no sense: give a positive number")
        if self.rule not in {"plain", "adam"}:
            raise InputError(f"unknown rule {self.rule!r}: choose plain or adam")
        if self.reduction not in {"sum", "mean"}:
            raise InputError(f"unknown reduction {self.reduction!r}: choose sum or mean")


class State(NamedTuple):
    """R images on their way down, each with the moments of its own Adam (zero for plain steps)."""

    images: Tensor  # (R, d) float32
    first: Tensor  # (R, d)
    second: Tensor  # (R, d)
    iteration: int

    def arrays(self) -> dict[str, np.ndarray]:
        """Return a copy of the state as arrays."""
        tensors = {"images": self.images, "first": self.first, "second": self.second}
        return {key: value.cpu().numpy().copy() for key, value in tensors.items()} | {
            "iteration": np.array(self.iteration)
        }

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray]) -> "State":
        """Return the state that `arrays` wrote."""
        tensors = {key: torch.tensor(arrays[key]) for key in ("images", "first", "second")}
        return cls(iteration=int(arrays["iteration"]), **tensors)


def step(state: State, scorer: Scorer, config: GradientConfig) -> tuple[State, Tensor]:
    """Take one step with every image; also return the scores before it, (R,)."""
    scores, gradients = [], []
    for image in state.images.split(1):  # one by one: the bits of an image do not depend on its companions
        x = image.clone().requires_grad_()
        score = finite(scorer(x))
        scores.append(score.detach())
        gradients.append(torch.autograd.grad(score.sum(), x)[0])
    gradient = torch.cat(gradients) * (scorer.n_features_in_ if config.reduction == "sum" else 1)
    iteration = state.iteration + 1
    if config.rule == "adam":
        first = 0.9 * state.first + 0.1 * gradient
        second = 0.999 * state.second + 0.001 * gradient.square()
        gradient = (first / (1 - 0.9**iteration)) / ((second / (1 - 0.999**iteration)).sqrt() + 1e-8)
    else:
        first, second = state.first, state.second
    images = state.images - config.learning_rate * gradient
    return State(images.clamp_(0, 1) if config.clip else images, first, second, iteration), torch.cat(scores)


def descend(
    scorer: Scorer,
    start: Tensor,
    *,
    n_iterations: int = 500,
    config: GradientConfig = GradientConfig(),
    state: State | None = None,
    device: str | torch.device = "cpu",
) -> Iterator[tuple[State, Tensor]]:
    """Minimise the score of every image by gradient steps on its pixels.

    Parameters
    ----------
    scorer
        A differentiable scorer.
    start
        The images to start from, (R, d) in [0, 1].
    n_iterations
        When to stop; the caller may stop sooner.
    state
        Go on from here instead of from `start`.
    device
        Where images are and scores are computed, for instance "cuda" (see `Scorer.to`).

    Yields
    ------
    The state after each step, and the scores before it, (R,).

    Raises
    ------
    InputError
        If no gradient flows through the detector, for numbers that make no sense, scores that are NaN, and a device
        that is not at hand.
    """
    if not scorer.differentiable:
        raise InputError(f"{type(scorer).__name__} has no gradient: generate by evolution (anogen.generators.evolve)")
    n_iterations = given.count("n_iterations", n_iterations)
    scorer = scorer.to(device)
    if state is None:
        images = given.tensor("start", start).float().clone()
        state = State(images, torch.zeros_like(images), torch.zeros_like(images), 0)
    images, first, second = (tensor.to(scorer.device) for tensor in state[:3])
    state = State(images, first, second, state.iteration)
    while state.iteration < n_iterations:
        state, scores = step(state, scorer, config)
        yield state, scores
