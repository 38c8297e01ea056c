"""AnoRand over its weight w (Fig. 3) and over the noise of its synthetic labels (Fig. 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from scipy.stats import spearmanr

from anogen.detectors.anorand import AnoRand, fit_together
from anogen.detectors.anorand_labels import disturbed, synthetic
from anogen.detectors.anorand_training import blocks, detection_loss, initial, outputs, reconstruction_loss
from anogen.metrics.detection import average_precision, roc_auc
from companion.experiment import Arrays, Experiment, Inputs, at_least, fraction, stack
from notebooks.anorand.common import Rows, classification, judged, known, together

W = 0.2  # the weight that the source found best


class Relabelled(AnoRand):
    """AnoRand whose synthetic labels come from a seed of their own, so that others may share them."""

    labels_from: int = 0

    def training_set(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that are trained on, and their synthetic labels."""
        return synthetic(X, self.spread_, self.noise, np.random.default_rng(self.labels_from))


@dataclass(frozen=True, kw_only=True)
class Sweep(Experiment):
    """AnoRand at several values of a parameter, several times, each time on new data; a run trains as one tensor."""

    named: ClassVar = ("setting",)
    quick: ClassVar = {"rows": 1500, "test_rows": 1000, "runs": 2, "epochs": 3}
    tolerance = 0.3  # other rounding in 30,000 steps gives another network of the same kind

    setting: str = "defaults"
    rows: int = 20_000
    test_rows: int = 10_000
    runs: int = 10
    epochs: int = 200
    batch_size: int = 128
    learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        super().__post_init__()
        known(self.setting)
        at_least(1, runs=self.runs, epochs=self.epochs, batch_size=self.batch_size)
        at_least(100, rows=self.rows, test_rows=self.test_rows)

    def cells(self) -> Sequence[tuple]:
        """One cell for each run."""
        return [(run,) for run in range(self.runs)]

    def work(self) -> float:
        """Count rows that are trained on."""
        return float(self.runs * self.epochs * self.rows)

    def data(self, run: int) -> tuple[Rows, int]:
        """Return the data of a run, and the seed of its detectors."""
        seeds = self.rng(run).integers(2**31, size=2).tolist()
        return classification(self.setting, self.rows, self.test_rows, seeds[0]), seeds[1]

    def untrained(self, kind: type[AnoRand], seed: int, **options: float) -> AnoRand:
        """Return an AnoRand with this experiment's training."""
        training = {"epochs": self.epochs, "batch_size": self.batch_size, "learning_rate": self.learning_rate}
        return kind(random_state=seed, **{"w": W, **options, **training})  # type: ignore[arg-type]

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the runs."""
        return stack(parts, self.runs)


@dataclass(frozen=True, kw_only=True)
class Weights(Sweep):
    """AnoRand over w (Fig. 3).

    Arrays, for R runs and V values: `values` (V,); `ap` and `roc` (R, V, 3) of score, y_mlp and y_AE; `alpha` (R, V);
    `quartiles` (R, V, 2) of y_mlp and y_AE in training. A noise detection block alone, with weights of its own but
    the same labels: `mlp_ap`, `mlp_roc` (R,), and `mlp_correlation` (R,), the rank correlation of its output with the
    score of AnoRand at w = 1. `gradients` (V, 3): norms of the gradients of w · L_CE in the noise detection block, of
    (1 - w) · L_AE in the encoder, and of (1 - w) · L_AE in the noise detection block, before training.
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
        detectors = [self.untrained(Relabelled, seed, w=w) for w in self.values]
        plain = self.untrained(Relabelled, seed + 1, w=1.0)
        for one in (*detectors, plain):
            one.labels_from = seed
        fit_together([*detectors, plain], [rows.train] * (len(detectors) + 1))
        of_plain = plain.probabilities(rows.test)[0]
        only_detection = self.values.index(1.0) if 1.0 in self.values else -1
        correlation = spearmanr(detectors[only_detection].decision_function(rows.test), of_plain).statistic
        return together([judged(one, rows) for one in detectors]) | {
            "mlp_ap": np.array(average_precision(of_plain, rows.labels)),
            "mlp_roc": np.array(roc_auc(of_plain, rows.labels)),
            "mlp_correlation": np.array(correlation),
        }

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the runs, and take the gradients."""
        return super().collect(parts, inputs) | {"values": np.array(self.values), "gradients": self.gradients()}

    def gradients(self) -> np.ndarray:
        """Return the norms of the losses' gradients in the blocks, (V, 3)."""
        rows, seed = self.data(0)
        detector = self.untrained(AnoRand, seed)
        detector.standardise(rows.train)
        seen, labels = detector.training_set(rows.train, None)
        x, y = detector.scaled(seen)[None], torch.from_numpy(labels.astype(np.float32))[None]
        start = initial(detector.widths(x.shape[2]), [torch.Generator().manual_seed(seed)])
        network = [weight.requires_grad_() for weight in start]
        out = outputs(network, x)
        noise_detection, encoder, _ = blocks(network)
        norms = []
        for w in self.values:
            detection = w * detection_loss(out.logit, y).mean()
            copied = (1 - w) * ((1 - y) * reconstruction_loss(x, out.copy)).mean()
            of = ((detection, noise_detection), (copied, encoder), (copied, noise_detection))
            norms.append([_norm(one, weights) for one, weights in of])
        return np.array(norms)


def _norm(loss: torch.Tensor, weights: list[torch.Tensor]) -> float:
    """Return the norm of a loss's gradient in weights that it may not depend on."""
    gradients = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
    return float(sum(g.square().sum() for g in gradients if g is not None)) ** 0.5


@dataclass(frozen=True, kw_only=True)
class Noise(Sweep):
    """AnoRand over the noise of its synthetic labels (Fig. 4), in units of each feature's standard deviation.

    Arrays as those of `Weights`, and `synthetic_roc` (R, V): ROC AUC of y_mlp where normal test rows are to be told
    from the same rows with such noise.
    """

    name = "anorand-noise"
    quick: ClassVar = {**Sweep.quick, "values": (0.02, 0.52, 1.0)}

    values: tuple[float, ...] = (0.02, 0.12, 0.22, 0.32, 0.42, 0.52, 0.68, 0.84, 1.0)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Train at every noise on one data set."""
        rows, seed = self.data(*cell)
        detectors = [self.untrained(AnoRand, seed, noise=noise) for noise in self.values]
        fit_together(detectors, [rows.train] * len(detectors))
        normal = rows.test[rows.labels == 0]
        told = []
        for one in detectors:
            noisy = disturbed(normal, one.spread_, one.noise, self.rng(*cell, 1))
            y_mlp = one.probabilities(np.concatenate([normal, noisy]))[0]
            told.append(roc_auc(y_mlp, np.repeat([0, 1], len(normal))))
        return together([judged(one, rows) for one in detectors]) | {"synthetic_roc": np.array(told)}

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the runs."""
        return super().collect(parts, inputs) | {"values": np.array(self.values)}
