"""Chapter `gan-scores`: parts of a GAN's score, its search's budget; here its time, and the GANs of PyOD."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from pyod.models import alad, anogan, vae
from torch import Tensor, nn

from anogen import datasets
from anogen.datasets.dataset import unit
from anogen.detectors.gan import latent_search, wgan_gp
from anogen.detectors.gan.anogan import EGBAD, AdversarialVAE, AnoGAN, FAnoGAN, GANDetector, GANomaly
from anogen.detectors.gan.latent_search import LatentSearchConfig
from anogen.detectors.gan.networks import init_normal
from anogen.detectors.gan.objectives import Generator, Sizes, init_weights, kl_divergence
from anogen.detectors.gan.training import TrainStep, train
from anogen.detectors.mixins import seeded
from anogen.metrics.detection import roc_auc
from companion.datasets import heartbeats
from companion.experiment import Arrays, Experiment, Inputs
from notebooks.review.gan_challenges.one_class import choose, test_rows
from notebooks.review.gan_scores.score_parts import ScoreParts
from notebooks.review.gan_scores.search_budget import STARTS, LatentSizes, SearchBudget
from notebooks.tailored.common.wgan import TailoredClassifier, TailoredGAN, training_data

PYOD = ("AnoGAN (PyOD)", "ALAD (PyOD)", "VAE (PyOD)")
OURS: dict[str, tuple[type[GANDetector], dict[str, Any]]] = {
    "AnoGAN": (AnoGAN, {"settings": LatentSearchConfig(limit=100)}),
    "f-AnoGAN": (FAnoGAN, {}),
    "EGBAD": (EGBAD, {}),
    "EGBAD with cycle": (EGBAD, {"cycle": 1.0}),
    "GANomaly": (GANomaly, {}),
    "VAE": (AdversarialVAE, {"adversarial": False}),
    "adversarial VAE": (AdversarialVAE, {}),
}
METHODS = (*PYOD, *OURS)
TRAININGS = {"parts": 5, "budget": 5, "sizes": 5}  # seeds of the GANs
PIXELS = 784


@dataclass(frozen=True, kw_only=True)
class GanTimes(Experiment):
    """Times of a search by the dimension of the latent space and by starts, and of two trainings (c-08, c-25, c-40).

    The time of a search of a given number of steps does not depend on the weights, so nothing is trained for it. The
    trainings are those of the WGAN-GP and of the classifier that it is tailored to, on the same images: an iteration
    of each is timed and multiplied by how many it has.

    Arrays, for D `dimensions`, K `starts` and R repeats: `iterations` (2,), of GAN and classifier. Measurements, off
    at quick, all processor seconds: `dimension_seconds` (R, D) and `start_seconds` (R, K), of the search for one row;
    `iteration_seconds` (R, 2).
    """

    name = "gan-times"
    quick: ClassVar = {"dataset": "mnist-5k", "repeats": 1, "length": 2, "timed": False}
    least: ClassVar = {"repeats": 1, "length": 1, "trained": 1}
    timings: ClassVar = ("dimension_seconds", "start_seconds", "iteration_seconds")

    dataset: str = "mnist"
    dimensions: tuple[int, ...] = LatentSizes.dimensions
    starts: tuple[int, ...] = STARTS
    repeats: int = 7
    length: int = 100  # steps of a search
    trained: int = 8  # iterations of a training that are timed
    timed: bool = True

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Time everything in turn, `repeats` times."""
        found: Arrays = {
            "dimensions": np.array(self.dimensions),
            "starts": np.array(self.starts),
            "iterations": np.array([TailoredGAN.iterations, TailoredClassifier.iterations]),
        }
        if not self.timed:
            return found
        measured = {
            "dimension_seconds": [self.searched(d, 1) for d in self.dimensions],
            "start_seconds": [self.searched(LatentSizes.dimensions[1], k) for k in self.starts],
            "iteration_seconds": [self.gan(), self.classifier()],
        }
        for name, runs in measured.items():
            for run in runs:
                run()  # the first run is slower
            found[name] = np.array([[processor_seconds(run) for run in runs] for _ in range(self.repeats)])
        found["iteration_seconds"] /= self.trained
        return found

    def searched(self, dimension: int, starts: int) -> Callable[[], Any]:
        """Return a search for one row, from a number of starts one after the other."""
        generator = init_weights({"generator": Generator(Sizes(PIXELS, dimension))}, self.seed)["generator"]
        source = torch.Generator().manual_seed(self.seed)
        x, z = torch.rand(1, PIXELS, generator=source), torch.randn(starts, 1, dimension, generator=source)

        def loss(z: Tensor) -> Tensor:
            return latent_search.residual(x, generator(z))

        return lambda: [latent_search.find(loss, one, LatentSearchConfig(limit=self.length)) for one in z]

    def gan(self) -> Callable[[], Any]:
        """Return some iterations of the WGAN-GP."""
        plan = TailoredGAN(dataset=self.dataset).plan
        networks = wgan_gp.pair(plan)
        for network in networks.values():
            init_normal(network, self.seed)
        return self.training(networks, wgan_gp.train_steps(networks, plan, ratio=TailoredGAN.ratio), TailoredGAN.batch)

    def classifier(self) -> Callable[[], Any]:
        """Return some iterations of the classifier."""
        experiment = TailoredClassifier(dataset=self.dataset)
        network = experiment.untrained()
        return self.training({"classifier": network}, experiment.train_steps(network), experiment.batch)

    def training(self, networks: dict[str, nn.Module], players: dict[str, TrainStep], batch: int) -> Callable[[], Any]:
        """Return the timed iterations of a training."""
        data = training_data(self.dataset, batch)
        return lambda: list(train(networks, players, data, iterations=self.trained, seed=self.seed))


