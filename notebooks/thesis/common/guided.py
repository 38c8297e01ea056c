"""Images evolved from noise, with fixed pixels, from half-normal populations; their measures (thesis 6.2-6.4, A)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from anogen.errors import InputError
from anogen.generators.inputs import noise, normal_seeded_population
from anogen.metrics.images import morans_i
from companion.experiment import Arrays, Inputs, Slice, fraction, stack
from companion.studies.evaluation_data import SearchExperiment, compare_with_optimum, quick, score_rows
from companion.studies.evolution_run import log_steps, search
from companion.studies.images import (
    edge_centre,
    free_err,
    free_err_rel,
    laplacian_energy,
    local_var,
    region_mean,
    score_rank,
)
from companion.studies.quality import ImageQuality

KS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
PAIRS, HALF = 1, 2  # keys of the seeds
Record = Mapping[str, np.ndarray]
# Measures of a single image.
SINGLE = ("p_cls", "nn_ratio", "morans_i", "normal_looking", "noise_like", "quality", "predicted")
FAR = 0.15  # from the class mean: the deviation of a pixel that the criterion of thesis-c-70 counts


@dataclass(frozen=True, kw_only=True)
class Guided(SearchExperiment):
    """Images from noise, and with a share k of the pixels fixed (Figs. 6.7-6.11, 6.13, 6.15, 6.17, A.1-A.8).

    A pair is a held-out image of the class and an order in which its pixels become fixed: the image is the same at
    every k, and the pixels that are fixed at one k are fixed at every larger k.

    Arrays, for S starts, K values of k and P pairs: `images` (S, d), `scores` (S,); `guided_images` (K, P, d),
    `guided_scores` (K, P), `guided_optimum` (K, P), the lowest score over the free pixels, NaN where unknown;
    `references` (P, d), `order` (P, d), of which the first round(k d) are fixed; `reference_scores` (P,), alone;
    `optimum_points`, `optimum_score` where known; `gap` (S,), L2 distance to the nearest of them; `history` (S, 101),
    at `history_generations`; `test_normal_scores` (n,), each scored alone.
    """

    name = "guided"
    quick: ClassVar = quick(starts=2, pairs=2, ks=(0.5, 0.9))
    least: ClassVar = {"generations": 1, "starts": 1, "pairs": 0}

    generations: int = 30_000
    starts: int = 16
    pairs: int = 5
    ks: tuple[float, ...] = KS

    def __post_init__(self) -> None:
        super().__post_init__()
        for k in self.ks:
            fraction(k=k)
            if k in {0, 1}:
                raise InputError(f"k = {k:g} fixes {'no' if k == 0 else 'every'} pixel: choose a value between 0 and 1")

    def cells(self) -> Sequence[tuple]:
        """One cell for each start without guidance, and for each k and pair."""
        free = [(0, start) for start in range(self.starts)]
        return free + [(i + 1, pair) for i in range(len(self.ks)) for pair in range(self.pairs)]

    def work(self) -> float:
        """Count generations, weighted by the share of free pixels."""
        return self.generations * (self.starts + self.pairs * sum(1 - k for k in self.ks))

    def pair(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the held-out image (d,) and the order (d,) in which its pixels become fixed."""
        rng, normal = self.rng(PAIRS, number), self.data.test_normal
        return normal[rng.integers(len(normal))], rng.permutation(normal.shape[1])

    def fixed(self, k: float, pair: int) -> dict[str, torch.Tensor]:
        """Return the guidance of one k and pair: the mask of fixed pixels, and the image of their values (d,)."""
        reference, order = self.pair(pair)
        mask = torch.zeros(len(order), dtype=torch.bool)
        mask[order[: round(k * len(order))]] = True
        return {"mask": mask, "reference": torch.from_numpy(reference)}

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start, or for one k and pair."""
        level, number = cell
        scorer = self.scorer()
        seed = int(self.rng(0, level, number).integers(2**31))
        guidance: dict[str, Any] = self.fixed(self.ks[level - 1], number) if level else {}
        logged = log_steps(self.generations)
        for item in search(scorer, seed, self.generations, self.config, logged, state, **guidance):
            if isinstance(item, dict):
                item.update(compare_with_optimum(scorer, item["images"], guidance))
            yield item

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the unguided cells as (S, ...) and the guided ones as (K, P, ...)."""
        scorer, normal = self.scorer(), torch.from_numpy(self.data.test_normal)
        free, guided = parts[: self.starts], parts[self.starts :]
        arrays = stack(free, self.starts, halved="images")
        del arrays["optimum"]  # the same for every start
        arrays |= {"history_generations": log_steps(self.generations), "test_normal_scores": score_rows(scorer, normal)}
        optimum = scorer.optimum()
        if optimum is not None:
            arrays["optimum_points"] = optimum.samples.numpy().astype(np.float16)
            arrays["optimum_score"] = np.array(optimum.score)
        if guided:
            stacked = stack(guided, len(self.ks), self.pairs, halved="images")
            references, orders = zip(*(self.pair(number) for number in range(self.pairs)), strict=True)
            arrays |= {f"guided_{key}": stacked[key] for key in ("images", "scores", "optimum", "gap")} | {
                "references": np.stack(references),
                "reference_scores": score_rows(scorer, torch.from_numpy(np.stack(references))),
                "order": np.stack(orders).astype(np.int16),
            }
        return arrays


