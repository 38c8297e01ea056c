"""Chapter `autoencoder` (thesis 6.1): images generated on a convolutional autoencoder, by gradient and by evolution."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import torch

from anogen import datasets
from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.generators.evolution import EvolutionConfig
from anogen.generators.gradient import GradientConfig, descend
from anogen.generators.inputs import noise
from anogen.metrics.detection import roc_auc
from anogen.scorers import Scorer, make_scorer
from companion.experiment import Arrays, Experiment, Inputs, Slice, at_least, digits
from companion.studies.evolution_run import log_steps, search
from companion.studies.quality import Classifier, DigitQuality, measure_images, weights_of
from notebooks.thesis.autoencoder.architectures import NETWORKS
from notebooks.thesis.autoencoder.choice import architecture_experiments
from notebooks.thesis.common.descent import WAYS

WIDTHS = (2, 4, 8, 16)  # of the latent vector
LATENT = 4
QUICK = {"generations": 60, "iterations": 60, "starts": 3}
# The stated learning rate under every unstated rule and reduction; then other rates of the default rule (claim c-15).
VARIANTS = (*WAYS, GradientConfig(0.001), GradientConfig(0.1))


@dataclass(frozen=True, kw_only=True)
class Autoencoder(Experiment):
    """Base class of the chapter's experiments: the data and the autoencoder."""

    named: ClassVar = ("digit", "latent")
    detectors: ClassVar = ("autoencoder",)
    least: ClassVar = {"latent": 1, "epochs": 1}

    dataset: str = "mnist"
    digit: int = 4
    latent: int = LATENT
    epochs: int = 25

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.digit)

    def requires(self) -> dict[str, Experiment]:
        """Return the training of the autoencoder."""
        return {"training": Training(**{f.name: getattr(self, f.name) for f in fields(Training)})}

    def untrained(self) -> ConvAutoencoder:
        """Return the autoencoder before training."""
        shape = datasets.load(self.dataset).image_shape
        return ConvAutoencoder(shape, self.latent, self.epochs, random_state=self.seed)

    def trained_scorer(self, inputs: Inputs) -> Scorer:
        """Return the scorer of the trained autoencoder."""
        return make_scorer(self.untrained().with_weights(weights_of(inputs["training"])))


@dataclass(frozen=True, kw_only=True)
class Training(Autoencoder):
    """Train the autoencoder on one digit.

    Arrays: `weights.*`; `test_scores` (10000,) and `test_labels` (10000,), 1 for another digit; `auc`.
    """

    name = "autoencoder-training"
    quick: ClassVar = {"dataset": "mnist-5k", "epochs": 10}

    def requires(self) -> dict[str, Experiment]:
        """Return no experiments."""
        return {}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train, and score the whole test set."""
        data = datasets.load(self.dataset).one_class(self.digit)
        trained = self.untrained().fit(data.X_train)
        scores = trained.decision_function(data.X_test)
        facts = {"test_scores": scores, "test_labels": data.y_test, "auc": np.array(roc_auc(scores, data.y_test))}
        return facts | {f"weights.{key}": value for key, value in trained.weights().items()}


@dataclass(frozen=True, kw_only=True)
class Gradient(Autoencoder):
    """Descend from noise by every variant (Figs. 6.1 and 6.2).

    Arrays, for V variants, S starts, d pixels: `images` (V, S, d), `scores` (V, S), `start_scores` (V, S),
    `history` (V, S, 51), the scores along the way at `history_iterations` (51,).
    """

    name = "autoencoder-gradient"
    quick: ClassVar = {"dataset": "mnist-5k", "epochs": 10, "iterations": 60, "starts": 3}
    variants: ClassVar = len(VARIANTS)
    axes: ClassVar = ("variants", "starts")
    least: ClassVar = {"iterations": 1, "starts": 1}

    iterations: int = 500
    starts: int = 32

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Descend from one start by one variant; the starts are the same for all variants."""
        variant, start = cell
        scorer = self.trained_scorer(inputs)
        generator = torch.Generator().manual_seed(int(self.rng(start).integers(2**31)))
        images = noise((1, scorer.n_features_in_), generator)
        history = []
        for after, score in descend(scorer, images, n_iterations=self.iterations, config=VARIANTS[variant]):
            history.append(score.item())
            images = after.images
        history.append(scorer(images).item())
        return {
            "images": images[0].numpy().astype(np.float16),
            "scores": np.array(history[-1]),
            "start_scores": np.array(history[0]),
            "history": np.array(history)[self.log_steps()],
        }

    def log_steps(self) -> np.ndarray:
        """Return the iterations at which the history is kept."""
        return np.unique(np.linspace(0, self.iterations, 51).round().astype(int))

    def common(self, inputs: Inputs) -> Arrays:
        """Return the logged iterations."""
        return {"history_iterations": self.log_steps()}


