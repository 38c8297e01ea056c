"""The evolutionary algorithm in evotorch, pymoo and DEAP, for the benchmark page.

Each function scores every generation of 150 rows in one call, selects parents with the same probabilities, averages two
of them, mutates half of the children by N(0, 0.01²), clips, and replaces the whole population. It returns the image
(d,) with the lowest score in the last population, and raises ImportError if its library is not installed.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from anogen.bench.numpy_search import RATE, SELECTION, SIGMA, P, Score
from anogen.scorers import Scorer


def tensors(score: Score) -> Callable[[Any], Any]:
    """Wrap a score of arrays as a score of tensors."""
    return partial(lambda f, x: torch.from_numpy(np.asarray(f(x.double().numpy())).astype(np.float32)), score)


def in_evotorch(score: Any, d: int, generations: int, seed: int) -> np.ndarray:
    """Evolve with evotorch's genetic algorithm; `score` takes and returns tensors."""
    from evotorch import Problem, SolutionBatch
    from evotorch.algorithms import GeneticAlgorithm
    from evotorch.decorators import vectorized
    from evotorch.operators import CopyingOperator

    logging.getLogger("evotorch").setLevel(logging.WARNING)  # it logs every problem
    probabilities = torch.from_numpy(SELECTION)

    class MeanOfTwo(CopyingOperator):
        """Children of parents that are selected by rank."""

        def _do(self, batch: SolutionBatch) -> SolutionBatch:
            by_rank = batch.evals[:, 0].argsort()
            selected = torch.multinomial(probabilities, 2 * P, replacement=True, generator=self.problem.generator)
            parents_a, parents_b = by_rank[selected].view(2, P)
            children = SolutionBatch(self.problem, popsize=P, empty=True)
            children.set_values((batch.values[parents_a] + batch.values[parents_b]) / 2)
            return children

    def mutate(values: torch.Tensor) -> torch.Tensor:
        mutated = torch.rand(len(values), generator=problem.generator) < RATE
        values = values.clone()
        values[mutated] += SIGMA * torch.randn(int(mutated.sum()), d, generator=problem.generator)
        return values.clamp_(0, 1)

    problem = Problem("min", vectorized(score), solution_length=d, bounds=(0, 1), dtype=torch.float32, seed=seed)
    search = GeneticAlgorithm(
        problem, operators=[MeanOfTwo(problem), mutate], popsize=P, elitist=False, re_evaluate=False
    )
    search.run(generations)
    last = search.population
    return last.values[last.evals[:, 0].argmin()].double().numpy()


def in_pymoo(score: Score, d: int, generations: int, seed: int) -> np.ndarray:
    """Evolve with pymoo's genetic algorithm."""
    from pymoo.algorithms.soo.nonconvex.ga import GA
    from pymoo.core.crossover import Crossover
    from pymoo.core.mutation import Mutation
    from pymoo.core.problem import Problem
    from pymoo.core.selection import Selection
    from pymoo.core.survival import Survival
    from pymoo.optimize import minimize

    class Scored(Problem):
        def __init__(self) -> None:
            super().__init__(n_var=d, n_obj=1, xl=0.0, xu=1.0)

        def _evaluate(self, x: np.ndarray, out: dict, *_: Any, **__: Any) -> None:
            out["F"] = score(x)

    class ByRank(Selection):
        def _do(self, _problem: Any, pop: Any, n_select: int, n_parents: int, *, random_state: Any, **_: Any) -> Any:
            by_rank = np.argsort(pop.get("F")[:, 0])
            return by_rank[random_state.choice(P, size=(n_select, n_parents), p=SELECTION)]

    class Mean(Crossover):
        def __init__(self) -> None:
            super().__init__(n_parents=2, n_offsprings=1, prob=1.0)

        def _do(self, _problem: Any, parents: np.ndarray, **_: Any) -> np.ndarray:
            return parents.mean(axis=0, keepdims=True)

    class Gaussian(Mutation):
        def _do(self, _problem: Any, x: np.ndarray, *, random_state: Any, **_: Any) -> np.ndarray:
            return np.clip(x + random_state.normal(0, SIGMA, x.shape), 0, 1)

    class Children(Survival):
        """Keep the children, which follow their parents, and drop the parents."""

        def _do(self, _problem: Any, pop: Any, *, n_survive: int, **_: Any) -> Any:
            return pop[-n_survive:]

    search = GA(
        pop_size=P,
        selection=ByRank(),
        crossover=Mean(),
        mutation=Gaussian(prob=RATE),
        survival=Children(),
        eliminate_duplicates=False,
    )
    last = minimize(Scored(), search, ("n_gen", generations + 1), seed=seed).pop  # pymoo counts the first population
    return last.get("X")[last.get("F")[:, 0].argmin()]


def in_deap(score: Score, d: int, generations: int, seed: int) -> np.ndarray:
    """Evolve with DEAP's toolbox, with arrays as individuals."""
    from deap import base

    rng = np.random.default_rng(seed)
    fitness = type("Fitness", (base.Fitness,), {"weights": (-1.0,)})

    class Individual(np.ndarray):
        fitness: Any

    def scored(images: list[np.ndarray]) -> list[Individual]:
        population = [image.view(Individual) for image in images]
        for one, value in zip(population, score(np.stack(images)), strict=True):
            one.fitness = fitness((value,))
        return population

    def select(population: list[Individual], count: int) -> list[Individual]:
        best_first = sorted(population, key=lambda one: one.fitness, reverse=True)
        return [best_first[i] for i in rng.choice(P, size=count, p=SELECTION)]

    def mutate(child: np.ndarray) -> np.ndarray:
        mutated = child + rng.normal(0, SIGMA, d) if rng.random() < RATE else child
        return np.clip(mutated, 0, 1)

    toolbox = base.Toolbox()
    toolbox.register("select", select)
    toolbox.register("mate", lambda a, b: np.asarray(a + b) / 2)
    toolbox.register("mutate", mutate)
    population = scored(list(rng.random((P, d))))
    for _ in range(generations):
        parents = toolbox.select(population, 2 * P)
        pairs = zip(parents[::2], parents[1::2], strict=True)
        population = scored([toolbox.mutate(toolbox.mate(*pair)) for pair in pairs])
    return np.asarray(min(population, key=lambda one: one.fitness.values))


def searches(score: Score, scorer: Scorer) -> dict[str, Callable[[int, int, int], np.ndarray]]:
    """Return the searches by name, for a score of arrays and ours: functions of d, generations and seed."""
    return {
        "evotorch": partial(in_evotorch, tensors(score)),
        "pymoo": partial(in_pymoo, score),
        "deap": partial(in_deap, score),
        "evotorch with our scorer": partial(in_evotorch, lambda x: scorer(x).float()),
    }
