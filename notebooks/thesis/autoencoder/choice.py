"""The rule that chooses the architecture of Figs. 6.1, 6.2 and 6.5, on digits that the thesis does not show."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from companion.experiment import Experiment
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE, NETWORKS, Architecture, ArchitectureQuality

OTHERS = (5, 7)  # digits that the thesis does not show
REPEATED = ("bottleneck", "deep-svdd")  # trained five times on the thesis's digits: the book's own and the chosen one


class Choice(NamedTuple):
    """The architecture of Figs. 6.1, 6.2 and 6.5, and the way to descend of the first two."""

    network: str
    way: int  # its number in `ADMISSIBLE`


def choose(qualities: Mapping[str, Mapping[str, np.ndarray]]) -> Choice:
    """Return the choice by the measures of images of `OTHERS`, by architecture, from one training of each.

    The architecture with the largest share of normal-looking images over digits and ways, then its way with the largest
    share. Mean quality decides between equal shares.
    """
    merits = {  # (W, 2)
        network: np.stack([quality[key].mean(axis=(0, 1, 3)) for key in ("normal_looking", "quality")], axis=1)
        for network, quality in qualities.items()
    }
    network = max(merits, key=lambda name: tuple(merits[name].mean(axis=0)))
    return Choice(network, max(range(len(ADMISSIBLE)), key=lambda way: tuple(merits[network][way])))


def architecture_experiments(networks: Sequence[str] = NETWORKS) -> dict[str, Experiment]:
    """Return the experiments: on `OTHERS` `architecture-deep-svdd-others`, ..., and of `REPEATED` without `-others`."""
    fewer: dict[str, Any] = {"normals": OTHERS, "trainings": 1}
    roles: dict[str, Experiment] = {}
    for network in networks:
        for suffix, changed in {"": {}, "-others": fewer}.items():
            if suffix or network in REPEATED:
                roles[f"architecture-{network}{suffix}"] = Architecture(network=network, **changed)
                roles[f"architecture-{network}{suffix}-quality"] = ArchitectureQuality(network=network, **changed)
    return roles
