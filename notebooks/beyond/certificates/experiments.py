"""Chapter `certificates`: the most normal point of each detector where it is known, and attempts to beat it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import ClassVar

import numpy as np
import torch

from anogen.detectors import parse_spec
from anogen.errors import InputError
from anogen.scorers import Optimum
from companion.experiment import Arrays, Experiment, Inputs, at_least
from companion.studies.evaluation_data import SearchExperiment, score_rows
from notebooks.beyond.certificates.optimum_stress_test import ATTEMPTS, Case, Tally

# The detectors of the catalogue whose scorers know their optimum.
DETECTORS = (
    "cblof", "gmm", "deep-svdd-untrained", "deep-svdd", "pca", "loda", "hbos", "copod", "ecod", "ocsvm", "kde",
)  # fmt: skip
QUICK = {"evaluations": 2_000}
ATTEMPT = 3  # key of the seeds
TOLERANCE = 1e-9  # of the scores themselves


@dataclass(frozen=True, kw_only=True)
class Certificate(SearchExperiment):
    """Thousands of attempts to score lower than the most normal point of a detector.

    The point is claimed to be the lowest among all rows of real numbers, and attempts are made inside and outside of
    [0, 1]. Where a row's score depends on its batch, the claim is about rows that are scored alone, as all are here.

    Arrays, for K kinds of attempts: `attempts` (K,), their names, and `knows` (K,), whether they start from the
    optimum; `evaluations` (K,), rows scored; `lowest` (K,), the lowest score, and `images` (K, d), of which row;
    `margin` (K,), how much that is above the optimum's score, in units of `spread`, the interquartile range of the
    training scores; `slack`, the rounding of the scores; `best_image` (d,) and `best_image_score`, the lowest of all
    rows in [0, 1];
    `optimum_points` (m, d), `optimum_score` as claimed and `scored` (m,) as the scorer has it; `pixel_range` (2,) of
    the points; `kind` and `why` of the claim; `test_normal_scores` (n,), each alone, with `median_image` (d,), the
    held-out image of the (lower) median score.
    """

    name = "certificate"
    quick: ClassVar = {"dataset": "mnist-5k", "evaluations": 2_000, "population": 20}

    evaluations: int = 100_000  # at least, all kinds together

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(100, evaluations=self.evaluations)
        name, _ = parse_spec(self.detector)
        if name not in DETECTORS:
            raise InputError(f"no most normal point of {name} is known: choose from {', '.join(DETECTORS)}")

    def cells(self) -> Sequence[tuple]:
        """One cell for each kind of attempt."""
        return [(number,) for number in range(len(ATTEMPTS))]

    def work(self) -> float:
        """Count evaluations."""
        return float(self.evaluations)

    def known(self) -> Optimum:
        """Return what is to be beaten."""
        return _known(self)

    def spread(self) -> float:
        """Return the interquartile range of the training scores."""
        low, high = np.percentile(self.fitted_detector().decision_scores_, [25, 75])  # type: ignore[attr-defined]
        return float(high - low)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Make one kind of attempt."""
        (number,) = cell
        attempt, known, tally = ATTEMPTS[number], self.known(), Tally(self.scorer())
        case = Case(known.samples, known.score, torch.from_numpy(self.data.X_train), self.spread(), self.config)
        attempt.make(tally, case, ceil(attempt.share * self.evaluations), self.rng(ATTEMPT, number + 1))
        return {
            "attempts": np.array(attempt.name),
            "knows": np.array(attempt.knows),
            "evaluations": np.array(tally.evaluations),
            "lowest": np.array(tally.lowest),
            "images": tally.row.numpy().astype(np.float16),
            "best_image_score": np.array(tally.lowest_image),
            "best_image": tally.image.numpy().astype(np.float16),
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the kinds that were tried, and compare them with what they were to beat."""
        tried = [part for part in parts if part["evaluations"] > 0]
        kinds = {key: np.stack([part[key] for part in tried]) for key in tried[0]}
        best = int(kinds["best_image_score"].argmin())
        known, spread, normal = self.known(), self.spread(), self.data.test_normal
        scores = score_rows(self.scorer(), torch.from_numpy(normal))
        median = int(np.argsort(scores)[(len(scores) - 1) // 2])
        return kinds | {
            "margin": (kinds["lowest"] - known.score) / spread,
            "spread": np.array(spread),
            "slack": np.array(TOLERANCE * max(abs(known.score), spread)),
            "best_image": kinds["best_image"][best],
            "best_image_score": np.array(kinds["best_image_score"][best]),
            "optimum_points": known.samples.numpy().astype(np.float16),
            "optimum_score": np.array(known.score),
            "scored": score_rows(self.scorer(), known.samples),
            "pixel_range": np.array([known.samples.min().item(), known.samples.max().item()]),
            "kind": np.array(known.status),
            "why": np.array(known.certificate),
            "test_normal_scores": scores,
            "median_image": normal[median].astype(np.float16),
        }


@lru_cache(maxsize=2)
def _known(experiment: Certificate) -> Optimum:
    """Return the optimum of the trained detector; finding it may take seconds."""
    known = experiment.scorer().optimum()
    if known is None:
        spec, label = experiment.detector, experiment.normal
        raise InputError(f"no most normal point of {spec}, as trained on class {label}, is known: try another seed")
    return known


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detectors: Sequence[str] = DETECTORS,
    evaluations: int = 100_000,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook: one for each detector."""
    names = [detectors] if isinstance(detectors, str) else detectors
    given = {"normal": digit, "evaluations": evaluations, "seed": seed}
    return {name: Certificate.at(scale, detector=name, **given) for name in names}
