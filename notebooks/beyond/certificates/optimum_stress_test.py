"""Stress test of an optimum: attempts to score lower than a point that is claimed to have the lowest score."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from anogen.generators.evolution import EvolutionConfig, evolve
from anogen.scorers import Scorer

CHUNK = 500  # rows that are scored at once
SPARSE_SHARE = 0.01  # of the pixels, that a sparse step changes
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
        scores = torch.cat([self.whole(rows) for rows in alone])
        self._note(x.detach(), scores.detach())
        return scores

    def _note(self, x: Tensor, scores: Tensor) -> None:
        self.evaluations += len(x)
        best = int(scores.argmin())
        if scores[best] < self.lowest:
            self.lowest, self.row = scores[best].item(), x[best].clone()
        inside = torch.where((x.amin(dim=1) >= 0) & (x.amax(dim=1) <= 1), scores, torch.inf)
        best = int(inside.argmin())
        if inside[best] < self.lowest_image:
            self.lowest_image, self.image = inside[best].item(), x[best].clone()


class Target(NamedTuple):
    """The claimed optimum, and the data that attempts to beat it may use."""

    points: Tensor  # (m, d)
    score: float  # of the points
    train: Tensor  # (n, d)
    spread: float  # of the training scores: the unit in which the gradient's steps are judged
    settings: EvolutionConfig  # of the evolution


class Attempt(NamedTuple):
    """One way to look for a lower score."""

    name: str
    share: float  # of the evaluations; 0 for a fixed set of rows
    knows: bool  # whether it starts from the point
    make: Callable[[CountingScorer, Target, int, np.random.Generator], None]  # takes the number of evaluations


def chunks(count: int) -> Iterator[int]:
    """Split a number of rows into the sizes of the chunks that are scored at once."""
    yield from [CHUNK] * (count // CHUNK) + ([count % CHUNK] if count % CHUNK else [])


def training_images(scorer: CountingScorer, target: Target, _count: int, _rng: np.random.Generator) -> None:
    """Score all training images and their mean."""
    for rows in target.train.split(CHUNK):
        scorer(rows)
    scorer(target.train.double().mean(dim=0, keepdim=True))


def uniform_greys(scorer: CountingScorer, _target: Target, _count: int, _rng: np.random.Generator) -> None:
    """Score the 256 images of one grey."""
    scorer((torch.arange(256, dtype=torch.float64) / 255)[:, None].repeat(1, scorer.n_features_in_))


def uniform_noise(scorer: CountingScorer, _target: Target, count: int, rng: np.random.Generator) -> None:
    """Score rows of U(0, 1)."""
    for n in chunks(count):
        scorer(torch.from_numpy(rng.random((n, scorer.n_features_in_))))


def normal_noise(scorer: CountingScorer, _target: Target, count: int, rng: np.random.Generator) -> None:
    """Score rows of N(0.5, 0.5²), every other clipped to [0, 1]."""
    for n in chunks(count):
        rows = torch.from_numpy(rng.normal(0.5, 0.5, (n, scorer.n_features_in_)))
        rows[::2] = rows[::2].clamp(0, 1)
        scorer(rows)


def shuffled_pixels(scorer: CountingScorer, target: Target, count: int, rng: np.random.Generator) -> None:
    """Score rows whose pixels come from different training images."""
    pixels = torch.arange(scorer.n_features_in_)
    for n in chunks(count):
        scorer(target.train[torch.from_numpy(rng.integers(len(target.train), size=(n, scorer.n_features_in_))), pixels])


def blends(scorer: CountingScorer, target: Target, count: int, rng: np.random.Generator) -> None:
    """Score rows between the point and training images."""
    for n in chunks(count):
        start = _points(target, n)
        image = target.train[torch.from_numpy(rng.integers(len(target.train), size=n))]
        weight = torch.from_numpy(np.geomspace(*BLENDS, n)[:, None])
        scorer(start + weight * (image - start))


def steps(sigma: float) -> Callable[[CountingScorer, Target, int, np.random.Generator], None]:
    """Return the attempt that moves the point by N(0, σ²), half the time in a hundredth of the pixels only."""

    def attempt(scorer: CountingScorer, target: Target, count: int, rng: np.random.Generator) -> None:
        for n in chunks(count):
            step = sigma * rng.normal(size=(n, scorer.n_features_in_))
            sparse = rng.random((len(step[::2]), scorer.n_features_in_)) < SPARSE_SHARE
            sparse[np.arange(len(sparse)), rng.integers(scorer.n_features_in_, size=len(sparse))] = True  # at least one
            step[::2] *= sparse
            scorer(_points(target, n) + torch.from_numpy(step))

    return attempt


def gradient(scorer: CountingScorer, target: Target, count: int, rng: np.random.Generator) -> None:
    """Descend from the mean, a grey and a noise image, and three training images."""
    images = target.train[torch.from_numpy(rng.integers(len(target.train), size=3))].double()
    noise = torch.from_numpy(rng.random((1, scorer.n_features_in_)))
    mean = target.train.double().mean(dim=0, keepdim=True)
    _descend(scorer, target, count, torch.cat([mean, torch.full_like(mean, 0.5), noise, images]))


def gradient_from_the_point(scorer: CountingScorer, target: Target, count: int, rng: np.random.Generator) -> None:
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


def evolution_from_noise(scorer: CountingScorer, target: Target, count: int, rng: np.random.Generator) -> None:
    """Evolve with the book's settings, but the best image survives."""
    _evolve(scorer, count, replace(target.settings, n_elites=1), rng)


