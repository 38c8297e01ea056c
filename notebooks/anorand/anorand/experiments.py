"""Chapter `anorand`: its experiments; here AnoRand over its weight (Fig. 3), its noise (4), and on digits (6, 7)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.ndimage import laplace
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, silhouette_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from anogen import datasets
from anogen.detectors.anorand import AnoRand, add_noise, fit_together, n_synthetic
from anogen.errors import InputError
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays, Experiment, Inputs, digits, fraction, stack
from notebooks.anorand.anorand.variants import MODELS, SharedLabels, gradient_norms
from notebooks.anorand.common import SETTINGS, Rows, classification, measure

# Fewer than the source's 20,000 rows and ten runs, for time; with four runs, no paired p is below 0.05.
RUNS: dict[str, dict[str, Any]] = {"informative": {"rows": 10_000, "runs": 5}}
LATENTS = ("z", "z_1")  # the decoder's input, and the encoder's part of it
SHOWN = 6  # images of each digit that are kept with their reconstructions


def chapter_experiments(
    scale: str = "laptop",
    seed: int = 0,
    settings: Any = tuple(SETTINGS),
    normal: int = 1,
    anomaly: int = 7,
    digit: int = 4,
    generations: int | None = None,
    drawn: Any = ("anorand", "autoencoder"),
) -> dict[str, Experiment]:
    """Return the experiments by role: each setting's sweeps (Figs. 3, 4), `digits` (6, 7), parts, evolved images."""
    # imported here: the digest of this module's experiments need not cover them
    from companion.studies.evaluation_data import generations_of
    from companion.studies.retraining import Retraining, RetrainingQuality
    from notebooks.anorand.anorand.ablation import Ablation, Labels, Measures, Signs

    experiments: dict[str, Experiment] = {}
    for setting in [settings] if isinstance(settings, str) else settings:
        options = {"setting": setting, "seed": seed, **({} if scale == "quick" else RUNS.get(setting, {}))}
        experiments[f"weights-{setting}"] = WeightSweep.at(scale, **options)
        experiments[f"noise-{setting}"] = NoiseSweep.at(scale, **options)
    if scale != "quick" and seed == 0:  # ten more runs, for a claim on two values of w
        further = {"setting": "informative", "values": (0.0, 0.2), **RUNS["informative"], "runs": 10}
        experiments["weights-further"] = WeightSweep.at(scale, **further, seed=1)
    for detector in [drawn] if isinstance(drawn, str) else drawn:
        options = {"detector": detector, "normal": digit, "trainings": 2, "starts": 3, "seed": seed}
        if scale != "quick" or generations is not None:
            options["generations"] = generations or generations_of(detector)
        experiments[f"drawn-{detector}"] = Retraining.at(scale, **options)
        experiments[f"drawn-{detector}-quality"] = RetrainingQuality.at(scale, **options)
    experiments["digits"] = Digits.at(scale, seed=seed, normal=normal, anomaly=anomaly)
    parts: dict[str, type[Experiment]] = {"labels": Labels, "ablation": Ablation, "signs": Signs, "measures": Measures}
    return experiments | {role: experiment.at(scale, seed=seed) for role, experiment in parts.items()}


