"""Claims of AnoRand 6: its weight w and the noise of its labels (Figs. 3 and 4); `claims_digits` has Figs. 6 and 7.

The claims on `make_classification` are judged in both readings of the source's description of its data. Where AnoRand
is compared with itself, only the reading in which it detects anything counts: see `readings` in verdicts/anorand.yaml.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial, wraps
from typing import Any

import numpy as np
from scipy.stats import spearmanr, wilcoxon

from companion.chapters import chapter_experiments
from companion.claims.base import (
    Arrays,
    Case,
    Comparison,
    Finding,
    above,
    at_least,
    at_most,
    below,
    claim,
    true,
)
from companion.experiment import Experiment
from notebooks.anorand.anorand.experiments import RUNS, NoiseSweep, Sweep, WeightSweep
from notebooks.anorand.common import SETTINGS

PAGE = "anorand"
SCORE, COPY = 0, 2  # of the outputs on the last axis of `ap` and `roc`: the score, and y_AE alone
DETECTED = "informative"  # the reading in which AnoRand detects anything
CHANCE = 0.51  # a ROC AUC that some 10,000 rows of either kind give by chance
FEWEST = min(options["runs"] for options in RUNS.values())  # runs of any setting
RESAMPLES = 2_000  # of the runs, for the interval of a spread
Parts = tuple[Comparison, ...]
PerRun = Iterable[Parts]  # the parts of a criterion in each run of a setting


def sweeps(kind: type[Sweep]) -> list[Sweep]:
    """Return the sweeps of a kind in every setting."""
    return [kind(setting=setting, **RUNS.get(setting, {})) for setting in SETTINGS]


weight_sweeps, noise_sweeps = partial(sweeps, WeightSweep), partial(sweeps, NoiseSweep)


def over_settings(
    criteria: Iterable[PerRun], *, both: bool, random: bool = True, pooled: int = 0, cause: str = "detector"
) -> Finding:
    """Decide over the settings, run by run; `both` says whether both readings count.

    `pooled` is the number of trainings at least of a criterion that is about a mean or a spread over the runs. The
    setting in which AnoRand detects anything comes first. `cause` is that of a claim which fails.
    """
    by_setting = dict(zip(SETTINGS, criteria, strict=True))
    cases = [
        Case(parts, name, run if random and not pooled else None, both or name == DETECTED, pooled)
        for name in sorted(by_setting, key=lambda name: name != DETECTED)
        for run, parts in enumerate(by_setting[name])
    ]
    return Finding(cases=tuple(cases), random=random, cause=cause)


def in_every_setting(
    id_: str,
    needs: Callable[[], Sequence[Experiment]],
    split: Callable[..., Iterable[Any]] = lambda *records: records,
    *,
    both: bool = False,
    random: bool = True,
    pooled: int = 0,
    identity: str = "",
    cause: str = "detector",
) -> Callable[[Callable[[Any], PerRun]], Callable[..., Finding]]:
    """Register a criterion on one setting as a claim on all; `split` returns the settings' parts of the records."""

    def register(criterion: Callable[[Any], PerRun]) -> Callable[..., Finding]:
        @claim(id_, page=PAGE, needs=needs, identity=identity)
        @wraps(criterion)
        def decide(*records: Arrays) -> Finding:
            criteria = map(criterion, split(*records))
            return over_settings(criteria, both=both, random=random, pooled=pooled, cause=cause)

        return decide

    return register


def scores(record: Arrays) -> np.ndarray:
    """Return the AUC PR of the score in every run at every value, (R, V)."""
    return np.asarray(record["ap"][..., SCORE])


def spreads(ap: np.ndarray) -> np.ndarray:
    """Return the interquartile range of AUC PR (R, V) at every value, (V,)."""
    return np.subtract(*np.percentile(ap, [75, 25], axis=0))


def index(record: Arrays, value: float) -> int:
    """Return the index of a value in a sweep."""
    return int(np.abs(record["values"] - value).argmin())