def evolution_from_images(scorer: CountingScorer, target: Target, count: int, rng: np.random.Generator) -> None:
    """Evolve from training images, with mutations that shrink."""
    p = target.settings.population_size
    start = target.train[torch.from_numpy(rng.integers(len(target.train), size=p))]
    settings = replace(target.settings, n_elites=1, mutation_half_life=max(1, count // p // 4))
    _evolve(scorer, count, settings, rng, start)


def evolution_from_the_point(scorer: CountingScorer, target: Target, count: int, rng: np.random.Generator) -> None:
    """Evolve from a mutation about the point, with mutations that are a tenth as large, and without clipping."""
    p, sigma = target.settings.population_size, target.settings.mutation_std
    start = _points(target, p) + torch.from_numpy(sigma * rng.normal(size=(p, scorer.n_features_in_)))
    _evolve(scorer, count, replace(target.settings, n_elites=1, clip=False, mutation_std=sigma / 10), rng, start)


def _evolve(
    scorer: CountingScorer, count: int, settings: EvolutionConfig, rng: np.random.Generator, start: Tensor | None = None
) -> None:
    """Evolve one population; the initial one counts among the evaluations."""
    generations = max(1, ceil(count / settings.population_size) - 1)
    for _ in evolve(
        scorer, [int(rng.integers(2**63))], n_generations=generations, config=settings, initial_population=start
    ):
        pass


def _points(target: Target, n: int) -> Tensor:
    """Return the points, repeated in turn, (n, d)."""
    return target.points[torch.arange(n) % len(target.points)].double()


# Without the descents, which a score without gradient does not get, the shares sum to 1.
ATTEMPTS = (
    Attempt("training images", 0, False, training_images),
    Attempt("plain greys", 0, False, uniform_greys),
    Attempt("uniform noise", 0.08, False, uniform_noise),
    Attempt("normal noise", 0.08, False, normal_noise),
    Attempt("shuffled pixels", 0.1, False, shuffled_pixels),
    Attempt("gradient", 0.06, False, gradient),
    Attempt("evolution from noise", 0.1, False, evolution_from_noise),
    Attempt("evolution from images", 0.15, False, evolution_from_images),
    Attempt("blends with images", 0.1, True, blends),
    Attempt("steps of 0.001", 0.08, True, steps(0.001)),
    Attempt("steps of 0.03", 0.08, True, steps(0.03)),
    Attempt("steps of 0.3", 0.08, True, steps(0.3)),
    Attempt("gradient from the optimum", 0.03, True, gradient_from_the_point),
    Attempt("evolution from the optimum", 0.15, True, evolution_from_the_point),
)
