"""The thesis's evolutionary algorithm (5.3.2 and 6.1.2).

Every child is the pixel-wise mean of two parents; parents are the likelier the lower their score; half of the
children are mutated by N(0, 0.01^2) on every free pixel; the children replace the whole population.

>>> for state, info in evolve(scorer(detector), seeds=[0], generations=1000):
...     pass
>>> state.current_best()  # one image a run
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.errors import InputError
from anogen.generators import _validation as given
from anogen.generators import recombination as breeding
from anogen.generators.masks import PixelMask, noise
from anogen.generators.recombination import recombine_and_mutate, recombine_and_mutate_on_device, summarize_fitness
from anogen.scorers import Scorer

TENSORS = ("population", "scores", "best", "best_score")


@dataclass(frozen=True)
class EvolutionConfig:
    """The parameters of the algorithm; those that the thesis leaves open are marked with *.

    The last two are not the thesis's: by default, nothing survives and the noise stays as it is.

    Attributes
    ----------
    population_size
        Number of images P.
    mutation_rate
        Probability that a child is mutated.
    mutation_std
        Standard deviation of the mutation, in units of the pixel range [0, 1].
    selection
        * Law of the parents: `linear` (probability falls linearly with the rank: the best is chosen P times as often as
        the worst), `tournament` (the better of two drawn at random), `truncation` (uniformly from the better half).
    clip
        * Whether pixels are kept in [0, 1].
    initial_distribution
        * Law of the first population: `uniform` or `normal`.
    n_elites
        How many of the best go on unchanged.
    mutation_half_life
        Number of generations in which sigma halves (annealing).
    """

    population_size: int = 150
    mutation_rate: float = 0.5
    mutation_std: float = 0.01
    selection: Literal["linear", "tournament", "truncation"] = "linear"
    clip: bool = True
    initial_distribution: Literal["uniform", "normal"] = "uniform"
    n_elites: int = 0
    mutation_half_life: int | None = None

    def __post_init__(self) -> None:
        if self.population_size < 2:
            raise InputError(
                f"population_size = {self.population_size} is too small: a child has two parents, give 2 or more"
            )
        if not 0 <= self.mutation_rate <= 1:
            raise InputError(f"mutation_rate = {self.mutation_rate:g} is not a probability: give a number from 0 to 1")
        if not self.mutation_std >= 0:
            raise InputError(f"mutation_std = {self.mutation_std:g} is no standard deviation: give 0 or more")
        if self.selection not in {"linear", "tournament", "truncation"}:
            raise InputError(f"unknown selection {self.selection!r}: choose linear, tournament or truncation")
        if not 0 <= self.n_elites < self.population_size:
            raise InputError(
                f"n_elites = {self.n_elites} leaves no room for children among {self.population_size}: give fewer"
            )
        if self.mutation_half_life is not None and not self.mutation_half_life > 0:
            raise InputError(
                f"mutation_half_life = {self.mutation_half_life} is no number of generations: give 1 or more, or None"
            )

    def selection_cdf(self) -> Tensor:
        """Return the cumulative probability that a parent has rank 0, 1, ..., P-1, (P,) float64."""
        p = self.population_size
        ranks = torch.arange(p, dtype=torch.float64)
        weight = {
            "linear": p - ranks,
            "tournament": 2 * (p - ranks) - 1,  # P(the better of two independent draws has this rank), times P^2
            "truncation": (ranks < (p + 1) // 2).double(),
        }[self.selection]
        return (weight / weight.sum()).cumsum(0)


class State(NamedTuple):
    """R independent runs after some generations, on the f pixels that are free (all d without guidance).

    Images are on the device of the search; scores and what is fixed are always in the processor's memory.
    """

    population: Tensor  # (R, P, f) float32
    scores: Tensor  # (R, P) float64
    generation: int
    seeds: tuple[int, ...]  # one a run; with the generation, all that the random numbers depend on
    best: Tensor  # (R, f): the image of the lowest score ever seen
    best_score: Tensor  # (R,)
    frame: PixelMask | None = None  # fixed pixels

    def complete(self, x: Tensor) -> Tensor:
        """Return the images (..., d) whose free pixels are x (..., f)."""
        return x.clone() if self.frame is None else self.frame.complete(x)

    def current_best(self) -> Tensor:
        """Return the image of the lowest score of the present population of each run, (R, d)."""
        return self.complete(self.population[torch.arange(len(self.population)), self.scores.argmin(dim=1)])

    def best_solution(self) -> Tensor:
        """Return the image of the lowest score ever seen of each run, (R, d)."""
        return self.complete(self.best)

    def mean(self) -> Tensor:
        """Return the mean image of each population, (R, d): it sheds the noise of each image, not what all share."""
        return self.complete(self.population.mean(dim=1))

    def to(self, device: torch.device) -> "State":
        """Return the state with its images on a device."""
        return self._replace(population=self.population.to(device), best=self.best.to(device))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return a copy of the state as arrays, from which `restore` gives the same state bit for bit."""
        tensors = {key: getattr(self, key).cpu().numpy().copy() for key in TENSORS}
        frame = {} if self.frame is None else {key: getattr(self.frame, key).numpy() for key in PixelMask._fields}
        return tensors | frame | {"generation": np.array(self.generation), "seeds": np.array(self.seeds, np.uint64)}

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray]) -> "State":
        """Return the state that `arrays` wrote."""
        tensors = {key: torch.tensor(arrays[key]) for key in TENSORS}
        frame = PixelMask(*(torch.tensor(arrays[key]) for key in PixelMask._fields)) if "free" in arrays else None
        seeds = tuple(map(int, arrays["seeds"]))
        return cls(generation=int(arrays["generation"]), seeds=seeds, frame=frame, **tensors)


