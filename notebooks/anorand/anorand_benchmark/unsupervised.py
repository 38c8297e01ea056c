"""Detectors on ADBench's data sets (AnoRand Table 1, Fig. 8), and on those whose results PyOD has published."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar
from zlib import crc32

import numpy as np

from anogen.errors import InputError
from anogen.metrics.detection import average_precision, roc_auc
from companion.datasets import adbench
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.anorand.anorand_benchmark.data import SHIPPED, Split, rows, split
from notebooks.anorand.anorand_benchmark.methods import (
    FAILURES,
    METHODS,
    fitted,
    fitted_together,
    group,
    scored,
    stacked,
)

SMALL = 5_000  # rows up to which more repetitions are affordable
TOGETHER = -1  # in place of a repetition: all of them, as one tensor
LONGEST = 120  # characters of a failure that are kept
MEASURES = (roc_auc, average_precision)
KEYS = tuple(measure.__name__ for measure in MEASURES)


@dataclass(frozen=True, kw_only=True)
class OnSets(Experiment):
    """Methods on data sets, each several times: another split, another seed of the method.

    Arrays, for M methods, F files and R repetitions: `roc_auc` and `average_precision` (M, F, R), NaN where there is no
    such repetition or it failed; `failure` (M, F), what the first failure said; `methods` (M,), `sets` (F,); of the
    data `rows`, `features` and `anomalies` (F,), counted before the cap. All methods have the same splits.
    """

    named: ClassVar[tuple[str, ...]] = ("group",)
    quick: ClassVar = {"sets": SHIPPED, "group": "quick", "most": 300, "repetitions": 1}
    tolerance = 0.2

    sets: tuple[str, ...] = ()  # all files of ADBench that can be had, if empty
    group: str = "fast"
    most: int = 10_000  # rows: a random part of a larger set is taken
    repetitions: int = 0  # at most, where the methods have more; 0: as many as they have

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.methods
        at_least(20, most=self.most)
        at_least(0, repetitions=self.repetitions)
        for name in self.sets:
            if name not in SHIPPED and name not in adbench.known():
                adbench.load(name)  # says what is wrong with it

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the data sets' files."""
        return self.sets or tuple(adbench.known())

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the methods."""
        return group(self.group)

    def datasets(self) -> tuple[str, ...]:
        """Return ADBench, or what is read of it."""
        chosen = tuple(f"{adbench.NAME}/{name}" for name in self.sets if name not in SHIPPED)
        return chosen if self.sets else (adbench.NAME,)

    def count(self, method: str, name: str) -> int:
        """Return how often a method is tried on a file."""
        few, fewer = METHODS[method].repetitions
        often = few if size(name).rows <= SMALL else fewer
        return min(often, self.repetitions or often)

    def together(self, method: str) -> bool:
        """Tell whether all repetitions of a method are one tensor."""
        return stacked(method)

    def cells(self) -> Sequence[tuple]:
        """One cell for each file, method and repetition, so that a file is read once; or for all repetitions."""
        return [
            (name, method, repetition)
            for name in self.files
            for method in self.methods
            for repetition in ([TOGETHER] if self.together(method) else range(self.count(method, name)))
        ]

    def work(self) -> float:
        """Count rows that are trained on."""
        return float(
            sum(
                min(size(name).rows, self.most) * self.count(method, name)
                for name in self.files
                for method in self.methods
            )
        )

    def witness(self) -> Experiment:
        """Return the same methods on the sets that packages ship."""
        return type(self).at("quick", group=self.group)

    def seed_of(self, name: str, repetition: int) -> int:
        """Return the seed of a repetition on a file: of its split, and of the method."""
        return int(self.rng(crc32(name.encode()), repetition).integers(2**31))

    def parted(self, name: str, repetition: int) -> Split:
        """Return the rows of a repetition."""
        return split(*_rows(name), self.seed_of(name, repetition), most=self.most)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Fit and score; what a method raises is a result."""
        name, method, repetition = cell
        repetitions = range(self.count(method, name)) if repetition == TOGETHER else [repetition]
        parts = [self.parted(name, r) for r in repetitions]
        seeds = [self.seed_of(name, r) for r in repetitions]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of other people's code on odd data; what comes of it is judged
                pairs = list(zip(self.measured(method, parts, seeds), (p.test_labels for p in parts), strict=True))
            return {measure.__name__: np.array([measure(*pair) for pair in pairs]) for measure in MEASURES} | {
                "failure": np.array("")
            }
        except FAILURES as error:
            said = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            unknown = np.full(len(parts), np.nan)
            return {measure.__name__: unknown for measure in MEASURES} | {"failure": np.array(_short(said))}

    def measured(self, method: str, parts: Sequence[Split], seeds: Sequence[int]) -> list[np.ndarray]:
        """Return the scores of every part's test rows."""
        widest, d = METHODS[method].widest, parts[0].train.shape[1]
        if widest and d > widest:
            raise InputError(f"not tried: {d} features are more than {widest}")
        trains = [part.train for part in parts]
        if self.together(method):
            detectors = fitted_together(method, trains, seeds)
        else:
            detectors = [fitted(method, train, seed) for train, seed in zip(trains, seeds, strict=True)]
        return [scored(detector, part.test) for detector, part in zip(detectors, parts, strict=True)]

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the cells in their places."""
        methods, files = self.methods, self.files
        most = max(self.count(method, name) for method in methods for name in files)
        arrays = {key: np.full((len(methods), len(files), most), np.nan) for key in KEYS}
        failure = np.full((len(methods), len(files)), "", dtype=f"U{LONGEST}")
        for (name, method, repetition), part in zip(self.cells(), parts, strict=True):
            m, f = methods.index(method), files.index(name)
            at = slice(0, len(part["roc_auc"])) if repetition == TOGETHER else slice(repetition, repetition + 1)
            for key, array in arrays.items():
                array[m, f, at] = part[key]
            failure[m, f] = failure[m, f] or str(part["failure"])
        return arrays | {"failure": failure, "methods": np.array(methods), "sets": np.array(files)} | self.described()

    def described(self) -> Arrays:
        """Return how large the sets are, without reading those of ADBench."""
        sizes = [size(name) for name in self.files]
        return {key: np.array([getattr(size, key) for size in sizes]) for key in ("rows", "features", "anomalies")}


@dataclass(frozen=True, kw_only=True)
class Benchmark(OnSets):
    """Unsupervised detectors by ADBench's protocol: 70% of the rows to train, of either kind its share."""

    name = "ad-benchmark"


