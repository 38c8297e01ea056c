"""Claims of AnoRand 6.1 on artificial data (Fig. 5); `claims_sets`, `claims_labels` and `claims_times` have the others.

The benchmark is computed in parts. A criterion is decided if the missing parts cannot change the answer: another
baseline can only worsen AnoRand's rank. A repetition in which all test rows have the same score, as PCA's infinite
ones, is a failure: a value is the mean over the other repetitions, and the method failed where there is none.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from companion.chapters import chapter_experiments
from companion.claims.base import (
    Arrays,
    Case,
    Comparison,
    Finding,
    Number,
    above,
    at_least,
    below,
    claim,
    mean_interval,
)
from companion.experiment import Experiment
from companion.records import store
from notebooks.anorand.anorand.claims import COPY, index, weight_sweeps
from notebooks.anorand.anorand_benchmark.experiments import UNSUPERVISED_ROLES
from notebooks.anorand.anorand_benchmark.methods import METHODS
from notebooks.anorand.anorand_benchmark.results import as_failures, known_mean
from notebooks.anorand.common import SETTINGS

Numbers = dict[str, Number]
PAGE = "anorand-benchmark"
OURS = "anorand"
LISTED = tuple(name for name, method in METHODS.items() if method.listed)  # the source's baselines and AnoRand


def groups(prefix: str, roles: Sequence[str], *first: str) -> Callable[[], list[Experiment]]:
    """Return a function that returns the experiments of groups: the required ones, then the committed others."""

    def experiments() -> list[Experiment]:
        by_role = chapter_experiments(PAGE)
        others = [by_role[prefix + role] for role in roles if role not in first]
        return [by_role[prefix + role] for role in first] + [e for e in others if store.find_committed(e)]

    return experiments


def artificial_with(*first: str) -> Callable[[], list[Experiment]]:
    """Return a function that returns the experiments on artificial data, one reading after the other."""
    by_default = groups("synthetic-", UNSUPERVISED_ROLES, *first)
    return lambda: [*by_default(), *informative(first)]


def informative(first: Sequence[str]) -> list[Experiment]:
    """Return the experiments of the second reading, if all of the required ones are committed."""
    experiments = groups("informative-", UNSUPERVISED_ROLES, *first)()
    return experiments if all(store.find_committed(e) for e in experiments) else []


artificial = artificial_with("noise-labels", "fast")


def listed_runs(records: Sequence[Arrays]) -> dict[str, np.ndarray]:
    """Return the listed methods' AUC PR on artificial data, by name, (R,) each, without those that always failed."""
    found = as_failures(records)
    pairs = [p for record in found for p in zip(record["methods"].tolist(), record["average_precision"], strict=True)]
    return {name: values for name, values in pairs if name in LISTED and not np.isnan(values).all()}


def mean_precision(records: Sequence[Arrays]) -> dict[str, float]:
    """Return the listed methods' mean AUC PR on artificial data, by name."""
    return {name: float(known_mean(values)) for name, values in listed_runs(records).items()}


def untried(records: Sequence[Arrays]) -> list[str]:
    """Return the listed methods that were not tried on artificial data."""
    return missing([name for record in records for name in record["methods"].tolist()])


def missing(methods: Sequence[str]) -> list[str]:
    """Return the listed methods that are not among these."""
    return [name for name in LISTED if name not in methods]


def unless_missing(part: Comparison, absent: Sequence[str]) -> str:
    """Return the limits of a criterion that more baselines can only make harder to meet."""
    return f"not compared with {', '.join(absent)}" if absent and part.met() else ""


def by_setting(records: Sequence[Arrays]) -> dict[str, list[Arrays]]:
    """Return the records of each reading of the artificial data; AnoRand's is the first of each."""
    starts = [i for i, record in enumerate(records) if OURS in record["methods"].tolist()]
    ends = [*starts[1:], len(records)]
    return {name: list(records[i:j]) for name, i, j in zip(SETTINGS, starts, ends, strict=False)}


def difference(quantity: str, values: np.ndarray, compare: Callable[..., Comparison]) -> Comparison:
    """Return the comparison of the mean of paired differences (R,) with 0, with its interval over the runs."""
    known = values[~np.isnan(values)]
    return compare(quantity, known.mean(), 0.0, mean_interval(known), f"{len(known)} runs")


