"""The runs of committed records that the page can recompute: their settings, and what the record says of their end."""

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from companion.experiment import Experiment
from companion.records import Record, store, verify
from companion.studies.evaluation_data import SearchExperiment

FIRST = {"seed": 0, "precision": "double"}  # the exported detector is the first training of seed 0


def searches(detector: str, dataset: str, normal: int) -> list[SearchExperiment]:
    """Return the book's searches on the exported training of a detector, of which there is a record."""
    wanted = FIRST | {"detector": detector, "dataset": dataset, "normal": normal}
    return [
        experiment
        for experiment in verify.book().values()
        if isinstance(experiment, SearchExperiment)
        and experiment.name in SETTINGS
        and all(getattr(experiment, name) == value for name, value in wanted.items())
        and not getattr(experiment, "k", 0)
        and getattr(experiment, "pairs", True)  # the others repeat these runs with more starts
        and store.find_committed(experiment)
    ]


def runs(experiment: Any, record: Record) -> dict[str, Any]:
    """Return the runs of a record, with their settings for the page's engine and the end that the record states."""
    fields = {"population": "population_size", "mutation_rate": "mutation_rate", "sigma": "mutation_std"}
    fields |= {"selection": "selection", "clip": "clip"}
    common = {"n_generations": experiment.generations}
    common |= {to: getattr(experiment, name) for name, to in fields.items()}
    ends = [
        {
            "name": name,
            "settings": settings,
            "score": float(score),
            "digest16": hashlib.sha256(image.astype("<f2").tobytes()).hexdigest(),
        }
        for name, settings, image, score in SETTINGS[experiment.name](experiment, record)
    ]
    return {"record": record.id, "settings": common, "runs": ends}


def _guided(experiment: Any, record: Record) -> Iterator[tuple[str, dict[str, Any], np.ndarray, float]]:
    for start in range(experiment.starts):
        settings: dict[str, Any] = {"seeds": [_seed(experiment, 0, 0, start)]}
        yield f"start {start + 1}", settings, record["images"][start], record["scores"][start]
    for level, k in enumerate(experiment.ks):
        for pair in range(experiment.pairs):
            settings = {"seeds": [_seed(experiment, 0, level + 1, pair)], "k": k, "pair": pair}
            end = record["guided_images"][level, pair], record["guided_scores"][level, pair]
            yield f"{k:.0%} fixed, pair {pair + 1}", settings, *end


def _retraining(experiment: Any, record: Record) -> Iterator[tuple[str, dict[str, Any], np.ndarray, float]]:
    for start in range(experiment.starts):
        settings = {"seeds": [_seed(experiment, 0, start)]}
        yield f"training 1, start {start + 1}", settings, record["images"][0, start], record["scores"][0, start]


SETTINGS = {"guided": _guided, "retraining": _retraining}


def _seed(experiment: Experiment, *key: int) -> int:
    return int(experiment.rng(*key).integers(2**31))


def pairs(record: Record) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the reference images (P, d) of a record, and the order (P, d) in which their pixels become fixed."""
    return (record["references"], record["order"]) if "references" in record.arrays else None
