"""Images evolved from noise and with fixed pixels (thesis 6.2-6.4, appendix A), and from half-normal populations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from anogen.errors import InputError
from anogen.generators import noise, normal_seeded_population
from companion.experiment import Arrays, Inputs, Slice, ascending, at_least, fraction
from companion.studies.evaluation_data import Drawing, against_optimum, alone, quick
from companion.studies.evolution_run import marks, search

KS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
PAIRS, HALF = 1, 2  # keys of the seeds


@dataclass(frozen=True, kw_only=True)
class Guided(Drawing):
    """Images from noise, and with a share k of the pixels fixed (Figs. 6.7-6.11, 6.13, 6.15, 6.17, A.1-A.8).

    A pair is a held-out image of the class and an order in which its pixels become fixed: at every k the same image,
    and what is fixed at a smaller k is fixed at every larger one.

    Arrays, for S starts, K values of k and P pairs: `images` (S, d), `scores` (S,); `guided_images` (K, P, d),
    `guided_scores` (K, P), `guided_optimum` (K, P), the lowest score that the free pixels allow, NaN where unknown;
    `references` (P, d), `order` (P, d), of which the first round(k d) are fixed; `reference_scores` (P,), alone;
    `optimum_points`, `optimum_score` where known; `gap` (S,), L2 distance to the nearest of them; `history` (S, 101),
    at `history_generations`; `test_normal_scores` (n,), each scored alone.
    """

    name = "guided"
    quick: ClassVar = quick(starts=2, pairs=2, ks=(0.5, 0.9))

    generations: int = 30_000
    starts: int = 16
    pairs: int = 5
    ks: tuple[float, ...] = KS

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, generations=self.generations, starts=self.starts)
        at_least(0, pairs=self.pairs)
        for k in self.ks:
            fraction(k=k)
            if k in {0, 1}:
                raise InputError(f"k = {k:g} fixes {'nothing' if k == 0 else 'everything'}: give a fraction between")

    def cells(self) -> Sequence[tuple]:
        """One cell for each start without guidance, and for each k and pair."""
        free = [(0, start) for start in range(self.starts)]
        return free + [(i + 1, pair) for i in range(len(self.ks)) for pair in range(self.pairs)]

    def work(self) -> float:
        """Count generations, those with fixed pixels by the share that is free."""
        return self.generations * (self.starts + self.pairs * sum(1 - k for k in self.ks))

    def pair(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the held-out image (d,) and the order (d,) in which its pixels become fixed."""
        rng, normal = self.rng(PAIRS, number), self.data.test_normal
        return normal[rng.integers(len(normal))], rng.permutation(normal.shape[1])

    def fixed(self, k: float, pair: int) -> dict[str, torch.Tensor]:
        """Return the guidance of one k and pair: which pixels are fixed, (d,), and the image they are taken from."""
        reference, order = self.pair(pair)
        mask = torch.zeros(len(order), dtype=torch.bool)
        mask[order[: round(k * len(order))]] = True
        return {"mask": mask, "reference": torch.from_numpy(reference)}

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start, or for one k and pair."""
        level, number = cell
        score = self.trained()
        seed = int(self.rng(0, level, number).integers(2**31))
        guidance: dict[str, Any] = self.fixed(self.ks[level - 1], number) if level else {}
        kept = marks(self.generations)
        for item in search(score, seed, self.generations, self.settings, kept, state, **guidance):
            if isinstance(item, dict):
                item.update(against_optimum(score, item["images"], guidance))
            yield item

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the unguided cells as (S, ...) and the guided ones as (K, P, ...)."""
        score, normal = self.trained(), torch.from_numpy(self.data.test_normal)
        free, guided = parts[: self.starts], parts[self.starts :]
        known = score.optimum()
        arrays = {
            key: np.stack([p[key] for p in free]) for key in ("images", "scores", "best_scores", "gap", "history")
        }
        arrays["images"] = arrays["images"].astype(np.float16)
        arrays |= {"history_generations": marks(self.generations), "test_normal_scores": alone(score, normal)}
        if known is not None:
            arrays |= {
                "optimum_points": known.samples.numpy().astype(np.float16),
                "optimum_score": np.array(known.score),
            }
        if guided:
            size = (len(self.ks), self.pairs)
            references, orders = zip(*(self.pair(number) for number in range(self.pairs)), strict=True)
            arrays |= {
                "guided_images": np.stack([p["images"] for p in guided]).astype(np.float16).reshape(*size, -1),
                "guided_scores": np.array([p["scores"] for p in guided]).reshape(size),
                "guided_optimum": np.array([p["optimum"] for p in guided]).reshape(size),
                "guided_gap": np.array([p["gap"] for p in guided]).reshape(size),
                "references": np.stack(references),
                "reference_scores": alone(score, torch.from_numpy(np.stack(references))),
                "order": np.stack(orders).astype(np.int16),
            }
        return arrays


