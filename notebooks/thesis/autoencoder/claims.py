"""Claims of thesis 5.3 and 6.1 on both searches of an autoencoder's images, over latent width, rule and reduction."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import torch

from anogen.errors import InputError
from anogen.generators.gradient import descend
from anogen.scorers import Scorer
from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Case, Finding, above, at_least, at_most, below, claim, true
from notebooks.thesis.autoencoder.experiments import LATENT, VARIANTS, WIDTHS
from notebooks.thesis.common.readings import READINGS, over_readings

DIGITS = (3, 4)
POPULATION = 150  # images of a generation
SHOWN = 16  # images in figures 6.1 and 6.2, which the criteria name
LOOKS, DIVERSITY = "share of normal-looking images", "div_ratio"
SMALLER = ", smaller of the digits'"
SEEDS = "five trainings for each digit and width"


def needs(chapter: str, *roles: str, each: Sequence[str] = ()) -> Callable[[], list[Any]]:
    """Return the function that returns a chapter's experiments of roles, in which `*` is each of some texts in turn."""
    names = [role.replace("*", text) for role in roles for text in (each if "*" in role else [""])]
    return lambda: list(map(chapter_experiments(chapter).__getitem__, names))


def measure_all(records: Iterable[Any], measure: Callable[[Any], Any], shape: tuple[int, ...]) -> np.ndarray:
    """Return a measure of every record as one array, of the shape in which the records are arranged."""
    values = np.array([measure(record) for record in records])
    return values.reshape(*shape, *values.shape[1:])


SUFFIXES = [f"{d}" if w == LATENT else f"{d}-latent-{w}" for d, w in product(DIGITS, WIDTHS)]
EACH = len(SUFFIXES)  # records of a role
_needs = partial(needs, "autoencoder", each=SUFFIXES)


class _PiecewiseConstant(Scorer):
    """A score without a gradient, as trees and histograms have."""

    n_features_in_ = 1

    def score(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, 0].round()


@claim("thesis-c-15", page="autoencoder", needs=_needs("gradient-*"))
def descent_needs_a_gradient_and_a_rate(*records: Arrays) -> Finding:
    """A detector without a gradient is rejected; the final score differs by more than 10% between learning rates.

    On the autoencoders of both digits and all widths, each a training of its own, by plain steps on the sum at 0.001,
    0.01 and 0.1.
    """
    rejected = True
    with suppress(InputError):
        next(descend(_PiecewiseConstant(), torch.zeros(1, 1)))
        rejected = False
    rates = [i for i, v in enumerate(VARIANTS) if (v.rule, v.reduction) == ("plain", "sum")]
    cases = []
    for training, record in enumerate(records):
        final = record["scores"][rates].mean(axis=1)
        quantity = "smallest final score of the three rates, relative to the largest"
        differs = below(quantity, final.min() / final.max(), 1 / 1.1)
        parts = (differs, true("a detector without a gradient is rejected", rejected))
        cases.append(Case(parts, "plain steps on the sum, both digits, four widths", training))
    return over_readings(cases, "optimiser")


@claim("thesis-c-27", page="autoencoder", needs=_needs("gradient-*-quality", "evolution-*-quality"))
def evolution_draws_like_the_gradient(*records: Arrays) -> Finding:
    """Evolved images: 80% look normal, within 20 points of the gradient's share; div_ratio >= 0.5, for both digits.

    There is one training of each width, and no other architecture was evolved.
    """
    cases = []
    for width in sorted(WIDTHS, key=lambda width: (width != LATENT, width)):
        number = WIDTHS.index(width)
        digits = [(records[i], records[EACH + i]) for i in (number, len(WIDTHS) + number)]
        looks = [float(evolved["normal_looking"].mean()) for _, evolved in digits]
        diversity = min(float(evolved["div_ratio"]) for _, evolved in digits)
        for way, name, admissible in READINGS:
            by_gradient = [float(descended["normal_looking"][way].mean()) for descended, _ in digits]
            distance = max(abs(a - b) for a, b in zip(looks, by_gradient, strict=True))
            parts = (
                at_least(LOOKS + " by evolution" + SMALLER, min(looks), 0.8),
                at_most("difference from the gradient's share, larger of the digits'", distance, 0.2),
                at_least(DIVERSITY + " by evolution" + SMALLER, diversity, 0.5),
            )
            cases.append(Case(parts, f"width {width}, {name}", 0, admissible))
    return over_readings(cases, "optimiser", flip=SEEDS)


@claim("thesis-c-18", page="search-settings", needs=_needs("gradient-*", "evolution-*"))
def evolution_is_expensive(*records: Arrays) -> Finding:
    """Images scored until the evolution is within 5% of the gradient's median score: more than 100 for each step.

    A run counts with its first logged generation within 5%, and with all of its generations if it never gets there. The
    autoencoders of both digits and all widths are trainings of their own.
    """
    cases, never = [], 0
    for way, name, admissible in READINGS:
        for training, (gradient, evolution) in enumerate(zip(records[:EACH], records[EACH:], strict=True)):
            logged = evolution["history_generations"]
            reached = evolution["history"] <= 1.05 * np.median(gradient["scores"][way])
            generations = np.where(reached.any(axis=1), logged[reached.argmax(axis=1)], logged[-1])
            ratio = float(np.median(generations)) * POPULATION / float(gradient["history_iterations"][-1])
            part = above("images scored for each gradient step", ratio, 100)
            cases.append(Case((part,), f"{name}, both digits, four widths", training, admissible))
            never += admissible and not reached.any()
    measured = {"admissible comparisons in which no run got there": int(never)}
    return over_readings(cases, "optimiser", measured)
