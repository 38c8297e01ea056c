"""All detectors on data of scikit-learn's `make_classification`, and their training times (AnoRand Fig. 5)."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.preprocessing import StandardScaler

from anogen.detectors.anorand import AnoRand
from anogen.detectors.mixins import seeded
from anogen.errors import InputError
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays, Experiment, Inputs, stack
from notebooks.anorand.anorand_benchmark.methods import FAILURES, GROUPS, METHODS, fit, fit_batch, methods_in, score
from notebooks.anorand.common import SETTINGS, Rows, classification

ALL = -1  # in place of a run: all of them, as one tensor
TIMED = 3  # number of the batched runs that are repeated alone for their time
KEYS = ("roc_auc", "average_precision", "copy_roc_auc", "seconds")


@dataclass(frozen=True, kw_only=True)
class Synthetic(Experiment):
    """Detectors trained on rows with 5% unlabelled anomalies, and tested on other rows of the same distribution.

    Every run is another sample, by a reading of the source's description of its data (`SETTINGS`). In the setting
    "informative" the training rows are normal ones only.

    Arrays, for M methods and R runs, NaN where there is no such run or the method failed: `roc_auc`,
    `average_precision` (M, R); `copy_roc_auc` (M, R), of AnoRand's reconstruction error alone; `methods` (M,);
    `seconds` (M, R), of processor time to train, which is a measurement and differs every time: it is left out unless
    `timed`.
    """

    name = "ad-synthetic"
    named = ("group",)
    quick: ClassVar = {"group": "quick", "train": 400, "test": 400, "runs": 1, "timed": False}
    least: ClassVar = {"train": 100, "test": 100, "runs": 1}
    timings: ClassVar = ("seconds",)

    group: str = "fast"
    train: int = 20_000
    test: int = 5_000
    runs: int = 10  # at most, where the methods have fewer
    timed: bool = True
    setting: str = "defaults"

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.methods
        if self.setting not in SETTINGS:
            raise InputError(f"unknown setting {self.setting!r}: choose one of {', '.join(SETTINGS)}")

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the methods."""
        return methods_in(self.group, GROUPS, METHODS)

    def count(self, method: str) -> int:
        """Return the number of runs of a method."""
        return min(self.runs, METHODS[method].runs)

    def cells(self) -> Sequence[tuple]:
        """Return a cell per method and run; a batched method has one for all runs, and `TIMED` for their time."""
        cells: list[tuple] = []
        for method in self.methods:
            runs = range(self.count(method))
            if METHODS[method].batched:
                cells.append((method, ALL))
                runs = runs[: TIMED if self.timed else 0]
            cells += [(method, run) for run in runs]
        return cells

    def work(self) -> float:
        """Return the number of training rows over all runs."""
        return float(self.train * sum(self.count(method) for method in self.methods))

    def witness(self) -> Experiment:
        """Return the same methods on less data."""
        return type(self).at("quick", group=self.group)

    def _seed(self, run: int) -> int:
        return int(self.rng(run).integers(2**31))

    def data(self, run: int) -> Rows:
        """Return the rows of a run, standardised by the training rows."""
        rows = classification(self.setting, self.train, self.test, self._seed(run))
        scaler = StandardScaler().fit(rows.train)
        return rows._replace(train=scaler.transform(rows.train), test=scaler.transform(rows.test))

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and test."""
        name, run = cell
        method = METHODS[name]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of third-party code; its results are recorded
            if run == ALL:
                runs = range(self.count(name))
                parts = [self.data(r) for r in runs]
                detectors = fit_batch(method, [part.train for part in parts], [self._seed(r) for r in runs])
                return stack([_measure(name, *pair) for pair in zip(detectors, parts, strict=True)], len(parts))
            part, began = self.data(run), time.process_time()
            try:
                with seeded(self._seed(run)):
                    detector = fit(method, part.train, self._seed(run))
            except FAILURES:  # the values stay NaN
                return {}
            seconds = {"seconds": np.array([time.process_time() - began])} if self.timed else {}
            return seconds if method.batched else stack([_measure(name, detector, part)], 1) | seconds

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the cells in their places."""
        methods = self.methods
        keys = KEYS if self.timed else KEYS[:-1]
        arrays = {key: np.full((len(methods), max(map(self.count, methods))), np.nan) for key in keys}
        for (method, run), part in zip(self.cells(), parts, strict=True):
            for key, values in part.items():
                chosen = slice(len(values)) if run == ALL else slice(run, run + 1)
                arrays[key][methods.index(method), chosen] = values
        return arrays | {"methods": np.array(methods)}


def _measure(name: str, detector: Any, part: Rows) -> Arrays:
    scores = score(METHODS[name], detector, part.test)
    measures = {metric.__name__: np.array(metric(scores, part.labels)) for metric in (roc_auc, average_precision)}
    if type(detector) is AnoRand:
        measures["copy_roc_auc"] = np.array(roc_auc(detector.outputs(part.test)[1], part.labels))
    return measures
