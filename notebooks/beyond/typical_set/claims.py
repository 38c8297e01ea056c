"""The claims of chapter `typical-set`, about the detectors that are trained without random numbers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from companion.claims.base import Arrays, Case, Finding, at_least, below, claim, wilson
from companion.experiment import Experiment
from notebooks.beyond.typical_set.experiments import FIXED, KINDS, TypicalSet, chapter_experiments
from notebooks.beyond.typical_set.figures import names, off_target

PAGE = "typical-set"
MOST, SHARE = 4, 0.8  # of the five detectors; of those of which the chains arrive
LEAST_ARRIVED = 3
HALF = 0.5
EXACT = {"gmm": "one Gaussian", "kde": "KDE"}


def needs() -> list[Experiment]:
    """Return the experiments of both digits."""
    return list(chapter_experiments().values())


def over_digits(records: tuple[Arrays, ...], case: Callable[[Arrays], Case]) -> Finding:
    """Return the finding with a setting for each digit."""
    digits = [experiment.digit for experiment in needs() if isinstance(experiment, TypicalSet)]
    cases = tuple(
        replace(case(record), setting=f"digit {digit}") for digit, record in zip(digits, records, strict=True)
    )
    if all(case.decidable for case in cases):
        return Finding(cause="detector", cases=cases, random=False)
    limits = f"the chains of fewer than {LEAST_ARRIVED} detectors arrive"
    return Finding(cause="optimiser", cases=cases, random=False, limits=limits)


def rows(record: Arrays, name: str, chosen: tuple[str, ...] = FIXED) -> np.ndarray:
    """Return an array (n, ...) of the chosen detectors."""
    places = [names(record).index(detector) for detector in chosen]
    return np.asarray(record[name])[places]


def of(record: Arrays, name: str, kind: str, chosen: tuple[str, ...] = FIXED) -> np.ndarray:
    """Return a measure of one kind of images for the chosen detectors, (n,); NaN where there are no images."""
    return np.asarray(rows(record, name, chosen)[:, KINDS.index(kind)])


def arrived(record: Arrays) -> np.ndarray:
    """Return whether the samples score as the held-out images do, within an interquartile range of theirs, (n,)."""
    places = [names(record).index(detector) for detector in FIXED]
    return np.asarray(np.abs(off_target(record))[places] <= 1)  # not if NaN


def among_arrived(quantity: str, record: Arrays, met: np.ndarray) -> Case:
    """Return the case of a condition (n,) on the detectors of which the chains arrive."""
    there = arrived(record)
    share = float(met[there].mean()) if there.any() else 0.0
    part = at_least(f"share of {there.sum()} detectors {quantity}", share, SHARE)
    return Case((part,), decidable=bool(there.sum() >= LEAST_ARRIVED))


@claim("anogen-c-01", page=PAGE, needs=needs)
def modes_are_below_all_images(*records: Arrays) -> Finding:
    """Count the detectors of which the lowest score is below that of all held-out images."""

    def case(record: Arrays) -> Case:
        below_all = of(record, "scores", "mode") < rows(record, "real_scores").min(axis=1)
        quantity = f"detectors of {len(FIXED)} with a mode below every real image"
        return Case((at_least(quantity, int(below_all.sum()), MOST),))

    return over_digits(records, case)


@claim("anogen-c-02", page=PAGE, needs=needs)
def samples_are_no_digits(*records: Arrays) -> Finding:
    """Take the share of detectors of which fewer than half of the samples are normal looking."""

    def case(record: Arrays) -> Case:
        accepted = of(record, "accepted", "typical")
        return among_arrived("with fewer than half of the samples accepted", record, accepted < HALF)

    return over_digits(records, case)


@claim("anogen-c-03", page=PAGE, needs=needs)
def exact_draws_are_no_digits(*records: Arrays) -> Finding:
    """Compare the shares of exact draws of one Gaussian and of KDE that are normal looking with one half."""

    def case(record: Arrays) -> Case:
        count = int(record["count"])
        shares = of(record, "accepted", "exact", tuple(EXACT)).tolist()
        parts = [
            below(f"accepted exact draws of {name}", x, HALF, wilson(round(x * count), count), f"{count} draws")
            for name, x in zip(EXACT.values(), shares, strict=True)
        ]
        return Case(tuple(parts))

    return over_digits(records, case)


@claim("anogen-c-04", page=PAGE, needs=needs)
def samples_do_not_vary(*records: Arrays) -> Finding:
    """Take the share of detectors of which the samples cover less than half of what other real images cover."""

    def case(record: Arrays) -> Case:
        coverage, ceiling = (of(record, "coverage", kind) for kind in ("typical", "real"))
        return among_arrived("with less than half the coverage of real images", record, coverage < HALF * ceiling)

    return over_digits(records, case)
