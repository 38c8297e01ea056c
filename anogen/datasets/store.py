"""Verified copies of decoded data sets in the user's cache."""

import contextlib
import os
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from anogen import paths
from anogen.datasets.formats import Arrays, DamagedError, npz
from anogen.datasets.registry import Form, Source

PATIENCE = 3600.0  # seconds for which a failed search on the network is not repeated


def place(source: Source, form: Form) -> Path:
    """Where the copy of this form lies, if there is one."""
    return paths.cache() / "data" / f"{source.name}-{form.train}.npz"


def read(source: Source, form: Form) -> Arrays | None:
    """Return the verified copy, or None. A damaged copy is named in a warning, deleted and never used."""
    path = place(source, form)
    if not path.is_file():
        return None
    try:
        arrays = npz(path)
        source.identify(arrays, path)
    except DamagedError as error:
        path.unlink(missing_ok=True)
        warnings.warn(f"{error}; deleted, looking elsewhere", stacklevel=2)
        return None
    return arrays


def save(source: Source, form: Form, arrays: Arrays) -> None:
    """Write the copy atomically: a reader sees either nothing or all of it, however this process ends."""
    path = place(source, form)
    with contextlib.suppress(OSError):  # a full or read-only disk costs time at the next start, nothing else
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's stub takes allow_pickle for an array
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)


def _mark(source: Source) -> Path:
    return paths.cache() / "data" / f"{source.name}.unreachable"


def remember_unreachable(source: Source) -> None:
    """Note that the network did not give this data set just now, so that every process need not wait for it again."""
    with contextlib.suppress(OSError):
        _mark(source).parent.mkdir(parents=True, exist_ok=True)
        _mark(source).touch()


def lately_unreachable(source: Source) -> bool:
    """Whether the network failed to give this data set within the last hour."""
    with contextlib.suppress(OSError):
        return time.time() - _mark(source).stat().st_mtime < PATIENCE
    return False