@dataclass(frozen=True, kw_only=True)
class Evolution(Autoencoder):
    """Evolve images on the autoencoder from noise (Fig. 6.5).

    Arrays, for S starts and d pixels: `images` (S, d), `scores` (S,), `best_scores` (S,), `history` (S, 51), the
    lowest score of the population at `history_generations` (51,).
    """

    name = "autoencoder-evolution"
    quick: ClassVar = {"dataset": "mnist-5k", "epochs": 10, "generations": 60, "starts": 2}
    axes: ClassVar = ("starts",)
    halved: ClassVar = "images"
    least: ClassVar = {"generations": 1, "starts": 1}

    generations: int = 5_000
    population: int = 150
    starts: int = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        EvolutionConfig(self.population)  # checks it

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Search from one start."""
        scorer, config = self.trained_scorer(inputs), EvolutionConfig(self.population)
        seed = int(self.rng(*cell).integers(2**31))
        yield from search(scorer, seed, self.generations, config, log_steps(self.generations, 51), state)

    def common(self, inputs: Inputs) -> Arrays:
        """Return the logged generations."""
        return {"history_generations": log_steps(self.generations, 51)}


@dataclass(frozen=True, kw_only=True)
class GradientQuality(DigitQuality, Gradient):
    """The measures of the images of `Gradient`: see `measure_images`; groups are variants."""

    name = "autoencoder-gradient-quality"
    search = Gradient


@dataclass(frozen=True, kw_only=True)
class EvolutionQuality(DigitQuality, Evolution):
    """The measures of the images of `Evolution`: see `measure_images`; all starts are one group."""

    name = "autoencoder-evolution-quality"
    search = Evolution


@dataclass(frozen=True, kw_only=True)
class Selection(Experiment):
    """Images and detection by latent width on digits that the thesis does not show, to choose the default width.

    Arrays, for D digits, W widths, S starts: `images` (D, W, S, d); the measures of `measure_images`, each
    (D, W, S) or (D, W); `auc` (D, W); `digits` (D,); `widths` (W,).
    """

    name = "autoencoder-selection"
    quick: ClassVar = {
        "dataset": "mnist-5k", "others": (7,), "widths": (2, 4), "epochs": 3, "iterations": 30, "starts": 2,
    }  # fmt: skip
    axes: ClassVar = ("others", "widths")
    listed: ClassVar = {"digits": "others", "widths": "widths"}
    detectors: ClassVar = ("autoencoder",)

    dataset: str = "mnist"
    others: tuple[int, ...] = (0, 2, 5, 7)  # two that are mostly round, two that are mostly straight
    widths: tuple[int, ...] = WIDTHS
    epochs: int = 25
    iterations: int = 500
    starts: int = 8

    def requires(self) -> dict[str, Experiment]:
        """Return the classifier."""
        return {"classifier": Classifier.at(self.scale)}

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train one autoencoder, descend from every start by plain steps on the sum, and measure the images."""
        digit, width = cell
        data = datasets.load(self.dataset).one_class(digit)
        trained = ConvAutoencoder(data.image_shape, width, self.epochs, random_state=self.seed).fit(data.X_train)
        generator = torch.Generator().manual_seed(int(self.rng(digit, width).integers(2**31)))
        start = noise((self.starts, data.X_train.shape[1]), generator)
        for after, _ in descend(make_scorer(trained), start, n_iterations=self.iterations):
            images = after.images.numpy()
        auc = roc_auc(trained.decision_function(data.X_test), data.y_test)
        measures = measure_images(images, self.dataset, digit, weights_of(inputs["classifier"]), self.seed)
        return measures | {"images": images.astype(np.float16), "auc": np.array(auc)}


def chapter_experiments(
    scale: str = "laptop",
    digit: int | Sequence[int] = (3, 4),
    latent: int = LATENT,
    iterations: int = 500,
    generations: int = 5_000,
    population: int = 150,
    starts: int = 16,
    seed: int = 0,
    dataset: str = "",
) -> dict[str, Experiment]:
    """Return the chapter's experiments: `gradient-4-quality`, ... at the default width, `gradient-4-latent-8`, ..."""
    at_least(1, starts=starts)
    roles: dict[str, Experiment] = {}
    for number in [digit] if isinstance(digit, int) else dict.fromkeys(digit):
        for width in dict.fromkeys((latent, *(WIDTHS if scale != "quick" else ()))):
            suffix = f"{number}" if width == latent else f"{number}-latent-{width}"
            shared: dict[str, Any] = {"digit": number, "latent": width, "seed": seed}
            shared |= {"dataset": dataset} if dataset else {}  # else that of the scale
            descent = {**shared, "iterations": iterations, "starts": 2 * starts}
            fewer = starts if width == latent else max(2, starts // 4)
            search = {**shared, "generations": generations, "population": population, "starts": fewer}
            roles[f"training-{suffix}"] = Training.at(scale, **shared)
            roles |= GradientQuality.with_search(f"gradient-{suffix}", scale, **descent)
            roles |= EvolutionQuality.with_search(f"evolution-{suffix}", scale, **search)
    # These concern digits of their own, so the book's records serve every reader.
    roles |= {"selection": Selection()} | architecture_experiments(NETWORKS[:1] if scale == "quick" else NETWORKS)
    if scale != "quick":
        from notebooks.thesis.autoencoder.architectures import Architecture, ArchitectureQuality
        from notebooks.thesis.autoencoder.choice import REPEATED
        from notebooks.thesis.autoencoder.evolved import Evolved
        from notebooks.thesis.autoencoder.judging import judged_architecture
        from notebooks.thesis.autoencoder.variety import Variety

        roles |= {"variety": Variety(), "evolved": Evolved()}  # of the thesis's digits
        further = Architecture(network=REPEATED[0], seed=Architecture.trainings)  # four minutes; of the other one 18
        roles[f"architecture-{REPEATED[0]}-more"] = further
        roles[f"architecture-{REPEATED[0]}-more-quality"] = ArchitectureQuality(**further.parameters)
        for network in REPEATED:
            roles[f"architecture-{network}-judged"] = judged_architecture(Architecture(network=network))
        roles[f"architecture-{REPEATED[0]}-more-judged"] = judged_architecture(further)
    return roles
