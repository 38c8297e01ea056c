"""The rule that chooses the architecture of Figs. 6.1, 6.2 and 6.5, on digits that the thesis does not show."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from companion.experiment import Experiment
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE, NETWORKS, Architectures, ArchitecturesQuality

OTHERS = (5, 7)  # digits that the thesis does not show


class Choice(NamedTuple):
    """The architecture of Figs. 6.1, 6.2 and 6.5, and the way to descend of the first two."""

    network: str
    way: int  # its number in `ADMISSIBLE`


def choose(quality: Mapping[str, np.ndarray], networks: Sequence[str] = NETWORKS) -> Choice:
    """Return the choice by the measures of images of `OTHERS`, from one training of each architecture.

    The architecture with the largest share of normal-looking images over digits and ways, then its way with the largest
    share. Mean quality decides between equal shares.
    """
    merit = np.stack([quality[key].mean(axis=(1, 2, 4)) for key in ("normal_looking", "quality")])  # (2, A, W)
    number = max(range(len(networks)), key=lambda a: tuple(merit[:, a].mean(axis=1)))
    way = max(range(len(ADMISSIBLE)), key=lambda w: tuple(merit[:, number, w]))
    return Choice(networks[number], way)


def median_training(looks: np.ndarray, quality: np.ndarray) -> int:
    """Return the number of the training with the median share of normal-looking images, of measures (T, ...).

    Mean quality orders equal shares; of an even number of trainings it is the lower of the two in the middle.
    """
    order = sorted(range(len(looks)), key=lambda t: (float(looks[t].mean()), float(quality[t].mean())))
    return order[(len(order) - 1) // 2]


def architecture_experiments() -> dict[str, Experiment]:
    """Return the experiments over architectures: the book's own records serve every reader."""
    fewer: dict[str, Any] = {"normals": OTHERS, "trainings": 1}
    return {
        "architectures": Architectures(),
        "architectures-quality": ArchitecturesQuality(),
        "architectures-others": Architectures(**fewer),
        "architectures-others-quality": ArchitecturesQuality(**fewer),
    }
