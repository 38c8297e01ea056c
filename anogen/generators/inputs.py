"""The inputs of a search: starting populations, fixed pixels, and checks of counts, seeds, arrays and scores."""

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.errors import InputError, require
from anogen.scorers import Scorer


def check_count(name: str, value: Any) -> int:
    """Return a count, such as a number of generations; raise `InputError` unless it is an integer of at least 1."""
    try:
        count = operator.index(value)
    except TypeError:
        raise InputError(f"{name} = {value!r} is not an integer: give 1, 2, ...") from None
    require(count >= 1, f"{name} = {count} is too small: give 1 or more")
    return count


def check_seeds(seeds: Any) -> list[int]:
    """Return the seeds of a search, one for each run; raise `InputError` for an empty list or an invalid seed."""
    is_list = isinstance(seeds, Sequence | np.ndarray) and not isinstance(seeds, str)
    require(is_list, f"seeds = {seeds!r} is not a list of seeds: give one for each run, such as [0] or range(5)")
    require(len(seeds), "seeds are empty: give one for each run, such as [0]")
    return [check_seed("seed", seed) for seed in seeds]


def check_seed(name: str, value: Any) -> int:
    """Return a seed; raise `InputError` unless it is an integer from 0 to 2^64 - 1."""
    try:
        seed = operator.index(value)
    except TypeError:
        seed = -1
    require(0 <= seed < 2**64, f"{name} = {value} is not a valid seed: give an integer from 0 to 2^64 - 1")
    return seed


def as_tensor(name: str, value: Any) -> Tensor:
    """Return an array as a tensor, and a tensor unchanged; raise `InputError` for other types."""
    if isinstance(value, Tensor):
        return value
    try:
        return torch.as_tensor(np.asarray(value))
    except (TypeError, ValueError):
        raise InputError(f"{name} is a {type(value).__name__}: give a tensor or an array of numbers") from None


def check_finite(scores: Tensor) -> Tensor:
    """Return the scores; raise `InputError` if one is NaN."""
    if torch.isnan(scores).any():
        hint = "look for constant or missing values in its training data and in the images"
        raise InputError(f"the detector's score is NaN: {hint}")
    return scores


def run_seeds(random_state: Any, n_samples: Any) -> list[int]:
    """Return the seeds of n runs, random_state + i."""
    first, n_samples = check_seed("random_state", random_state), check_count("n_samples", n_samples)
    check_seed("random_state + n_samples - 1", first + n_samples - 1)
    return [first + i for i in range(n_samples)]


def make_config(
    config_class: type[Any], config: Any, parameters: dict[str, Any], defaults: dict[str, Any] | None = None
) -> Any:
    """Return the config, or a new one from keywords; raise `InputError` for both or an unknown keyword."""
    names = list(config_class.__dataclass_fields__)
    if config is None:
        if unknown := sorted(set(parameters) - set(names)):
            raise InputError(f"unknown parameter {unknown[0]!r}: choose from {', '.join(names)}")
        return config_class(**{**(defaults or {}), **parameters})
    require(not parameters, f"give either config or {', '.join(sorted(parameters))}, not both")
    name = config_class.__name__
    require(isinstance(config, config_class), f"config is a {type(config).__name__}: give an instance of {name}")
    return config


def noise(size: tuple[int, ...], generator: torch.Generator, distribution: str = "uniform") -> Tensor:
    """Return random pixels in [0, 1], float32, the first images of a search (thesis 5.3: "random noise").

    Parameters
    ----------
    size : tuple of int
        Shape of the result, such as (P, d).
    generator : torch.Generator
        Source of the random numbers.
    distribution : {"uniform", "normal"}
        U(0, 1), or N(0.5, 0.25²) clipped to [0, 1].

    Returns
    -------
    Tensor
        Pixels of that shape.

    Raises
    ------
    InputError
        For another distribution.

    Examples
    --------
    >>> import torch
    >>> from anogen.generators import noise
    >>> noise((2, 784), torch.Generator().manual_seed(0)).shape
    torch.Size([2, 784])
    """
    if distribution == "uniform":
        return torch.rand(size, generator=generator)
    if distribution == "normal":
        return torch.randn(size, generator=generator).mul_(0.25).add_(0.5).clamp_(0, 1)
    raise InputError(f"unknown distribution {distribution!r}: choose uniform or normal")


class PixelMask(NamedTuple):
    """The pixels that a search may change, and the reference image that supplies the fixed ones."""

    free: Tensor  # (f,) int64, ascending
    reference: Tensor  # (d,) float32

    def complete(self, x: Tensor) -> Tensor:
        """Return the images (..., d) whose free pixels are x (..., f), on the device of x."""
        images = self.reference.to(x.device).expand(*x.shape[:-1], -1).clone()
        images[..., self.free.to(x.device)] = x
        return images


