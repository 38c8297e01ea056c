"""Claims of thesis 6.1 on an autoencoder's images, over what it leaves open: latent width, rule and reduction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import torch

from anogen.errors import InputError
from anogen.generators.gradient import descend
from anogen.metrics.images import mean_pairwise
from anogen.scorers import Scorer
from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Case, Finding, above, at_least, at_most, below, claim, true
from companion.studies.images import bootstrap_difference
from notebooks.thesis.autoencoder.experiments import LATENT, VARIANTS, WIDTHS
from notebooks.thesis.autoencoder.variety import DISTANCES, unit
from notebooks.thesis.common.descent import WAYS
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


class Reading(NamedTuple):
    """An autoencoder of either digit and a way to descend on it: their records, one for each role, and its name."""

    three: Sequence[Arrays]
    four: Sequence[Arrays]
    way: int
    setting: str
    training: int
    admissible: bool

    def smaller(self, measure: Callable[..., float]) -> float:
        """Return the smaller of the digits' values of a measure of their records."""
        return min(measure(*self.three), measure(*self.four))

    def case(self, *parts: Any) -> Case:
        """Return the criterion's case in this reading."""
        return Case(parts, self.setting, self.training, self.admissible)


def readings(records: Sequence[Arrays]) -> Iterator[Reading]:
    """Arrange the records of some roles by width and way, the primary reading first.

    There is one training of each width; the records of others, or of other architectures, are to be added here.
    """
    roles = [records[i : i + EACH] for i in range(0, len(records), EACH)]
    for width in sorted(WIDTHS, key=lambda width: (width != LATENT, width)):
        number = WIDTHS.index(width)
        three, four = ([role[first + number] for role in roles] for first in (0, len(WIDTHS)))
        for way, name, admissible in READINGS:
            yield Reading(three, four, way, f"width {width}, {name}", 0, admissible)


def _looks(quality: Arrays, way: int, count: int | None = None) -> float:
    """Return the share of normal-looking images among the first ones of a way to descend."""
    return float(quality["normal_looking"][way, :count].mean())


def _well_formed(records: Sequence[Arrays], digit: int) -> Finding:
    cases = []
    for reading in readings(records):
        (quality,), way = reading.four if digit == DIGITS[1] else reading.three, reading.way
        recognised = bool((quality["predicted"][way, :SHOWN] == digit).all())
        looks = at_least(LOOKS, _looks(quality, way, SHOWN), 0.8)
        cases.append(reading.case(looks, true(f"all 16 are classified as {digit}", recognised)))
    first = DIGITS.index(digit) * len(WIDTHS)
    elsewhere = max(q["normal_looking"][len(WAYS) :, :SHOWN].mean(axis=1).max() for q in records[first:][: len(WIDTHS)])
    cause = "optimiser" if elsewhere >= 0.8 else "detector"  # the same detectors, another rate
    return over_readings(cases, cause, {"largest share at other rates": elsewhere}, flip=SEEDS)


@claim("thesis-c-20", page="autoencoder", needs=_needs("gradient-*-quality"))
def threes_are_well_formed(*records: Arrays) -> Finding:
    """At least 80% of 16 images normal looking and all classified as 3."""
    return _well_formed(records, 3)


@claim("thesis-c-21", page="autoencoder", needs=_needs("gradient-*-quality"))
def fours_are_well_formed(*records: Arrays) -> Finding:
    """At least 80% of 16 images normal looking and all classified as 4."""
    return _well_formed(records, 4)


