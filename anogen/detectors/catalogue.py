"""The registry of detectors by name, and specs with options such as `dean:n_submodels=250,bag=100`."""

import difflib
import importlib
import inspect
import re
from typing import Any, NamedTuple, Protocol

import numpy as np

from anogen.errors import InputError, require


class Detector(Protocol):
    """PyOD's protocol, which every detector implements."""

    def fit(self, X: np.ndarray, y: Any = None) -> Any:
        """Fit to the rows of X, (n, d)."""

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the anomaly score of every row, (n,); larger is more anomalous."""


class Entry(NamedTuple):
    """An entry of the catalogue."""

    title: str  # in figures and tables
    path: str  # module:Class
    citation: str  # key in book/references.bib
    score: str  # what the score measures
    options: dict[str, Any] = {}  # that differ from the library's defaults  # noqa: RUF012


OWN = re.compile(r"[\w.]+:[A-Za-z_]\w*")  # `module:Class`

CATALOGUE = {
    "anorand": Entry("AnoRand", "anogen.detectors.anorand:AnoRand", "zoubeirou2023anorand",
        "how much it looks like noise, and its distance from its copy"),
    "autoencoder": Entry("Autoencoder", "anogen.detectors.autoencoder:ConvAutoencoder", "hinton2006reducing",
        "error of a copy through a bottleneck"),
    "cblof": Entry("CBLOF", "pyod.models.cblof:CBLOF", "he2003discovering",
        "distance from the nearest large cluster's centre"),
    "copod": Entry("COPOD", "pyod.models.copod:COPOD", "li2020copod",
        "how far out in its tail each pixel is, given all others seen"),
    "dean": Entry("DEAN", "anogen.detectors.dean:DEAN", "kluettermann2022dean",
        "how far many small networks are from the constant they learned"),
    "deep-svdd": Entry("Deep SVDD", "anogen.detectors.deep_svdd:DeepSVDD", "ruff2018deep",
        "distance from a centre in a trained space"),
    "deep-svdd-lenet": Entry("Deep SVDD (LeNet)", "anogen.detectors.deep_svdd:DeepSVDDLeNet", "ruff2018deep",
        "the same, by a convolutional network"),
    "deep-svdd-untrained": Entry(
        "Deep SVDD (untrained)", "anogen.detectors.deep_svdd:UntrainedDeepSVDD", "ruff2018deep",
        "the same, by a random network: PyOD 2.0.1 to 3.6.2"),
    "ecod": Entry("ECOD", "pyod.models.ecod:ECOD", "li2022ecod",
        "how far out in either tail each pixel is, given all others seen"),
    "gmm": Entry("GMM", "pyod.models.gmm:GMM", "aggarwal2015outlier",
        "how improbable the image is under one normal distribution"),
    "hbos": Entry("HBOS", "pyod.models.hbos:HBOS", "goldstein2012histogram",
        "how rare each pixel's value is in a histogram"),
    "iforest": Entry("IForest", "pyod.models.iforest:IForest", "liu2008isolation",
        "how few random cuts isolate the image"),
    "inne": Entry("INNE", "pyod.models.inne:INNE", "bandaragoda2018isolation",
        "how small the ball around a training image is that covers it"),
    # anogen/scorers/kde.py says why its tree has one leaf
    "kde": Entry("KDE", "pyod.models.kde:KDE", "parzen1962on",
        "how thin the training images are around it", {"leaf_size": 10**9}),
    "knn": Entry("KNN", "pyod.models.knn:KNN", "ramaswamy2000efficient",
        "distance from the fifth nearest training image"),
    "loda": Entry("LODA", "pyod.models.loda:LODA", "pevny2016loda",
        "how rare it is in histograms of random projections"),
    "lof": Entry("LOF", "pyod.models.lof:LOF", "breunig2000lof",
        "how much thinner its neighbourhood is than its neighbours'"),
    "ocsvm": Entry("OCSVM", "pyod.models.ocsvm:OCSVM", "scholkopf2001estimating",
        "distance from a boundary around the data, in a kernel's space"),
    "pca": Entry("PCA", "pyod.models.pca:PCA", "shyu2003novel",
        "distances from the principal axes' ends, by their variance"),
    "pyod-autoencoder": Entry("Autoencoder (PyOD)", "anogen.detectors.autoencoder:AutoEncoder", "hinton2006reducing",
        "error of a copy, by a network without convolutions"),
    "vae": Entry("VAE (mean)", "anogen.detectors.autoencoder:MeanVAE", "kingma2014auto",
        "error of a copy through the mean of a random code"),
}  # fmt: skip


def entry(name: str) -> Entry:
    """Return the entry of a name in the `CATALOGUE`, or one for a class `module:Class` of the user's own.

    Raises `InputError` for an unknown name; the message suggests the nearest one.
    """
    if OWN.fullmatch(name) and name.partition(":")[0] not in CATALOGUE:
        return Entry(name.partition(":")[2], name, "", "its own score")
    if name not in CATALOGUE:
        near = difflib.get_close_matches(name, CATALOGUE, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(CATALOGUE)}"
        raise InputError(f"unknown detector {name!r}: {hint}")
    return CATALOGUE[name]


def detector_class(name: str) -> Any:
    """Return the class of a detector, imported when it is first used; raises as `entry` does."""
    module, _, attribute = entry(name).path.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        if name in CATALOGUE:
            raise
        raise InputError(f"detector {name!r} cannot be imported ({error}): write module:Class") from None


def create(name: str, n_features: int, random_state: int = 0, **options: Any) -> Detector:
    """Return an unfitted detector with its library's defaults and without output.

    Length d of a row and seed are for constructors that take them; the options are other arguments of the constructor.
    Raises `InputError` for an unknown name or option.

    Examples
    --------
    >>> create("knn", n_features=784, n_neighbors=3).n_neighbors
    3
    """
    make = detector_class(name)
    takes = inspect.signature(make).parameters
    for option in options:
        require(option in takes, f"detector {name} has no option {option!r}: it takes {', '.join(takes)}")
    defaults = {"n_features": n_features, "random_state": random_state, "verbose": 0}
    defaults = {key: value for key, value in defaults.items() if key in takes}
    return make(**{**defaults, **entry(name).options, **options})


def fit(name: str, train: np.ndarray, random_state: int = 0, **options: Any) -> Detector:
    """Create a detector as `create` does, and fit it to the normal rows of `train`, (n, d).

    Raises `InputError` if there are no rows, or values that are not finite.

    Examples
    --------
    >>> rows = np.random.default_rng(0).random((50, 4))
    >>> fit("hbos", rows).decision_function(rows[:2]).shape
    (2,)
    """
    from anogen.detectors.mixins import check_finite  # loads PyTorch

    require(len(train), f"no rows to fit {name} to: choose a class that the data set has")
    check_finite(train)
    detector = create(name, train.shape[1], random_state, **options)
    detector.fit(np.asarray(train, dtype=np.float64))
    return detector


def parse_spec(spec: str) -> tuple[str, dict[str, Any]]:
    """Return the name and the options of a spec `name:option=value,...`, with numbers converted.

    A class of the user's own with PyOD's protocol, `module:Class`, is called without arguments. Raises `InputError`
    for an unknown name or option, or a part without `=`.

    Examples
    --------
    >>> parse_spec("dean:n_submodels=250,bag=100")
    ('dean', {'n_submodels': 250, 'bag': 100})
    """
    name, _, text = spec.partition(":")
    if OWN.fullmatch(spec) and name not in CATALOGUE:
        name, text = spec, ""
    entry(name)
    options: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        require(equals, f"{part!r} in detector {spec!r} is not an option: write name:option=value,option=value")
        options[key.strip()] = _value(value.strip())
    create(name, 4, **options)  # fail before data are read
    return name, options


def _value(text: str) -> Any:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return {"True": True, "False": False}.get(text, text)


def fit_spec(
    spec: str, train: np.ndarray, random_state: int = 0, image_shape: tuple[int, ...] | None = None
) -> Detector:
    """Fit the detector of a spec to the rows of `train`, (n, d).

    Convolutional detectors take `image_shape`, (h, w) or (h, w, 3).
    """
    name, options = parse_spec(spec)
    if image_shape is not None and "image_shape" in inspect.signature(detector_class(name)).parameters:
        options = {"image_shape": image_shape, **options}
    return fit(name, train, random_state, **options)
