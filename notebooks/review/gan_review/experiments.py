"""Chapter `gan-review`: a GAN with a latent plane; the times of search and encoder are in `inference`."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import convolutional, latent_search, objectives
from anogen.detectors.gan.training import Data, train
from companion.experiment import Arrays, Experiment, Inputs
from companion.studies import classifier
from companion.studies.quality import Classifier, weights_of
from notebooks.review.gan_challenges.one_class import choose
from notebooks.review.gan_review.inference import InferenceTimes

TRAININGS = 5  # GANs with a latent plane
REACH = 4.0  # of the plane in every direction
BATCH = 64
SHOWN = 9  # generated images in each direction of the plane that the record keeps
SEQUENCE = (0, 0.02, 0.05, 0.1, 0.2, 1)  # shares of a search after which its image is kept
BANDS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)  # of latent norms


@dataclass(frozen=True, kw_only=True)
class LatentPlane(Experiment):
    """A convolutional GAN of one class with z in the plane (Figs. 3 and 4; claims c-05 to c-07).

    Arrays, for a grid of g x g latent vectors: `axis` (g,); `images` (m, m, d) uint8 at every g/m-th place, the rows
    from below; `p_max`, `decided` (g, g), of the classifier; `realness` (g, g), D's logit. `band_other` (b,), the share
    of samples whose norm is in a band that are of another class or of no sure one; `sampled_other`, that share of 2,000
    samples. For X searched test images, half of them normal, and S starts: `losses` (X, S, 2), L_res at the start and
    at the end. For the first normal and the first other of them: `targets` (2, d) uint8; `paths` (2, S, t, 2) and
    `curves` (2, S, t), z and L_res at every step; `sequence` (2, k, d) uint8, G(z) after the `steps` (k,) of the search
    with the lowest end; `surface` (2, g, g), L_res over the plane.
    """

    name = "latent-plane"
    quick: ClassVar = {"dataset": "mnist-5k", "iterations": 30, "grid": 5, "searched": 4, "starts": 2, "limit": 5}
    least: ClassVar = {"grid": 2, "searched": 2, "starts": 2, "iterations": 1, "limit": 1}

    dataset: str = "mnist"
    normal: int | str = 4
    iterations: int = 1_200
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
        networks = self.trained(data.x_train[data.y_train == label])
        generator, critic = networks["generator"], networks["critic"]
        axis = torch.linspace(-REACH, REACH, self.grid)
        plane = torch.cartesian_prod(axis, axis).flip(1)  # the first coordinate runs along a row
        with torch.no_grad():
            made, realness = generator(plane), critic(generator(plane))
        square = (self.grid, self.grid)
        p = self.probabilities(made, inputs, data.image_shape)
        rng = self.rng(1)
        picked = [choose(rng, (data.y_test == label) == inside, self.searched // 2) for inside in (True, False)]
        x = torch.from_numpy(unit(data.x_test[np.concatenate(picked)]))
        firsts, every = [0, len(picked[0])], -(-self.grid // SHOWN)
        found = {
            "axis": axis.numpy(),
            "images": grey(made).reshape(*square, -1)[::every, ::every],
            "p_max": p.max(axis=1).reshape(square),
            "decided": p.argmax(axis=1).astype(np.uint8).reshape(square),
            "realness": realness.numpy().reshape(square),
            "targets": grey(x[firsts]),
            "surface": np.stack([(made - x[i]).abs().sum(dim=1).numpy().reshape(square) for i in firsts]),
        }
        samples = self.samples(generator, inputs, label, data.image_shape)
        return found | samples | self.searches(generator, x, firsts)

    def trained(self, images: np.ndarray) -> dict[str, nn.Module]:
        """Return generator and critic, trained on uint8 images (n, h, w)."""
        seed = int(self.rng(0).integers(2**31))
        networks = convolutional.pair(images.shape[1:], latent=2, seed=seed)
        rows = torch.from_numpy(images.reshape(len(images), -1))
        data = Data(rows, torch.zeros(len(rows), dtype=torch.int64), BATCH)
        steps = objectives.train_steps(networks, latent=2)
        for _ in train(networks, steps, data, iterations=self.iterations, seed=seed):
            pass
        for network in networks.values():
            network.requires_grad_(False)
        return networks

    def probabilities(self, made: torch.Tensor, inputs: Inputs, shape: tuple[int, ...]) -> np.ndarray:
        """Return the classifier's class probabilities of made images (n, d), (n, classes)."""
        return np.asarray(classifier.predict(weights_of(inputs["classifier"]), made.numpy(), shape))

    def samples(self, generator: nn.Module, inputs: Inputs, label: int, shape: tuple[int, ...]) -> Arrays:
        """Count images of another class, or with no probability of 1/2, by the norm of z and among samples."""
        source = torch.Generator().manual_seed(self.seed)

        def other(z: torch.Tensor) -> float:
            with torch.no_grad():
                p = self.probabilities(generator(z), inputs, shape)
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

    def searches(self, generator: nn.Module, x: torch.Tensor, firsts: list[int]) -> Arrays:
        """Search the reconstruction of every image from every start; keep the paths of the `firsts`."""
        source = torch.Generator().manual_seed(self.seed + 1)
        starts = torch.randn(self.starts, 2, generator=source)
        z = starts.repeat(len(x), 1)  # the same starts for every image
        rows = x.repeat_interleave(self.starts, dim=0)

        def loss(z: torch.Tensor) -> torch.Tensor:
            return latent_search.residual(rows, generator(z))

        states = list(latent_search.descend(loss, z, latent_search.LatentSearchConfig(limit=self.limit)))
        shape = (len(x), self.starts)
        losses = torch.stack([s.loss for s in states], dim=1).reshape(*shape, -1)
        paths = torch.stack([s.z for s in states], dim=1).reshape(*shape, -1, 2)[firsts]
        steps = sorted({round(self.limit * share) for share in SEQUENCE})
        best = losses[firsts, :, -1].argmin(dim=1)
        with torch.no_grad():
            sequence = torch.stack([generator(path[i, steps]) for path, i in zip(paths, best, strict=True)])
        return {
            "losses": losses[:, :, [0, -1]].numpy(),
            "curves": losses[firsts].numpy(),
            "paths": paths.numpy().astype(np.float16),
            "steps": np.array(steps),
            "sequence": grey(sequence),
        }


def grey(images: torch.Tensor) -> np.ndarray:
    """Return images with values in [0, 1] as uint8."""
    return np.rint(255 * images.numpy()).astype(np.uint8)


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
