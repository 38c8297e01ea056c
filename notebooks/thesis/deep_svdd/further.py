"""Searches with fixed pixels on further trainings of Deep SVDD, whose images are measured and not kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from anogen import datasets
from companion.experiment import Arrays, Experiment, Inputs, Slice, stack
from companion.studies.evaluation_data import score_rows
from companion.studies.evolution_run import log_steps, search
from companion.studies.images import free_err_rel
from companion.studies.quality import Classifier, measure_images, weights_of
from notebooks.thesis.common.guided import Guided, masks


@dataclass(frozen=True, kw_only=True)
class FurtherTrainings(Guided):
    """The searches of `Guided` on several trainings, each with images, masks and starts of its own.

    Arrays, for N trainings, S starts, K values of k and P pairs, with the names that `Guided` and `GuidedQuality` give
    them: `guided_scores`, `guided_quality`, `free_err_rel` (N, K, P); `unguided_free_err_rel` (N, S, P);
    `test_normal_scores` (N, 101), the percentiles of the held-out normal images' scores.
    """

    name = "guided-further"
    quick: ClassVar = {**Guided.quick, "trainings": 2}
    least: ClassVar = {"trainings": 1, "pairs": 1}

    detector: str = "deep-svdd-untrained"
    starts: int = 1
    pairs: int = 1
    trainings: int = 5

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier, for the quality."""
        return {"classifier": Classifier.at("quick" if self.scale == "quick" else "laptop", dataset=self.dataset)}

    def cells(self) -> Sequence[tuple]:
        """Return the cells of `Guided` for each training."""
        return [(training, *cell) for training in range(self.trainings) for cell in Guided.cells(self)]

    def work(self) -> float:
        """Count generations."""
        return self.trainings * super().work()

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start, or for one k and pair."""
        training, level, number = cell
        seed = int(self.rng(0, *cell).integers(2**31))
        guidance: dict[str, Any] = self.fixed(self.ks[level - 1], self.pairs * training + number) if level else {}
        scorer, logged = self.scorer(training), log_steps(self.generations)
        yield from search(scorer, seed, self.generations, self.config, logged, state, **guidance)

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Measure the images of each training."""
        each = len(parts) // self.trainings
        measured = [self.measure(t, parts[each * t : each * (t + 1)], inputs) for t in range(self.trainings)]
        return {key: np.stack([arrays[key] for arrays in measured]) for key in measured[0]}

    def measure(self, training: int, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Return the arrays of one training, from its cells."""
        normal, pairs = self.data.test_normal, [self.pair(self.pairs * training + p) for p in range(self.pairs)]
        references, order = (np.stack(arrays) for arrays in zip(*pairs, strict=True))
        free = np.stack([part["images"] for part in parts[: self.starts]]).astype(float)
        guided = stack(parts[self.starts :], len(self.ks), self.pairs)
        by_k = zip(guided["images"].astype(float), self.ks, strict=True)
        label, weights = datasets.load(self.dataset).label(self.normal), weights_of(inputs["classifier"])
        nothing = np.zeros(references.shape[1], dtype=bool)
        return {
            "guided_scores": guided["scores"],
            "guided_quality": measure_images(guided["images"], self.dataset, label, weights, self.seed)["quality"],
            "free_err_rel": np.stack([free_err_rel(x, references, masks({"order": order}, k)) for x, k in by_k]),
            "unguided_free_err_rel": np.stack([free_err_rel(free, x, nothing) for x in references], axis=1),
            "test_normal_scores": np.percentile(
                score_rows(self.scorer(training), torch.from_numpy(normal)), np.arange(101)
            ),
        }
