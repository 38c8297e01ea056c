"""PyOD's networks, made to repeat themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Seed NumPy's and PyTorch's global generators, and put them back as they were; None leaves both alone."""
    if seed is None:
        yield
        return
    before = np.random.get_state()  # noqa: NPY002  what PyOD draws from
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            np.random.seed(seed)  # noqa: NPY002
            yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


class Repeatable:
    """Comes before a PyOD class: its `fit` then depends on the data and on `random_state` alone.

    PyOD seeds when a detector is made, not when it is fitted: whatever is drawn in between changes it. Its Deep SVDD
    seeds PyTorch only, and shuffles with NumPy the rows whose mean output becomes the centre: sums in another order
    differ in their last bits, and so does everything after. Fitted at once, with NumPy seeded alike, PyOD's class gives
    the same bits as these.
    """

    random_state: int | None

    def fit(self, X: np.ndarray, y: Any = None) -> Any:
        """Fit as PyOD does, from the seed."""
        with seeded(self.random_state):
            return super().fit(X, y)  # type: ignore[misc]
