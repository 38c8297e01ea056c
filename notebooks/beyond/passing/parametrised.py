"""The gradient method with other coordinates of the image, and with a penalty: on the autoencoder, from noise.

The coordinates of an image decide which images a descent finds first. Pixels are all alike; Fourier coefficients scaled
by 1/frequency favour smooth images, and so does blurring (Olah et al., 2017); total variation penalises rough images
(Mahendran and Vedaldi, 2015).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from anogen.generators.inputs import noise
from anogen.scorers import make_scorer
from companion.experiment import Arrays, Inputs
from companion.studies.quality import DigitQuality, weights_of
from notebooks.thesis.autoencoder.experiments import Autoencoder

START = 1  # key of the seeds
CONTRAST = 4.0  # sigmoid's argument over the range of a pixel


class Parametrisation(NamedTuple):
    """Coordinates of the image, and the weight of its total variation in the loss."""

    coordinates: str
    variation: float = 0.0

    def __str__(self) -> str:
        return self.coordinates + (f", total variation {self.variation:g}" if self.variation else "")


PARAMETRISATIONS = (
    *map(Parametrisation, ("pixels", "sigmoid", "blur", "fourier")),
    *(Parametrisation("pixels", weight) for weight in (0.00001, 0.0001, 0.001)),
    Parametrisation("fourier", 0.0001),
)


def total_variation(images: Tensor) -> Tensor:
    """Return the sum of the absolute differences of neighbouring pixels of images (n, h, w), (n,)."""
    down, across = images.diff(dim=1).abs(), images.diff(dim=2).abs()
    return down.sum(dim=(1, 2)) + across.sum(dim=(1, 2))


def blur(images: Tensor, sigma: float = 1.0) -> Tensor:
    """Return images (n, h, w) convolved with a Gaussian; the border is continued."""
    kernel = torch.exp(-torch.arange(-3, 4).float().square() / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    padded = nn.functional.pad(images[:, None], (3, 3, 3, 3), mode="replicate")
    across = nn.functional.conv2d(padded, kernel.reshape(1, 1, 1, -1))
    return nn.functional.conv2d(across, kernel.reshape(1, 1, -1, 1))[:, 0]


def coordinates(name: str, images: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """Return the coordinates of images (n, h, w), and the map from coordinates to images in [0, 1].

    `sigmoid` and `fourier` start from the images' logits, so that nothing has to be clipped.
    """
    logits = (images - 0.5) * CONTRAST
    if name == "pixels":
        return images, lambda x: x.clamp(0, 1)
    if name == "blur":
        return images, lambda x: blur(x).clamp(0, 1)
    if name == "sigmoid":
        return logits, torch.sigmoid
    side = images.shape[1]
    down, across = torch.fft.fftfreq(side), torch.fft.rfftfreq(side)
    factor = 1 / (down[:, None].square() + across.square()).sqrt().clamp(min=1 / side)  # 1 / frequency, (h, w')
    spectrum = torch.view_as_real(torch.fft.rfft2(logits, norm="ortho") / factor)
    back = images.shape[1:]
    return spectrum, lambda x: torch.fft.irfft2(torch.view_as_complex(x) * factor, s=back, norm="ortho").sigmoid()


@dataclass(frozen=True, kw_only=True)
class Parametrised(Autoencoder):
    """Descend from the same noise with each of the `PARAMETRISATIONS`, by Adam.

    Arrays, for W parametrisations, S starts, d pixels: `images` (W, S, d), `scores` (W, S), `start_scores` (W, S).
    """

    name = "parametrised-descent"
    quick: ClassVar = {"dataset": "mnist-5k", "epochs": 10, "iterations": 20, "starts": 2}
    least: ClassVar = {"iterations": 1, "starts": 2}
    axes: ClassVar = ("n_parametrisations",)
    n_parametrisations: ClassVar = len(PARAMETRISATIONS)

    iterations: int = 1_000
    starts: int = 16
    rate: float = 0.02  # Adam's, of the coordinates

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Descend with one parametrisation, from all starts as one batch."""
        name, variation = PARAMETRISATIONS[cell[0]]
        score = make_scorer(self.untrained().with_weights(weights_of(inputs["training"])))
        generator = torch.Generator().manual_seed(int(self.rng(START).integers(2**31)))
        side = round(score.n_features_in_**0.5)
        start = noise((self.starts, side, side), generator)
        x, image = coordinates(name, start)
        x = x.clone().requires_grad_()
        adam = torch.optim.Adam([x], lr=self.rate)
        for _ in range(self.iterations):
            now = image(x)
            loss = score(now.flatten(1)).sum() + variation * total_variation(now).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
        with torch.no_grad():
            final, first = (image(at).flatten(1) for at in (x, coordinates(name, start)[0]))
            scores = {"scores": score(final).numpy(), "start_scores": score(first).numpy()}
        return {"images": final.numpy().astype(np.float16), **scores}


@dataclass(frozen=True, kw_only=True)
class ParametrisedQuality(DigitQuality, Parametrised):
    """The measures of the images of `Parametrised`, as `measure_images` has them."""

    name = "parametrised-descent-quality"
    search = Parametrised
