"""Images evolved on DEAN's ensembles of several sizes (Fig. 6.14), under either input range; the cost of training."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, cast

import numpy as np
import torch

from anogen.detectors import parse_spec
from anogen.detectors.dean import DEAN
from anogen.generators.inputs import noise
from anogen.metrics.detection import roc_auc
from anogen.scorers import Scorer, make_scorer
from companion.experiment import Arrays, Inputs, Slice, ascending, at_least, stack
from companion.studies.evaluation_data import DetectorExperiment, SearchExperiment, score_rows
from companion.studies.evolution_run import log_steps, search
from companion.studies.images import edge_centre, local_var, region_mean, score_rank
from companion.studies.quality import ImageQuality
from notebooks.thesis.dean.submodels import DeanExperiment, blocks, fit_block

RANGES = ("guard", "reference")
PROBE, NOISE = 1, 2  # keys of the seeds


@dataclass(frozen=True, kw_only=True)
class Sizes(DeanExperiment, SearchExperiment):
    """Images from noise on ensembles of several sizes, each the beginning of the next (Fig. 6.14).

    A start is the same first population on every size.

    Arrays, for Z `sizes` (Z,), S starts and d pixels: `images` (Z, S, d), `scores` and `best_scores` (Z, S);
    `history` (Z, S, 101) at `history_generations`; `test_normal_scores` (Z, n). What single pixels do, as shares of
    `probes` images: `darker_lowers` (Z, d), for how many noise images the score falls if that pixel becomes black;
    `speck_raises` (Z, d), for how many real ones it rises if that pixel is inverted.
    """

    name = "dean-sizes"
    quick: ClassVar = {
        "dataset": "mnist-5k", "detector": "dean:epochs=10", "sizes": (2, 4, 6), "generations": 60, "probes": 2,
    }  # fmt: skip

    sizes: tuple[int, ...] = (30, 100, 250, 500)
    generations: int = 1_000
    starts: int = 2
    probes: int = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(sizes=self.sizes)
        at_least(1, generations=self.generations, starts=self.starts, probes=self.probes)

    def cells(self) -> Sequence[tuple]:
        """Return a cell for each size and start, and one (size, -1) for the single pixels of each size."""
        return [(size, start) for size in self.sizes for start in [*range(self.starts), -1]]

    def work(self) -> float:
        """Count submodels in all generations."""
        return float(self.generations * self.starts * sum(self.sizes))

    def scorer_of_size(self, size: int) -> Scorer:
        """Return the scorer of the ensemble's first submodels."""
        whole = fit_ensemble(self.dataset, self.normal, self.seed, self.detector, self.sizes)
        return make_scorer(whole.subset(size), self.data.X_train.shape[1])

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start, or change single pixels."""
        size, start = cell
        score = self.scorer_of_size(size)
        if start < 0:
            yield self.probe(score)
        else:
            seed = int(self.rng(0, start).integers(2**31))
            yield from search(score, seed, self.generations, self.config, log_steps(self.generations), state)

    def probe(self, score: Scorer) -> Arrays:
        """Return the effect of single pixels on the score of noise and of real images."""
        normal = self.data.test_normal
        chosen = normal[np.linspace(0, len(normal) - 1, self.probes).astype(int)]
        generator = torch.Generator().manual_seed(int(self.rng(0, PROBE, 0).integers(2**31)))
        with torch.inference_mode():
            grey = noise((self.probes, score.n_features_in_), generator)
            darker = np.stack([pixel_effects(score, x, torch.zeros_like(x)) for x in grey])
            specks = np.stack([pixel_effects(score, x, 1 - x) for x in torch.from_numpy(chosen)])
        return {"darker_lowers": (darker < 0).mean(axis=0), "speck_raises": (specks > 0).mean(axis=0)}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the searches as (Z, S, ...) and the single pixels as (Z, d)."""
        searches = [part for part in parts if "images" in part]
        probes = [part for part in parts if "images" not in part]
        normal = torch.from_numpy(self.data.test_normal)
        return stack(searches, len(self.sizes), self.starts, halved="images") | {
            **stack(probes, len(self.sizes)),
            "sizes": np.array(self.sizes),
            "history_generations": log_steps(self.generations),
            "test_normal_scores": np.stack([score_rows(self.scorer_of_size(size), normal) for size in self.sizes]),
        }


@lru_cache(maxsize=1)
def fit_ensemble(dataset: str, normal: int | str, seed: int, detector: str, sizes: tuple[int, ...]) -> DEAN:
    """Return the largest ensemble; its blocks are trained once a machine."""
    experiment = DetectorExperiment(dataset=dataset, normal=normal, seed=seed, detector=detector)
    return DEAN.join([fit_block(experiment, bounds) for bounds in blocks(*sizes)])


def pixel_effects(score: Scorer, image: torch.Tensor, values: torch.Tensor) -> np.ndarray:
    """Return the change of an image's score, (d,), when one pixel takes its value of `values` (d,), for each pixel."""
    rows = image.expand(len(image), -1).clone()
    rows.diagonal().copy_(values)
    return np.asarray(torch.cat([score(batch) for batch in rows.split(150)]) - score(image[None]))


