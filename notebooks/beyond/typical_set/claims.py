"""The claims of chapter `typical-set`, about the detectors that are trained without random numbers."""

from collections.abc import Callable

import numpy as np

from companion.claims.base import Arrays, Case, Comparison, Finding, at_least, below, claim, wilson
from companion.experiment import Experiment
from notebooks.beyond.typical_set.experiments import FIXED, KINDS, TypicalSet, chapter_experiments

PAGE = "typical-set"
MOST = 4  # of the five detectors
HALF = 0.5
EXACT = {"gmm": "one Gaussian", "kde": "KDE"}


def needs() -> list[Experiment]:
    """Return the experiments of both digits."""
    return list(chapter_experiments().values())


def over_digits(records: tuple[Arrays, ...], parts: Callable[[Arrays], list[Comparison]]) -> Finding:
    """Return the finding with a setting for each digit."""
    digits = [experiment.digit for experiment in needs() if isinstance(experiment, TypicalSet)]
    pairs = zip(digits, records, strict=True)
    cases = tuple(Case(tuple(parts(record)), f"digit {digit}") for digit, record in pairs)
    return Finding(cause="detector", cases=cases, random=False)


def of(record: Arrays, name: str, kind: str, chosen: tuple[str, ...] = FIXED) -> np.ndarray:
    """Return a measure of one kind of images for the chosen detectors, (n,); NaN where there are no images."""
    places = [np.asarray(record["detectors"]).tolist().index(detector) for detector in chosen]
    return np.asarray(record[name])[places, KINDS.index(kind)]


def counted(quantity: str, met: np.ndarray) -> list[Comparison]:
    """Return the comparison of the number of detectors that meet a condition, (n,) bool, with the bar."""
    return [at_least(f"detectors of {len(met)} {quantity}", int(met.sum()), MOST)]


@claim("anogen-c-01", page=PAGE, needs=needs)
def modes_are_below_all_images(*records: Arrays) -> Finding:
    """Count the detectors of which the lowest score is below that of all held-out images."""

    def parts(record: Arrays) -> list[Comparison]:
        places = [np.asarray(record["detectors"]).tolist().index(detector) for detector in FIXED]
        lowest_real = np.asarray(record["real_scores"])[places].min(axis=1)
        return counted("with a mode below every real image", of(record, "scores", "mode") < lowest_real)

    return over_digits(records, parts)


@claim("anogen-c-02", page=PAGE, needs=needs)
def samples_are_no_digits(*records: Arrays) -> Finding:
    """Count the detectors of which fewer than half of the samples are normal looking."""

    def parts(record: Arrays) -> list[Comparison]:
        accepted = of(record, "accepted", "typical")
        return counted("with fewer than half of the samples accepted", accepted < HALF)  # not if NaN

    return over_digits(records, parts)


@claim("anogen-c-03", page=PAGE, needs=needs)
def exact_draws_are_no_digits(*records: Arrays) -> Finding:
    """Compare the shares of exact draws of one Gaussian and of KDE that are normal looking with one half."""

    def parts(record: Arrays) -> list[Comparison]:
        count = int(record["count"])
        shares = of(record, "accepted", "exact", tuple(EXACT)).tolist()
        return [
            below(f"accepted exact draws of {name}", share, HALF, wilson(round(share * count), count), f"{count} draws")
            for name, share in zip(EXACT.values(), shares, strict=True)
        ]

    return over_digits(records, parts)


@claim("anogen-c-04", page=PAGE, needs=needs)
def samples_do_not_vary(*records: Arrays) -> Finding:
    """Count the detectors of which the samples cover less than half of what other real images cover."""

    def parts(record: Arrays) -> list[Comparison]:
        coverage, ceiling = (of(record, "coverage", kind) for kind in ("typical", "real"))
        return counted("with less than half the coverage of real images", coverage < HALF * ceiling)  # not if NaN

    return over_digits(records, parts)
