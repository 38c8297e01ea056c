"""Chapter `theory`: typical points of the playground's detectors, drawn from exp(-score / T)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy.spatial.distance import cdist

from anogen import detectors
from anogen.generators.generation import generate
from anogen.scorers import make_scorer
from companion.experiment import Arrays, Experiment, Inputs
from companion.studies.evaluation_data import score_rows
from notebooks.beyond.playground.experiments import ENTRIES, FINE, mesh, points

HELD_OUT, CHAINS = 2, 3  # keys of the seeds
NEAR = 0.95  # a point is near the data at a distance that this share of held-out points has


@dataclass(frozen=True, kw_only=True)
class TypicalPoints(Experiment):
    """Detectors of the playground's points: the lowest score, typical points, held-out points.

    Arrays, for D detectors: `lowest` (D, 2) and `lowest_scores` (D,), the best point of a fine grid; `drawn`
    (D, chains, shown, 2), from exp(-score / T) with the temperature T in `temperatures` (D,), for which the mean score
    is that of held-out points, `targets` (D,); `mean_scores` (D,) of all draws; `r_hat`, `ess` and `mixed` (D,);
    `held_out` (count, 2) and `held_out_scores` (D, count); `near` (D, 2), whether the lowest point is near the data,
    and the share of all draws that are.
    """

    name = "typical-points"
    quick: ClassVar = {"count": 64, "chains": 2, "iterations": 200, "entries": ("gmm", "hbos")}
    least: ClassVar = {"count": 64, "chains": 2, "iterations": 200}
    axes: ClassVar = ("entries",)
    effort: ClassVar = ("iterations", "chains")

    count: int = 240
    chains: int = 4
    iterations: int = 4000
    shown: int = 60
    entries: tuple[str, ...] = ("gmm", "mixture", "kde", "knn", "hbos", "copod", "iforest", "autoencoder", "deep-svdd")

    def uses(self) -> tuple[str, ...]:
        """Return the detectors of the entries."""
        return tuple(ENTRIES[key].name for key in self.entries)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Fit one detector, find its lowest score, and draw from its density."""
        (key,) = cell
        entry, train, held_out = ENTRIES[key], points(self.rng(0), self.count), self.held_out()
        scorer = make_scorer(detectors.fit(entry.name, train, self.seed, **entry.options), 2)
        fine = mesh(FINE)
        scores = score_rows(scorer, fine)
        lowest = fine[scores.argmin()].numpy()
        first = int(self.rng(CHAINS).integers(2**31))
        result = generate(
            scorer, "sample", n_samples=self.chains, random_state=first, n_iterations=self.iterations, held_out=held_out
        )
        drawn, report = result.draws, result.diagnostics
        assert drawn is not None and report is not None
        limit = np.quantile(cdist(held_out, train).min(axis=1), NEAR)
        rows = np.concatenate([lowest[None], drawn.reshape(-1, 2)])
        near = cdist(rows, train).min(axis=1) <= limit
        shown = np.linspace(0, drawn.shape[1] - 1, self.shown).astype(int)
        return {
            "lowest": lowest,
            "lowest_scores": scores.min(),
            "drawn": drawn[:, shown].astype(np.float16),
            "temperatures": np.array(result.parameters["temperature"]),
            "targets": np.array(report.target_score),
            "mean_scores": np.array(report.mean_score),
            "r_hat": np.array(report.r_hat),
            "ess": np.array(min(report.ess_bulk, report.ess_tail)),
            "mixed": np.array(report.status == "mixed"),
            "held_out_scores": score_rows(scorer, torch.from_numpy(held_out)),
            "near": np.array([near[0], near[1:].mean()]),
        }

    def held_out(self) -> np.ndarray:
        """Return points of the same distribution that no detector is fitted to, (count, 2)."""
        return points(self.rng(HELD_OUT), self.count)

    def common(self, inputs: Inputs) -> Arrays:
        """Return the detectors' keys and the points."""
        return {
            "entries": np.array(self.entries),
            "held_out": self.held_out(),
        }


def chapter_experiments(scale: str = "laptop", seed: int = 0) -> dict[str, Experiment]:
    """Return the chapter's only experiment: `typical`."""
    return {"typical": TypicalPoints.at(scale, seed=seed)}
