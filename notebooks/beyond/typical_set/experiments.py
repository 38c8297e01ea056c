"""Chapter `typical-set`: the lowest scores of detectors, samples that score as real images do, and real images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from pyod.models.gmm import GMM
from pyod.models.kde import KDE

from anogen import datasets
from anogen.datasets import OneClass
from anogen.detectors import fit_spec
from anogen.errors import InputError
from anogen.generators.generation import generate
from anogen.scorers import Optimum, Scorer, make_scorer
from companion.experiment import Arrays, Experiment, Inputs, digits
from companion.studies import fidelity
from companion.studies.ensemble import EnsembleJudge
from companion.studies.ensemble_training import required
from companion.studies.evaluation_data import DetectorExperiment, score_rows

SLOW = ("kde", "ocsvm")  # their scores sum over the training images: they are fitted to `few`
FIXED = ("gmm", "kde", "pca", "ocsvm", "hbos")  # trained without random numbers: the claims count these
DETECTORS = (*FIXED, "cblof", "iforest", "deep-svdd", "autoencoder")
KINDS = ("found", "mode", "typical", "exact", "real", "noise")
QUICK = {"digits": [4], "detectors": ["gmm", "hbos"]}
SPLIT, EVOLVED, CHAINS, EXACT, NOISE, FEW = range(1, 7)  # keys of the seeds


@dataclass(frozen=True, kw_only=True)
class TypicalSet(Experiment):
    """Images of several kinds for each detector of a digit, with their scores and the judgements of the ensemble.

    A kind is an image found by a short evolution; the mode, which is the known optimum in [0, 1] or, without one, the
    found image; samples of exp(-score / T), T being the temperature at which their mean score is that of held-out
    images; exact draws of a Gaussian's and a KDE's own density, clipped to [0, 1] but for their scores; real images;
    noise. Sets have `count` images, those of a found image and of a mode one. KDE and OCSVM are fitted to `few`
    of the training images, because their scores sum over them.

    Arrays, for D detectors and `KINDS`, NaN or 0 where a detector lacks a kind: `images` (D, 6, shown, d) uint8, some
    of them, with `shown_scores` (D, 6, shown); `scores` (D, 6), the mean of all; `accepted` and `recognised` (D, 6),
    the shares that are normal looking and that at least three of four classifiers recognise; `coverage` (D, 6) of
    `count` held-out images; `real_scores` (D, n) of all held-out images; `kinds` (D,), how the mode is known: "proved",
    "numerical" or "found"; `statuses` (D,), "mixed", "not mixed" or, if the chains reach none that fits, "no
    temperature"; `temperatures`, `targets`, `r_hat`, `ess`, `acceptance` (D,).
    """

    name = "typical-set"
    quick: ClassVar = {
        "dataset": "mnist-5k", "detectors": ("gmm", "hbos"), "count": 8, "generations": 20, "iterations": 32,
    }  # fmt: skip
    least: ClassVar = {"count": 8, "generations": 1, "iterations": 16, "chains": 2}
    named: ClassVar = ("dataset", "digit")
    axes: ClassVar = ("detectors",)
    effort: ClassVar = ("iterations",)
    listed: ClassVar = {"detectors": "detectors", "count": "count"}

    dataset: str = "mnist"
    digit: int = 4
    detectors: tuple[str, ...] = DETECTORS
    generations: int = 1_000
    population: int = 50
    iterations: int = 2_000
    chains: int = 4
    replicas: int = 4
    count: int = 64
    few: int = 1_000
    shown: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.digit)

    def requires(self) -> dict[str, Experiment]:
        """Need the ensemble of classifiers."""
        return {"ensemble": required(self.scale)["ensemble"]}

    @property
    def data(self) -> OneClass:
        """The images, the digit being the normal class."""
        return datasets.load(self.dataset).one_class(self.digit)

    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return `count` held-out images to be covered, and `count` others, which are the real ones."""
        normal = self.data.test_normal
        first, second = np.split(normal[self.rng(SPLIT).permutation(len(normal))[: 2 * self.count]], 2)
        return first, second

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Generate, score and judge the images of one detector."""
        (spec,) = cell
        detector, scorer = self.fit(spec)
        normal, optimum = self.data.test_normal, scorer.optimum_in_box()
        found = self.evolve(scorer)
        typical, diagnosed = self.sample(scorer)
        sets = {
            "found": found,
            "mode": found if optimum is None else lowest(optimum),
            "typical": typical,
            "exact": self.draw_exactly(detector),
            "real": self.held_out()[1],
            "noise": self.rng(NOISE).random((self.count, normal.shape[1])),
        }
        judge = EnsembleJudge(inputs["ensemble"], self.data.image_shape)
        parts = [self.measure(sets[kind], scorer, judge) for kind in KINDS]
        return {key: np.stack([part[key] for part in parts]) for key in parts[0]} | {
            "real_scores": score_rows(scorer, torch.from_numpy(normal)),
            "kinds": np.array("found" if optimum is None else optimum.status),
            **diagnosed,
        }

    def fit(self, spec: str) -> tuple[Any, Scorer]:
        """Return the fitted detector, the same as in other chapters unless it is slow, and its scorer."""
        train = self.data.X_train
        if spec in SLOW:
            detector = fit_spec(spec, train[self.rng(FEW).permutation(len(train))[: self.few]], self.seed)
            return detector, make_scorer(detector, train.shape[1])
        trained = DetectorExperiment(dataset=self.dataset, detector=spec, normal=self.digit, seed=self.seed)
        return trained.fitted_detector(), trained.scorer()

    def evolve(self, scorer: Scorer) -> np.ndarray:
        """Return the best image of a short search from noise, (1, d)."""
        first = int(self.rng(EVOLVED).integers(2**31))
        options: dict[str, Any] = {"n_generations": self.generations, "population_size": self.population}
        return generate(scorer, "evolution", random_state=first, **options).samples

    def sample(self, scorer: Scorer) -> tuple[np.ndarray, Arrays]:
        """Return samples (count, d) that score as held-out images do, evenly spaced in the chains, and diagnostics."""
        first, held_out = int(self.rng(CHAINS).integers(2**31)), self.held_out()[0]
        options: dict[str, Any] = {"n_samples": self.chains, "n_iterations": self.iterations, "held_out": held_out}
        options["population_size"] = self.replicas
        try:
            result = generate(scorer, "sample", random_state=first, **options)
        except InputError as error:
            if "no temperature makes them equal" not in str(error):
                raise
            nothing = dict.fromkeys(("temperatures", "targets", "r_hat", "ess", "acceptance"), np.array(np.nan))
            return np.empty((0, held_out.shape[1])), nothing | {"statuses": np.array("no temperature")}
        draws, report = result.draws, result.diagnostics
        assert draws is not None and report is not None
        each = -(-self.count // self.chains)
        chosen = np.linspace(0, draws.shape[1] - 1, each).round().astype(int)
        return draws[:, chosen].reshape(-1, draws.shape[2])[: self.count], {
            "statuses": np.array(report.status),
            "temperatures": np.array(result.parameters["temperature"]),
            "targets": np.array(report.target_score),
            "r_hat": np.array(report.r_hat),
            "ess": np.array(min(report.ess_bulk, report.ess_tail)),
            "acceptance": np.array(np.mean(report.acceptance)),
        }

    def draw_exactly(self, detector: Any) -> np.ndarray:
        """Return independent draws (count, d) of a Gaussian's or a KDE's density on all real numbers, else none."""
        if isinstance(detector, KDE):
            return np.asarray(detector.kde_.sample(self.count, int(self.rng(EXACT).integers(2**31))))
        if isinstance(detector, GMM) and detector.n_components == 1:
            mean, covariance = detector.means_[0], detector.covariances_[0]
            return self.rng(EXACT).multivariate_normal(mean, covariance, self.count, method="cholesky")
        return np.empty((0, self.data.X_train.shape[1]))

    def measure(self, rows: np.ndarray, scorer: Scorer, judge: EnsembleJudge) -> Arrays:
        """Return some images of a set (n, d), its mean score, and its judgements; NaN for an empty set."""
        images, scores = np.zeros((self.shown, self.data.X_train.shape[1]), np.uint8), np.full(self.shown, np.nan)
        if not len(rows):
            missing = dict.fromkeys(("scores", "accepted", "recognised", "coverage"), np.array(np.nan))
            return {"images": images, "shown_scores": scores} | missing
        pixels, all_scores = rows.clip(0, 1), score_rows(scorer, torch.from_numpy(rows))
        some = np.linspace(0, len(rows) - 1, min(self.shown, len(rows))).astype(int)
        images[: len(some)], scores[: len(some)] = np.rint(255 * pixels[some]), all_scores[some]
        judged = judge.predict(pixels, datasets.load(self.dataset).label(self.digit))
        reference = judge.features(self.held_out()[0])
        alike = np.resize(pixels, (self.count, pixels.shape[1]))
        return {
            "images": images,
            "shown_scores": scores,
            "scores": all_scores.mean(),
            "accepted": judged["normal_looking"].mean(),
            "recognised": judged["recognisable"].mean(),
            "coverage": np.array(fidelity.manifold(judge.features(alike), reference).coverage),
        }


def lowest(optimum: Optimum) -> np.ndarray:
    """Return one of the rows of an optimum, (1, d)."""
    return optimum.samples[:1].numpy()


def chapter_experiments(
    scale: str = "laptop",
    digits: int | Sequence[int] = (3, 4),
    detectors: str | Sequence[str] = DETECTORS,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiment of each digit: `digit-3`, `digit-4`."""
    chosen = [digits] if isinstance(digits, int) else list(dict.fromkeys(digits))
    names = [detectors] if isinstance(detectors, str) else list(dict.fromkeys(detectors))
    shared = {"detectors": tuple(names), "seed": seed}
    return {f"digit-{digit}": TypicalSet.at(scale, digit=digit, **shared) for digit in chosen}
