"""Chapter `audit-bench`: the audit on planted faults and on sound detectors, and on every detector of two libraries."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn import datasets as bundled
from sklearn.neighbors import LocalOutlierFactor

from anogen.auditing import FINDINGS, Finding, audit
from anogen.auditing.data import AuditData
from anogen.auditing.detector import import_detector
from anogen.errors import InputError
from companion.datasets import adbench
from companion.experiment import Arrays, Experiment, Inputs
from notebooks.beyond.audit_bench import sound
from notebooks.beyond.audit_bench.faults import FAULTS

MAX_ROWS = 300  # normal rows of a data set
DATASETS = {
    "development": (
        "breast-cancer", "wine", "adbench/thyroid", "adbench/cardio", "adbench/mammography", "synthetic-heavy-tails",
    ),
    "test": (
        "digits", "diabetes", "adbench/Pima", "adbench/Waveform", "adbench/Stamps", "adbench/WDBC",
        "adbench/PageBlocks", "synthetic-correlated",
    ),
    "second-test": (
        "adbench/magic.gamma", "adbench/Ionosphere", "adbench/WPBC", "adbench/cover", "adbench/shuttle", "adbench/Wilt",
        "synthetic-skewed",
    ),
}  # fmt: skip
ONE_CLASS = {"breast-cancer": 1, "wine": 1, "digits": 3}  # the normal class of labelled data of scikit-learn
BASES = {
    "development": ("neighbours-10", "mixture-1-full", "forest-100"),
    "test": ("neighbours-5", "oas", "pyod-iforest"),
    "second-test": ("neighbours-15", "factor-analysis", "forest-250"),
}
PASSED, FOUND, UNDECIDED, FAILED = 0, 1, -1, 2
LIBRARY_DATA = (
    "breast-cancer", "wine", "digits", "diabetes", "adbench/thyroid", "adbench/cardio", "adbench/mammography",
    "adbench/Pima", "adbench/Waveform", "adbench/Stamps",
)  # fmt: skip
LIBRARY = (
    "pyod.models.abod:ABOD", "pyod.models.cblof:CBLOF", "pyod.models.cd:CD", "pyod.models.cof:COF",
    "pyod.models.copod:COPOD", "pyod.models.ecod:ECOD", "pyod.models.gmm:GMM", "pyod.models.hbos:HBOS",
    "pyod.models.hdbscan:HDBSCAN", "pyod.models.iforest:IForest", "pyod.models.inne:INNE", "pyod.models.kde:KDE",
    "pyod.models.knn:KNN", "pyod.models.kpca:KPCA", "pyod.models.loda:LODA", "pyod.models.lof:LOF",
    "pyod.models.mcd:MCD", "pyod.models.ocsvm:OCSVM", "pyod.models.pca:PCA", "pyod.models.qmcd:QMCD",
    "pyod.models.sampling:Sampling", "pyod.models.sos:SOS", "sklearn.covariance:EllipticEnvelope",
    "sklearn.ensemble:IsolationForest", "sklearn.linear_model:SGDOneClassSVM", "sklearn.neighbors:LocalOutlierFactor",
    "sklearn.svm:OneClassSVM",
)  # fmt: skip


def load_rows(name: str, seed: int) -> np.ndarray:
    """Return at most 300 normal rows (n, d) of a data set, chosen by the seed, without constant columns.

    Normal rows are one class, since a detector with one center is not sound on several.
    """
    rng = np.random.default_rng([seed, 25])
    if name.startswith(adbench.NAME):
        table = adbench.load(name.partition("/")[2])
        rows = table.x[table.y == 0]
    elif name.startswith("synthetic"):
        rows = rng.standard_normal((MAX_ROWS, 8)) @ rng.standard_normal((8, 8)) * rng.uniform(0.1, 50, 8) + 20
        if name == "synthetic-heavy-tails":
            rows = rows / np.sqrt(rng.chisquare(4, (MAX_ROWS, 1)) / 4)
        if name == "synthetic-skewed":
            rows = np.exp((rows - 20) / (2 * rows.std(axis=0)))
    else:
        data = getattr(bundled, f"load_{name.replace('-', '_')}")()
        rows = data.data[data.target == ONE_CLASS[name]] if name in ONE_CLASS else data.data
    rows = rows[rng.permutation(len(rows))[:MAX_ROWS]].astype(np.float64)
    return rows[:, np.ptp(rows, axis=0) > 0]


def codes(found: Mapping[str, Finding]) -> np.ndarray:
    """Return the findings as int8 (F,): 0 passed, 1 found, -1 undecided."""
    values = {True: PASSED, False: FOUND, None: UNDECIDED}
    return np.array([values[found[name].passed] for name in FINDINGS], dtype=np.int8)


@dataclass(frozen=True, kw_only=True)
class AuditBench(Experiment):
    """Planted faults and sound detectors of one half, audited on each data set of that half, without labels.

    Arrays, for D data sets and C cases, first the faults and then the sound detectors: `findings` (D, C, F) int8, 0
    passed, 1 found, -1 undecided, in the order of `auditing.FINDINGS`; `refused` (D, C), whether the audit ended in one
    line; `calls` (D, C) of the score; `case_names` (C,) and `data_names` (D,).
    """

    name = "audit-bench"
    named: ClassVar = ("half",)
    axes: ClassVar = ("data_names", "case_names")
    listed: ClassVar = {"data_names": "data_names", "case_names": "case_names"}
    quick: ClassVar = {"cases": ("flipped-sign", "all-zero", "neighbours-3"), "data": ("synthetic-heavy-tails",)}

    half: str = "development"
    data: tuple[str, ...] = ()  # all of the half
    cases: tuple[str, ...] = ()  # all of the half

    def __post_init__(self) -> None:
        if self.half not in DATASETS:
            raise InputError(f"half {self.half!r} is unknown: choose one of {', '.join(DATASETS)}")
        super().__post_init__()

    @property
    def data_names(self) -> tuple[str, ...]:
        """The data sets."""
        return self.data or DATASETS[self.half]

    @property
    def case_names(self) -> tuple[str, ...]:
        """The planted faults and sound detectors."""
        faults = (name for name, fault in FAULTS.items() if fault.half == self.half)
        return self.cases or (*faults, *sound.HALVES[self.half])

    def datasets(self) -> tuple[str, ...]:
        """Return the names of the data sets that need files."""
        return tuple({name.partition("/")[0] for name in self.data_names if "/" in name})

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Audit one detector on one data set."""
        data, case = cell
        X = load_rows(data, self.seed)
        fault = FAULTS.get(case)
        if fault is None:
            detector: sound.Sound = sound.Sound(case, self.seed)
        else:
            bases = BASES[self.half]
            base = fault.base or bases[self.case_names.index(case) % len(bases)]
            detector = fault.detector(base, self.seed)
            X = np.concatenate([X, np.full((len(X), fault.constant_columns), 2.0)], axis=1)
        with warnings.catch_warnings(action="ignore"):  # of collinear columns and few rows
            detector.fit(AuditData.from_arrays(X, image_shape=None, seed=self.seed).train)
        try:
            report = audit(
                detector, X, image_shape=None, copy=False, max_seconds=np.inf, random_state=self.seed, name=case
            )
        except InputError:
            nothing = np.full(len(FINDINGS), UNDECIDED, dtype=np.int8)
            return {"findings": nothing, "refused": np.array(True), "calls": np.array(0)}
        return {
            "findings": codes(report.findings),
            "refused": np.array(False),
            "calls": np.array(report.calls),
        }


