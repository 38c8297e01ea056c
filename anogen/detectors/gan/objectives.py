"""The review's models: dense networks, and training steps of GAN (Eq. 3), WGAN, WGAN-GP and models with an encoder.

The expectation in Eq. 3 is V(D, G), whose minimum over G of the maximum over D is sought (`inc-review-04`). As usual,
G descends -log D(G(z)) instead of log(1 - D(G(z))): the fixed points are the same, but the gradient does not vanish
where D is certain. Encoders are trained jointly with the GAN (EGBAD, GANomaly, VAE) or after it (f-AnoGAN).
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.detectors.gan.networks import SLOPE
from anogen.detectors.gan.training import Batch, Loss, TrainStep
from anogen.detectors.gan.wgan_gp import gradient_penalty

RATE = 1e-3
Objective = Literal["gan", "wgan", "wgan-gp"]
BETAS = (0.5, 0.9)
CLIP = 0.1  # bound of the weights of WGAN's critic
PENALTY = 10.0  # weight of WGAN-GP's gradient penalty


class Sizes(NamedTuple):
    """Sizes of the networks."""

    dimension: int  # d, of a row
    latent: int = 16  # d_z
    width: int = 64  # units of each of the two hidden layers


class SpectralNormLinear(nn.Linear):
    """A dense layer divided by its exact spectral norm, so that its Lipschitz constant is 1."""

    def forward(self, x: Tensor) -> Tensor:
        """(b, n) -> (b, m)."""
        return F.linear(x, self.weight / torch.linalg.matrix_norm(self.weight, 2), self.bias)


def layers(before: int, width: int, after: int, linear: type[nn.Linear] = nn.Linear) -> nn.Sequential:
    """Return a perceptron with two hidden layers."""
    return nn.Sequential(
        linear(before, width), nn.LeakyReLU(SLOPE), linear(width, width), nn.LeakyReLU(SLOPE), linear(width, after)
    )


class Generator(nn.Module):
    """G: latent vectors to rows in [0, 1]."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.layers = layers(sizes.latent, sizes.width, sizes.dimension)

    def forward(self, z: Tensor) -> Tensor:
        """(..., d_z) -> (..., d)."""
        return torch.sigmoid(self.layers(z))


class Encoder(nn.Module):
    """E: rows to latent vectors, or to their means and log variances."""

    def __init__(self, sizes: Sizes, *, variance: bool = False) -> None:
        super().__init__()
        self.layers = layers(sizes.dimension, sizes.width, sizes.latent * (2 if variance else 1))

    def forward(self, x: Tensor) -> Tensor:
        """(b, d) -> (b, d_z), or (b, 2 d_z)."""
        return self.layers(2 * x - 1)


class Critic(nn.Module):
    """D: rows to a score, large for rows that seem real; f, the input of its last layer."""

    def __init__(self, dimension: int, width: int, linear: type[nn.Linear] = nn.Linear) -> None:
        super().__init__()
        self.layers = layers(dimension, width, 1, linear)

    def features(self, x: Tensor) -> Tensor:
        """(b, d) -> f(x), (b, width)."""
        return self.layers[:-1](2 * x - 1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, d) -> logits (b,)."""
        return self.layers[-1](self.features(x)).squeeze(1)


def init_weights(networks: dict[str, nn.Module], seed: int) -> dict[str, nn.Module]:
    """Draw all weights from He's normal distribution with this seed, and set the biases to 0."""
    source = torch.Generator().manual_seed(seed)
    for network in networks.values():
        for module in network.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight, SLOPE, generator=source)
                nn.init.zeros_(module.bias)
    return networks


def sample_latents(batch: Batch, latent: int) -> Tensor:
    """Sample a standard normal latent vector for each row of the batch, (b, d_z)."""
    return torch.randn(len(batch.x), latent, generator=batch.source).to(batch.x.device)


def real(logits: Tensor) -> Tensor:
    """Return the mean sigmoid cross-entropy of logits (b,) with target 1."""
    return F.softplus(-logits).mean()


