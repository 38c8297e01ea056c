"""Small GANs with known solutions, of one number and of eight points on a ring; the norm of a latent vector."""

from dataclasses import dataclass
from functools import partial
from math import pi
from typing import ClassVar

import numpy as np
import torch
from scipy import stats
from torch import Tensor, nn

from anogen.detectors.gan import objectives
from anogen.detectors.gan.objectives import (
    Critic,
    Encoder,
    Generator,
    Sizes,
    SpectralNormLinear,
    init_weights,
    sample_latents,
)
from anogen.detectors.gan.training import Batch, Data, TrainStep, train
from anogen.detectors.gan.wgan_gp import gradient_penalty
from anogen.errors import InputError
from companion.experiment import Arrays, Experiment, Inputs, at_least

CENTRE, SPREAD = 0.5, 0.1  # of the normal distribution of one number
MODES, RADIUS, DEVIATION = 8, 0.4, 0.02  # of the ring, in the unit square
NEAR, SHARE = 3.0, 0.01  # a mode is covered if this share of all samples is within 3 deviations of its centre
METHODS = ("gan", "wgan", "wgan-gp", "spectral norm", "adversarial vae")
SAMPLES = 2_000


class Number(Data):
    """Real rows: a normal number each, never the same twice."""

    def draw(self, source: torch.Generator, device: torch.device) -> Batch:
        """Draw a batch."""
        x = CENTRE + SPREAD * torch.randn(self.batch, 1, generator=source)
        return Batch(x.to(device), torch.zeros(self.batch, dtype=torch.int64), source)


class Ring(Data):
    """Real rows: points around eight centres on a circle."""

    deviation = DEVIATION

    def draw(self, source: torch.Generator, device: torch.device) -> Batch:
        """Draw a batch."""
        y = torch.randint(0, MODES, (self.batch,), generator=source)
        x = centres()[y] + self.deviation * torch.randn(self.batch, 2, generator=source)
        return Batch(x.to(device), y, source)


def centres() -> Tensor:
    """Return the centres of the modes, (8, 2)."""
    angle = 2 * pi * torch.arange(MODES) / MODES
    return 0.5 + RADIUS * torch.stack((angle.cos(), angle.sin()), dim=1)


def ring(deviation: float) -> type[Ring]:
    """Return the ring whose points have this deviation from their centres."""
    return type("Ring", (Ring,), {"deviation": deviation})


def coverage(samples: np.ndarray, deviation: float = DEVIATION) -> tuple[int, float]:
    """Return the number of modes that samples (n, 2) cover, and the share of samples near any centre."""
    far = np.linalg.norm(samples[:, None] - centres().numpy(), axis=2)
    near = far.min(axis=1) <= NEAR * deviation
    counts = np.bincount(far.argmin(axis=1)[near], minlength=MODES)
    return int((counts >= SHARE * len(samples)).sum()), float(near.mean())


def _data(kind: type[Data], batch: int) -> Data:
    """Return data whose every batch is new."""
    return kind(torch.zeros(1, 1, dtype=torch.uint8), torch.zeros(1, dtype=torch.int64), batch)


