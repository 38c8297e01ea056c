"""Search of the latent space for what resembles a given row most (the review's Secs. 2.3 and 4.5).

The review starts at z_1 in its text and at z_0 in its Fig. 4, and ends at z_Γ or z_T (`inc-review-03`); here z_0 is the
start and z_Γ the end.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Loss = Callable[[Tensor], Tensor]  # latent vectors (b, d_z) -> what each costs, (b,)
BETAS = (0.9, 0.999)


class Settings(NamedTuple):
    """When a search stops, and how it steps."""

    epsilon: float = 0.0  # a row is done when its loss is at most this
    limit: int = 200  # n_max
    rate: float = 0.1  # of Adam
    near: float = 0.0  # below this loss the rate is a tenth of it ("an adapting learning [rate]", `inc-review-07`)
    averaged: bool = False  # all rows of a batch are done when their mean loss is: what the review warns of


class State(NamedTuple):
    """Where a search is."""

    z: Tensor  # (b, d_z)
    loss: Tensor  # of z, (b,)
    steps: Tensor  # taken by each row, (b,)
    done: Tensor  # (b,)


def search(loss: Loss, z: Tensor, settings: Settings | None = None) -> Iterator[State]:
    """Descend from z (b, d_z) with Adam, every row for itself, and yield the state before and after each step."""
    s = settings or Settings()
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


def found(loss: Loss, z: Tensor, settings: Settings | None = None) -> State:
    """Return the last state of a search."""
    *_, last = search(loss, z, settings)
    return last


def residual(x: Tensor, copy: Tensor) -> Tensor:
    """L_res: the absolute error (Eq. 4), summed over the points of each row, (b,)."""
    return (x - copy).abs().sum(dim=1)


def discrimination(critic: nn.Module, copy: Tensor) -> Tensor:
    """L_disc: the sigmoid cross-entropy of D(G(z)) with target α = 1 (Eq. 5), (b,)."""
    return F.softplus(-critic(copy))


def feature_matching(critic: nn.Module, x: Tensor, copy: Tensor) -> Tensor:
    """L_disc: the absolute error of what D's last layer sees (Eq. 6), summed, (b,)."""
    return residual(critic.features(x), critic.features(copy))  # type: ignore[operator]


def total(generator: nn.Module, critic: nn.Module, x: Tensor, weight: float) -> Loss:
    """Return L_total = (1 - λ) L_res + λ L_disc of given rows (Eq. 7), with feature matching.

    The review also calls L_disc L_D, and writes its arguments in either order (`inc-review-02`).
    """

    def loss(z: Tensor) -> Tensor:
        copy = generator(z)
        return (1 - weight) * residual(x, copy) + weight * feature_matching(critic, x, copy)

    return loss


def kernel(generator: nn.Module, x: Tensor, bandwidth: float) -> Loss:
    """Return the dissimilarity 1 - k(x, G(z)) with the Gaussian (RBF) kernel of a bandwidth, in [0, 1)."""

    def loss(z: Tensor) -> Tensor:
        return -torch.expm1(-(x - generator(z)).square().sum(dim=1) / (2 * bandwidth**2))

    return loss
