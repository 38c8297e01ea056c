"""WGAN-GP of the tailored paper (Eqs. 2-10): losses, gradient penalty and training steps."""

from collections.abc import Callable, Mapping
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.detectors.gan import seeds
from anogen.detectors.gan.networks import Discriminator, Generator, WGANConfig, one_hot
from anogen.detectors.gan.training import Batch, TrainStep

Seeds = Literal["natural", "uniform"]
CriticFunction = Callable[[Tensor, Tensor], Tensor]  # images (b, ...), one-hot classes (b, classes) -> scores (b,)


def gradient_penalty(critic: CriticFunction, real: Tensor, fake: Tensor, y: Tensor, share: Tensor) -> Tensor:
    """GP = E[(‖∇D(x̂, y)‖₂ - 1)²] at x̂ = ε x + (1 - ε) G_F, (); `share` holds ε, one for each image, (b,)."""
    at = torch.lerp(fake, real, share.view(-1, *[1] * (real.ndim - 1))).detach().requires_grad_()
    return ((slope(critic, at, y, create_graph=True) - 1) ** 2).mean()


def slope(critic: CriticFunction, x: Tensor, y: Tensor, *, create_graph: bool = False) -> Tensor:
    """‖∇D(x, y)‖₂ with respect to each image x, which must require a gradient, (b,)."""
    (gradient,) = torch.autograd.grad(critic(x, y).sum(), x, create_graph=create_graph)
    return gradient.flatten(1).norm(dim=1)


def critic_loss(
    critic: CriticFunction, real: Tensor, y: Tensor, fake: Tensor, y_fake: Tensor, share: Tensor, weight: float = 10.0
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

    The `score` D(G_F, Ĉ(G_F)) (b,) has the classifier's decision as its class, through which no gradient passes; the
    classifier's `logits` are (b, classes), and `labels` ỹ (b,). Eq. 4 is printed with y (`inc-tailored-05`).
    """
    adversarial, classified = -score.mean(), F.cross_entropy(logits, labels)
    loss = alpha * adversarial + (1 - alpha) * classified
    return {"loss": loss, "adversarial": adversarial, "classified": classified}


def pair(plan: WGANConfig) -> dict[str, nn.Module]:
    """Return a `generator` and its `critic`, before training."""
    return {"generator": Generator(plan), "critic": Discriminator(plan)}


def fakes(generator: nn.Module, plan: WGANConfig, batch: Batch, labels: Tensor, kind: Seeds = "natural") -> Tensor:
    """Return fakes G_F = G(n_F, ỹ) (Eq. 6) of classes ỹ (b,), one per class, (b, c, h, w)."""
    n = seeds.sample(kind, len(labels), plan.seed, batch.source).to(batch.x.device)
    return generator(n, one_hot(labels, plan.classes)).float()


def train_steps(
    networks: Mapping[str, nn.Module],
    plan: WGANConfig,
    classifier: nn.Module | None = None,
    *,
    alpha: float = 0.5,
    penalty: float = 10.0,
    ratio: int = 3,
    rate: float = 2e-4,
    critic_rate: float | None = None,
    betas: tuple[float, float] = (0.9, 0.999),
    kind: Seeds = "natural",
) -> dict[str, TrainStep]:
    """Return the training steps of the WGAN-GP (Eqs. 2-10): `ratio` steps of the critic, then one of the generator.

    The critic's fakes have the classes of the real images in the batch, ỹ = y: then Eq. 9 is right as printed
    (`inc-tailored-05`), and the penalty interpolates between a real image and a fake of one class. With independent
    classes nine pairs in ten would be mixed: the penalty would not bound the critic where it scores fakes, and its
    scores would grow without limit.

    The critic's learning rate is `critic_rate`, by default the generator's. Without a classifier the generator's loss
    is the adversarial part alone, for the requested class.
    """
    generator, critic = networks["generator"], networks["critic"]
    if classifier is not None:
        classifier.eval().requires_grad_(False)

    def critic_step(batch: Batch) -> dict[str, Tensor]:
        with torch.no_grad():
            made = fakes(generator, plan, batch, batch.y, kind)
        y = one_hot(batch.y, plan.classes)
        return critic_loss(critic, batch.x, y, made, y, batch.uniform(), penalty)

    def generator_step(batch: Batch) -> dict[str, Tensor]:
        labels = batch.labels(plan.classes)
        made = fakes(generator, plan, batch, labels, kind)
        if classifier is None:
            return {"loss": -critic(made, one_hot(labels, plan.classes)).mean()}
        logits = classifier(made)
        decided = one_hot(logits.argmax(dim=1), plan.classes)
        return generator_loss(critic(made, decided), logits, labels, alpha)

    return {
        "critic": TrainStep(("critic",), critic_step, ratio, rate if critic_rate is None else critic_rate, betas),
        "generator": TrainStep(("generator",), generator_step, 1, rate, betas),
    }
