"""Evolution and gradient descent on a landscape with many minima (thesis 5.3.2, claim c-16)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import pi
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from anogen.generators import EvolutionConfig, evolve, noise
from anogen.scorers import Scorer
from companion.experiment import Arrays, Experiment, Inputs, Slice, at_least, stack

HALF_WIDTH = 5.12  # of the domain, in the landscape's own units


class Rastrigin(Scorer):
    """Rastrigin's function, its domain of [-5.12, 5.12] mapped to [0, 1]: about ten minima in every dimension.

    f(z) = 10 d + sum_j (z_j^2 - 10 cos(2 pi z_j)), with z = 10.24 (x - 1/2) - `optimum_at`.
    """

    differentiable = True

    def __init__(self, optimum_at: Tensor) -> None:
        self.n_features_in_, self.optimum_at = len(optimum_at), optimum_at.double()

    def place(self, x: Tensor) -> Tensor:
        """Return z, (n, d), in which the optimum is 0 and each minimum is near a point of integers."""
        return 2 * HALF_WIDTH * (x.double() - 0.5) - self.optimum_at

    def score(self, x: Tensor) -> Tensor:
        """Return f, (n,)."""
        z = self.place(x)
        return (z.square() - 10 * (2 * pi * z).cos() + 10).sum(dim=1)


@dataclass(frozen=True, kw_only=True)
class Toy(Experiment):
    """Both ways from the same starts: the evolution's first population, whose every point also descends.

    The averaging of parents draws a population to the middle of the domain, where the textbook puts the optimum.
    Hence two places for it: the middle, and one drawn anew for every start from the inner half of the domain.

    Arrays, for D dimensions, 2 places (middle, drawn) and S starts: `evolved` (D, 2, S), whether the image that is
    shown lies in the basin of the optimum; `descended` (D, 2, S, P), whether each descent ended there; `best_descended`
    (D, 2, S), whether the descent of the lowest score did; `evolution_scores` and `descent_scores` (D, 2, S), the
    lowest score of each; `dimensions` (D,).
    """

    name = "rastrigin"
    quick: ClassVar = {"starts": 2, "generations": 60, "iterations": 20, "dimensions": (2, 4), "population": 20}
    tolerance = 0.5

    dimensions: tuple[int, ...] = (2, 16)
    starts: int = 32
    generations: int = 5_000
    iterations: int = 500
    population: int = 150
    sigma: float = 0.01
    learning_rate: float = 1e-5  # of x: below the 4.8e-5 at which a descent would leap out of a basin

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, starts=self.starts, generations=self.generations, iterations=self.iterations)
        for d in self.dimensions:
            at_least(1, dimension=d)
        _ = self.config

    @property
    def config(self) -> EvolutionConfig:
        """The parameters of the search."""
        return EvolutionConfig(self.population, mutation_std=self.sigma)

    def cells(self) -> Sequence[tuple]:
        """One cell for each dimension, place and start."""
        return [(d, place, start) for d in self.dimensions for place in (0, 1) for start in range(self.starts)]

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Go both ways from one start."""
        d, place, start = cell
        rng = self.rng(d, place, start)
        inner = rng.uniform(-HALF_WIDTH / 2, HALF_WIDTH / 2, d) if place else np.zeros(d)
        landscape, seed = Rastrigin(torch.from_numpy(inner)), int(rng.integers(2**31))
        population = noise((self.population, d), torch.Generator().manual_seed(seed))
        descended = self.descend(landscape, population)
        with torch.inference_mode():
            for after, _ in evolve(landscape, [seed], n_generations=self.generations, config=self.config):
                evolved = after
        ends = landscape(descended)
        yield {
            "evolved": found(landscape, evolved.current_best()).numpy()[0],
            "evolution_scores": evolved.scores.min().numpy(),
            "descended": found(landscape, descended).numpy(),
            "best_descended": found(landscape, descended[ends.argmin()][None]).numpy()[0],
            "descent_scores": ends.min().numpy(),
        }

    def descend(self, landscape: Rastrigin, x: Tensor) -> Tensor:
        """Take plain gradient steps with all points x (n, d) at once, which `generation.descend` does one by one."""
        for _ in range(self.iterations):
            x = x.double().requires_grad_()
            (gradient,) = torch.autograd.grad(landscape(x).sum(), x)
            x = (x.detach() - self.learning_rate * gradient).clamp(0, 1)
        return x

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the cells as (D, 2, S, ...)."""
        return stack(parts, len(self.dimensions), 2, self.starts) | {"dimensions": np.array(self.dimensions)}


def found(landscape: Rastrigin, x: Tensor) -> Tensor:
    """Tell which points x (n, d) lie in the basin of the global minimum, (n,)."""
    return (landscape.place(x).abs() < 0.5).all(dim=1)
