"""What generator and discriminator play for: the original GAN (Eq. 3 of the review), WGAN and WGAN-GP.

The expectation in Eq. 3 is V(D, G), whose minimum over G of the maximum over D is sought (`inc-review-04`). As usual,
G descends -log D(G(z)) instead of log(1 - D(G(z))): the same fixed points, but a gradient where D is sure.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.detectors.gan.losses import gradient_penalty
from anogen.detectors.gan.training import Batch, Player

Objective = Literal["gan", "wgan", "wgan-gp"]
CLIP = 0.1  # to which the weights of WGAN's critic are cut
PENALTY = 10.0
BETAS = (0.5, 0.9)


def seeds(batch: Batch, latent: int) -> Tensor:
    """Draw a standard normal latent vector for each row of the batch, (b, d_z)."""
    return torch.randn(len(batch.x), latent, generator=batch.source).to(batch.x.device)


def real(logits: Tensor) -> Tensor:
    """Mean sigmoid cross-entropy with target 1, of logits (b,)."""
    return F.softplus(-logits).mean()


def fake(logits: Tensor) -> Tensor:
    """Mean sigmoid cross-entropy with target 0."""
    return F.softplus(logits).mean()


def criticised(
    critic: nn.Module, batch: Batch, made: Tensor, objective: Objective, penalty: float = PENALTY
) -> dict[str, Tensor]:
    """Return the loss of the discriminator, or critic, on real rows and on as many made ones (b, d)."""
    if objective == "gan":
        return {"loss": real(critic(batch.x)) + fake(critic(made))}
    gap = critic(batch.x).mean() - critic(made).mean()
    if objective == "wgan":
        return {"loss": -gap}
    steepness = gradient_penalty(lambda x, _: critic(x), batch.x, made, batch.y, batch.uniform())
    return {"loss": penalty * steepness - gap, "gap": gap}


def fooled(critic: nn.Module, made: Tensor, objective: Objective) -> Tensor:
    """Return the adversarial loss of the generator."""
    return real(critic(made)) if objective == "gan" else -critic(made).mean()


def clip(critic: nn.Module) -> None:
    """Cut the weights to [-CLIP, CLIP], as WGAN does after each of its critic's steps."""
    with torch.no_grad():
        for weight in critic.parameters():
            weight.clamp_(-CLIP, CLIP)


def players(
    networks: Mapping[str, nn.Module],
    latent: int,
    objective: Objective = "gan",
    *,
    ratio: int = 1,
    rate: float = 1e-3,
    penalty: float = PENALTY,
    draw: Callable[[Batch, int], Tensor] = seeds,
) -> dict[str, Player]:
    """Return the two players of a GAN without classes: `critic`, who moves `ratio` times, and `generator`."""
    generator, critic = networks["generator"], networks["critic"]

    def judge(batch: Batch) -> dict[str, Tensor]:
        if objective == "wgan":
            clip(critic)
        with torch.no_grad():
            made = generator(draw(batch, latent))
        return criticised(critic, batch, made, objective, penalty)

    def make(batch: Batch) -> dict[str, Tensor]:
        return {"loss": fooled(critic, generator(draw(batch, latent)), objective)}

    return {
        "critic": Player(("critic",), judge, ratio, rate, BETAS),
        "generator": Player(("generator",), make, 1, rate, BETAS),
    }
