"""Losses of the WGAN-GP with a classifier in the loop (Eqs. 2-10 of the tailored paper), and its gradient penalty."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Critic = Callable[[Tensor, Tensor], Tensor]  # images (b, ...), one-hot classes (b, classes) -> scores (b,)


def gradient_penalty(critic: Critic, real: Tensor, fake: Tensor, y: Tensor, share: Tensor) -> Tensor:
    """GP = E[(‖∇D(x̂, y)‖₂ - 1)²] at x̂ = ε x + (1 - ε) G_F, (); `share` holds ε, one for each image, (b,)."""
    at = torch.lerp(fake, real, share.view(-1, *[1] * (real.ndim - 1))).detach().requires_grad_()
    return ((slope(critic, at, y, create_graph=True) - 1) ** 2).mean()


def slope(critic: Critic, x: Tensor, y: Tensor, *, create_graph: bool = False) -> Tensor:
    """‖∇D(x, y)‖₂ with respect to each image x, which must require a gradient, (b,)."""
    (gradient,) = torch.autograd.grad(critic(x, y).sum(), x, create_graph=create_graph)
    return gradient.flatten(1).norm(dim=1)


def critic_loss(
    critic: Critic, real: Tensor, y: Tensor, fake: Tensor, y_fake: Tensor, share: Tensor, weight: float = 10.0
) -> dict[str, Tensor]:
    """D_LOSS = F - R + λ GP (Eq. 7), with R = mean D(x, y) (Eq. 8) and F = mean D(G_F, ỹ) (Eq. 9).

    Eq. 9 is printed with the label y of the real images; that of the fakes is meant (`inc-tailored-05`). The penalty is
    taken with y.
    """
    r, f = critic(torch.cat((real, fake)), torch.cat((y, y_fake))).split((len(real), len(fake)))
    penalty = gradient_penalty(critic, real, fake, y, share)
    return {"loss": f.mean() - r.mean() + weight * penalty, "gap": r.mean() - f.mean(), "penalty": penalty}


def generator_loss(score: Tensor, logits: Tensor, labels: Tensor, alpha: float = 0.5) -> dict[str, Tensor]:
    """G_LOSS = α L_ADV + (1 - α) L_C (Eq. 2), with L_ADV = -F (Eqs. 3 and 5) and L_C the cross-entropy of C (Eq. 4).

    Parameters
    ----------
    score : D(G_F, Ĉ(G_F)), (b,), with the classifier's decision as the class, through which no gradient passes.
    logits : of the classifier, (b, classes).
    labels : ỹ, for which the fakes were made, (b,); Eq. 4 is printed with y (`inc-tailored-05`).
    """
    adversarial, classified = -score.mean(), F.cross_entropy(logits, labels)
    loss = alpha * adversarial + (1 - alpha) * classified
    return {"loss": loss, "adversarial": adversarial, "classified": classified}
