"""All detectors on data of scikit-learn's `make_classification`, and the time they take to train (AnoRand Fig. 5)."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pyod.models.base import BaseDetector
from sklearn.preprocessing import StandardScaler

from anogen.detectors.anorand import AnoRand
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.anorand.anorand_benchmark.data import Split
from notebooks.anorand.anorand_benchmark.methods import (
    FAILURES,
    METHODS,
    fitted,
    fitted_together,
    group,
    scored,
    stacked,
)
from notebooks.anorand.anorand_benchmark.unsupervised import TOGETHER
from notebooks.anorand.common import classification

TIMED = 3  # of the trainings that are stacked into one tensor, so many are repeated alone for their time
KEYS = ("roc_auc", "average_precision", "copy_roc_auc", "seconds")


@dataclass(frozen=True, kw_only=True)
class Synthetic(Experiment):
    """Detectors trained on rows of which 5% are anomalies, unknown to them, and tested on other rows of the same law.

    Every run is another sample, with the defaults of `make_classification` where the source states nothing.

    Arrays, for M methods and R runs, NaN where there is no such run or the method failed: `roc_auc`,
    `average_precision` (M, R); `copy_roc_auc` (M, R), of the distance between a row and AnoRand's copy of it alone;
    `methods` (M,); `seconds` (M, R), of processor time to train, which is a measurement and differs every time: it is
    left out unless `timed`.
    """

    name = "ad-synthetic"
    named = ("group",)
    quick: ClassVar = {"group": "quick", "train": 400, "test": 400, "runs": 1, "timed": False}
    timings: ClassVar = ("seconds",)
    tolerance = 0.2

    group: str = "fast"
    train: int = 20_000
    test: int = 5_000
    runs: int = 10  # at most, where the methods have fewer
    timed: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.methods
        at_least(100, train=self.train, test=self.test)
        at_least(1, runs=self.runs)

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the methods."""
        return group(self.group)

    def count(self, method: str) -> int:
        """Return how many runs a method has."""
        return min(self.runs, METHODS[method].runs)

    def cells(self) -> Sequence[tuple]:
        """One cell for each method and run; what is stacked has one for all runs, and some that are timed."""
        found = []
        for method in self.methods:
            runs = range(self.count(method))
            if stacked(method):
                found += [(method, TOGETHER), *((method, run) for run in runs[:TIMED] if self.timed)]
            else:
                found += [(method, run) for run in runs]
        return found

    def work(self) -> float:
        """Count rows that are trained on."""
        return float(self.train * sum(self.count(method) for method in self.methods))

    def witness(self) -> Experiment:
        """Return the same methods on less data."""
        return type(self).at("quick", group=self.group)

    def seed_of(self, run: int) -> int:
        """Return the seed of a run, of its data and of the method."""
        return int(self.rng(run).integers(2**31))

    def data(self, run: int) -> Split:
        """Return the rows of a run, standardised by those that are trained on."""
        rows = classification("defaults", self.train, self.test, self.seed_of(run))
        scaler = StandardScaler().fit(rows.train)
        return Split(scaler.transform(rows.train), rows.train_labels, scaler.transform(rows.test), rows.labels)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and test."""
        method, run = cell
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other people's code; what comes of it is judged
            if run == TOGETHER:
                runs = range(self.count(method))
                parts = [self.data(r) for r in runs]
                detectors = fitted_together(method, [part.train for part in parts], [self.seed_of(r) for r in runs])
                return _stacked([_measured(d, part) for d, part in zip(detectors, parts, strict=True)])
            part, began = self.data(run), time.process_time()
            try:
                detector = fitted(method, part.train, self.seed_of(run))
            except FAILURES:  # which is a result: there is no value
                return {}
            seconds = {"seconds": np.array([time.process_time() - began])} if self.timed else {}
            return seconds if stacked(method) else _stacked([_measured(detector, part)]) | seconds

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the cells in their places."""
        methods = self.methods
        keys = KEYS if self.timed else KEYS[:-1]
        arrays = {key: np.full((len(methods), max(map(self.count, methods))), np.nan) for key in keys}
        for (method, run), part in zip(self.cells(), parts, strict=True):
            for key, values in part.items():
                at = slice(len(values)) if run == TOGETHER else slice(run, run + 1)
                arrays[key][methods.index(method), at] = values
        return arrays | {"methods": np.array(methods)}


def _measured(detector: BaseDetector, part: Split) -> Arrays:
    """Return the measures of one detector."""
    scores = scored(detector, part.test)
    found = {
        "roc_auc": np.array(roc_auc(scores, part.test_labels)),
        "average_precision": np.array(average_precision(scores, part.test_labels)),
    }
    if type(detector) is AnoRand:
        found["copy_roc_auc"] = np.array(roc_auc(detector.outputs(part.test)[1], part.test_labels))
    return found


def _stacked(found: Sequence[Arrays]) -> Arrays:
    """Stack the measures of several runs, (R,)."""
    return {key: np.stack([one[key] for one in found]) for key in found[0]}
