"""Chapter `optimisers`: optimisers of other libraries on detectors of which the most normal image is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from anogen.errors import InputError
from companion.experiment import Arrays, Experiment, Inputs, stack
from companion.studies.ensemble import EnsembleJudge
from companion.studies.ensemble_training import required
from companion.studies.evaluation_data import DetectorExperiment, generations_of, score_rows
from notebooks.beyond.optimisers.budget import BudgetedScorer
from notebooks.beyond.optimisers.searches import EXPENSIVE, FIRST, OPTIMISERS, run
from notebooks.thesis.common.guided import Guided

# The most normal image of each is proved, and a score takes microseconds.
DETECTORS = ("cblof", "gmm", "pca", "deep-svdd-untrained", "deep-svdd", "loda", "hbos", "copod")
OWN = tuple(name for name in FIRST if not OPTIMISERS[name].library)
SEEDED = (*FIRST, *(name for name in OPTIMISERS if name not in FIRST))  # the place of a name is a key of its seeds
QUICK = {"detectors": ["cblof", "gmm", "hbos"], "evaluations": 400, "longer": 800}
LONGER, THESIS = "-longer", "-thesis"  # endings of the roles with more evaluations, and of the thesis's own searches
SEARCHED = ("cblof", "gmm", "deep-svdd-untrained", "deep-svdd", "hbos")  # with the thesis's number of evaluations
CHECKPOINTS, WARM_UP = 8, 200  # numbers of evaluations that are recorded; evaluations before the clock starts


@dataclass(frozen=True, kw_only=True)
class Optimisation(DetectorExperiment):
    """Several optimisers minimise one detector's score over images, from several random starts each.

    Every optimiser makes the same number of evaluations; expensive ones make a fraction. Then each has the same number
    of processor seconds, in which it makes as many as it can, but plans with the number that its first run predicts.

    Arrays, for O optimisers, S starts, K numbers of evaluations and images of d pixels: `optimisers` (O,), without
    those whose gradient the score lacks; `evaluations` (K,); `lowest` (O, S, K), the lowest score after each number, or
    after an expensive optimiser's last; `optimum`, the lowest score of all images; `real_scores` (n,), of held-out
    images; `normal_looking` (O, S), the ensemble's judgement, and `optimum_normal_looking`. Measurements, off at quick:
    `timed_lowest`, `timed_evaluations` and `timed_normal_looking` (O, S), within `seconds`; `timed_images` (O, d),
    uint8, of the first start; `evaluation_seconds` (O, S), of one evaluation and what the optimiser does for it.
    """

    name = "optimisation"
    quick: ClassVar = {
        "dataset": "mnist-5k", "evaluations": 400, "seconds": 0.0, "starts": 2, "optimisers": OWN,
    }  # fmt: skip
    least: ClassVar = {"evaluations": 400, "starts": 1}
    effort: ClassVar = ("evaluations",)
    axes: ClassVar = ("optimisers", "starts")
    timings: ClassVar = (
        "timed_lowest", "timed_evaluations", "timed_normal_looking", "timed_images", "evaluation_seconds",
    )  # fmt: skip

    evaluations: int = 7_500
    seconds: float = 0.5
    starts: int = 5
    optimisers: tuple[str, ...] = FIRST

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.optimisers:
            if name not in OPTIMISERS:
                raise InputError(f"unknown optimiser {name!r}: choose from {', '.join(OPTIMISERS)}")

    def requires(self) -> dict[str, Experiment]:
        """Need the ensemble that judges digits."""
        return {"ensemble": required(self.scale)["ensemble"]}

    def checkpoints(self, last: int) -> np.ndarray:
        """Return numbers of evaluations up to the last, (K,), evenly spaced on a logarithmic scale."""
        return np.geomspace(last / 2 ** (CHECKPOINTS - 1), last, CHECKPOINTS).round().astype(int)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Search from one start, and again with a limit on the time."""
        name, start = cell
        key = (SEEDED.index(name), start)
        scorer, judge = self.scorer(), EnsembleJudge(inputs["ensemble"])
        checkpoints = self.checkpoints(self.evaluations)
        if OPTIMISERS[name].gradient and not scorer.differentiable:
            return {"lowest": np.full(CHECKPOINTS, np.nan)}
        reached = checkpoints <= self.evaluations // (EXPENSIVE if OPTIMISERS[name].expensive else 1)
        run(name, BudgetedScorer(scorer, np.array([WARM_UP])), self.rng(*key, 1))
        score = run(name, BudgetedScorer(scorer, checkpoints[reached], self.seconds), self.rng(*key, 2))
        arrays = {
            "lowest": np.append(score.lowest, np.full((~reached).sum(), score.best)),
            "normal_looking": self.judged(judge, score.image),
        }
        if not self.seconds:
            return arrays
        each = score.seconds / score.evaluations
        if score.seconds < self.seconds:  # repeat the search with as many evaluations as the time allows
            last = np.array([max(int(self.seconds / each), score.evaluations)])
            score = run(name, BudgetedScorer(scorer, last, self.seconds), self.rng(*key, 2))
        found = score.in_time
        return arrays | {
            "timed_lowest": np.array(found.best),
            "timed_evaluations": np.array(found.evaluations),
            "timed_normal_looking": self.judged(judge, found.image),
            "timed_images": (found.image.numpy() * 255).round().astype(np.uint8),
            "evaluation_seconds": np.array(each),
        }

    def judged(self, judge: EnsembleJudge, image: torch.Tensor) -> np.ndarray:
        """Return whether an image (d,) looks like the normal class."""
        return np.array(judge.predict(image.numpy()[None], self.normal)["normal_looking"][0])

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the searches that were possible; keep the images of the first start."""
        possible = [part for part in parts if np.isfinite(part["lowest"]).all()]
        made = [name for (name, _), part in zip(self.cells(), parts, strict=True) if np.isfinite(part["lowest"]).all()]
        arrays = stack(possible, len(possible) // self.starts, self.starts)
        images = {"timed_images": arrays["timed_images"][:, 0]} if self.seconds else {}
        return arrays | images | {"optimisers": np.array(list(dict.fromkeys(made)))} | self.common(inputs)

    def common(self, inputs: Inputs) -> Arrays:
        """Return the optimum, and the scores of real images."""
        best = self.scorer().optimum_in_box()
        if best is None:
            raise InputError(f"the most normal image of {self.detector} is unknown: choose from {', '.join(DETECTORS)}")
        image, judge = best.samples[0].float(), EnsembleJudge(inputs["ensemble"])
        return {
            "evaluations": self.checkpoints(self.evaluations),
            "optimum": np.array(best.score),
            "optimum_image": (image.numpy() * 255).round().astype(np.uint8),
            "optimum_normal_looking": self.judged(judge, image),
            "real_scores": score_rows(self.scorer(), torch.from_numpy(self.data.test_normal)),
        }


@dataclass(frozen=True, kw_only=True)
class LongerOptimisation(Optimisation):
    """The same with more evaluations, and without a limit on the time."""

    name = "optimisation-longer"

    evaluations: int = 50_000
    seconds: float = 0.0
    optimisers: tuple[str, ...] = tuple(OPTIMISERS)


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detectors: Sequence[str] = DETECTORS,
    optimisers: Sequence[str] = (),
    evaluations: int = 7_500,
    longer: int = 50_000,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook: `cblof`, `cblof-longer`, ...

    Without `optimisers`, those of the scale are compared. The book's own page has the thesis's searches, too.
    """
    names = [detectors] if isinstance(detectors, str) else detectors
    chosen: dict[str, Any] = {"normal": digit, "seed": seed}
    chosen |= {"optimisers": tuple(optimisers)} if optimisers else {}
    roles: dict[str, Experiment] = {
        **{name: Optimisation.at(scale, detector=name, evaluations=evaluations, **chosen) for name in names},
        **{name + LONGER: LongerOptimisation.at(scale, detector=name, evaluations=longer, **chosen) for name in names},
    }
    if (scale, digit, seed) == ("laptop", 4, 0):
        searched = [name for name in names if name in SEARCHED]
        roles |= {
            name + THESIS: Guided(detector=name, normal=digit, generations=generations_of(name)) for name in searched
        }
    return roles
