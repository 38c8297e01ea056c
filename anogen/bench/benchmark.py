"""The benchmark: the detectors' `decision_function` and our scorers, the engine alone, and whole searches."""

import os
import platform
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen import datasets, detectors, machine
from anogen.bench.numpy_search import Score, in_numpy
from anogen.errors import InputError
from anogen.generators import EvolutionConfig, evolve
from anogen.machine import threads
from anogen.progress import Progress
from anogen.scorers import Scorer, make_scorer

CLASS, SEED, D = 4, 0, 784
HALF = 1000  # generations after which half of the noise is left in CBLOF's population
SEARCH_DETECTORS = ("cblof", "hbos")
OURS = "anogen"
IMAGE = 30_000  # generations of the thesis's longest runs
REMEDY = 'pip install "anogen[bench]"'
MIN_CALLS, MAX_CALLS = 3, 2000  # of one timing
Row = dict[str, Any]
Search = Callable[[int, int, int], np.ndarray]  # d, generations and seed -> the image (d,)
Searches = Callable[[Score, Scorer], Mapping[str, Search]]  # a score of arrays and a scorer -> searches by name


@dataclass(frozen=True)
class Setting:
    """The extent of a benchmark."""

    data: str  # detectors are fitted to its images of class 4
    seconds: float  # duration of the repeated calls of one timing
    generations: int  # length of a whole search
    threads: tuple[int, ...] = (1, 2)
    run_threads: tuple[int, ...] = (1, 2)  # for whole searches
    detectors: tuple[str, ...] = ()  # names in the catalogue; by default all detectors of PyOD


FULL = Setting("mnist", seconds=2.0, generations=1000)
QUICK = Setting("mnist-5k", seconds=0.05, generations=300, run_threads=(2,))


class Timing(NamedTuple):
    """Milliseconds per call."""

    ms: float  # the median
    spread: tuple[float, float]  # the quartiles
    calls: int


def benchmark(
    setting: Setting, report: Callable[[Progress], None] | None = None, others: Searches | None = None
) -> dict[str, Any]:
    """Measure scorers, engine and whole searches; return the content of `anogen bench --json`.

    `FULL` takes minutes, `QUICK` less than one. `report` is called with a `Progress` before each step. `others` returns
    searches of other libraries to compare with.
    """
    names = setting.detectors or pyod_detectors()
    data = datasets.load(setting.data)
    train = data.one_class(CLASS).X_train.astype(np.float64)
    population = half_evolved(train)
    parts: dict[str, Callable[[], Any]] = {
        **{name: partial(scorer_rows, name, train, population, setting) for name in names},
        "engine": partial(engine, setting.seconds),
        **{f"{name}, end to end": partial(search_rows, name, train, setting, others) for name in SEARCH_DETECTORS},
    }
    results = {}
    for number, (step, measure) in enumerate(parts.items()):
        if report:
            report(Progress("benchmark", number, len(parts)))
        results[step] = measure() if step == "engine" else list(measure())
    versions = {name: metadata.version(name) for name in (*machine.VERSIONS_OF, "numba")}
    return {
        "machine": machine_name(),
        "date": datetime.now(UTC).date().isoformat(),
        "conditions": {
            "platform": machine.fingerprint(),
            "versions": {"python": platform.python_version(), **versions},
            "data": data.provenance,
            "train_rows": len(train),
            "rows": EvolutionConfig().population_size,
            "vector_instructions": torch.backends.cpu.get_cpu_capability(),
        },
        "scorers": [row for name in names for row in results[name]],
        "engine": results["engine"],
        "end_to_end": [row for name in SEARCH_DETECTORS for row in results[f"{name}, end to end"]],
    }


def machine_name() -> str:
    """Return the processor, its number of cores and the system, in words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{machine.processor().split('/')[0]}, {cores} cores, {platform.system()} {platform.machine()}"


def pyod_detectors() -> tuple[str, ...]:
    """Return the names of PyOD's detectors and their subclasses; the others have no PyOD call to compare with."""

    def is_model(cls: type) -> bool:
        return cls.__module__.startswith("pyod.models.") and not cls.__module__.startswith("pyod.models.base")

    return tuple(name for name in detectors.CATALOGUE if any(map(is_model, detectors.detector_class(name).__mro__)))


def half_evolved(train: np.ndarray) -> Tensor:
    """Return a population half-way from noise to an image, (150, d), float32: typical input of a scorer."""
    scorer = make_scorer(detectors.fit("cblof", train, SEED))
    *_, (state, _) = evolve(scorer, [SEED], n_generations=HALF)
    return state.population[0].clone()


def timed(call: Callable[[], object], seconds: float) -> Timing:
    """Time repeated calls for about `seconds`, at least three, after one that warms up."""

    def once() -> float:
        began = time.perf_counter()
        call()
        return time.perf_counter() - began

    first = once()
    first = min(first, once()) if first < seconds / 4 else first  # without compilation and cold caches
    spent = [once() for _ in range(int(np.clip(seconds / max(first, 1e-7), MIN_CALLS, MAX_CALLS)))]
    low, median, high = np.percentile(spent, [25, 50, 75]) * 1e3
    return Timing(float(median), (float(low), float(high)), len(spent))