@dataclass(frozen=True, kw_only=True)
class OptimalDiscriminator(Experiment):
    """A GAN of one normal number, measured until generator and data agree (claims c-17 and c-18).

    Arrays, for S seeds and T marks: `marks` (T,), iterations; `apart` (S, T, 2), the mean |D - 1/2| on real and made
    numbers; `entropy` (S, T), mean sigmoid cross-entropy with target 1 of held-out real numbers; `axis` (g,); `judged`
    (S, g), D in the end; `made` (S, n), numbers that the generator makes in the end.
    """

    name = "optimal-discriminator"
    axes: ClassVar = ("seeds",)
    quick: ClassVar = {"seeds": 1, "iterations": 100}
    least: ClassVar = {"seeds": 1, "batch": 1, "width": 1, "iterations": 50}

    seeds: int = 5
    iterations: int = 3_000
    batch: int = 128
    width: int = 32

    def marks(self) -> np.ndarray:
        """Return the iterations after which the networks are measured."""
        return np.linspace(0, self.iterations, 51).round().astype(int)[1:]

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train with one seed."""
        seed = int(self.rng(*cell).integers(2**31))
        sizes = Sizes(1, 1, self.width)
        networks = init_weights({"generator": Generator(sizes), "critic": Critic(1, self.width)}, seed)
        source = torch.Generator().manual_seed(seed)
        held_out = CENTRE + SPREAD * torch.randn(1_000, 1, generator=source)
        z = torch.randn(1_000, 1, generator=source)
        axis = torch.linspace(0, 1, 101)[:, None]
        apart, entropy, marks = [], [], set(self.marks().tolist())
        steps, data = objectives.train_steps(networks, 1), _data(Number, self.batch)
        for done, item in enumerate(train(networks, steps, data, iterations=self.iterations, seed=seed), 1):
            if done in marks and not isinstance(item, dict):
                with torch.no_grad():
                    logits = networks["critic"](held_out), networks["critic"](networks["generator"](z))
                    apart.append([(one.sigmoid() - 0.5).abs().mean().item() for one in logits])
                    entropy.append(objectives.real(logits[0]).item())
        with torch.no_grad():
            return {
                "apart": np.array(apart),
                "entropy": np.array(entropy),
                "judged": networks["critic"](axis).sigmoid().numpy(),
                "made": networks["generator"](z)[:, 0].numpy(),
            }

    def common(self, inputs: Inputs) -> Arrays:
        """Return the marks, and the numbers that D judges."""
        return {"marks": self.marks(), "axis": np.linspace(0, 1, 101)}


@dataclass(frozen=True, kw_only=True)
class ModeCoverage(Experiment):
    """Five ways to train a generator of eight points on a ring (claims c-09 and c-35).

    WGAN-GP's penalty asks for a gradient of norm 1 in the units in which the ring has this `radius`. The authors' own
    program has a penalty of 0.1, a radius of 2 and a deviation of 0.02, which is 0.004 in the unit square.

    Arrays, for the `METHODS` M and S seeds: `covered` (M, S), modes; `near` (M, S), share of samples near a mode;
    `samples` (M, S, 500, 2), float16.
    """

    name = "mode-coverage"
    axes: ClassVar = ("methods", "seeds")
    halved = "samples"
    quick: ClassVar = {"seeds": 1, "iterations": 40}
    least: ClassVar = {"seeds": 1, "iterations": 1, "batch": 1, "width": 1, "ratio": 1}

    seeds: int = 5
    iterations: int = 2_000
    batch: int = 128
    width: int = 64
    ratio: int = 3  # steps of a critic of WGAN and WGAN-GP for one of the generator
    methods: tuple[str, ...] = METHODS
    deviation: float = DEVIATION
    penalty: float = objectives.PENALTY
    radius: float = RADIUS

    def __post_init__(self) -> None:
        super().__post_init__()
        for unknown in set(self.methods) - set(METHODS):
            raise InputError(f"unknown method {unknown!r}: choose from {', '.join(METHODS)}")

    def train_steps(self, method: str, networks: dict[str, nn.Module], latent: int) -> dict[str, TrainStep]:
        """Return the updates of a method."""
        if method == "adversarial vae":
            return objectives.vae_steps(networks, latent, beta=self.deviation**2)
        if method in ("gan", "spectral norm"):
            return objectives.train_steps(networks, latent)
        steps = objectives.train_steps(networks, latent, "wgan", ratio=self.ratio)
        if method == "wgan-gp":
            steps["critic"] = steps["critic"]._replace(loss=partial(self.critic_loss, networks, latent))
        return steps

    def critic_loss(self, networks: dict[str, nn.Module], latent: int, batch: Batch) -> dict[str, Tensor]:
        """Return the loss of WGAN-GP's critic, with the penalty in the units in which the ring has the radius."""
        generator, critic, unit = networks["generator"], networks["critic"], self.radius / RADIUS
        with torch.no_grad():
            made = generator(sample_latents(batch, latent))
        gap = critic(batch.x).mean() - critic(made).mean()
        share = batch.uniform()
        steepness = gradient_penalty(lambda x, _: critic(x / unit), unit * batch.x, unit * made, batch.y, share)
        return {"loss": self.penalty * steepness - gap, "gap": gap}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train by one method with one seed; the seed's start is the same for all methods."""
        method, start = cell
        seed = int(self.rng(start).integers(2**31))
        sizes = Sizes(2, 2, self.width)
        judge = Critic(2, self.width, SpectralNormLinear if method == "spectral norm" else nn.Linear)
        networks: dict[str, nn.Module] = {"generator": Generator(sizes), "critic": judge}
        if method == "adversarial vae":
            networks["encoder"] = Encoder(sizes, variance=True)
        init_weights(networks, seed)
        steps = self.train_steps(method, networks, sizes.latent)
        list(train(networks, steps, _data(ring(self.deviation), self.batch), iterations=self.iterations, seed=seed))
        z = torch.randn(SAMPLES, 2, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            samples = networks["generator"](z).numpy()
        covered, near = coverage(samples, self.deviation)
        return {"covered": np.array(covered), "near": np.array(near), "samples": samples[:500]}


@dataclass(frozen=True, kw_only=True)
class LatentLaw(Experiment):
    """Norms of standard normal vectors, and their probabilities (claims c-19 and c-20).

    Arrays, for D dimensions: `dimensions` (D,); `norms` (D, n), float32; `inner` (D,), the exact probability of
    a norm below half of sqrt(d); `below_origin` (D,), the share of samples that are less likely than the origin.
    """

    name = "latent-law"
    exact = True
    quick: ClassVar = {"samples": 500}
    least: ClassVar = {"samples": 100}

    dimensions: tuple[int, ...] = (2, 16, 64, 784)
    samples: int = 10_000

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, dimension=min(self.dimensions))

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Draw, and compare with the chi distribution."""
        d = np.array(self.dimensions)
        vectors = [self.rng(i).normal(size=(self.samples, n)) for i, n in enumerate(self.dimensions)]
        likely = [stats.norm.logpdf(v).sum(axis=1) < stats.norm.logpdf(0.0) * v.shape[1] for v in vectors]
        return {
            "dimensions": d,
            "norms": np.array([np.linalg.norm(v, axis=1) for v in vectors], dtype=np.float32),
            "inner": stats.chi.cdf(0.5 * np.sqrt(d), d),
            "below_origin": np.array([share.mean() for share in likely]),
        }
