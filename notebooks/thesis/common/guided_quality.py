"""How good the images of a search are: the measures that the claims' criteria name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from anogen.metrics import quality
from companion.experiment import Arrays, Inputs, Slice
from companion.studies.quality import Measured
from notebooks.thesis.common.guided import Guided, HalfNormal, masks

# Measures that an image has on its own.
SINGLE = ("p_cls", "nn_ratio", "morans_i", "normal_looking", "noise_like", "quality", "predicted")
FAR = 0.15  # from the class mean: the deviation of a pixel that the criterion of thesis-c-70 counts


@dataclass(frozen=True, kw_only=True)
class GuidedQuality(Measured, Guided):
    """The measures of the images of `Guided`, and of the known optima: what a perfect search would draw.

    Arrays: those of `quality.measured` for `images` (S,); for the guided ones the same as `guided_*` (K, P), and
    `free_err`, `free_err_rel` (K, P) over the free pixels; `score_rank` (S,) and `guided_score_rank` (K, P);
    `unguided_free_err_rel` (S, P), of images without fixed pixels against each pair's; those of `appearance` (S,), and
    of real images their medians `real_*`.

    Where optima are known, those of single images and of `appearance` for `optimum_points` as `optimum_*` (m,).
    Beside fixed pixels `guided_optimum_images` (K, P, d), the most normal completion, clipped to [0, 1];
    their measures `guided_optimum_*` and `guided_optimum_free_err_rel` (K, P).
    """

    name = "guided-quality"
    search = Guided

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        drawn = inputs["search"]
        images, real = drawn["images"].astype(float), drawn["test_normal_scores"]
        arrays = self.measured(images, inputs) | self.appearance(images)
        arrays |= {
            f"real_{key}": np.array(np.median(value)) for key, value in self.appearance(self.data.X_train).items()
        }
        arrays |= {"score_rank": quality.score_rank(drawn["scores"], real)}
        if "optimum_points" in drawn:
            best = drawn["optimum_points"].astype(float)
            arrays |= _named("optimum_", self.single(best, inputs) | self.appearance(best))
        yield arrays | (self.with_fixed_pixels(drawn, inputs) if self.pairs else {})

    def with_fixed_pixels(self, drawn: Mapping[str, np.ndarray], inputs: Inputs) -> Arrays:
        """Measure the images with fixed pixels, and the best that there could be."""
        guided, images = drawn["guided_images"].astype(float), drawn["images"].astype(float)
        arrays = _named("guided_", self.measured(guided, inputs))
        arrays["guided_score_rank"] = quality.score_rank(drawn["guided_scores"], drawn["test_normal_scores"])
        arrays["free_err"] = self.free(quality.free_err, guided, drawn)
        arrays["free_err_rel"] = self.free(quality.free_err_rel, guided, drawn)
        nothing = np.zeros(images.shape[1], dtype=bool)
        by_pair = [quality.free_err_rel(images, reference, nothing) for reference in drawn["references"]]
        arrays["unguided_free_err_rel"] = np.stack(by_pair, axis=1)
        if np.isfinite(drawn["guided_optimum"]).all():
            best = self.completions()
            arrays |= _named("guided_optimum_", self.single(best, inputs))
            arrays["guided_optimum_free_err_rel"] = self.free(quality.free_err_rel, best, drawn)
            arrays["guided_optimum_images"] = best.astype(np.float16)
        return arrays

    def single(self, images: np.ndarray, inputs: Inputs) -> Arrays:
        """Return those measures that an image has on its own."""
        measures = self.measured(images.reshape(-1, images.shape[-1]), inputs)  # as one group: groups cost a clustering
        return {key: measures[key].reshape(images.shape[:-1]) for key in SINGLE}

    def appearance(self, images: np.ndarray) -> Arrays:
        """Return what blurred and what noisy images are told by, each (n,), from images (n, d).

        `morans_i`; `laplacian` energy; `mean_distance`, L2, to the class mean; `far_from_mean`, the number of pixels
        that deviate from it by more than 0.15; `edge_mean`, `edge_local_var`, `centre_local_var`.
        """
        data = self.data
        edge, centre = quality.edge_centre(data.image_shape)
        deviation = np.asarray(images, dtype=float) - data.X_train.mean(axis=0, dtype=float)
        return {
            "morans_i": quality.morans_i(images, data.image_shape),
            "laplacian": quality.laplacian_energy(images, data.image_shape),
            "mean_distance": np.linalg.norm(deviation, axis=1),
            "far_from_mean": (np.abs(deviation) > FAR).sum(axis=1),
            "edge_mean": quality.region_mean(images, data.image_shape, edge),
            "edge_local_var": quality.local_var(images, data.image_shape, edge),
            "centre_local_var": quality.local_var(images, data.image_shape, centre),
        }

    def free(
        self, measure: Callable[..., np.ndarray], images: np.ndarray, drawn: Mapping[str, np.ndarray]
    ) -> np.ndarray:
        """Compare images (K, P, d) with their references over the free pixels, (K, P)."""
        by_k = zip(images, self.ks, strict=True)
        return np.stack([measure(x, drawn["references"], masks(drawn, k)) for x, k in by_k])

    def completions(self) -> np.ndarray:
        """Return the most normal image beside the fixed pixels of each k and pair, (K, P, d), where it is known.

        No bounds are set to the free pixels when the optimum is computed; the image is clipped to [0, 1] afterwards.
        """
        score = self.trained()
        size = (len(self.ks), self.pairs, score.n_features_in_)
        best = np.empty(size)
        for level, pair in np.ndindex(*size[:2]):
            guidance = self.fixed(self.ks[level], pair)
            free = (~guidance["mask"]).nonzero().squeeze(1)
            known = score.condition_on(free, guidance["reference"]).optimum()
            assert known is not None, "the search recorded its score"
            best[level, pair] = guidance["reference"]
            best[level, pair, free] = known.samples[0]
        return best.clip(0, 1)


@dataclass(frozen=True, kw_only=True)
class HalfNormalQuality(Measured, HalfNormal):
    """The measures of the images of `HalfNormal`, (R, T), and `score_rank` (R, T)."""

    name = "half-normal-quality"
    search = HalfNormal

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        drawn = inputs["search"]
        ranks = quality.score_rank(drawn["scores"], drawn["test_normal_scores"])
        yield self.measured(drawn["images"], inputs) | {"score_rank": ranks}


def _named(prefix: str, arrays: Mapping[str, np.ndarray]) -> Arrays:
    """Return the arrays under names with a prefix."""
    return {f"{prefix}{key}": value for key, value in arrays.items()}
