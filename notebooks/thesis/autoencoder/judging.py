"""The ensemble's judgements of the images of `Architecture`."""

from dataclasses import dataclass

import numpy as np

from companion.studies.judged import Judged, judged
from notebooks.thesis.autoencoder.architectures import Architecture


@dataclass(frozen=True, kw_only=True)
class ArchitectureJudged(Judged):
    """The judgements of `Judged` for the images of `Architecture`: (D, T, W, S), of groups (D, T, W)."""

    name = "autoencoder-architecture-judged"

    source: str = "notebooks.thesis.autoencoder.architectures:Architecture"

    def intended(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return the digits that images with these leading axes are to show."""
        digits = np.asarray(self.search.normals)
        return np.broadcast_to(digits.reshape(-1, *[1] * (len(shape) - 1)), shape)


def judged_architecture(search: Architecture) -> ArchitectureJudged:
    """Return the experiment that judges the images of an architecture's trainings."""
    return ArchitectureJudged(scale=search.scale, settings=judged(search).settings)
