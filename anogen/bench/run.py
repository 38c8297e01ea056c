"""The whole benchmark, in one run on one machine."""

from collections.abc import Callable
from typing import Any

from anogen.bench import end_to_end, scorers, setting
from anogen.bench.engine import engine
from anogen.bench.setting import Setting
from anogen.bench.targets import targets
from anogen.progress import Progress

FULL = Setting("mnist", seconds=2.0, generations=1000)
QUICK = Setting("mnist-5k", seconds=0.05, generations=300, run_threads=(2,))


def benchmark(how: Setting, report: Callable[[Progress], None] | None = None) -> dict[str, Any]:
    """Measure scorers, engine and end-to-end runs; return what `anogen bench --json` prints.

    Parameters
    ----------
    how
        `FULL` (minutes) or `QUICK` (within one).
    report
        Called with a `Progress` before each step.
    """
    names = how.detectors or setting.comparable()
    steps = ["data", *names, "engine", *(f"{name}, end to end" for name in end_to_end.DETECTORS)]

    def tell(step: str) -> None:
        if report:
            report(Progress("benchmark", steps.index(step), len(steps)))

    tell("data")
    train = setting.train(how)
    population = setting.population(train)
    result: dict[str, Any] = {**setting.conditions(how), "scorers": [], "engine": {}, "end_to_end": []}
    for name in names:
        tell(name)
        result["scorers"] += scorers.rows_of(name, train, population, how)
    tell("engine")
    result["engine"] = engine(how.seconds)
    for name in end_to_end.DETECTORS:
        tell(f"{name}, end to end")
        result["end_to_end"] += end_to_end.rows_of(name, train, how)
    return result | {"targets": targets(result)}
