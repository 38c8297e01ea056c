"""AnoRand's networks, their loss and their training: several side by side, each as if it were alone (AnoRand 5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

Network = list[Tensor]  # of M models: weights (M, in, out) and biases (M, 1, out) in turn
Widths = tuple[int, ...]  # of a block's layers, its input included


class Outputs(NamedTuple):
    """What M networks answer to n rows each."""

    logit: Tensor  # (M, n): y_mlp is its sigmoid
    copy: Tensor  # (M, n, d): the decoder's x̂
    latent: Tensor  # (M, n, z): what the decoder is given, z = (z_0, z_1)


Forward = Callable[[Network, Tensor], Outputs]
Loss = Callable[[Tensor, Outputs, Tensor, Tensor], Tensor]


def block(layers: Sequence[Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """Return a block's last hidden layer, and its output without an activation, (M, n, in) -> (M, n, ·) twice."""
    *hidden, weight, bias = layers
    for w, b in zip(hidden[::2], hidden[1::2], strict=True):
        x = torch.baddbmm(b, x, w).relu_()
    return x, torch.baddbmm(bias, x, weight)


def blocks(network: Network) -> tuple[Network, Network, Network]:
    """Return the noise detection block, the encoder and the decoder, which have as many layers each."""
    third = len(network) // 3
    return network[:third], network[third : 2 * third], network[2 * third :]


def outputs(network: Network, x: Tensor) -> Outputs:
    """Return what M networks answer to rows (M, n, d).

    The noise detection block's last hidden layer is z_0, the encoder's output z_1; the decoder is given both (Eq. 1).
    """
    noise_detection, encoder, decoder = blocks(network)
    z_0, logit = block(noise_detection, x)
    z = torch.cat([z_0, block(encoder, x)[1]], dim=2)
    return Outputs(logit.squeeze(2), block(decoder, z)[1], z)


def reconstruction_loss(x: Tensor, copy: Tensor) -> Tensor:
    """Return the mean squared difference of each row to its copy, (M, n, d) -> (M, n): the L_mse of Eq. 2.

    The source calls it squared and prints a norm that is not (`inc-anorand-07`).
    """
    return (x - copy).square().mean(dim=2)


def detection_loss(logit: Tensor, y: Tensor) -> Tensor:
    """Return each row's cross entropy, (M, n): Eq. 3 with the minus that it lacks (`inc-anorand-04`)."""
    return binary_cross_entropy_with_logits(logit, y, reduction="none")


def loss(x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
    """Return w · L_CE + (1 - w) · L_AE of Eqs. 2-4 for M models, (M,).

    Rows x (M, n, d), labels y (M, n) and weights w (M,). The source sums over the rows; Adam does not tell that from
    the mean, which is taken here. Its expanded form has one minus in front of both terms, and would maximise the
    reconstruction error (`inc-anorand-05`).
    """
    copied = ((1 - y) * reconstruction_loss(x, out.copy)).mean(dim=1)
    return w * detection_loss(out.logit, y).mean(dim=1) + (1 - w) * copied


def initial(widths: Sequence[Widths], generators: Sequence[torch.Generator]) -> Network:
    """Return the weights of M models before training: uniform up to the root of 6 / (in + out), and biases of 0.

    `widths` are those of the three blocks.
    """
    network = []
    for before, after in (pair for one in widths for pair in pairwise(one)):
        bound = (6 / (before + after)) ** 0.5
        weight = torch.empty(len(generators), before, after)
        for model, source in zip(weight, generators, strict=True):
            model.uniform_(-bound, bound, generator=source)
        network += [weight, torch.zeros(len(generators), 1, after)]
    return network


@dataclass(frozen=True)
class Training:
    """Adam on the loss; all else that the source does not state is left out: no dropout, no early stopping (Eq. 5).

    Attributes
    ----------
    epochs, batch_size, learning_rate
        The rows are shuffled in every epoch; the last batch is smaller where it must be.
    forward, loss
        The networks, and what is minimised.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    forward: Forward = outputs
    loss: Loss = loss

    def __call__(
        self, network: Network, x: Tensor, y: Tensor, w: Tensor, generators: Sequence[torch.Generator]
    ) -> Network:
        """Return the trained weights of M models, given the rows (M, n, d) and labels (M, n) of each, and w (M,)."""
        m, n, d = x.shape
        leaves = [weight.clone().requires_grad_() for weight in network]
        adam = torch.optim.Adam(leaves, lr=self.learning_rate, fused=True)
        rows, labels, first = x.reshape(m * n, d), y.reshape(m * n), n * torch.arange(m)[:, None]
        for _ in range(self.epochs):
            orders = torch.stack([torch.randperm(n, generator=source) for source in generators]) + first
            for order in orders.split(self.batch_size, dim=1):
                batch = rows.index_select(0, order.reshape(-1)).view(*order.shape, d)
                answers = self.forward(leaves, batch)
                adam.zero_grad()
                # the sum over the models: no model's weights are in another one's term
                self.loss(batch, answers, labels[order], w).sum().backward()
                adam.step()
        return [leaf.detach() for leaf in leaves]
