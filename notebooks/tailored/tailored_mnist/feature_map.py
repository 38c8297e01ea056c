"""The classifier's features of training images on a map, with anomalies placed on it (Figs. 13, 15, 16, claim c-48)."""

import warnings
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from torch import Tensor

from anogen import datasets
from anogen.detectors.gan import seeds
from anogen.detectors.gan.networks import Classifier
from anogen.detectors.gan.training import source
from anogen.errors import InputError
from companion.datasets.anomaly_sets import anomalies
from companion.experiment import Arrays, Inputs, digits
from notebooks.tailored.common.wgan import BATCH, CLASSES, FINE, SHOWN, GANExperiment, generate, generate_along, images
from notebooks.tailored.tailored_gan.samples import Samples

NEIGHBOURS = 10  # nearest training features, among which a class may have the majority (claim c-48)
PATHS = 5
Method = Literal["umap", "pca"]
Floats = NDArray[np.floating]


def embed(train: Floats, others: list[Floats], seed: int, method: Method = "umap") -> tuple[Floats, list[Floats]]:
    """Return rows (n, f) laid out in the plane, (n, 2), and other rows (m, f) placed on the same map, each (m, 2).

    UMAP has its library's parameters (15 neighbours, least distance 0.1), since the paper states none. It takes half a
    minute to be compiled, so small trials take the principal axes.
    """
    if len(train) <= 15:
        raise InputError(f"{len(train)} rows make no map: give more than 15")
    if method == "pca":
        centre = train.mean(axis=0)
        axes = np.linalg.svd(train - centre, full_matrices=False)[2][:2].T
        return (train - centre) @ axes, [(rows - centre) @ axes for rows in others]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # its variant by a neural network wants TensorFlow
        import umap
    with warnings.catch_warnings():
        # Far clusters share no neighbour; where each of them begins on the map matters little to where its rows end.
        warnings.filterwarnings("ignore", "Graph is not fully connected", UserWarning)
        layout = umap.UMAP(random_state=seed, n_jobs=1).fit(train)  # in one thread: the same bits for the same seed
        placed = layout.transform(np.concatenate(others))
    return layout.embedding_, np.split(placed, np.cumsum([len(rows) for rows in others])[:-1])


@dataclass(frozen=True, kw_only=True)
class FeatureMap(GANExperiment):
    """Map the classifier's features of training images, and place anomalies on the map.

    Arrays, for n training images, A sets of m images and F norms: `train_place` (n, 2) with `train_class` (n,);
    `path_place` (5, F, 2), of the seeds of Fig. 14 along `fine`, with `path_predicted` (5, F); `names` (A,): `real`,
    test images, then `near`, one class's images of norms in [6, 7], then the sets asked for; `place` (A, m, 2),
    `predicted` (A, m), the classifier's decisions, and `majority` (A, m), how many of the 10 nearest training features
    share one class.
    """

    name = "tailored-map"
    quick: ClassVar = {**GANExperiment.quick, "method": "pca", "count": 60, "each": 20, "sets": ("gaussian",)}
    least: ClassVar = {"count": 16, "each": 1}
    # Another platform gives another map of the same kind, and classes are no amounts.

    method: Method = "umap"
    count: int = 5_000  # n; the paper maps all 60,000
    each: int = 300  # m, which the paper does not state
    sets: tuple[str, ...] = ("notmnist", "cifar10", "gaussian")
    path_digit: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.path_digit)

    def work(self) -> float:
        """Count images."""
        return float(self.count + self.each * (len(self.sets) + 2))

    def datasets(self) -> tuple[str, ...]:
        """Return the data set of real images, and that of the anomalies with a checksum of its own."""
        return (self.dataset, *(name for name in self.sets if name == "cifar10"))

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Compute the features, and lay out the map."""
        classifier, (make, _) = self.trained_classifier(inputs), self.trained_gan(inputs)
        data, rng = datasets.load(self.dataset), self.rng(9)
        chosen = rng.permutation(len(data.x_train))[: self.count]
        test = rng.permutation(len(data.x_test))[: self.each]
        labels = data.y_train[chosen].astype(np.int64)
        train = features(classifier, images(data.x_train[chosen]).float() / 255)[0]
        count = max(Samples.at(self.scale).count, SHOWN)
        directions = torch.randn(count, self.plan.seed, generator=source(self.seed, 0))
        n = seeds.sample_band(self.each, self.plan.seed, seeds.TEST_BAND, source(self.seed, 10))
        groups = {
            "path": generate_along(make, directions[:PATHS], self.path_digit, FINE).flatten(0, 1),  # as in Fig. 14
            "real": images(data.x_test[test]).float() / 255,
            "near": generate(make, n, torch.full((self.each,), self.path_digit)),
        } | {name: anomalies(name, self.plan.shape, self.each, self.seed).float() / 255 for name in self.sets}
        seen = {name: features(classifier, x) for name, x in groups.items()}
        places, (on_path, *others) = embed(train, [rows for rows, _ in seen.values()], self.seed, self.method)
        names = [name for name in groups if name != "path"]
        return {
            "train_place": places.astype(np.float32),
            "train_class": labels.astype(np.uint8),
            "fine": FINE,
            "path_place": on_path.reshape(PATHS, len(FINE), 2).astype(np.float32),
            "path_predicted": seen["path"][1].reshape(PATHS, len(FINE)),
            "names": np.array(names),
            "place": np.stack(others).astype(np.float32),
            "predicted": np.stack([seen[name][1] for name in names]),
            "majority": np.stack([majority(seen[name][0], train, labels) for name in names]),
        }


def features(classifier: Classifier, x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs of the classifier's last layer for images (n, c, h, w), (n, f), and its decisions, (n,)."""
    with torch.no_grad():
        seen = torch.cat([classifier.features(part) for part in x.split(BATCH)])
        return seen.numpy(), classifier.last(seen).argmax(dim=1).to(torch.uint8).numpy()


def majority(rows: np.ndarray, train: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the number of the 10 training features (n, f) nearest to each row (m, f) that share one class, (m,)."""
    nearest = np.argpartition(cdist(rows, train), NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    counts = (labels[nearest][:, :, None] == np.arange(CLASSES)).sum(axis=1)
    return np.asarray(counts.max(axis=1).astype(np.uint8))
