"""Gradient images over architectures and trainings of the autoencoder (Figs. 6.1 and 6.2)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from anogen.generators.gradient import descend
from anogen.generators.inputs import noise
from anogen.metrics.detection import roc_auc
from companion.experiment import Arrays, Experiment, Inputs, digits
from companion.studies.evaluation_data import DetectorExperiment
from companion.studies.quality import Classifier, measure_images, weights_of
from notebooks.thesis.common.descent import WAYS

# The ways at the stated rate without plain steps on the mean, which hardly move an image: the thesis did not take them.
ADMISSIBLE = tuple(way for way in WAYS if (way.rule, way.reduction) != ("plain", "mean"))
NETWORKS = ("bottleneck", "tf-tutorial", "keras-blog", "deep-svdd")
QUICK = {
    "dataset": "mnist-5k", "network": "tf-tutorial", "normals": (3,), "epochs": 2, "trainings": 2, "iterations": 10,
    "starts": 3,
}  # fmt: skip


def spec(network: str, epochs: int = 25) -> str:
    """Return the catalogue's spec of an autoencoder of this architecture; a network of the book's own has latent 4."""
    return f"autoencoder:architecture={network}" + (f",epochs={epochs}" if epochs != 25 else "")


@dataclass(frozen=True, kw_only=True)
class Architecture(Experiment):
    """Descend from noise on autoencoders of one architecture, trained several times on each digit.

    Each descent is at the stated rate, in every way of `ADMISSIBLE`, from the same starts for all ways of a training.

    Arrays, for D digits, T trainings, W ways, S starts and d pixels: `images` (D, T, W, S, d), the grey values from 0
    to 255; `scores` (D, T, W, S), of the images before they were rounded; `start_scores` (D, T, S); `auc` (D, T), the
    digit against all others; `error` (D, T), the median score of held-out images of the digit.
    """

    name = "autoencoder-architecture"
    quick: ClassVar = QUICK
    named: ClassVar = ("network",)
    axes: ClassVar[tuple[str, ...]] = ("normals", "trainings")
    effort: ClassVar[tuple[str, ...]] = ("iterations", "starts")
    least: ClassVar = {"epochs": 1, "trainings": 1, "iterations": 1, "starts": 2}  # one image has no diversity
    detectors: ClassVar = ("autoencoder",)

    dataset: str = "mnist"
    network: str = NETWORKS[0]
    normals: tuple[int, ...] = (3, 4)
    epochs: int = 25
    trainings: int = 5
    iterations: int = 500
    starts: int = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(*self.normals)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train one autoencoder, and descend from every start in every way."""
        digit, training = cell
        trained = DetectorExperiment(
            dataset=self.dataset, detector=spec(self.network, self.epochs), normal=digit, seed=self.seed
        )
        scorer, data = trained.scorer(training), trained.data
        test_scores = np.asarray(trained.fitted_detector(training).decision_function(data.X_test))
        generator = torch.Generator().manual_seed(int(self.rng(digit, training).integers(2**31)))
        start = noise((self.starts, scorer.n_features_in_), generator)
        images, scores = [], []
        for way in ADMISSIBLE:
            *_, (last, _) = descend(scorer, start, n_iterations=self.iterations, config=way)
            images.append((255 * last.images.numpy()).round().astype(np.uint8))
            scores.append(scorer(last.images).numpy())
        return {
            "images": np.stack(images),
            "scores": np.stack(scores),
            "start_scores": scorer(start).numpy(),
            "auc": np.array(roc_auc(test_scores, data.y_test)),
            "error": np.array(np.median(test_scores[data.y_test == 0])),
        }


@dataclass(frozen=True, kw_only=True)
class ArchitectureQuality(Architecture):
    """The measures of the images of `Architecture`: see `measure_images`; groups are ways, (D, T, W).

    `pairwise`, `nn_median` and `morans_i_p01` are those of the digit, (D,).
    """

    name = "autoencoder-architecture-quality"
    axes: ClassVar[tuple[str, ...]] = ("normals",)
    effort: ClassVar[tuple[str, ...]] = ()

    def requires(self) -> dict[str, Experiment]:
        """Return the images and the classifier."""
        scale = "quick" if self.scale == "quick" else "laptop"
        return {"search": Architecture(**self.parameters), "classifier": Classifier.at(scale, dataset=self.dataset)}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Measure the images of one digit."""
        (digit,) = cell
        images = inputs["search"]["images"][self.normals.index(digit)] / np.float32(255)
        return measure_images(images, self.dataset, digit, weights_of(inputs["classifier"]), self.seed)
