"""Detectors that are given labels: AnoRand's Table 2, by the protocol of the benchmark, with all training labels."""

import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from io import StringIO
from typing import Any, NamedTuple

import numpy as np

from anogen.detectors.anorand import fit_together
from anogen.detectors.mixins import seeded
from anogen.errors import InputError
from companion.datasets import adbench
from companion.experiment import Arrays, Inputs
from notebooks.anorand.anorand_benchmark.data import Split
from notebooks.anorand.anorand_benchmark.repen import todays_numpy
from notebooks.anorand.anorand_benchmark.unsupervised import SMALL, OnSets, size

# The data sets of Table 2 as the source prints them, and as ADBench has them.
TABLE_2 = {
    "campaign": "campaign", "celeba": "celeba", "cover": "cover", "fraud": "fraud", "CFAR10": "CIFAR10",
    "census": "census", "Waveform": "Waveform", "imdb": "imdb", "magic_gamma": "magic.gamma", "wilt": "Wilt",
    "Amazon": "amazon", "FashionMNIST": "FashionMNIST", "Agnews": "agnews", "anthyroid": "annthyroid",
    "cardio": "cardio", "SVMN": "SVHN", "letter": "letter", "fault": "fault", "MVTec-AD": "MVTec-AD",
}  # fmt: skip


# Packages that the book can do without; each is imported by its own name.
OPTIONAL = ("catboost", "deepod", "lightgbm", "rtdl_revisiting_models", "xgboost")


class Supervised(NamedTuple):
    """A method of Table 2, with its library's defaults."""

    column: str  # of the source's table
    path: str  # module:Class
    package: str  # that has it
    cap: int = 0  # training rows that it is given at most
    repetitions: tuple[int, int] = (3, 2)  # up to 5,000 rows and above
    score: str = "decision_function"  # or the method that gives the probability of an anomaly
    options: Mapping[str, Any] = {}


QUIET: Mapping[str, Any] = {"device": "cpu", "verbose": 0}
SUPERVISED = {
    "nb": Supervised("NB", "sklearn.naive_bayes:GaussianNB", "scikit-learn", score="predict_proba"),
    "svm": Supervised("SVM", "sklearn.svm:SVC", "scikit-learn"),
    "mlp": Supervised("MLP", "sklearn.neural_network:MLPClassifier", "scikit-learn", score="predict_proba"),
    "forest": Supervised("RF", "sklearn.ensemble:RandomForestClassifier", "scikit-learn", score="predict_proba"),
    "lightgbm": Supervised(
        "LightGBM", "lightgbm:LGBMClassifier", "lightgbm", score="predict_proba", options={"verbose": -1, "n_jobs": 1}
    ),
    "xgboost": Supervised("XGBoost", "xgboost:XGBClassifier", "xgboost", score="predict_proba", options={"n_jobs": 1}),
    "catboost": Supervised(
        "CatBoost", "catboost:CatBoostClassifier", "catboost", score="predict_proba", repetitions=(1, 1),
        options={"verbose": 0, "thread_count": 1, "allow_writing_files": False},
    ),
    "xgbod": Supervised("XGBOD", "pyod.models.xgbod:XGBOD", "xgboost", cap=1_000, repetitions=(1, 1)),
    "devnet": Supervised("DevNet", "pyod.models.devnet:DevNet", "pyod", repetitions=(1, 1)),
    "devnet-deepod": Supervised("DevNet", "deepod.models.tabular:DevNet", "deepod", 1_000, (1, 1), options=QUIET),
    "deepsad": Supervised("DeepSAD", "deepod.models.tabular:DeepSAD", "deepod", 1_000, (1, 1), options=QUIET),
    "repen": Supervised("REPEN", "deepod.models.tabular:REPEN", "deepod", 1_000, (1, 1), options=QUIET),
    "prenet": Supervised("PReNet", "deepod.models.tabular:PReNet", "deepod", 1_000, (1, 1), options=QUIET),
    "feawad": Supervised("FEAWAD", "deepod.models.tabular:FeaWAD", "deepod", 1_000, (1, 1), options=QUIET),
    "resnet": Supervised("ResNet", "notebooks.anorand.anorand_benchmark.own_data:ResNet", "rtdl_revisiting_models"),
    "ft-transformer": Supervised(
        "FTTransformer", "notebooks.anorand.anorand_benchmark.own_data:FTTransformer", "rtdl_revisiting_models", 1_000, (1, 1)
    ),
    "anorand-labels": Supervised("AnoRand", "anogen.detectors.anorand:AnoRand", "anogen", repetitions=(3, 2)),
}  # fmt: skip
SUPERVISED_GROUPS = {
    "classical": ("nb", "svm", "mlp", "forest"),
    "boosted": ("lightgbm", "xgboost", "catboost"),
    "anorand-labels": ("anorand-labels",),
    "semi-supervised": ("devnet", "devnet-deepod", "deepsad", "repen", "prenet", "feawad"),
    "xgbod": ("xgbod",),
    "tabular": ("resnet", "ft-transformer"),
    "quick": ("nb", "anorand-labels"),
}
NOT_HERE = {"GANomaly": "not computed: it was made for images"}