def resampled(ap: np.ndarray, statistic: Callable[[np.ndarray], float]) -> tuple[float, float]:
    """Return the 95% bootstrap interval of a statistic of the runs' AUC PR (R, V)."""
    rng = np.random.default_rng(0)
    drawn = [statistic(ap[rng.integers(0, len(ap), len(ap))]) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


@in_every_setting("anorand-c-05", weight_sweeps)
def best_at_a_fifth(record: Arrays) -> PerRun:
    """The highest AUC PR at w of 0.1 to 0.3, and at 0.5 more than 0.05 below that at 0.2."""
    for ap in scores(record):
        best = float(record["values"][ap.argmax()])
        yield (
            below("w with the highest AUC PR", best, 0.35),
            above("the same w", best, 0.05),
            above("AUC PR at w = 0.2, less that at 0.5", ap[index(record, 0.2)] - ap[index(record, 0.5)], 0.05),
        )


@in_every_setting("anorand-c-06", weight_sweeps, pooled=FEWEST)
def stable_at_a_fifth(record: Arrays) -> PerRun:
    """The interquartile range of AUC PR at 0.2 below the median of those at all w; the runs are resampled."""
    ap, own = scores(record), index(record, 0.2)

    def quotient(runs: np.ndarray) -> float:
        spread = spreads(runs)
        return float(spread[own] / max(np.median(spread), 1e-9))

    what = "interquartile range at w = 0.2, over the median of those at all w"
    yield (below(what, quotient(ap), 1.0, resampled(ap, quotient), f"{len(ap)} runs"),)


@in_every_setting("anorand-c-07", weight_sweeps)
def a_plain_network_in_the_limit(record: Arrays) -> PerRun:
    """At w = 1 the rank correlation with a plain network's scores above 0.9, and the AUC PR within 0.03."""
    ours = scores(record)[:, index(record, 1.0)]
    for correlation, ap, plain in zip(record["mlp_correlation"], ours, record["mlp_ap"], strict=True):
        yield (
            above("rank correlation of the scores at w = 1 and of a plain network's", correlation, 0.9),
            at_most("difference of their AUC PR", abs(ap - plain), 0.03),
        )


@claim(
    "anorand-c-08", page=PAGE, needs=lambda: [*weight_sweeps(), chapter_experiments(PAGE)["weights-further"]]
)  # fmt: skip
def the_block_helps(defaults: Arrays, informative: Arrays, *further: Arrays) -> Finding:
    """AUC PR at w = 0.2 above that at w = 0 on the same data; the one-sided Wilcoxon p is reported.

    Further records have more runs of the setting in which AnoRand detects anything.
    """
    by_setting = {name: [record] for name, record in zip(SETTINGS, (defaults, informative), strict=True)}
    by_setting[DETECTED] += further
    gains = {
        name: np.concatenate([scores(r)[:, index(r, 0.2)] - scores(r)[:, index(r, 0.0)] for r in records])
        for name, records in by_setting.items()
    }
    what = "AUC PR at w = 0.2, less that at 0"
    finding = over_settings(
        [[(above(what, g, 0.0),) for g in gain] for gain in gains.values()], both=False, random=True
    )
    p = {f"p, {name}": float(wilcoxon(gain, alternative="greater").pvalue) for name, gain in gains.items()}
    return replace(finding, measured=p)


@in_every_setting("anorand-c-38", weight_sweeps)
def sensitive_to_w(record: Arrays) -> PerRun:
    """AUC PR varies by more than 10 points over w."""
    return ((above("range of AUC PR over w", np.ptp(ap), 0.10),) for ap in scores(record))


@in_every_setting("anorand-c-32", weight_sweeps, both=True, random=False, identity="the loss is w L_CE + (1 - w) L_AE")
def what_w_weighs(record: Arrays) -> PerRun:
    """At w = 0 no gradient of L_CE in the noise detection block; at w = 1 none of L_AE in the encoder.

    The decoder reads that block's output, so that at w = 0 the block is not ignored, as the source says: it is trained
    to help the reconstruction.
    """
    at_0, at_1 = (record["gradients"][index(record, w)] for w in (0.0, 1.0))
    yield true("no gradient of L_CE at w = 0", at_0[0] == 0), true("no gradient of L_AE at w = 1", at_1[1] == 0)


@in_every_setting("anorand-c-09", noise_sweeps)
def noise_helps(record: Arrays) -> PerRun:
    """Rank correlation of noise and AUC PR above 0.7."""
    for ap in scores(record):
        yield (above("rank correlation of noise and AUC PR", spearmanr(record["values"], ap).statistic, 0.7),)


@claim("anorand-c-10", page=PAGE, needs=noise_sweeps)
def three_ranges_of_noise(*records: Arrays) -> Finding:
    """Below 0.32 a mean AUC PR of 35 to 55% within 10 points; the widest boxes up to 0.52; 10 points more above.

    The two breakpoints count as between. The boxes are those of all runs. The level depends on data that the source
    does not describe; it is judged apart from the shape.
    """
    cases = []
    for name, record in reversed(list(zip(SETTINGS, records, strict=True))):
        value, runs = record["values"], scores(record)
        under, over = value < 0.32 - 1e-9, value > 0.52 + 1e-9
        between, spread = ~under & ~over, spreads(runs)
        wider = spread[between].mean() - spread[~between].mean()
        for run, ap in enumerate(runs):
            low, high = ap[under].mean(), ap[over].mean()
            shape = (
                above("mean AUC PR above 0.52, less that below 0.32", high - low, 0.10),
                below("range of AUC PR below 0.32", np.ptp(ap[under]), 0.10),
                above("mean interquartile range from 0.32 to 0.52, less that elsewhere", wider, 0.0),
            )
            level = (
                at_least("mean AUC PR with noise below 0.32", low, 0.35),
                at_most("the same mean", low, 0.55),
            )
            for part, parts in {"shape of the curve": shape, "level below 0.32": level}.items():
                cases.append(Case(parts, f"{part}, {name}", run, name == DETECTED))
    return Finding(cases=tuple(cases), random=True, cause="data")


@in_every_setting("anorand-c-28", noise_sweeps, both=True)
def strong_noise_is_detected(record: Arrays) -> PerRun:
    """Rank correlation of noise and the ROC AUC of y_mlp on rows with such noise above 0.9, from chance level on."""
    for roc in record["synthetic_roc"]:
        start = max(np.flatnonzero(roc <= CHANCE), default=0)  # the last level at which nothing is detected
        detected = len(roc) - start > 2
        correlation = spearmanr(record["values"][start:], roc[start:]).statistic if detected else 0.0
        yield (
            above("ROC AUC with the most noise", roc[-1], CHANCE),
            above("rank correlation of noise and ROC AUC, from chance level on", correlation, 0.9),
        )
