"""Chapter `anorand`: the detector, its two weights, its latent space, and what its parts do (AnoRand 4 to 6.2)."""

from typing import Any

from anogen.experiments.anorand_data import SETTINGS
from anogen.experiments.anorand_sweeps import Noise, Weights
from anogen.experiments.base import Experiment


def wanted(scale: str = "laptop", seed: int = 0, settings: Any = tuple(SETTINGS)) -> dict[str, Experiment]:
    """Return the chapter's experiments."""
    given = [settings] if isinstance(settings, str) else settings
    return {f"weights-{setting}": Weights.at(scale, seed=seed, setting=setting) for setting in given} | {
        f"noise-{setting}": Noise.at(scale, seed=seed, setting=setting) for setting in given
    }
