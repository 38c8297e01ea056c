"""The game of the WGAN-GP: who moves, and down which loss; with or without classes and a classifier in the loop."""

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from anogen.detectors.gan import losses, seeds
from anogen.detectors.gan.networks import Discriminator, Generator, Plan, one_hot
from anogen.detectors.gan.training import Batch, Player

Seeds = Literal["natural", "uniform"]


def pair(plan: Plan) -> dict[str, nn.Module]:
    """Return a `generator` and its `critic`, before training."""
    return {"generator": Generator(plan), "critic": Discriminator(plan)}


def fakes(generator: nn.Module, plan: Plan, batch: Batch, labels: Tensor, kind: Seeds = "natural") -> Tensor:
    """Return as many fakes as the batch has images, G_F = G(n_F, ỹ) (Eq. 6), of classes ỹ (b,)."""
    n = seeds.drawn(kind, len(labels), plan.seed, batch.source).to(batch.x.device)
    made: Tensor = generator(n, one_hot(labels, plan.classes))
    return made


def players(
    networks: Mapping[str, nn.Module],
    plan: Plan,
    classifier: nn.Module | None = None,
    *,
    alpha: float = 0.5,
    penalty: float = 10.0,
    ratio: int = 3,
    rate: float = 2e-4,
    critic_rate: float | None = None,
    betas: tuple[float, float] = (0.9, 0.999),
    kind: Seeds = "natural",
) -> dict[str, Player]:
    """Return the players of the WGAN-GP (Eqs. 2-10): the critic, who moves `ratio` times, and the generator.

    The critic's fakes have the classes of the real images beside them, ỹ = y: then Eq. 9 is right as printed
    (`inc-tailored-05`), and the penalty's interpolations lie between a real image and a fake of one class. Of classes
    drawn apart, nine pairs in ten are mixed: the penalty then does not hold the critic where it judges fakes, and its
    scores grow without bound.

    The critic has the generator's rate unless `critic_rate` is given. Without a classifier the generator's loss is the
    adversarial part alone, judged for the class that was asked for.
    """
    generator, critic = networks["generator"], networks["critic"]
    if classifier is not None:
        classifier.eval().requires_grad_(False)

    def criticised(batch: Batch) -> dict[str, Tensor]:
        with torch.no_grad():
            made = fakes(generator, plan, batch, batch.y, kind)
        y = one_hot(batch.y, plan.classes)
        return losses.critic_loss(critic, batch.x, y, made, y, batch.uniform(), penalty)

    def generated(batch: Batch) -> dict[str, Tensor]:
        labels = batch.labels(plan.classes)
        made = fakes(generator, plan, batch, labels, kind)
        if classifier is None:
            return {"loss": -critic(made, one_hot(labels, plan.classes)).mean()}
        logits = classifier(made)
        decided = one_hot(logits.argmax(dim=1), plan.classes)
        return losses.generator_loss(critic(made, decided), logits, labels, alpha)

    return {
        "critic": Player(("critic",), criticised, ratio, rate if critic_rate is None else critic_rate, betas),
        "generator": Player(("generator",), generated, 1, rate, betas),
    }
