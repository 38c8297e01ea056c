"""What the trained generator makes of seeds of every norm, and what classifier and critic say (Figs. 2, 3, 5, 14)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import seeds, wgan_gp
from anogen.detectors.gan.classifiers import Classifier, confidence
from anogen.detectors.gan.networks import Discriminator, Generator, one_hot
from anogen.detectors.gan.training import source
from anogen.metrics import quality
from companion.experiment import Arrays, Inputs, at_least, digits
from notebooks.tailored.common.wgan import Tailored, images

CLASSES = 10
NORMS = np.arange(16.0)  # of the panels and distances
FINE = np.arange(0.0, 15.5, 0.5)  # of the paths, as stated for Fig. 14, and of the curves
BANDS = [(float(low), float(low + 1)) for low in range(6, 15)]
BATCH = 500
SHOWN = 8  # seeds in Fig. 3, and fakes of each class


@dataclass(frozen=True, kw_only=True)
class Samples(Tailored):
    """Look at the generator's images by the norm of their seeds.

    Arrays, for K `norms` 0..15, F `fine` norms, S seeds and images of d pixels, uint8:

    `shared` (10, K, d), one seed in every class (Fig. 2); `single` (8, K, d), several seeds of one class (Fig. 3);
    `path` (5, F, d), with `path_predicted` (5, F) (Fig. 14); `confidence`, `hit` and `critic` (10, F), means over S
    seeds of the classifier's largest probability, of being given the right class, and of D (Fig. 5);
    `class_distance` (S, K), mean L2 distance of the ten classes' images of one seed; `seed_distance` (K,), of S seeds
    of one class; `centroid_predicted`, `centroid_distance` and `real_distance` (10,): G(0, y), its distance to the
    class's mean image, and the median distance of real images to it; `nearest` and `nearest_norms` (10, M), distances
    to the nearest training image of the class for norms uniform in [0, 15]; `fakes_nearest` (10, M), for natural seeds;
    `band_distance` (9,), median distance of the features of images of each unit band from 6 on to the nearest
    features of a fake; `fakes` (10, 8 or M, d); `fake_predicted` (10, M); `div_ratio` (10,); `slopes` (10 M,), the
    gradient norm of D between real images and fakes.
    """

    name = "tailored-samples"
    quick: ClassVar = {**Tailored.quick, "count": 2, "fakes": 4}

    digit: int = 8  # of Fig. 3
    path_digit: int = 1  # of Fig. 14
    count: int = 20  # S
    fakes: int = 100  # M, of each class

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.digit, self.path_digit)
        at_least(2, count=self.count, fakes=self.fakes)

    def work(self) -> float:
        """Count images."""
        return float(self.count * len(FINE) * CLASSES)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Make and look."""
        judge, (make, critic) = self.judge(inputs), self.made(inputs)
        directions = torch.randn(max(self.count, SHOWN), self.plan.seed, generator=source(self.seed, 0))
        return (
            self.panels(make, judge, directions)
            | curves(make, judge, {"critic": critic}, directions[: self.count])
            | self.distances(make, directions[: self.count])
            | self.fakes_of(make, judge, critic)
        )

    def panels(self, make: Generator, judge: Classifier, directions: Tensor) -> Arrays:
        """Return the images of Figs. 2, 3 and 14."""
        every = range(CLASSES)
        shared = torch.stack([along(make, directions[:1], y, NORMS)[0] for y in every])
        path = along(make, directions[:5], self.path_digit, FINE)
        zero = generated(make, torch.zeros(CLASSES, self.plan.seed), torch.arange(CLASSES))
        data = datasets.load(self.dataset)
        means = [unit(data.x_train[data.y_train == y]).mean(axis=0) for y in every]
        spread = [
            np.median(np.linalg.norm(unit(data.x_test[data.y_test == y]) - mean, axis=1))
            for y, mean in zip(every, means, strict=True)
        ]
        return {
            "norms": NORMS,
            "fine": FINE,
            "shared": pixels(shared),
            "single": pixels(along(make, directions[:SHOWN], self.digit, NORMS)),
            "path": pixels(path),
            "path_predicted": judge.predicted(path.flatten(0, 1)).view(path.shape[:2]).numpy(),
            "centroid_predicted": judge.predicted(zero).numpy(),
            "centroid_distance": np.linalg.norm(zero.flatten(1).numpy() - np.stack(means), axis=1),
            "real_distance": np.array(spread),
        }

    def distances(self, make: Generator, directions: Tensor) -> Arrays:
        """Return how far images of one seed, and images of one class, are from one another."""
        each = [
            torch.stack([along(make, directions, y, NORMS[k : k + 1])[:, 0] for y in range(CLASSES)]).flatten(2)
            for k in range(len(NORMS))
        ]  # (10, S, d) for every norm
        return {
            "class_distance": np.stack([_apart(one.transpose(0, 1)) for one in each], axis=1),
            "seed_distance": np.array([_apart(one[self.digit][None])[0] for one in each]),
        }

    def fakes_of(self, make: Generator, judge: Classifier, critic: Discriminator) -> Arrays:
        """Return how near fakes and anomalies are to real images and to one another."""
        data, m, found = datasets.load(self.dataset), self.fakes, {}
        kept: dict[str, list[np.ndarray]] = {key: [] for key in _PER_CLASS}
        bands: list[list[np.ndarray]] = [[] for _ in BANDS]
        for y in range(CLASSES):
            draw = source(self.seed, 1, y)
            labels = torch.full((m,), y)
            fakes = generated(make, seeds.sample(self.seeds, m, self.plan.seed, draw), labels)
            far = seeds.sample_band(m, self.plan.seed, (0.0, 15.0), draw)
            class_ = data.one_class(y)
            reference = quality.Reference.fit(class_.X_train, class_.test_normal, data.image_shape)
            kept["fakes"].append(pixels(fakes[:SHOWN]))
            kept["fake_predicted"].append(judge.predicted(fakes).numpy())
            kept["fakes_nearest"].append(_nearest(fakes, class_.X_train))
            kept["nearest"].append(_nearest(generated(make, far, labels), class_.X_train))
            kept["nearest_norms"].append(seeds.norm(far).numpy())
            kept["div_ratio"].append(np.array(quality.div_ratio(fakes.flatten(1).numpy(), reference)))
            inside = judge.features(fakes)
            for band, into in zip(BANDS, bands, strict=True):
                made = generated(make, seeds.sample_band(m, self.plan.seed, band, draw), labels)
                into.append(torch.cdist(judge.features(made), inside).amin(dim=1).numpy())
        found = {key: np.stack(value) for key, value in kept.items()}
        found["band_distance"] = np.array([np.median(np.concatenate(band)) for band in bands])
        return found | {"slopes": self.slopes(make, critic)}

    def slopes(self, make: Generator, critic: Discriminator) -> np.ndarray:
        """Return ‖∇D‖ at points between real images and fakes, (10 M,): what the penalty wants to be 1."""
        data, draw, count = datasets.load(self.dataset), source(self.seed, 2), CLASSES * self.fakes
        chosen = torch.randint(0, len(data.x_train), (count,), generator=draw)
        real = images(data.x_train[chosen.numpy()]).float() / 255
        labels = torch.tensor(data.y_train[chosen.numpy()].astype(np.int64))
        fakes = generated(make, seeds.sample(self.seeds, count, self.plan.seed, draw), labels)
        at = torch.lerp(fakes, real, torch.rand(count, 1, 1, 1, generator=draw)).requires_grad_()
        y = one_hot(labels, CLASSES)
        parts = zip(at.split(BATCH), y.split(BATCH), strict=True)
        return torch.cat([wgan_gp.slope(critic, x, c).detach() for x, c in parts]).numpy()