@dataclass(frozen=True, kw_only=True)
class Sweep(Experiment):
    """AnoRand at several values of a parameter, several times, each time on new data; a run trains as one tensor."""

    named: ClassVar = ("setting",)
    quick: ClassVar = {"rows": 1500, "test_rows": 1000, "runs": 2, "epochs": 3}
    least: ClassVar = {"runs": 1, "epochs": 1, "batch_size": 1, "rows": 100, "test_rows": 100}
    listed: ClassVar = {"values": "values"}
    axes = ("runs",)
    effort: ClassVar = ("epochs", "rows")

    setting: str = "defaults"
    rows: int = 20_000
    test_rows: int = 10_000
    runs: int = 10
    epochs: int = 200
    batch_size: int = 128
    learning_rate: float = 1e-4
    values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.setting not in SETTINGS:
            raise InputError(f"unknown setting {self.setting!r}: choose one of {', '.join(SETTINGS)}")

    def data(self, run: int) -> tuple[Rows, int]:
        """Return the data of a run, and the seed of its detectors."""
        seeds = self.rng(run).integers(2**31, size=2).tolist()
        return classification(self.setting, self.rows, self.test_rows, seeds[0]), seeds[1]

    def make_detector(self, detector_class: type[AnoRand], seed: int, **options: float) -> Any:
        """Return an unfitted AnoRand with this experiment's training, and the weight that the source found best."""
        training = {"epochs": self.epochs, "batch_size": self.batch_size, "learning_rate": self.learning_rate}
        return detector_class(random_state=seed, **{"w": 0.2, **options, **training})  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class WeightSweep(Sweep):
    """AnoRand over w (Fig. 3).

    Arrays, for R runs and V values: `values` (V,); `ap` and `roc` (R, V, 3) of score, y_mlp and y_AE; `alpha` (R, V);
    `quartiles` (R, V, 2) of y_mlp and y_AE in training. A noise detection block alone, with weights of its own but
    the same labels: `mlp_ap`, `mlp_roc` (R,), and `mlp_correlation` (R,), the rank correlation of its output with the
    score of AnoRand at w = 1. `gradients` (V, 3): `gradient_norms`.
    """

    name = "anorand-weights"
    quick: ClassVar = {**Sweep.quick, "values": (0.0, 0.2, 1.0)}

    values: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        fraction(**{f"values[{i}]": value for i, value in enumerate(self.values)})

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train at every w, and the plain network, on one data set."""
        rows, seed = self.data(*cell)
        detectors = [self.make_detector(SharedLabels, seed, w=w) for w in self.values]
        plain = self.make_detector(SharedLabels, seed + 1, w=1.0)
        for detector in (*detectors, plain):
            detector.label_seed = seed
        fit_together([*detectors, plain], [rows.train] * (len(detectors) + 1))
        plain_output = plain.probabilities(rows.test)[0]
        detection_only = detectors[self.values.index(1.0) if 1.0 in self.values else -1].decision_function(rows.test)
        return stack([measure(d, rows) for d in detectors], len(detectors)) | {
            "mlp_ap": np.array(average_precision(plain_output, rows.labels)),
            "mlp_roc": np.array(roc_auc(plain_output, rows.labels)),
            "mlp_correlation": np.array(spearmanr(detection_only, plain_output).statistic),
        }

    def common(self, inputs: Inputs) -> Arrays:
        """Return the values of w, and the norms of the gradients."""
        rows, seed = self.data(0)
        detector = self.make_detector(AnoRand, seed)
        return super().common(inputs) | {"gradients": gradient_norms(detector, rows.train, self.values)}


@dataclass(frozen=True, kw_only=True)
class NoiseSweep(Sweep):
    """AnoRand over the noise of its synthetic labels (Fig. 4), in units of each feature's standard deviation.

    Arrays as those of `WeightSweep`, and `synthetic_roc` (R, V): ROC AUC of y_mlp between normal test rows and the same
    rows with such noise.
    """

    name = "anorand-noise"
    quick: ClassVar = {**Sweep.quick, "values": (0.02, 0.52, 1.0)}

    values: tuple[float, ...] = (0.02, 0.12, 0.22, 0.32, 0.42, 0.52, 0.68, 0.84, 1.0)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train at every noise on one data set."""
        rows, seed = self.data(*cell)
        detectors = [self.make_detector(AnoRand, seed, noise=noise) for noise in self.values]
        fit_together(detectors, [rows.train] * len(detectors))
        normal = rows.test[rows.labels == 0]
        synthetic_roc = []
        for detector in detectors:
            noisy = add_noise(normal, detector.spread_, detector.noise, self.rng(*cell, 1))
            y_mlp = detector.probabilities(np.concatenate([normal, noisy]))[0]
            synthetic_roc.append(roc_auc(y_mlp, np.repeat([0, 1], len(normal))))
        return stack([measure(d, rows) for d in detectors], len(detectors)) | {"synthetic_roc": np.array(synthetic_roc)}