def scorer_rows(name: str, train: np.ndarray, population: Tensor, setting: Setting) -> Iterator[Row]:
    """Yield the timings of one detector, for each number of threads and each dtype.

    The detector, fitted to `train` (n, d), scores `population` (150, d) in float64, converted beforehand; our scorer
    gets float32, as in a search, and its time includes any conversion.
    """
    with threads(1):  # the same fit whatever the number of threads
        detector = detectors.fit(name, train, SEED)
    scorers = _dtypes(make_scorer(detector))
    wide = population.double().numpy()
    for count in setting.threads:
        with threads(count), torch.inference_mode():
            pyod = timed(lambda: detector.decision_function(wide), setting.seconds)
            for scorer in scorers:
                ours = timed(partial(scorer, population), setting.seconds)
                yield {
                    "detector": name,
                    "pyod_ms": pyod.ms,
                    "anogen_ms": ours.ms,
                    "ratio": pyod.ms / ours.ms,
                    "max_rel_diff": max_relative_difference(scorer, detector, population),
                    "dtype": str(scorer.dtype).removeprefix("torch."),
                    "threads": count,
                    "pyod_spread_ms": pyod.spread,
                    "anogen_spread_ms": ours.spread,
                    "pyod_calls": pyod.calls,
                    "anogen_calls": ours.calls,
                }


def _dtypes(scorer: Scorer) -> list[Scorer]:
    """Return a scorer and, if it differs, its float32 version."""
    try:
        single = scorer.to(torch.float32)
    except InputError:
        return [scorer]
    return [scorer] if single is scorer else [scorer, single]


def max_relative_difference(scorer: Scorer, detector: Any, rows: Tensor) -> float:
    """Return the largest |difference| / max(|score|, interquartile range of the training scores) of rows (n, d)."""
    scores = np.asarray(detector.decision_function(rows.double().numpy()), dtype=np.float64).reshape(-1)
    size = np.maximum(np.abs(scores), np.subtract(*np.percentile(detector.decision_scores_, [75, 25])))
    return float((np.abs(scorer(rows).numpy() - scores) / size).max())


class FirstPixel(Scorer):
    """Scores a row by its first pixel: nearly no cost, but a different score for each row."""

    n_features_in_ = D
    accepts_float32 = True

    def score(self, x: Tensor) -> Tensor:
        """Return the first column of rows (n, d), (n,)."""
        return x[:, 0]


def engine(seconds: float, n_generations: int = 200) -> dict[str, Any]:
    """Time a generation of 150 x 784 without its score, on one thread; the first population is negligible."""
    with threads(1), torch.inference_mode():
        run = timed(lambda: deque(evolve(FirstPixel(), [0], n_generations=n_generations), maxlen=0), 4 * seconds)
    spread = [end / n_generations for end in run.spread]
    return {"ms_per_generation": run.ms / n_generations, "spread_ms": spread, "threads": 1}


def search_rows(name: str, train: np.ndarray, setting: Setting, others: Searches | None = None) -> Iterator[Row]:
    """Yield the whole searches of one detector, ours first, for each number of threads; the ratio is time over ours.

    A search of three generations before each timing imports and compiles. Each starts from its own noise; the score of
    its image shows that the same work was done.
    """
    detector = detectors.fit(name, train, SEED)
    scorer, score, d = make_scorer(detector), detector.decision_function, train.shape[1]

    def ours(_d: int, generations: int, seed: int) -> np.ndarray:
        *_, (state, _) = evolve(scorer, [seed], n_generations=generations)
        return state.current_best()[0].numpy()

    searches: dict[str, Search] = {OURS: ours, "numpy": partial(in_numpy, score)}
    searches |= others(score, scorer) if others else {}
    for count in setting.run_threads:
        our_ms = None
        for alternative, search in searches.items():
            row = {"detector": name, "alternative": alternative, "threads": count}
            with threads(count):
                try:
                    search(d, 3, SEED)
                except ImportError:
                    yield row | {"ratio": None, "ms_per_generation": None, "remedy": REMEDY}
                    continue
                seconds = []
                for _ in range(3 if alternative == OURS else 1):
                    start = time.perf_counter()
                    image = search(d, setting.generations, SEED)
                    seconds.append(time.perf_counter() - start)
            ms = float(np.median(seconds)) * 1e3 / setting.generations
            our_ms = our_ms or ms
            yield row | {
                "ratio": ms / our_ms,
                "ms_per_generation": ms,
                "generations": setting.generations,
                "seconds_for_30000": ms * IMAGE / 1e3,
                "score": float(score(image[None].astype(np.float64))[0]),
            }
