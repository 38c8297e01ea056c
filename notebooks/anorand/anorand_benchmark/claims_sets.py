"""Claims of AnoRand 6.3 on ADBench's data sets (Fig. 8, Table 1).

Ten of the 57 data sets are unavailable: each counts as won and as lost. The trainings are those on the others. All
claims are on the score as printed (Eqs. 6 to 8); the record of AnoRand's parts decides the cause of a failure.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import (
    Arrays,
    Case,
    Comparison,
    Finding,
    at_least,
    at_most,
    below,
    claim,
    mean_interval,
    untested,
)
from companion.experiment import Experiment
from companion.records import store
from notebooks.anorand.anorand import claims_digits
from notebooks.anorand.anorand.experiments import Digits
from notebooks.anorand.anorand_benchmark import results as statistics
from notebooks.anorand.anorand_benchmark.claims import LISTED, OURS, PAGE, Numbers, groups, missing, unless_missing
from notebooks.anorand.anorand_benchmark.experiments import UNSUPERVISED_ROLES
from notebooks.anorand.anorand_benchmark.methods import METHODS
from notebooks.anorand.anorand_benchmark.results import Results, arrays_of, as_failures, combine


def real() -> list[Experiment]:
    """Return the experiments on ADBench, and that on AnoRand's parts; until its record is committed, that on digits."""
    parts = chapter_experiments(PAGE)["parts"]
    of_cause = parts if store.find_committed(parts) else Digits()
    return [*groups("", UNSUPERVISED_ROLES, "noise-labels", "fast")(), of_cause]


def listed_results(records: Sequence[Arrays], category: str = "") -> tuple[Results, int, Numbers]:
    """Return the listed methods' results, the number of unavailable data sets of the category, and both as numbers."""
    results = combine(as_failures(benchmark(records))).select(LISTED, category)
    absent = sum(category in ("", statistics.category_of(name)) for name in statistics.SETS) - len(results.sets)
    measured: Numbers = {"data sets": len(results.sets), "unavailable": absent, "detectors": len(results.methods)}
    return results, absent, measured


def places(results: Results) -> list[int]:
    """Return the numbers of data sets on which AnoRand is first to fourth."""
    ranked = results.ranks[:, results.methods.index(OURS)]
    return [int(((ranked > place - 1) & (ranked <= place)).sum()) for place in (1, 2, 3, 4)]


def benchmark(records: Sequence[Arrays]) -> list[Arrays]:
    """Return the records of the benchmark, without that which decides the cause."""
    return [record for record in records if "methods" in arrays_of(record)]


def cause_of(records: Sequence[Arrays]) -> str:
    """Return the cause of AnoRand's low score: its formula, if its own reconstruction error scores better alone.

    That is so if the mean difference of AUC PR over the data sets is above 0 with its 95% interval, after the training
    of the benchmark, which has anomalies among its rows; or, from the record on digits, if it is above both rivals'.
    """
    for record in records:
        if "scores" in arrays_of(record):
            gain = part_gains(record, "reconstruction alone")[:, 0]
            return "source error" if mean_interval(gain)[0] > 0 else "detector"
        if "methods" not in arrays_of(record):
            return claims_digits.cause_of(record)
    return "detector"


def part_gains(record: Arrays, score: str) -> np.ndarray:
    """Return the AUC PR of a score less that of the printed one, means over the repetitions, (F, 2 trainings)."""
    names, ap = record["scores"].tolist(), record["ap"].mean(axis=2)
    return np.asarray(ap[..., names.index(score)] - ap[..., names.index("printed")])


def counted(quantity: str, found: float, most: float, least: float, results: Results) -> Comparison:
    """Return a count's comparison with its least value; the interval counts unavailable data sets as lost and as won.

    A baseline that was not computed may take every place away.
    """
    low = 0.0 if missing(results.methods) else found
    return at_least(quantity, found, least, (low, most), "the unavailable data sets lost or won")


@claim("anorand-c-16", page=PAGE, needs=real)
def first_on_22_of_57(*records: Arrays) -> Finding:
    """Ranks by AUC PR among the listed baselines: first places between 15 and 30 of 57."""
    results, absent, measured = listed_results(records)
    won = places(results)
    measured |= {f"place {i}": n for i, n in enumerate(won, 1)}
    first = counted("first places of 57", won[0], won[0] + absent, 15, results)
    parts = (first, replace(first, quantity="the same number", sign="<=", threshold=30.0))
    return Finding(
        cases=(Case(parts, pooled=len(results.sets)),), measured=measured, random=True, cause=cause_of(records)
    )