@dataclass(frozen=True, kw_only=True)
class WithLabels(OnSets):
    """The methods of Table 2 on its data sets, as far as they can be had.

    Arrays as those of `OnSets`; and `versions` (M,), the package of each method and its version.
    """

    name = "ad-supervised"

    group: str = "classical"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the data sets' files."""
        wanted = set(TABLE_2.values())
        return self.sets or tuple(name for name, entry in adbench.known().items() if entry.set in wanted)

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the methods."""
        if self.group in SUPERVISED_GROUPS:
            return SUPERVISED_GROUPS[self.group]
        if self.group not in SUPERVISED:
            known = ", ".join([*SUPERVISED_GROUPS, *SUPERVISED])
            raise InputError(f"unknown method {self.group!r}: choose one of {known}")
        return (self.group,)

    def count(self, method: str, name: str) -> int:
        """Return how often a method is tried on a file; the categories of one data set need no repetition."""
        few, fewer = SUPERVISED[method].repetitions
        often = few if size(name).rows <= SMALL else fewer
        often = 1 if size(name).set != name else often
        return min(often, self.repetitions or often)

    def together(self, method: str) -> bool:
        """Tell whether all repetitions of a method are one tensor."""
        return SUPERVISED[method].package == "anogen"

    def witness(self) -> "WithLabels":
        """Return what needs no optional package, on the sets that packages ship."""
        return type(self).at("quick")

    def measured(self, method: str, parts: Sequence[Split], seeds: Sequence[int]) -> list[np.ndarray]:
        """Return the scores of every part's test rows."""
        if self.together(method):
            detectors = [kind(method)(supervision="labels", random_state=seed) for seed in seeds]
            fitted = fit_together(detectors, [p.train for p in parts], [p.train_labels for p in parts])
            return [detector.decision_function(p.test) for detector, p in zip(fitted, parts, strict=True)]
        return [scores(method, part, seed) for part, seed in zip(parts, seeds, strict=True)]

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the cells in their places, and name the packages."""
        packages = [SUPERVISED[method].package for method in self.methods]
        return super().collect(parts, inputs) | {"versions": np.array([f"{p} {version(p)}" for p in packages])}


def version(package: str) -> str:
    """Return the version of a package, whatever the distribution is called."""
    for name in (package, f"{package}-cpu"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "?"


def kind(method: str) -> Callable[..., Any]:
    """Return the class of a method; one whose package is not installed is answered with what to install."""
    module, _, name = SUPERVISED[method].path.partition(":")
    package = SUPERVISED[method].package
    if package in OPTIONAL and find_spec(package) is None:
        # deepod asks for a PyTorch of 2022, and works with today's
        extra = "pip install --no-deps deepod" if package == "deepod" else "pip install 'anogen[supervised]'"
        raise InputError(f"{method} needs {package}, which is not installed: {extra}")
    return getattr(importlib.import_module(module), name)


def scores(method: str, part: Split, seed: int) -> np.ndarray:
    """Return the scores of the test rows (m, d), (m,), by a method fitted to the training rows and all their labels."""
    make, how, rng = kind(method), SUPERVISED[method], np.random.default_rng(seed)
    chosen = np.arange(len(part.train))
    if how.cap and len(chosen) > how.cap:
        chosen = np.sort(rng.choice(chosen, how.cap, replace=False))
    takes = inspect.signature(make).parameters
    named = next((key for key in ("random_state", "random_seed") if key in takes), None)
    with seeded(seed), redirect_stdout(StringIO()), todays_numpy(method, rng):  # some report every epoch
        model = make(**({named: seed} if named else {}), **how.options)
        model.fit(part.train[chosen], part.train_labels[chosen].astype(np.int64))
        found = np.asarray(getattr(model, how.score)(part.test), dtype=np.float64)
    return found[:, 1] if found.ndim == 2 else found.reshape(-1)
