"""Autoencoders: a convolutional one with thesis Eq. 5.1 as its score, and PyOD's of dense layers, repeatable."""

from collections.abc import Mapping
from math import prod
from typing import Any, Self

import numpy as np
import torch
from pyod.models import auto_encoder, vae
from pyod.models.base import BaseDetector
from pyod.utils.stat_models import pairwise_distances_no_broadcast
from torch import Tensor, nn

from anogen.detectors.autoencoder_networks import network
from anogen.detectors.mixins import (
    SeededFitMixin,
    SerializableMixin,
    check_finite,
    check_fitted,
    check_parameters,
    finish_fit,
)
from anogen.errors import InputError, require


def as_images(x: Tensor, image_shape: tuple[int, ...]) -> Tensor:
    """Reshape rows (n, d) with the channel last to what a convolution takes, (n, c, h, w)."""
    h, w, c = (*image_shape, 1)[:3]
    return x.reshape(-1, h, w, c).permute(0, 3, 1, 2)


def rows_of(X: np.ndarray, image_shape: tuple[int, ...], source: str = "these rows") -> Tensor:
    """Return flattened images as float32 (n, d); raises `InputError` for another d, NaN or infinity."""
    rows, d = torch.as_tensor(np.asarray(X, dtype=np.float32)), prod(image_shape)
    if rows.ndim != 2 or rows.shape[1] != d:
        shape = tuple(rows.shape[1:])
        raise InputError(f"rows of shape {shape} are not images of {image_shape}: give rows of {d} values")
    check_finite(rows.numpy(), source)
    return rows


def training_rows(X: np.ndarray, image_shape: tuple[int, ...]) -> Tensor:
    """Return flattened images as `rows_of` does; raises `InputError` also if there are none."""
    rows = rows_of(X, image_shape, "the training data")
    require(len(rows), "no rows to fit the detector to: give at least one image")
    return rows


class ConvAutoencoder(SerializableMixin, BaseDetector):
    """Autoencoder with PyOD's protocol; rows are flattened images with values in [0, 1].

    The thesis states neither the layers nor the latent width. Both decide between detection and generation, so they are
    parameters that the book sweeps.

    Parameters
    ----------
    image_shape, latent
        (h, w) or (h, w, 3), with h and w multiples of 4, and the width of the latent vector of `bottleneck`.
    epochs, batch_size, learning_rate, random_state
        Of the training with Adam on the mean squared error; the seed is that of weights and order of the rows.
    architecture : {"bottleneck", "tf-tutorial", "keras-blog", "deep-svdd"}
        The layers: the book's own with a narrow latent vector, or those of TensorFlow's tutorial "Intro to
        Autoencoders" (its denoising network), of the Keras blog's "Building Autoencoders in Keras", of the autoencoder
        of Ruff et al. (2018) for MNIST. The last two take 28 x 28 pixels. All are trained in the same way.

    Examples
    --------
    >>> rows = np.random.default_rng(0).random((20, 64))
    >>> ConvAutoencoder(image_shape=(8, 8), epochs=1).fit(rows).decision_function(rows[:3]).shape
    (3,)
    """

    def __init__(
        self,
        image_shape: tuple[int, ...] = (28, 28),
        latent: int = 4,
        epochs: int = 25,
        batch_size: int = 64,
        learning_rate: float = 1e-3,
        random_state: int = 0,
        contamination: float = 0.1,
        architecture: str = "bottleneck",
    ) -> None:
        super().__init__(contamination=contamination)
        self.image_shape = image_shape
        self.latent = latent
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state
        self.architecture = architecture

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Train on the rows of X, (n, d); y is ignored."""
        check_parameters(self, dict.fromkeys(("latent", "epochs", "batch_size"), 1), positive=("learning_rate",))
        rows = training_rows(X, self.image_shape)
        self._set_n_classes(y)
        generator = torch.Generator().manual_seed(self.random_state)
        self.network_ = network(self.latent, self.image_shape, self.architecture)
        _initialise(self.network_, generator)
        adam = torch.optim.Adam(self.network_.parameters(), lr=self.learning_rate)
        images = as_images(rows, self.image_shape)
        for _ in range(self.epochs):
            for batch in torch.randperm(len(images), generator=generator).split(self.batch_size):
                loss = nn.functional.mse_loss(self.network_(images[batch]), images[batch])
                adam.zero_grad()
                loss.backward()
                adam.step()
        self.network_.requires_grad_(requires_grad=False).eval()
        return finish_fit(self, X)

    def reconstruction_error(self, x: Tensor) -> Tensor:
        """Return Eq. 5.1 for rows (..., d): the mean over the pixels of the squared difference, (...,)."""
        images = as_images(x.reshape(-1, x.shape[-1]), self.image_shape)
        return (images - self.network_(images)).square().flatten(1).mean(dim=1).reshape(x.shape[:-1])

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the reconstruction error of every row of X, (n, d) -> (n,)."""
        check_fitted(self, "network_")
        rows = rows_of(X, self.image_shape)
        with torch.inference_mode():
            return torch.cat([self.reconstruction_error(part) for part in rows.split(500)]).double().numpy()

    def weights(self) -> dict[str, np.ndarray]:
        """Return the trained weights by name, float32."""
        return {key: value.numpy().copy() for key, value in self.network_.state_dict().items()}

    def with_weights(self, weights: Mapping[str, np.ndarray]) -> Self:
        """Set the weights that `weights` returned, instead of training, and return this detector."""
        self.network_ = network(self.latent, self.image_shape, self.architecture)
        self.network_.load_state_dict({key: torch.tensor(weights[key]) for key in self.network_.state_dict()})
        self.network_.requires_grad_(requires_grad=False).eval()
        return self


def _initialise(net: nn.Module, generator: torch.Generator) -> None:
    """Draw the weights as PyTorch does (uniform, bound 1/sqrt(fan-in)) from the given generator."""
    for layer in net.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            fan_in = layer.weight[0].numel()
            for parameter in (layer.weight, layer.bias):
                if parameter is not None:
                    nn.init.uniform_(parameter, -(fan_in**-0.5), fan_in**-0.5, generator=generator)


class AutoEncoder(SeededFitMixin, auto_encoder.AutoEncoder):
    """PyOD's autoencoder of dense layers: the score is ||z - x̂(z)|| of the standardised row z = (x - m) / (s + 1e-8).

    A pixel that never changes has s = 0, so the least change in it is multiplied by 10⁸. That is kept.
    """


class MeanVAE(SeededFitMixin, vae.VAE):
    """PyOD's VAE, trained as PyOD does, but scored without chance: it decodes the mean of the latent vector.

    PyOD draws the latent vector when it scores too, so two calls give two scores of the same row. Its default
    `capacity=0` also clamps the KL divergence to 0, with no gradient: what is trained is an autoencoder with noise.
    """

    def evaluating_forward(self, batch_data: torch.Tensor) -> np.ndarray:
        """Return the distances of standardised rows (n, d) to what their mean latent vectors decode to, (n,)."""
        mean, _ = self.model.encode(batch_data.to(self.device))
        return pairwise_distances_no_broadcast(batch_data.numpy(), self.model.decode(mean).cpu().numpy())