def masks(record: Record, k: float) -> np.ndarray:
    """Return the mask (P, d) of the pixels that are fixed at k, for each pair of a `Guided` record."""
    pairs, d = record["order"].shape
    fixed = np.zeros((pairs, d), dtype=bool)
    np.put_along_axis(fixed, record["order"][:, : round(k * d)].astype(int), True, axis=1)
    return fixed


@dataclass(frozen=True, kw_only=True)
class HalfNormal(SearchExperiment):
    """Images evolved from populations that are half noise, half normal images (Figs. 6.12 and 6.16).

    Arrays, for R runs and T generations: `images` (R, T, d) and `scores` (R, T) of the best image at each of `stops`;
    `start_scores` (R, 2), the lowest score of the noise and of the normal images in the first population;
    `history` (R, 101) at `history_generations`; `threshold`, above which PyOD calls a score anomalous;
    `test_normal_scores` (n,), each scored alone.
    """

    name = "half-normal"
    quick: ClassVar = {"dataset": "mnist-5k", "stops": (50, 200), "runs": 2}
    axes: ClassVar = ("runs",)
    effort: ClassVar = ("stops",)
    least: ClassVar = {"runs": 1}
    increasing: ClassVar = ("stops",)

    stops: tuple[int, ...] = (1_000, 15_000, 30_000, 100_000, 250_000)
    runs: int = 5
    source: Literal["test", "train"] = "test"  # the thesis takes test images

    def start(self, run: int) -> torch.Tensor:
        """Return the first population of a run, (P, d): normal images first."""
        normal = torch.from_numpy(self.data.test_normal if self.source == "test" else self.data.X_train)
        generator = torch.Generator().manual_seed(int(self.rng(HALF, run).integers(2**31)))
        return normal_seeded_population(noise((self.population, normal.shape[1]), generator), normal, generator)

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one population."""
        (run,) = cell
        seed, last = int(self.rng(0, run).integers(2**31)), self.stops[-1]
        start = self.start(run) if state is None else None
        logged, scorer = log_steps(last), self.scorer()
        yield from search(scorer, seed, last, self.config, logged, state, self.stops, initial_population=start)

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the runs as (R, ...)."""
        scorer, half = self.scorer(), self.population // 2
        starts = [scorer(self.start(run)) for run in range(self.runs)]
        stacked = stack(parts, self.runs)
        return {
            "images": stacked["frames"],
            "scores": stacked["frame_scores"],
            "start_scores": np.array([[s[half:].min().item(), s[:half].min().item()] for s in starts]),
            "history": stacked["history"],
            "history_generations": log_steps(self.stops[-1]),
            "threshold": np.array(getattr(self.fitted_detector(), "threshold_", np.nan)),
            "test_normal_scores": score_rows(scorer, torch.from_numpy(self.data.test_normal)),
        }


