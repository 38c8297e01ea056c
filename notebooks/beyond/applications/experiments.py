"""Chapters `campaign`, `thyroid`, `cardio` and `heartbeats`: real data, audited detectors, and what they draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from anogen import datasets
from anogen.auditing import FINDINGS, audit
from anogen.auditing.data import take
from anogen.detectors import fit_spec, parse_spec
from companion.datasets import adbench, heartbeats
from companion.experiment import Arrays, Experiment, Inputs, at_least, stack

DETECTORS = ("gmm", "hbos", "iforest", "knn", "ocsvm")
ROWS = 3_000  # of a data set that are looked at: the normal ones, and as many others
QUICK = {"data": "mnist-5k", "generations": 10}
MEASURED = ("scores", "score_rank", "nn_ratio", "gap")


@dataclass(frozen=True, kw_only=True)
class Application(Experiment):
    """Detectors with their library's defaults are fitted to normal rows, audited, and asked to draw.

    Arrays, for D detectors and 4 starts: `findings` (D, 6) bool, in the order of `auditing.FINDINGS`; `roc_auc` (D,);
    `drawn` (D, 4, d), the rows; `scores`, `score_rank`, `nn_ratio` and `gap` (D, 4), as `auditing.drawing` measures
    them, the last NaN where no most normal row is known; `div_ratio` (D,); `real` (r, d), held-out normal rows; `low`
    and `high` (d,), the range of normal rows.
    """

    name = "application"
    named: ClassVar = ("dataset",)
    tolerance = 0.3  # the search is chaotic: another platform gives other rows of the same kind
    quick: ClassVar = {"dataset": "mnist-5k", "generations": 10}

    dataset: str = "adbench/thyroid"
    generations: int = 3_000
    detectors: tuple[str, ...] = DETECTORS

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, generations=self.generations)
        for detector in self.detectors:
            parse_spec(detector)

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return rows (n, d) and whether each is anomalous, (n,): at most 3,000 of either kind, drawn from the seed."""
        first, _, rest = self.dataset.partition("/")
        if first == adbench.NAME:
            table = adbench.load(rest)
            x, y = table.x, table.y.astype(int)
        else:
            beats = heartbeats.load() if first == heartbeats.NAME else datasets.load(self.dataset)
            x, y = beats.x_train.reshape(len(beats.x_train), -1), (beats.y_train != beats.y_train.min()).astype(int)
        order = self.rng(0).permutation(len(x))
        chosen = np.concatenate([order[y[order] == kind][:ROWS] for kind in (0, 1)])
        scale = 255 if x.dtype == np.uint8 and first != adbench.NAME else 1
        return x[chosen].astype(np.float64) / scale, y[chosen]

    def cells(self) -> Sequence[tuple]:
        """One cell for each detector."""
        return [(detector,) for detector in self.detectors]

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Audit one detector, and let it draw."""
        (detector,) = cell
        x, y = self.rows()
        taken = take(x, y, 0, None, self.seed)
        fitted = fit_spec(detector, taken.train, self.seed)
        found = audit(
            fitted,
            x,
            y,
            normal=0,
            shape=None,
            seconds=np.inf,
            generations=self.generations,
            seed=self.seed,
            name=detector,
        )
        unknown = [np.nan] * len(found.drawn["scores"])
        return {
            "findings": np.array([found.findings[name] for name in FINDINGS]),
            "roc_auc": np.array(found.measures["roc_auc"]),
            "div_ratio": np.array(found.drawn["div_ratio"]),
            "drawn": found.arrays["drawn"].astype(np.float32),
            **{key: np.array(found.drawn.get(key) or unknown) for key in MEASURED},
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the detectors, and add what is real."""
        x, y = self.rows()
        taken = take(x, y, 0, None, self.seed)
        return stack(parts, len(parts)) | {"real": taken.real.astype(np.float32), "low": taken.low, "high": taken.high}


def application(data: str, scale: str = "laptop", generations: int = 3_000, seed: int = 0) -> dict[str, Experiment]:
    """Return the experiment of one data set's chapter for the parameters of its notebook."""
    return {"application": Application.at(scale, dataset=data, generations=generations, seed=seed)}
