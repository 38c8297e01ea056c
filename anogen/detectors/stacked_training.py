"""Several small dense networks of one shape trained side by side, each as if it were alone (for DEAN and AnoRand)."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

Network = list[Tensor]  # of M models: weights (M, in, out) and biases (M, 1, out) in turn
Widths = tuple[int, ...]  # of the layers, the input included
Loss = Callable[[Network, Tensor, Tensor], Tensor]  # network, rows (M, b, d) and their numbers (M, b) -> losses (M,)


def init_weights(blocks: Iterable[Widths], generators: Sequence[torch.Generator]) -> Network:
    """Return the initial weights of M models, Glorot-uniform, with biases of 0, block after block."""
    network = []
    for before, after in (pair for widths in blocks for pair in pairwise(widths)):
        bound = (6 / (before + after)) ** 0.5
        weight = torch.empty(len(generators), before, after)
        for model, generator in zip(weight, generators, strict=True):
            model.uniform_(-bound, bound, generator=generator)
        network += [weight, torch.zeros(len(generators), 1, after)]
    return network


def hidden(layers: Sequence[Tensor], x: Tensor) -> Tensor:
    """Return the last hidden layer (M, n, out) of layers with ReLU, for rows (M, n, in)."""
    for weight, bias in zip(layers[::2], layers[1::2], strict=True):
        x = torch.baddbmm(bias, x, weight).relu_()
    return x


class KerasAdam(torch.optim.Optimizer):
    """Adam as Keras implements it: epsilon, 1e-7, is added to the root before the bias is corrected."""

    def __init__(self, params: Network, lr: float) -> None:
        super().__init__(params, {"lr": lr, "step": 0})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update the weights in place."""
        group = self.param_groups[0]
        group["step"] += 1
        rate = group["lr"] * (1 - 0.999 ** group["step"]) ** 0.5 / (1 - 0.9 ** group["step"])
        for weight in group["params"]:
            state = self.state[weight]
            if not state:
                state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(weight), torch.zeros_like(weight)
            state["exp_avg"].lerp_(weight.grad, 1 - 0.9)
            state["exp_avg_sq"].mul_(0.999).addcmul_(weight.grad, weight.grad, value=1 - 0.999)
            weight.addcdiv_(state["exp_avg"], state["exp_avg_sq"].sqrt().add_(1e-7), value=-rate)


def select_models(optimizer: torch.optim.Optimizer, keep: Tensor) -> Network:
    """Restrict an optimizer to the models where `keep` (M,) is true, moments included, and return their weights."""
    network = []
    for weight in optimizer.param_groups[0]["params"]:
        network.append(weight.detach()[keep].requires_grad_())
        optimizer.state[network[-1]] = {key: moment[keep] for key, moment in optimizer.state.pop(weight).items()}
    optimizer.param_groups[0]["params"] = network
    return network


def train(
    network: Network,
    x: Tensor,
    loss: Loss,
    generators: Sequence[torch.Generator],
    *,
    epochs: int,
    batch_size: int,
    optimizer: Callable[[Network], torch.optim.Optimizer],
    n_validation: int = 0,
    patience: int = 0,
) -> Network:
    """Return the trained weights of M models, from initial weights and rows x (M, n, d), shuffled in every epoch.

    The sum of the losses is minimised; no model's weights are in another's loss. The last `n_validation` rows are not
    trained on: a model stops after `patience` epochs without a new minimum of their loss, with its current weights.
    """
    m, n, d = x.shape
    rows, n_train = x.reshape(m * n, d), n - n_validation
    network = [weight.clone().requires_grad_() for weight in network]
    trained, adam = [torch.empty_like(weight) for weight in network], optimizer(network)
    # A model that stops leaves the batch: its weights and moments no longer change.
    active = torch.arange(m)
    lowest, waited = torch.full((m,), torch.inf), torch.zeros(m, dtype=torch.int64)
    for epoch in range(epochs):
        orders = torch.stack([torch.randperm(n_train, generator=generators[i]) for i in active])
        for order in orders.split(batch_size, dim=1):
            batch = rows.index_select(0, (order + n * active[:, None]).reshape(-1)).view(*order.shape, d)
            adam.zero_grad()
            loss(network, batch, order).sum().backward()
            adam.step()
        stops = torch.full((len(active),), epoch == epochs - 1)
        if n_validation:
            with torch.no_grad():
                held_out = torch.arange(n_train, n).expand(len(active), -1)
                losses = loss(network, x[active, n_train:], held_out)
            waited = torch.where(losses < lowest, 0, waited + 1)
            lowest = torch.minimum(lowest, losses)
            stops |= waited >= patience
        if not stops.any():
            continue
        for result, weight in zip(trained, network, strict=True):
            result[active[stops]] = weight.detach()[stops]
        if stops.all():
            break
        network = select_models(adam, ~stops)
        active, lowest, waited = active[~stops], lowest[~stops], waited[~stops]
    return trained
