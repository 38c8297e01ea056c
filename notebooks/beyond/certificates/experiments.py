"""Chapter `certificates`: the known optima of detectors, and attempts to beat them."""

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
from companion.experiment import Arrays, Experiment, Inputs
from companion.studies.evaluation_data import SearchExperiment, score_rows
from notebooks.beyond.certificates.optimum_stress_test import ATTEMPTS, CountingScorer, Target
from notebooks.thesis.common.detection import RealImages

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

    The claim is about all rows of real numbers, and attempts are made inside and outside of [0, 1]. Where a row's score
    depends on its batch, it is about rows that are scored alone, as all are here.

    Arrays, for K kinds of attempts: `attempts` (K,), their names, and `knows` (K,), whether they start from the
    optimum; `evaluations` (K,), rows scored; `lowest` (K,), the lowest score, and `images` (K, d), its row; `margin`
    (K,), its difference from the optimum's score, in units of `spread`, the interquartile range of the training scores;
    `slack`, the rounding of the scores; `best_image` (d,) and `best_image_score`, the lowest of all rows in [0, 1];
    `optimum_points` (m, d), `optimum_score` as claimed and `scored` (m,) by the scorer; `pixel_range` (2,) of the
    points; `kind` and `why` of the claim; `test_normal_scores` (n,), each alone, with `median_image` (d,), the held-out
    image of the (lower) median score. Where no point lies in [0, 1]: `box_point` (d,), the most normal row there,
    `box_score`, `box_kind` and `box_why`.
    """

    name = "certificate"
    quick: ClassVar = {"dataset": "mnist-5k", "evaluations": 2_000, "population": 20}
    least: ClassVar = {"evaluations": 100}
    axes: ClassVar = ("n_kinds",)
    n_kinds: ClassVar = len(ATTEMPTS)
    effort: ClassVar = ("evaluations",)

    evaluations: int = 100_000  # at least, all kinds together

    def __post_init__(self) -> None:
        super().__post_init__()
        name, _ = parse_spec(self.detector)
        if name not in DETECTORS:
            raise InputError(f"no most normal point of {name} is known: choose from {', '.join(DETECTORS)}")

    def optimum(self) -> Optimum:
        """Return the optimum that attempts try to beat."""
        return _optimum(self)

    def spread(self) -> float:
        """Return the interquartile range of the training scores."""
        low, high = np.percentile(self.fitted_detector().decision_scores_, [25, 75])  # type: ignore[attr-defined]
        return float(high - low)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Make one kind of attempt."""
        (number,) = cell
        attempt, optimum, scorer = ATTEMPTS[number], self.optimum(), CountingScorer(self.scorer())
        train = torch.from_numpy(self.data.X_train)
        target = Target(optimum.samples, optimum.score, train, self.spread(), self.config)
        attempt.make(scorer, target, ceil(attempt.share * self.evaluations), self.rng(ATTEMPT, number + 1))
        return {
            "attempts": np.array(attempt.name),
            "knows": np.array(attempt.knows),
            "evaluations": np.array(scorer.evaluations),
            "lowest": np.array(scorer.lowest),
            "images": scorer.row.numpy().astype(np.float16),
            "best_image_score": np.array(scorer.lowest_image),
            "best_image": scorer.image.numpy().astype(np.float16),
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the kinds that were tried, and compare them with the optimum."""
        tried = [part for part in parts if part["evaluations"] > 0]
        kinds = {key: np.stack([part[key] for part in tried]) for key in tried[0]}
        best = int(kinds["best_image_score"].argmin())
        optimum, spread, normal = self.optimum(), self.spread(), self.data.test_normal
        scores = score_rows(self.scorer(), torch.from_numpy(normal))
        median = int(np.argsort(scores)[(len(scores) - 1) // 2])
        return kinds | {
            "margin": (kinds["lowest"] - optimum.score) / spread,
            "spread": np.array(spread),
            "slack": np.array(TOLERANCE * max(abs(optimum.score), spread)),
            "best_image": kinds["best_image"][best],
            "best_image_score": np.array(kinds["best_image_score"][best]),
            "optimum_points": optimum.samples.numpy().astype(np.float16),
            "optimum_score": np.array(optimum.score),
            "scored": score_rows(self.scorer(), optimum.samples),
            "pixel_range": np.array([optimum.samples.min().item(), optimum.samples.max().item()]),
            "kind": np.array(optimum.status),
            "why": np.array(optimum.certificate),
            "test_normal_scores": scores,
            "median_image": normal[median].astype(np.float16),
            **self.in_box(),
        }

    def in_box(self) -> Arrays:
        """Return the optimum among the rows in [0, 1] if none of the optimum's points is there, else nothing."""
        box = self.scorer().optimum_in_box()
        if box is None or box.score - self.optimum().score <= TOLERANCE * abs(box.score):
            return {}
        return {
            "box_point": box.samples[0].numpy().astype(np.float16),
            "box_score": np.array(box.score),
            "box_kind": np.array(box.status),
            "box_why": np.array(box.certificate),
        }


@lru_cache(maxsize=2)
def _optimum(experiment: Certificate) -> Optimum:
    """Return the optimum of the trained detector; computing it may take seconds."""
    optimum = experiment.scorer().optimum()
    if optimum is None:
        spec, label = experiment.detector, experiment.normal
        raise InputError(f"no most normal point of {spec}, as trained on class {label}, is known: try another seed")
    return optimum


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detectors: Sequence[str] = DETECTORS,
    evaluations: int = 100_000,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook: one a detector, and real images."""
    names = [detectors] if isinstance(detectors, str) else detectors
    chosen = {"normal": digit, "evaluations": evaluations, "seed": seed}
    found: dict[str, Experiment] = {name: Certificate.at(scale, detector=name, **chosen) for name in names}
    return found | {"real": RealImages.at(scale, normal=digit)}
