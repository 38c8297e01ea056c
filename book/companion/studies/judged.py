"""Judgements of generated digits by the ensemble, next to those of the single network: a record for each search."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import numpy as np

from anogen import datasets
from anogen.errors import InputError
from anogen.metrics import quality
from anogen.metrics.images import mean_pairwise, nearest, spread
from companion.experiment import LONGEST_LABEL, Arrays, Experiment, Inputs
from companion.studies import classifier, ensemble
from companion.studies.ensemble_training import required, small
from companion.studies.quality import weights_of

DIGITS = ("mnist", "mnist-5k")  # the data sets whose classes the ensemble knows
UNJUDGED = ("start_images",)  # noise


class Geometry(NamedTuple):
    """Real images of a class, as vectors, and the distances among them that others are compared with."""

    train: np.ndarray
    nn_median: float
    pairwise: float

    @classmethod
    def fit(cls, train: np.ndarray, held_out: np.ndarray) -> "Geometry":
        """Measure training vectors (n, d) and held-out ones (m, d)."""
        return cls(train, float(np.median(nearest(held_out, train)[0])), mean_pairwise(spread(train)))

    def nn_ratio(self, x: np.ndarray) -> np.ndarray:
        """Return the distance (n,) to the nearest training vector, in units of the held-out vectors' median."""
        return nearest(x, self.train)[0] / self.nn_median

    def div_ratio(self, x: np.ndarray) -> float:
        """Return the mean pairwise distance in units of that of real vectors; NaN of one vector."""
        return mean_pairwise(x) / self.pairwise if len(x) > 1 else np.nan


@dataclass(frozen=True, kw_only=True)
class Judged(Experiment):
    """The ensemble's judgement of every image of a search's record, as the digit that the search intended.

    Of each array of images (..., n, d) in the record, the arrays below have the shape of its leading axes. Those of
    `images` have the names as listed; those of `guided_images` the prefix `guided_`, of `optimum_points` `optimum_`, of
    `guided_optimum_images` `guided_optimum_`. Pixels are clipped to [0, 1]. A row of NaN, which pads `optimum_points`,
    gives NaN, False and class 255.

    For each image, (..., n):

    - `intended`: the digit; `probability`: of it, by the ensemble; `members` (..., n, 4): by the CNN, k-NN, SVM, MLP;
    - `decision`: the ensemble's class, 10 for none of the digits; `none_probability`; `votes`: members, of 4, whose
      class is the intended digit; `recognisable`: at least 3 votes;
    - `high_frequency`: the share of variance above 0.4 cycles per pixel; `noise_like`: it exceeds 99.9% of real digits;
    - `normal_looking`: the decision is the intended digit, its probability at least 0.5, and not noise-like;
    - `nn_ratio_unit`, `nn_ratio_features`: the distance to the nearest training image of the class, in units of the
      median of held-out ones, among images scaled to norm 1 and among the CNN's features scaled to norm 1;
    - `quality`: probability exp(-max(0, nn_ratio_unit - 1)), for rankings;
    - by the single network and the measures in pixels: `old_p_cls`, `old_nn_ratio`, `old_morans_i`,
      `old_normal_looking`, `old_noise_like`, `old_quality`.

    For each group of n > 1 images, (...,), else NaN: `div_ratio_unit`, `div_ratio_features`, `old_div_ratio`: the mean
    pairwise distance in units of that of real images, in the same three spaces.
    """

    name = "judged"
    quick: ClassVar = {}

    source: str = "companion.studies.retraining:Retraining"  # the search's class, `module:Class`
    settings: tuple[tuple[str, Any], ...] = ()  # its parameters that differ from the defaults, by name

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.dataset not in DIGITS:
            raise InputError(f"the ensemble knows digits, not {self.dataset}: choose one of {', '.join(DIGITS)}")

    @property
    def search(self) -> Any:
        """The search."""
        module, _, name = self.source.partition(":")
        return getattr(import_module(module), name).at(self.scale, **dict(self.settings))

    @property
    def dataset(self) -> str:
        """The data set of the search."""
        return str(self.search.dataset)

    @property
    def label(self) -> str:
        """The name and the label of the search."""
        text = f"{self.search.name}_{self.search.label}"
        return text if len(text) <= LONGEST_LABEL else f"{text[:60]}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def requires(self) -> dict[str, Experiment]:
        """Need the images, the ensemble, and the single network."""
        return {"search": self.search, **required(self.scale)}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Judge every array of images."""
        arrays: Arrays = {}
        for name, images in image_arrays(inputs["search"]):
            prefix = name.removesuffix("images").removesuffix("points")
            judged = self.judge(images, inputs)
            arrays |= {f"{prefix}{key}": small(value) for key, value in judged.items()}
        return arrays

    def intended(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return the digits that the images of an array with these leading axes are to show."""
        if "classes" in self.search.axes:  # the first axis of the images
            classes = np.asarray(self.search.classes)
            return np.broadcast_to(classes.reshape(-1, *[1] * (len(shape) - 1)), shape)
        digit = getattr(self.search, "digit", None)
        if digit is None:
            (digit,) = getattr(self.search, "classes", None) or (self.search.normal,)
        return np.full(shape, datasets.load(self.dataset).label(digit))

    def judge(self, images: np.ndarray, inputs: Inputs) -> Arrays:
        """Return all judgements of images (..., n, d) in [0, 1]."""
        leading, labels = images.shape[:-1], self.intended(images.shape[:-1]).ravel()
        flat = images.reshape(-1, images.shape[-1]).astype(np.float32).clip(0, 1)
        real = np.isfinite(flat).all(axis=1)
        parts: dict[str, np.ndarray] = {"intended": labels}
        for label in np.unique(labels):
            chosen = np.flatnonzero(real & (labels == label))
            if len(chosen):
                for key, value in self._of_class(flat[chosen], int(label), inputs).items():
                    if key not in parts:
                        parts[key] = np.full((len(flat), *value.shape[1:]), _blank(value.dtype), value.dtype)
                    parts[key][chosen] = value
        single = {key: value.reshape(*leading, *value.shape[1:]) for key, value in parts.items()}
        return single | self._of_groups(flat.reshape(-1, *images.shape[-2:]), labels, leading[:-1], inputs)

    def _of_class(self, flat: np.ndarray, label: int, inputs: Inputs) -> Arrays:
        """Return the judgements of images (n, d) that are to show one digit, each (n,) or (n, 4)."""
        judge, weights = ensemble.EnsembleJudge(inputs["ensemble"]), weights_of(inputs["classifier"])
        pixels, unit, features = references(self.dataset, label, judge)
        result = judge.predict(flat, label)
        old = quality.measure(flat, pixels, classifier.p_cls(flat, label, weights, judge.shape))
        near = unit.nn_ratio(ensemble.normalized(flat))
        return {
            **result,
            "nn_ratio_unit": near,
            "nn_ratio_features": features.nn_ratio(judge.features(flat)),
            "quality": quality.quality(result["probability"], near),
            **{f"old_{key}": value for key, value in old.items()},
        }

    def _of_groups(self, groups: np.ndarray, labels: np.ndarray, shape: tuple[int, ...], inputs: Inputs) -> Arrays:
        """Return the diversities of groups (g, n, d), each reshaped to `shape`; those with NaN leave it out."""
        judge = ensemble.EnsembleJudge(inputs["ensemble"])
        rows: dict[str, list[float]] = {"div_ratio_unit": [], "div_ratio_features": [], "old_div_ratio": []}
        for group, label in zip(groups, labels.reshape(len(groups), -1)[:, 0], strict=True):
            images = group[np.isfinite(group).all(axis=1)]
            pixels, unit, features = references(self.dataset, int(label), judge)
            several = len(images) > 1
            rows["div_ratio_unit"].append(unit.div_ratio(ensemble.normalized(images)))
            rows["div_ratio_features"].append(features.div_ratio(judge.features(images)) if several else np.nan)
            rows["old_div_ratio"].append(quality.div_ratio(images, pixels) if several else np.nan)
        return {key: np.array(value).reshape(shape) for key, value in rows.items()}


