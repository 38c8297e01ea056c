"""DEAN's submodels one by one, with bags and without, and what they are together (x-dean-submodels, x-dean-bagging)."""

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from itertools import pairwise
from typing import Any, ClassVar, Self, cast

import numpy as np
import torch
from scipy.stats import rankdata

from anogen.datasets import OneClass
from anogen.detectors import parse_spec
from anogen.detectors.dean import DEAN, ROWS
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Inputs, ascending, at_least
from companion.studies.evaluation_data import DetectorExperiment

BLOCK = 10  # submodels that are trained as one piece: a kill costs no more, and ensembles of other sizes share them
SAMPLE = 1  # key of the seeds
# What of a submodel's deviation |f - q| the mean is taken of: the thesis says average, the authors' code a power.
TAKEN = ("deviation", "power")


def blocks(*sizes: int) -> list[tuple[int, int]]:
    """Return the pieces that the largest of some ensembles is trained in, as (first, one past the last) submodel.

    Each of the ensembles is the union of the first pieces.
    """
    return list(pairwise(sorted({0, *sizes, *range(0, max(sizes), BLOCK)})))


@dataclass(frozen=True, kw_only=True)
class OfDean(DetectorExperiment):
    """An experiment on DEAN that sets some of its options itself."""

    detector: str = "dean"
    own: ClassVar[tuple[str, ...]] = ("n_submodels", "first")

    def __post_init__(self) -> None:
        super().__post_init__()
        name, options = parse_spec(self.detector)
        if name != "dean":
            raise InputError(f"{name} has no submodels: give dean, or dean:option=value")
        for key in set(self.own) & options.keys():
            raise InputError(f"{key} in detector {self.detector!r}: leave it away, the experiment itself sets it")

    def witness(self) -> Self:
        """Return the small experiment, on the detector that it names."""
        return type(self).at("quick")


def block(of: DetectorExperiment, bounds: tuple[int, int], training: int = 0, **options: Any) -> DEAN:
    """Return some submodels of the ensemble that `of` trains, with the given options; trained once a machine."""
    first, last = bounds
    given = parse_spec(of.detector)[1] | options | {"n_submodels": last - first, "first": first}
    usual = {key: parameter.default for key, parameter in signature(DEAN).parameters.items()}
    spec = ",".join(f"{key}={value}" for key, value in given.items() if value != usual[key])
    piece = DetectorExperiment(dataset=of.dataset, normal=of.normal, seed=of.seed, detector=f"dean:{spec}")
    return cast(DEAN, piece.fitted_detector(training))


def examined(detector: DEAN, data: OneClass, sample: np.ndarray) -> Arrays:
    """Return what m submodels make of the test set of n images, n0 of them normal.

    `auc` (m,) of each alone; `normal_scores` (m, 2), by `TAKEN`, the mean over the normal images; `underflow` (m,), the
    share of the normal images whose power is 0 in float32; `deviations` (m, s) of the images in the `sample`; to be put
    together with those of other submodels: `sums` (2, n), `largest` (2, n0), `positive` (n0,), whether a power is not 0
    in float32.
    """
    rows = detector.scaled(data.X_test.astype(np.float64))
    answers = torch.cat([detector.answers(few) for few in rows.split(ROWS)], dim=1)
    deviation = (answers.double() - detector.q_[:, None]).abs().numpy()
    taken = np.stack([deviation, deviation**detector.power])
    normal = data.y_test == 0
    short = deviation[:, normal].astype(np.float32).clip(1e-9, 1e2) ** np.float32(detector.power)
    return {
        "auc": np.array([roc_auc(row, data.y_test) for row in deviation]),
        "normal_scores": taken[:, :, normal].mean(axis=2).T,
        "underflow": (short == 0).mean(axis=1),
        "deviations": deviation[:, sample],
        "sums": taken.sum(axis=1),
        "largest": taken[:, :, normal].max(axis=1),
        "positive": (short > 0).any(axis=0),
    }


def agreement(deviations: np.ndarray) -> np.ndarray:
    """Return each submodel's mean rank correlation with the others, (M,), from their deviations (M, s)."""
    correlation = np.corrcoef(rankdata(deviations, axis=1))
    return np.asarray((correlation.sum(axis=1) - 1) / (len(deviations) - 1))


