"""Where a search starts and what it may not change."""

from typing import NamedTuple

import torch
from torch import Tensor

from anogen.errors import InputError
from anogen.generators import _validation as given


def noise(size: tuple[int, ...], generator: torch.Generator, distribution: str = "uniform") -> Tensor:
    """Return random pixels in [0, 1], float32.

    The thesis says "random noise". `uniform` is U(0, 1); `normal` is N(0.5, 0.25^2), clipped.
    """
    if distribution == "uniform":
        return torch.rand(size, generator=generator)
    if distribution == "normal":
        return torch.randn(size, generator=generator).mul_(0.25).add_(0.5).clamp_(0, 1)
    raise InputError(f"unknown distribution {distribution!r}: choose uniform or normal")


class PixelMask(NamedTuple):
    """Fixed pixels: which ones a search may change, and the image that the others are held at."""

    free: Tensor  # (f,) int64, ascending
    reference: Tensor  # (d,) float32

    @classmethod
    def of(cls, fixed: Tensor, reference: Tensor | None, d: int, clip: bool) -> "PixelMask":
        """Take the fixed pixels, (d,) bool, from the reference image, (d,); raise `InputError` if they do not fit."""
        if reference is None:
            raise InputError("fixed pixels need the image they are taken from: give reference")
        fixed, reference = given.tensor("fixed", fixed), given.tensor("reference", reference)
        for name, image in (("mask of fixed pixels", fixed), ("reference image", reference)):
            if image.shape != (d,):
                raise InputError(f"a {name} of shape {tuple(image.shape)} does not fit this detector: give ({d},)")
        if fixed.dtype != torch.bool:
            raise InputError(f"the mask of fixed pixels holds {fixed.dtype}: give one truth value for each pixel")
        if clip and not (reference[fixed].clamp(0, 1) == reference[fixed]).all():
            raise InputError(
                "the reference image has pixels that are NaN or outside [0, 1]: scale it, or set clip=False"
            )
        return cls((~fixed).nonzero().squeeze(1), reference.float())

    def complete(self, x: Tensor) -> Tensor:
        """Return the images (..., d) whose free pixels are x (..., f), on the device of x."""
        images = self.reference.to(x.device).expand(*x.shape[:-1], -1).clone()
        images[..., self.free.to(x.device)] = x
        return images


def random_mask(d: int, k: float, generator: torch.Generator) -> Tensor:
    """Return which of d pixels are fixed, (d,) bool: round(k d) of them, drawn without replacement.

    k is a fraction; the thesis writes k%.
    """
    if not 0 <= k <= 1:
        hint = f"did you mean {k / 100:g}?" if 1 < k <= 100 else "give a number from 0 to 1"
        raise InputError(f"k = {k:g} is not a fraction: {hint}")
    mask = torch.zeros(d, dtype=torch.bool)
    mask[torch.randperm(d, generator=generator)[: round(k * d)]] = True
    return mask


def normal_seeded_population(population: Tensor, normal: Tensor, generator: torch.Generator) -> Tensor:
    """Return a population (P, d) whose first half is drawn from normal images (n, d) (thesis 6.2.3)."""
    half = len(population) // 2
    if len(normal) < half:
        raise InputError(
            f"{len(normal)} normal images are too few for half a population of {len(population)}: give {half} or more"
        )
    if normal.shape[1:] != population.shape[1:]:
        raise InputError(
            f"normal images of shape {tuple(normal.shape[1:])} do not fit a population of {tuple(population.shape[1:])}"
        )
    mixed = population.clone()
    mixed[:half] = normal[torch.randperm(len(normal), generator=generator)[:half]]
    return mixed
