"""Gradient descent on the pixels (thesis 5.3.1 and 6.1.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.errors import require
from anogen.generators import inputs
from anogen.generators.inputs import PixelMask, check_finite, make_pixel_mask, noise
from anogen.scorers import Scorer

TENSORS = ("images", "first", "second")


@dataclass(frozen=True)
class GradientConfig:
    """The parameters of gradient descent; "(open)" marks those that the thesis leaves open.

    Parameters
    ----------
    learning_rate : float
        Step size.
    rule : {"plain", "adam"}
        (open) Plain gradient steps, or Adam. `anogen.generate` uses Adam by default: its steps do not depend on the
        scale of the score, so it does not diverge on an unknown one.
    reduction : {"sum", "mean"}
        (open) Whether the gradient is that of the mean over the d pixels, as Eq. 5.1 is printed, or of the sum, which
        is d times as large.
    clip : bool
        (open) Whether pixels are kept in [0, 1].

    Raises
    ------
    InputError
        For a value out of range.

    Examples
    --------
    >>> from anogen.generators import GradientConfig
    >>> GradientConfig(learning_rate=0.1).rule
    'plain'
    """

    learning_rate: float = 0.01
    rule: Literal["plain", "adam"] = "plain"
    reduction: Literal["sum", "mean"] = "sum"
    clip: bool = True

    def __post_init__(self) -> None:
        rate = self.learning_rate
        require(rate > 0, f"learning_rate = {rate:g} is not a step size: give a positive number")
        require(self.rule in {"plain", "adam"}, f"unknown rule {self.rule!r}: choose plain or adam")
        require(self.reduction in {"sum", "mean"}, f"unknown reduction {self.reduction!r}: choose sum or mean")


class State(NamedTuple):
    """R images during descent on their f free pixels (all d without a mask), with the moments of Adam (0 if plain)."""

    images: Tensor  # (R, f) float32
    first: Tensor  # (R, f)
    second: Tensor  # (R, f)
    iteration: int
    mask: PixelMask | None = None

    @classmethod
    def first_of(cls, images: Tensor, mask: PixelMask | None = None) -> "State":
        """Return the state before the first step from images (R, f)."""
        return cls(images, torch.zeros_like(images), torch.zeros_like(images), 0, mask)

    def to(self, device: torch.device) -> "State":
        """Return the state on a device."""
        return self._replace(**{key: getattr(self, key).to(device) for key in TENSORS})

    def complete(self) -> Tensor:
        """Return a copy of the images with their fixed pixels, (R, d)."""
        return self.images.clone() if self.mask is None else self.mask.complete(self.images)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return a copy of the state as arrays; a mask is not part of them."""
        tensors = {key: getattr(self, key).cpu().numpy().copy() for key in TENSORS}
        return tensors | {"iteration": np.array(self.iteration)}

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray]) -> "State":
        """Return the state that `arrays` wrote."""
        images, first, second = (torch.tensor(arrays[key]) for key in TENSORS)
        return cls(images, first, second, int(arrays["iteration"]))


class Info(NamedTuple):
    """The scores before one step."""

    scores: Tensor  # (R,) float64


def step(state: State, scorer: Scorer, config: GradientConfig) -> tuple[State, Tensor]:
    """Return the state after one step of every image, and the scores before it, (R,)."""
    scores, gradients = [], []
    for image in state.images.split(1):  # separately: the bits of an image do not depend on the other images
        x = image.clone().requires_grad_()
        score = check_finite(scorer(x))
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
    images = images.clamp_(0, 1) if config.clip else images
    return State(images, first, second, iteration, state.mask), torch.cat(scores)


