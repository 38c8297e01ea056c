"""DEAN's submodels one by one and as an ensemble, with bags and without (x-dean-submodels, x-dean-bagging)."""

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from itertools import pairwise
from typing import Any, ClassVar, Self, cast

import numpy as np
import torch
from scipy.stats import rankdata

from anogen.detectors import parse_spec
from anogen.detectors.dean import CHUNK_SIZE, DEAN
from anogen.errors import InputError
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Inputs, ascending, at_least, stack
from companion.studies.evaluation_data import DetectorExperiment

BLOCK = 10  # submodels that are trained together: a kill costs no more, and ensembles of other sizes share them
SAMPLE = 1  # key of the seeds
# A score is the mean of the submodels' deviations |f - q| (thesis) or of a power of them (the authors' code).
TAKEN = ("deviation", "power")


def blocks(*sizes: int) -> list[tuple[int, int]]:
    """Return the blocks that the largest of some ensembles is trained in, as (first, one past the last) submodel.

    Each of the ensembles is the union of the first blocks.
    """
    return list(pairwise(sorted({0, *sizes, *range(0, max(sizes), BLOCK)})))


@dataclass(frozen=True, kw_only=True)
class DeanExperiment(DetectorExperiment):
    """An experiment on DEAN that sets some of its options itself."""

    detector: str = "dean"
    own: ClassVar[tuple[str, ...]] = ("n_submodels", "first")  # options that a detector must not state

    def __post_init__(self) -> None:
        super().__post_init__()
        name, options = parse_spec(self.detector)
        if name != "dean":
            raise InputError(f"{name} has no submodels: give dean, or dean:option=value")
        for key in set(self.own) & options.keys():
            raise InputError(f"{key} in detector {self.detector!r}: leave it out, the experiment sets it")

    def witness(self) -> Self:
        """Return the small experiment, on the detector that it names."""
        return type(self).at("quick")


def fit_block(experiment: DetectorExperiment, bounds: tuple[int, int], training: int = 0, **options: Any) -> DEAN:
    """Return a block of the experiment's ensemble, with changed options; it is trained once a machine."""
    first, last = bounds
    stated = parse_spec(experiment.detector)[1] | options | {"n_submodels": last - first, "first": first}
    defaults = {key: parameter.default for key, parameter in signature(DEAN).parameters.items()}
    spec = ",".join(f"{key}={value}" for key, value in stated.items() if value != defaults[key])
    dataset, normal, seed = experiment.dataset, experiment.normal, experiment.seed
    block = DetectorExperiment(dataset=dataset, normal=normal, seed=seed, detector=f"dean:{spec}")
    return cast(DEAN, block.fitted_detector(training))


def measure_submodels(experiment: "Submodels | Bagging", detector: DEAN) -> Arrays:
    """Return measures of a block of m submodels on the test set of n images, n0 of them normal.

    `auc` (m,) of each alone; `normal_scores` (m, 2), by `TAKEN`, the mean over the normal images; `underflow` (m,), the
    share of the normal images whose power is 0 in float32; `deviations` (m, s) of a sample of the images; and, for
    `combine_blocks`: `sums` (2, n), `largest` (2, n0), `positive` (n0,), whether a power is not 0 in float32.
    """
    data = experiment.data
    rows = detector.scale(data.X_test.astype(np.float64))
    outputs = torch.cat([detector.outputs(batch) for batch in rows.split(CHUNK_SIZE)], dim=1)
    deviation = (outputs.double() - detector.q_[:, None]).abs().numpy()
    taken = np.stack([deviation, deviation**detector.power])
    normal = data.y_test == 0
    powers = deviation[:, normal].astype(np.float32).clip(1e-9, 1e2) ** np.float32(detector.power)
    sample = np.sort(experiment.rng(0, SAMPLE).permutation(len(normal))[: experiment.sample])
    return {
        "auc": np.array([roc_auc(row, data.y_test) for row in deviation]),
        "normal_scores": taken[:, :, normal].mean(axis=2).T,
        "underflow": (powers == 0).mean(axis=1),
        "deviations": deviation[:, sample],
        "sums": taken.sum(axis=1),
        "largest": taken[:, :, normal].max(axis=1),
        "positive": (powers > 0).any(axis=0),
    }


def agreement(deviations: np.ndarray) -> np.ndarray:
    """Return each submodel's mean rank correlation with the others, (M,), from their deviations (M, s)."""
    correlation = np.corrcoef(rankdata(deviations, axis=1))
    return np.asarray((correlation.sum(axis=1) - 1) / (len(deviations) - 1))