@dataclass(frozen=True, kw_only=True)
class Digits(Experiment):
    """Three networks with the same layers learn ones, of which 5% are sevens (Figs. 6 and 7).

    Arrays, for K models and S seeds: `ap` and `roc` (K, S, 3) of score, y_mlp and y_AE, on the held-out ones and enough
    held-out sevens to make 5% of the whole; `false_alarms` (K, S), the share of ones that score above all but 5% of the
    sevens; `missed` (K, S), the share of sevens that score below all but 5% of the ones; `errors` (K, S, 3), the mean
    squared error of a pixel over ones, sevens and both; `silhouette` and `probe` (K, S, 2), for `LATENTS`: of the
    true labels, and balanced accuracy of a logistic regression fitted to the other half; `laplacian` (K, S, 3), mean
    |Laplacian| of held-out images, of their reconstructions, and the quotient; `alpha` (K, S), `quartiles` (K, S, 2).
    Of the first seed: `plane` (K, n, 2), the latent vectors z on their first two principal axes; `plane_labels` (n,);
    `originals` (2, 6, d) and `copies` (K, 2, 6, d), their reconstructions.
    """

    name = "anorand-digits"
    named: ClassVar = ("dataset",)
    quick: ClassVar = {"dataset": "mnist-5k", "seeds": 2, "epochs": 2}
    least: ClassVar = {"seeds": 1, "epochs": 1}
    models = tuple(MODELS)
    axes = ("models",)

    dataset: str = "mnist"
    normal: int = 1
    anomaly: int = 7
    seeds: int = 5
    noise: float = 1.0
    w: float = 0.2
    epochs: int = 200
    batch_size: int = 128
    learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        digits(self.normal, self.anomaly)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train and measure one kind of model from every seed; the seeds train as one tensor."""
        sets = [self._data(seed) for seed in range(self.seeds)]
        options = {name: getattr(self, name) for name in ("w", "noise", "epochs", "batch_size", "learning_rate")}
        detectors = [MODELS[cell[0]](random_state=seed, **options) for seed in range(self.seeds)]
        fit_together(detectors, [rows.train for rows in sets])
        held_out, labels = self.held_out()
        parts = [self._measure(d, rows, held_out, labels) for d, rows in zip(detectors, sets, strict=True)]
        return stack(parts, self.seeds) | self._pictures(detectors[0], held_out, labels)

    def _data(self, seed: int) -> Rows:
        data, rng = datasets.load(self.dataset), self.rng(seed)
        ones, sevens = (data.x_train[data.y_train == digit] for digit in (self.normal, self.anomaly))
        chosen = rng.choice(len(sevens), n_synthetic(len(ones), 0), replace=False)
        train = _as_rows(np.concatenate([ones, sevens[chosen]]))
        held_out, labels = self.held_out()
        normal, anomalous = np.flatnonzero(labels == 0), np.flatnonzero(labels)
        test = np.concatenate([normal, rng.choice(anomalous, n_synthetic(len(normal), 0), replace=False)])
        return Rows(train, np.repeat([0, 1], [len(ones), len(chosen)]), held_out[test], labels[test])

    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all held-out images of both digits, (n, d), and their labels, 1 for the anomalous digit."""
        data = datasets.load(self.dataset)
        chosen = np.isin(data.y_test, (self.normal, self.anomaly))
        return _as_rows(data.x_test[chosen]), (data.y_test[chosen] == self.anomaly).astype(np.int8)

    def _measure(self, detector: AnoRand, rows: Rows, held_out: np.ndarray, labels: np.ndarray) -> Arrays:
        scores, reconstructions = detector.decision_function(held_out), detector.reconstruct(held_out)
        normal, anomalous = scores[labels == 0], scores[labels == 1]
        squared = np.square(reconstructions - held_out).mean(axis=1)
        sharp, blurred = (_mean_laplacian(images) for images in (held_out, reconstructions))
        z = detector.latents(held_out)
        latents = (z, z[:, -detector.latent :])
        return measure(detector, rows) | {
            "false_alarms": np.array((normal >= np.quantile(anomalous, 0.05)).mean()),
            "missed": np.array((anomalous <= np.quantile(normal, 0.95)).mean()),
            "errors": np.array([squared[labels == 0].mean(), squared[labels == 1].mean(), squared.mean()]),
            "silhouette": np.array([silhouette_score(z, labels) for z in latents]),
            "probe": np.array([_probe_accuracy(z, labels) for z in latents]),
            "laplacian": np.array([sharp, blurred, blurred / sharp]),
        }

    def _pictures(self, detector: AnoRand, held_out: np.ndarray, labels: np.ndarray) -> Arrays:
        """Return the latent plane, and the reconstructions of a few images."""
        z = detector.latents(held_out).astype(np.float64)
        z -= z.mean(axis=0)
        axes = np.linalg.svd(z, full_matrices=False)[2][:2]
        axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]  # the sign of an axis is arbitrary
        shown = np.stack([np.flatnonzero(labels == label)[:SHOWN] for label in (0, 1)])
        return {
            "plane": (z @ axes.T).astype(np.float32),
            "copies": _as_uint8(detector.reconstruct(held_out[shown.ravel()])).reshape(2, SHOWN, -1),
        }

    def common(self, inputs: Inputs) -> Arrays:
        """Return the labels of the latent plane, and the images next to their reconstructions."""
        held_out, labels = self.held_out()
        originals = [_as_uint8(held_out[labels == label][:SHOWN]) for label in (0, 1)]
        return {"plane_labels": labels, "originals": np.stack(originals)}


def _as_rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float64) / 255


def _as_uint8(x: np.ndarray) -> np.ndarray:
    return (x.clip(0, 1) * 255).round().astype(np.uint8)


def _mean_laplacian(rows: np.ndarray) -> float:
    side = round(rows.shape[1] ** 0.5)
    return float(np.abs([laplace(image) for image in rows.reshape(-1, side, side)]).mean())


def _probe_accuracy(z: np.ndarray, labels: np.ndarray) -> float:
    """Return the balanced accuracy on every second vector of a logistic regression fitted to the others."""
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, class_weight="balanced"))
    return float(balanced_accuracy_score(labels[1::2], linear.fit(z[::2], labels[::2]).predict(z[1::2])))
