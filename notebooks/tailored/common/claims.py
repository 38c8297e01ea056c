"""The premise of the tailored paper's claims, measures of its detectors, and the claims on both data sets.

The paper trains detectors on a generator's images in the place of real ones. A claim about these detectors can only be
judged with a generator that has learned, which `premise` tests; until then it is inconclusive, and its numbers are
shown. The trainings of such a claim are the detectors; all of a data set are trained on one generator.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import (
    Arrays,
    Case,
    Comparison,
    Finding,
    Number,
    above,
    at_least,
    at_most,
    below,
    claim,
    true,
)
from notebooks.tailored.common.omniglot import INVERTED, BothWays, distributed
from notebooks.tailored.common.scores import COLOUR_SETS, DIGIT_SETS

GAN, MNIST, CIFAR = "tailored-gan", "tailored-mnist", "tailored-cifar"
Part = tuple[Callable[[str, float, float], Comparison], str, np.ndarray, float]  # comparison, quantity, (T,), threshold
Check = Callable[..., Finding]
Cases = Callable[..., tuple[Case, ...]]

# Omniglot is distributed black on white; the paper does not say whether it was inverted, as digits are.
OMNIGLOT = {"Omniglot as distributed, black on white": "omniglot", "Omniglot inverted, white on black": INVERTED}
# Bars that a generator must reach before its images can replace real ones, fixed before one was trained:
CLASS_ACCURACY = {"MNIST": 95.0, "CIFAR-10": 60.0}  # percent of the fakes that get their class, at least
REAL_AGAINST_FAKES = 65.0  # AUROC of a detector trained on real images, at most; 50 if it cannot tell them apart
NEARNESS = 0.7  # coverage and density of the fakes, as shares of those of as many real images, at least


class Premise(NamedTuple):
    """The experiments that tell whether the generator of a page has learned."""

    data: str
    fakes: tuple[str, str]  # page and role of the experiment on the fakes
    labelled: str  # its share of fakes that get their class; in colour, by the classifier that was trained with
    real: tuple[str, str]  # of detectors that were trained on real images and near anomalies
    likeness: tuple[str, ...] = ("coverage", "density")  # of the fakes among real images, where it was measured


PREMISES = {
    GAN: Premise("MNIST", (GAN, "progress"), "labelled", (GAN, "real")),
    MNIST: Premise("MNIST", (GAN, "progress"), "labelled", (GAN, "real")),  # the same generator
    CIFAR: Premise("CIFAR-10", (CIFAR, "samples"), "hit", (CIFAR, "real"), likeness=()),
}
ONE_CLASSIFIER = "one training: four more on digits would take 8 minutes"
ONE_GENERATOR = "one generator: four more of the printed size would take 8 to 16 hours on two processors"


def needs(page: str, *roles: str, both_ways: bool = False) -> Callable[[], list[Any]]:
    """Return the experiments of some roles of a chapter; `both_ways`, also those on Omniglot as distributed."""
    every = [*roles, *(distributed(role) for role in roles if both_ways)]
    return lambda: [chapter_experiments(page)[role] for role in every]


def join(records: Sequence[Arrays], *, both_ways: bool) -> Sequence[Arrays]:
    """Return the records of `needs`, each joined with that on Omniglot as distributed."""
    half = len(records) // 2
    return list(map(BothWays, records[:half], records[half:])) if both_ways else records


def learned(page: str, fakes: Arrays, real: Arrays) -> dict[str, Comparison]:
    """Return how far the generator of a page has learned, each measure with its bar, by the name of the measure."""
    stated = PREMISES[page]
    shares = {key: float(fakes[key] / fakes[f"ceiling_{key}"]) for key in stated.likeness}
    return {
        "label": at_least("fakes that get their class, in percent", 100 * float(np.mean(fakes[stated.labelled])),
                          CLASS_ACCURACY[stated.data]),
        **{key: at_least(f"{key} as a share of that of real images", share, NEARNESS) for key, share in shares.items()},
        "auroc": at_most("AUROC of real images against fakes, by detectors trained on real images",
                         float(measure(real, "auroc", "fakes").mean()), REAL_AGAINST_FAKES),
    }  # fmt: skip


def premise(page: str, fakes: Arrays, real: Arrays) -> str:
    """Return the bars that a generator misses, with numbers; empty if its images can replace real ones."""
    lacking = [
        f"{bar.quantity}: {bar.value:.3g} ({bar.criterion})"
        for bar in learned(page, fakes, real).values()
        if not bar.met()
    ]
    return f"the generator of {PREMISES[page].data} has not learned: {'; '.join(lacking)}" if lacking else ""


def premise_needs(page: str) -> list[Any]:
    """Return the experiments whose records `premise` tests."""
    stated = PREMISES[page]
    return [*needs(*stated.fakes)(), *needs(*stated.real)()]


def on_fakes(
    id_: str, page: str, *roles: str, generator: str = "", both_ways: bool = False
) -> Callable[[Check], Check]:
    """Register a claim on what a generator makes, or on what is trained on it; inconclusive if the premise fails.

    The generator is that of `page` or of the page `generator`.
    """
    owner = generator or page

    def register(function: Check) -> Check:
        @claim(id_, page=page, needs=lambda: [*premise_needs(owner), *needs(page, *roles, both_ways=both_ways)()])
        @wraps(function)
        def check(fakes: Arrays, real: Arrays, *records: Arrays) -> Finding:
            lacking, finding = premise(owner, fakes, real), function(*join(records, both_ways=both_ways))
            limits = "; ".join(filter(None, (lacking, finding.limits)))
            return replace(finding, limits=limits, cause="scale" if lacking else finding.cause)

        return function

    return register


def on_both(id_: str, *roles: str, both_ways: bool = False) -> Callable[[Cases], Cases]:
    """Register a function that returns the cases of one data set; those of a generator that has not learned are shown.

    `both_ways` is about digits: their records are joined with those on Omniglot as distributed.
    """
    pages = {MNIST: both_ways, CIFAR: False}

    def needed() -> list[Any]:
        own = {page: needs(page, *roles, both_ways=ways)() for page, ways in pages.items()}
        return [one for page in pages for one in (*premise_needs(page), *own[page])]

    def register(function: Cases) -> Cases:
        @claim(id_, page=MNIST, needs=needed)
        @wraps(function)
        def check(*records: Arrays) -> Finding:
            own, lacking, rest = dict[str, Sequence[Arrays]](), dict[str, str](), list(records)
            for page, ways in pages.items():
                size, name = 2 + len(roles) * (1 + ways), PREMISES[page].data
                (fakes, real, *others), rest = rest[:size], rest[size:]
                own[name], lacking[name] = join(others, both_ways=ways), premise(page, fakes, real)
            none_learned, cases = all(lacking.values()), list[Case]()
            for name, arrays in own.items():
                unlearned = "whose generator has not learned" if lacking[name] else ""
                for case in function(*arrays):
                    setting = ", ".join(filter(None, (name, case.setting, unlearned)))
                    cases.append(replace(case, setting=setting, decidable=none_learned or not unlearned))
            limits = "; ".join(lacking.values()) if none_learned else ""
            return of_detectors(*cases, cause="scale" if any(lacking.values()) else "detector", limits=limits)

        return function

    return register


def measure(record: Arrays, key: str, name: str, level: int | None = None) -> np.ndarray:
    """Return a measure of a set in percent, for each detector, (T,); `level` 0 or 1 of the two thresholds."""
    values = record[key][:, record["names"].tolist().index(name)]
    return np.asarray(100 * (values if level is None else values[:, level]))


def measures(record: Arrays, key: str, names: Sequence[str], level: int | None = None) -> np.ndarray:
    """Return a measure of several sets in percent, (sets, T)."""
    return np.stack([measure(record, key, name, level) for name in names])


def label(what: str, names: Sequence[str], values: np.ndarray) -> dict[str, Number]:
    """Return the means over the detectors, of (sets, T), by `what` and the name of the set."""
    return {f"{what}, {name}": float(row.mean()) for name, row in zip(names, values, strict=True)}


def sets_by_reading(record: Arrays) -> Mapping[str, tuple[str, ...]]:
    """Return the names of a record's sets of real anomalies and noise, by the reading of Omniglot if it is one."""
    if "omniglot" not in record["names"].tolist():
        return {"": COLOUR_SETS}
    others = tuple(name for name in DIGIT_SETS if name != "omniglot")
    return {reading: (name, *others) for reading, name in OMNIGLOT.items()}


