"""Claim of AnoRand 6.1 on the time to train (Fig. 5)."""

from collections.abc import Sequence

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Case, Finding, Number, claim, true
from companion.experiment import Experiment
from companion.records import store
from notebooks.anorand.anorand_benchmark.claims import OURS, PAGE, groups
from notebooks.anorand.anorand_benchmark.experiments import UNSUPERVISED_ROLES
from notebooks.anorand.anorand_benchmark.methods import METHODS
from notebooks.anorand.anorand_benchmark.results import arrays_of
from notebooks.anorand.anorand_benchmark.synthetic import Synthetic
from notebooks.anorand.anorand_benchmark.times import TrainingTimes

MOST_RUNS = 0.9  # share of the runs in which one of two detectors has to take longer than the other
FEWEST_RUNS = 3
Seconds = dict[str, np.ndarray]  # by method, (R,) each


def required() -> list[Experiment]:
    """Return the experiments of the benchmark, and the one on the same rows if its record is committed."""
    times = chapter_experiments(PAGE)["times"]
    artificial = groups("synthetic-", UNSUPERVISED_ROLES, "noise-labels", "fast")()
    return artificial + ([times] if store.find_committed(times) else [])


@claim("anorand-c-04", page=PAGE, needs=required)
def slowest_to_train(*records: Arrays) -> Finding:
    """Largest time to train of all detectors, of those that are trained on as many rows as AnoRand.

    Two detectors are compared run by run: one takes longer if it does so in nine of ten runs, of three or more. On the
    20,000 rows of the source all detectors without a cap are compared, on 2,000 rows all. The time of a network rises
    in proportion to the rows, and that of the others at least so or not at all; a detector that takes longer than
    AnoRand on 2,000 rows by training a network does so on 20,000. That it takes less there shows nothing.
    """
    few: Seconds = {}
    many: Seconds = {}
    for record in records:
        arrays, names = arrays_of(record), record["methods"].tolist()
        if "equal_seconds" in arrays:
            few |= dict(zip(names, record["equal_seconds"].T, strict=True))
        else:
            pairs = zip(names, record["seconds"], strict=True)
            many |= {name: seconds for name, seconds in pairs if not 0 < METHODS[name].cap < Synthetic.train}
    others = [name for name in METHODS if name != OURS]
    on_few, on_many = ({name: takes_longer(seconds, name) for name in others} for seconds in (few, many))
    slower = [name for name in others if on_many[name] or (on_few[name] and METHODS[name].kind == "deep")]
    not_compared = [name for name in others if on_many[name] is None and name not in slower]
    measured: dict[str, Number] = {}
    for rows, seconds in ((Synthetic.train, many), (TrainingTimes.train, few)):
        measured[f"seconds on {rows:,} rows"] = listed_seconds(seconds, [OURS, *slower])
    measured |= {"detectors": len(METHODS), "take longer than AnoRand": titles(slower)}
    measured[f"not compared on {Synthetic.train:,} rows"] = titles(not_compared)
    question = true("no detector takes longer to train", not slower)
    limits = f"not compared on {Synthetic.train:,} rows: {titles(not_compared)}" if not_compared and not slower else ""
    return Finding(cases=(Case((question,)),), measured=measured, random=False, cause="implementation", limits=limits)


def takes_longer(seconds: Seconds, name: str) -> bool | None:
    """Return whether a method takes longer to train than AnoRand; None if that is not decided by the common runs."""
    if not {name, OURS} <= seconds.keys():
        return None
    count = min(len(seconds[name]), len(seconds[OURS]))
    difference = seconds[name][:count] - seconds[OURS][:count]
    difference = difference[~np.isnan(difference)]
    if len(difference) < FEWEST_RUNS:
        return None
    needed = MOST_RUNS * len(difference)
    if (difference > 0).sum() >= needed:
        return True
    return False if (difference < 0).sum() >= needed else None


def listed_seconds(seconds: Seconds, names: Sequence[str]) -> str:
    """List the median time of methods, those that were timed."""
    timed = [name for name in names if name in seconds and not np.isnan(seconds[name]).all()]
    return ", ".join(f"{METHODS[name].title} {np.nanmedian(seconds[name]):.3g}" for name in timed)


def titles(names: Sequence[str]) -> str:
    """List methods by their titles."""
    return ", ".join(METHODS[name].title for name in names) or "none"
