"""Chapter `sample-quality` (first open point of thesis 7): sets of generated images compared with real ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from companion.experiment import Arrays, Experiment, Inputs, Slice
from companion.studies import classifier, fidelity
from companion.studies.quality import ImageQuality, weights_of
from notebooks.beyond.sample_quality.judging import judging_experiments
from notebooks.thesis.common.guided import Guided
from notebooks.thesis.other_detectors.experiments import DETECTORS, THESIS, grid_experiments

SETS = ("found", "optimum", "real", "noise")  # images of the search, known optima, ceiling, floor
NETWORKS = ("classifier", "untrained")  # whose features sets are compared in
DRAWS = 20  # samples of the real images that sets are compared with
MIN_IMAGES = 64  # for a kernel distance
MANY = ("cblof", "hbos", "iforest", "deep-svdd")  # whose searches are short enough for 64 starts
QUICK = {"generations": 200, "detectors": ["copod", "hbos", "cblof"], "many": []}


@dataclass(frozen=True, kw_only=True)
class Fidelity(ImageQuality, Guided):
    """The images of `Guided` without fixed pixels, as a set of S, against as many real ones.

    Arrays, for each of `SETS` (the optimum only where it is known), after its name, by `NETWORKS`: `found_precision`,
    `found_recall`, `found_density`, `found_coverage` (2, 20), against 20 draws of S held-out real images; `found_vendi`
    (2, 20), which differs by draw for real images only; `found_kid` (2, 3) with its 95% interval, from 64 images on;
    `found_p_values` (S, 2), conformal, in pixels and in the classifier's features.
    """

    name = "fidelity"
    least: ClassVar = {"starts": 2}  # a set has at least two images
    search = Guided

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        weights, data = weights_of(inputs["classifier"]), self.data
        # of the held-out images, one half for comparisons and p-values, one in place of generated images
        order, half = self.rng(2).permutation(len(data.test_normal)), len(data.test_normal) // 2
        held_out, ceiling = data.test_normal[order[:half]], data.test_normal[order[half:]]
        networks = (weights, classifier.untrained(data.image_shape, self.seed))
        reference = [classifier.features(network, held_out, data.image_shape) for network in networks]
        train = classifier.features(weights, data.X_train, data.image_shape)
        arrays: Arrays = {}
        generated = inputs["search"]["images"].astype(np.float32)
        sets = {"found": generated, "real": ceiling, "noise": self.rng(4).random(generated.shape, np.float32)}
        if "optimum_points" in inputs["search"]:  # a perfect search would end at one of the known points
            sets["optimum"] = np.resize(inputs["search"]["optimum_points"].astype(np.float32), generated.shape)
        for name, images in sets.items():
            features = [classifier.features(network, images, data.image_shape) for network in networks]
            measures, first = self._compare(features, reference), slice(self.starts)
            in_pixels = fidelity.conformal(images[first], data.X_train, held_out)
            in_features = fidelity.conformal(features[0][first], train, reference[0])
            measures["p_values"] = np.stack([in_pixels, in_features], axis=1)
            arrays |= {f"{name}_{key}": value for key, value in measures.items()}
        yield arrays

    def _compare(self, features: list[np.ndarray], real_features: list[np.ndarray]) -> Arrays:
        """Compare a set with real images, in the features (n, f) and (m, f) of each network."""
        neighbours = min(fidelity.NEIGHBOURS, self.starts - 1)
        measures = {key: np.empty((len(NETWORKS), DRAWS)) for key in (*fidelity.Manifold._fields, "vendi")}
        distance = np.empty((len(NETWORKS), 3))
        for i, (x, real) in enumerate(zip(features, real_features, strict=True)):
            for draw in range(DRAWS):
                generated, reference = self.sample(x, DRAWS + draw), self.sample(real, draw)
                measures["vendi"][i, draw] = fidelity.vendi(generated)
                for key, value in fidelity.manifold(generated, reference, neighbours)._asdict().items():
                    measures[key][i, draw] = value
                if draw == 0:
                    distance[i] = fidelity.kid(generated, reference, self.seed)
        return measures | ({"kid": distance} if self.starts >= MIN_IMAGES else {})

    def sample(self, rows: np.ndarray, draw: int) -> np.ndarray:
        """Return S rows: all of a generated set, another sample of the real images in every draw."""
        return rows if len(rows) == self.starts else rows[self.rng(3, draw).permutation(len(rows))[: self.starts]]


def chapter_experiments(
    scale: str = "laptop",
    digit: int = 4,
    detectors: Sequence[str] = DETECTORS,
    many: Sequence[str] = MANY,
    generations: int = THESIS,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return by detector the images of Fig. 6.17 without fixed pixels; and as `many-cblof`, ..., of 64 starts.

    Also the ensemble of classifiers, its `validation`, and as `judged-...` its judgements of the book's searches.
    """
    roles = judging_experiments(scale)
    for name, guided in grid_experiments(scale, list(dict.fromkeys(detectors)), digit, generations, seed).items():
        if name.startswith("guided-") and not name.endswith("-quality"):
            roles[name.removeprefix("guided-")] = Fidelity(**guided.parameters)
    chosen: dict[str, Any] = {"normal": digit, "seed": seed, "generations": generations}
    chosen |= {"starts": MIN_IMAGES, "pairs": 0}
    return roles | {f"many-{name}": Fidelity.at(scale, detector=name, **chosen) for name in dict.fromkeys(many)}
