"""Images of pure noise: the anomalies that every detector should recognise."""

import numpy as np

from anogen.datasets.dataset import Dataset

COUNT, SHAPE, SEED = 10_000, (28, 28), 0
_LAWS = {"uniform": "uniform on 0..255", "gaussian": "normal (mean 0.5, deviation 0.25), clipped to [0, 1]"}
DESCRIPTIONS = {name: f"noise, every pixel {law}, 28x28 grey, 10,000 + 10,000" for name, law in _LAWS.items()}


def noise(name: str) -> Dataset:
    """Return independent training and test images of noise, all of the one class ``noise``.

    The pixels depend on the name and the fixed seed only.
    """
    rng = np.random.default_rng([SEED, *name.encode()])
    size = (2 * COUNT, *SHAPE)
    if name == "uniform":
        images = rng.integers(0, 256, size, dtype=np.uint8)
    else:
        images = np.rint(255 * np.clip(rng.normal(0.5, 0.25, size), 0, 1)).astype(np.uint8)
    labels = np.zeros(COUNT, np.uint8)
    provenance = f"Noise, every pixel {_LAWS[name]}: 10,000 training and 10,000 test images, seed {SEED}."
    return Dataset(name, images[:COUNT], labels, images[COUNT:], labels.copy(), ("noise",), provenance)
