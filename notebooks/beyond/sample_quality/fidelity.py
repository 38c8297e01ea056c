"""What a search draws as a set: how like a set of real images, beside a ceiling and a floor of the same size."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from anogen.metrics import classifier, fidelity
from companion.experiment import Arrays, Inputs, Slice, at_least
from companion.studies.quality import ImageQuality, weights_of
from notebooks.thesis.common.guided import Guided

SETS = ("found", "optimum", "real", "noise")  # what was drawn, what a perfect search would draw, ceiling, floor
JUDGES = ("classifier", "untrained")  # in whose features sets are compared
DRAWS = 20  # of the real images that sets are compared with
ENOUGH = 64  # images, from which on the kernel distance says something


class Split(NamedTuple):
    """The held-out real images by what they are used for."""

    reference: np.ndarray  # what sets are compared with, and what p-values are calibrated on
    ceiling: np.ndarray  # what takes the place of generated images


@dataclass(frozen=True, kw_only=True)
class Fidelity(ImageQuality, Guided):
    """The images of `Guided` without fixed pixels, as a set of S, against as many real ones.

    Arrays, for each of `SETS` (the optimum only where it is known), after its name, by `JUDGES`: `found_precision`,
    `found_recall`, `found_density`, `found_coverage` (2, 20), against 20 draws of S held-out real images; `found_vendi`
    (2, 20), which differs by draw for real images only; `found_kid` (2, 3) with its 95% interval, from 64 images on;
    `found_p_values` (S, 2), conformal, in pixels and in the classifier's features.
    """

    name = "fidelity"
    search = Guided

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(2, starts=self.starts)  # one image is no set

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        weights, data, split = weights_of(inputs["classifier"]), self.data, self.split()
        judges = (weights, classifier.untrained(data.image_shape, self.seed))
        reference = [classifier.features(judge, split.reference, data.image_shape) for judge in judges]
        train = classifier.features(weights, data.X_train, data.image_shape)
        arrays: Arrays = {}
        for name, images in self.sets(inputs["search"], split).items():
            features = [classifier.features(judge, images, data.image_shape) for judge in judges]
            measures = self.compared(features, reference)
            few = slice(self.starts)
            in_pixels = fidelity.conformal(images[few], data.X_train, split.reference)
            in_features = fidelity.conformal(features[0][few], train, reference[0])
            measures["p_values"] = np.stack([in_pixels, in_features], axis=1)
            arrays |= {f"{name}_{key}": value for key, value in measures.items()}
        yield arrays

    def split(self) -> Split:
        """Split the held-out images of the class into halves, at random."""
        normal = self.data.test_normal
        order = self.rng(2).permutation(len(normal))
        half = len(normal) // 2
        return Split(normal[order[:half]], normal[order[half:]])

    def sets(self, search: Mapping[str, np.ndarray], split: Split) -> dict[str, np.ndarray]:
        """Return the images of each set, (S, d), and of real ones all that there are."""
        found = search["images"].astype(np.float32)
        sets = {"found": found, "real": split.ceiling, "noise": self.rng(4).random(found.shape, np.float32)}
        if "optimum_points" in search:  # a perfect search would end at one of the known points
            sets["optimum"] = np.resize(search["optimum_points"].astype(np.float32), found.shape)
        return sets

    def compared(self, features: list[np.ndarray], reference: list[np.ndarray]) -> Arrays:
        """Compare a set with real images, by the features (n, f) and (m, f) that each judge sees."""
        neighbours = min(fidelity.NEIGHBOURS, self.starts - 1)
        measures = {key: np.empty((len(JUDGES), DRAWS)) for key in (*fidelity.Manifold._fields, "vendi")}
        distance = np.empty((len(JUDGES), 3))
        for judge, (x, real) in enumerate(zip(features, reference, strict=True)):
            for draw in range(DRAWS):
                these, those = self.some(x, DRAWS + draw), self.some(real, draw)
                measures["vendi"][judge, draw] = fidelity.vendi(these)
                for key, value in fidelity.manifold(these, those, neighbours)._asdict().items():
                    measures[key][judge, draw] = value
                if draw == 0:
                    distance[judge] = fidelity.kid(these, those, self.seed)
        return measures | ({"kid": distance} if self.starts >= ENOUGH else {})

    def some(self, rows: np.ndarray, draw: int) -> np.ndarray:
        """Return S rows: all of a generated set, in every draw other ones of the real images."""
        return rows if len(rows) == self.starts else rows[self.rng(3, draw).permutation(len(rows))[: self.starts]]