_PER_CLASS = ("fakes", "fake_predicted", "fakes_nearest", "nearest", "nearest_norms", "div_ratio")


def generated(make: Generator, n: Tensor, labels: Tensor) -> Tensor:
    """Seeds (b, N) and classes (b,) -> images (b, c, h, w), without a gradient."""
    with torch.no_grad():
        parts = zip(n.split(BATCH), one_hot(labels, CLASSES).split(BATCH), strict=True)
        return torch.cat([make(*part) for part in parts])


def along(make: Generator, directions: Tensor, label: int, norms: np.ndarray) -> Tensor:
    """Return the images of seeds in S directions, with each of K norms, of one class, (S, K, c, h, w)."""
    radii = torch.tensor(norms, dtype=torch.float32)
    n = seeds.rescale(directions[:, None], radii.expand(len(directions), -1))
    made = generated(make, n.flatten(0, 1), torch.full((n.shape[0] * n.shape[1],), label))
    return made.unflatten(0, n.shape[:2])


def curves(
    make: Generator, judge: Classifier, critics: dict[str, Callable[[Tensor, Tensor], Tensor]], directions: Tensor
) -> Arrays:
    """Return means over the seeds for every class and norm of `FINE`, (10, F): see `Samples`.

    Each critic is asked for the class that the classifier decides on, as for any image (Eq. 11).
    """
    found: dict[str, list[np.ndarray]] = {key: [] for key in ("confidence", "hit", *critics)}
    for label in range(CLASSES):
        made = along(make, directions, label, FINE)
        for key, values in asked(judge, critics, made.flatten(0, 1)).items():
            each = values == label if key == "hit" else values
            found[key].append(each.reshape(made.shape[:2]).mean(axis=0))
    return {key: np.stack(values) for key, values in found.items()}


def asked(judge: Classifier, critics: dict[str, Callable[[Tensor, Tensor], Tensor]], x: Tensor) -> Arrays:
    """Ask about images (b, c, h, w): the classifier's `confidence`, its decision `hit`, each critic's score, (b,)."""
    found: dict[str, list[Tensor]] = {key: [] for key in ("confidence", "hit", *critics)}
    with torch.no_grad():
        for part in x.split(BATCH):
            logits = judge(part)
            decided = logits.argmax(dim=1)
            found["confidence"].append(confidence(logits))
            found["hit"].append(decided)
            for name, critic in critics.items():
                found[name].append(critic(part, one_hot(decided, CLASSES)))
    return {key: torch.cat(values).numpy() for key, values in found.items()}


def pixels(x: Tensor) -> np.ndarray:
    """Images (..., c, h, w) in [0, 1] -> uint8 (..., d), channels last."""
    rows = (x * 255).round().to(torch.uint8).movedim(-3, -1).flatten(-3)
    return np.asarray(rows.numpy())


def _apart(groups: Tensor) -> np.ndarray:
    """Mean L2 distance within each of g groups of n images, (g, n, d) -> (g,)."""
    n = groups.shape[1]
    return np.asarray((torch.cdist(groups, groups).sum(dim=(1, 2)) / (n * (n - 1))).numpy())


def _nearest(x: Tensor, train: np.ndarray) -> np.ndarray:
    """L2 distance of each image (b, ...) to the nearest of the training rows (n, d), (b,)."""
    rows = x.movedim(1, -1).flatten(1)
    return np.asarray(torch.cdist(rows, torch.from_numpy(train)).amin(dim=1).numpy())
