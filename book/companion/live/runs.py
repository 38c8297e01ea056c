"""The runs of committed records that the page can recompute: their settings, and what the record says of their end."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from typing import Any

import numpy as np

from anogen import datasets
from anogen.datasets import OneClass
from anogen.detectors import Detector
from anogen.generators import GradientConfig
from anogen.scorers import Scorer
from companion.experiment import Experiment, Inputs
from companion.records import Record, store, verify
from companion.studies.evaluation_data import SearchExperiment
from companion.studies.quality import weights_of
from companion.studies.retraining import Retraining

FIRST = {"seed": 0}  # the exported detector is the first training of this seed
SINGLE = {"ocsvm"}  # detectors whose records are computed in float32
EVOLVED = "evolved"  # the networks of Fig. 6.5: the autoencoders that `autoencoder-training` keeps
DESCENDED = "descended"  # those of Figs. 6.1 and 6.2, which the chapter chooses
HALF = 2  # key of the seeds of `HalfNormal.start`

Run = tuple[str, dict[str, Any], np.ndarray, float]  # its name, settings, last image and score


class Trained:
    """The network of `autoencoder-training`, with the interface of a `DetectorExperiment`."""

    def __init__(self, experiment: Any) -> None:
        self.experiment = experiment
        self.inputs: Inputs = {"training": store.load(experiment.requires()["training"]).arrays}

    @property
    def data(self) -> OneClass:
        """The images."""
        return datasets.load(self.experiment.dataset).one_class(self.experiment.digit)

    def fitted_detector(self) -> Detector:
        """Return the detector of the record."""
        detector: Detector = self.experiment.untrained().with_weights(weights_of(self.inputs["training"]))
        return detector

    def scorer(self) -> Scorer:
        """Return its scorer."""
        scorer: Scorer = self.experiment.trained_scorer(self.inputs)
        return scorer


def detector_experiment(detector: str, dataset: str, normal: int, variant: str = "") -> Any:
    """Return what trains an exported detector: it has `data`, `scorer()` and `fitted_detector()`."""
    if variant == DESCENDED:
        return played(normal)
    if variant == EVOLVED:
        return Trained(searches(detector, dataset, normal, variant)[0])
    return Retraining(dataset=dataset, detector=detector, normal=normal)


def played(digit: int) -> Any:
    """Return the training and the descents of the figure of a digit."""
    return import_module("notebooks.thesis.autoencoder.played").Played(digit)


def searches(detector: str, dataset: str, normal: int, variant: str = "") -> list[Any]:
    """Return the book's searches on the exported training of a detector, of which there is a record."""
    if variant == DESCENDED:
        return [played(normal).search]
    wanted = FIRST | {"detector": detector, "dataset": dataset, "normal": normal}
    wanted["precision"] = "single" if detector in SINGLE else "double"
    if variant == EVOLVED:
        wanted = FIRST | {"dataset": dataset, "digit": normal, "latent": 4}
    found = [
        experiment
        for experiment in verify.book().values()
        if isinstance(experiment, SearchExperiment) != (variant == EVOLVED)
        and experiment.name in SETTINGS
        and all(getattr(experiment, name) == value for name, value in wanted.items())
        and not getattr(experiment, "k", 0)
        and store.find_committed(experiment)
    ]
    with_pairs = any(
        getattr(experiment, "pairs", 0) for experiment in found
    )  # others repeat these runs with more starts
    return [experiment for experiment in found if getattr(experiment, "pairs", True) or not with_pairs]


def runs(experiment: Any, record: Record, normal: int) -> dict[str, Any]:
    """Return the runs of a record on one detector, with their settings for the page's engine and recorded ends."""
    fields = {"population": "population_size", "mutation_rate": "mutation_rate", "sigma": "mutation_std"}
    fields |= {"selection": "selection", "clip": "clip", "generations": "n_generations"}
    common = {to: getattr(experiment, name) for name, to in fields.items() if hasattr(experiment, name)}
    descended = experiment.name == PLAYED
    more, ends = _descents(played(normal), record) if descended else SETTINGS[experiment.name](experiment, record)
    stated = [
        {
            "name": name,
            "settings": settings,
            "score": float(score),
            **_digest(image),
        }
        for name, settings, image, score in ends
    ]
    return {"record": record.id, "settings": common | more, "runs": stated}