@dataclass(frozen=True, kw_only=True)
class SizesQuality(ImageQuality, Sizes):
    """The measures of the images of `Sizes`: see `measure_images`; groups are sizes.

    And, each (Z, S), `edge_mean`, brightness of the outer frame, `edge_local_var`, `centre_local_var`, `score_rank`.
    """

    name = "dean-sizes-quality"
    search = Sizes

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        search, shape = inputs["search"], self.data.image_shape
        edge, centre = edge_centre(shape)
        images = search["images"].astype(float)
        flat = images.reshape(-1, images.shape[-1])
        ranked = zip(search["scores"], search["test_normal_scores"], strict=True)
        yield self.measure(images, inputs) | {
            "edge_mean": region_mean(flat, shape, edge).reshape(images.shape[:2]),
            "edge_local_var": local_var(flat, shape, edge).reshape(images.shape[:2]),
            "centre_local_var": local_var(flat, shape, centre).reshape(images.shape[:2]),
            "score_rank": np.stack([score_rank(*pair) for pair in ranked]),
        }


@dataclass(frozen=True, kw_only=True)
class InputRanges(DeanExperiment, SearchExperiment):
    """DEAN with either way to scale its input.

    Arrays, for the two `RANGES`: `auc` (2,); `noise_scores` and `normal_scores` (2, n) of n noise and n held-out normal
    images, scored as one batch; `levels` (2,), how many different scores a population of noise has; `images` (2, d),
    `scores` (2,), `history` (2, 101) at `history_generations`.
    Of the data: `constant`, the number of pixels that never change in training; `touched` and `anomalies_touched`, the
    share of normal and other test images with another value there.
    """

    name = "dean-ranges"
    quick: ClassVar = {"dataset": "mnist-5k", "detector": "dean:n_submodels=3,epochs=10", "generations": 60}

    own: ClassVar = ("input_range",)
    axes: ClassVar = ("ranges",)
    halved = "images"
    ranges: ClassVar = RANGES
    least: ClassVar = {"generations": 1}

    detector: str = "dean:n_submodels=20"
    generations: int = 1_000

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search with one way to scale the input."""
        (mode,) = cell
        spec = f"{self.detector}{',' if ':' in self.detector else ':'}input_range={mode}"
        ranged = DetectorExperiment(dataset=self.dataset, normal=self.normal, seed=self.seed, detector=spec)
        score, detector, data = ranged.scorer(), cast(Any, ranged.fitted_detector()), self.data
        seed = int(self.rng(0).integers(2**31))
        for item in search(score, seed, self.generations, self.config, log_steps(self.generations), state):
            if isinstance(item, dict):
                item.update(self.batch_scores(score))
                item["auc"] = np.array(roc_auc(detector.decision_function(data.X_test), data.y_test))
            yield item

    def batch_scores(self, score: Scorer) -> Arrays:
        """Return the scores of noise and of normal images in one batch, and the number of different scores of noise."""
        generator = torch.Generator().manual_seed(int(self.rng(0, NOISE).integers(2**31)))
        start = noise((self.population, score.n_features_in_), generator)
        normal = torch.from_numpy(self.data.test_normal[: self.population])
        scores = score(torch.cat([start, normal.to(start.dtype)])).numpy()
        return {
            "noise_scores": scores[: len(start)],
            "normal_scores": scores[len(start) :],
            "levels": np.array(len(np.unique(score(start).numpy()))),
        }

    def common(self, inputs: Inputs) -> Arrays:
        """Count the constant pixels and the images that change them."""
        data = self.data
        constant = data.X_train.min(axis=0) == data.X_train.max(axis=0)
        touched = (data.X_test[:, constant] != data.X_train[0, constant]).any(axis=1)
        return {
            "history_generations": log_steps(self.generations),
            "constant": np.array(constant.sum()),
            "touched": np.array(touched[data.y_test == 0].mean()),
            "anomalies_touched": np.array(touched[data.y_test == 1].mean()),
        }


@dataclass(frozen=True, kw_only=True)
class TrainingCost(DeanExperiment):
    """The time to train a submodel, on one thread (claim c-10).

    Arrays, for R repeats of M submodels, trained side by side: `answers` (R, M), their mean answers in training;
    `seconds` (R,) a submodel, of wall time, and `processor_seconds` (R,), which do not count what other processes take.
    The times are measurements and differ every time; `timed` is off at quick, so that a witness can be the same.
    """

    name = "dean-training-cost"
    quick: ClassVar = {
        "dataset": "mnist-5k", "detector": "dean:epochs=10", "submodels": 2, "repeats": 1, "timed": False,
    }  # fmt: skip
    timings: ClassVar = ("seconds", "processor_seconds")
    axes: ClassVar = ("repeats",)
    least: ClassVar = {"submodels": 1, "repeats": 1}
    effort: ClassVar = ("submodels",)

    submodels: int = 8
    repeats: int = 3
    timed: bool = True

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train without the cache."""
        options: dict[str, Any] = parse_spec(self.detector)[1]
        seed, data = int(self.rng(*cell).integers(2**31)), self.data
        detector = DEAN(**options, n_submodels=self.submodels, random_state=seed)
        wall, processor = time.perf_counter(), time.process_time()
        detector.fit(data.X_train)
        spent = (time.perf_counter() - wall, time.process_time() - processor)
        times = {key: np.array(s / self.submodels) for key, s in zip(self.timings, spent, strict=True)}
        return {"answers": detector.q_.numpy()} | (times if self.timed else {})
