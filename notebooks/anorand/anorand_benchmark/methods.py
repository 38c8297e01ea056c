"""The methods of the benchmark with their libraries' defaults: unsupervised detectors, and classifiers with labels."""

import importlib
import inspect
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from anogen.detectors.anorand import AnoRand, fit_together
from anogen.errors import InputError
from notebooks.anorand.anorand_benchmark.detectors import numpy_2_triplets

OWN = "notebooks.anorand.anorand_benchmark.detectors"
# Optional packages, which are imported under their own names.
OPTIONAL = ("catboost", "deepod", "lightgbm", "rtdl_revisiting_models", "xgboost")


class Method(NamedTuple):
    """A method of the benchmark."""

    title: str
    path: str  # module:Class
    kind: str = "classical"  # or `deep`
    package: str = ""  # the library of a supervised method
    column: str = ""  # of the source's Table 2, if it is not the title
    cap: int = 0  # largest number of training rows; 0: no limit
    max_features: int = 0  # above which it takes too long; 0: no limit
    repetitions: tuple[int, int] = (5, 3)  # up to 5,000 rows and above
    runs: int = 10  # on synthetic data, whose training sets are large
    listed: bool = True  # in the source's list, or named in its results
    batched: bool = False  # whether several trainings run as one tensor, which takes little longer than one
    score: str = "decision_function"  # or `predict_proba`, whose second column is the probability of an anomaly
    options: Mapping[str, Any] = {}

    def load(self) -> Any:
        """Return the class; an `InputError` names the command that installs a missing package."""
        if self.package in OPTIONAL and find_spec(self.package) is None:
            # deepod requires a PyTorch of 2022, but works with today's
            extra = "pip install --no-deps deepod" if self.package == "deepod" else "pip install 'anogen[supervised]'"
            raise InputError(f"{self.title} needs {self.package}, which is not installed: {extra}")
        module, _, name = self.path.partition(":")
        return getattr(importlib.import_module(module), name)


METHODS = {
    "cblof": Method("CBLOF", "pyod.models.cblof:CBLOF"),
    "hbos": Method("HBOS", "pyod.models.hbos:HBOS"),
    "knn": Method("KNN", "pyod.models.knn:KNN"),
    "iforest": Method("IForest", "pyod.models.iforest:IForest"),
    "lof": Method("LOF", "pyod.models.lof:LOF"),
    "ocsvm": Method("OCSVM", "pyod.models.ocsvm:OCSVM", repetitions=(3, 1), runs=3),
    "pca": Method("PCA", "pyod.models.pca:PCA"),
    "cof": Method("COF", "pyod.models.cof:COF", cap=2_000, repetitions=(1, 1), runs=3),
    "sod": Method("SOD", f"{OWN}:SOD", cap=2_000, repetitions=(1, 1), runs=3),
    "copod": Method("COPOD", "pyod.models.copod:COPOD"),
    "ecod": Method("ECOD", "pyod.models.ecod:ECOD"),
    "autoencoder": Method("Autoencoder", "anogen.detectors.autoencoder:AutoEncoder", "deep", repetitions=(1, 1)),
    "deep-svdd": Method(
        "Deep SVDD", "anogen.detectors.deep_svdd:DeepSVDD", "deep", cap=3_500, repetitions=(1, 1), runs=5
    ),
    "gmm": Method("GMM", "pyod.models.gmm:GMM"),
    "loda": Method("LODA", "pyod.models.loda:LODA"),
    "abod": Method("ABOD", "pyod.models.abod:ABOD", repetitions=(1, 1), runs=3, listed=False),
    "feature-bagging": Method("Feature bagging", f"{OWN}:FeatureBagging", repetitions=(1, 1), runs=1, listed=False),
    "mcd": Method("MCD", "pyod.models.mcd:MCD", max_features=200, repetitions=(1, 1), runs=3, listed=False),
    "vae": Method("VAE", "anogen.detectors.autoencoder:MeanVAE", "deep", cap=3_500, repetitions=(1, 1)),
    "mlp": Method("MLP, synthetic labels", f"{OWN}:SyntheticMLP", "deep", batched=True),
    "anorand": Method("AnoRand", "anogen.detectors.anorand:AnoRand", "deep", batched=True),
}  # fmt: skip

# What is computed into one record: by its cost, so that a part of the benchmark can be computed without the rest.
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


def _supervised(path: str, package: str, title: str, **options: Any) -> Method:
    return Method(title, path, package=package, **{"repetitions": (3, 2), **options})


def _classifier(path: str, title: str, package: str = "scikit-learn", **options: Any) -> Method:
    return _supervised(path, package, title, score="predict_proba", **options)


