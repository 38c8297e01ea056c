"""Ask a detector for scores: counted, timed, and whatever goes wrong told in one line."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from anogen.auditing.subject import quietly, telling
from anogen.errors import InputError

Floats = NDArray[np.float64]
LARGEST = 1e300  # stands for an infinite score, so that differences stay numbers


class Progress(NamedTuple):
    """What an audit reports."""

    id: str
    done: float
    cells: int


Report = Callable[[Any], None]


class Asked:
    """A detector that is asked for scores.

    Attributes
    ----------
    calls : how often it was asked.
    """

    def __init__(self, detector: Any, name: str) -> None:
        self.detector, self.name, self.calls = detector, name, 0
        self.began = time.perf_counter()

    def __call__(self, rows: Floats) -> Floats:
        """Return the scores of rows (n, d), (n,); infinite ones as ±1e300.

        Raises
        ------
        InputError
            If the detector fails, or does not return one number for each row.
        """
        self.calls += 1
        with telling(f"{self.name} could not score {len(rows)} rows of {rows.shape[1]} columns"), quietly():
            scores = np.asarray(self.detector.decision_function(rows.copy()), dtype=np.float64).reshape(-1)
        if scores.shape != (len(rows),):
            raise InputError(f"{self.name} returned {scores.size} scores for {len(rows)} rows: it should be one each")
        if np.isnan(scores).any():
            raise InputError(f"{self.name} scores {int(np.isnan(scores).sum())} of {len(rows)} rows NaN: mend it first")
        return np.clip(scores, -LARGEST, LARGEST)

    def seconds(self) -> float:
        """Return the time since the first question could be asked."""
        return time.perf_counter() - self.began
