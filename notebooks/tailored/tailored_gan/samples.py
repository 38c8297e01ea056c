"""Images of the trained generator by norm of the seed, judged by classifier and critic (Figs. 2, 3, 5, 14)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import seeds, wgan_gp
from anogen.detectors.gan.networks import Classifier, Discriminator, Generator, one_hot
from anogen.detectors.gan.training import source
from anogen.metrics import quality
from companion.experiment import Arrays, Inputs, digits, stack
from notebooks.tailored.common import wgan
from notebooks.tailored.common.scores import classify, score_images
from notebooks.tailored.common.wgan import CLASSES, FINE, NORMS, SHOWN, generate, generate_along, pixels

BANDS = [(float(low), float(low + 1)) for low in range(6, 15)]


@dataclass(frozen=True, kw_only=True)
class Samples(wgan.GANExperiment):
    """Measure the generator's images by the norm of their seeds.

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
    quick: ClassVar = {**wgan.GANExperiment.quick, "count": 2, "fakes": 4}
    least: ClassVar = {"count": 2, "fakes": 2}

    digit: int = 8  # of Fig. 3
    path_digit: int = 1  # of Fig. 14
    count: int = 20  # S
    fakes: int = 100  # M, of each class

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.digit, self.path_digit)

    def work(self) -> float:
        """Count images."""
        return float(self.count * len(FINE) * CLASSES)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Generate and measure."""
        classifier, (generator, critic) = self.trained_classifier(inputs), self.trained_gan(inputs)
        directions = torch.randn(max(self.count, SHOWN), self.plan.seed, generator=source(self.seed, 0))
        return (
            self.panels(generator, classifier, directions)
            | curves(generator, classifier, critic, directions[: self.count])
            | self.distances(generator, directions[: self.count])
            | self.measure_fakes(generator, classifier, critic)
        )

    def panels(self, generator: Generator, classifier: Classifier, directions: Tensor) -> Arrays:
        """Return the images of Figs. 2, 3 and 14."""
        every = range(CLASSES)
        shared = torch.stack([generate_along(generator, directions[:1], y, NORMS)[0] for y in every])
        path = generate_along(generator, directions[:5], self.path_digit, FINE)
        zero = generate(generator, torch.zeros(CLASSES, self.plan.seed), torch.arange(CLASSES))
        data = datasets.load(self.dataset)
        means = [unit(data.x_train[data.y_train == y]).mean(axis=0) for y in every]
        real = [np.linalg.norm(unit(data.x_test[data.y_test == y]) - means[y], axis=1) for y in every]
        return {
            "norms": NORMS,
            "fine": FINE,
            "shared": pixels(shared),
            "single": pixels(generate_along(generator, directions[:SHOWN], self.digit, NORMS)),
            "path": pixels(path),
            "path_predicted": classifier.predicted(path.flatten(0, 1)).view(path.shape[:2]).numpy(),
            "centroid_predicted": classifier.predicted(zero).numpy(),
            "centroid_distance": np.linalg.norm(zero.flatten(1).numpy() - np.stack(means), axis=1),
            "real_distance": np.array([np.median(distance) for distance in real]),
        }

    def distances(self, generator: Generator, directions: Tensor) -> Arrays:
        """Return mean distances of the images of one seed, and of the images of one class."""
        of_classes, of_seeds = [], []
        for norm in NORMS[:, None]:
            made = [generate_along(generator, directions, y, norm)[:, 0].flatten(1) for y in range(CLASSES)]
            of_classes.append(mean_distance(torch.stack(made).transpose(0, 1)))
            of_seeds.append(mean_distance(made[self.digit][None])[0])
        return {"class_distance": np.stack(of_classes, axis=1), "seed_distance": np.array(of_seeds)}

    def measure_fakes(self, generator: Generator, classifier: Classifier, critic: Discriminator) -> Arrays:
        """Return distances of fakes and anomalies to real images and to one another."""
        data, m = datasets.load(self.dataset), self.fakes
        parts = []
        bands: list[list[np.ndarray]] = [[] for _ in BANDS]
        for y in range(CLASSES):
            draw = source(self.seed, 1, y)
            labels = torch.full((m,), y)
            fakes = generate(generator, seeds.sample(self.seeds, m, self.plan.seed, draw), labels)
            far = seeds.sample_band(m, self.plan.seed, (0.0, 15.0), draw)
            class_ = data.one_class(y)
            reference = quality.Reference.fit(class_.X_train, class_.test_normal, data.image_shape)
            part = {
                "fakes": pixels(fakes[:SHOWN]),
                "fake_predicted": classifier.predicted(fakes).numpy(),
                "fakes_nearest": nearest_distance(fakes, class_.X_train),
                "nearest": nearest_distance(generate(generator, far, labels), class_.X_train),
                "nearest_norms": seeds.norm(far).numpy(),
                "div_ratio": np.array(quality.div_ratio(fakes.flatten(1).numpy(), reference)),
            }
            parts.append(part)
            inside = classifier.features(fakes)
            for band, into in zip(BANDS, bands, strict=True):
                made = generate(generator, seeds.sample_band(m, self.plan.seed, band, draw), labels)
                into.append(torch.cdist(classifier.features(made), inside).amin(dim=1).numpy())
        medians = np.array([np.median(np.concatenate(band)) for band in bands])
        return stack(parts, CLASSES) | {"band_distance": medians, "slopes": self.slopes(generator, critic)}

    def slopes(self, generator: Generator, critic: Discriminator) -> np.ndarray:
        """Return ‖∇D‖ at points between real images and fakes, (10 M,); the penalty is minimal at 1."""
        data, draw, count = datasets.load(self.dataset), source(self.seed, 2), CLASSES * self.fakes
        chosen = torch.randint(0, len(data.x_train), (count,), generator=draw)
        real = wgan.images(data.x_train[chosen.numpy()]).float() / 255
        labels = torch.tensor(data.y_train[chosen.numpy()].astype(np.int64))
        fakes = generate(generator, seeds.sample(self.seeds, count, self.plan.seed, draw), labels)
        at = torch.lerp(fakes, real, torch.rand(count, 1, 1, 1, generator=draw)).requires_grad_()
        y = one_hot(labels, CLASSES)
        parts = zip(at.split(wgan.BATCH), y.split(wgan.BATCH), strict=True)
        return torch.cat([wgan_gp.slope(critic, x, c).detach() for x, c in parts]).numpy()


def curves(generator: Generator, classifier: Classifier, critic: Discriminator, directions: Tensor) -> Arrays:
    """Return means over the seeds for every class and norm of `FINE`, (10, F): see `Samples`.

    The critic scores for the class that the classifier decides on, as for any image (Eq. 11).
    """
    parts = []
    for label in range(CLASSES):
        made = classify(generate_along(generator, directions, label, FINE).flatten(0, 1), classifier)
        score = score_images(lambda x, decided: critic(x, one_hot(decided, CLASSES)), made).astype(np.float32)
        of_class = {"confidence": made.confidence, "hit": (made.decided == label).numpy(), "critic": score}
        parts.append({key: values.reshape(-1, len(FINE)).mean(axis=0) for key, values in of_class.items()})
    return stack(parts, CLASSES)


def mean_distance(groups: Tensor) -> np.ndarray:
    """Return the mean L2 distance within each of g groups of n images, (g, n, d) -> (g,)."""
    n = groups.shape[1]
    return np.asarray((torch.cdist(groups, groups).sum(dim=(1, 2)) / (n * (n - 1))).numpy())


def nearest_distance(x: Tensor, train: np.ndarray) -> np.ndarray:
    """Return the L2 distance of each image (b, ...) to the nearest of the training rows (n, d), (b,)."""
    rows = x.movedim(1, -1).flatten(1)
    return np.asarray(torch.cdist(rows, torch.from_numpy(train)).amin(dim=1).numpy())
