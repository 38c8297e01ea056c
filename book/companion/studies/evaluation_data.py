"""What experiments on a detector of the catalogue have: data, a trained detector, the settings of an evolution."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch

from anogen import datasets
from anogen.datasets import OneClass
from anogen.detectors import Detector, detector_class, fit_spec, parse_spec
from anogen.errors import InputError
from anogen.generators import EvolutionConfig
from anogen.paths import cache
from anogen.scorers import Scorer, make_scorer
from companion.experiment import Arrays, Experiment, digits

AGAIN = 1_000_000  # key of the seeds for another try, which no start has
# What a witness trains where the detector itself takes minutes.
LIGHT = {"dean": "dean:n_submodels=6,epochs=5", "deep-svdd-lenet": "deep-svdd-lenet:epochs=2"}
GENERATIONS = {"autoencoder": 5_000, "copod": 5_000, "dean": 1_000}  # as the thesis; 30,000 for all others


def generations_of(detector: str) -> int:
    """Return how many generations the thesis gave a detector (6.1.3, 6.3.1, 6.4)."""
    return GENERATIONS.get(detector.partition(":")[0], 30_000)


@dataclass(frozen=True, kw_only=True)
class Trained(Experiment):
    """A detector, trained on one class."""

    named: ClassVar = ("dataset", "detector", "normal")

    dataset: str = "mnist"
    detector: str = "cblof"
    normal: int | str = 4
    precision: Literal["double", "single"] = "double"

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.normal, int):
            digits(self.normal)
        parse_spec(self.detector)

    def witness(self) -> Self:
        """Return the small experiment on the same detector: each has arithmetic of its own."""
        name = self.detector.partition(":")[0]
        detector = LIGHT.get(name, self.detector)
        return type(self).at("quick", detector=detector, precision=self.precision)

    @property
    def data(self) -> OneClass:
        """The images, the class being the normal one."""
        return datasets.load(self.dataset).one_class(self.normal)

    def trained(self, training: int = 0) -> Scorer:
        """Return the scorer of one training, in the precision that is asked for; each training has its own seed."""
        score = self._fitted(training)[1]
        return score.single() if self.precision == "single" else score

    def fitted(self, training: int = 0) -> Detector:
        """Return the detector of one training."""
        return self._fitted(training)[0]

    def tried(self, training: int = 0) -> int:
        """Return how many seeds were tried until the detector accepted one."""
        return self._fitted(training)[2]

    def _fitted(self, training: int) -> tuple[Detector, Scorer, int]:
        seeds = [int(self.rng(training).integers(2**31)), *self.rng(training, AGAIN).integers(2**31, size=20).tolist()]
        return _first_fit(self.detector, self.dataset, self.normal, tuple(seeds))


@dataclass(frozen=True, kw_only=True)
class Drawing(Trained):
    """A trained detector on which images are evolved."""

    tolerance = 0.3  # the search is chaotic: another platform gives other images of the same kind

    population: int = 150
    mutation_rate: float = 0.5
    sigma: float = 0.01
    selection: Literal["linear", "tournament", "truncation"] = "linear"
    clip: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.settings

    @property
    def settings(self) -> EvolutionConfig:
        """The parameters of the evolutionary search."""
        return EvolutionConfig(self.population, self.mutation_rate, self.sigma, self.selection, self.clip)


@lru_cache(maxsize=2)
def _first_fit(spec: str, dataset: str, label: int | str, seeds: tuple[int, ...]) -> tuple[Detector, Scorer, int]:
    """Fit with the first seed that the detector accepts.

    PyOD's CBLOF refuses a clustering whose smallest cluster holds more than a tenth of the images: no number of the
    larger ones then reaches alpha = 0.9. Whoever trains it anew meets that error and tries again, and so do we.
    """
    data = datasets.load(dataset).one_class(label)
    for tried, seed in enumerate(seeds, start=1):
        try:
            detector = _fit_or_load(spec, data, seed)
            return detector, make_scorer(detector, data.X_train.shape[1]), tried
        except ValueError as error:
            if "valid cluster separation" not in str(error):
                raise
    raise InputError(f"{spec} refused all of {len(seeds)} trainings on class {label} of {dataset}: try another class")


def _fit_or_load(spec: str, data: OneClass, seed: int) -> Detector:
    """Fit; a detector that can be saved is trained once a machine."""
    name, options = parse_spec(spec)
    kind = detector_class(name)
    if not hasattr(kind, "save"):
        return fit_spec(spec, data.X_train, seed, data.image_shape)
    key = hashlib.sha256(f"{name} {sorted(options.items())} {seed}".encode() + data.X_train.tobytes()).hexdigest()
    path = cache() / "detectors" / f"{name}-{key[:16]}.npz"
    if not path.exists():
        fit_spec(spec, data.X_train, seed, data.image_shape).save(path)  # type: ignore[attr-defined]
    return kind.load(path)


def alone(score: Scorer, rows: torch.Tensor) -> np.ndarray:
    """Score rows (n, d) one by one where the batch matters, else together; (n,)."""
    if score.batch_dependence == "none":
        return torch.cat([score(part) for part in rows.split(150)]).numpy()
    return torch.cat([score(row[None]) for row in rows]).numpy()


def against_optimum(score: Scorer, image: np.ndarray, guidance: Mapping[str, torch.Tensor]) -> Arrays:
    """Return the lowest possible score, `optimum`, and the L2 distance of an image (d,) to where it is, `gap`.

    Both are NaN where that is not known. With guidance (`fixed` and `reference`, as `evolve` takes them), the lowest
    beside the fixed pixels.
    """
    if guidance:
        free = (~guidance["mask"]).nonzero().squeeze(1)
        score, image = score.condition_on(free, guidance["reference"]), image[free]
    known = score.optimum()
    if known is None:
        return {"optimum": np.array(np.nan), "gap": np.array(np.nan)}
    gap = np.linalg.norm(known.samples.numpy() - image, axis=1).min()
    return {"optimum": np.array(known.score), "gap": np.array(float(gap))}


def optima(scorers: Sequence[Scorer]) -> Arrays:
    """Return the known optima of every training, padded with NaN to the same number."""
    known = [s.optimum() for s in scorers]
    if any(o is None for o in known):
        return {}
    points = [o.samples.numpy() for o in known if o]
    most = max(map(len, points))
    padded = [np.pad(p, ((0, most - len(p)), (0, 0)), constant_values=np.nan) for p in points]
    return {
        "optimum_points": np.stack(padded).astype(np.float16),
        "optimum_score": np.array([o.score for o in known if o]),
    }


def quick(**more: Any) -> dict[str, Any]:
    """Return what scale quick replaces in every search."""
    return {"dataset": "mnist-5k", "generations": 200, **more}