def descend(
    scorer: Scorer,
    start: Tensor,
    *,
    n_iterations: int = 500,
    config: GradientConfig = GradientConfig(),
    state: State | None = None,
    device: str | torch.device = "cpu",
) -> Iterator[tuple[State, Tensor]]:
    """Minimise the score of every image by gradient steps on its pixels: the loop below `anogen.generate`.

    Parameters
    ----------
    scorer : Scorer
        A differentiable scorer.
    start : Tensor of shape (R, d)
        The images to start from, in [0, 1].
    n_iterations : int
        Number of the last iteration; the caller may stop sooner.
    config : GradientConfig
        The parameters of the descent.
    state : State, optional
        Resume from this state instead of `start`.
    device : str or torch.device
        Device of the images and of the score, for instance "cuda" (see `Scorer.to`).

    Yields
    ------
    state : State
        The state after each step, in tensors of its own.
    scores : Tensor
        The scores before the step, (R,).

    Raises
    ------
    InputError
        If the score has no gradient, for values out of range, NaN scores, and an unavailable device.

    Examples
    --------
    >>> import torch, anogen
    >>> from anogen.generators import descend
    >>> network = torch.nn.Sequential(torch.nn.Linear(9, 1), torch.nn.Softplus())
    >>> scorer = anogen.make_scorer(network, 9, orientation="anomaly")
    >>> for state, scores in descend(scorer, torch.rand(2, 9), n_iterations=5):
    ...     pass
    >>> state.images.shape, state.iteration
    (torch.Size([2, 9]), 5)
    """
    _require_gradient(scorer)
    n_iterations = inputs.check_count("n_iterations", n_iterations)
    scorer = scorer.to(device)
    if state is None:
        state = State.first_of(inputs.as_tensor("start", start).float().clone())
    state = state.to(scorer.device)
    while state.iteration < n_iterations:
        state, scores = step(state, scorer, config)
        yield state, scores


def _require_gradient(scorer: Scorer) -> None:
    """Raise `InputError` if no gradient flows through a scorer."""
    name = type(scorer).__name__
    require(scorer.differentiable, f"{name} has no gradient: generate with method='evolution'")


class Gradient(inputs.Algorithm):
    """Gradient descent on the pixels, one step at a time; a state is never overwritten.

    `anogen.generate` is the complete search. This class has the shape of blackjax's algorithms, for loops of one's own.

    Parameters
    ----------
    config : GradientConfig, optional
        The parameters; alternatively, give its fields as keywords. Without a config the rule is Adam.
    **parameters
        Fields of `GradientConfig`, such as `learning_rate`.

    Raises
    ------
    InputError
        For an unknown parameter or a value out of range.

    Examples
    --------
    >>> import torch, anogen
    >>> from anogen.generators import Gradient
    >>> network = torch.nn.Sequential(torch.nn.Linear(9, 1), torch.nn.Softplus())
    >>> scorer = anogen.make_scorer(network, 9, orientation="anomaly")
    >>> algorithm = Gradient(learning_rate=0.1)
    >>> state = algorithm.init(scorer, random_state=0)
    >>> state, info = algorithm.step(state, scorer)
    >>> state.images.shape, info.scores.shape
    (torch.Size([1, 9]), torch.Size([1]))
    """

    def __init__(self, config: GradientConfig | None = None, **parameters: Any) -> None:
        super().__init__(inputs.make_config(GradientConfig, config, parameters, {"rule": "adam"}))

    def init(
        self,
        scorer: Scorer,
        random_state: int = 0,
        *,
        n_samples: int = 1,
        mask: Any = None,
        reference: Any = None,
        start: Any = None,
    ) -> State:
        """Return the first images: noise with the seeds `random_state` + i, or `start` (n_samples, d)."""
        _require_gradient(scorer)
        d, seeds = scorer.n_features_in_, inputs.run_seeds(random_state, n_samples)
        pixel_mask = make_pixel_mask(d, self.config.clip, mask, reference)
        if start is None:
            images = torch.cat([noise((1, d), torch.Generator().manual_seed(seed)) for seed in seeds])
        else:
            images = inputs.as_tensor("start", start).detach().cpu().float().clone()
        size, needed = tuple(images.shape), (len(seeds), d)
        require(size == needed, f"start of shape {size} does not fit: give {needed}")
        free = slice(None) if pixel_mask is None else pixel_mask.free
        return State.first_of(images[:, free].to(scorer.device), pixel_mask)

    def step(self, state: State, scorer: Scorer) -> tuple[State, Info]:
        """Return the state after one step, and the scores before it, (R,)."""
        state, scores = step(state, self.condition(scorer, state.mask), self.config)
        return state, Info(scores)