@dataclass(frozen=True, kw_only=True)
class LibraryAudit(Experiment):
    """Detectors of PyOD and scikit-learn with their defaults, fitted to the normal rows of data sets and audited.

    Arrays, for C detectors and D data sets: `findings` (C, D, F) int8, 0 passed, 1 found, -1 undecided, 2 if the audit
    could not be made, in the order of `auditing.FINDINGS`.
    """

    name = "library-audit"
    axes: ClassVar = ("detectors", "data")
    quick: ClassVar = {"detectors": ("pyod.models.knn:KNN",), "data": ("wine",)}

    detectors: tuple[str, ...] = LIBRARY
    data: tuple[str, ...] = LIBRARY_DATA

    def datasets(self) -> tuple[str, ...]:
        """Return the names of the data sets that need files."""
        return tuple({name.partition("/")[0] for name in self.data if "/" in name})

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Audit one detector on one data set."""
        path, data = cell
        try:
            detector = import_detector(path)
            if detector is LocalOutlierFactor:
                detector = NoveltyLOF
            report = audit(
                detector, load_rows(data, self.seed), image_shape=None, max_seconds=np.inf, random_state=self.seed,
                name=path,
            )  # fmt: skip
        except InputError:
            return {"findings": np.full(len(FINDINGS), FAILED, dtype=np.int8)}
        return {"findings": codes(report.findings)}


class NoveltyLOF(LocalOutlierFactor):
    """LOF for new rows, the only form of scikit-learn's that has scores for them."""

    def __init__(self) -> None:
        super().__init__(novelty=True)


def chapter_experiments(scale: str = "laptop", seed: int = 0) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    return {
        "second-test": AuditBench.at(scale, half="second-test", seed=seed),
        "library": LibraryAudit.at(scale, seed=seed),
    }