def processor_seconds(run: Callable[[], Any]) -> float:
    """Return the processor seconds of a run."""
    began = time.process_time()
    run()
    return time.process_time() - began


@dataclass(frozen=True, kw_only=True)
class PyodGans(Experiment):
    """Detectors of PyOD with their defaults, and ours, on the same rows of one class.

    Arrays, for S seeds and the `METHODS` M: `auc` (S, M); `unlike` (S, M), the median relative difference of two
    scores of the same row; `varied` (S, M), how much copies differ from row to row, in units of how much
    rows do. `template` (S,), the largest error of PyOD's AnoGAN's score, relative, if it is taken for the distance from
    one fixed image; `mean_auc` (S,), of the distance from the mean training row. `divergence` (S, 2), median KL
    of the codes of normal rows by PyOD's VAE and by ours, in nats; `penalty` (S,), what PyOD's loss counts of it.
    """

    name = "pyod-gans"
    axes: ClassVar = ("seeds",)
    quick: ClassVar = {
        "dataset": "mnist-5k", "training": 32, "rows": 10, "seeds": 1, "iterations": 4, "epochs": 1,
    }  # fmt: skip
    least: ClassVar = {"seeds": 1, "iterations": 1, "epochs": 1, "rows": 4, "training": 20}

    dataset: str = "mnist"
    normal: int | str = 4
    training: int = 500
    rows: int = 250  # normal ones, and as many others
    seeds: int = 1
    iterations: int = 1_500  # of ours
    epochs: int = 500  # of PyOD's AnoGAN

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Fit all of them, and score the rows with each twice."""
        data, rng = datasets.load(self.dataset), self.rng(*cell)
        label = data.label(self.normal)
        train = unit(data.x_train[choose(rng, data.y_train == label, self.training)])
        x, labels = test_rows(data, label, self.rows, rng)
        count, seed = int((labels == 0).sum()), int(rng.integers(2**31))
        with seeded(seed):
            theirs = [anogan.AnoGAN(epochs=self.epochs), alad.ALAD(), vae.VAE(verbose=0)]
            for detector in theirs:
                detector.fit(train)
            scores = [(detector.decision_function(x), detector.decision_function(x)) for detector in theirs]
            copies = pyod_copies(theirs[0], theirs[1], theirs[2], x)
            apart = template(theirs[0], x, scores[0][0])
            own, penalty = codes(theirs[2], x[:count])
        for name, (kind, options) in OURS.items():
            model = kind(iterations=self.iterations, random_state=seed, **options)
            list(model.training(train))
            rows = model.unit(x)
            copies.append(varied(model.reconstruct(rows)[1], rows))
            scores.append((model.decision_function(x), model.decision_function(x)))
            if name == "VAE":
                with torch.no_grad():
                    mean, log_variance = model.networks_["encoder"](rows[:count]).chunk(2, dim=1)
                ours = kl_divergence(mean, log_variance).median().item()
        return {
            "template": np.array(apart),
            "auc": np.array([roc_auc(first, labels) for first, _ in scores]),
            "unlike": np.array([np.median(np.abs(first - again) / np.abs(first)) for first, again in scores]),
            "varied": np.array(copies),
            "mean_auc": np.array(roc_auc(np.abs(x - train.mean(axis=0)).sum(axis=1), labels)),
            "divergence": np.array([own, ours]),
            "penalty": np.array(penalty),
        }


def varied(copies: Tensor, rows: Tensor) -> float:
    """Return how much copies (n, d) differ from row to row, in units of how much the rows do."""
    return float(copies.std(dim=0).mean() / rows.std(dim=0).mean())


def template(model: anogan.AnoGAN, x: np.ndarray, scores: np.ndarray) -> float:
    """Return the largest relative error of PyOD's scores (n,) if they are taken for distances from one image g.

    This is mean |x - g| + |D(x) - D(g)|, with g what the generator makes of the bias of its query layer.
    """
    rows = torch.from_numpy(x)
    with torch.no_grad():
        g = model.generator(model.query_model.z_gamma_layer.bias[None])
        expected = (rows - g).abs().mean(dim=1) + (model.discriminator(rows) - model.discriminator(g)).abs()[:, 0]
    return float((np.abs(expected.numpy() - scores) / scores).max())


def pyod_copies(gan: anogan.AnoGAN, pairs: alad.ALAD, coder: vae.VAE, x: np.ndarray) -> list[float]:
    """Return how much the copies of PyOD's three vary; the VAE's are those of standardised rows."""
    rows = torch.from_numpy(x)
    standard = standardised(coder, x)
    with torch.no_grad():
        g = gan.generator(gan.query_model.z_gamma_layer(torch.zeros(len(rows), gan.latent_dim_G)))
        back = pairs.dec(pairs.enc(rows))
        decoded = coder.model.decode(coder.model.encode(standard)[0])
    return [varied(g, rows), varied(back, rows), varied(decoded, standard)]


def standardised(coder: vae.VAE, x: np.ndarray) -> Tensor:
    """Return rows as PyOD's VAE sees them."""
    return torch.from_numpy(((x - coder.X_mean) / (coder.X_std + 1e-8)).astype(np.float32))


