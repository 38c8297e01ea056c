"""Chapter `anorand-benchmark` (AnoRand 6.1 and 6.3): methods on ADBench's data sets (Tables 1 and 2, Fig. 8)."""

import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import metadata
from io import StringIO
from typing import Any, ClassVar
from zlib import crc32

import numpy as np

from anogen.detectors.mixins import seeded
from anogen.errors import InputError
from anogen.metrics.detection import average_precision, roc_auc
from companion.datasets import adbench
from companion.experiment import Arrays, Experiment, Inputs
from notebooks.anorand.anorand_benchmark import methods as listing
from notebooks.anorand.anorand_benchmark.data import SHIPPED, TABLE_2, load_rows, split
from notebooks.anorand.anorand_benchmark.methods import METHODS, SUPERVISED, Method, fit, fit_batch, score
from notebooks.anorand.common import Rows

SMALL = 5_000  # rows up to which more repetitions are affordable
ALL = -1  # in place of a repetition: all of them, as one tensor
MAX_MESSAGE = 120  # characters of a failure that are kept
MEASURES = (roc_auc, average_precision)

UNSUPERVISED_ROLES = ("fast", "noise-labels", "medium", "autoencoders", "svdd", "slow")
SUPERVISED_ROLES = ("anorand-labels", "classical", "boosted", "semi-supervised", "xgbod", "tabular")


