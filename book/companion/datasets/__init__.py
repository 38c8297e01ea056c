"""Data sets that only the book uses, verified bit for bit."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anogen.datasets.formats import DamagedError, npz

Arrays = dict[str, NDArray[Any]]


def checksum(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of named arrays in their order, dtypes and shapes included."""
    digest = hashlib.sha256()
    for part, array in arrays.items():
        digest.update(f"{part} {array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def read_parts(path: Path, *parts: str) -> Arrays:
    """Return arrays of an .npz file; raises DamagedError if it cannot be read or lacks one."""
    arrays = npz(path)
    if missing := [part for part in parts if part not in arrays]:
        raise DamagedError(f"{path} is damaged (no array {missing[0]})")
    return {part: arrays[part] for part in parts}