def make_pixel_mask(d: int, clip: bool, mask: Any, reference: Any) -> PixelMask | None:
    """Return the fixed pixels, (d,) bool, with their values in the reference image, (d,); None if no mask is given."""
    if mask is None:
        require(reference is None, "a reference image without fixed pixels changes nothing: give mask, (d,) bool, too")
        return None
    require(reference is not None, "fixed pixels need a reference image: give reference, (d,)")
    fixed, reference = as_tensor("fixed", mask), as_tensor("reference", reference)
    for name, image in (("mask of fixed pixels", fixed), ("reference image", reference)):
        shape = tuple(image.shape)
        require(shape == (d,), f"a {name} of shape {shape} does not fit this detector: give ({d},)")
    boolean = fixed.dtype == torch.bool
    require(boolean, f"the mask of fixed pixels has type {fixed.dtype}: give one boolean for each pixel")
    if clip and not (reference[fixed].clamp(0, 1) == reference[fixed]).all():
        raise InputError("the reference image has pixels that are NaN or outside [0, 1]: scale it, or set clip=False")
    return PixelMask((~fixed).nonzero().squeeze(1), reference.float())


class Algorithm:
    """A config, and the scorer conditioned on fixed pixels, once for the same scorer and mask."""

    def __init__(self, config: Any) -> None:
        self.config = config
        self.last: tuple[Scorer, PixelMask, Scorer] | None = None

    def condition(self, scorer: Scorer, mask: PixelMask | None) -> Scorer:
        """Return the score of the free pixels, (n, f)."""
        if mask is None:
            return scorer
        if self.last is None or self.last[0] is not scorer or self.last[1] is not mask:
            self.last = scorer, mask, scorer.condition_on(*mask)
        return self.last[2]


def random_mask(d: int, k: float, generator: torch.Generator) -> Tensor:
    """Return a random mask of fixed pixels, (d,) bool (thesis 6.2.1).

    Parameters
    ----------
    d : int
        Number of pixels.
    k : float
        Fraction of fixed pixels, from 0 to 1; the thesis writes k%. round(k d) pixels are sampled without replacement.
    generator : torch.Generator
        Source of the random numbers.

    Returns
    -------
    Tensor
        The mask, for `mask=` of `anogen.generate`.

    Raises
    ------
    InputError
        If k is not a fraction.

    Examples
    --------
    >>> import torch
    >>> from anogen.generators import random_mask
    >>> random_mask(784, 0.25, torch.Generator().manual_seed(0)).sum().item()
    196
    """
    if not 0 <= k <= 1:
        hint = f"did you mean {k / 100:g}?" if 1 < k <= 100 else "give a number from 0 to 1"
        raise InputError(f"k = {k:g} is not a fraction: {hint}")
    mask = torch.zeros(d, dtype=torch.bool)
    mask[torch.randperm(d, generator=generator)[: round(k * d)]] = True
    return mask


def normal_seeded_population(population: Tensor, normal: Tensor, generator: torch.Generator) -> Tensor:
    """Return a population whose first half is sampled from normal images (thesis 6.2.3).

    Parameters
    ----------
    population : Tensor of shape (P, d)
        Supplies the second half; it is not changed.
    normal : Tensor of shape (n, d)
        Normal images, with n at least P // 2; P // 2 of them are sampled without replacement.
    generator : torch.Generator
        Source of the random numbers.

    Returns
    -------
    Tensor
        The population (P, d), for `initial_population=` of `anogen.generate`.

    Raises
    ------
    InputError
        If there are too few normal images, or their length differs.

    Examples
    --------
    >>> import torch
    >>> from anogen.generators import normal_seeded_population
    >>> normal_seeded_population(torch.zeros(4, 9), torch.ones(5, 9), torch.Generator().manual_seed(0)).sum(dim=1)
    tensor([9., 9., 0., 0.])
    """
    size, half = len(population), len(population) // 2
    few = f"{len(normal)} normal images are too few for half a population of {size}: give {half} or more"
    require(len(normal) >= half, few)
    shapes = [tuple(images.shape[1:]) for images in (normal, population)]
    require(shapes[0] == shapes[1], f"normal images of shape {shapes[0]} do not fit a population of {shapes[1]}")
    mixed = population.clone()
    mixed[:half] = normal[torch.randperm(len(normal), generator=generator)[:half]]
    return mixed