@dataclass(frozen=True, kw_only=True)
class Published(OnSets):
    """The protocol of the results that PyOD's documentation publishes: 60% to train, at random, twenty times.

    What is compared with it stands in `notebooks.anorand.anorand_benchmark.published`.
    """

    name = "pyod-published"
    named = ()
    quick: ClassVar = {**OnSets.quick, "group": "hbos", "splits": 2}

    sets: tuple[str, ...] = ("letter", "mnist", "optdigits", "Pima", "satimage-2", "vertebral")
    group: str = "published"
    most: int = 100_000
    splits: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, splits=self.splits)

    def count(self, method: str, name: str) -> int:
        """Return how often a method is tried on a file."""
        return self.splits

    def parted(self, name: str, repetition: int) -> Split:
        """Return the rows of a repetition."""
        return split(*_rows(name), self.seed_of(name, repetition), most=self.most, test=0.4, alike=False)

    def witness(self) -> Experiment:
        """Return one method on the sets that packages ship."""
        return type(self).at("quick")


@lru_cache(maxsize=1)
def _rows(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and labels, remembered for the cells that follow."""
    return rows(name)


def size(name: str) -> adbench.Entry:
    """Return a line of the catalogue, made up for a set that packages ship."""
    if name not in SHIPPED:
        return adbench.known()[name]
    x, y = _rows(name)
    return adbench.Entry(name, "shipped", name, len(x), x.shape[1], int(y.sum()), "")


def _short(text: str) -> str:
    """Return a message as one line of limited length."""
    return " ".join(text.split())[:LONGEST]
