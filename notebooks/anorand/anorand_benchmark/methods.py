"""The detectors of the benchmark, with their libraries' defaults: how one is fitted to rows and scores others."""

import importlib
import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from pyod.models.base import BaseDetector

from anogen.detectors.anorand import fit_together
from anogen.detectors.mixins import seeded
from anogen.errors import InputError


class Method(NamedTuple):
    """A detector of the benchmark."""

    title: str
    path: str  # module:Class
    kind: str = "classical"  # or `deep`
    cap: int = 0  # training rows that it is given at most; 0: all of them
    widest: int = 0  # features above which it takes too long; 0: none
    repetitions: tuple[int, int] = (5, 3)  # up to 5,000 rows and above
    runs: int = 10  # on synthetic data, whose training sets are large
    listed: bool = True  # in the source's list, or named in its results


METHODS = {
    "cblof": Method("CBLOF", "pyod.models.cblof:CBLOF"),
    "hbos": Method("HBOS", "pyod.models.hbos:HBOS"),
    "knn": Method("KNN", "pyod.models.knn:KNN"),
    "iforest": Method("IForest", "pyod.models.iforest:IForest"),
    "lof": Method("LOF", "pyod.models.lof:LOF"),
    "ocsvm": Method("OCSVM", "pyod.models.ocsvm:OCSVM", repetitions=(3, 1), runs=3),
    "pca": Method("PCA", "pyod.models.pca:PCA"),
    "cof": Method("COF", "pyod.models.cof:COF", cap=2_000, repetitions=(1, 1), runs=3),
    "sod": Method("SOD", "notebooks.anorand.anorand_benchmark.sod:SOD", cap=2_000, repetitions=(1, 1), runs=3),
    "copod": Method("COPOD", "pyod.models.copod:COPOD"),
    "ecod": Method("ECOD", "pyod.models.ecod:ECOD"),
    "autoencoder": Method("Autoencoder", "anogen.detectors.dense:AutoEncoder", "deep", repetitions=(1, 1)),
    "deep-svdd": Method(
        "Deep SVDD", "anogen.detectors.deep_svdd:DeepSVDD", "deep", cap=3_500, repetitions=(1, 1), runs=3
    ),
    "gmm": Method("GMM", "pyod.models.gmm:GMM"),
    "loda": Method("LODA", "pyod.models.loda:LODA"),
    "abod": Method("ABOD", "pyod.models.abod:ABOD", repetitions=(1, 1), runs=3, listed=False),
    "feature-bagging": Method(
        "Feature bagging", "notebooks.anorand.anorand_benchmark.feature_bagging:FeatureBagging", repetitions=(1, 1), runs=1, listed=False
    ),
    "mcd": Method("MCD", "pyod.models.mcd:MCD", widest=200, repetitions=(1, 1), runs=3, listed=False),
    "vae": Method("VAE", "anogen.detectors.dense:MeanVAE", "deep", cap=3_500, repetitions=(1, 1)),
    "mlp": Method("MLP, synthetic labels", "notebooks.anorand.anorand_benchmark.anorand_mlp:SyntheticMLP", "deep"),
    "anorand": Method("AnoRand", "anogen.detectors.anorand:AnoRand", "deep"),
}  # fmt: skip

# What is computed into one record: by what it costs, so that a part of the benchmark can be had without the rest.
GROUPS = {
    "fast": ("cblof", "hbos", "knn", "iforest", "lof", "pca", "copod", "ecod", "gmm", "loda"),
    "medium": ("ocsvm", "abod", "feature-bagging", "mcd"),
    "noise-labels": ("anorand", "mlp"),
    "autoencoders": ("autoencoder", "vae"),
    "svdd": ("deep-svdd",),
    "slow": ("cof", "sod"),
    "published": ("abod", "cblof", "feature-bagging", "hbos", "iforest", "knn", "lof", "mcd", "ocsvm", "pca"),
    "quick": ("hbos", "knn", "iforest", "anorand"),
}
# What third-party code raises on data that it cannot digest; a cell then says what it said.
FAILURES = (ValueError, ArithmeticError, LookupError, RuntimeError, TypeError, MemoryError, AttributeError)


def group(name: str) -> tuple[str, ...]:
    """Return the methods of a group, or the one of that name."""
    if name in METHODS:
        return (name,)
    if name not in GROUPS:
        raise InputError(f"unknown method {name!r}: choose one of {', '.join([*GROUPS, *METHODS])}")
    return GROUPS[name]


def kind(name: str) -> Any:
    """Return the class of a method."""
    module, _, attribute = METHODS[name].path.partition(":")
    return getattr(importlib.import_module(module), attribute)


def stacked(name: str) -> bool:
    """Tell whether several trainings of a method fit into one tensor, which takes little longer than one."""
    return METHODS[name].path.startswith("anogen.detectors.anorand")


def fitted(name: str, train: np.ndarray, seed: int) -> BaseDetector:
    """Return a method fitted to rows (n, d), with its library's defaults."""
    make, rng = kind(name), np.random.default_rng(seed)
    cap = METHODS[name].cap
    if cap and len(train) > cap:
        train = train[rng.choice(len(train), cap, replace=False)]
    takes = inspect.signature(make).parameters
    given = {"n_features": train.shape[1], "random_state": seed, "verbose": 0}
    with seeded(seed):  # some of PyOD's draw from numpy's global generator whatever they are given
        detector = make(**{key: value for key, value in given.items() if key in takes})
        detector.fit(train)
    return detector


def fitted_together(name: str, trains: Sequence[np.ndarray], seeds: Sequence[int]) -> Sequence[BaseDetector]:
    """Return what `fitted` would for several training sets of one shape, up to rounding, trained as one tensor."""
    make = kind(name)
    return fit_together([make(random_state=seed) for seed in seeds], trains)


def scored(detector: BaseDetector, test: np.ndarray) -> np.ndarray:
    """Return the scores of rows (m, d), (m,)."""
    return np.asarray(detector.decision_function(test), dtype=np.float64).reshape(-1)
