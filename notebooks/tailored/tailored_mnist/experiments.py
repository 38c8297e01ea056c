"""Chapter `tailored-mnist` (Secs. 4.2 and 4.4): the tailored detector of digits, trained on a generator's images."""

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from anogen.detectors.gan import seeds
from anogen.detectors.gan.networks import Discriminator, Generator, one_hot
from anogen.detectors.gan.tailored import RATE
from anogen.detectors.gan.training import Batch, TrainStep, source
from anogen.generators.evolution import EvolutionConfig, evolve
from anogen.generators.gradient import GradientConfig, descend
from anogen.generators.inputs import noise
from anogen.scorers.tailored import TailoredScorer
from companion.experiment import Arrays, Experiment, Inputs
from notebooks.tailored.common.detector import DetectorExperiment, DetectorTraining
from notebooks.tailored.common.omniglot import distributed
from notebooks.tailored.common.scores import DIGIT_SETS, CriticScores, DetectorScores, classify, score_images
from notebooks.tailored.common.wgan import BATCH, BOOK, CLASSES, chosen, generate
from notebooks.tailored.tailored_mnist.feature_map import FeatureMap
from notebooks.tailored.tailored_mnist.other_classifiers import AnyClassifier

RATIOS = {"4:1": (16, 4), "2:1": (14, 7), "1:1": (10, 10), "1:2": (7, 14), "1:4": (4, 16)}  # fakes to near anomalies
# The training of each variant of the detector. notMNIST replaces SVHN, which is not part of the book's data.
VARIANTS: dict[str, dict[str, Any]] = {
    "generated": {},
    "specific": {"specific": "notmnist"},
    "real": {"real": True},
    "unlabelled": {"labelled": False},
    "noise": {"specific": "uniform", "share": 1.0},
}
UPDATES = 1_200  # of a detector's training, as printed
FEW = {"specific": 3, "real": 3, "unlabelled": 4, "noise": 3}  # trainings of a variant, at most
# Also scored on Omniglot as distributed, black on white; `DIGIT_SETS` has it inverted.
DISTRIBUTED: dict[str, Any] = {"sets": ("omniglot-black-on-white",), "each": 1}
BOTH_WAYS = ("critic", "generated", "specific", "real", "unlabelled")
SIZE = 6.0  # of the coordinate that is changed
CHANGES = ("one coordinate", "all, same L2", "all, same L1")


def change(n: Tensor) -> list[Tensor]:
    """Return seeds (b, N) with one coordinate set to 6, and with all shifted outwards by the same L2 or L1 size."""
    one = n.clone()
    one[:, 0] = torch.where(n[:, 0] < 0, -SIZE, SIZE)
    size = (one - n).abs()[:, :1]
    outward = torch.where(n < 0, -1.0, 1.0)
    length = n.shape[1]
    return [one, n + outward * size / length**0.5, n + outward * size / length]