@claim("thesis-c-14", page="autoencoder", needs=_needs("gradient-*", "gradient-*-quality"))
def descents_end_in_local_minima(*records: Arrays) -> Finding:
    """Over 16 starts the final scores vary by more than 5% and div_ratio exceeds 0.3, for both digits."""
    cases, abnormal = [], []
    for reading in readings(records):
        way = reading.way

        def variation(search: Arrays, _: Arrays, way: int = way) -> float:
            scores = search["scores"][way, :SHOWN]
            return float(scores.std() / scores.mean())

        def diversity(search: Arrays, quality: Arrays, way: int = way) -> float:
            return mean_pairwise(search["images"][way, :SHOWN].astype(float)) / float(quality["pairwise"])

        varies = above(
            "variation of the final scores (standard deviation over mean)" + SMALLER, reading.smaller(variation), 0.05
        )
        cases.append(reading.case(varies, above(DIVERSITY + SMALLER, reading.smaller(diversity), 0.3)))
        if reading.admissible:
            abnormal += [1 - _looks(quality, way, SHOWN) for _, quality in (reading.three, reading.four)]
    measured = {"smallest share not normal looking": min(abnormal), "largest share not normal looking": max(abnormal)}
    return over_readings(cases, "detector", measured, flip=SEEDS)


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


@claim("thesis-c-22", page="autoencoder", needs=_needs("variety", "gradient-*"))
def fours_vary_more_than_threes(variety: Arrays, *records: Arrays) -> Finding:
    """Images of unit norm: fours are farther apart than threes, generated ones and training images."""
    three, four = (dict(zip(DISTANCES, row, strict=True)) for row in variety["distances"])
    real = above("training images: distance of fours minus that of threes", four["unit L2"] - three["unit L2"], 0)
    cases = []
    for reading in readings(records):
        (threes,), (fours,) = (
            [unit(search["images"][reading.way]) for search in searches] for searches in (reading.three, reading.four)
        )
        difference = mean_pairwise(fours) - mean_pairwise(threes)
        interval, over = bootstrap_difference(fours, threes, seed=0), f"{len(threes)} images of each digit"
        cases.append(reading.case(real, above("generated images: the same", difference, 0, interval, over)))
    measured = {f"training images, {name}: 3 and 4": f"{three[name]:.3f} and {four[name]:.3f}" for name in DISTANCES}
    return over_readings(cases, "detector", measured, flip=SEEDS)


@claim("thesis-c-23", page="autoencoder", needs=_needs("gradient-*-quality"))
def the_whole_distribution_is_covered(*records: Arrays) -> Finding:
    """Of 32 images of either digit 80% look normal; div_ratio >= 0.5; real neighbours in 10 of 16 clusters."""
    cases = []
    for reading in readings(records):
        looks, diversity, clusters = (
            reading.smaller(lambda quality, key=key, way=reading.way: float(quality[key][way].mean()))
            for key in ("normal_looking", "div_ratio", "clusters")
        )
        parts = (at_least(DIVERSITY + SMALLER, diversity, 0.5), at_least("clusters" + SMALLER, clusters, 10))
        cases.append(reading.case(at_least(LOOKS + SMALLER, looks, 0.8), *parts))
    return over_readings(cases, "detector", flip=SEEDS)


@claim("thesis-c-27", page="autoencoder", needs=_needs("gradient-*-quality", "evolution-*-quality"))
def evolution_draws_like_the_gradient(*records: Arrays) -> Finding:
    """Evolved images: 80% look normal, within 20 points of the gradient's share; div_ratio >= 0.5, for both digits."""
    cases = []
    for reading in readings(records):
        looks = reading.smaller(lambda _, evolved: float(evolved["normal_looking"].mean()))
        diversity = reading.smaller(lambda _, evolved: float(evolved["div_ratio"]))
        distance = max(
            float(abs(evolved["normal_looking"].mean() - _looks(descended, reading.way)))
            for descended, evolved in (reading.three, reading.four)
        )
        parts = (
            at_least(LOOKS + " by evolution" + SMALLER, looks, 0.8),
            at_most("difference from the gradient's share, larger of the digits'", distance, 0.2),
            at_least(DIVERSITY + " by evolution" + SMALLER, diversity, 0.5),
        )
        cases.append(reading.case(*parts))
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
