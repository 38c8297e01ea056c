"""Claims of thesis 6.1.1 on the images that a descent makes of digits, over architectures and trainings."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from anogen.metrics.images import mean_pairwise
from companion.claims.base import Arrays, Case, Comparison, Finding, above, at_least, claim, true
from companion.studies.ensemble import MAJORITY
from companion.studies.images import bootstrap_difference
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE, Architecture
from notebooks.thesis.autoencoder.choice import REPEATED
from notebooks.thesis.autoencoder.claims import DIVERSITY, LOOKS, SMALLER, needs
from notebooks.thesis.autoencoder.variety import DISTANCES, unit
from notebooks.thesis.common.readings import describe, over_readings

PAGE = "autoencoder"
IMAGES, QUALITY, JUDGED = "", "-quality", "-judged"  # ends of the roles
SETS = (*REPEATED, f"{REPEATED[0]}-more")  # of the first, ten trainings
OTHERS = "another architecture, or another rate of the descent"


class Reading(NamedTuple):
    """One way to descend on one training of an architecture: its records, one of each kind, and where it is in them."""

    records: Sequence[Arrays]
    number: int  # of the training in its records
    way: int
    setting: str
    training: int

    def values(self, kind: int, name: str) -> np.ndarray:
        """Return an array of the record of a kind, one row for each of the digits 3 and 4."""
        return np.asarray(self.records[kind][name][:, self.number, self.way])

    def evolved(self, record: Arrays, name: str) -> np.ndarray | None:
        """Return an array of the images evolved on this training, a row for each digit; None if there are none."""
        where = np.flatnonzero(record["numbers"] == self.training)
        own = self.setting.startswith(f"{REPEATED[0]}, ") and len(where)
        return np.asarray(record[name][:, where[0]]) if own else None

    def case(self, *parts: Comparison) -> Case:
        """Return the criterion's case in this reading."""
        return Case(parts, self.setting, self.training)


def needs_architectures(*kinds: str) -> Callable[[], list[Any]]:
    """Return the function that returns the experiments of some kinds, architecture by architecture."""
    return needs(PAGE, *(f"architecture-{name}{kind}" for name in SETS for kind in kinds))