@claim("anorand-c-17", page=PAGE, needs=real)
def best_overall_rank(*records: Arrays) -> Finding:
    """Smallest mean and median rank over the data sets; also Friedman's test and Nemenyi's critical difference."""
    results, _, measured = listed_results(records)
    means, medians = results.ranks.mean(axis=0), np.median(results.ranks, axis=0)
    ours, best = results.methods.index(OURS), int(means.argmin())
    measured |= {"mean rank": float(means[ours]), "median rank": float(medians[ours])}
    measured |= {"best": METHODS[results.methods[best]].title, "its mean rank": float(means[best])}
    measured["p, Friedman"] = statistics.friedman(results.ranks)
    measured["critical difference"] = statistics.critical_difference(*results.ranks.shape)
    part = at_most("mean rank, less the smallest", means[ours] - means.min(), 0.0)
    parts = (part, at_most("median rank, less the smallest", medians[ours] - medians.min(), 0.0))
    return Finding(
        cases=(Case(parts, pooled=len(results.sets)),), measured=measured, random=True, cause=cause_of(records),
        limits=unless_missing(part, missing(results.methods)),
    )  # fmt: skip


@claim("anorand-c-18", page=PAGE, needs=real)
def small_gaps(*records: Arrays) -> Finding:
    """Median of (best AUC PR - AnoRand's) over the data sets that it loses < 5 points."""
    results, _, measured = listed_results(records)
    gaps = np.nanmax(results.values, axis=1) - results.values_of(OURS)
    part = below(
        "median gap to the best, where it is lost",
        float(np.nanmedian(gaps[gaps > 0])) if (gaps > 0).any() else 0.0,
        0.05,
    )
    return Finding(
        cases=(Case((part,), pooled=len(results.sets)),), measured=measured | {"lost": int((gaps > 0).sum())},
        random=True, cause=cause_of(records), limits=unless_missing(part, missing(results.methods)),
    )  # fmt: skip


@claim("anorand-c-19", page=PAGE, needs=real)
def best_on_images(*records: Arrays) -> Finding:
    """First places >= 5 on the image sets."""
    results, absent, measured = listed_results(records, "image")
    won = places(results)
    part = counted("first places on image sets", won[0], won[0] + absent, 5, results)
    return Finding(
        cases=(Case((part,), pooled=len(results.sets)),),
        measured=measured | {"place 2": won[1]},
        random=True,
        cause=cause_of(records),
    )


UNVERIFIED = "speech, imdb, amazon, agnews and yelp: no copy of these could be verified"
untested("anorand-c-20", page=PAGE, why=UNVERIFIED)


@claim("anorand-c-21", page=PAGE, needs=real)
def best_on_healthcare(*records: Arrays) -> Finding:
    """First places >= 3 on the healthcare sets and the smallest mean rank."""
    results, absent, measured = listed_results(records, "healthcare")
    won, ours, least = places(results)[0], results.mean_ranks[OURS], min(results.mean_ranks.values())
    part = at_most("mean rank, less the smallest", ours - least, 0.0)
    parts = (counted("first places on healthcare sets", won, won + absent, 3, results), part)
    return Finding(
        cases=(Case(parts, pooled=len(results.sets)),),
        measured=measured | {"mean rank": ours, "smallest mean rank": least},
        random=True, cause=cause_of(records), limits=unless_missing(part, missing(results.methods)),
    )  # fmt: skip


@claim("anorand-c-22", page=PAGE, needs=real)
def near_the_top_elsewhere(*records: Arrays) -> Finding:
    """Top four on at least 16 of 19 other sets; ADBench has more of them, and the share is what is compared."""
    results, absent, measured = listed_results(records, "other")
    top, total = sum(places(results)), len(results.sets) + absent
    part = counted(
        "share of the other sets with a place from 1 to 4", top / total, (top + absent) / total, 16 / 19, results
    )
    return Finding(
        cases=(Case((part,), pooled=len(results.sets)),), measured=measured, random=True, cause=cause_of(records)
    )


@claim("anorand-c-23", page=PAGE, needs=real)
def best_on_most(*records: Arrays) -> Finding:
    """First places / data sets > 0.5; the source itself reports 22 of 57."""
    results, absent, measured = listed_results(records)
    won, total = places(results)[0], len(results.sets) + absent
    part = counted("share of first places", won / total, (won + absent) / total, 0.5, results)
    return Finding(
        cases=(Case((replace(part, sign=">"),), pooled=len(results.sets)),),
        measured=measured,
        random=True,
        cause="source error",
    )


def joint_training(records: Sequence[Arrays]) -> dict[str, Any]:
    """Return AnoRand's advantage over the plain network with the same labels, over the data sets."""
    results = combine(records)
    ours, plain = results.values_of(OURS), results.values_of("mlp")
    return {
        "better": int((ours > plain).sum()), "worse": int((ours < plain).sum()),
        "difference": float(np.nanmean(ours - plain)), "p": statistics.wilcoxon_p(ours, plain),
    }  # fmt: skip
