"""Scorers of neural detectors."""

from math import prod

import torch
from torch import Tensor

from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.scoring.base import Scorer


class AutoencoderScorer(Scorer):
    """The reconstruction error of our convolutional autoencoder (thesis Eq. 5.1), with gradients."""

    differentiable = True
    dtype = torch.float32

    def __init__(self, detector: ConvAutoencoder) -> None:
        self.detector = detector
        self.dimension = prod(detector.image_shape)

    def score(self, x: Tensor) -> Tensor:
        """Return the reconstruction errors of rows (n, d), (n,)."""
        return self.detector.reconstruction_error(x)
