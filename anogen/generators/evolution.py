"""The thesis's evolutionary algorithm (5.3.2 and 6.1.2).

Every child is the pixel-wise mean of two parents. The selection probability of a parent decreases with its score. Half
of the offspring are mutated by N(0, 0.01²) on every free pixel. The offspring replace the whole population.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.errors import InputError, require
from anogen.generators import inputs, recombination
from anogen.generators.inputs import PixelMask, check_finite, make_pixel_mask, noise
from anogen.scorers import Scorer

TENSORS = ("population", "scores", "best", "best_score")


@dataclass(frozen=True)
class EvolutionConfig:
    """The parameters of the evolutionary algorithm; "(open)" marks those that the thesis leaves open.

    The last two extend the thesis's algorithm; their defaults switch them off.

    Parameters
    ----------
    population_size : int
        Number of images P.
    mutation_rate : float
        Probability that a child is mutated.
    mutation_std : float
        Standard deviation of the mutation, in units of the pixel range [0, 1].
    selection : {"linear", "tournament", "truncation"}
        (open) Distribution of the parents. `linear`: the probability falls linearly with the rank, and the best is
        chosen P times as often as the worst. `tournament`: the better of two random images. `truncation`: uniform over
        the better half.
    clip : bool
        (open) Whether pixels are kept in [0, 1].
    initial_distribution : {"uniform", "normal"}
        (open) Distribution of the first population, see `noise`.
    n_elites : int
        Number of the best images that survive unchanged.
    mutation_half_life : int, optional
        Number of generations in which `mutation_std` halves (annealing); None keeps it constant.

    Raises
    ------
    InputError
        For a value out of range.

    Examples
    --------
    >>> from anogen.generators import EvolutionConfig
    >>> EvolutionConfig(population_size=20, n_elites=1).mutation_rate
    0.5
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
        p, rate, std = self.population_size, self.mutation_rate, self.mutation_std
        half_life = self.mutation_half_life
        require(p >= 2, f"population_size = {p} is too small: a child has two parents, give 2 or more")
        require(0 <= rate <= 1, f"mutation_rate = {rate:g} is not a probability: give a number from 0 to 1")
        require(std >= 0, f"mutation_std = {std:g} is not a standard deviation: give 0 or more")
        known = self.selection in {"linear", "tournament", "truncation"}
        require(known, f"unknown selection {self.selection!r}: choose linear, tournament or truncation")
        remain = 0 <= self.n_elites < p
        require(remain, f"n_elites = {self.n_elites} leaves no offspring in a population of {p}: give fewer")
        positive = half_life is None or half_life > 0
        require(positive, f"mutation_half_life = {half_life} is not a number of generations: give 1, 2, ... or None")

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
    """R independent runs after some generations, on the f free pixels (all d without a mask).

    Images are on the device of the search; scores and fixed pixels are always in the CPU's memory.
    """

    population: Tensor  # (R, P, f) float32
    scores: Tensor  # (R, P) float64
    generation: int
    seeds: tuple[int, ...]  # one for each run; random numbers depend on them and the generation alone
    best: Tensor  # (R, f): the image of the lowest score so far
    best_score: Tensor  # (R,)
    mask: PixelMask | None = None

    def complete(self, x: Tensor) -> Tensor:
        """Return the images (..., d) whose free pixels are x (..., f)."""
        return x.clone() if self.mask is None else self.mask.complete(x)

    def current_best(self) -> Tensor:
        """Return a copy of the image of the lowest score in the present population of each run, (R, d)."""
        return self.complete(self.population[torch.arange(len(self.population)), self.scores.argmin(dim=1)])

    def best_solution(self) -> Tensor:
        """Return a copy of the image of the lowest score so far of each run, (R, d)."""
        return self.complete(self.best)

    def mean(self) -> Tensor:
        """Return the mean image of each population, (R, d), which averages out the noise of single images."""
        return self.complete(self.population.mean(dim=1))

    def copy(self) -> "State":
        """Return a state that a later step of `evolve` does not overwrite."""
        return self._replace(**{key: getattr(self, key).clone() for key in TENSORS})

    def to(self, device: torch.device) -> "State":
        """Return the state with its images on a device."""
        return self._replace(population=self.population.to(device), best=self.best.to(device))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return a copy of the state as arrays, from which `restore` makes the same state bit for bit."""
        tensors = {key: getattr(self, key).cpu().numpy().copy() for key in TENSORS}
        mask = {} if self.mask is None else {key: getattr(self.mask, key).numpy() for key in PixelMask._fields}
        return tensors | mask | {"generation": np.array(self.generation), "seeds": np.array(self.seeds, np.uint64)}

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray]) -> "State":
        """Return the state that `arrays` wrote."""
        tensors = {key: torch.tensor(arrays[key]) for key in TENSORS}
        mask = PixelMask(*(torch.tensor(arrays[key]) for key in PixelMask._fields)) if "free" in arrays else None
        seeds = tuple(map(int, arrays["seeds"]))
        return cls(generation=int(arrays["generation"]), seeds=seeds, mask=mask, **tensors)


class Info(NamedTuple):
    """The scores of one generation."""

    best: Tensor  # (R,): lowest score of the new population
    mean: Tensor  # (R,): its mean score


@torch.no_grad()
def init(
    scorer: Scorer,
    seeds: Sequence[int],
    config: EvolutionConfig,
    mask: PixelMask | None = None,
    initial_population: Tensor | None = None,
) -> State:
    """Return the first populations: noise, or `initial_population` (P, d); the scorer takes the free pixels, (n, f).

    They are made on the CPU, the same for every device, and moved to the scorer's.
    """
    size = (config.population_size, scorer.n_features_in_ if mask is None else len(mask.reference))
    seeds = inputs.check_seeds(seeds)
    if initial_population is not None:
        initial_population = inputs.as_tensor("initial_population", initial_population)
        if initial_population.shape != size:
            raise InputError(f"initial_population of shape {tuple(initial_population.shape)} does not fit: give {size}")
    free = slice(None) if mask is None else mask.free
    populations = [
        noise(size, torch.Generator().manual_seed(seed), config.initial_distribution)
        if initial_population is None
        else initial_population.cpu().float()
        for seed in seeds
    ]
    population = torch.stack([p[:, free] for p in populations]).to(scorer.device)
    scores = torch.stack([check_finite(scorer(p)).cpu() for p in population])
    best = population[torch.arange(len(seeds)), scores.argmin(dim=1)].clone()
    return State(population, scores, 0, tuple(seeds), best, scores.amin(dim=1), mask)


@torch.no_grad()
def step(
    state: State,
    scorer: Scorer,
    config: EvolutionConfig,
    selection_cdf: Tensor | None = None,
    buffer: Tensor | None = None,
) -> tuple[State, Info]:
    """Replace the populations by their offspring; the scores and the best image of `state` are overwritten.

    The scorer takes rows of the free pixels, (n, f). `selection_cdf` is the config's, if available, on the population's
    device; `buffer` is memory for the offspring, (R, P, f). The old populations stay unchanged.
    """
    cdf = config.selection_cdf().to(state.population.device) if selection_cdf is None else selection_cdf
    populations = torch.empty_like(state.population) if buffer is None else buffer
    all_scores, best_so_far = state.scores.numpy(), state.best_score.numpy()  # indexing arrays is faster than tensors
    best, mean = np.empty(len(state.seeds)), np.empty(len(state.seeds))
    for run in range(len(state.seeds)):
        offspring, scores = populations[run], all_scores[run]
        _fill_offspring(offspring, scores, state, run, cdf, config)
        scores[:] = scorer.score_finite(offspring).cpu().numpy()
        lowest, mean[run], has_nan = recombination.summarize_fitness(scores)
        if has_nan:
            check_finite(state.scores[run])
        best[run] = scores[lowest]
        if best[run] < best_so_far[run]:
            best_so_far[run] = best[run]
            state.best[run] = offspring[lowest]
    state = state._replace(population=populations, generation=state.generation + 1)
    return state, Info(torch.from_numpy(best), torch.from_numpy(mean))


def _fill_offspring(
    offspring: Tensor, scores: np.ndarray, state: State, run: int, cdf: Tensor, config: EvolutionConfig
) -> None:
    """Fill `offspring` (P, f) with the next generation of one run."""
    population, seed, generation = state.population[run], state.seeds[run], state.generation + 1
    half_life = config.mutation_half_life
    std = config.mutation_std if half_life is None else config.mutation_std * 2 ** (-generation / half_life)
    if recombination.on_cpu(population):
        recombination.recombine_and_mutate(
            population.numpy(), scores, cdf.numpy(), offspring.numpy(),
            np.float32(std), config.mutation_rate, config.clip, config.n_elites,
            np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32), np.uint32(generation),
        )  # fmt: skip
    else:
        offspring.copy_(recombination.recombine_and_mutate_on_device(
            population, torch.from_numpy(scores).to(population.device), cdf, std=std,
            rate=config.mutation_rate, clip=config.clip, n_elites=config.n_elites, seed=seed, generation=generation,
        ))  # fmt: skip


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
    """Evolve one population for each seed, in place: the fast loop below `anogen.generate`.

    On the CPU, run i gives the same bits alone and in any list of seeds.

    Parameters
    ----------
    scorer : Scorer
        The anomaly score to be minimised, of rows (n, d).
    seeds : sequence of int
        One for each independent run.
    n_generations : int
        Number of the last generation; the caller may stop sooner.
    config : EvolutionConfig
        The parameters of the algorithm.
    mask, reference : Tensor of shape (d,)
        The fixed pixels (bool), and the image that supplies them. Their part of the score is computed once
        (`Scorer.condition_on`).
    initial_population : Tensor of shape (P, d), optional
        The first population of every run; random pixels by default.
    state : State, optional
        Resume from this state, with its own seeds and mask.
    device : str or torch.device
        Device of the images and of the score, for instance "cuda" (see `Scorer.to`). CPU and GPU random numbers differ
        but have the same distribution.

    Yields
    ------
    state : State
        The state after each generation. The next generation overwrites its tensors: keep `state.copy()`, or the copies
        that `current_best()`, `best_solution()` and `mean()` return.
    info : Info
        The lowest and the mean score of each run, (R,).

    Raises
    ------
    InputError
        For values out of range, shapes that do not fit the detector, NaN scores, and an unavailable device.

    Examples
    --------
    >>> import anogen
    >>> from anogen.generators import evolve
    >>> scorer = anogen.make_scorer(lambda X: X.sum(axis=1), 9, orientation="anomaly")
    >>> for state, info in evolve(scorer, seeds=[0, 1], n_generations=20):
    ...     pass
    >>> state.current_best().shape, state.generation
    (torch.Size([2, 9]), 20)
    """
    n_generations = inputs.check_count("n_generations", n_generations)
    pixel_mask = make_pixel_mask(scorer.n_features_in_, config.clip, mask, reference) if state is None else state.mask
    conditional = (scorer if pixel_mask is None else scorer.to("cpu").condition_on(*pixel_mask)).to(device)
    if state is None:
        state = init(conditional, seeds, config, pixel_mask, initial_population)
    else:
        state = state.to(conditional.device)
    cdf, buffer = config.selection_cdf().to(conditional.device), torch.empty_like(state.population)
    while state.generation < n_generations:
        parents = state.population
        state, info = step(state, conditional, config, cdf, buffer)
        buffer = parents  # the memory of the next offspring
        yield state, info


class Evolution(inputs.Algorithm):
    """The evolutionary algorithm, one generation at a time; a state is never overwritten.

    `anogen.generate` is the complete search. This class has the shape of blackjax's algorithms, for loops of one's own.

    Parameters
    ----------
    config : EvolutionConfig, optional
        The parameters; alternatively, give its fields as keywords.
    **parameters
        Fields of `EvolutionConfig`, such as `population_size`.

    Raises
    ------
    InputError
        For an unknown parameter or a value out of range.

    Examples
    --------
    >>> import anogen
    >>> from anogen.generators import Evolution
    >>> scorer = anogen.make_scorer(lambda X: X.sum(axis=1), 9, orientation="anomaly")
    >>> algorithm = Evolution(population_size=20)
    >>> state = algorithm.init(scorer, random_state=0)
    >>> state, info = algorithm.step(state, scorer)
    >>> state.generation, info.best.shape
    (1, torch.Size([1]))
    """

    def __init__(self, config: EvolutionConfig | None = None, **parameters: Any) -> None:
        super().__init__(inputs.make_config(EvolutionConfig, config, parameters))

    def init(
        self,
        scorer: Scorer,
        random_state: int = 0,
        *,
        n_samples: int = 1,
        mask: Any = None,
        reference: Any = None,
        initial_population: Any = None,
    ) -> State:
        """Return the first populations of `n_samples` runs; the seed of run i is `random_state` + i."""
        seeds = inputs.run_seeds(random_state, n_samples)
        pixel_mask = make_pixel_mask(scorer.n_features_in_, self.config.clip, mask, reference)
        return init(self.condition(scorer, pixel_mask), seeds, self.config, pixel_mask, initial_population)

    def step(self, state: State, scorer: Scorer) -> tuple[State, Info]:
        """Return the state after one generation, and the lowest and the mean score of each run, (R,)."""
        return step(state.copy(), self.condition(scorer, state.mask), self.config)
