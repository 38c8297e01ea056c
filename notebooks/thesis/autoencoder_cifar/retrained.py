"""Searches on further trainings of the autoencoders of colour images, for the claims on them."""

from typing import Any

from companion.experiment import Experiment
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, LATENTS, spec
from notebooks.thesis.common.descent import DescentsQuality
from notebooks.thesis.common.guided import GuidedQuality

TRAININGS = 1  # of which the first is that of the figures; four more take about an hour of one processor
STARTS = 4  # of each search on a further training


def retrained() -> dict[str, Experiment]:
    """Return the experiments by role; they have no parameters, so that the book's own records serve every reader."""
    roles: dict[str, Experiment] = {}
    for training in range(1, TRAININGS):
        for name in CLASSES:
            for latent in LATENTS:
                shared: dict[str, Any] = {"dataset": "cifar10", "normal": name, "detector": spec(latent)}
                shared |= {"seed": training, "starts": STARTS}
                ending = f"{name}-{latent}-training-{training}"
                roles |= DescentsQuality.with_search(f"descent-{ending}", "laptop", **shared, stops=(500,))
                search = {"generations": 5_000, "pairs": 0}
                roles |= GuidedQuality.with_search(f"evolution-{ending}", "laptop", **shared, **search)
    return roles
