"""Chapter `correlation` (x-auc-quality-correlation, the thesis's open question): does a better detector draw better?

One experiment for each detector and data set, one cell for each class: the work can be done in any order, and in
pieces. The measure that decides, and when it does, were fixed before any cell was computed (`DECIDES`,
`anogen.evaluation.association`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from anogen import datasets
from anogen.datasets import OneClass
from anogen.detectors import named
from anogen.errors import InputError
from anogen.evaluation import quality
from anogen.evaluation.detection import roc_auc
from anogen.experiments.base import Arrays, Experiment, Inputs, Slice, at_least, stack
from anogen.experiments.quality import Classifier, weights_of
from anogen.experiments.search import search
from anogen.generation import Settings
from anogen.scoring import Scorer, scorer

DECIDES = "quality"  # of the search's images; all others are shown beside it
MEASURES = ("quality", "p_cls", "nn_ratio", "morans_i", "normal_looking")  # a small nn_ratio is good
DETECTORS = (
    "autoencoder", "cblof", "copod", "deep-svdd", "deep-svdd-untrained", "ecod", "gmm", "hbos", "iforest", "inne",
    "kde", "knn", "loda", "lof", "ocsvm", "pca", "pyod-autoencoder", "vae",
)  # fmt: skip
CLOTHES = (0, 1, 9)  # T-shirt, trouser, ankle boot
FIT, ROWS, SEARCH = 1, 2, 3  # keys of the seeds
HALVINGS = 8  # of the mutation, over a search
QUICK = {"detectors": ["cblof", "hbos", "gmm"], "classes": [3, 4], "generations": 20, "clothes": []}


@dataclass(frozen=True, kw_only=True)
class Cells(Experiment):
    """How well one detector detects, and what it draws, with each class of a data set as the normal one.

    Arrays, for C classes and S starts: `classes` (C,); `auc` (C,); of the images that an annealed search found,
    `images` (C, S, d) and, by name, the measures of `quality.measure` (C, S); of the known optimum, where there is
    one, the same after `optimum_` (C,), else NaN; `scores` (C, S), `optimum` (C,) and `real_scores` (C, 3), the
    quartiles of held-out normal images' scores.
    """

    name = "correlation-cells"
    quick: ClassVar = {"dataset": "mnist-5k", "classes": (3, 4), "generations": 20, "population": 20, "rows": 200}
    tolerance = 0.3
    named: ClassVar = ("dataset", "detector")

    dataset: str = "mnist"
    detector: str = "cblof"
    classes: tuple[int, ...] = tuple(range(10))
    rows: int = 2_000  # training images at most
    anomalies: int = 1_000  # test images of other classes at most
    generations: int = 1_000
    population: int = 40
    starts: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        named.parse(self.detector)
        at_least(HALVINGS, generations=self.generations)
        at_least(2, population=self.population, starts=self.starts)
        at_least(100, rows=self.rows, anomalies=self.anomalies)

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier."""
        return {"classifier": Classifier.at(self.scale) if self.scale == "quick" else Classifier(dataset=self.dataset)}

    def cells(self) -> Sequence[tuple]:
        """One cell for each class."""
        return [(label,) for label in self.classes]

    def witness(self) -> "Cells":
        """Return the small experiment on the same detector: each has arithmetic of its own."""
        return type(self).at("quick", detector=self.detector)

    def work(self) -> float:
        """Count images."""
        return float(len(self.classes) * self.starts * self.generations * self.population)

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Fit, score the test images, search, and measure."""
        (label,) = cell
        data, weights = datasets.load(self.dataset).normal(label), weights_of(inputs["classifier"])
        score = self.trained(data, label)
        halving = max(1, self.generations // HALVINGS)
        found = []
        for start in range(self.starts):
            seed = int(self.rng(SEARCH, label, start).integers(2**31))
            settings = Settings(self.population, halving=halving, elites=1)
            *_, last = search(score, seed, self.generations, settings, np.array([self.generations]), None)
            assert isinstance(last, dict)
            found.append(last)
        images = np.stack([one["images"] for one in found])
        known = score.optimum()
        lowest = np.nan if known is None else known.score
        perfect = images[:0] if known is None else known.points[:1].clamp(0, 1).numpy()
        measures = self.quality(np.concatenate([images, perfect]), data, label, weights)
        yield {
            "auc": np.array(self.auc(score, data, label)),
            "images": images.astype(np.float16),
            "scores": np.stack([one["scores"] for one in found]),
            "optimum": np.array(lowest),
            "real_scores": np.percentile(_alone(score, data.test_normal), [25, 50, 75]),
            **{name: values[: self.starts] for name, values in measures.items()},
            **{f"optimum_{k}": np.append(v, np.nan)[self.starts] for k, v in measures.items()},
        }

    def trained(self, data: OneClass, label: int) -> Scorer:
        """Return the scorer of the detector, fitted to so many images of the class; a seed that it refuses is left."""
        order = self.rng(ROWS, label).permutation(len(data.train))[: self.rows]
        train = data.train[np.sort(order)].astype(np.float64)
        for seed in self.rng(FIT, label).integers(2**31, size=20).tolist():
            try:
                return scorer(named.fitted(self.detector, train, seed, data.shape), train.shape[1])
            except ValueError as error:
                if "valid cluster separation" not in str(error):
                    raise
        raise InputError(f"{self.detector} refused 20 trainings on class {label}: try another class")

    def auc(self, score: Scorer, data: OneClass, label: int) -> float:
        """Return the ROC AUC of normal test images against some of the others, each scored alone."""
        anomalous = np.flatnonzero(data.labels)
        some = self.rng(ROWS, label, 1).permutation(anomalous)[: self.anomalies]
        chosen = np.concatenate([np.flatnonzero(data.labels == 0), some])
        return roc_auc(_alone(score, data.test[chosen]), data.labels[chosen])

    def quality(self, images: np.ndarray, data: OneClass, label: int, weights: dict[str, np.ndarray]) -> Arrays:
        """Return the measures of images (n, d), each (n,)."""
        reference = quality.Reference.fit(data.train, data.test_normal, data.shape)
        found = quality.measure(images, reference, quality.p_cls(images, label, weights, data.shape))
        return {name: np.asarray(found[name], dtype=np.float64) for name in MEASURES}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the classes."""
        return stack(parts, len(self.classes)) | {"classes": np.array(self.classes)}


def _alone(score: Scorer, rows: np.ndarray) -> np.ndarray:
    """Score rows (n, d) in parts, or one by one where the rest of a batch matters, (n,)."""
    size = 200 if score.semantics == "pointwise" else 1
    with torch.inference_mode():
        return torch.cat([score(part) for part in torch.from_numpy(rows).split(size)]).numpy()


def wanted(
    scale: str = "laptop",
    detectors: Sequence[str] = DETECTORS,
    classes: int | Sequence[int] = tuple(range(10)),
    clothes: int | Sequence[int] = CLOTHES,
    generations: int = 1_000,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter: one for each detector on digits, `digits-cblof`, and `clothes-cblof`."""
    roles: dict[str, Experiment] = {}
    names = [detectors] if isinstance(detectors, str) else list(dict.fromkeys(detectors))
    for kind, dataset, given in (("digits", {}, classes), ("clothes", {"dataset": "fashion_mnist"}, clothes)):
        labels = (given,) if isinstance(given, int) else tuple(dict.fromkeys(given))
        for name in names if labels else []:
            options: dict[str, Any] = {"detector": name, "classes": labels, "generations": generations, "seed": seed}
            roles[f"{kind}-{name}"] = Cells.at(scale, **options, **dataset)
    return roles
