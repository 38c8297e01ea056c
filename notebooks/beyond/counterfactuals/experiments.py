"""Chapter `counterfactuals`: the nearest rows that detectors score as normal, from anomalies.

The criteria of anogen-c-20 to anogen-c-22 were fixed before anything was computed.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch

from anogen import datasets
from anogen.detectors import fit_spec, parse_spec
from anogen.errors import require
from anogen.scorers import make_scorer
from companion.experiment import Arrays, Experiment, Inputs, digits
from companion.studies.ensemble import EnsembleJudge
from companion.studies.ensemble_training import required
from companion.studies.evaluation_data import score_rows
from notebooks.beyond.common.columns import campaign_features
from notebooks.beyond.common.tabular import Application
from notebooks.beyond.counterfactuals.edits import Columns, Score, line, nearest_normal, sparse

BANK = "adbench/campaign"
DETECTORS = ("gmm", "hbos", "iforest", "knn")
ROWS, FIT = 1, 2  # keys of the seeds
QUICK = {"digit": 4}


class Data(NamedTuple):
    """Normal rows to fit to, others to take the limit from, and anomalies."""

    train: np.ndarray
    held_out: np.ndarray
    anomalies: np.ndarray
    features: list[np.ndarray]  # of each column
    image_shape: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class Counterfactuals(Experiment):
    """Sparse counterfactuals of anomalies, and the ends of straight lines to normal rows, for each detector.

    A row is normal to a detector if it scores at most the quantile `quantile` of held-out normal rows. The anomalies
    are rows that no detector scores as normal.

    Arrays, for D detectors, n anomalies and two methods, the sparse search and the line: `anomalies` (n, d); `rows`
    (D, 2, n, d); `ranks` (D, 2, n), the share of held-out rows that score at most as high; `changed` (D, 2, n), the
    number of changed columns; `distance` (D, 2, n), Euclidean; `valid` (D, 2, n), whether every category is one of
    normal rows and every number in their range; `agree` (D, 2, n, D), the detectors to which the row is normal;
    `ceiling` (D, D), the share of held-out rows normal to one detector that are normal to another; of images, `judged`
    (D, 2, n), whether they look normal to the ensemble of classifiers.
    """

    name = "counterfactuals"
    named: ClassVar = ("dataset",)
    axes: ClassVar = ("detectors",)
    quick: ClassVar = {"dataset": "mnist-5k", "count": 2, "train": 100, "detectors": ("hbos", "knn")}
    least: ClassVar = {"count": 1, "train": 20}
    effort: ClassVar = ("count", "train")

    dataset: str = BANK
    digit: int = 4  # the normal class of images
    count: int = 40
    train: int = 2_000  # normal rows at most
    quantile: float = 0.9
    together: int = 1  # edits at once
    detectors: tuple[str, ...] = DETECTORS

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.digit)
        require(0 < self.quantile < 1, f"quantile {self.quantile:g} is invalid: give a number between 0 and 1")
        for detector in self.detectors:
            parse_spec(detector)

    def requires(self) -> dict[str, Experiment]:
        """Need the ensemble that judges digits."""
        return {} if self.dataset == BANK else {"ensemble": required(self.scale)["ensemble"]}

    def data(self) -> Data:
        """Return the rows, chosen by the seed."""
        if self.dataset == BANK:
            x, y = Application(dataset=BANK, seed=self.seed).numbers()
            normal, anomalies, features, shape = x[y == 0], x[y == 1], campaign_features(), None
            train, held_out = normal[: self.train], normal[self.train :]
        else:
            images = datasets.load(self.dataset).one_class(self.digit)
            order = self.rng(ROWS).permutation(len(images.X_train))[: self.train]
            train, held_out, shape = images.X_train[order], images.test_normal, images.image_shape
            anomalies = images.X_test[images.y_test == 1]
            features = list(np.arange(train.shape[1])[:, None])
        anomalies = anomalies[self.rng(ROWS, 1).permutation(len(anomalies))]
        train, held_out, anomalies = (part.astype(np.float64) for part in (train, held_out, anomalies))
        return Data(train, held_out, anomalies, features, shape)

    def fitted(self, data: Data) -> list[tuple[Score, float]]:
        """Return the score of each detector, and the limit below which a row is normal."""
        result: list[tuple[Score, float]] = []
        for detector in self.detectors:
            fitted = fit_spec(detector, data.train, int(self.rng(FIT).integers(2**31)), data.image_shape)
            scorer = make_scorer(fitted, data.train.shape[1])

            def score(rows: np.ndarray, scorer: Any = scorer) -> np.ndarray:
                return score_rows(scorer, torch.from_numpy(np.ascontiguousarray(rows)), 1_000)

            result.append((score, float(np.quantile(score(data.held_out), self.quantile))))
        return result

    def chosen(self, data: Data, fitted: list[tuple[Score, float]]) -> np.ndarray:
        """Return the first anomalies that no detector scores as normal, (n, d)."""
        rows = data.anomalies[: 100 * self.count]
        flagged = rows[np.all([score(rows) > limit for score, limit in fitted], axis=0)]
        require(len(flagged) >= self.count, f"only {len(flagged)} anomalies are flagged by all: give a smaller count")
        return flagged[: self.count]

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Search with one detector, and ask all of them about the result."""
        (detector,) = cell
        data = self.data()
        fitted = self.fitted(data)
        anomalies, columns = self.chosen(data, fitted), Columns.fit(data.train, data.features)
        score, limit = fitted[self.detectors.index(detector)]
        pairs = [(row, nearest_normal(score, row, limit, data.train)) for row in anomalies]
        rows = np.stack([
            [sparse(score, row, limit, columns, target, self.together) for row, target in pairs],
            [line(score, row, limit, target) for row, target in pairs],
        ])  # fmt: skip
        real = score(data.held_out)
        known = np.stack([other(data.held_out) <= at for other, at in fitted])
        flat = rows.reshape(-1, rows.shape[-1])
        judged = {}
        if "ensemble" in inputs:
            result = EnsembleJudge(inputs["ensemble"]).predict(flat.clip(0, 1), self.digit)
            judged["judged"] = result["normal_looking"].reshape(rows.shape[:2])
        return judged | {
            "rows": rows.astype(np.float16 if judged else np.float32),
            "ranks": np.array([[(real <= s).mean() for s in score(some)] for some in rows]),
            "changed": np.array([
                [len(columns.changed(a, b)) for a, b in zip(anomalies, some, strict=True)] for some in rows
            ], dtype=np.int16),
            "distance": np.linalg.norm(rows - anomalies, axis=2),
            "valid": np.stack([columns.valid(some) for some in rows]),
            "agree": np.stack([np.stack([other(some) <= at for other, at in fitted], axis=1) for some in rows]),
            "ceiling": known[:, real <= limit].mean(axis=1),
        }  # fmt: skip

    def common(self, inputs: Inputs) -> Arrays:
        """Return the anomalies."""
        data = self.data()
        return {"anomalies": self.chosen(data, self.fitted(data)).astype(np.float32)}


def chapter_experiments(
    scale: str = "laptop", digit: int = 4, quantile: float = 0.9, seed: int = 0
) -> dict[str, Experiment]:
    """Return the experiments of the chapter: `table` and `images`."""
    chosen: dict[str, Any] = {"quantile": quantile, "seed": seed}
    images: dict[str, Any] = chosen | {"digit": digit, "together": 2}
    if scale != "quick":
        images |= {"dataset": "mnist", "count": 20, "train": 1_000}
    return {"table": Counterfactuals.at(scale, **chosen), "images": Counterfactuals.at(scale, **images)}
