"""Chapter `correlation` (x-auc-quality-correlation, the thesis's open question): ROC AUC and quality of the images.

One experiment for each detector and data set, one cell for each class and training. The measure that decides
(`DECIDES`) was fixed before any cell was computed. So was the search (`annealed`): on the digit 4, by its distance from
known optima, while the measures of its images were in sight, too. `relation` has the rule of the answer. `Budget`
searches for ten times as many generations.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch

from anogen import datasets
from anogen.datasets import OneClass
from anogen.detectors import fit_spec, parse_spec
from anogen.errors import InputError
from anogen.generators.evolution import EvolutionConfig
from anogen.metrics import quality
from anogen.metrics.detection import roc_auc
from anogen.scorers import Scorer, make_scorer
from companion.experiment import Arrays, Experiment, Inputs, Slice
from companion.studies import classifier, evolution_run
from companion.studies.evaluation_data import LIGHT, score_rows
from companion.studies.quality import Classifier, weights_of

DECIDES = "quality"  # of the search's images; the other measures are shown, too
MEASURES = ("quality", "p_cls", "nn_ratio", "morans_i", "normal_looking")  # a small nn_ratio is good
DETECTORS = (
    "autoencoder", "cblof", "copod", "deep-svdd", "deep-svdd-untrained", "ecod", "gmm", "hbos", "iforest", "inne",
    "kde", "knn", "loda", "lof", "ocsvm", "pca", "pyod-autoencoder", "vae",
)  # fmt: skip
FAST = (
    "cblof", "copod", "deep-svdd", "deep-svdd-untrained", "ecod", "gmm", "hbos", "iforest", "loda", "ocsvm", "pca",
    "pyod-autoencoder", "vae",
)  # fmt: skip
DEAN = "dean:n_submodels=30"  # the thesis's ninth detector
MORE = (
    DEAN, "cblof:n_clusters=32", "gmm:covariance_type=diag", "gmm:covariance_type=diag,n_components=10",
    "hbos:n_bins=50", "iforest:n_estimators=20", "iforest:n_estimators=300", "loda:n_random_cuts=20",
    "loda:n_random_cuts=500", "ocsvm:nu=0.05", "pca:n_components=10", "pca:n_components=40",
    "pyod.models.sampling:Sampling",
)  # digits only; variants whose search takes seconds  # fmt: skip
CLOTHES = (0, 1, 9)  # T-shirt, trouser, ankle boot
FIT, ROWS, SEARCH = 1, 2, 3  # keys of the seeds
HALVINGS = 8  # of the mutation, over a search
LONGER = 10  # factor of the generations
SCORED_AT_ONCE = 200  # rows
VALIDATED_ON = 4  # the digit
QUICK = {"detectors": ["cblof", "hbos", "gmm"], "classes": [3, 4], "generations": 20, "clothes": []}


def annealed(population: int, generations: int) -> EvolutionConfig:
    """Return the search's parameters: wide mutations of most offspring, which halve 8 times; one elite."""
    return EvolutionConfig(
        population, mutation_rate=0.9, mutation_std=0.1, mutation_half_life=max(1, generations // HALVINGS), n_elites=1
    )


@dataclass(frozen=True, kw_only=True)
class Cells(Experiment):
    """ROC AUC and images of one detector, with each class of a data set as the normal one.

    Arrays, for C classes and T trainings: `classes` (C,); `auc` (C, T); of the image of an annealed search, `images`
    (C, T, d) and, by name, the measures of `quality.measure` (C, T); of the known optimum among images, where
    there is one, the same after `optimum_` (C, T), else NaN; `scores` and `optimum` (C, T), the lowest score of any
    row, and `real_scores` (C, T, 3), the quartiles of held-out normal images' scores.
    """

    name = "correlation-cells"
    quick: ClassVar = {
        "dataset": "mnist-5k", "classes": (3, 4), "generations": 20, "population": 20, "rows": 200, "trainings": 2,
    }  # fmt: skip
    least: ClassVar = {"generations": HALVINGS, "population": 2, "trainings": 1, "rows": 100, "anomalies": 100}
    listed: ClassVar[Mapping[str, str]] = {"classes": "classes"}
    named: ClassVar[tuple[str, ...]] = ("dataset", "detector")
    axes: ClassVar[tuple[str, ...]] = ("classes", "trainings")
    effort: ClassVar = ("generations", "population")  # images

    dataset: str = "mnist"
    detector: str = "cblof"
    classes: tuple[int, ...] = tuple(range(10))
    trainings: int = 3  # each on other images, with another seed, searched once
    rows: int = 1_000  # training images at most
    anomalies: int = 500  # test images of other classes at most
    generations: int = 3_000
    population: int = 40

    def __post_init__(self) -> None:
        super().__post_init__()
        parse_spec(self.detector)

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier."""
        return {"classifier": Classifier.at(self.scale) if self.scale == "quick" else Classifier(dataset=self.dataset)}

    def witness(self) -> Experiment:
        """Return the small experiment on the same detector: each has arithmetic of its own."""
        return type(self).at("quick", detector=LIGHT.get(self.detector.partition(":")[0], self.detector))

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Fit, score the test images, search, and measure."""
        label, training = cell
        data, weights = datasets.load(self.dataset).one_class(label), weights_of(inputs["classifier"])
        score = self.scorer(data, label, training)
        result = self.search(score, self.generations, label, training)
        images, known = result["images"][None], score.optimum_in_box()
        perfect = images[:0] if known is None else known.samples[:1].numpy()
        measures = self.quality(np.concatenate([images, perfect]), data, label, weights)
        yield {
            "auc": np.array(self.auc(score, data, label)),
            "images": result["images"].astype(np.float16),
            "scores": result["scores"],
            **self.scale_of(score, data),
            **{name: values[0] for name, values in measures.items()},
            **{f"optimum_{k}": np.append(v, np.nan)[1] for k, v in measures.items()},
        }

    def scale_of(self, score: Scorer, data: OneClass) -> Arrays:
        """Return the lowest possible score, NaN where it is unknown, and the quartiles of real images' scores."""
        known, real = score.optimum(), score_rows(score, torch.from_numpy(data.test_normal), SCORED_AT_ONCE)
        lowest = np.nan if known is None else known.score
        return {"optimum": np.array(lowest), "real_scores": np.percentile(real, [25, 50, 75])}

    def search(self, score: Scorer, generations: int, *key: int) -> Arrays:
        """Search once, with the seed of a cell."""
        seed = int(self.rng(SEARCH, *key).integers(2**31))
        config = annealed(self.population, generations)
        *_, last = evolution_run.search(score, seed, generations, config, np.array([generations]), None)
        assert isinstance(last, dict)
        return last

    def scorer(self, data: OneClass, label: int, training: int) -> Scorer:
        """Return the scorer of the detector, fitted to images of the class with the first seed that it accepts."""
        order = self.rng(ROWS, label, training).permutation(len(data.X_train))[: self.rows]
        train = data.X_train[np.sort(order)].astype(np.float64)
        for seed in self.rng(FIT, label, training).integers(2**31, size=20).tolist():
            try:
                return make_scorer(fit_spec(self.detector, train, seed, data.image_shape), train.shape[1])
            except ValueError as error:
                if "valid cluster separation" not in str(error):
                    raise
        raise InputError(f"{self.detector} refused 20 trainings on class {label}: try another class")

    def auc(self, score: Scorer, data: OneClass, label: int) -> float:
        """Return the ROC AUC of normal test images against a sample of the others, each scored alone."""
        anomalous = np.flatnonzero(data.y_test)
        sample = self.rng(ROWS, label).permutation(anomalous)[: self.anomalies]
        chosen = np.concatenate([np.flatnonzero(data.y_test == 0), sample])
        return roc_auc(score_rows(score, torch.from_numpy(data.X_test[chosen]), SCORED_AT_ONCE), data.y_test[chosen])

    def quality(self, images: np.ndarray, data: OneClass, label: int, weights: dict[str, np.ndarray]) -> Arrays:
        """Return the measures of images (n, d), each (n,)."""
        reference = quality.Reference.fit(data.X_train, data.test_normal, data.image_shape)
        measures = quality.measure(images, reference, classifier.p_cls(images, label, weights, data.image_shape))
        return {name: np.asarray(measures[name], dtype=np.float64) for name in MEASURES}


@dataclass(frozen=True, kw_only=True)
class Budget(Cells):
    """Searches of ten times as many generations, with one class, on the same trained detectors.

    Arrays, for D detectors and the two searches, the shorter first: `images` (D, 2, d), `scores` (D, 2), the measures
    (D, 2) by name, `optimum` (D,), NaN where none is known, and `real_scores` (D, 3), quartiles.
    """

    name = "correlation-budget"
    quick: ClassVar = {"dataset": "mnist-5k", "detectors": ("cblof", "hbos"), "generations": 10, "rows": 200}
    listed: ClassVar = {}
    named: ClassVar = ("dataset",)
    axes: ClassVar = ("detectors",)

    classes: tuple[int, ...] = (VALIDATED_ON,)
    trainings: int = 1
    detectors: tuple[str, ...] = FAST

    def __post_init__(self) -> None:
        super().__post_init__()
        for detector in self.detectors:
            parse_spec(detector)

    witness = Experiment.witness

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Fit one detector and search twice."""
        (detector,), (label,) = cell, self.classes
        data, weights = datasets.load(self.dataset).one_class(label), weights_of(inputs["classifier"])
        score = replace(self, detector=detector).scorer(data, label, 0)
        results = [self.search(score, factor * self.generations, label, 0) for factor in (1, LONGER)]
        images, scores = (np.stack([result[name] for result in results]) for name in ("images", "scores"))
        measures = self.scale_of(score, data) | self.quality(images, data, label, weights)
        yield {"images": images.astype(np.float16), "scores": scores, **measures}


def chapter_experiments(
    scale: str = "laptop",
    detectors: Sequence[str] = (*DETECTORS, *MORE),
    classes: int | Sequence[int] = tuple(range(10)),
    clothes: int | Sequence[int] = CLOTHES,
    trainings: int = 3,
    generations: int = 3_000,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return for each detector `digits-cblof` and, but for `MORE`, `clothes-cblof`; `budget` of the fast ones."""
    roles: dict[str, Experiment] = {}
    names = [detectors] if isinstance(detectors, str) else list(dict.fromkeys(detectors))
    common: dict[str, Any] = {"generations": generations, "seed": seed}
    kinds: dict[str, dict[str, Any]] = {
        "digits": {"classes": unique(classes), "trainings": trainings},
        "clothes": {"classes": unique(clothes), "trainings": 1, "dataset": "fashion_mnist"},
    }
    kinds = {kind: chosen for kind, chosen in kinds.items() if chosen["classes"]}
    for kind, chosen in kinds.items():
        several = [name for name in names if kind == "digits" or name not in MORE]
        roles |= {f"{kind}-{name}": Cells.at(scale, detector=name, **common, **chosen) for name in several}
    fast = tuple(name for name in names if name in FAST)
    return roles | ({"budget": Budget.at(scale, detectors=fast, **common)} if fast else {})


def unique(classes: int | Sequence[int]) -> tuple[int, ...]:
    """Return classes without repetition."""
    return (classes,) if isinstance(classes, int) else tuple(dict.fromkeys(classes))