def over_detectors(*parts: Part, setting: str = "", decidable: bool = True) -> tuple[Case, ...]:
    """Return a case for each of T detectors, from comparisons of their numbers with thresholds."""
    cases = []
    for i in range(len(parts[0][2])):
        numbers = (compare(text, values[i], limit) for compare, text, values, limit in parts)
        cases.append(Case(tuple(numbers), setting, i, decidable=decidable))
    return tuple(cases)


def of_detectors(
    *cases: Case, measured: Mapping[str, Number] | None = None, cause: str = "detector", limits: str = ""
) -> Finding:
    """Return the finding on trained detectors."""
    return Finding(cases=cases, measured=measured or {}, random=True, cause=cause, limits=limits)


def without(missing: str, cases: Sequence[Case]) -> tuple[Case, ...]:
    """Add a setting that cannot be judged for a set that the criterion names and the book lacks.

    Where all settings that are there fail, they decide, since the criterion asks for all sets.
    """
    if all(case.met() is False for case in cases):
        return tuple(cases)
    text = f"{missing}, which is not part of the data"
    return (*cases, Case((true("the set is there", False),), text, decidable=False))


@claim("tailored-c-17", page=GAN, needs=lambda: needs(GAN, "classifier")() + needs(CIFAR, "classifier")())
def accuracy_of_the_classifiers(digits: Arrays, colour: Arrays) -> Finding:
    """Within 1 point of 98.27% on MNIST, or above, and within 2 of 94.77% on CIFAR-10, whose classifier is narrower."""
    text, narrow = "test images classified wrongly, in percent", "CIFAR-10, a quarter of the filters"
    cases = (
        Case((at_most(text, 100 - 100 * float(digits["accuracy"]), 2.73),), "MNIST", 0),
        Case((at_most(text, 100 - 100 * float(colour["accuracy"]), 7.23),), narrow, 0, decidable=False),
    )
    return Finding(cases=cases, random=True, cause="scale", cost=ONE_CLASSIFIER)