class Info(NamedTuple):
    """What happened in one generation."""

    best: Tensor  # (R,): lowest score of the new population
    mean: Tensor  # (R,): its mean score


def init(
    scorer: Scorer,
    seeds: Sequence[int],
    config: EvolutionConfig,
    frame: PixelMask | None = None,
    initial_population: Tensor | None = None,
) -> State:
    """Return the first populations: noise, or `initial_population` (P, d); the scorer is of rows of the free pixels, (n, f).

    They are made on the processor, the same for every device, and brought to the scorer's.
    """
    size = (config.population_size, scorer.n_features_in_ if frame is None else len(frame.reference))
    seeds, initial_population = (
        given.seeds(seeds),
        None if initial_population is None else given.tensor("initial_population", initial_population),
    )
    if initial_population is not None and initial_population.shape != size:
        raise InputError(f"a starting population of shape {tuple(initial_population.shape)} does not fit: give {size}")
    free = slice(None) if frame is None else frame.free
    populations = [
        noise(size, torch.Generator().manual_seed(seed), config.initial_distribution)
        if initial_population is None
        else initial_population.cpu().float()
        for seed in seeds
    ]
    population = torch.stack([p[:, free] for p in populations]).to(scorer.device)
    scores = torch.stack([given.finite(scorer(p)).cpu() for p in population])
    best = population[torch.arange(len(seeds)), scores.argmin(dim=1)].clone()
    return State(population, scores, 0, tuple(seeds), best, scores.amin(dim=1), frame)


