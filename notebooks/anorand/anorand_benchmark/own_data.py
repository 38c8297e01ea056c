"""Table 2's ResNet and FT-Transformer: networks for tables by Gorishniy et al. (2021), trained as ADBench trains them.

The networks are those of the authors' package `rtdl_revisiting_models`, which is imported when one is fitted.
"""

from abc import ABC, abstractmethod
from importlib import import_module
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

EPOCHS, BATCH = 100, 64  # ADBench's
# An FT-Transformer has a token for every feature, and its blocks compare each with each. Where there are more features
# than NARROW it has one block, whose only query is the class token; and no training reads more values than VALUES.
NARROW = 40
VALUES = 10_000_000


class TabularNetwork(ABC):
    """A network with one output, trained with labels; its score is the log-odds of an anomaly.

    Whoever fits it seeds PyTorch.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Train on rows X (n, d) with their labels y (n,), 1 for anomalies."""
        rows, labels = _tensor(X), _tensor(y)
        self.network_ = self.made(rows.shape[1])
        optimiser = self.optimiser(self.network_)
        self.network_.train()
        for _ in range(self.epochs(rows.numel())):
            for batch in torch.randperm(len(rows)).split(BATCH):
                if len(batch) == 1:
                    continue  # one row alone has no variance to normalise by
                optimiser.zero_grad()
                binary_cross_entropy_with_logits(self.output(rows[batch]), labels[batch]).backward()
                optimiser.step()
        self.network_.eval()
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the log-odds of every row of X, (n, d) -> (n,)."""
        with torch.inference_mode():
            return torch.cat([self.output(rows) for rows in _tensor(X).split(BATCH)]).double().numpy()

    def output(self, rows: Tensor) -> Tensor:
        """Return what the network answers, (n, d) -> (n,)."""
        return self.network_(rows).squeeze(1)

    def epochs(self, values: int) -> int:
        """Return how often the training set is read, which has so many values."""
        return EPOCHS

    @abstractmethod
    def made(self, d: int) -> nn.Module:
        """Return a new network for rows of d values."""

    @abstractmethod
    def optimiser(self, network: nn.Module) -> torch.optim.Optimizer:
        """Return what trains it."""


class ResNet(TabularNetwork):
    """Two residual blocks of width 128, with ADBench's options."""

    def made(self, d: int) -> nn.Module:
        """Return a new network for rows of d values."""
        size = {"n_blocks": 2, "d_block": 128, "d_hidden": 256, "d_hidden_multiplier": None}
        return _package().ResNet(d_in=d, d_out=1, dropout1=0.2, dropout2=0.0, **size)

    def optimiser(self, network: nn.Module) -> torch.optim.Optimizer:
        """Return AdamW without decay."""
        return torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0)


class FTTransformer(TabularNetwork):
    """The authors' default network, three blocks of width 192; above `NARROW` features that for one block, width 96."""

    def output(self, rows: Tensor) -> Tensor:
        """Return what the network answers to rows without categorical features, (n, d) -> (n,)."""
        return self.network_(rows, None).squeeze(1)

    def epochs(self, values: int) -> int:
        """Return how often the training set is read, which has so many values."""
        return max(1, min(EPOCHS, VALUES // values))

    def made(self, d: int) -> nn.Module:
        """Return a new network for rows of d values."""
        kind = _package().FTTransformer
        blocks = 3 if d <= NARROW else 1
        return kind(n_cont_features=d, cat_cardinalities=[], d_out=1, **kind.get_default_kwargs(n_blocks=blocks))

    def optimiser(self, network: Any) -> torch.optim.Optimizer:
        """Return the authors' default."""
        return network.make_default_optimizer()


def _package() -> Any:
    return import_module("rtdl_revisiting_models")


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float32))
