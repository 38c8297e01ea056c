"""What a search is given: numbers that count, seeds, arrays, scores; what is none is answered in a line."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anogen.errors import InputError


def count(name: str, value: int) -> int:
    """Return a number that counts something, such as generations; raise `InputError` if it is not whole or below 1."""
    try:
        whole = operator.index(value)
    except TypeError:
        raise InputError(f"{name} = {value!r} is no whole number: give 1, 2, ...") from None
    if whole < 1:
        raise InputError(f"{name} = {whole} makes no sense: give 1 or more")
    return whole


def seeds(given: Any) -> list[int]:
    """Return the seeds of a search, one a run; raise `InputError` if there is none, or one that is no seed."""
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str):
        raise InputError(f"seeds = {given!r} is no list of seeds: give one for each run, such as [0] or range(5)")
    if not len(given):
        raise InputError("seeds are empty: give one for each run, such as [0]")
    for seed in given:
        try:
            whole = operator.index(seed)
        except TypeError:
            whole = -1
        if not 0 <= whole < 2**64:
            raise InputError(f"seed {seed} is no seed: give a whole number from 0 to 2^64 - 1")
    return [operator.index(seed) for seed in given]


def tensor(name: str, value: Any) -> Tensor:
    """Return an array as a tensor, and a tensor as it is; raise `InputError` for what is neither."""
    if isinstance(value, Tensor):
        return value
    try:
        return torch.as_tensor(np.asarray(value))
    except (TypeError, ValueError):
        raise InputError(f"{name} is a {type(value).__name__}: give a tensor or an array of numbers") from None


def finite(scores: Tensor) -> Tensor:
    """Return the scores; raise `InputError` if one is NaN, of which a search could make nothing."""
    if torch.isnan(scores).any():
        raise InputError(
            "the detector's score is NaN: look for constant or missing values in its training data and in the images"
        )
    return scores
