"""How DEAN's submodels are trained: several side by side, each as if it were alone."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

VALIDATION = 0.1  # the last tenth of the rows tells when to stop
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7
Network = list[Tensor]  # of M submodels: weights (M, in, out) and biases (M, 1, out) in turn, and the last weights


def outputs(network: Network, x: Tensor) -> Tensor:
    """Return what each of M submodels answers to its own rows, (M, n, bag) -> (M, n)."""
    for weight, bias in zip(network[:-1:2], network[1::2], strict=True):
        x = torch.baddbmm(bias, x, weight).relu_()
    return torch.selu(torch.bmm(x, network[-1])).squeeze(2)


def generator(random_state: int, number: int) -> torch.Generator:
    """Return the source of all random numbers of the submodel with this number."""
    seed = np.random.SeedSequence((random_state, number)).generate_state(1, np.uint64).item()
    return torch.Generator().manual_seed(seed)


def sizes(widths: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the sizes of one submodel's parameters, in the order of `Network`."""
    return [size for before, after in pairwise(widths) for size in ((before, after), (1, after))][:-1]


def initial(widths: tuple[int, ...], generators: list[torch.Generator]) -> Network:
    """Return the weights before training: uniform up to the root of 6 / (in + out), and biases of 0."""
    network = [torch.zeros(len(generators), *size) for size in sizes(widths)]
    for i, source in enumerate(generators):
        for weight in network[::2]:
            bound = (6 / sum(weight.shape[1:])) ** 0.5
            weight[i].uniform_(-bound, bound, generator=source)
    return network


@dataclass(frozen=True)
class Training:
    """Adam on the mean of |1 - f|, as Keras does it.

    Attributes
    ----------
    epochs, batch_size, learning_rate
        The rows are shuffled in every epoch; the last batch is smaller where it must be.
    patience
        Epochs without a new least validation loss after which a submodel stops, with the weights it has then.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int

    def __call__(self, network: Network, x: Tensor, generators: list[torch.Generator]) -> Network:
        """Return the trained weights of M submodels, given the rows that each sees, (M, n, bag)."""
        m, n, bag = x.shape
        split = int(n * (1 - VALIDATION))
        done = [torch.empty_like(weight) for weight in network]
        first, second = ([torch.zeros_like(weight) for weight in network] for _ in range(2))
        # A submodel that stops leaves the batch: neither its weights nor its moments change any more.
        alive = torch.arange(m)
        least, waited, step = torch.full((m,), torch.inf), torch.zeros(m, dtype=torch.int64), 0
        for epoch in range(self.epochs):
            orders = torch.stack([torch.randperm(split, generator=generators[i]) for i in alive])
            for order in (orders + n * alive[:, None]).split(self.batch_size, dim=1):
                batch = x.view(m * n, bag).index_select(0, order.flatten()).view(*order.shape, bag)
                step += 1
                self._step(network, _gradients(network, batch), first, second, step)
            losses = (1 - outputs(network, x[alive, split:])).abs().mean(dim=1)
            waited = torch.where(losses < least, 0, waited + 1)
            least = torch.minimum(least, losses)
            stops = waited >= self.patience
            if epoch == self.epochs - 1:
                stops[:] = True
            if stops.any():
                for whole, weight in zip(done, network, strict=True):
                    whole[alive[stops]] = weight[stops]
                network, first, second = ([array[~stops] for array in kind] for kind in (network, first, second))
                alive, least, waited = alive[~stops], least[~stops], waited[~stops]
            if not len(alive):
                break
        return done

    def _step(self, network: Network, gradients: Network, first: Network, second: Network, step: int) -> None:
        """Change the weights in place; Keras adds the epsilon to the root before the bias is corrected."""
        rate = self.learning_rate * (1 - BETA2**step) ** 0.5 / (1 - BETA1**step)
        for weight, gradient, m, v in zip(network, gradients, first, second, strict=True):
            m.lerp_(gradient, 1 - BETA1)
            v.mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
            weight.addcdiv_(m, v.sqrt().add_(EPSILON), value=-rate)


def _gradients(network: Network, batch: Tensor) -> Network:
    """Return the gradients of each submodel's own mean loss on its own rows, (M, b, bag)."""
    leaves = [weight.detach().requires_grad_() for weight in network]
    with torch.enable_grad():
        # the sum over submodels: no submodel's weights are in another one's term
        loss = (1 - outputs(leaves, batch)).abs().mean(dim=1).sum()
    return list(torch.autograd.grad(loss, leaves))