def readings(records: Sequence[Arrays]) -> Iterator[Reading]:
    """Arrange the records that `needs_architectures` names by architecture, way and training."""
    each = len(records) // len(SETS)
    for i, name in enumerate(SETS):
        own, before = records[each * i : each * (i + 1)], Architecture.trainings * (i // len(REPEATED))
        for way, config in enumerate(ADMISSIBLE):
            setting = f"{name.removesuffix('-more')}, {describe(config)}"
            for number in range(Architecture.trainings):
                yield Reading(own, number, way, setting, before + number)


def _well_formed(records: Sequence[Arrays], digit: int) -> Finding:
    cases, row = [], Architecture.normals.index(digit)
    for reading in readings(records):
        looks, votes = (reading.values(0, name)[row] for name in ("normal_looking", "votes"))
        fewest = at_least(f"fewest classifiers, of 4, that recognise a {digit}", votes.min(), MAJORITY)
        cases.append(reading.case(at_least(LOOKS, looks.mean(), 0.8), fewest))
    return over_readings(cases, "detector", flip=OTHERS)


@claim("thesis-c-20", page=PAGE, needs=needs_architectures(JUDGED))
def threes_are_well_formed(*records: Arrays) -> Finding:
    """At least 80% of 16 images normal looking and all recognised as 3, by the ensemble."""
    return _well_formed(records, 3)


@claim("thesis-c-21", page=PAGE, needs=needs_architectures(JUDGED))
def fours_are_well_formed(*records: Arrays) -> Finding:
    """At least 80% of 16 images normal looking and all recognised as 4, by the ensemble."""
    return _well_formed(records, 4)


@claim("thesis-c-14", page=PAGE, needs=needs_architectures(IMAGES, QUALITY, JUDGED))
def descents_end_in_local_minima(*records: Arrays) -> Finding:
    """Over 16 starts the final scores vary by more than 5% and div_ratio exceeds 0.3, for both digits."""
    cases, abnormal = [], []
    for reading in readings(records):
        scores = reading.values(0, "scores")
        varies = above(
            "variation of the final scores (standard deviation over mean)" + SMALLER,
            (scores.std(axis=1) / scores.mean(axis=1)).min(),
            0.05,
        )
        diverse = above(DIVERSITY + SMALLER, reading.values(1, "div_ratio").min(), 0.3)
        cases.append(reading.case(varies, diverse))
        abnormal += (1 - reading.values(2, "normal_looking").mean(axis=1)).tolist()
    measured = {"smallest share not normal looking": min(abnormal), "largest share not normal looking": max(abnormal)}
    return over_readings(cases, "detector", measured, flip=OTHERS)


@claim("thesis-c-22", page=PAGE, needs=lambda: [*needs(PAGE, "variety")(), *needs_architectures(IMAGES)()])
def fours_vary_more_than_threes(variety: Arrays, *records: Arrays) -> Finding:
    """Images of unit norm: fours are farther apart than threes, generated ones and training images."""
    three, four = (dict(zip(DISTANCES, row, strict=True)) for row in variety["distances"])
    real = above("training images: distance of fours minus that of threes", four["unit L2"] - three["unit L2"], 0)
    cases = []
    for reading in readings(records):
        threes, fours = map(unit, reading.values(0, "images"))
        difference = mean_pairwise(fours) - mean_pairwise(threes)
        interval, over = bootstrap_difference(fours, threes, seed=0), f"{len(threes)} images of each digit"
        cases.append(reading.case(real, above("generated images: the same", difference, 0, interval, over)))
    measured = {f"training images, {name}: 3 and 4": f"{three[name]:.3f} and {four[name]:.3f}" for name in DISTANCES}
    return over_readings(cases, "detector", measured, flip=OTHERS)


@claim("thesis-c-23", page=PAGE, needs=needs_architectures(QUALITY, JUDGED))
def the_whole_distribution_is_covered(*records: Arrays) -> Finding:
    """Of the images of either digit 80% look normal; div_ratio >= 0.5; real neighbours in 10 of 16 clusters."""
    cases = []
    for reading in readings(records):
        looks = reading.values(1, "normal_looking").mean(axis=1).min()
        parts = (
            at_least(DIVERSITY + SMALLER, reading.values(0, "div_ratio").min(), 0.5),
            at_least("clusters" + SMALLER, reading.values(0, "clusters").min(), 10),
        )
        cases.append(reading.case(at_least(LOOKS + SMALLER, looks, 0.8), *parts))
    return over_readings(cases, "detector", flip=OTHERS)


@claim("thesis-c-27", page=PAGE, needs=lambda: [*needs(PAGE, "evolved")(), *needs_architectures(JUDGED)()])
def evolution_draws_like_the_gradient(evolved: Arrays, *records: Arrays) -> Finding:
    """Evolved images: 80% look normal, within 20 points of the gradient's share; div_ratio >= 0.5, for both digits.

    Where the gradient's share is below 60%, no share of 80% is within 20 points, and no images were evolved.
    """
    cases = []
    for reading in readings(records):
        by_gradient = reading.values(0, "normal_looking").mean(axis=1)
        looks, diversity = (reading.evolved(evolved, name) for name in ("normal_looking", "old_div_ratio"))
        alike = False
        if looks is not None and diversity is not None:
            shares = looks.mean(axis=1)
            near = np.abs(shares - by_gradient).max() <= 0.2
            alike = bool(shares.min() >= 0.8 and near and diversity.min() >= 0.5)
        enough = at_least(LOOKS + " by descent" + SMALLER, by_gradient.min(), 0.6)
        parts = (enough, true("evolved images are as normal and varied as asked", alike))
        cases.append(Case(parts, reading.setting, reading.training, decidable=looks is not None or not enough.met()))
    measured = {
        "largest share of normal-looking images by evolution": evolved["normal_looking"].mean(axis=2).max(),
        "largest div_ratio by evolution": evolved["old_div_ratio"].max(),
    }
    return over_readings(cases, "optimiser", measured, flip=OTHERS)
