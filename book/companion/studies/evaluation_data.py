"""Base classes of experiments on a detector of the catalogue: its data, its trainings, the search settings."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from anogen import datasets
from anogen.datasets import OneClass
from anogen.detectors import CATALOGUE, Detector, detector_class, fit_spec, parse_spec
from anogen.errors import InputError
from anogen.generators.evolution import EvolutionConfig
from anogen.machine import fingerprint
from anogen.paths import cache
from anogen.scorers import Scorer, make_scorer
from companion import digest
from companion.experiment import Arrays, Experiment, digits

RETRY = 1_000_000  # key of the seeds of further attempts; no start has it
# Smaller detectors for witnesses, where the detector itself trains for minutes.
LIGHT = {"dean": "dean:n_submodels=6,epochs=5", "deep-svdd-lenet": "deep-svdd-lenet:epochs=2"}
GENERATIONS = {"autoencoder": 5_000, "copod": 5_000, "dean": 1_000}  # as the thesis; 30,000 for all others


def generations_of(detector: str) -> int:
    """Return the number of generations that the thesis used for a detector (6.1.3, 6.3.1, 6.4)."""
    return GENERATIONS.get(detector.partition(":")[0], 30_000)


@dataclass(frozen=True, kw_only=True)
class DetectorExperiment(Experiment):
    """A detector that is trained on one class."""

    named: ClassVar[tuple[str, ...]] = ("dataset", "detector", "normal")

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
        """Return the small experiment on the same detector, because detectors differ in their arithmetic."""
        name = self.detector.partition(":")[0]
        detector = LIGHT.get(name, self.detector)
        return type(self).at("quick", detector=detector, precision=self.precision)

    @property
    def data(self) -> OneClass:
        """The images, with `normal` as the normal class."""
        return datasets.load(self.dataset).one_class(self.normal)

    def scorer(self, training: int = 0) -> Scorer:
        """Return the scorer of one training, in the experiment's precision; each training has its own seed."""
        scorer = self._fit(training)[1]
        return scorer.to(torch.float32) if self.precision == "single" else scorer

    def fitted_detector(self, training: int = 0) -> Detector:
        """Return the detector of one training."""
        return self._fit(training)[0]

    def n_attempts(self, training: int = 0) -> int:
        """Return the number of seeds until the detector accepted one."""
        return self._fit(training)[2]

    def _fit(self, training: int) -> tuple[Detector, Scorer, int]:
        seeds = [int(self.rng(training).integers(2**31)), *self.rng(training, RETRY).integers(2**31, size=20).tolist()]
        return _first_fit(self.detector, self.dataset, self.normal, tuple(seeds))


@dataclass(frozen=True, kw_only=True)
class SearchExperiment(DetectorExperiment):
    """A trained detector whose score an evolutionary search minimises."""

    population: int = 150
    mutation_rate: float = 0.5
    sigma: float = 0.01
    selection: Literal["linear", "tournament", "truncation"] = "linear"
    clip: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.config

    @property
    def config(self) -> EvolutionConfig:
        """The parameters of the evolutionary search."""
        return EvolutionConfig(self.population, self.mutation_rate, self.sigma, self.selection, self.clip)


@lru_cache(maxsize=2)
def _first_fit(spec: str, dataset: str, label: int | str, seeds: tuple[int, ...]) -> tuple[Detector, Scorer, int]:
    """Fit with the first seed that the detector accepts; return detector, scorer and the number of attempts.

    PyOD's CBLOF rejects a clustering if no number of its larger clusters has 0.9 of the images.
    """
    data = datasets.load(dataset).one_class(label)
    for attempt, seed in enumerate(seeds, start=1):
        try:
            detector = _fit_or_load(spec, data, seed)
            return detector, make_scorer(detector, data.X_train.shape[1]), attempt
        except ValueError as error:
            if "valid cluster separation" not in str(error):
                raise
    raise InputError(f"{spec} failed in all {len(seeds)} trainings on class {label} of {dataset}: try another class")


def _fit_or_load(spec: str, data: OneClass, seed: int) -> Detector:
    """Fit, or load from the cache if the detector can be saved and was trained before."""
    name, options = parse_spec(spec)
    fitted_class = detector_class(name)
    if name not in CATALOGUE or not hasattr(fitted_class, "save"):
        return fit_spec(spec, data.X_train, seed, data.image_shape)
    code = f"{digest.of_code(fitted_class.__module__)} {fingerprint()}"  # other code or versions train another detector
    text = f"{name} {sorted(options.items())} {seed} {code}"
    key = hashlib.sha256(text.encode() + data.X_train.tobytes()).hexdigest()
    path = cache() / "detectors" / f"{name}-{key[:16]}.npz"
    if not path.exists():
        fit_spec(spec, data.X_train, seed, data.image_shape).save(path)  # type: ignore[attr-defined]
    return fitted_class.load(path)


def score_rows(scorer: Scorer, rows: torch.Tensor, size: int = 150) -> np.ndarray:
    """Return the scores (n,) of rows (n, d), in batches of `size`, or one by one where the batch matters."""
    parts = rows.split(size if scorer.batch_dependence == "none" else 1)
    return torch.cat([scorer(part) for part in parts]).numpy()


def compare_with_optimum(scorer: Scorer, image: np.ndarray, guidance: Mapping[str, torch.Tensor]) -> Arrays:
    """Return the lowest possible score, `optimum`, and the L2 distance of an image (d,) to it, `gap`; NaN if unknown.

    With guidance, as for `evolve`, the optimum is that over the free pixels.
    """
    if guidance:
        free = (~guidance["mask"]).nonzero().squeeze(1)
        scorer, image = scorer.condition_on(free, guidance["reference"]), image[free]
    optimum = scorer.optimum()
    if optimum is None:
        return {"optimum": np.array(np.nan), "gap": np.array(np.nan)}
    gap = np.linalg.norm(optimum.samples.numpy() - image, axis=1).min()
    return {"optimum": np.array(optimum.score), "gap": np.array(float(gap))}


def known_optima(scorers: Sequence[Scorer]) -> Arrays:
    """Return the optima of every training, padded with NaN to the same number; nothing if one is unknown."""
    optima = [optimum for scorer in scorers if (optimum := scorer.optimum()) is not None]
    if len(optima) < len(scorers):
        return {}
    points = pad_sequence([optimum.samples for optimum in optima], batch_first=True, padding_value=torch.nan)
    scores = np.array([optimum.score for optimum in optima])
    return {"optimum_points": points.numpy().astype(np.float16), "optimum_score": scores}


def quick(**changes: Any) -> dict[str, Any]:
    """Return the parameters of every search at scale quick, with changes."""
    return {"dataset": "mnist-5k", "generations": 200, **changes}
