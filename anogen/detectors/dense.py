"""PyOD's AutoEncoder and VAE, repeatable; the VAE scores with the mean of its latent vector."""

import numpy as np
import torch
from pyod.models import auto_encoder, vae
from pyod.utils.stat_models import pairwise_distances_no_broadcast

from anogen.detectors.mixins import SeededFitMixin


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
