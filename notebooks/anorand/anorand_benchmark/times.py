"""Time to train each detector on the same number of rows (AnoRand Fig. 5)."""

import time
import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen.detectors.mixins import seeded
from companion.experiment import Arrays, Experiment, Inputs
from notebooks.anorand.anorand_benchmark.methods import FAILURES, METHODS, fit
from notebooks.anorand.anorand_benchmark.synthetic import Synthetic


@dataclass(frozen=True, kw_only=True)
class TrainingTimes(Experiment):
    """All detectors trained on the same rows, where the benchmark trains some of them on fewer than others.

    In a run, all detectors are trained in turn, so that other work on the machine slows all of them.

    Arrays, for R runs and M methods: `methods` (M,); `equal_seconds` (R, M) of processor time, NaN where one failed:
    a measurement, which is left out unless `timed`.
    """

    name = "ad-times"
    axes: ClassVar = ("runs",)
    quick: ClassVar = {"train": 100, "runs": 1, "timed": False}
    least: ClassVar = {"train": 100, "runs": 1}
    timings: ClassVar = ("equal_seconds",)

    train: int = 2_000  # the smallest number of rows that the benchmark trains a method on
    runs: int = 10
    timed: bool = True

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train all methods on the rows of one run."""
        if not self.timed:
            return {}
        (run,) = cell
        rows = Synthetic(train=self.train, seed=self.seed).data(run).train
        seed = int(self.rng(run).integers(2**31))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of third-party code
            return {"equal_seconds": np.array([self._seconds(name, rows, seed) for name in METHODS])}

    def _seconds(self, name: str, rows: np.ndarray, seed: int) -> float:
        method = METHODS[name]._replace(cap=0)
        began = time.process_time()
        try:
            with seeded(seed):
                fit(method, rows, seed)
        except FAILURES:
            return float("nan")
        return time.process_time() - began

    def common(self, inputs: Inputs) -> Arrays:
        """Name the methods."""
        return {"methods": np.array(list(METHODS))}