@dataclass(frozen=True, kw_only=True)
class OneCoordinate(DetectorExperiment):
    """Accept or refuse images of changed seeds.

    Arrays, for T detectors: `accepted` (T, 3), the share accepted at the 95% threshold, by `CHANGES`; `untouched` (T,).
    """

    name = "tailored-geometry"
    quick: ClassVar = {**DetectorExperiment.quick, "count": 40}
    least: ClassVar = {"count": 2}

    count: int = 500

    def work(self) -> float:
        """Count images."""
        return float(self.trainings * self.count * 4)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Change the seeds, and score the images by every detector."""
        classifier, (generator, _) = self.trained_classifier(inputs), self.trained_gan(inputs)
        n = seeds.sample_natural(self.count, self.plan.seed, source(self.seed, 8))
        labels = torch.arange(self.count) % CLASSES
        made = [classify(generate(generator, one, labels), classifier) for one in (n, *change(n))]
        real = classify(self.select_images("train", 1_000, self.rng(4)), classifier)
        shares = []
        for score in self.score_functions(inputs):
            threshold = np.quantile(score_images(score, real), 0.05)
            shares.append([(score_images(score, one) > threshold).mean() for one in made])
        both = np.array(shares)
        return {"untouched": both[:, 0], "accepted": both[:, 1:]}


def wrong_class_step(detector: Discriminator, generator: Generator, each: int) -> TrainStep:
    """Return the training step in which fakes with their own class are normal, with another class anomalous."""

    def loss(batch: Batch) -> dict[str, Tensor]:
        labels = torch.arange(CLASSES).repeat(2 * each)
        fakes = generate(generator, seeds.sample_natural(len(labels), generator.plan.seed, batch.source), labels)
        normal = torch.arange(len(labels)) < len(labels) // 2
        other = (labels + torch.randint(1, CLASSES, labels.shape, generator=batch.source)) % CLASSES
        logits = detector(fakes, one_hot(torch.where(normal, labels, other), CLASSES))
        return {"loss": F.binary_cross_entropy_with_logits(logits, normal.float())}

    return TrainStep(("detector",), loss, rate=RATE, decayed=False)


@dataclass(frozen=True, kw_only=True)
class OthersTraining(DetectorTraining):
    """Train detectors on digits of the wrong class in place of near anomalies; arrays as in `DetectorTraining`.

    The paper assumes that a detector has to see near anomalies. If wrong digits serve as well, they do not matter.
    """

    name = "tailored-others-detector"

    def train_step(self, network: Discriminator, inputs: Inputs) -> tuple[TrainStep, int]:
        """Return the update of a detector, which needs no real images."""
        return wrong_class_step(network, self.trained_gan(inputs)[0], self.normal), 1


@dataclass(frozen=True, kw_only=True)
class OthersScores(DetectorScores):
    """Score sets of anomalies by these detectors; arrays as in `DetectorScores`, from fewer images."""

    name = "tailored-others"
    quick: ClassVar = {**DetectorScores.quick, "trainings": 1}

    trainings: int = 1
    count: int = 1_000
    each: int = 20

    def detector_training(self) -> OthersTraining:
        """Return the experiment that trains the detectors."""
        return OthersTraining(**{f.name: getattr(self, f.name) for f in fields(OthersTraining)})


@dataclass(frozen=True, kw_only=True)
class TailoredDrawing(DetectorExperiment):
    """Minimise the score of the first detector, and score the images by the others.

    By gradient, one image a class, -D(x, y) with the class held fixed; by evolution, S images of -D(x, Ĉ(x)). Arrays,
    for the 10 + S `drawn` images (10 + S, d), uint8, in this order, and T detectors: `scores` (10 + S,), before they
    were rounded; `start_scores` (10 + S,), of the noise; `decided` and `confidence` (10 + S,), by the classifier;
    `outdone` (T, 10 + S), the share of real test images of the decided class that each detector scores as less
    normal, the first being the one that was searched; `nearest` (10 + S,), distance to the nearest training image;
    `best_real` (10, d), uint8, each class's test image of the lowest score, `best_scores` (10,); `real_nearest` (10,),
    the median distance of a class's test images to the nearest training image.
    """

    name = "tailored-drawn"
    quick: ClassVar = {
        **DetectorExperiment.quick, "iterations_down": 2, "generations": 2, "population": 4, "starts": 1, "count": 60,
    }  # fmt: skip
    least: ClassVar = {"iterations_down": 1, "generations": 1, "starts": 1, "population": 2, "count": 2}

    iterations_down: int = 300  # of the gradient
    generations: int = 500
    population: int = 50
    starts: int = 2  # S
    count: int = 1_000  # test images, and five times as many training images

    def work(self) -> float:
        """Count images."""
        return float(CLASSES * self.iterations_down + self.starts * self.generations * self.population)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Search, and measure the ends."""
        classifier = self.trained_classifier(inputs)
        scorers = [TailoredScorer(network, classifier.predicted) for network in self.trained(inputs)]
        ends, scores, starts = zip(*self.descents(scorers[0]), *self.evolutions(scorers[0]), strict=True)
        rows = (torch.stack(ends) * 255).round() / 255
        rng, (channels, *size) = self.rng(15), self.plan.shape
        images, others = self.select_images("test", self.count, rng), self.select_images("train", 5 * self.count, rng)
        test, train = (x.movedim(1, -1).flatten(1) for x in (images, others))
        drawn = classify(rows.unflatten(1, (*size, channels)).movedim(-1, 1), classifier)
        decided, of_test = drawn.decided.numpy(), classify(images, classifier).decided.numpy()
        masks = (of_test == y for y in range(CLASSES))
        of_class = [mask if mask.any() else ~mask for mask in masks]  # all, for a class that is never decided on
        real = [score_rows(scorer, test) for scorer in scorers]
        outdone = [
            [(known[of_class[y]] > value).mean() for y, value in zip(decided, score_rows(scorer, rows), strict=True)]
            for known, scorer in zip(real, scorers, strict=True)
        ]
        apart = torch.cdist(test, train).amin(dim=1).numpy()
        best = [int(np.where(mask, real[0], np.inf).argmin()) for mask in of_class]
        return {
            "drawn": (rows * 255).to(torch.uint8).numpy(),
            "scores": np.array(scores),
            "start_scores": np.array(starts),
            "decided": decided,
            "confidence": drawn.confidence,
            "outdone": np.array(outdone),
            "nearest": torch.cdist(rows, train).amin(dim=1).numpy(),
            "best_real": (test[best] * 255).round().to(torch.uint8).numpy(),
            "best_scores": real[0][best],
            "real_nearest": np.array([np.median(apart[mask]) for mask in of_class]),
        }

    def descents(self, score: TailoredScorer) -> list[tuple[Tensor, float, float]]:
        """Return for each class the image (d,) that the gradient ends at, its score, and that of the noise."""
        found = []
        for y in range(CLASSES):
            fixed = TailoredScorer(score.detector, lambda x, y=y: torch.full((len(x),), y))  # type: ignore[misc]
            source_ = torch.Generator().manual_seed(int(self.rng(16, y).integers(2**31)))
            start = noise((1, score.n_features_in_), source_)
            for now, _ in descend(fixed, start, n_iterations=self.iterations_down, config=GradientConfig(0.02, "adam")):
                state = now
            found.append((state.images[0], fixed(state.images).item(), fixed(start).item()))
        return found

    def evolutions(self, score: TailoredScorer) -> list[tuple[Tensor, float, float]]:
        """Return the same of the evolutions, whose class the classifier decides on."""
        found = []
        for start in range(self.starts):
            seed = int(self.rng(17, start).integers(2**31))
            bests = []
            with torch.inference_mode():
                config = EvolutionConfig(self.population)
                for now, info in evolve(score, [seed], n_generations=self.generations, config=config):
                    state = now
                    bests.append(info.best.item())
                found.append((state.current_best()[0].clone(), bests[-1], bests[0]))
        return found


