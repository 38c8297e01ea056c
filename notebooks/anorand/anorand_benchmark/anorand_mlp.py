"""The plain network beside AnoRand: the same synthetic labels, the same layers, no autoencoder (AnoRand 6)."""

import numpy as np
import torch

from anogen.detectors import anorand_training
from anogen.detectors.anorand import AnoRand
from anogen.detectors.anorand_training import Outputs
from anogen.detectors.stacked_training import Network


class SyntheticMLP(AnoRand):
    """AnoRand's noise detection block alone: same labels, first weights, order of the rows and training.

    With the same random state, whatever AnoRand does better comes from what the autoencoder adds. The score is the
    network's probability; `w` has no effect.
    """

    def forward(self, network: Network, x: torch.Tensor) -> Outputs:
        """Return the logits of rows (M, n, d); there is no copy but the row."""
        last, logit = anorand_training.block(anorand_training.blocks(network)[0], x)
        return Outputs(logit.squeeze(2), x, last)

    def loss(self, x: torch.Tensor, out: Outputs, y: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the cross entropy of M models, (M,)."""
        return anorand_training.detection_loss(out.logit, y).mean(dim=1)

    def combine(self, y_mlp: np.ndarray, y_ae: np.ndarray) -> np.ndarray:
        """Return the network's probability."""
        return y_mlp