def codes(coder: vae.VAE, x: np.ndarray) -> tuple[float, float]:
    """Return the median KL divergence of the codes of PyOD's VAE, and what its loss counts of it."""
    rows, (low, high) = standardised(coder, x), coder.logvar_clip_
    with torch.no_grad():
        mean, log_variance = coder.model.encode(rows)
        given = rows, rows, mean, log_variance
        counted = vae.vae_loss(*given, beta=coder.beta, capacity=coder.capacity, logvar_clip=coder.logvar_clip_)
    return kl_divergence(mean, log_variance.clamp(low, high)).median().item(), counted.item()


def chapter_experiments(
    scale: str = "laptop",
    normal: int | str = 4,
    classes: tuple[int, ...] | list[int] = ScoreParts.classes,
    seeds: int = TRAININGS["parts"],
    iterations: int = ScoreParts.iterations,
    seed: int = 0,
) -> dict[str, Experiment]:
    """Return the experiments of the chapter for the parameters of its notebook."""
    given: dict[str, Any] = {"seed": seed}
    if iterations != ScoreParts.iterations:
        given["iterations"] = iterations
    trainings = {role: {} if scale == "quick" else {"seeds": n} for role, n in TRAININGS.items()}
    several = given | (trainings["parts"] if seeds == TRAININGS["parts"] else {"seeds": seeds})
    several |= {} if tuple(classes) == ScoreParts.classes else {"classes": tuple(classes)}
    experiments: dict[str, Experiment] = {
        "parts": ScoreParts.at(scale, **several),
        "budget": SearchBudget.at(scale, normal=normal, **given, **trainings["budget"]),
        "sizes": LatentSizes.at(scale, normal=normal, **given, **trainings["sizes"]),
        "times": GanTimes.at(scale, seed=seed),
        "pyod": PyodGans.at(scale, normal=normal, **given),
    }
    if scale != "quick":
        beats = {"dataset": heartbeats.NAME, "normal": "N", **trainings["budget"]}
        experiments["budget-beats"] = SearchBudget.at(scale, **beats, **given)
    return experiments
