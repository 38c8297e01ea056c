"""Attempts to score lower than a point that is said to have the lowest score of all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from anogen.generators import EvolutionConfig, evolve
from anogen.scorers import Scorer

CHUNK = 500  # rows that are scored at once
FEW = 0.01  # share of the pixels that a step in few pixels changes
BLENDS = (1e-3, 0.5)  # how far rows go from the point to an image, at least and at most


class Tally(Scorer):
    """A score that counts the rows it is asked about and keeps the lowest, of all rows and of those in [0, 1].

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


class Case(NamedTuple):
    """What an attempt may use."""

    points: Tensor  # (m, d): said to have the lowest score
    score: float  # theirs
    train: Tensor  # (n, d)
    spread: float  # of the training scores: the unit in which the gradient's steps are judged
    settings: EvolutionConfig  # of the evolution


class Attempt(NamedTuple):
    """One way to look for a lower score."""

    name: str
    share: float  # of the evaluations; 0: as many as there are
    knows: bool  # whether it starts from the point
    make: Callable[[Tally, Case, int, np.random.Generator], None]  # takes the number of evaluations


def chunks(count: int) -> Iterator[int]:
    """Split a number of rows into numbers that are scored at once."""
    yield from [CHUNK] * (count // CHUNK) + ([count % CHUNK] if count % CHUNK else [])


def training_images(tally: Tally, case: Case, _count: int, _rng: np.random.Generator) -> None:
    """Score all training images and their mean."""
    for rows in case.train.split(CHUNK):
        tally(rows)
    tally(case.train.double().mean(dim=0, keepdim=True))


def greys(tally: Tally, _case: Case, _count: int, _rng: np.random.Generator) -> None:
    """Score the 256 images of one grey."""
    tally((torch.arange(256, dtype=torch.float64) / 255)[:, None].repeat(1, tally.n_features_in_))


def uniform_noise(tally: Tally, _case: Case, count: int, rng: np.random.Generator) -> None:
    """Score rows of U(0, 1)."""
    for n in chunks(count):
        tally(torch.from_numpy(rng.random((n, tally.n_features_in_))))


def normal_noise(tally: Tally, _case: Case, count: int, rng: np.random.Generator) -> None:
    """Score rows of N(0.5, 0.5²), every other clipped to [0, 1]."""
    for n in chunks(count):
        rows = torch.from_numpy(rng.normal(0.5, 0.5, (n, tally.n_features_in_)))
        rows[::2] = rows[::2].clamp(0, 1)
        tally(rows)


def shuffled_pixels(tally: Tally, case: Case, count: int, rng: np.random.Generator) -> None:
    """Score rows of which each pixel is from another training image."""
    pixels = torch.arange(tally.n_features_in_)
    for n in chunks(count):
        tally(case.train[torch.from_numpy(rng.integers(len(case.train), size=(n, tally.n_features_in_))), pixels])


def blends(tally: Tally, case: Case, count: int, rng: np.random.Generator) -> None:
    """Score rows on the way from the point to training images."""
    for n in chunks(count):
        start = _points(case, n)
        image = case.train[torch.from_numpy(rng.integers(len(case.train), size=n))]
        way = torch.from_numpy(np.geomspace(*BLENDS, n)[:, None])
        tally(start + way * (image - start))


def steps(sigma: float) -> Callable[[Tally, Case, int, np.random.Generator], None]:
    """Return the attempt that moves the point by N(0, σ²), half the time in a hundredth of the pixels only."""

    def attempt(tally: Tally, case: Case, count: int, rng: np.random.Generator) -> None:
        for n in chunks(count):
            step = sigma * rng.normal(size=(n, tally.n_features_in_))
            few = rng.random((len(step[::2]), tally.n_features_in_)) < FEW
            few[np.arange(len(few)), rng.integers(tally.n_features_in_, size=len(few))] = True  # one at least
            step[::2] *= few
            tally(_points(case, n) + torch.from_numpy(step))

    return attempt


def gradient(tally: Tally, case: Case, count: int, rng: np.random.Generator) -> None:
    """Descend from the mean, a grey and a noise image, and three training images."""
    images = case.train[torch.from_numpy(rng.integers(len(case.train), size=3))].double()
    noise = torch.from_numpy(rng.random((1, tally.n_features_in_)))
    mean = case.train.double().mean(dim=0, keepdim=True)
    _descend(tally, case, count, torch.cat([mean, torch.full_like(mean, 0.5), noise, images]))


def gradient_from_the_point(tally: Tally, case: Case, count: int, rng: np.random.Generator) -> None:
    """Descend from beside the point."""
    noise = torch.from_numpy(rng.normal(size=(3, tally.n_features_in_)))
    _descend(tally, case, count, case.points[:1] + torch.tensor([[0.001], [0.01], [0.1]]) * noise)


def _descend(tally: Tally, case: Case, count: int, starts: Tensor) -> None:
    """Run L-BFGS-B from every start (s, d), within [0, 1] and without bounds, up to `count` evaluations in all."""
    if not tally.differentiable:
        return
    each = max(1, count // (2 * len(starts)))
    options = {"maxfun": each, "maxiter": each, "maxcor": 20, "ftol": 1e-16, "gtol": 1e-14}

    def height(x: np.ndarray) -> tuple[float, np.ndarray]:
        row = torch.from_numpy(x)[None].requires_grad_()
        value = (tally(row)[0] - case.score) / case.spread
        (slope,) = torch.autograd.grad(value, row)
        return value.item(), slope[0].nan_to_num().numpy().astype(np.float64)

    for start in starts.double().numpy():
        minimize(height, start.clip(0, 1), jac=True, method="L-BFGS-B", bounds=[(0, 1)] * len(start), options=options)
        minimize(height, start, jac=True, method="L-BFGS-B", options=options)


def evolution_from_noise(tally: Tally, case: Case, count: int, rng: np.random.Generator) -> None:
    """Evolve as everywhere in this book, but the best image survives."""
    _evolve(tally, count, replace(case.settings, n_elites=1), rng)


def evolution_from_images(tally: Tally, case: Case, count: int, rng: np.random.Generator) -> None:
    """Evolve from training images, with mutations that shrink."""
    p = case.settings.population_size
    start = case.train[torch.from_numpy(rng.integers(len(case.train), size=p))]
    settings = replace(case.settings, n_elites=1, mutation_half_life=max(1, count // p // 4))
    _evolve(tally, count, settings, rng, start)


def evolution_from_the_point(tally: Tally, case: Case, count: int, rng: np.random.Generator) -> None:
    """Evolve from a mutation about the point, with mutations that are a tenth as large, and without clipping."""
    p, sigma = case.settings.population_size, case.settings.mutation_std
    start = _points(case, p) + torch.from_numpy(sigma * rng.normal(size=(p, tally.n_features_in_)))
    _evolve(tally, count, replace(case.settings, n_elites=1, clip=False, mutation_std=sigma / 10), rng, start)


def _evolve(
    tally: Tally, count: int, settings: EvolutionConfig, rng: np.random.Generator, start: Tensor | None = None
) -> None:
    """Evolve one population; the first one is scored, too."""
    generations = max(1, ceil(count / settings.population_size) - 1)
    for _ in evolve(
        tally, [int(rng.integers(2**63))], n_generations=generations, config=settings, initial_population=start
    ):
        pass


def _points(case: Case, n: int) -> Tensor:
    """Return n times one of the points, in turn, (n, d)."""
    return case.points[torch.arange(n) % len(case.points)].double()


# A score that has no gradient is given no descents, and the others' shares are 1 in all without them.
ATTEMPTS = (
    Attempt("training images", 0, False, training_images),
    Attempt("plain greys", 0, False, greys),
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