def fake(logits: Tensor) -> Tensor:
    """Return the mean sigmoid cross-entropy of logits (b,) with target 0."""
    return F.softplus(logits).mean()


def discriminator_loss(critic: nn.Module, batch: Batch, made: Tensor, objective: Objective) -> dict[str, Tensor]:
    """Return the loss of the discriminator, or critic, on the batch's real rows and generated rows `made` (b, d)."""
    if objective == "gan":
        return {"loss": real(critic(batch.x)) + fake(critic(made))}
    gap = critic(batch.x).mean() - critic(made).mean()
    if objective == "wgan":
        return {"loss": -gap}
    steepness = gradient_penalty(lambda x, _: critic(x), batch.x, made, batch.y, batch.uniform())
    return {"loss": PENALTY * steepness - gap, "gap": gap}


def train_steps(
    networks: Mapping[str, nn.Module], latent: int, objective: Objective = "gan", *, ratio: int = 1
) -> dict[str, TrainStep]:
    """Return the steps of a GAN without classes: `ratio` steps of the `critic`, then one of the `generator`."""
    generator, critic = networks["generator"], networks["critic"]

    def critic_step(batch: Batch) -> dict[str, Tensor]:
        if objective == "wgan":
            with torch.no_grad():
                for weight in critic.parameters():
                    weight.clamp_(-CLIP, CLIP)
        with torch.no_grad():
            made = generator(sample_latents(batch, latent))
        return discriminator_loss(critic, batch, made, objective)

    def generator_step(batch: Batch) -> dict[str, Tensor]:
        logits = critic(generator(sample_latents(batch, latent)))
        return {"loss": real(logits) if objective == "gan" else -logits.mean()}

    return {
        "critic": TrainStep(("critic",), critic_step, ratio, RATE, BETAS),
        "generator": TrainStep(("generator",), generator_step, 1, RATE, BETAS),
    }


def _alternate(critic_step: Loss, maker_step: Loss, *moves: str) -> dict[str, TrainStep]:
    """Return one step of the critic, then one of the networks that it judges."""
    maker = TrainStep(moves, maker_step, 1, RATE, BETAS)
    return {"critic": TrainStep(("critic",), critic_step, 1, RATE, BETAS), "maker": maker}


def encoder_steps(networks: Mapping[str, nn.Module]) -> dict[str, TrainStep]:
    """Return f-AnoGAN's second stage: E is trained so that G(E(x)) matches x in pixels and in D's features."""
    encoder, generator, critic = (networks[name] for name in ("encoder", "generator", "critic"))

    def loss(batch: Batch) -> dict[str, Tensor]:
        reconstruction = generator(encoder(batch.x))
        pixels = F.mse_loss(reconstruction, batch.x)
        features = F.mse_loss(critic.features(reconstruction), critic.features(batch.x))  # type: ignore[operator]
        return {"loss": pixels + features, "pixels": pixels}

    return {"encoder": TrainStep(("encoder",), loss, 1, RATE, BETAS)}


