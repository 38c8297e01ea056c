"""Quality of generated images: the independent classifier, and experiments that measure a chapter's images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from anogen import datasets
from anogen.metrics import quality
from anogen.metrics.images import mean_pairwise
from companion.experiment import Arrays, Experiment, Inputs, Slice
from companion.studies import classifier
from companion.studies.images import distinct_clusters


@dataclass(frozen=True, kw_only=True)
class Classifier(Experiment):
    """The convolutional network whose class probability is `p_cls`, trained on all classes of the training set."""

    name = "classifier"
    quick: ClassVar = {"dataset": "mnist-5k", "epochs": 2}
    named: ClassVar = ("dataset",)
    least: ClassVar = {"epochs": 1}

    dataset: str = "mnist"
    epochs: int = 4

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Train; return the weights by name and the test accuracy."""
        data = datasets.load(self.dataset)
        for item in classifier.training(data.x_train, data.y_train, seed=self.seed, epochs=self.epochs, state=state):
            if isinstance(item, dict):
                weights = item
            else:
                yield Slice(*item)
        rows = data.x_test.reshape(len(data.x_test), -1) / np.float32(255)
        probabilities = classifier.predict(weights, rows, data.image_shape)
        accuracy = np.array((probabilities.argmax(axis=1) == data.y_test).mean())
        yield {"accuracy": accuracy} | {f"weights.{key}": value for key, value in weights.items()}


def weights_of(record: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the trained weights of a record, by the network's own names."""
    return {key.removeprefix("weights."): value for key, value in record.items() if key.startswith("weights.")}


def measure_images(images: np.ndarray, dataset: str, label: int, weights: dict[str, np.ndarray], seed: int) -> Arrays:
    """Measure groups of n images (..., n, d) in [0, 1] against the real images of a class, with a classifier's weights.

    Returns for every image, (..., n): `p_cls`, `nn_ratio`, `morans_i`, `normal_looking`, `noise_like`, `quality`, and
    `predicted`, the most probable class; for every group, (...,): `div_ratio`, `mean_pairwise` (L2), `clusters`
    (distinct ones among 16); for the class: `pairwise`, the mean L2 distance of two training images, `nn_median`,
    `morans_i_p01`.
    """
    data = datasets.load(dataset).one_class(label)
    reference = quality.Reference.fit(data.X_train, data.test_normal, data.image_shape)
    groups = np.asarray(images, dtype=np.float32).reshape(-1, *images.shape[-2:])
    flat = groups.reshape(-1, groups.shape[-1])
    probabilities = classifier.predict(weights, flat, data.image_shape)
    single = quality.measure(flat, reference, probabilities[:, label]) | {"predicted": probabilities.argmax(axis=1)}
    several = groups.shape[1] > 1  # one image has no diversity
    grouped = {
        "div_ratio": [quality.div_ratio(group, reference) if several else np.nan for group in groups],
        "mean_pairwise": [mean_pairwise(group) if several else np.nan for group in groups],
        "clusters": distinct_clusters(list(groups), data.X_train, seed=seed),
    }
    return (
        {key: np.asarray(value).reshape(images.shape[:-1]) for key, value in single.items()}
        | {key: np.array(value).reshape(images.shape[:-2]) for key, value in grouped.items()}
        | {key: np.array(getattr(reference, key)) for key in ("pairwise", "nn_median", "morans_i_p01")}
    )


class ImageQuality(Experiment):
    """The measures of the images of a search with the same parameters: the first base class, before the search."""

    search: ClassVar[type[Experiment]]

    dataset: str
    normal: int | str

    @classmethod
    def with_search(cls, role: str, scale: str, **parameters: Any) -> dict[str, Experiment]:
        """Return the search, as `role`, and its measures, as `role-quality`."""
        return {role: cls.search.at(scale, **parameters), f"{role}-quality": cls.at(scale, **parameters)}

    def requires(self) -> dict[str, Experiment]:
        """Need the images and the classifier of the data set."""
        scale = "quick" if self.scale == "quick" else "laptop"
        classifier = Classifier.at(scale, dataset=self.dataset)
        return {"search": self.search(**self.parameters), "classifier": classifier}

    def cells(self) -> Sequence[tuple]:
        """Return a single cell, whatever the cells of the search."""
        return [()]

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Return the only part."""
        return parts[0]

    def work(self) -> float:
        """Return 1: measuring takes seconds, however long the search took."""
        return 1.0

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Measure."""
        yield self.measure(inputs["search"]["images"], inputs)

    def measure(self, images: np.ndarray, inputs: Inputs) -> Arrays:
        """Measure groups of images (..., n, d): see `measure_images`."""
        label = datasets.load(self.dataset).label(self.normal)
        return measure_images(images, self.dataset, label, weights_of(inputs["classifier"]), self.seed)


class DigitQuality(ImageQuality):
    """The measures of the images of an experiment whose class is its `digit`."""

    least: ClassVar = {"starts": 2}  # one image has no diversity

    digit: int
    starts: int

    @property
    def normal(self) -> int:  # type: ignore[override]
        """The digit."""
        return self.digit