def masks(record: Mapping[str, np.ndarray], k: float) -> np.ndarray:
    """Return which pixels of each pair of a `Guided` record are fixed at k, (P, d) bool."""
    pairs, d = record["order"].shape
    fixed = np.zeros((pairs, d), dtype=bool)
    np.put_along_axis(fixed, record["order"][:, : round(k * d)].astype(int), True, axis=1)
    return fixed


@dataclass(frozen=True, kw_only=True)
class HalfNormal(Drawing):
    """Images evolved from populations of which half are normal images (Figs. 6.12 and 6.16).

    Arrays, for R runs and T generations: `images` (R, T, d) and `scores` (R, T) of the image shown after each of
    `stops`; `start_scores` (R, 2), the lowest score of the noise and of the normal images in the first population;
    `history` (R, 101) at `history_generations`; `threshold`, above which PyOD calls a score anomalous;
    `test_normal_scores` (n,), each scored alone.
    """

    name = "half-normal"
    quick: ClassVar = {"dataset": "mnist-5k", "stops": (50, 200), "runs": 2}

    stops: tuple[int, ...] = (1_000, 15_000, 30_000, 100_000, 250_000)
    runs: int = 5
    source: Literal["test", "train"] = "test"  # the thesis takes test images

    def __post_init__(self) -> None:
        super().__post_init__()
        ascending(stops=self.stops)
        at_least(1, runs=self.runs)

    def cells(self) -> Sequence[tuple]:
        """One cell for each run."""
        return [(run,) for run in range(self.runs)]

    def work(self) -> float:
        """Count generations."""
        return float(self.runs * self.stops[-1])

    def start(self, run: int) -> torch.Tensor:
        """Return the first population of a run, (P, d): normal images first."""
        normal = torch.from_numpy(self.data.test_normal if self.source == "test" else self.data.X_train)
        generator = torch.Generator().manual_seed(int(self.rng(HALF, run).integers(2**31)))
        return normal_seeded_population(noise((self.population, normal.shape[1]), generator), normal, generator)

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one population."""
        (run,) = cell
        seed = int(self.rng(0, run).integers(2**31))
        start = self.start(run) if state is None else None
        last, score = self.stops[-1], self.trained()
        yield from search(
            score, seed, last, self.settings, marks(last), state, snapshots=self.stops, initial_population=start
        )

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the runs as (R, ...)."""
        score, half = self.trained(), self.population // 2
        starts = [score(self.start(run)) for run in range(self.runs)]
        return {
            "images": np.stack([p["frames"] for p in parts]),
            "scores": np.stack([p["frame_scores"] for p in parts]),
            "start_scores": np.array([[s[half:].min().item(), s[:half].min().item()] for s in starts]),
            "history": np.stack([p["history"] for p in parts]),
            "history_generations": marks(self.stops[-1]),
            "threshold": np.array(getattr(self.fitted(), "threshold_", np.nan)),
            "test_normal_scores": alone(score, torch.from_numpy(self.data.test_normal)),
        }
