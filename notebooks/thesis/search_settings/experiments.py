"""Chapter `search-settings` (thesis 5.3 and 6.1.2): the settings of the evolutionary search, and its cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import pi
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from anogen.generators.evolution import EvolutionConfig, evolve, init
from anogen.generators.inputs import noise
from anogen.scorers import Scorer
from companion.experiment import Arrays, Experiment, Inputs, Slice, at_least
from companion.studies.evaluation_data import SearchExperiment
from companion.studies.evolution_run import search
from companion.studies.quality import ImageQuality
from notebooks.thesis.autoencoder_cifar.experiments import DIGIT_LATENTS, spec
from notebooks.thesis.common.descent import Cost, Descents

POPULATIONS = (10, 25, 50, 100, 150, 300)
RATES = (0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
SIGMAS = (0.001, 0.003, 0.01, 0.03, 0.1)
THESIS = {"population": 150, "mutation_rate": 0.5, "sigma": 0.01}
FIFTHS = (1, 2, 3, 4, 5, 10, 20, 30)  # of the generations, after which images are kept; beyond 5 for the long run only
DESCENTS = 8  # starts of the descents on each width
QUICK = {"generations": 50, "populations": [10, 25], "rates": [0.1, 0.9], "sigmas": [0.03, 0.1], "trainings": 2}

HISTORY_STEP = 10  # generations from one entry of the history to the next
NOISE = 1  # key of the seeds
HALF_WIDTH = 5.12  # of the domain, in the landscape's own units


@dataclass(frozen=True, kw_only=True)
class SearchSetting(SearchExperiment):
    """The search under one setting, for several seeds; each seed trains its own detector and starts its own search.

    Arrays, for S seeds and T generations: `images` (S, T, d) and `scores` (S, T) of the best image after each of
    `stops`; `start_images` (S, d), the best of the first population; `history` (S, n), the lowest score of the
    population, at `history_generations` (n,); `noise_scores` and `real_scores` (S,), the detector's median scores of
    uniform noise and of held-out normal images.
    """

    name = "search-setting"
    quick: ClassVar = {"dataset": "mnist-5k", "stops": (20, 40), "trainings": 2}
    axes: ClassVar = ("trainings",)
    effort: ClassVar = ("stops", "population")
    least: ClassVar = {"trainings": 1}
    increasing: ClassVar = ("stops",)

    detector: str = "autoencoder"
    stops: tuple[int, ...] = (1_000, 2_000, 3_000, 4_000, 5_000)
    trainings: int = 5

    def log_steps(self) -> np.ndarray:
        """Return the generations at which the history is kept."""
        return np.unique([1, *range(HISTORY_STEP, self.stops[-1], HISTORY_STEP), self.stops[-1]])

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search on one training of the detector."""
        (training,) = cell
        scorer = self.scorer(training)
        seed = int(self.rng(0, training).integers(2**31))
        for item in search(scorer, seed, self.stops[-1], self.config, self.log_steps(), state, self.stops):
            if isinstance(item, Slice):
                yield item
            else:
                kept = {"images": item["frames"], "scores": item["frame_scores"], "history": item["history"]}
                yield self.reference_points(scorer, seed, training) | kept

    def reference_points(self, scorer: Scorer, seed: int, training: int) -> Arrays:
        """Return the start of the search, and the median scores of noise and of normal images."""
        generator = torch.Generator().manual_seed(int(self.rng(NOISE, training).integers(2**31)))
        return {
            "start_images": init(scorer, [seed], self.config).current_best()[0].numpy().astype(np.float16),
            "noise_scores": scorer(noise((1_000, scorer.n_features_in_), generator)).median().numpy(),
            "real_scores": scorer(torch.from_numpy(self.data.test_normal)).median().numpy(),
        }

    def common(self, inputs: Inputs) -> Arrays:
        """Return the logged generations."""
        return {"history_generations": self.log_steps()}


@dataclass(frozen=True, kw_only=True)
class SearchSettingQuality(ImageQuality, SearchSetting):
    """The measures of the images of `SearchSetting`, (T, S): see `measure_images`; each of `stops` has a group."""

    name = "search-setting-quality"
    search = SearchSetting

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        yield self.measure(inputs["search"]["images"].swapaxes(0, 1), inputs)


class Rastrigin(Scorer):
    """Rastrigin's function, its domain of [-5.12, 5.12] mapped to [0, 1]: about ten minima in every dimension.

    f(z) = 10 d + sum_j (z_j^2 - 10 cos(2 pi z_j)), with z = 10.24 (x - 1/2) - `optimum_at`.
    """

    differentiable = True

    def __init__(self, optimum_at: Tensor) -> None:
        self.n_features_in_, self.optimum_at = len(optimum_at), optimum_at.double()

    def place(self, x: Tensor) -> Tensor:
        """Return z, (n, d), in which the optimum is 0 and every minimum is near a point of integers."""
        return 2 * HALF_WIDTH * (x.double() - 0.5) - self.optimum_at

    def score(self, x: Tensor) -> Tensor:
        """Return f, (n,)."""
        z = self.place(x)
        return (z.square() - 10 * (2 * pi * z).cos() + 10).sum(dim=1)