def combine_blocks(parts: Sequence[Arrays], labels: np.ndarray) -> Arrays:
    """Return the arrays of `Submodels`, but for `sizes`, from the measures of its blocks."""
    sums = np.cumsum([part["sums"] for part in parts], axis=0)
    positive = np.logical_or.accumulate([part["positive"] for part in parts])
    auc, scores, underflow, deviations = (
        np.concatenate([part[key] for part in parts]) for key in ("auc", "normal_scores", "underflow", "deviations")
    )
    return {
        "submodel_auc": auc,
        "normal_scores": scores,
        "rank_correlation": agreement(deviations),
        "ensemble_auc": np.array([[roc_auc(scores, labels) for scores in both] for both in sums]),
        "largest_share": (np.max([p["largest"] for p in parts], axis=0) / sums[-1][:, labels == 0]).mean(axis=1),
        "underflow": underflow,
        "ensemble_underflow": 1 - positive.mean(axis=1),
    }


@dataclass(frozen=True, kw_only=True)
class Submodels(DeanExperiment):
    """Every submodel of one ensemble alone, and the ensembles that begin with it (x-dean-submodels).

    Arrays, for M submodels in B blocks and the two of `TAKEN`: `submodel_auc` (M,); `normal_scores` (M, 2), the mean
    over the test set's normal images; `rank_correlation` (M,), the mean of each with the others, over `sample` test
    images of all classes; `sizes` (B,), of the ensembles, and `ensemble_auc` (B, 2) of the mean over their submodels;
    `largest_share` (2,), the part of a normal image's sum that its largest term gives, mean over the images;
    `underflow` (M,) and `ensemble_underflow` (B,), shares of normal images whose power is 0 in float32.
    """

    name = "dean-submodels"
    quick: ClassVar = {"dataset": "mnist-5k", "detector": "dean:epochs=10", "sizes": (2, 4, 6), "sample": 100}

    sizes: tuple[int, ...] = (30, 100, 250, 500)
    sample: int = 1_000

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(sizes=self.sizes)
        at_least(2, sample=self.sample, sizes=self.sizes[-1])

    def cells(self) -> Sequence[tuple]:
        """Return the blocks of the ensemble."""
        return blocks(*self.sizes)

    def work(self) -> float:
        """Count submodels."""
        return float(self.sizes[-1])

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and measure the submodels of one block."""
        return measure_submodels(self, fit_block(self, cell))

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Combine the blocks."""
        sizes = np.array([last for _, last in self.cells()])
        return combine_blocks(parts, self.data.y_test) | {"sizes": sizes}


@dataclass(frozen=True, kw_only=True)
class Bagging(DeanExperiment):
    """Ensembles whose submodels see a bag of the pixels, or all of them (x-dean-bagging).

    Arrays, for W widths of the bag, T trainings, M submodels and the two of `TAKEN`: `submodel_auc` (W, T, M);
    `normal_scores` (W, T, M, 2), the mean over the test set's normal images; `rank_correlation` (W, T), the mean over
    the pairs of submodels; `ensemble_auc` (W, T, 2).
    """

    name = "dean-bagging"
    quick: ClassVar = {
        "dataset": "mnist-5k", "detector": "dean:epochs=10", "submodels": 3, "trainings": 1, "sample": 100,
    }  # fmt: skip
    axes: ClassVar = ("bags", "trainings", "blocks")

    bags: tuple[int, ...] = (200, 784)
    submodels: int = 20
    trainings: int = 3
    sample: int = 1_000

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(bags=self.bags)
        at_least(1, trainings=self.trainings)
        at_least(2, submodels=self.submodels, sample=self.sample)

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """The blocks of an ensemble."""
        return blocks(self.submodels)

    def work(self) -> float:
        """Count submodels."""
        return float(len(self.bags) * self.trainings * self.submodels)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and measure the submodels of one block."""
        bag, training, bounds = cell
        return measure_submodels(self, fit_block(self, bounds, training, bag=bag))

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Combine the blocks of each ensemble."""
        n, labels = len(self.blocks), self.data.y_test
        ensembles = [combine_blocks(parts[i : i + n], labels) for i in range(0, len(parts), n)]
        stacked = stack(ensembles, len(self.bags), self.trainings)
        return {
            "submodel_auc": stacked["submodel_auc"],
            "normal_scores": stacked["normal_scores"],
            "rank_correlation": stacked["rank_correlation"].mean(axis=-1),
            "ensemble_auc": stacked["ensemble_auc"][:, :, -1],
        }
