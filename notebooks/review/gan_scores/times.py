"""How long searches and trainings take, apart from what comes out of them: to be computed on an idle machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from anogen.detectors.gan import latent_search as search
from anogen.detectors.gan import wgan_gp as game
from anogen.detectors.gan.layers import initialised
from anogen.detectors.gan.perceptrons import Maker, Sizes, started
from anogen.detectors.gan.training import Batch, Player, train
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.review.gan_scores.search_budget import STARTS, LatentSizes
from notebooks.tailored.common.wgan import TailoredClassifier, TailoredGAN, real

PIXELS = 784


@dataclass(frozen=True, kw_only=True)
class GanTimes(Experiment):
    """Times of a search by the dimension of the latent space and by starts, and of two trainings (c-08, c-25, c-40).

    How long a search of a given number of steps takes does not depend on the weights, so nothing is trained for it. The
    trainings are those of the WGAN-GP and of the classifier that it is tailored to, on the same images: an iteration
    of each is timed and multiplied by how many it has.

    Arrays, for D `dimensions`, K `starts` and R repeats: `iterations` (2,), of GAN and classifier. Measurements, off
    at quick, all processor seconds: `dimension_seconds` (R, D) and `start_seconds` (R, K), of the search for one row;
    `iteration_seconds` (R, 2).
    """

    name = "gan-times"
    quick: ClassVar = {"dataset": "mnist-5k", "repeats": 1, "length": 2, "timed": False}
    timings: ClassVar = ("dimension_seconds", "start_seconds", "iteration_seconds")

    dataset: str = "mnist"
    dimensions: tuple[int, ...] = LatentSizes.dimensions
    starts: tuple[int, ...] = STARTS
    repeats: int = 7
    length: int = 100  # steps of a search
    trained: int = 8  # iterations of a training that are timed
    timed: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, repeats=self.repeats, length=self.length, trained=self.trained)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Time everything in turn, again and again."""
        found: Arrays = {
            "dimensions": np.array(self.dimensions),
            "starts": np.array(self.starts),
            "iterations": np.array([TailoredGAN.iterations, TailoredClassifier.iterations]),
        }
        if not self.timed:
            return found
        searches = [self.searched(d, 1) for d in self.dimensions]
        started_ = [self.searched(LatentSizes.dimensions[1], k) for k in self.starts]
        trainings = [self.gan(), self.classifier()]
        for name, runs in (
            ("dimension_seconds", searches), ("start_seconds", started_), ("iteration_seconds", trainings),
        ):  # fmt: skip
            for run in runs:
                run()  # what is only slow the first time
            found[name] = np.array([[taken(run) for run in runs] for _ in range(self.repeats)])
        found["iteration_seconds"] /= self.trained
        return found

    def searched(self, dimension: int, starts: int) -> Callable[[], None]:
        """Return a search for one row, from so many starts one after the other."""
        generator = started({"generator": Maker(Sizes(PIXELS, dimension))}, self.seed)["generator"]
        source = torch.Generator().manual_seed(self.seed)
        x, z = torch.rand(1, PIXELS, generator=source), torch.randn(starts, 1, dimension, generator=source)

        def loss(z: Tensor) -> Tensor:
            return search.residual(x, generator(z))

        def run() -> None:
            for one in z:
                search.found(loss, one, search.Settings(limit=self.length))

        return run

    def gan(self) -> Callable[[], None]:
        """Return some iterations of the WGAN-GP."""
        plan = TailoredGAN(dataset=self.dataset).plan
        networks = game.pair(plan)
        for network in networks.values():
            initialised(network, self.seed)
        return self.training(networks, game.players(networks, plan, ratio=TailoredGAN.ratio), TailoredGAN.batch)

    def classifier(self) -> Callable[[], None]:
        """Return some iterations of the classifier."""
        network = TailoredClassifier(dataset=self.dataset).untrained()

        def loss(batch: Batch) -> dict[str, Tensor]:
            return {"loss": F.cross_entropy(network(batch.x), batch.y)}

        players = {"classifier": Player(("classifier",), loss, rate=TailoredClassifier.rate)}
        return self.training({"classifier": network}, players, TailoredClassifier.batch)

    def training(self, networks: dict[str, nn.Module], players: dict[str, Player], batch: int) -> Callable[[], None]:
        """Return so many iterations of a training."""
        data = real(self.dataset, batch)
        given: dict[str, Any] = {"iterations": self.trained, "seed": self.seed}

        def run() -> None:
            for _ in train(networks, players, data, **given):
                pass

        return run


def taken(run: Callable[[], None]) -> float:
    """Return the processor seconds that something takes."""
    began = time.process_time()
    run()
    return time.process_time() - began
