"""Measures of detectors for the claims of the tailored paper, and its claims on both data sets, judged on both.

Digits must meet the criterion. The GAN of colour images is far smaller than the paper's, so that its failure does not
decide. Without records in colour, digits alone are judged, and a criterion that they meet stays open.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim
from notebooks.tailored.common.scores import COLOUR_SETS, DIGIT_SETS

GAN, MNIST, CIFAR = "tailored-gan", "tailored-mnist", "tailored-cifar"
NAMES = ("MNIST", "CIFAR-10")


def needs(page: str, *roles: str) -> Callable[[], list[Any]]:
    """Return the experiments of some roles of a chapter."""
    return lambda: [chapter_experiments(page)[role] for role in roles]


def measure(record: Arrays, key: str, name: str, level: int | None = None) -> float:
    """Return a measure of a set in percent, mean over the detectors; `level` 0 or 1 of the two thresholds."""
    values = record[key][:, record["names"].tolist().index(name)]
    return float(100 * (values if level is None else values[:, level]).mean())


def change_of(
    key: str, before: Arrays, after: Arrays, names: Iterable[str], level: int | None = None
) -> dict[str, float]:
    """Return by how much a measure of some sets differs between two records, in points."""
    return {name: measure(after, key, name, level) - measure(before, key, name, level) for name in names}


def sets_of(record: Arrays) -> tuple[str, ...]:
    """Return the names of a record's sets of real anomalies and noise."""
    return DIGIT_SETS if set(DIGIT_SETS) <= set(record["names"].tolist()) else COLOUR_SETS


def label(what: str, values: Mapping[str, float]) -> dict[str, Number]:
    """Return values by `what` and their names."""
    return {f"{what}, {name}": value for name, value in values.items()}


def able(record: Arrays) -> bool:
    """Tell whether detectors tell near anomalies from real images: an AUROC of at least 95, as the paper's have."""
    return measure(record, "auroc", "near") >= 95


def judge_in_part(holds: bool, measured: Mapping[str, Number], cause: str = "detector") -> Finding:
    """Judge a criterion of which a part could not be measured: a failure without it decides, the rest is open."""
    return Finding(None if holds else False, measured, "data" if holds else cause)


def decide(met: Sequence[bool], measured: Mapping[str, Number]) -> Finding:
    """Decide a criterion on digits and, if they are there, colour images."""
    digits, *colour = met
    holds = False if not digits else (True if any(colour) else None)
    return Finding(holds, measured, "scale" if digits else "detector")


def on_both(id_: str, *roles: str) -> Callable[[Callable[..., tuple[bool, Mapping[str, Number]]]], Any]:
    """Register a function that judges the records of one data set: whether they meet the criterion, and the numbers."""

    def register(function: Callable[..., tuple[bool, Mapping[str, Number]]]) -> Callable[..., Finding]:
        @claim(id_, page=MNIST, needs=lambda: needs(MNIST, *roles)() + needs(CIFAR, *roles)())
        @wraps(function)
        def check(*records: Arrays) -> Finding:
            met, measured = [], dict[str, Number]()
            for i, name in zip(range(0, len(records), len(roles)), NAMES, strict=False):
                holds, numbers = function(*records[i : i + len(roles)])
                met.append(bool(holds))
                measured |= {f"{key}, {name}": value for key, value in numbers.items()}
            return decide(met, measured)

        return check

    return register


@claim("tailored-c-17", page=GAN, needs=lambda: needs(GAN, "classifier")() + needs(CIFAR, "classifier")())
def accuracy_of_the_classifiers(*records: Arrays) -> Finding:
    """Within 1 point of 98.27% on MNIST, or above, and within 2 of 94.77% on CIFAR-10, whose classifier is narrower."""
    measured = {name: float(record["accuracy"]) for name, record in zip(NAMES, records, strict=False)}
    return decide([value >= low for value, low in zip(measured.values(), (0.9727, 0.9277), strict=False)], measured)


@on_both("tailored-c-28", "generated")
def an_unseen_band_is_recognised(record: Arrays) -> tuple[bool, Mapping[str, Number]]:
    """AUROC >= 95 for [6, 7]."""
    return able(record), {"AUROC": measure(record, "auroc", "near")}


@on_both("tailored-c-30", "generated")
def all_noise_is_recognised(record: Arrays) -> tuple[bool, Mapping[str, Number]]:
    """Accuracy 100.00 at both thresholds, for uniform and Gaussian noise."""
    lowest = min(measure(record, "accuracy", name, level) for name in ("uniform", "gaussian") for level in (0, 1))
    return lowest >= 99.995, {"lowest": lowest}


@on_both("tailored-c-32", "generated")
def data_sets_are_easier_than_near_anomalies(record: Arrays) -> tuple[bool, Mapping[str, Number]]:
    """More than half of the sets have an accuracy at 95% above that of [6, 7].

    In colour it counts only if near anomalies, for which the detector was trained, are recognised at all.
    """
    near, sets = measure(record, "accuracy", "near", 0), sets_of(record)
    above = sum(measure(record, "accuracy", name, 0) > near for name in sets)
    met = above > len(sets) / 2 and (sets is DIGIT_SETS or able(record))
    return met, {"accuracy of [6, 7]": near, "sets above it": above, "of": len(sets)}


@on_both("tailored-c-38", "generated", "real")
def real_samples_change_little(fakes: Arrays, real: Arrays) -> tuple[bool, Mapping[str, Number]]:
    """Accepted real images differ by less than 1.5 points at both thresholds."""
    change = 100 * (real["accepted"].mean(axis=0) - fakes["accepted"].mean(axis=0))
    return np.abs(change).max() < 1.5, {"change at 95%": change[0], "at 99%": change[1]}


@on_both("tailored-c-41", "generated", "real")
def real_samples_are_slightly_better(fakes: Arrays, real: Arrays) -> tuple[bool, Mapping[str, Number]]:
    """Mean AUROC over the sets of anomalies: a gain of 0 to 5 points."""
    before, after = (
        float(np.mean([measure(record, "auroc", name) for name in sets_of(record)])) for record in (fakes, real)
    )
    return 0 <= after - before <= 5, {"mean AUROC, fakes": before, "real": after}
