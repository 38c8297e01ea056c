"""Search of the latent space for the vector whose image resembles a row most (the review's Secs. 2.3 and 4.5).

The review starts at z_1 in its text and at z_0 in its Fig. 4, and ends at z_Γ or z_T (`inc-review-03`); here z_0 is the
start and z_Γ the end.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Loss = Callable[[Tensor], Tensor]  # latent vectors (b, d_z) -> losses (b,)
BETAS = (0.9, 0.999)


class LatentSearchConfig(NamedTuple):
    """Stopping rule and step size of a search."""

    epsilon: float = 0.0  # the search of a row stops when its loss is at most this
    limit: int = 200  # n_max, steps
    rate: float = 0.1  # of Adam
    near: float = 0.0  # below this loss the rate is a tenth of it ("an adapting learning [rate]", `inc-review-07`)
    averaged: bool = False  # stop all rows of a batch on their mean loss, which the review warns against


class State(NamedTuple):
    """The state of a search."""

    z: Tensor  # (b, d_z)
    loss: Tensor  # of z, (b,)
    steps: Tensor  # taken by each row, (b,)
    done: Tensor  # (b,)


def descend(loss: Loss, z: Tensor, settings: LatentSearchConfig | None = None) -> Iterator[State]:
    """Descend from z (b, d_z) with Adam, each row independently; yield the state before and after each step."""
    s = settings or LatentSearchConfig()
    first, second = torch.zeros_like(z), torch.zeros_like(z)
    steps = torch.zeros(len(z), dtype=torch.int64)
    done = torch.zeros(len(z), dtype=torch.bool)
    for step in range(s.limit + 1):
        z = z.detach().requires_grad_()
        costs = loss(z)
        (gradient,) = torch.autograd.grad(costs.sum(), z)
        z, costs = z.detach(), costs.detach()
        done = done | ((costs.mean() if s.averaged else costs) <= s.epsilon)
        yield State(z, costs, steps, done.clone())
        if step == s.limit or done.all():
            return
        first = first.lerp(gradient, 1 - BETAS[0])
        second = second.lerp(gradient.square(), 1 - BETAS[1])
        size = torch.where(costs < s.near, s.rate / 10, s.rate)[:, None]
        along = first / (1 - BETAS[0] ** (step + 1)) / ((second / (1 - BETAS[1] ** (step + 1))).sqrt() + 1e-8)
        z = torch.where(done[:, None], z, z - size * along)
        steps = steps + ~done


def find(loss: Loss, z: Tensor, settings: LatentSearchConfig | None = None) -> State:
    """Return the last state of a search."""
    *_, last = descend(loss, z, settings)
    return last


def residual(x: Tensor, reconstruction: Tensor) -> Tensor:
    """Return L_res (b,): the absolute error (Eq. 4), summed over the features of each row."""
    return (x - reconstruction).abs().sum(dim=1)


def discrimination(critic: nn.Module, reconstruction: Tensor) -> Tensor:
    """Return L_disc (b,): the sigmoid cross-entropy of D(G(z)) with target α = 1 (Eq. 5)."""
    return F.softplus(-critic(reconstruction))


def feature_matching(critic: nn.Module, x: Tensor, reconstruction: Tensor) -> Tensor:
    """Return L_disc (b,): the summed absolute error of the inputs of D's last layer (Eq. 6)."""
    return residual(critic.features(x), critic.features(reconstruction))  # type: ignore[operator]


def total(generator: nn.Module, critic: nn.Module, x: Tensor, weight: float) -> Loss:
    """Return L_total = (1 - λ) L_res + λ L_disc of rows x (Eq. 7; `inc-review-02`), with feature matching."""

    def loss(z: Tensor) -> Tensor:
        reconstruction = generator(z)
        return (1 - weight) * residual(x, reconstruction) + weight * feature_matching(critic, x, reconstruction)

    return loss


def kernel(generator: nn.Module, x: Tensor, bandwidth: float) -> Loss:
    """Return the dissimilarity 1 - k(x, G(z)) with the Gaussian (RBF) kernel of a bandwidth, in [0, 1)."""

    def loss(z: Tensor) -> Tensor:
        return -torch.expm1(-(x - generator(z)).square().sum(dim=1) / (2 * bandwidth**2))

    return loss