def _digest(image: np.ndarray) -> dict[str, str]:
    """Return the digest of an image as a record has it: grey values from 0 to 255, or float16."""
    name, kept = ("digest8", image) if image.dtype == np.uint8 else ("digest16", image.astype("<f2"))
    return {name: hashlib.sha256(kept.tobytes()).hexdigest()}


def _guided(experiment: Any, record: Record) -> tuple[dict[str, Any], list[Run]]:
    return {}, list(_guided_runs(experiment, record))


def _guided_runs(experiment: Any, record: Record) -> Iterator[Run]:
    for start in range(experiment.starts):
        settings: dict[str, Any] = {"seeds": [_seed(experiment, 0, 0, start)]}
        yield f"start {start + 1}", settings, record["images"][start], record["scores"][start]
    for level, k in enumerate(experiment.ks):
        for pair in range(experiment.pairs):
            settings = {"seeds": [_seed(experiment, 0, level + 1, pair)], "k": k, "pair": pair}
            end = record["guided_images"][level, pair], record["guided_scores"][level, pair]
            yield f"{k:.0%} fixed, pair {pair + 1}", settings, *end


def _retraining(experiment: Any, record: Record) -> tuple[dict[str, Any], list[Run]]:
    ends = zip(record["images"][0], record["scores"][0], strict=True)
    return {}, [
        (f"training 1, start {start + 1}", {"seeds": [_seed(experiment, 0, start)]}, *end)
        for start, end in enumerate(ends)
    ]


def _half_normal(experiment: Any, record: Record) -> tuple[dict[str, Any], list[Run]]:
    """Return the runs to the last stop."""
    last = {"n_generations": experiment.stops[-1], "initial_distribution": "half-normal"}
    return last, [
        (f"start {run + 1}", {"seeds": [_seed(experiment, 0, run)], "starts": [run]}, images[-1], scores[-1])
        for run, (images, scores) in enumerate(zip(record["images"], record["scores"], strict=True))
    ]


def _evolution(experiment: Any, record: Record) -> tuple[dict[str, Any], list[Run]]:
    ends = zip(record["images"], record["scores"], strict=True)
    return {}, [(f"start {start + 1}", {"seeds": [_seed(experiment, start)]}, *end) for start, end in enumerate(ends)]


def _gradient(experiment: Any, record: Record) -> tuple[dict[str, Any], list[Run]]:
    """Return the runs of the first variant, plain steps on the sum."""
    settings = _descent(experiment, GradientConfig(0.01))
    ends = zip(record["images"][0], record["scores"][0], strict=True)
    return settings, [
        (f"start {start + 1}", {"seeds": [_seed(experiment, start)]}, *end) for start, end in enumerate(ends)
    ]


def _descents(figure: Any, record: Record) -> tuple[dict[str, Any], list[Run]]:
    """Return the runs of a figure: the images of its place, all from the noise of one seed."""
    ends = zip(record["images"][figure.place], record["scores"][figure.place], strict=True)
    return _descent(figure.search, figure.config), [
        (f"start {start + 1}", {"seeds": [figure.seed], "rows": [start]}, *end) for start, end in enumerate(ends)
    ]


def _descent(experiment: Any, config: GradientConfig) -> dict[str, Any]:
    steps = experiment.iterations
    return {"method": "gradient", "n_iterations": steps, "n_generations": steps} | asdict(config)


PLAYED = "autoencoder-architecture"  # the experiment of Figs. 6.1 and 6.2
SETTINGS = {
    "guided": _guided, "retraining": _retraining, "half-normal": _half_normal, "autoencoder-evolution": _evolution,
    "autoencoder-gradient": _gradient,
}  # fmt: skip


def _seed(experiment: Experiment, *key: int) -> int:
    return int(experiment.rng(*key).integers(2**31))


def pairs(record: Record) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the reference images (P, d) of a record, and the order (P, d) in which their pixels become fixed."""
    return (record["references"], record["order"]) if "references" in record.arrays else None


def populations(experiment: Any) -> tuple[list[int], np.ndarray] | None:
    """Return the seeds of the noise of starting populations, and their normal images (R, P // 2, d)."""
    if experiment.name != "half-normal":
        return None
    half, runs = experiment.population // 2, range(experiment.runs)
    images = np.stack([experiment.start(run)[:half].numpy() for run in runs])
    return [_seed(experiment, HALF, run) for run in runs], images
