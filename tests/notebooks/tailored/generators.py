"""Measures of a generator's fakes, as `Progress` records them."""

import numpy as np


def fakes(label: float = 0.97, coverage: float = 0.9, density: float = 0.9) -> dict[str, np.ndarray]:
    """Return the share that gets its class, and coverage and density relative to real images: by default, learned."""
    measured = {"labelled": [label], "coverage": 0.9 * coverage, "density": density}
    return {key: np.array(value) for key, value in measured.items()} | {
        "ceiling_coverage": np.array(0.9),
        "ceiling_density": np.array(1.0),
    }
