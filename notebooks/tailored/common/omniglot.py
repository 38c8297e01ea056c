"""Omniglot both ways round: black on white, as it is distributed, and inverted, white on black as digits are."""

from dataclasses import dataclass
from typing import Any

import numpy as np

INVERTED = "omniglot-inverted"
# The axis of an array of `DetectorScores` over the sets, and the index of the first set.
SETS = dict.fromkeys(("auroc", "fpr95", "accuracy"), (1, 0)) | dict.fromkeys(("confidence_auroc", "roc"), (0, 0))
SETS |= dict.fromkeys(("scores", "confidence"), (0, 1))  # after the real images


def distributed(role: str) -> str:
    """Return the role of the experiment with the scores of Omniglot as distributed, by that of the other sets."""
    return f"{role}-omniglot"


@dataclass(frozen=True)
class BothWays:
    """The arrays of `DetectorScores` with both versions of Omniglot: `omniglot`, the first set, and its inverse."""

    record: Any  # a record or a dictionary of arrays, in which `omniglot` is inverted
    as_distributed: Any  # of the same detectors, with Omniglot as distributed as its first set

    def __getitem__(self, name: str) -> np.ndarray:
        """Return an array, with one set more if it is over the sets."""
        values: np.ndarray = self.record[name]
        if name == "names":
            return np.array(["omniglot", *(INVERTED if one == "omniglot" else one for one in values.tolist())])
        if name not in SETS:
            return values
        axis, first = SETS[name]
        head, tail = np.split(values, [first], axis)
        return np.concatenate([head, self.as_distributed[name].take([first], axis), tail], axis)