def paired(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the differences in the runs that both have."""
    count = min(len(first), len(second))
    return np.asarray(first[:count] - second[:count])


@claim("anorand-c-01", page=PAGE, needs=artificial)
def best_on_artificial_data(*records: Arrays) -> Finding:
    """By reading of the data: AUC PR not below that of the best other detector, the mean over the runs."""
    cases, limits = [], ""
    measured: Numbers = {}
    for setting, own in by_setting(records).items():
        runs, means = listed_runs(own), mean_precision(own)
        best = max((name for name in means if name != OURS), key=means.__getitem__)
        what = "mean AUC PR, less that of the best other detector"
        part = difference(what, paired(runs[OURS], runs[best]), at_least)
        cases.append(Case((part,), setting, pooled=len(runs[OURS])))
        rank = 1 + sum(value > means[OURS] for value in means.values())
        measured[f"AnoRand, {setting}"] = f"AUC PR {means[OURS]:.3f}, place {rank} of {len(means)}"
        measured[f"best other, {setting}"] = f"{METHODS[best].title}, {means[best]:.3f}"
        limits = limits or unless_missing(part, untried(own))
    return Finding(cases=tuple(cases), measured=measured, random=True, cause="detector", limits=limits)


@claim("anorand-c-02", page=PAGE, needs=artificial)
def better_than_its_parts(*records: Arrays) -> Finding:
    """By reading of the data: paired difference of AUC PR above 0 against autoencoder, VAE and MLP.

    The intervals over the runs decide; Wilcoxon's one-sided p is reported.
    """
    cases, limits = [], ""
    measured: Numbers = {}
    for setting, own in by_setting(records).items():
        runs = listed_runs(own)
        rivals = [name for name in ("mlp", "autoencoder", "vae") if name in runs]
        gains = {name: paired(runs[OURS], runs[name]) for name in rivals}
        parts = tuple(
            difference(f"mean AUC PR, less that of {METHODS[name].title}", gain, above) for name, gain in gains.items()
        )
        cases.append(Case(parts, setting, pooled=len(runs[OURS])))
        for name, gain in gains.items():
            p = float(stats.wilcoxon(gain, alternative="greater").pvalue) if gain.any() else 1.0
            measured[f"p, {METHODS[name].title}, {setting}"] = p
        if cases[-1].met() and len(rivals) < 3:
            limits = "not compared with both autoencoders"
    return Finding(cases=tuple(cases), measured=measured, random=True, cause="detector", limits=limits)


@claim("anorand-c-03", page=PAGE, needs=artificial_with("noise-labels", "fast", "autoencoders", "svdd"))
def deep_below_classical(*records: Arrays) -> Finding:
    """By reading of the data: AUC PR of Deep SVDD and autoencoder below the median of the classical means."""
    cases = []
    for setting, own in by_setting(records).items():
        runs, means = listed_runs(own), mean_precision(own)
        median = float(np.median([value for name, value in means.items() if METHODS[name].kind == "classical"]))
        deep = [runs[name] for name in ("deep-svdd", "autoencoder")]
        titles = [METHODS[name].title for name in ("deep-svdd", "autoencoder")]
        pairs = zip(*deep, strict=False)  # of the runs that both have
        cases += [
            Case(tuple(below(f"AUC PR of {t}, less the classical median", v - median, 0.0) for t, v in
                       zip(titles, pair, strict=True)), setting, run)
            for run, pair in enumerate(pairs)
        ]  # fmt: skip
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("anorand-c-34", page=PAGE, needs=weight_sweeps)
def reconstruction_error_detects(*records: Arrays) -> Finding:
    """By reading of the data: ROC AUC of y_AE above 0.6, with the source's weight w of 0.2."""
    cases = [
        Case((above("ROC AUC of y_AE", roc, 0.6),), setting, run)
        for setting, record in zip(SETTINGS, records, strict=True)
        for run, roc in enumerate(record["roc"][:, index(record, 0.2), COPY])
    ]
    return Finding(cases=tuple(cases), random=True, cause="detector")
