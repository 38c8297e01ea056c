"""The real images of a class, and pure noise, by the measures of the claims: what generated images stand between."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen import datasets
from anogen.metrics import quality
from companion.experiment import Arrays, Experiment, Inputs, at_least, digits


@dataclass(frozen=True, kw_only=True)
class RealImages(Experiment):
    """A class's pixels, and how far real images and uniform noise are from its training images.

    Arrays, for d pixels: `pixel_mean`, `pixel_variance` (d,) of the training images; `nn_ratio`, `morans_i` (n,) of
    the held-out images; `noise_nn_ratio`, `noise_morans_i`, `noise_like` (count,) of uniform noise.
    """

    name = "real-images"
    quick: ClassVar = {"dataset": "mnist-5k"}
    named: ClassVar = ("dataset", "normal")

    dataset: str = "mnist"
    normal: int | str = 4
    count: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.normal, int):
            digits(self.normal)
        at_least(1, count=self.count)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Measure."""
        data = datasets.load(self.dataset).one_class(self.normal)
        reference = quality.Reference.fit(data.X_train, data.test_normal, data.image_shape)
        noise = quality.noise_floor(reference, self.seed, self.count)
        return {
            "pixel_mean": data.X_train.mean(axis=0, dtype=np.float64).astype(np.float32),
            "pixel_variance": data.X_train.var(axis=0, dtype=np.float64).astype(np.float32),
            "nn_ratio": quality.nn_ratio(data.test_normal, reference),
            "morans_i": quality.morans_i(data.test_normal, data.image_shape),
            "noise_nn_ratio": noise["nn_ratio"],
            "noise_morans_i": noise["morans_i"],
            "noise_like": noise["noise_like"],
        }