def score_rows(score: TailoredScorer, rows: Tensor) -> np.ndarray:
    """Return the scores of rows (n, d), (n,)."""
    with torch.no_grad():
        return torch.cat([score(part) for part in rows.split(BATCH)]).numpy()


def chapter_experiments(
    scale: str = "laptop",
    width: int = BOOK["width"],
    iterations: int = BOOK["iterations"],
    until: int = BOOK["until"],
    trainings: int = DetectorExperiment.trainings,
    updates: int = UPDATES,
    svhn: int = 0,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter by role; detectors of which the weights are kept have their `-training`.

    `svhn` adds SVHN, if its file is available, to the sets of anomalies: see `companion.datasets.anomaly_sets`.
    """
    of_gan = chosen(scale, BOOK, width=width, iterations=iterations, until=until) | {"seed": seed}
    own = {"trainings": DetectorExperiment.trainings, "updates": UPDATES}
    given = of_gan | chosen(scale, own, trainings=trainings, updates=updates)
    scores: dict[str, DetectorScores] = {}
    quick = scale == "quick"  # which has no data but digits and noise
    variants = VARIANTS | ({"specific": {"specific": "svhn"}} if svhn else {})
    scored_sets: dict[str, Any] = {"sets": (*DIGIT_SETS, "svhn")} if svhn else {}
    for name in ("generated", "real") if quick else variants:
        count = {"trainings": min(FEW[name], trainings)} if name in FEW else {}
        scores[name] = DetectorScores.at(scale, **given | variants[name] | count | scored_sets)
    for name, (normal, anomalous) in () if quick else RATIOS.items():
        mix = {"normal": normal, "anomalous": anomalous, "trainings": 1}
        scores[f"ratio-{name}"] = DetectorScores.at(scale, **given | mix)
    if not quick:
        scores["others"] = OthersScores.at(scale, **given | {"trainings": 1})
    scored = {"critic": CriticScores.at(scale, **of_gan | {"trainings": 1} | scored_sets), **scores}
    return {
        **scored,
        **{distributed(name): replace(scored[name], **DISTRIBUTED) for name in (() if quick else BOTH_WAYS)},
        **{f"{name}-training": one for name, of in scores.items() if (one := of.detector_training()).kept()},
        "geometry": OneCoordinate.at(scale, **given),
        "map": FeatureMap.at(scale, **of_gan),
        "drawn": TailoredDrawing.at(scale, **given),
        "any": AnyClassifier.at(scale, seed=seed),
    }