def step(
    state: State, scorer: Scorer, config: EvolutionConfig, law: Tensor | None = None, spare: Tensor | None = None
) -> tuple[State, Info]:
    """Replace the populations by their children.

    Parameters
    ----------
    scorer
        Of rows of the free pixels, (n, f).
    law
        `config.selection_cdf()`, if it is at hand, on the population's device.
    spare
        Memory for the children, (R, P, f); the old populations are left as they are.
    """
    law = config.selection_cdf().to(state.population.device) if law is None else law
    children = torch.empty_like(state.population) if spare is None else spare
    generation = state.generation + 1
    every, best_ever = state.scores.numpy(), state.best_score.numpy()  # a number of an array costs less than a tensor's
    best, mean = np.empty(len(state.seeds)), np.empty(len(state.seeds))
    for run, seed in enumerate(state.seeds):
        born, scores = children[run], every[run]
        _breed(state.population[run], scores, law, born, config, seed, generation)
        scores[:] = scorer(born).cpu().numpy()
        lowest, mean[run], broken = summarize_fitness(scores)
        if broken:
            given.finite(state.scores[run])
        best[run] = scores[lowest]
        if best[run] < best_ever[run]:
            best_ever[run] = best[run]
            state.best[run] = born[lowest]
    return state._replace(population=children, generation=generation), Info(*map(torch.from_numpy, (best, mean)))


def _breed(
    population: Tensor,
    scores: np.ndarray,
    law: Tensor,
    children: Tensor,
    config: EvolutionConfig,
    seed: int,
    generation: int,
) -> None:
    """Fill `children` (P, f) with the next generation of one run."""
    sigma = (
        config.mutation_std
        if config.mutation_half_life is None
        else config.mutation_std * 2 ** (-generation / config.mutation_half_life)
    )
    if breeding.on_processor(population):
        recombine_and_mutate(
            population.numpy(), scores, law.numpy(), children.numpy(),
            np.float32(sigma), config.mutation_rate, config.clip, config.n_elites,
            np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32), np.uint32(generation),
        )  # fmt: skip
    else:
        born = recombine_and_mutate_on_device(
            population, torch.from_numpy(scores).to(population.device), law, sigma=sigma,
            rate=config.mutation_rate, clip=config.clip, elites=config.n_elites, seed=seed, generation=generation,
        )  # fmt: skip
        children.copy_(born)


def evolve(
    scorer: Scorer,
    seeds: Sequence[int],
    *,
    n_generations: int,
    config: EvolutionConfig = EvolutionConfig(),
    mask: Tensor | None = None,
    reference: Tensor | None = None,
    initial_population: Tensor | None = None,
    state: State | None = None,
    device: str | torch.device = "cpu",
) -> Iterator[tuple[State, Info]]:
    """Evolve one population for each seed; on the processor, run i gives the same bits alone and beside others.

    Parameters
    ----------
    scorer
        The anomaly score to be minimised, of rows (n, d).
    seeds
        One for each independent run.
    n_generations
        When to stop; the caller may stop sooner.
    mask, reference
        Guidance: the pixels, (d,) bool, that every image has from the reference image, (d,). Their part of the score
        is computed once (`Scorer.condition_on`).
    initial_population
        A starting population (P, d) in place of noise, the same for every run.
    state
        Go on from here instead of starting; it keeps its own seeds and guidance.
    device
        Where images are made and scored, for instance "cuda" (see `Scorer.to`). Its random numbers are others than the
        processor's, of the same laws.

    Yields
    ------
    The state after each generation and what happened in it. The tensors of a state are overwritten by later ones:
    `clone` what you keep.

    Raises
    ------
    InputError
        For numbers that make no sense, shapes that do not fit the detector, scores that are NaN, and a device that is
        not at hand.
    """
    n_generations = given.count("n_generations", n_generations)
    if mask is None and reference is not None:
        raise InputError("a reference image without fixed pixels changes nothing: give mask, (d,) bool, as well")
    if state is not None:
        frame = state.frame
    else:
        frame = None if mask is None else PixelMask.of(mask, reference, scorer.n_features_in_, config.clip)
    inner = (scorer if frame is None else scorer.to("cpu").condition_on(*frame)).to(device)
    state = init(inner, seeds, config, frame, initial_population) if state is None else state.to(inner.device)
    law, spare = config.selection_cdf().to(inner.device), torch.empty_like(state.population)
    while state.generation < n_generations:
        before = state.population
        state, info = step(state, inner, config, law, spare)
        spare = before  # the parents' memory is the next children's
        yield state, info