def chapter_experiments(
    scale: str = "laptop",
    methods: Sequence[str] = (),
    supervised: Sequence[str] = (),
    sets: Sequence[str] = (),
    repetitions: int = 0,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter by role: of all methods, groups of them or files of ADBench, if empty."""
    from notebooks.anorand.anorand_benchmark.infinite import InfiniteScores
    from notebooks.anorand.anorand_benchmark.parts import ScoreVariants
    from notebooks.anorand.anorand_benchmark.synthetic import Synthetic
    from notebooks.anorand.anorand_benchmark.times import TrainingTimes

    options: dict[str, Any] = {"seed": seed}
    options |= {"sets": tuple(sets)} if sets else {}
    options |= {"repetitions": repetitions} if repetitions else {}
    experiments: dict[str, Experiment] = {
        "published": Published.at(scale, seed=seed),
        "times": TrainingTimes.at(scale, seed=seed),
        "pca": InfiniteScores.at(scale, **options),
        "parts": ScoreVariants.at(scale, **options),
    }
    informative = {} if scale == "quick" else {"train": 10_000, "timed": False}
    for group in methods or (("quick",) if scale == "quick" else UNSUPERVISED_ROLES):
        experiments[group] = Benchmark.at(scale, group=group, **options)
        experiments[f"synthetic-{group}"] = Synthetic.at(scale, group=group, seed=seed)
        experiments[f"informative-{group}"] = Synthetic.at(
            scale, group=group, setting="informative", seed=seed, **informative
        )
    for group in supervised or (("quick",) if scale == "quick" else SUPERVISED_ROLES):
        experiments[f"supervised-{group}"] = WithLabels.at(scale, group=group, **options)
    return experiments


@dataclass(frozen=True, kw_only=True)
class OnSets(Experiment):
    """Methods on data sets, each several times: another split, another seed of the method.

    Arrays, for M methods, F files and R repetitions: `roc_auc` and `average_precision` (M, F, R), NaN where there is no
    such repetition or it failed; `failure` (M, F), the message of the first failure; `methods` (M,), `sets` (F,); of
    the data `rows`, `features` and `anomalies` (F,), counted before the cap. All methods have the same splits.
    """

    named: ClassVar[tuple[str, ...]] = ("group",)
    quick: ClassVar = {"sets": SHIPPED, "group": "quick", "most": 300, "repetitions": 1}
    least: ClassVar = {"most": 20, "repetitions": 0}
    registry: ClassVar[Mapping[str, Method]] = METHODS
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = listing.GROUPS
    protocol: ClassVar[Mapping[str, Any]] = {}  # of the split, if it is not ADBench's

    sets: tuple[str, ...] = ()  # all available files of ADBench, if empty
    group: str = "fast"
    most: int = 10_000  # rows: a random part of a larger set is taken
    repetitions: int = 0  # at most, if the methods have more; 0: the number of each method

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.methods
        for name in self.sets:
            if name not in SHIPPED and name not in adbench.known():
                adbench.load(name)  # raises for an unknown or unavailable name

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the data sets' files."""
        return self.sets or tuple(adbench.known())

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the methods."""
        return listing.methods_in(self.group, self.groups, self.registry)

    def datasets(self) -> tuple[str, ...]:
        """Return ADBench, or the parts of it that are read."""
        chosen = tuple(f"{adbench.NAME}/{name}" for name in self.sets if name not in SHIPPED)
        return chosen if self.sets else (adbench.NAME,)

    def count(self, method: str, name: str) -> int:
        """Return the number of repetitions of a method on a file."""
        on_small, on_large = self.registry[method].repetitions
        count = on_small if describe(name).rows <= SMALL else on_large
        return min(count, self.repetitions or count)

    def cells(self) -> Sequence[tuple]:
        """Return a cell per file, method and repetition, or all repetitions; a file is read once for its cells."""
        return [
            (name, method, repetition)
            for name in self.files
            for method in self.methods
            for repetition in ([ALL] if self.registry[method].batched else range(self.count(method, name)))
        ]

    def work(self) -> float:
        """Return the number of training rows over all cells."""
        sizes = {name: min(describe(name).rows, self.most) for name in self.files}
        return float(sum(size * self.count(method, name) for name, size in sizes.items() for method in self.methods))

    def _seed(self, name: str, repetition: int) -> int:
        return int(self.rng(crc32(name.encode()), repetition).integers(2**31))

    def split(self, name: str, repetition: int) -> Rows:
        """Return the rows of a repetition."""
        return split(*load_rows(name), self._seed(name, repetition), max_rows=self.most, **self.protocol)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Fit and score; an exception of a method is a result."""
        name, method, repetition = cell
        repetitions = range(self.count(method, name)) if repetition == ALL else [repetition]
        splits = [self.split(name, r) for r in repetitions]
        seeds = [self._seed(name, r) for r in repetitions]
        failure = ""
        try:
            with warnings.catch_warnings(), redirect_stdout(StringIO()):  # some methods report every epoch
                warnings.simplefilter("ignore")  # of third-party code on odd data; its results are recorded
                scores = self.scores(method, splits, seeds)
            values = [[measure(s, p.labels) for s, p in zip(scores, splits, strict=True)] for measure in MEASURES]
        except listing.FAILURES as error:
            failure = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            values = [[np.nan] * len(splits)] * len(MEASURES)
        arrays = {measure.__name__: np.array(own) for measure, own in zip(MEASURES, values, strict=True)}
        return arrays | {"failure": np.array(" ".join(failure.split())[:MAX_MESSAGE])}

    def scores(self, name: str, splits: Sequence[Rows], seeds: Sequence[int]) -> list[np.ndarray]:
        """Return the scores of the test rows of every split."""
        method, d = self.registry[name], splits[0].train.shape[1]
        if method.max_features and d > method.max_features:
            raise InputError(f"not tried: {d} features are more than {method.max_features}")
        if method.batched:
            labels = [part.train_labels for part in splits] if self.registry is SUPERVISED else None
            detectors = fit_batch(method, [part.train for part in splits], seeds, labels)
            return [score(method, detector, part.test) for detector, part in zip(detectors, splits, strict=True)]
        scores = []
        for part, seed in zip(splits, seeds, strict=True):
            with seeded(seed):
                truth = part.train_labels if self.registry is SUPERVISED else None
                scores.append(score(method, fit(method, part.train, seed, truth), part.test))
        return scores

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the cells in their places."""
        methods, files = self.methods, self.files
        most = max(self.count(method, name) for method in methods for name in files)
        arrays = {measure.__name__: np.full((len(methods), len(files), most), np.nan) for measure in MEASURES}
        failure = np.full((len(methods), len(files)), "", dtype=f"U{MAX_MESSAGE}")
        for (name, method, repetition), part in zip(self.cells(), parts, strict=True):
            m, f = methods.index(method), files.index(name)
            chosen = slice(len(part["roc_auc"])) if repetition == ALL else slice(repetition, repetition + 1)
            for key, array in arrays.items():
                array[m, f, chosen] = part[key]
            failure[m, f] = failure[m, f] or str(part["failure"])
        return arrays | {"failure": failure} | self.common(inputs)

    def common(self, inputs: Inputs) -> Arrays:
        """Describe the data sets and methods."""
        sizes = [describe(name) for name in self.files]
        arrays = {key: np.array([getattr(size, key) for size in sizes]) for key in ("rows", "features", "anomalies")}
        return arrays | {"methods": np.array(self.methods), "sets": np.array(self.files)}


@dataclass(frozen=True, kw_only=True)
class Benchmark(OnSets):
    """Unsupervised detectors by ADBench's protocol: 70% of the rows to train, with the same share of anomalies."""

    name = "ad-benchmark"

    def witness(self) -> Experiment:
        """Return the same methods on the sets that packages ship."""
        return type(self).at("quick", group=self.group)


@dataclass(frozen=True, kw_only=True)
class Published(OnSets):
    """The protocol of the results that PyOD's documentation publishes: 60% to train, at random, twenty times.

    `results.compare_published` compares the two.
    """

    name = "pyod-published"
    named = ()
    quick: ClassVar = {**OnSets.quick, "group": "hbos", "splits": 2}
    least: ClassVar = {"splits": 1}
    protocol: ClassVar = {"test_share": 0.4, "stratified": False}

    sets: tuple[str, ...] = ("letter", "mnist", "optdigits", "Pima", "satimage-2", "vertebral")
    group: str = "published"
    most: int = 100_000
    splits: int = 20

    def count(self, method: str, name: str) -> int:
        """Return the number of splits."""
        return self.splits


@dataclass(frozen=True, kw_only=True)
class WithLabels(OnSets):
    """The methods of Table 2 with all training labels, by the protocol of the benchmark, on its available data sets.

    Arrays as those of `OnSets`; and `versions` (M,), the package of each method and its version.
    """

    name = "ad-supervised"
    registry = SUPERVISED
    groups = listing.SUPERVISED_GROUPS

    group: str = "classical"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the data sets' files."""
        printed = set(TABLE_2.values())
        return self.sets or tuple(name for name, entry in adbench.known().items() if entry.set in printed)

    def count(self, method: str, name: str) -> int:
        """Return the number of repetitions on a file; the categories of one data set need no repetition."""
        return 1 if describe(name).set != name else super().count(method, name)

    def common(self, inputs: Inputs) -> Arrays:
        """Describe the data sets and methods, and name the packages."""
        packages = [SUPERVISED[method].package for method in self.methods]
        return super().common(inputs) | {"versions": np.array([f"{p} {_version(p)}" for p in packages])}


def _version(package: str) -> str:
    """Return the version of a package, whatever its distribution is called."""
    for name in (package, f"{package}-cpu"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "?"


def describe(name: str) -> adbench.Entry:
    """Return the catalogue's entry of a file, or an entry for a set that packages ship."""
    if name not in SHIPPED:
        return adbench.known()[name]
    x, y = load_rows(name)
    return adbench.Entry(name, "shipped", name, len(x), x.shape[1], int(y.sum()), "")