def _deepod(name: str, title: str, column: str = "") -> Method:
    options = {"device": "cpu", "verbose": 0}
    path = f"deepod.models.tabular:{name}"
    return _supervised(path, "deepod", title, column=column, cap=1_000, repetitions=(1, 1), options=options)


SUPERVISED = {
    "nb": _classifier("sklearn.naive_bayes:GaussianNB", "NB"),
    "svm": _supervised("sklearn.svm:SVC", "scikit-learn", "SVM"),
    "mlp": _classifier("sklearn.neural_network:MLPClassifier", "MLP"),
    "forest": _classifier("sklearn.ensemble:RandomForestClassifier", "RF"),
    "lightgbm": _classifier("lightgbm:LGBMClassifier", "LightGBM", "lightgbm", options={"verbose": -1, "n_jobs": 1}),
    "xgboost": _classifier("xgboost:XGBClassifier", "XGBoost", "xgboost", options={"n_jobs": 1}),
    "catboost": _classifier(
        "catboost:CatBoostClassifier", "CatBoost", "catboost", repetitions=(1, 1),
        options={"verbose": 0, "thread_count": 1, "allow_writing_files": False},
    ),
    "xgbod": _supervised("pyod.models.xgbod:XGBOD", "xgboost", "XGBOD", cap=1_000, repetitions=(1, 1)),
    "devnet": _supervised("pyod.models.devnet:DevNet", "pyod", "DevNet (PyOD)", column="DevNet", repetitions=(1, 1)),
    "devnet-deepod": _deepod("DevNet", "DevNet (DeepOD)", column="DevNet"),
    "deepsad": _deepod("DeepSAD", "DeepSAD"),
    "repen": _deepod("REPEN", "REPEN"),
    "prenet": _deepod("PReNet", "PReNet"),
    "feawad": _deepod("FeaWAD", "FEAWAD"),
    "resnet": _supervised(f"{OWN}:ResNet", "rtdl_revisiting_models", "ResNet"),
    "ft-transformer": _supervised(
        f"{OWN}:FTTransformer", "rtdl_revisiting_models", "FT-Transformer", column="FTTransformer", cap=1_000,
        repetitions=(1, 1),
    ),
    "anorand-labels": _supervised(
        "anogen.detectors.anorand:AnoRand", "anogen", "AnoRand", batched=True, options={"supervision": "labels"}
    ),
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

# Exceptions of third-party code on data that it cannot process; the cell's record then holds the message.
FAILURES = (ValueError, ArithmeticError, LookupError, RuntimeError, TypeError, MemoryError, AttributeError)


def methods_in(group: str, groups: Mapping[str, tuple[str, ...]], methods: Mapping[str, Method]) -> tuple[str, ...]:
    """Return the methods of a group, or the method of that name as a group."""
    if group not in {**groups, **methods}:
        raise InputError(f"unknown method {group!r}: choose one of {', '.join([*groups, *methods])}")
    return groups.get(group, (group,))


def fit(method: Method, train: np.ndarray, seed: int, labels: np.ndarray | None = None) -> Any:
    """Return a method fitted to rows (n, d), and to their labels (n,) for a supervised one.

    The caller seeds the global generators, which several of PyOD's methods and all of DeepOD's use.
    """
    detector_class, rng = method.load(), np.random.default_rng(seed)
    if method.cap and len(train) > method.cap:
        chosen = rng.choice(len(train), method.cap, replace=False)
        if labels is not None:
            chosen = np.sort(chosen)
            labels = labels[chosen]
        train = train[chosen]
    takes = inspect.signature(detector_class).parameters
    seed_name = "random_state" if "random_state" in takes else "random_seed"
    options = {"n_features": train.shape[1], seed_name: seed, "verbose": 0}
    defaults = {key: value for key, value in options.items() if key in takes}
    detector = detector_class(**{**defaults, **method.options})
    with numpy_2_triplets(rng) if method.path.endswith(":REPEN") else nullcontext():
        detector.fit(train, *([] if labels is None else [labels.astype(np.int64)]))
    return detector


def fit_batch(
    method: Method, trains: Sequence[np.ndarray], seeds: Sequence[int], labels: Sequence[np.ndarray] | None = None
) -> Sequence[AnoRand]:
    """Return the detectors that `fit` gives for several training sets of one shape, up to rounding, as one tensor."""
    detector_class = method.load()
    return fit_together([detector_class(random_state=seed, **method.options) for seed in seeds], trains, labels)


def score(method: Method, detector: Any, test: np.ndarray) -> np.ndarray:
    """Return the scores (m,) of rows (m, d)."""
    scores = np.asarray(getattr(detector, method.score)(test), dtype=np.float64)
    return scores[:, 1] if method.score == "predict_proba" else scores.reshape(-1)
