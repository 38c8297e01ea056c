"""The thesis's evolutionary algorithm (5.3.2 and 6.1.2).

Every child is the pixel-wise mean of two parents; parents are the likelier the lower their score; half of the
children are mutated by N(0, 0.01^2) on every free pixel; the children replace the whole population.

>>> for state, info in evolve(scorer(detector), seeds=[0], generations=1000):
...     pass
>>> state.shown()  # one image a run
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.errors import InputError
from anogen.generation.guidance import noise
from anogen.scoring import Scorer


@dataclass(frozen=True)
class Settings:
    """The parameters of the algorithm; those that the thesis leaves open are marked with *.

    Attributes
    ----------
    population
        Number of images P.
    mutation_rate
        Probability that a child is mutated.
    sigma
        Standard deviation of the mutation, in units of the pixel range [0, 1].
    selection
        * Law of the parents: `linear` (probability falls linearly with the rank: the best is chosen P times as often as
        the worst), `tournament` (the better of two drawn at random), `truncation` (uniformly from the better half).
    clip
        * Whether pixels are kept in [0, 1].
    start
        * Law of the first population: `uniform` or `normal`.
    """

    population: int = 150
    mutation_rate: float = 0.5
    sigma: float = 0.01
    selection: Literal["linear", "tournament", "truncation"] = "linear"
    clip: bool = True
    start: Literal["uniform", "normal"] = "uniform"

    def __post_init__(self) -> None:
        if self.population < 2:
            raise InputError(f"population = {self.population} is too small: a child has two parents, give 2 or more")
        if not 0 <= self.mutation_rate <= 1:
            raise InputError(f"mutation_rate = {self.mutation_rate:g} is not a probability: give a number from 0 to 1")
        if not self.sigma >= 0:
            raise InputError(f"sigma = {self.sigma:g} is no standard deviation: give 0 or more")
        if self.selection not in {"linear", "tournament", "truncation"}:
            raise InputError(f"unknown selection {self.selection!r}: choose linear, tournament or truncation")

    def parent_law(self) -> Tensor:
        """Return the cumulative probability that a parent has rank 0, 1, ..., P-1, (P,) float64."""
        p = self.population
        ranks = torch.arange(p, dtype=torch.float64)
        weight = {
            "linear": p - ranks,
            "tournament": 2 * (p - ranks) - 1,  # P(the better of two independent draws has this rank), times P^2
            "truncation": (ranks < (p + 1) // 2).double(),
        }[self.selection]
        return (weight / weight.sum()).cumsum(0)


class State(NamedTuple):
    """R independent runs after some generations."""

    population: Tensor  # (R, P, d) float32
    scores: Tensor  # (R, P) float64
    generation: int
    generators: tuple[torch.Generator, ...]  # one a run
    best: Tensor  # (R, d): the image of the lowest score ever seen
    best_score: Tensor  # (R,)

    def shown(self) -> Tensor:
        """Return the image of the lowest score of the present population of each run, (R, d)."""
        return self.population[torch.arange(len(self.population)), self.scores.argmin(dim=1)].clone()

    def arrays(self) -> dict[str, np.ndarray]:
        """Return a copy of the state as arrays, from which `restore` gives the same state bit for bit."""
        return {
            "population": self.population.numpy().copy(),
            "scores": self.scores.numpy().copy(),
            "generation": np.array(self.generation),
            "generators": np.stack([g.get_state().numpy() for g in self.generators]),
            "best": self.best.numpy().copy(),
            "best_score": self.best_score.numpy().copy(),
        }

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray]) -> "State":
        """Return the state that `arrays` wrote."""
        generators = tuple(torch.Generator() for _ in arrays["generators"])
        for generator, saved in zip(generators, arrays["generators"], strict=True):
            generator.set_state(torch.tensor(saved))
        tensors = {key: torch.tensor(arrays[key]) for key in ("population", "scores", "best", "best_score")}
        return cls(generation=int(arrays["generation"]), generators=generators, **tensors)


class Info(NamedTuple):
    """What happened in one generation."""

    best: Tensor  # (R,): lowest score of the new population
    mean: Tensor  # (R,): its mean score


def init(
    scorer: Scorer,
    seeds: Sequence[int],
    settings: Settings,
    fixed: Tensor | None = None,
    reference: Tensor | None = None,
    start: Tensor | None = None,
) -> State:
    """Return the first populations: noise, or `start`, with the fixed pixels of the reference image put in."""
    generators = tuple(torch.Generator().manual_seed(seed) for seed in seeds)
    size = (settings.population, scorer.dimension)
    populations = []
    for generator in generators:
        population = noise(size, generator, settings.start) if start is None else start.clone().float()
        if population.shape != size:
            raise InputError(f"a starting population of shape {tuple(population.shape)} does not fit: give {size}")
        if fixed is not None:
            assert reference is not None, "fixed pixels need a reference image"
            population[:, fixed] = reference[fixed].float()
        populations.append(population)
    scores = torch.stack([finite(scorer(population)) for population in populations])
    state = State(torch.stack(populations), scores, 0, generators, torch.empty(0), torch.empty(0))
    return state._replace(best=state.shown(), best_score=scores.amin(dim=1))


class Workspace(NamedTuple):
    """Memory that every generation writes anew: allocating it each time would cost as much as the search."""

    mothers: Tensor  # (P, d)
    fathers: Tensor  # (P, d)
    noise: Tensor  # (P, f) for f free pixels
    law: Tensor  # (P,): cumulative probability of a parent's rank

    @classmethod
    def of(cls, settings: Settings, d: int, free: Tensor | None) -> "Workspace":
        """Allocate for populations of d pixels of which `free` may change."""
        p = settings.population
        f = d if free is None else len(free)
        return cls(torch.empty(p, d), torch.empty(p, d), torch.empty(p, f), settings.parent_law())


def step(
    state: State, scorer: Scorer, settings: Settings, free: Tensor | None = None, work: Workspace | None = None
) -> tuple[State, Info]:
    """Replace the populations by their children, in place.

    Parameters
    ----------
    free
        Indices of the pixels that may change, (f,); all by default.
    """
    work = work or Workspace.of(settings, scorer.dimension, free)
    for run, generator in enumerate(state.generators):
        population, scores = state.population[run], state.scores[run]
        population.copy_(_children(population, scores, settings, free, generator, work))
        scores.copy_(finite(scorer(population)))
        lowest = scores.argmin()
        if scores[lowest] < state.best_score[run]:
            state.best_score[run] = scores[lowest]
            state.best[run] = population[lowest]
    after = state._replace(generation=state.generation + 1)
    return after, Info(state.scores.amin(dim=1), state.scores.mean(dim=1))


def _children(
    population: Tensor,
    scores: Tensor,
    settings: Settings,
    free: Tensor | None,
    generator: torch.Generator,
    work: Workspace,
) -> Tensor:
    """Return the next population (P, d) of one run: choose parents, average, mutate."""
    p = len(population)
    by_rank = scores.argsort(stable=True)
    drawn = torch.rand(2, p, dtype=torch.float64, generator=generator)
    mothers, fathers = by_rank[torch.searchsorted(work.law, drawn).clamp_(max=p - 1)]
    torch.index_select(population, 0, mothers, out=work.mothers)
    torch.index_select(population, 0, fathers, out=work.fathers)
    children = work.mothers.add_(work.fathers).mul_(0.5)
    mutated = (torch.rand(p, generator=generator) < settings.mutation_rate).nonzero().squeeze(1)
    change = work.noise[: len(mutated)].normal_(generator=generator)
    if free is None:
        children.index_add_(0, mutated, change, alpha=settings.sigma)
    else:  # equal fixed pixels average to themselves exactly, so only the noise has to spare them
        children[mutated[:, None], free] += change.mul_(settings.sigma)
    return children.clamp_(0, 1) if settings.clip else children


def evolve(
    scorer: Scorer,
    seeds: Sequence[int],
    *,
    generations: int,
    settings: Settings = Settings(),
    fixed: Tensor | None = None,
    reference: Tensor | None = None,
    start: Tensor | None = None,
    state: State | None = None,
) -> Iterator[tuple[State, Info]]:
    """Evolve one population for each seed; run i gives the same bits alone and beside others.

    Parameters
    ----------
    scorer
        The anomaly score to be minimised, of rows (n, d).
    seeds
        One for each independent run.
    generations
        When to stop; the caller may stop sooner.
    fixed, reference
        Guidance: the pixels, (d,) bool, that every image has from the reference image, (d,).
    start
        A starting population (P, d) in place of noise, the same for every run.
    state
        Go on from here instead of starting.

    Yields
    ------
    The state after each generation and what happened in it. The tensors of a state are overwritten by the next one.

    Raises
    ------
    InputError
        For numbers that make no sense, shapes that do not fit the detector, and scores that are NaN.
    """
    if generations < 1:
        raise InputError(f"generations = {generations} makes no sense: give 1 or more")
    free = None if fixed is None else _free(fixed, reference, scorer.dimension, settings.clip)
    if state is None:
        state = init(scorer, seeds, settings, fixed, reference, start)
    work = Workspace.of(settings, scorer.dimension, free)
    while state.generation < generations:
        state, info = step(state, scorer, settings, free, work)
        yield state, info


def _free(fixed: Tensor, reference: Tensor | None, d: int, clip: bool) -> Tensor:
    """Return the indices of the pixels that guidance leaves free, (f,)."""
    if reference is None:
        raise InputError("fixed pixels need the image they are taken from: give reference")
    for name, given in (("mask of fixed pixels", fixed), ("reference image", reference)):
        if given.shape != (d,):
            raise InputError(f"a {name} of shape {tuple(given.shape)} does not fit this detector: give ({d},)")
    if clip and not (reference[fixed].clamp(0, 1) == reference[fixed]).all():
        raise InputError("the reference image has pixels that are NaN or outside [0, 1]: scale it, or set clip=False")
    return (~fixed).nonzero().squeeze(1)


def finite(scores: Tensor) -> Tensor:
    """Return the scores; raise `InputError` if one is NaN, of which a search could make nothing."""
    if torch.isnan(scores).any():
        raise InputError(
            "the detector's score is NaN: look for constant or missing values in its training data and in the images"
        )
    return scores
