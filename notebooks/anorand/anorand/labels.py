"""AnoRand's synthetic anomalies themselves (Fig. 2), and two measures where anomalies are rare (AnoRand 5.1, 5.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from anogen.detectors.anorand_labels import DISTURBED, SHARE, disturbed, drawn, multiplied, synthetic
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays, Experiment, Inputs, at_least
from notebooks.anorand.common import SETTINGS, classification, together

KINDS = ("held-out rows", "SMOTE after the noise", "SMOTE before the noise", "noise alone")  # last axis of `distance`


@dataclass(frozen=True, kw_only=True)
class Labels(Experiment):
    """How far synthetic anomalies are from normal rows, and how many of them there are (Fig. 2).

    Arrays, for S settings, R runs and V levels of noise: `distance` (S, R, V, 4), the mean distance of a row to the
    nearest normal training row, features standardised, for `KINDS`; `share` (S, R, V), of the training set that is
    synthetic; `noise` (V,).
    """

    name = "anorand-labels"
    quick: ClassVar = {"rows": 1500, "runs": 2}

    rows: int = 20_000
    runs: int = 5
    noise: tuple[float, ...] = (0.02, 0.32, 0.52, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(200, rows=self.rows)
        at_least(1, runs=self.runs)

    def cells(self) -> Sequence[tuple]:
        """One cell for each setting and run."""
        return [(setting, run) for setting in range(len(SETTINGS)) for run in range(self.runs)]

    def work(self) -> float:
        """Count distances."""
        return float(self.runs * self.rows**2)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Make anomalies of one data set at every level of noise."""
        name = list(SETTINGS)[cell[0]]
        rows = classification(name, self.rows, 1000, int(self.rng(*cell).integers(2**31)))
        scaler = StandardScaler().fit(rows.train)
        train, test = scaler.transform(rows.train), scaler.transform(rows.test[rows.labels == 0])
        distance, share = [], []
        for level, noise in enumerate(self.noise):
            seen, y = synthetic(train, np.ones(train.shape[1]), noise, self.rng(*cell, level))
            made = (seen[y == 0], seen[y == 1])
            kinds = ((made[0], test), made, *others(train, noise, self.rng(*cell, level, 1)))
            distance.append([nearest(*kind) for kind in kinds])
            share.append(y.mean())
        return {"distance": np.array(distance), "share": np.array(share)}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Arrange the cells as (settings, runs, ...)."""
        arrays = together(parts)
        shape = len(SETTINGS), self.runs
        return {key: a.reshape(*shape, *a.shape[1:]) for key, a in arrays.items()} | {"noise": np.array(self.noise)}


def others(train: np.ndarray, noise: float, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return what is left as normal, and anomalies: by SMOTE and then noise, and by noise alone."""
    ones = np.ones(train.shape[1])
    few, many = drawn(len(train), DISTURBED, rng), drawn(len(train), SHARE, rng)
    first = multiplied(train[~few], train[few], rng)
    return [(train[~few], disturbed(first, ones, noise, rng)), (train[~many], disturbed(train[many], ones, noise, rng))]


def nearest(normal: np.ndarray, rows: np.ndarray) -> float:
    """Return the mean distance of rows to the nearest normal row."""
    return float(NearestNeighbors(n_neighbors=1).fit(normal).kneighbors(rows)[0].mean())


@dataclass(frozen=True, kw_only=True)
class Measures(Experiment):
    """ROC AUC and AUC PR of two detectors of the same ROC AUC, as anomalies become rare (x-metrics).

    One scores all anomalies a little higher; the other is sure of nine in ten and blind to the tenth. Arrays, for P
    prevalences: `roc` and `ap` (P, 2), `prevalence` (P,).
    """

    name = "anorand-measures"
    quick: ClassVar = {"points": 20_000}

    points: int = 200_000
    prevalence: tuple[float, ...] = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
    shift: float = 2.326  # of the first one's scores in standard deviations: Phi(shift / sqrt 2) = 0.95

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1000, points=self.points)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Score and judge at every prevalence."""
        roc, ap = [], []
        for i, prevalence in enumerate(self.prevalence):
            rng = self.rng(i)
            labels = (np.arange(self.points) < prevalence * self.points).astype(np.int8)
            spread = rng.normal(size=self.points) + self.shift * labels
            sure = rng.random(self.points) + (labels == 1) * (np.arange(self.points) % 10 != 0)
            roc.append([roc_auc(scores, labels) for scores in (spread, sure)])
            ap.append([average_precision(scores, labels) for scores in (spread, sure)])
        return {"roc": np.array(roc), "ap": np.array(ap), "prevalence": np.array(self.prevalence)}
