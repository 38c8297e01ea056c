"""AnoRand otherwise read, its parts alone, and its rivals of the same layers: each a small subclass, trained alike."""

from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from anogen.detectors.anorand import AnoRand
from anogen.detectors.anorand_labels import DISTURBED, SHARE, disturbed, drawn, multiplied
from anogen.detectors.anorand_training import (
    Network,
    Outputs,
    Widths,
    block,
    blocks,
    detection_loss,
    reconstruction_loss,
)


class NoiseOnly(AnoRand):
    """A twentieth of the rows is disturbed, without SMOTE: the other reading of the share (`inc-anorand-03`)."""

    def training_set(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that are trained on, and their labels."""
        rng = np.random.default_rng(self.random_state)
        chosen = drawn(len(X), SHARE, rng)
        return labelled(X[~chosen], self.spoilt(X[chosen], rng))

    def spoilt(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return rows (m, d) made anomalous."""
        return disturbed(rows, self.spread_, self.noise, rng)


class Permuted(NoiseOnly):
    """Another kind of label: the values of each feature change places among the chosen rows."""

    def spoilt(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return rows (m, d) with the features of different rows."""
        return rng.permuted(rows, axis=0)


class SmoteFirst(AnoRand):
    """SMOTE first, then noise on all that it gives: the other order (`inc-anorand-10`)."""

    def training_set(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that are trained on, and their labels."""
        rng = np.random.default_rng(self.random_state)
        chosen = drawn(len(X), DISTURBED, rng)
        return labelled(X[~chosen], disturbed(multiplied(X[~chosen], X[chosen], rng), self.spread_, self.noise, rng))


class OutputShared(AnoRand):
    """The decoder is given y_mlp instead of the hidden layer below it (`inc-anorand-11`)."""

    def widths(self, d: int) -> tuple[Widths, Widths, Widths]:
        """Return the widths of the blocks."""
        noise_detection, encoder, (_, *decoder) = super().widths(d)
        return noise_detection, encoder, (1 + self.latent, *decoder)

    def forward(self, network: Network, x: Tensor) -> Outputs:
        """Return what M networks answer to rows (M, n, d)."""
        noise_detection, encoder, decoder = blocks(network)
        logit = block(noise_detection, x)[1]
        z = torch.cat([logit.sigmoid(), block(encoder, x)[1]], dim=2)
        return Outputs(logit.squeeze(2), block(decoder, z)[1], z)


class Unsquared(AnoRand):
    """The norm of Eq. 2 as printed, not its square (`inc-anorand-07`)."""

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return w · L_CE + (1 - w) · L_AE for M models, (M,)."""
        copied = ((1 - y) * norm(x - out.copy)).mean(dim=1)
        return w * detection_loss(out.logit, y).mean(dim=1) + (1 - w) * copied


class PrintedEquations(AnoRand):
    """Eqs. 2-4 as printed, their cross entropy without a minus (`inc-anorand-04`)."""

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return what is minimised for M models, (M,)."""
        copied = ((1 - y) * norm(x - out.copy)).mean(dim=1)
        return -w * detection_loss(out.logit, y).mean(dim=1) + (1 - w) * copied


class PrintedExpansion(AnoRand):
    """The expanded loss as printed, one minus in front of both terms (`inc-anorand-05`)."""

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return what is minimised for M models, (M,): anorand-eq-loss-expanded."""
        likelihood = -detection_loss(out.logit, y)
        copied = (1 - y) * norm(x - out.copy)
        return -((1 - w[:, None]) * copied + w[:, None] * likelihood).mean(dim=1)


class NoDetection(AnoRand):
    """Both blocks, but w = 0: what the second block gives the decoder when it detects nothing."""

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return L_AE for M models, (M,)."""
        return ((1 - y) * reconstruction_loss(x, out.copy)).mean(dim=1)


class Autoencoder(AnoRand):
    """AnoRand's encoder and decoder alone, trained to copy every row; z_0 = 0. The score is ||x - x̂||."""

    def training_set(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows as they are, all of them normal."""
        return labelled(X, X[:0])

    def forward(self, network: Network, x: Tensor) -> Outputs:
        """Return the copies of rows (M, n, d); every logit is 0."""
        _, encoder, decoder = blocks(network)
        z = self.padded(block(encoder, x)[1])
        return Outputs(torch.zeros(x.shape[:2]), block(decoder, z)[1], z)

    def padded(self, z: Tensor) -> Tensor:
        """Put zeros in the place of the noise detection block, (M, n, 16) -> (M, n, 32)."""
        return torch.cat([torch.zeros(*z.shape[:2], self.hidden[-1]), z], dim=2)

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return the mean squared difference for M models, (M,)."""
        return reconstruction_loss(x, out.copy).mean(dim=1)

    def combined(self, y_mlp: np.ndarray, y_ae: np.ndarray) -> np.ndarray:
        """Return y_AE, which rises with the distance."""
        return y_ae


class VAE(Autoencoder):
    """The same layers as a variational autoencoder: half of the encoder's output is the logarithm of a variance.

    Trained on ||x - x̂||² / 2 plus the KL divergence to a standard normal distribution, scored without chance, by the
    copy from the mean of the latent vector.
    """

    divergence: Tensor

    def widths(self, d: int) -> tuple[Widths, Widths, Widths]:
        """Return the widths of the blocks."""
        noise_detection, (*encoder, latent), decoder = super().widths(d)
        return noise_detection, (*encoder, 2 * latent), decoder

    def forward(self, network: Network, x: Tensor) -> Outputs:
        """Return the copies of rows (M, n, d), from a random latent vector where gradients are asked for."""
        _, encoder, decoder = blocks(network)
        mean, logarithm = block(encoder, x)[1].chunk(2, dim=2)
        z = mean
        if torch.is_grad_enabled():
            self.divergence = (mean.square() + logarithm.exp() - 1 - logarithm).sum(dim=2) / 2
            z = mean + torch.randn(mean.shape, generator=self.chance()) * (logarithm / 2).exp()
        return Outputs(torch.zeros(x.shape[:2]), block(decoder, self.padded(z))[1], self.padded(mean))

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return the negative evidence bound for M models, up to a constant, (M,)."""
        return ((x - out.copy).square().sum(dim=2) / 2 + self.divergence).mean(dim=1)

    def chance(self) -> torch.Generator:
        """Return the source of the latent vectors, which is not that of weights and orders."""
        if not hasattr(self, "chance_"):
            self.chance_ = torch.Generator().manual_seed(self.random_state + 1)
        return self.chance_


class Pixels:
    """Comes before a class of this module: images in [0, 1] are taken as they are, without standardising pixels."""

    def standardise(self: Any, X: np.ndarray) -> None:
        """Take each pixel's standard deviation as the unit of noise, and leave the pixels alone."""
        super().standardise(X)  # type: ignore[misc]
        self.mean_, self.scale_ = np.zeros(X.shape[1]), np.ones(X.shape[1])


class PixelAnoRand(Pixels, AnoRand):
    """AnoRand on pixels as they are."""


class PixelAutoencoder(Pixels, Autoencoder):
    """The autoencoder of the same layers on pixels as they are."""


class PixelVAE(Pixels, VAE):
    """The variational autoencoder of the same layers on pixels as they are."""


def sized(*hidden: int) -> type[AnoRand]:
    """Return AnoRand with layers of other widths, the latent vector being as wide as the last."""

    class Sized(AnoRand):
        latent: ClassVar[int] = hidden[-1]

    Sized.hidden = hidden
    return Sized


def labelled(normal: np.ndarray, anomalies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all rows, and 0 for the normal ones and 1 for the others."""
    return np.concatenate([normal, anomalies]), np.repeat([0, 1], [len(normal), len(anomalies)])


def norm(x: Tensor) -> Tensor:
    """Return the norm of each row, (M, n, d) -> (M, n); its gradient at 0 is finite."""
    return (x.square().sum(dim=2) + 1e-12).sqrt()
