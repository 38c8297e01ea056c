"""AnoRand's score and its parts on small data sets, trained with anomalies among the rows and without (Eqs. 6 to 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

import numpy as np

from anogen.detectors.anorand import AnoRand, fit_together
from anogen.detectors.mixins import seeded
from anogen.metrics.detection import average_precision, roc_auc
from companion.datasets import adbench
from companion.experiment import Arrays, Inputs, stack
from notebooks.anorand.anorand_benchmark.experiments import OnSets
from notebooks.anorand.anorand_benchmark.methods import METHODS, fit, score
from notebooks.anorand.common import Rows

LARGEST = 4_000  # rows of a data set
RIVALS = ("iforest", "knn")  # on the same rows
SCORES = ("printed", "weights exchanged", "reconstruction alone", "noise detection alone", *RIVALS)
TRAININGS = ("all rows", "normal rows only")


@dataclass(frozen=True, kw_only=True)
class ScoreVariants(OnSets):
    """What AnoRand's parts score alone, and combined otherwise than by Eqs. 6 to 8.

    The data sets are all tables of ADBench, without embeddings, of at most `LARGEST` rows; the splits are those of the
    benchmark. "Weights exchanged" has alpha on y_AE and 1 - alpha on y_mlp. "Reconstruction alone" is ||x - x̂||.

    Arrays, for F data sets, 2 `TRAININGS`, R repetitions and K `SCORES`: `ap` and `roc` (F, 2, R, K); `alpha` (F, 2,
    R); `sets` (F,), `scores` (K,).
    """

    name = "anorand-parts"
    named: ClassVar[tuple[str, ...]] = ()
    quick: ClassVar = {**OnSets.quick, "group": "anorand"}

    group: str = "anorand"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the data sets' files."""
        tables = {name: entry for name, entry in adbench.known().items() if entry.category in ("healthcare", "other")}
        return self.sets or tuple(name for name, entry in tables.items() if entry.rows <= LARGEST)

    def cells(self) -> Sequence[tuple]:
        """Return a cell for each data set and training."""
        return list(product(self.files, TRAININGS))

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train on all splits as one tensor, and measure every score."""
        name, training = cell
        seeds = [self._seed(name, r) for r in range(self.count("anorand", name))]
        splits = [self.split(name, r) for r in range(len(seeds))]
        if training == "normal rows only":
            splits = [rows._replace(train=rows.train[rows.train_labels == 0]) for rows in splits]
        detectors = fit_together([AnoRand(random_state=seed) for seed in seeds], [rows.train for rows in splits])
        return stack([measure(*one) for one in zip(detectors, splits, seeds, strict=True)], len(seeds))

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the cells along data sets and trainings."""
        names = {"sets": np.array(self.files), "scores": np.array(SCORES)}
        return stack(parts, len(self.files), len(TRAININGS)) | names


def measure(detector: AnoRand, rows: Rows, seed: int) -> Arrays:
    """Return AUC PR and ROC AUC of all scores on the test rows, (K,) each, and alpha."""
    (y_mlp, y_ae), alpha = detector.probabilities(rows.test), detector.alpha_
    scores: list[Any] = [detector.combine(y_mlp, y_ae), alpha * y_ae + (1 - alpha) * y_mlp]
    scores += [detector.outputs(rows.test)[1], y_mlp]
    for name in RIVALS:
        with seeded(seed):
            scores.append(score(METHODS[name], fit(METHODS[name], rows.train, seed), rows.test))
    return {
        "ap": np.array([average_precision(one, rows.labels) for one in scores]),
        "roc": np.array([roc_auc(one, rows.labels) for one in scores]),
        "alpha": np.array(alpha),
    }