def judged(search: Experiment) -> Judged:
    """Return the experiment that judges the images of a search, or of another experiment with arrays of images."""
    cls = type(search)
    changed = {f.name: getattr(search, f.name) for f in fields(search)}
    plain = cls.at(search.scale).parameters
    settings = tuple((name, value) for name, value in changed.items() if plain[name] != value and name != "scale")
    return Judged(scale=search.scale, source=f"{cls.__module__}:{cls.__qualname__}", settings=settings)


def image_arrays(record: Mapping[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the names and the arrays of generated images (..., n, d) of a record, as floats in [0, 1]."""
    for name, array in record.items():
        if (name.endswith("images") and name not in UNJUDGED) or name == "optimum_points":
            yield name, array / np.float32(255) if array.dtype == np.uint8 else array


@lru_cache(maxsize=10)
def _real(dataset: str, label: int) -> tuple[quality.Reference, Geometry]:
    """Return the references of a digit in pixels, and among images of norm 1."""
    data = datasets.load(dataset).one_class(label)
    unit = Geometry.fit(ensemble.normalized(data.X_train), ensemble.normalized(data.test_normal))
    return quality.Reference.fit(data.X_train, data.test_normal, data.image_shape), unit


_features: dict[tuple[str, int, bytes], Geometry] = {}


def references(dataset: str, label: int, judge: ensemble.EnsembleJudge) -> tuple[quality.Reference, Geometry, Geometry]:
    """Return the references of a digit in pixels, among images of norm 1, and in the ensemble's features."""
    key = (dataset, label, np.asarray(judge.arrays["cnn.bias"]).tobytes())
    if key not in _features:
        data = datasets.load(dataset).one_class(label)
        _features[key] = Geometry.fit(judge.features(data.X_train), judge.features(data.test_normal))
    return (*_real(dataset, label), _features[key])


def _blank(dtype: np.dtype) -> Any:
    """Return the value that stands for a missing image."""
    return {"b": False, "f": np.nan}.get(dtype.kind, 255)
