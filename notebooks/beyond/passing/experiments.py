"""Chapter `passing`: density models whose most normal images are digits, many and different ones (beyond the sources).

Thresholds were fixed, and the settings chosen on the digit 4, before any other digit was computed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from scipy.special import logsumexp
from torch import Tensor

from anogen import datasets, detectors
from anogen.datasets import OneClass
from anogen.generators.evolution import EvolutionConfig, evolve
from anogen.generators.inputs import noise
from anogen.metrics.images import nearest
from anogen.scorers import Scorer
from anogen.scorers.kde import KDEScorer
from companion.experiment import Arrays, Experiment, Inputs, Slice, stack
from companion.studies import classifier, fidelity
from companion.studies.quality import Classifier, weights_of
from notebooks.beyond.passing.mixture import TiedMixture
from notebooks.beyond.passing.parametrised import Parametrised, ParametrisedQuality

MIN_RATE, MIN_COVERAGE = 0.95, 0.5  # to pass: shares of recognised images, and of the coverage of real images
CHOSEN_ON = 4  # the digit on which the settings were chosen
MODELS = ("mixture", "kde", "kde-likelihood")
STARTS = ("noise", "about the mean")  # their distributions: U(0, 1), and the mean image plus N(0, 1)
WIDTHS = (0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3)  # of KDE's kernel, among which the held-out likelihood chooses
MODEL, START, REAL, SEARCH, HELD_OUT = range(1, 6)  # keys of the seeds
MAX_STEPS, TOLERANCE, KEPT = 200, 1e-6, 16
QUICK = {"digits": [4], "count": 40, "components": 40, "generations": 20}


class KDEShift:
    """x <- Σ_i K_i(x) x_i / Σ_i K_i(x): the mean shift of a KDE with equal kernels on rows (m, d)."""

    def __init__(self, rows: Tensor, width: float) -> None:
        self.rows, self.precision, self.norms = rows, width**-2, rows.square().sum(dim=1) / 2

    def shifted(self, x: Tensor) -> Tensor:
        """Return the weighted means of the rows about x (n, d)."""
        return ((x @ self.rows.T - self.norms) * self.precision).softmax(dim=1) @ self.rows


def climb(model: KDEShift | TiedMixture, x: Tensor) -> Tensor:
    """Return the local maxima of the density that rows (n, d) converge to, clipped to [0, 1]."""
    for _ in range(MAX_STEPS):
        x, before = model.shifted(x), x
        if (x - before).abs().max() < TOLERANCE:
            break
    return x.clamp(0, 1)


@dataclass(frozen=True, kw_only=True)
class Modes(Experiment):
    """Local minima of the scores of three density models, from starts of two distributions, compared with real images.

    Arrays, for M models, L distributions, n starts, and two views of an image (the classifier's features, pixels):
    `predicted`, `p_cls` and `scores` (M, L, n); `precision`, `density`, `coverage` (M, L, 2) against n held-out images,
    and `ceiling_precision`, `ceiling_coverage` (2,) of n other held-out images; `distinct` (M, L), images that differ
    by more than rounding; `train_distance`, `held_distance` (M, L, n), to the nearest training and held-out image, and
    `real_train_distance`, `real_held_distance` of held-out images (n,); `images` (M, L, 16, d); `real_scores` (M, r);
    `widths`, `likelihoods` (w,) of KDE's choice, `width` (M,), the kernel's, else 0; `evolved` (d,),
    `evolved_p_cls`, `evolved_score` of the book's own search on the mixture, and `lowest_mode`, the lowest score at a
    mean of it.
    """

    name = "modes"
    quick: ClassVar = {"dataset": "mnist-5k", "count": 40, "components": 40, "generations": 20}
    least: ClassVar = {"count": fidelity.NEIGHBOURS + 1, "components": 2, "generations": 1}
    named: ClassVar = ("dataset", "digit")
    axes: ClassVar = ("models",)
    models: ClassVar = MODELS
    effort: ClassVar = ("count",)  # starts

    dataset: str = "mnist"
    digit: int = CHOSEN_ON
    count: int = 400
    components: int = 400
    spread: float = 1.0  # standard deviation of the starts about the mean
    width: float = 1.0  # PyOD's default
    generations: int = 1_500

    def requires(self) -> dict[str, Experiment]:
        """Need the classifier."""
        return {"classifier": Classifier.at(self.scale) if self.scale == "quick" else Classifier(dataset=self.dataset)}

    @property
    def data(self) -> OneClass:
        """The images, the digit being the normal class."""
        return datasets.load(self.dataset).one_class(self.digit)

    def uses(self) -> tuple[str, ...]:
        """Return the catalogue's density estimator."""
        return ("kde",)

    def steps(self, cell: tuple, inputs: Inputs, state: Arrays | None = None) -> Iterator[Slice | Arrays]:
        """Fit one model, climb from all starts and measure."""
        (name,) = cell
        model, score, width = self.model(name)
        weights = weights_of(inputs["classifier"])
        d, generator = self.data.X_train.shape[1], torch.Generator().manual_seed(int(self.rng(START).integers(2**31)))
        mean = torch.from_numpy(self.data.X_train.mean(axis=0)).double()
        starts = [noise((self.count, d), generator).double()]
        starts.append(mean + self.spread * torch.randn(self.count, d, generator=generator).double())
        minima = [climb(model, start).numpy() for start in starts]
        by_start = stack([self._measure(images, score, weights) for images in minima], len(STARTS))
        real = score(torch.from_numpy(self.data.test_normal))
        own = self._evolve(score, weights) if isinstance(score, TiedMixture) else {}
        yield by_start | {"width": np.array(width), "real_scores": real.numpy(), **own}

    def model(self, name: str) -> tuple[KDEShift | TiedMixture, Scorer, float]:
        """Return the density to climb, its score, and the width of its kernels."""
        train = self.data.X_train.astype(np.float64)
        if name == "mixture":
            seed = int(self.rng(MODEL).integers(2**31))
            score = TiedMixture(train, self.components, random_state=seed)
            return score, score, 0.0
        width = self.width if name == "kde" else WIDTHS[int(self.likelihoods().argmax())]
        kde: Any = detectors.fit("kde", train, bandwidth=width)
        return KDEShift(torch.from_numpy(train), width), KDEScorer(kde), width

    def likelihoods(self) -> np.ndarray:
        """Return the mean log likelihood of a tenth of the training images under KDEs of the others, for each width."""
        rows = self.data.X_train[self.rng(HELD_OUT).permutation(len(self.data.X_train))].astype(np.float64)
        held, rest = np.split(rows, [len(rows) // 10])
        squares = (held**2).sum(axis=1)[:, None] + (rest**2).sum(axis=1) - 2 * held @ rest.T
        n, d = rest.shape
        likelihoods = []
        for h in WIDTHS:
            densities = logsumexp(-squares / (2 * h * h), axis=1) - np.log(n) - d * np.log(h * np.sqrt(2 * np.pi))
            likelihoods.append(densities.mean())
        return np.array(likelihoods)

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Return n held-out images to compare with, and n others; halves if there are fewer."""
        normal = self.data.test_normal
        order, n = self.rng(REAL).permutation(len(normal)), min(self.count, len(normal) // 2)
        return normal[order[:n]], normal[order[n : 2 * n]]

    def manifolds(self, images: np.ndarray, weights: dict[str, np.ndarray], *names: str, prefix: str = "") -> Arrays:
        """Compare as many images (n, d) with held-out ones, in the classifier's features and in pixels, (2,) each."""
        reference, _ = self.sides()
        views = (partial(classifier.features, weights, shape=self.data.image_shape), np.asarray)
        both = [fidelity.manifold(view(images[: len(reference)]), view(reference)) for view in views]
        return {prefix + name: np.array([getattr(manifold, name) for manifold in both]) for name in names}

    def _measure(self, images: np.ndarray, score: Scorer, weights: dict[str, np.ndarray]) -> Arrays:
        data = self.data
        probabilities = classifier.predict(weights, images, data.image_shape)
        return {
            "predicted": probabilities.argmax(axis=1).astype(np.int8),
            "p_cls": probabilities[:, self.digit],
            "scores": torch.cat([score(part) for part in torch.from_numpy(images).split(100)]).numpy(),
            **self.manifolds(images, weights, "precision", "density", "coverage"),
            "distinct": np.array(len(np.unique(images.round(2), axis=0))),
            "train_distance": nearest(images, data.X_train)[0].astype(np.float32),
            "held_distance": nearest(images, data.test_normal)[0].astype(np.float32),
            "images": (images[:KEPT] * 255).round().astype(np.uint8),
        }

    def _evolve(self, score: TiedMixture, weights: dict[str, np.ndarray]) -> Arrays:
        """Evolve one image as in all chapters, from noise."""
        seed = int(self.rng(SEARCH).integers(2**31))
        with torch.inference_mode():
            *_, (state, _) = evolve(score, [seed], n_generations=self.generations, config=EvolutionConfig())
            lowest_mode = score(score.means).min().numpy()
        image = state.current_best()[0].numpy()
        return {
            "evolved": image.astype(np.float16),
            "evolved_p_cls": classifier.predict(weights, image[None], self.data.image_shape)[0, self.digit],
            "evolved_score": state.scores.min().numpy(),
            "lowest_mode": lowest_mode,
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack what all models have; the mixture alone has been searched."""
        shared = {key: np.stack([part[key] for part in parts]) for key in parts[-1]}
        own = {key: np.asarray(array) for key, array in parts[0].items() if key not in shared}
        return shared | own | self.common(inputs)

    def common(self, inputs: Inputs) -> Arrays:
        """Return the measures of real images, and KDE's choice."""
        reference, others = self.sides()
        weights = weights_of(inputs["classifier"])
        return {
            **self.manifolds(others, weights, "precision", "coverage", prefix="ceiling_"),
            "real_train_distance": nearest(reference, self.data.X_train)[0].astype(np.float32),
            "real_held_distance": nearest(reference, others)[0].astype(np.float32),
            "widths": np.array(WIDTHS),
            "likelihoods": self.likelihoods(),
        }


def passes(rate: float, coverage: float, ceiling: float) -> bool:
    """Return whether a set of images passes: recognised, and covering enough of the real images' coverage."""
    return rate >= MIN_RATE and coverage >= MIN_COVERAGE * ceiling


def chapter_experiments(
    scale: str = "laptop",
    digits: int | Sequence[int] = tuple(range(10)),
    count: int = 400,
    components: int = 400,
    generations: int = 1_500,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments: `modes-4`, ... for every digit; `parametrised` and its `-quality`; `prior`."""
    from notebooks.beyond.passing.prior import Prior  # here, so that the other records do not depend on its code

    unique = [digits] if isinstance(digits, int) else list(dict.fromkeys(digits))
    chosen: dict[str, Any] = {"count": count, "components": components, "generations": generations, "seed": seed}
    return {
        **{f"modes-{digit}": Modes.at(scale, digit=digit, **chosen) for digit in unique},
        "parametrised": Parametrised.at(scale, seed=seed),
        "parametrised-quality": ParametrisedQuality.at(scale, seed=seed),
        "prior": Prior.at(scale, seed=seed),
    }