def bidirectional_steps(networks: Mapping[str, nn.Module], latent: int, cycle: float = 0.0) -> dict[str, TrainStep]:
    """Return the steps of the bidirectional GAN: D distinguishes pairs (x, E(x)) from pairs (G(z), z).

    `cycle` weighs the errors of E(G(z)) and of G(E(x)), which make E and G inverses of each other.
    """
    encoder, generator, critic = (networks[name] for name in ("encoder", "generator", "critic"))

    def pairs(batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        z = sample_latents(batch, latent)
        code, made = encoder(batch.x), generator(z)
        return torch.cat((batch.x, code), dim=1), torch.cat((made, z), dim=1), z, code

    def critic_step(batch: Batch) -> dict[str, Tensor]:
        with torch.no_grad():
            found, made, _, _ = pairs(batch)
        return {"loss": real(critic(found)) + fake(critic(made))}

    def generator_step(batch: Batch) -> dict[str, Tensor]:
        found, made, z, code = pairs(batch)
        loss = fake(critic(found)) + real(critic(made))
        if cycle:
            back = F.mse_loss(encoder(made[:, : batch.x.shape[1]]), z)
            there = (generator(code) - batch.x).square().sum(dim=1).mean()
            loss = loss + cycle * (back + there)
        return {"loss": loss}

    return _alternate(critic_step, generator_step, "generator", "encoder")


def ganomaly_steps(networks: Mapping[str, nn.Module]) -> dict[str, TrainStep]:
    """Return GANomaly's steps: reconstructions approach x in D's features, in pixels and in a second encoder's code.

    The weights of the three terms, 1, 50 and 1, are the authors'.
    """
    encoder, generator, again, critic = (networks[name] for name in ("encoder", "generator", "again", "critic"))

    def critic_step(batch: Batch) -> dict[str, Tensor]:
        with torch.no_grad():
            reconstruction = generator(encoder(batch.x))
        return {"loss": real(critic(batch.x)) + fake(critic(reconstruction))}

    def generator_step(batch: Batch) -> dict[str, Tensor]:
        code = encoder(batch.x)
        reconstruction = generator(code)
        adversarial = F.mse_loss(critic.features(reconstruction), critic.features(batch.x))  # type: ignore[operator]
        context, coded = F.l1_loss(reconstruction, batch.x), F.mse_loss(again(reconstruction), code)
        return {"loss": adversarial + 50 * context + coded, "context": context, "coded": coded}

    return _alternate(critic_step, generator_step, "encoder", "generator", "again")


def reparameterise(code: Tensor, source: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Sample latent vectors from means and log variances (b, 2 d_z); return z, mean and log variance, (b, d_z) each."""
    mean, log_variance = code.chunk(2, dim=1)
    log_variance = log_variance.clamp(-12, 12)
    noise = torch.randn(mean.shape, generator=source).to(mean.device)
    return mean + (log_variance / 2).exp() * noise, mean, log_variance


def kl_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the KL divergence of each code from the standard normal distribution, (b,)."""
    return ((mean.square() + log_variance.exp() - 1 - log_variance) / 2).sum(dim=1)


def vae_steps(
    networks: Mapping[str, nn.Module], latent: int, beta: float = 0.1, adversarial: bool = True
) -> dict[str, TrainStep]:
    """Return the steps of a β-VAE whose discriminator sees reconstructions and samples (the review's β-VAEGAN).

    Encoder and generator minimise the squared reconstruction error, that of D's features, and β KL. Without
    `adversarial` there is no discriminator: a plain β-VAE.
    """
    encoder, generator = networks["encoder"], networks["generator"]

    def critic_step(batch: Batch) -> dict[str, Tensor]:
        critic = networks["critic"]
        with torch.no_grad():
            reconstruction = generator(reparameterise(encoder(batch.x), batch.source)[0])
            sample = generator(sample_latents(batch, latent))
        return {"loss": real(critic(batch.x)) + (fake(critic(reconstruction)) + fake(critic(sample))) / 2}

    def generator_step(batch: Batch) -> dict[str, Tensor]:
        z, mean, log_variance = reparameterise(encoder(batch.x), batch.source)
        reconstruction = generator(z)
        error = (reconstruction - batch.x).square().sum(dim=1).mean()
        kl = kl_divergence(mean, log_variance).mean()
        found = {"loss": error + beta * kl, "error": error, "kl": kl}
        if adversarial:
            critic = networks["critic"]
            features = critic.features(reconstruction) - critic.features(batch.x)  # type: ignore[operator]
            sample = generator(sample_latents(batch, latent))
            found["loss"] = found["loss"] + features.square().sum(dim=1).mean() / 10 + real(critic(sample))
        return found

    steps = _alternate(critic_step, generator_step, "encoder", "generator")
    return steps if adversarial else {"maker": steps["maker"]}
