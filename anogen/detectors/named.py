"""Detectors written as one word, with their options: `cblof`, `dean:n_submodels=250,bag=100`."""

import importlib
import inspect
from typing import Any

import numpy as np

from anogen.detectors import Detector, create, entry, fit
from anogen.errors import InputError


def parse(spec: str) -> tuple[str, dict[str, Any]]:
    """Split `name:option=value,...` into the name and the options; numbers are read as numbers.

    Raises
    ------
    InputError
        For a name or option that is not known, and for a part that is no option.
    """
    name, _, given = spec.partition(":")
    entry(name)
    options: dict[str, Any] = {}
    for part in filter(None, given.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise InputError(f"{part!r} in detector {spec!r} is no option: write name:option=value,option=value")
        options[key.strip()] = _value(value.strip())
    create(name, 4, **options)  # a wrong option is told before data are read
    return name, options


def fitted(spec: str, train: np.ndarray, random_state: int = 0, image_shape: tuple[int, ...] | None = None) -> Detector:
    """Create a detector written as one word and fit it to the rows of `train`, (n, d).

    Parameters
    ----------
    image_shape
        Shape of the image that a row is; only detectors that look at neighbours use it.
    """
    name, options = parse(spec)
    if image_shape is not None and "image_shape" in inspect.signature(kind(name)).parameters:
        options = {"image_shape": image_shape, **options}
    return fit(name, train, random_state, **options)


def kind(name: str) -> Any:
    """Return the class of a detector of the catalogue."""
    module, _, attribute = entry(name).path.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _value(text: str) -> Any:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return {"True": True, "False": False}.get(text, text)
