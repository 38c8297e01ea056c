"""Claims of thesis 5.3 and 6.1 on both searches of an autoencoder's images, over latent width, rule and reduction."""

from collections.abc import Callable, Sequence
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
from companion.claims.base import Arrays, Case, Finding, above, below, claim, true
from notebooks.thesis.autoencoder.experiments import LATENT, VARIANTS, WIDTHS
from notebooks.thesis.common.readings import READINGS, over_readings

DIGITS = (3, 4)
POPULATION = 150  # images of a generation
LOOKS, DIVERSITY = "share of normal-looking images", "diversity relative to real images"
SMALLER = ", smaller of the digits'"


def needs(chapter: str, *roles: str, each: Sequence[str] = ()) -> Callable[[], list[Any]]:
    """Return the function that returns a chapter's experiments of roles, in which `*` is each of some texts in turn."""
    names = [role.replace("*", text) for role in roles for text in (each if "*" in role else [""])]
    return lambda: list(map(chapter_experiments(chapter).__getitem__, names))


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