@dataclass(frozen=True, kw_only=True)
class GuidedQuality(ImageQuality, Guided):
    """The measures of the images of `Guided`, and of the known optima, which a perfect search would find.

    Arrays: those of `measure_images` for `images` (S,); for the guided ones the same as `guided_*` (K, P), and
    `free_err`, `free_err_rel` (K, P) over the free pixels; `score_rank` (S,) and `guided_score_rank` (K, P);
    `unguided_free_err_rel` (S, P), of images without fixed pixels against each pair's; those of `appearance` (S,), and
    of real images their medians `real_*`.

    Where optima are known, those of single images and of `appearance` for `optimum_points` as `optimum_*` (m,).
    With fixed pixels `guided_optimum_images` (K, P, d), the most normal completion, clipped to [0, 1];
    their measures `guided_optimum_*` and `guided_optimum_free_err_rel` (K, P).
    """

    name = "guided-quality"
    search = Guided

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        search = inputs["search"]
        images, real = search["images"].astype(float), self.appearance(self.data.X_train)
        arrays = self.measure(images, inputs) | self.appearance(images)
        arrays |= {f"real_{key}": np.array(np.median(value)) for key, value in real.items()}
        arrays["score_rank"] = score_rank(search["scores"], search["test_normal_scores"])
        if "optimum_points" in search:
            best = search["optimum_points"].astype(float)
            arrays |= _named("optimum_", self.single(best, inputs) | self.appearance(best))
        yield arrays | (self.with_fixed_pixels(search, inputs) if self.pairs else {})

    def with_fixed_pixels(self, search: Record, inputs: Inputs) -> Arrays:
        """Measure the images with fixed pixels, and the most normal completions where they are known."""
        guided, images = search["guided_images"].astype(float), search["images"].astype(float)
        arrays = _named("guided_", self.measure(guided, inputs))
        arrays["guided_score_rank"] = score_rank(search["guided_scores"], search["test_normal_scores"])
        arrays["free_err"] = self.free(free_err, guided, search)
        arrays["free_err_rel"] = self.free(free_err_rel, guided, search)
        unmasked = np.zeros(images.shape[1], dtype=bool)
        by_pair = [free_err_rel(images, reference, unmasked) for reference in search["references"]]
        arrays["unguided_free_err_rel"] = np.stack(by_pair, axis=1)
        if np.isfinite(search["guided_optimum"]).all():
            best = self.completions()
            arrays |= _named("guided_optimum_", self.single(best, inputs))
            arrays["guided_optimum_free_err_rel"] = self.free(free_err_rel, best, search)
            arrays["guided_optimum_images"] = best.astype(np.float16)
        return arrays

    def single(self, images: np.ndarray, inputs: Inputs) -> Arrays:
        """Return the measures of single images."""
        measures = self.measure(images.reshape(-1, images.shape[-1]), inputs)  # as one group: groups cost a clustering
        return {key: measures[key].reshape(images.shape[:-1]) for key in SINGLE}

    def appearance(self, images: np.ndarray) -> Arrays:
        """Return measures that tell blurred from noisy images, each (n,), of images (n, d).

        `morans_i`; `laplacian` energy; `mean_distance`, L2, to the class mean; `far_from_mean`, the number of pixels
        that deviate from it by more than 0.15; `edge_mean`, `edge_local_var`, `centre_local_var`.
        """
        shape = self.data.image_shape
        edge, centre = edge_centre(shape)
        deviation = np.asarray(images, dtype=float) - self.data.X_train.mean(axis=0, dtype=float)
        return {
            "morans_i": morans_i(images, shape),
            "laplacian": laplacian_energy(images, shape),
            "mean_distance": np.linalg.norm(deviation, axis=1),
            "far_from_mean": (np.abs(deviation) > FAR).sum(axis=1),
            "edge_mean": region_mean(images, shape, edge),
            "edge_local_var": local_var(images, shape, edge),
            "centre_local_var": local_var(images, shape, centre),
        }

    def free(self, measure: Callable[..., np.ndarray], images: np.ndarray, search: Record) -> np.ndarray:
        """Compare images (K, P, d) with their references over the free pixels, (K, P)."""
        by_k = zip(images, self.ks, strict=True)
        return np.stack([measure(x, search["references"], masks(search, k)) for x, k in by_k])

    def completions(self) -> np.ndarray:
        """Return the unbounded optimum (K, P, d) with each k's and pair's pixels fixed, clipped to [0, 1] after it."""
        scorer = self.scorer()
        best = np.empty((len(self.ks), self.pairs, scorer.n_features_in_))
        for level, pair in np.ndindex(*best.shape[:2]):
            guidance = self.fixed(self.ks[level], pair)
            free = (~guidance["mask"]).nonzero().squeeze(1)
            optimum = scorer.condition_on(free, guidance["reference"]).optimum()
            assert optimum is not None, "the search recorded its score"
            best[level, pair] = guidance["reference"]
            best[level, pair, free] = optimum.samples[0]
        return best.clip(0, 1)


@dataclass(frozen=True, kw_only=True)
class HalfNormalQuality(ImageQuality, HalfNormal):
    """The measures of the images of `HalfNormal`, (R, T), and `score_rank` (R, T)."""

    name = "half-normal-quality"
    search = HalfNormal

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        search = inputs["search"]
        ranks = score_rank(search["scores"], search["test_normal_scores"])
        yield self.measure(search["images"], inputs) | {"score_rank": ranks}


def _named(prefix: str, arrays: Record) -> Arrays:
    return {f"{prefix}{key}": value for key, value in arrays.items()}