@dataclass(frozen=True, kw_only=True)
class Submodels(OfDean):
    """Every submodel of one ensemble alone, and the ensembles that begin with it (x-dean-submodels).

    Arrays, for M submodels in B pieces and the two of `TAKEN`: `submodel_auc` (M,); `normal_scores` (M, 2), the mean
    over the test set's normal images; `rank_correlation` (M,), the mean of each with the others, over `sample` test
    images of all classes; `sizes` (B,), of the ensembles, and `ensemble_auc` (B, 2) of the mean over their submodels;
    `largest_share` (2,), the part of a normal image's sum that its largest term gives, mean over the images;
    `underflow` (M,) and `ensemble_underflow` (B,), shares of normal images whose power is 0 in float32.
    """

    name = "dean-submodels"
    quick: ClassVar = {"dataset": "mnist-5k", "detector": "dean:epochs=10", "sizes": (2, 4, 6), "sample": 100}
    tolerance = 0.2

    sizes: tuple[int, ...] = (30, 100, 250, 500)
    sample: int = 1_000

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(sizes=self.sizes)
        at_least(2, sample=self.sample, sizes=self.sizes[-1])

    def cells(self) -> Sequence[tuple]:
        """One cell for each piece of the ensemble."""
        return blocks(*self.sizes)

    def work(self) -> float:
        """Count submodels."""
        return float(self.sizes[-1])

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and examine the submodels of one piece."""
        return examined(block(self, cell), self.data, sampled(self, self.sample))

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the pieces together."""
        sums = np.cumsum([part["sums"] for part in parts], axis=0)
        labels = self.data.y_test
        known = np.logical_or.accumulate([part["positive"] for part in parts])
        each = {key: np.concatenate([part[key] for part in parts]) for key in ("auc", "normal_scores", "underflow")}
        return {
            "submodel_auc": each["auc"],
            "normal_scores": each["normal_scores"],
            "rank_correlation": agreement(np.concatenate([part["deviations"] for part in parts])),
            "sizes": np.array([last for _, last in self.cells()]),
            "ensemble_auc": np.array([[roc_auc(scores, labels) for scores in of_size] for of_size in sums]),
            "largest_share": (np.max([p["largest"] for p in parts], axis=0) / sums[-1][:, labels == 0]).mean(axis=1),
            "underflow": each["underflow"],
            "ensemble_underflow": 1 - known.mean(axis=1),
        }


@dataclass(frozen=True, kw_only=True)
class Bagging(OfDean):
    """Ensembles whose submodels see a bag of the pixels, and ensembles whose submodels see all (x-dean-bagging).

    Arrays, for W widths of the bag, T trainings, M submodels and the two of `TAKEN`: `submodel_auc` (W, T, M);
    `normal_scores` (W, T, M, 2), the mean over the test set's normal images; `rank_correlation` (W, T), the mean over
    the pairs of submodels; `ensemble_auc` (W, T, 2).
    """

    name = "dean-bagging"
    quick: ClassVar = {
        "dataset": "mnist-5k", "detector": "dean:epochs=10", "submodels": 3, "trainings": 1, "sample": 100,
    }  # fmt: skip
    tolerance = 0.2

    bags: tuple[int, ...] = (200, 784)
    submodels: int = 20
    trainings: int = 3
    sample: int = 1_000

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(bags=self.bags)
        at_least(1, trainings=self.trainings)
        at_least(2, submodels=self.submodels, sample=self.sample)

    def cells(self) -> Sequence[tuple]:
        """One cell for each width, training and piece of an ensemble."""
        pieces = blocks(self.submodels)
        return [(bag, training, *piece) for bag in self.bags for training in range(self.trainings) for piece in pieces]

    def work(self) -> float:
        """Count submodels."""
        return float(len(self.bags) * self.trainings * self.submodels)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and examine the submodels of one piece."""
        bag, training, first, last = cell
        return examined(block(self, (first, last), training, bag=bag), self.data, sampled(self, self.sample))

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Put the pieces of each ensemble together."""
        shape, labels = (len(self.bags), self.trainings), self.data.y_test
        count = len(blocks(self.submodels))
        ensembles = [parts[i : i + count] for i in range(0, len(parts), count)]
        found = [
            {
                "submodel_auc": np.concatenate([part["auc"] for part in of]),
                "normal_scores": np.concatenate([part["normal_scores"] for part in of]),
                "rank_correlation": agreement(np.concatenate([part["deviations"] for part in of])).mean(),
                "ensemble_auc": np.array([roc_auc(s, labels) for s in np.sum([part["sums"] for part in of], axis=0)]),
            }
            for of in ensembles
        ]
        return {key: np.array([f[key] for f in found]).reshape(*shape, *np.shape(found[0][key])) for key in found[0]}


def sampled(of: DetectorExperiment, count: int) -> np.ndarray:
    """Return which test images the rank correlations are taken over."""
    n = len(of.data.y_test)
    return np.sort(of.rng(0, SAMPLE).permutation(n)[:count])