@on_both("tailored-c-28", "generated")
def an_unseen_band_is_recognised(record: Arrays) -> tuple[Case, ...]:
    """AUROC >= 95 for [6, 7]."""
    return over_detectors(
        (at_most, "points of AUROC missing from 100, [6, 7]", 100 - measure(record, "auroc", "near"), 5)
    )


@on_both("tailored-c-30", "generated")
def all_noise_is_recognised(record: Arrays) -> tuple[Case, ...]:
    """Accuracy 100.00 at both thresholds, for uniform and Gaussian noise."""
    noise = [measure(record, "accuracy", name, level) for name in ("uniform", "gaussian") for level in (0, 1)]
    missed = 100 - np.min(noise, axis=0)
    return over_detectors((at_most, "noise images accepted, in percent", missed, 0.005))


@on_both("tailored-c-32", "generated", both_ways=True)
def data_sets_are_easier_than_near_anomalies(record: Arrays) -> tuple[Case, ...]:
    """More than half of the sets have an accuracy at 95% above that of [6, 7]."""
    cases: tuple[Case, ...] = ()
    for reading, sets in sets_by_reading(record).items():
        easier = (measures(record, "accuracy", sets, 0) > measure(record, "accuracy", "near", 0)).sum(axis=0)
        text = f"of {len(sets)} sets, recognised more often than [6, 7]"
        cases += over_detectors((above, text, easier, len(sets) / 2), setting=reading)
    return cases


@on_both("tailored-c-38", "generated", "real")
def real_samples_change_little(fakes: Arrays, real: Arrays) -> tuple[Case, ...]:
    """Accepted real images differ by less than 1.5 points at both thresholds; detectors of one number are paired."""
    count = min(len(fakes["accepted"]), len(real["accepted"]))
    change = 100 * np.abs(real["accepted"][:count] - fakes["accepted"][:count])
    text = "change of the accepted real images in points, {}% threshold"
    return over_detectors(*((below, text.format(level), change[:, i], 1.5) for i, level in enumerate((95, 99))))


@on_both("tailored-c-41", "generated", "real", both_ways=True)
def real_samples_are_slightly_better(fakes: Arrays, real: Arrays) -> tuple[Case, ...]:
    """Mean AUROC over the sets of anomalies: a gain of 0 to 5 points; detectors of the same number are paired."""
    cases: tuple[Case, ...] = ()
    for reading, sets in sets_by_reading(fakes).items():
        gain = change_of("auroc", fakes, real, sets).mean(axis=0)
        text = "gain of the mean AUROC in points"
        cases += over_detectors((at_least, text, gain, 0), (at_most, text, gain, 5), setting=reading)
    return cases


def change_of(key: str, before: Arrays, after: Arrays, names: Sequence[str], level: int | None = None) -> np.ndarray:
    """Return by how much a measure of some sets differs between detectors of the same number, in points, (sets, T)."""
    first, second = (measures(record, key, names, level) for record in (before, after))
    count = min(first.shape[1], second.shape[1])
    return np.asarray(second[:, :count] - first[:, :count])
