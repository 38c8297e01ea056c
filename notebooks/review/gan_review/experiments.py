"""Chapter `gan-review`: a GAN with a latent plane; the times of search and encoder are in `inference`."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import torch

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import latent_search
from anogen.detectors.gan.anogan import AnoGAN
from companion.experiment import Arrays, Experiment, Inputs
from companion.studies import classifier
from companion.studies.quality import Classifier, weights_of
from notebooks.review.gan_challenges.one_class import choose
from notebooks.review.gan_review.inference import InferenceTimes

TRAININGS = 5  # GANs with a latent plane
REACH = 4.0  # of the plane in every direction
BANDS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)  # of latent norms


@dataclass(frozen=True, kw_only=True)
class LatentPlane(Experiment):
    """A GAN of one class with z in the plane (Figs. 3 and 4; claims c-05 to c-07).

    Arrays, for a grid of g x g latent vectors: `axis` (g,); `images` (g, g, d) uint8, the rows from below; `p_normal`
    (g, g), the classifier's probability of the class; `p_max`, `decided` (g, g); `realness` (g, g), D's logit.
    `band_other` (b,), the share of samples whose norm is in a band that are of another class or of no sure one;
    `sampled_other`, that share of 2,000 samples. For X searched test images, half of them normal, and S starts:
    `targets` (X, d) uint8; `target_labels` (X,); `paths` (X, S, t, 2); `losses` (X, S, t), L_res; `surface` (2, g, g),
    L_res of the first normal and the first other image over the plane.
    """

    name = "latent-plane"
    quick: ClassVar = {"dataset": "mnist-5k", "iterations": 30, "grid": 5, "searched": 4, "starts": 2, "limit": 5}
    least: ClassVar = {"grid": 2, "searched": 2, "starts": 2, "iterations": 1, "limit": 1}

    dataset: str = "mnist"
    normal: int | str = 4
    iterations: int = 4_000
    grid: int = 25
    searched: int = 60
    starts: int = 20
    limit: int = 100

    def requires(self) -> dict[str, Experiment]:
        """Need the independent classifier."""
        return {"classifier": Classifier.at(self.scale if self.scale == "quick" else "laptop", dataset=self.dataset)}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train, generate the whole plane, and search."""
        data = datasets.load(self.dataset)
        label = data.label(self.normal)
        gan = AnoGAN(latent=2, iterations=self.iterations, random_state=int(self.rng(0).integers(2**31)))
        list(gan.training(unit(data.x_train[data.y_train == label])))
        generator, critic = gan.networks_["generator"], gan.networks_["critic"]
        axis = torch.linspace(-REACH, REACH, self.grid)
        plane = torch.cartesian_prod(axis, axis).flip(1)  # the first coordinate runs along a row
        with torch.no_grad():
            made, realness = generator(plane), critic(generator(plane))
        square = (self.grid, self.grid)
        p = self.probabilities(made, inputs, data.image_shape)
        rng = self.rng(1)
        picked = [choose(rng, (data.y_test == label) == inside, self.searched // 2) for inside in (True, False)]
        x = torch.from_numpy(unit(data.x_test[np.concatenate(picked)]))
        found = {
            "axis": axis.numpy(),
            "images": np.rint(255 * made.numpy()).astype(np.uint8).reshape(*square, -1),
            "p_normal": p[:, label].reshape(square),
            "p_max": p.max(axis=1).reshape(square),
            "decided": p.argmax(axis=1).astype(np.uint8).reshape(square),
            "realness": realness.numpy().reshape(square),
            "targets": np.rint(255 * x.numpy()).astype(np.uint8),
            "target_labels": data.y_test[np.concatenate(picked)],
            "surface": np.stack([(made - x[i]).abs().sum(dim=1).numpy().reshape(square) for i in (0, len(picked[0]))]),
        }
        return found | self.samples(gan, inputs, label, data.image_shape) | self.searches(gan, x)

    def probabilities(self, made: torch.Tensor, inputs: Inputs, shape: tuple[int, ...]) -> np.ndarray:
        """Return the classifier's class probabilities of made images (n, d), (n, classes)."""
        return np.asarray(classifier.predict(weights_of(inputs["classifier"]), made.numpy(), shape))

    def samples(self, gan: AnoGAN, inputs: Inputs, label: int, shape: tuple[int, ...]) -> Arrays:
        """Count images of another class, or with no probability of 1/2, by the norm of z and among samples."""
        source = torch.Generator().manual_seed(self.seed)

        def other(z: torch.Tensor) -> float:
            with torch.no_grad():
                p = self.probabilities(gan.networks_["generator"](z), inputs, shape)
            return float(((p.argmax(axis=1) != label) | (p.max(axis=1) < 0.5)).mean())

        shares = []
        for low, high in pairwise(BANDS):
            z = torch.randn(500, 2, generator=source)
            radius = low + (high - low) * torch.rand(500, 1, generator=source)
            shares.append(other(z / z.norm(dim=1, keepdim=True) * radius))
        return {
            "band_other": np.array(shares),
            "sampled_other": np.array(other(torch.randn(2_000, 2, generator=source))),
        }

    def searches(self, gan: AnoGAN, x: torch.Tensor) -> Arrays:
        """Search the copy of every image from every start, and keep the ways."""
        generator = gan.networks_["generator"]
        source = torch.Generator().manual_seed(self.seed + 1)
        starts = torch.randn(self.starts, 2, generator=source)
        z = starts.repeat(len(x), 1)  # the same starts for every image
        rows = x.repeat_interleave(self.starts, dim=0)

        def loss(z: torch.Tensor) -> torch.Tensor:
            return latent_search.residual(rows, generator(z))

        states = list(latent_search.descend(loss, z, latent_search.LatentSearchConfig(limit=self.limit)))
        shape = (len(x), self.starts)
        return {
            "paths": torch.stack([s.z for s in states], dim=1).reshape(*shape, -1, 2).numpy().astype(np.float16),
            "losses": torch.stack([s.loss for s in states], dim=1).reshape(*shape, -1).numpy().astype(np.float32),
        }


def chapter_experiments(
    scale: str = "laptop",
    normal: int | str = 4,
    iterations: int = LatentPlane.iterations,
    searched: int = LatentPlane.searched,
    starts: int = LatentPlane.starts,
    tested: int = InferenceTimes.tested,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter: `plane` (Figs. 3 and 4) and `times` (Table 1)."""
    explicit = {"iterations": iterations, "searched": searched, "starts": starts}
    given = {key: value for key, value in explicit.items() if value != getattr(LatentPlane, key)}
    beats = {"tested": tested} if tested != InferenceTimes.tested else {}
    plane = LatentPlane.at(scale, normal=normal, **given, seed=seed)
    others = range(1, TRAININGS) if plane == LatentPlane() else ()  # for the verdicts only
    return {
        "plane": plane,
        **{f"plane-{other}": LatentPlane(seed=other, grid=2) for other in others},
        "times": InferenceTimes.at(scale, **beats, seed=seed),
    }