@dataclass(frozen=True, kw_only=True)
class LocalMinima(Experiment):
    """Evolution and descents from the same starts: each point of the evolution's first population also descends.

    The optimum has two places: the middle, to which averaging pulls, and a random one in the domain's inner half.

    Arrays, for D dimensions, 2 places (middle, random) and S starts: `evolved` (D, 2, S), whether the evolution's best
    point lies in the basin of the optimum; `descended` (D, 2, S, P), whether each descent ended there; `best_descended`
    (D, 2, S), whether the descent of the lowest score did; `evolution_scores` and `descent_scores` (D, 2, S), the
    lowest score of each; `dimensions` (D,).
    """

    name = "rastrigin"
    quick: ClassVar = {"starts": 2, "generations": 60, "iterations": 20, "dimensions": (2, 4), "population": 20}
    places: ClassVar = 2
    axes: ClassVar = ("dimensions", "places", "starts")
    listed: ClassVar = {"dimensions": "dimensions"}
    least: ClassVar = {"starts": 1, "generations": 1, "iterations": 1}

    dimensions: tuple[int, ...] = (2, 16)
    starts: int = 32
    generations: int = 5_000
    iterations: int = 500
    population: int = 150
    sigma: float = 0.01
    learning_rate: float = 1e-5  # of x; a descent leaves its basin from 4.8e-5 on

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, dimension=min(self.dimensions))
        EvolutionConfig(self.population, mutation_std=self.sigma)  # checks them

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Evolve from one start, and descend from each of its points."""
        d, place, start = cell
        rng = self.rng(d, place, start)
        inner = rng.uniform(-HALF_WIDTH / 2, HALF_WIDTH / 2, d) if place else np.zeros(d)
        landscape, seed = Rastrigin(torch.from_numpy(inner)), int(rng.integers(2**31))
        population = noise((self.population, d), torch.Generator().manual_seed(seed))
        descended = self.descend(landscape, population)
        config = EvolutionConfig(self.population, mutation_std=self.sigma)
        with torch.inference_mode():
            for after, _ in evolve(landscape, [seed], n_generations=self.generations, config=config):
                evolved = after
        ends = landscape(descended)
        return {
            "evolved": in_global_basin(landscape, evolved.current_best()).numpy()[0],
            "evolution_scores": evolved.scores.min().numpy(),
            "descended": in_global_basin(landscape, descended).numpy(),
            "best_descended": in_global_basin(landscape, descended[ends.argmin()][None]).numpy()[0],
            "descent_scores": ends.min().numpy(),
        }

    def descend(self, landscape: Rastrigin, x: Tensor) -> Tensor:
        """Take plain gradient steps with all points x (n, d) at once; the library's `descend` takes them one by one."""
        for _ in range(self.iterations):
            x = x.double().requires_grad_()
            (gradient,) = torch.autograd.grad(landscape(x).sum(), x)
            x = (x.detach() - self.learning_rate * gradient).clamp(0, 1)
        return x


def in_global_basin(landscape: Rastrigin, x: Tensor) -> Tensor:
    """Return whether each point of x (n, d) lies in the basin of the global minimum, (n,)."""
    return (landscape.place(x).abs() < 0.5).all(dim=1)


def stops(generations: int, *, long: bool = False) -> tuple[int, ...]:
    """Return the generations whose images are kept: fifths, for the long run also multiples of the whole."""
    return tuple(sorted({max(1, generations * i // 5) for i in FIFTHS if long or i <= 5}))


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detector: str = "autoencoder",
    populations: Sequence[int] = POPULATIONS,
    rates: Sequence[float] = RATES,
    sigmas: Sequence[float] = SIGMAS,
    generations: int = 5_000,
    trainings: int = 5,
    seed: int = 0,
    dataset: str = "",
    selection: str = SearchSetting.selection,
) -> dict[str, Experiment]:
    """Return the chapter's experiments; the thesis's own setting is run six times as long as the others."""
    own: dict[str, Any] = {"normal": digit, "seed": seed} | ({"dataset": dataset} if dataset else {})
    shared = {**own, "detector": detector, "trainings": trainings, "selection": selection}
    long, short = stops(generations, long=True), stops(generations)
    roles: dict[str, Experiment] = {
        "setting": SearchSetting.at(scale, stops=long, **shared),
        "quality": SearchSettingQuality.at(scale, stops=long, **shared),
        "cost": Cost.at(scale, selection=selection, **own),
        "toy": LocalMinima.at(scale, seed=seed),
    }
    for key, values in {"population": populations, "mutation_rate": rates, "sigma": sigmas}.items():
        for value in values:
            if value != THESIS[key]:
                roles[f"{key}-{value:g}"] = SearchSetting.at(scale, stops=short, **{key: value}, **shared)
    quick = scale == "quick"
    for latent in (DIGIT_LATENTS[1],) if quick else DIGIT_LATENTS:
        fewer = {} if quick else {"starts": DESCENTS}
        roles[f"descent-{latent}"] = Descents.at(scale, detector=spec(latent), **own, **fewer)
    if quick:
        return roles
    from notebooks.thesis.search_settings.elites import ElitistSetting

    # The claims' further searches do not depend on a reader's parameters: the book's own records serve everybody.
    for rate in (0.5, 0.99):
        roles[f"settled-{rate:g}"] = SearchSetting.at(scale, detector="cblof", mutation_rate=rate)
    return roles | {"elite-0.001": ElitistSetting.at(scale, mutation_rate=0.001)}
