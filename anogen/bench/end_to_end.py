"""One generated image: our engine and scorer beside what others would use."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from anogen import detectors
from anogen.bench.alternatives import in_numpy, tensors
from anogen.bench.libraries import in_deap, in_evotorch, in_pymoo
from anogen.bench.setting import SEED, Setting
from anogen.bench.timing import threads
from anogen.generators import evolve
from anogen.scorers import Scorer, make_scorer

DETECTORS = ("cblof", "hbos")
OURS, OUR_SCORER = "anogen", "evotorch with our scorer"
ALTERNATIVES = ("numpy", "evotorch", "pymoo", "deap", OUR_SCORER)
IMAGE = 30_000  # generations of the thesis's longest runs
REMEDY = 'pip install "anogen[bench]"'
Row = dict[str, Any]


def rows_of(name: str, train: np.ndarray, setting: Setting) -> Iterator[Row]:
    """For each number of threads, yield the row of our own run and those of the alternatives.

    A row's ratio is its time over ours.
    Every run is warmed up by one of three generations, which imports and compiles what it needs, and starts at its own
    noise of the same law. The score of the image that it ends with tells that it has done the same work.
    """
    detector = detectors.fit(name, train, SEED)
    exact, d = make_scorer(detector), train.shape[1]
    runs: dict[str, Callable[[int], np.ndarray]] = {
        OURS: lambda generations: _ours(exact, generations),
        "numpy": lambda generations: in_numpy(detector.decision_function, d, generations, SEED),
        "evotorch": lambda generations: in_evotorch(tensors(detector.decision_function), d, generations, SEED),
        "pymoo": lambda generations: in_pymoo(detector.decision_function, d, generations, SEED),
        "deap": lambda generations: in_deap(detector.decision_function, d, generations, SEED),
        OUR_SCORER: lambda generations: in_evotorch(partial(_single, exact), d, generations, SEED),
    }
    for count in setting.run_threads:
        ours = None
        for alternative, run in runs.items():
            row = {"detector": name, "alternative": alternative, "threads": count}
            with threads(count):
                try:
                    run(3)
                except ImportError:
                    yield row | {"ratio": None, "ms_per_generation": None, "remedy": REMEDY}
                    continue
                ms, image = _timed(run, setting.generations, times=3 if alternative == OURS else 1)
            ours = ours or ms
            yield row | {
                "ratio": ms / ours,
                "ms_per_generation": ms,
                "generations": setting.generations,
                "seconds_for_30000": ms * IMAGE / 1e3,
                "score": float(detector.decision_function(image[None].astype(np.float64))[0]),
            }


def _timed(run: Callable[[int], np.ndarray], generations: int, times: int) -> tuple[float, np.ndarray]:
    """Return the milliseconds a generation, the median of so many runs, and the image of the last."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        image = run(generations)
        spent.append(time.perf_counter() - began)
    return float(np.median(spent)) * 1e3 / generations, image


def _ours(exact: Scorer, generations: int) -> np.ndarray:
    *_, (last, _) = evolve(exact, [SEED], n_generations=generations)
    return last.current_best()[0].numpy()


def _single(exact: Scorer, x: torch.Tensor) -> torch.Tensor:
    """Return the scores in the dtype that evotorch keeps them in."""
    return exact(x).float()
