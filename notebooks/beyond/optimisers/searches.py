"""The compared optimisers: functions that evaluate a score until its evaluations are spent, or until they converge."""

import importlib
import logging
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from math import ceil
from types import ModuleType
from typing import NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from scipy.optimize import Bounds, minimize

from anogen.errors import InputError
from anogen.generators.evolution import EvolutionConfig, evolve
from anogen.generators.gradient import GradientConfig, descend
from notebooks.beyond.optimisers.budget import BudgetedScorer, BudgetSpent

SIGMA = 0.3  # first standard deviation of the libraries' searches, in units of the pixel range
FIRST_STD, HALVINGS = 0.1, 10  # of the annealed mutation
ELITIST = EvolutionConfig(population_size=50, mutation_rate=0.9, mutation_std=0.1, n_elites=1)  # as the audit searches
ELITIST_HALVINGS = 8
EXPENSIVE = 20  # expensive optimisers make this fraction of the evaluations
BATCH, NEIGHBOURS = 150, 10  # images of noise scored at once; neighbours of which hill climbing takes the best

Search = Callable[[BudgetedScorer, Generator], None]


def evolution(score: BudgetedScorer, rng: Generator, annealed: bool = False) -> None:
    """Run the thesis's evolutionary algorithm; annealed, its mutation shrinks from 0.1 by half ten times."""
    generations = ceil(score.left / EvolutionConfig.population_size)
    shrinking = {"mutation_std": FIRST_STD, "mutation_half_life": ceil(generations / HALVINGS)}
    config = EvolutionConfig(**shrinking) if annealed else EvolutionConfig()  # type: ignore[arg-type]
    for _ in evolve(score, [int(rng.integers(2**63))], n_generations=generations, config=config):
        pass


def elitist(score: BudgetedScorer, rng: Generator) -> None:
    """Run the search of `anogen.audit`: annealed, a small population, most children mutated, the best one kept."""
    generations = ceil(score.left / ELITIST.population_size)
    config = replace(ELITIST, mutation_half_life=ceil(generations / ELITIST_HALVINGS))
    for _ in evolve(score, [int(rng.integers(2**63))], n_generations=generations, config=config):
        pass


def adam(score: BudgetedScorer, rng: Generator) -> None:
    """Descend from noise with Adam."""
    start = torch.from_numpy(rng.random((1, score.n_features_in_)))
    for _ in descend(score, start, n_iterations=score.left, config=GradientConfig(rule="adam")):
        pass


def l_bfgs_b(score: BudgetedScorer, rng: Generator) -> None:
    """Descend from noise with SciPy's L-BFGS-B."""

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        row = torch.from_numpy(x)[None].requires_grad_()
        value = score(row)[0]
        (slope,) = torch.autograd.grad(value, row)
        return value.item(), slope[0].nan_to_num().numpy()

    options = {"maxfun": score.left + 1, "maxiter": score.left + 1, "ftol": 1e-12, "gtol": 1e-9}
    start, bounds = rng.random(score.n_features_in_), Bounds(0, 1)
    minimize(value_and_gradient, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)


def random_images(score: BudgetedScorer, rng: Generator) -> None:
    """Score uniform noise."""
    while True:
        score(rng.random((BATCH, score.n_features_in_), np.float32))


def hill_climbing(score: BudgetedScorer, rng: Generator) -> None:
    """Move from noise to the best of ten neighbours, at N(0, 0.01²) in every pixel, if it scores lower."""
    image, value = rng.random((1, score.n_features_in_), np.float32), np.inf
    std = np.float32(EvolutionConfig.mutation_std)
    while True:
        step = std * rng.standard_normal((NEIGHBOURS, score.n_features_in_), np.float32)
        neighbours = (image + step).clip(0, 1)
        scores = score(neighbours).numpy()
        if scores.min() < value:
            image, value = neighbours[[scores.argmin()]], scores.min()


def cma_es(score: BudgetedScorer, rng: Generator, separable: bool = False) -> None:
    """Run pycma's CMA-ES with its default settings; separable, the covariance is diagonal."""
    options = {"bounds": [0, 1], "verbose": -9, "seed": np.nan, "randn": lambda *size: rng.standard_normal(size)}
    start = rng.random(score.n_features_in_)
    search = library("cma").CMAEvolutionStrategy(start, SIGMA, options | {"CMA_diagonal": separable})
    while not search.stop():
        rows = search.ask()
        search.tell(rows, score(np.array(rows)).tolist())


def snes(score: BudgetedScorer, rng: Generator) -> None:
    """Run evotorch's SNES with its default settings."""
    evotorch, algorithms = library("evotorch"), library("evotorch.algorithms")
    logging.getLogger("evotorch").setLevel(logging.WARNING)  # it logs every problem
    d, seed = score.n_features_in_, int(rng.integers(2**31))
    objective = library("evotorch.decorators").vectorized(score)
    problem = evotorch.Problem("min", objective, solution_length=d, dtype=torch.float64, seed=seed)
    search = algorithms.SNES(problem, stdev_init=SIGMA, center_init=torch.from_numpy(rng.random(d)))
    while True:
        search.step()


def cr_fm_nes(score: BudgetedScorer, rng: Generator) -> None:
    """Run fcmaes's CR-FM-NES, whose cost is linear in the number of pixels, with its default settings."""
    d = score.n_features_in_
    native = library("fcmaes.crfmnescpp")
    search = native.CRFMNES_C(d, Bounds(np.zeros(d), np.ones(d)), rng.random(d), SIGMA, rg=rng)
    while not search.tell(score(np.array(search.ask())).numpy()):
        pass


def library(module: str) -> ModuleType:
    """Import a library; raise `InputError` if it is missing."""
    name = module.partition(".")[0]
    try:
        # evotorch imports deprecated parts of PyTorch, and fcmaes changes how NumPy prints.
        with warnings.catch_warnings(), np.printoptions():
            warnings.simplefilter("ignore", DeprecationWarning)
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(f"{name} is not installed: `pip install {name}`, or choose other optimisers") from error


class Optimiser(NamedTuple):
    """One row of the comparison."""

    title: str
    search: Search
    expensive: bool = False  # it gets fewer evaluations
    gradient: bool = False
    library: str = ""  # that only this comparison needs


OPTIMISERS = {
    "random": Optimiser("best of random images", random_images),
    "hill": Optimiser("hill climbing", hill_climbing),
    "evolution": Optimiser("evolution", evolution),
    "annealed": Optimiser("evolution, annealed", partial(evolution, annealed=True)),
    "elitist": Optimiser("evolution of the audit", elitist),
    "snes": Optimiser("SNES", snes, library="evotorch"),
    "cr-fm-nes": Optimiser("CR-FM-NES", cr_fm_nes, library="fcmaes"),
    "sep-cma": Optimiser("sep-CMA-ES", partial(cma_es, separable=True), library="cma"),
    "cma": Optimiser("CMA-ES", cma_es, expensive=True, library="cma"),
    "adam": Optimiser("Adam", adam, expensive=True, gradient=True),
    "l-bfgs-b": Optimiser("L-BFGS-B", l_bfgs_b, expensive=True, gradient=True),
}
FIRST = tuple(name for name in OPTIMISERS if name != "elitist")  # of the first comparison


def run(name: str, score: BudgetedScorer, rng: Generator) -> BudgetedScorer:
    """Spend all evaluations of a score; a search that ends before restarts elsewhere."""
    with suppress(BudgetSpent):
        while score.left:
            OPTIMISERS[name].search(score, rng)
    return score
