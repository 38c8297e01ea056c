"""The records that the ensemble judges, and the agreement of its judgements with those of the single network."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from companion.chapters import chapter_experiments as experiments_of
from companion.experiment import Experiment
from companion.records import MissingRecord, Record, load
from companion.studies.ensemble_training import AT_LEAST, AT_MOST, Ensemble, EnsembleValidation
from companion.studies.judged import DIGITS, Judged, image_arrays, judged

CHAPTERS = (
    "autoencoder", "deep-svdd", "dean", "other-detectors", "trainings", "appendix", "search-settings",
    "autoencoder-cifar", "passing", "certificates", "correlation",
)  # fmt: skip
SEARCHES = (
    "guided", "half-normal", "autoencoder-gradient", "autoencoder-evolution", "retraining",
    "search-setting", "descent", "dean-sizes", "dean-ranges", "modes", "parametrised-descent", "certificate",
    "correlation-cells", "correlation-budget",
)  # fmt: skip
SMOOTH = 0.6  # Moran's I that splits the images that the single network rejects
STRATA = (20, 28, 12)  # images shown: normal looking to the single network; not, smooth; not, rough


def judging_experiments(scale: str) -> dict[str, Experiment]:
    """Return the ensemble, its validation, and as `judged-...` the judgements of the book's searches for digits."""
    roles: dict[str, Experiment] = {"ensemble": Ensemble.at(scale), "validation": EnsembleValidation.at(scale)}
    if scale == "quick":
        return roles | {"judged-retraining": Judged.at(scale)}
    searches = [e for name in CHAPTERS for e in experiments_of(name, scale).values() if e.name in SEARCHES]
    records = {e.id: judged(e) for e in searches if getattr(e, "dataset", "") in DIGITS}
    return roles | {f"judged-{one.label}": one for one in records.values()}


def shares(validation: Record) -> dict[str, float]:
    """Return the share of accepted images of each kind with a bar: digits as their own, others as any digit."""
    groups = validation["group"]
    accepted = {
        group: validation["normal_looking" if group in (*AT_LEAST, "other class") else "as_any_digit"][groups == group]
        for group in dict.fromkeys(groups.tolist())
    }
    return {group: float(values.mean()) for group, values in accepted.items()}


def missed_bars(validation: Record) -> list[str]:
    """Return the kinds of images whose share of accepted ones misses its bar."""
    got = shares(validation)
    return [g for g, s in got.items() if s < AT_LEAST.get(g, 0) or s > AT_MOST.get(g, 1)]


def kappa(a: np.ndarray, b: np.ndarray) -> float:
    """Return Cohen's kappa of two judgements, bool (n,); NaN if both are constant and equal."""
    agree, chance = np.mean(a == b), np.mean(a) * np.mean(b) + np.mean(~a) * np.mean(~b)
    return float((agree - chance) / (1 - chance)) if chance < 1 else np.nan


class Judgements(NamedTuple):
    """Generated images (n, d) with their judgements, each (n,)."""

    images: np.ndarray
    values: Mapping[str, np.ndarray]


def gather(records: Sequence[tuple[Record, Record]]) -> Judgements:
    """Join all images of pairs of a search and its judgements."""
    images: list[np.ndarray] = []
    values: dict[str, list[np.ndarray]] = {}
    for search, judgement in records:
        for name, array in image_arrays(search.arrays):
            prefix = name.removesuffix("images").removesuffix("points")
            flat = array.reshape(-1, array.shape[-1]).astype(np.float32)
            real = np.isfinite(flat).all(axis=1)
            images.append(flat[real])
            for key in ("intended", "decision", "probability", "normal_looking", "noise_like", "recognisable"):
                values.setdefault(key, []).append(judgement[f"{prefix}{key}"].ravel()[real])
            for key in ("old_p_cls", "old_normal_looking", "old_noise_like", "old_morans_i"):
                values.setdefault(key, []).append(judgement[f"{prefix}{key}"].ravel()[real])
    return Judgements(np.concatenate(images), {key: np.concatenate(parts) for key, parts in values.items()})


def stratified(judgements: Judgements, seed: int = 0) -> np.ndarray:
    """Return the indices of a random sample of `STRATA`, shuffled."""
    rng, v = np.random.default_rng(seed), judgements.values
    old, smooth = v["old_normal_looking"], v["old_morans_i"] > SMOOTH
    strata = (old, ~old & smooth, ~old & ~smooth)
    chosen = [rng.permutation(np.flatnonzero(s))[:n] for s, n in zip(strata, STRATA, strict=True)]
    return rng.permutation(np.concatenate(chosen))


def search_pairs(records: Mapping[str, Record], scale: str) -> Iterator[tuple[Record, Record]]:
    """Yield the search and the judgements of each role `judged-...` whose search has a record."""
    for role, experiment in judging_experiments(scale).items():
        if isinstance(experiment, Judged) and role in records:
            try:
                yield load(experiment.search), records[role]
            except MissingRecord:
                continue
