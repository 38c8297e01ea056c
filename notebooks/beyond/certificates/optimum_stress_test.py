"""Stress test of an optimum: attempts to score lower than a point that is claimed to have the lowest score."""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from scipy.optimize import minimize
from torch import Tensor

from anogen.generators.evolution import EvolutionConfig, evolve
from anogen.scorers import Scorer

CHUNK = 500  # rows that are scored at once
SPARSE_SHARE = 0.01  # of the pixels, that a sparse step changes
GREYS = torch.arange(256, dtype=torch.float64)[:, None] / 255
BLENDS = (1e-3, 0.5)  # smallest and largest weight of an image in a blend with the point


class CountingScorer(Scorer):
    """A scorer that counts the rows it scores and keeps the lowest score, of all rows and of those in [0, 1].

    Where a row's score depends on its batch, every row is a batch of its own.
    """

    accepts_float32 = True  # rows in float32 are left to the scorer

    def __init__(self, whole: Scorer) -> None:
        self.whole, self.n_features_in_, self.differentiable = whole, whole.n_features_in_, whole.differentiable
        self.evaluations, self.lowest, self.lowest_image = 0, np.inf, np.inf
        self.row = self.image = torch.zeros(self.n_features_in_)

    def score(self, x: Tensor) -> Tensor:
        """Return the scores of rows (n, d), (n,)."""
        alone = [x] if self.whole.batch_dependence == "none" else x.split(1)
        differentiable = torch.cat([self.whole(rows) for rows in alone])
        x, scores = x.detach(), differentiable.detach()
        self.evaluations += len(x)
        best = int(scores.argmin())
        if scores[best] < self.lowest:
            self.lowest, self.row = scores[best].item(), x[best].clone()
        inside = torch.where((x.amin(dim=1) >= 0) & (x.amax(dim=1) <= 1), scores, torch.inf)
        best = int(inside.argmin())
        if inside[best] < self.lowest_image:
            self.lowest_image, self.image = inside[best].item(), x[best].clone()
        return differentiable


class Target(NamedTuple):
    """The claimed optimum, and the data that attempts to beat it may use."""

    points: Tensor  # (m, d)
    score: float  # of the points
    train: Tensor  # (n, d)
    spread: float  # of the training scores: the unit in which the gradient's steps are judged
    settings: EvolutionConfig  # of the evolution

    def images(self, n: int, rng: Generator) -> Tensor:
        """Return n training images at random, (n, d)."""
        return self.train[torch.from_numpy(rng.integers(len(self.train), size=n))]

    def starts(self, n: int) -> Tensor:
        """Return the points, repeated in turn, (n, d)."""
        return self.points[torch.arange(n) % len(self.points)].double()


Make = Callable[[CountingScorer, Target, int, Generator], None]  # takes the number of evaluations


class Attempt(NamedTuple):
    """One way to look for a lower score."""

    name: str
    share: float  # of the evaluations; 0 for a fixed set of rows
    knows: bool  # whether it starts from the point
    make: Make


def _training_images(scorer: CountingScorer, target: Target, _count: int, _rng: Generator) -> None:
    for rows in (*target.train.split(CHUNK), target.train.double().mean(dim=0, keepdim=True)):
        scorer(rows)


def in_chunks(make_rows: Callable[[Target, int, Generator], Tensor]) -> Make:
    """Return the attempt that scores rows (n, d), which are made for n at a time."""

    def attempt(scorer: CountingScorer, target: Target, count: int, rng: Generator) -> None:
        for start in range(0, count, CHUNK):
            scorer(make_rows(target, min(CHUNK, count - start), rng))

    return attempt


def _normal_noise(target: Target, n: int, rng: Generator) -> Tensor:
    rows = torch.from_numpy(rng.normal(0.5, 0.5, (n, target.train.shape[1])))
    rows[::2] = rows[::2].clamp(0, 1)
    return rows


def _shuffled_pixels(target: Target, n: int, rng: Generator) -> Tensor:
    images, d = target.train.shape
    return target.train[torch.from_numpy(rng.integers(images, size=(n, d))), torch.arange(d)]


def _blends(target: Target, n: int, rng: Generator) -> Tensor:
    start = target.starts(n)
    weight = torch.from_numpy(np.geomspace(*BLENDS, n)[:, None])
    return start + weight * (target.images(n, rng) - start)


def steps(sigma: float) -> Make:
    """Return the attempt that moves the point by N(0, σ²), half the time in a hundredth of the pixels only."""

    def make_rows(target: Target, n: int, rng: Generator) -> Tensor:
        d = target.train.shape[1]
        step = sigma * rng.normal(size=(n, d))
        sparse = rng.random((len(step[::2]), d)) < SPARSE_SHARE
        sparse[np.arange(len(sparse)), rng.integers(d, size=len(sparse))] = True  # at least one
        step[::2] *= sparse
        return target.starts(n) + torch.from_numpy(step)

    return in_chunks(make_rows)


