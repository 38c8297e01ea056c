"""Players that also learn the way back, from a row to a latent vector: jointly with the GAN, or after it."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.detectors.gan.objectives import BETAS, fake, real, seeds
from anogen.detectors.gan.training import Batch, Player

RATE = 1e-3


def afterwards(networks: Mapping[str, nn.Module], kappa: float = 1.0) -> dict[str, Player]:
    """Return the player of f-AnoGAN's second stage: E so that G(E(x)) is x, to the pixels and to D's features."""
    encoder, generator, critic = (networks[name] for name in ("encoder", "generator", "critic"))

    def loss(batch: Batch) -> dict[str, Tensor]:
        copy = generator(encoder(batch.x))
        pixels = F.mse_loss(copy, batch.x)
        features = F.mse_loss(critic.features(copy), critic.features(batch.x))  # type: ignore[operator]
        return {"loss": pixels + kappa * features, "pixels": pixels}

    return {"encoder": Player(("encoder",), loss, 1, RATE, BETAS)}


def bidirectional(networks: Mapping[str, nn.Module], latent: int, cycle: float = 0.0) -> dict[str, Player]:
    """Return the players of the bidirectional GAN: D tells pairs (x, E(x)) from pairs (G(z), z).

    `cycle` weighs the errors of E(G(z)) and of G(E(x)), which make E and G inverses of each other.
    """
    encoder, generator, critic = (networks[name] for name in ("encoder", "generator", "critic"))

    def pairs(batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        z = seeds(batch, latent)
        code, made = encoder(batch.x), generator(z)
        return torch.cat((batch.x, code), dim=1), torch.cat((made, z), dim=1), z, code

    def judge(batch: Batch) -> dict[str, Tensor]:
        with torch.no_grad():
            found, made, _, _ = pairs(batch)
        return {"loss": real(critic(found)) + fake(critic(made))}

    def make(batch: Batch) -> dict[str, Tensor]:
        found, made, z, code = pairs(batch)
        loss = fake(critic(found)) + real(critic(made))
        if cycle:
            back = F.mse_loss(encoder(made[:, : batch.x.shape[1]]), z)
            there = (generator(code) - batch.x).square().sum(dim=1).mean()
            loss = loss + cycle * (back + there)
        return {"loss": loss}

    return {
        "critic": Player(("critic",), judge, 1, RATE, BETAS),
        "maker": Player(("generator", "encoder"), make, 1, RATE, BETAS),
    }


def ganomaly(networks: Mapping[str, nn.Module]) -> dict[str, Player]:
    """Return GANomaly's players: copies that D takes for real, near in pixels and in the codes of a second encoder.

    The weights, 1, 50 and 1, are those of its authors.
    """
    encoder, generator, again, critic = (networks[name] for name in ("encoder", "generator", "again", "critic"))

    def judge(batch: Batch) -> dict[str, Tensor]:
        with torch.no_grad():
            copy = generator(encoder(batch.x))
        return {"loss": real(critic(batch.x)) + fake(critic(copy))}

    def make(batch: Batch) -> dict[str, Tensor]:
        code = encoder(batch.x)
        copy = generator(code)
        adversarial = F.mse_loss(critic.features(copy), critic.features(batch.x))  # type: ignore[operator]
        context, coded = F.l1_loss(copy, batch.x), F.mse_loss(again(copy), code)
        return {"loss": adversarial + 50 * context + coded, "context": context, "coded": coded}

    return {
        "critic": Player(("critic",), judge, 1, RATE, BETAS),
        "maker": Player(("encoder", "generator", "again"), make, 1, RATE, BETAS),
    }


def drawn(code: Tensor, source: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Draw latent vectors by means and logarithmic variances (b, 2 d_z): z, mean, logarithmic variance, (b, d_z)."""
    mean, log_variance = code.chunk(2, dim=1)
    log_variance = log_variance.clamp(-12, 12)
    noise = torch.randn(mean.shape, generator=source).to(mean.device)
    return mean + (log_variance / 2).exp() * noise, mean, log_variance


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence of each code from the standard normal law, (b,)."""
    return ((mean.square() + log_variance.exp() - 1 - log_variance) / 2).sum(dim=1)


def variational(
    networks: Mapping[str, nn.Module], latent: int, beta: float = 0.1, adversarial: bool = True
) -> dict[str, Player]:
    """Return the players of a β-VAE whose discriminator judges copies and samples (the review's β-VAEGAN).

    Encoder and generator descend the squared error of the copy, that of D's features, and β KL. Without `adversarial`
    there is no discriminator, and this is a β-VAE.
    """
    encoder, generator = networks["encoder"], networks["generator"]

    def judge(batch: Batch) -> dict[str, Tensor]:
        critic = networks["critic"]
        with torch.no_grad():
            copy = generator(drawn(encoder(batch.x), batch.source)[0])
            sample = generator(seeds(batch, latent))
        return {"loss": real(critic(batch.x)) + (fake(critic(copy)) + fake(critic(sample))) / 2}

    def make(batch: Batch) -> dict[str, Tensor]:
        z, mean, log_variance = drawn(encoder(batch.x), batch.source)
        copy = generator(z)
        error = (copy - batch.x).square().sum(dim=1).mean()
        kl = divergence(mean, log_variance).mean()
        found = {"loss": error + beta * kl, "error": error, "kl": kl}
        if adversarial:
            critic = networks["critic"]
            features = critic.features(copy) - critic.features(batch.x)  # type: ignore[operator]
            sample = generator(seeds(batch, latent))
            found["loss"] = found["loss"] + features.square().sum(dim=1).mean() / 10 + real(critic(sample))
        return found

    player = {"maker": Player(("encoder", "generator"), make, 1, RATE, BETAS)}
    return ({"critic": Player(("critic",), judge, 1, RATE, BETAS)} if adversarial else {}) | player