def gradient(scorer: CountingScorer, target: Target, count: int, rng: Generator) -> None:
    """Descend from the mean, a grey and a noise image, and three training images."""
    images = target.images(3, rng).double()
    noise = torch.from_numpy(rng.random((1, scorer.n_features_in_)))
    mean = target.train.double().mean(dim=0, keepdim=True)
    _descend(scorer, target, count, torch.cat([mean, torch.full_like(mean, 0.5), noise, images]))


def gradient_from_the_point(scorer: CountingScorer, target: Target, count: int, rng: Generator) -> None:
    """Descend from the point plus noise."""
    noise = torch.from_numpy(rng.normal(size=(3, scorer.n_features_in_)))
    _descend(scorer, target, count, target.points[:1] + torch.tensor([[0.001], [0.01], [0.1]]) * noise)


def _descend(scorer: CountingScorer, target: Target, count: int, starts: Tensor) -> None:
    """Run L-BFGS-B from every start (s, d), within [0, 1] and without bounds, up to `count` evaluations in all."""
    if not scorer.differentiable:
        return
    each = max(1, count // (2 * len(starts)))
    options = {"maxfun": each, "maxiter": each, "maxcor": 20, "ftol": 1e-16, "gtol": 1e-14}

    def height(x: np.ndarray) -> tuple[float, np.ndarray]:
        row = torch.from_numpy(x)[None].requires_grad_()
        value = (scorer(row)[0] - target.score) / target.spread
        (slope,) = torch.autograd.grad(value, row)
        return value.item(), slope[0].nan_to_num().numpy().astype(np.float64)

    for start in starts.double().numpy():
        minimize(height, start.clip(0, 1), jac=True, method="L-BFGS-B", bounds=[(0, 1)] * len(start), options=options)
        minimize(height, start, jac=True, method="L-BFGS-B", options=options)


def evolution(
    scorer: CountingScorer, target: Target, count: int, rng: Generator, start: Tensor | None = None, **changes: Any
) -> None:
    """Evolve one population with the book's settings, but the best image survives; from noise, if not from `start`."""
    config = replace(target.settings, n_elites=1, **changes)
    n_generations = max(1, ceil(count / config.population_size) - 1)  # the initial population counts among evaluations
    seeds = [int(rng.integers(2**63))]
    for _ in evolve(scorer, seeds, n_generations=n_generations, config=config, initial_population=start):
        pass


def evolution_from_images(scorer: CountingScorer, target: Target, count: int, rng: Generator) -> None:
    """Evolve from training images, with mutations that shrink."""
    p = target.settings.population_size
    evolution(scorer, target, count, rng, target.images(p, rng), mutation_half_life=max(1, count // p // 4))


def evolution_from_the_point(scorer: CountingScorer, target: Target, count: int, rng: Generator) -> None:
    """Evolve from a mutation about the point, with mutations that are a tenth as large, and without clipping."""
    p, sigma = target.settings.population_size, target.settings.mutation_std
    start = target.starts(p) + torch.from_numpy(sigma * rng.normal(size=(p, scorer.n_features_in_)))
    evolution(scorer, target, count, rng, start, clip=False, mutation_std=sigma / 10)


# Without the descents, which a score without gradient does not get, the shares sum to 1.
ATTEMPTS = (
    Attempt("training images", 0, False, _training_images),  # and their mean
    Attempt("plain greys", 0, False, lambda scorer, *_: scorer(GREYS.repeat(1, scorer.n_features_in_))),
    Attempt(
        "uniform noise", 0.08, False, in_chunks(lambda t, n, rng: torch.from_numpy(rng.random((n, t.train.shape[1]))))
    ),
    Attempt("normal noise", 0.08, False, in_chunks(_normal_noise)),
    Attempt("shuffled pixels", 0.1, False, in_chunks(_shuffled_pixels)),
    Attempt("gradient", 0.06, False, gradient),
    Attempt("evolution from noise", 0.1, False, evolution),
    Attempt("evolution from images", 0.15, False, evolution_from_images),
    Attempt("blends with images", 0.1, True, in_chunks(_blends)),
    Attempt("steps of 0.001", 0.08, True, steps(0.001)),
    Attempt("steps of 0.03", 0.08, True, steps(0.03)),
    Attempt("steps of 0.3", 0.08, True, steps(0.3)),
    Attempt("gradient from the optimum", 0.03, True, gradient_from_the_point),
    Attempt("evolution from the optimum", 0.15, True, evolution_from_the_point),
)
