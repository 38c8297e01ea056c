"""Other readings of AnoRand, its parts alone, and its rivals with the same layers: subclasses that train alike."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from anogen.detectors import anorand as parts
from anogen.detectors.anorand import AnoRand, Outputs, add_noise, block, blocks, detection_loss, reconstruction_loss
from anogen.detectors.stacked_training import Network, Widths, init_weights


class SharedLabels(AnoRand):
    """AnoRand whose synthetic labels come from a separate seed, so that several detectors can share them."""

    label_seed: int = 0

    def training_set(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the training rows (m, d) and their synthetic labels (m,)."""
        return parts.synthetic_training_set(X, self.spread_, self.noise, np.random.default_rng(self.label_seed))


class NoiseOnly(AnoRand):
    """A twentieth of the rows is disturbed, without SMOTE: the other reading of the share (`inc-anorand-03`)."""

    share: ClassVar[float] = parts.ANOMALY_SHARE

    def training_set(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the training rows (m, d) and their labels (m,)."""
        rng = np.random.default_rng(self.random_state)
        chosen = parts.choose_rows(len(X), self.share, rng)
        return label_rows(X[~chosen], self._make_anomalies(X[~chosen], X[chosen], rng))

    def _make_anomalies(self, normal: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return add_noise(rows, self.spread_, self.noise, rng)


class Permuted(NoiseOnly):
    """Another kind of label: each feature's values are permuted among the chosen rows."""

    def _make_anomalies(self, normal: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return rng.permuted(rows, axis=0)


class SmoteFirst(NoiseOnly):
    """SMOTE first, then noise on all of its rows: the other order (`inc-anorand-10`)."""

    share = parts.NOISE_SHARE

    def _make_anomalies(self, normal: np.ndarray, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return add_noise(parts.oversample(normal, rows, rng), self.spread_, self.noise, rng)


class OutputShared(AnoRand):
    """The decoder reads y_mlp instead of the hidden layer below it (`inc-anorand-11`)."""

    def widths(self, d: int) -> tuple[Widths, Widths, Widths]:
        """Return the widths of the blocks."""
        noise_detection, encoder, (_, *decoder) = super().widths(d)
        return noise_detection, encoder, (1 + self.latent, *decoder)

    def forward(self, network: Network, x: Tensor) -> Outputs:
        """Return the outputs of M networks for rows (M, n, d)."""
        noise_detection, encoder, decoder = blocks(network)
        logit = block(noise_detection, x)[1]
        z = torch.cat([logit.sigmoid(), block(encoder, x)[1]], dim=2)
        return Outputs(logit.squeeze(2), block(decoder, z)[1], z)


class Unsquared(AnoRand):
    """The norm of Eq. 2 as printed, not its square (`inc-anorand-07`)."""

    sign: ClassVar[int] = 1  # of the cross entropy

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return w · L_CE + (1 - w) · L_AE for M models, (M,)."""
        copied = ((1 - y) * norm(x - out.reconstruction)).mean(dim=1)
        return self.sign * w * detection_loss(out.logit, y).mean(dim=1) + (1 - w) * copied


class PrintedEquations(Unsquared):
    """Eqs. 2-4 as printed, their cross entropy without a minus (`inc-anorand-04`)."""

    sign = -1


class PrintedExpansion(AnoRand):
    """The expanded loss as printed, one minus in front of both terms (`inc-anorand-05`)."""

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return the printed loss of M models, (M,): anorand-eq-loss-expanded."""
        likelihood = -detection_loss(out.logit, y)
        copied = (1 - y) * norm(x - out.reconstruction)
        return -((1 - w[:, None]) * copied + w[:, None] * likelihood).mean(dim=1)


class NoDetection(AnoRand):
    """Both blocks, but w = 0: the noise detection block only helps the decoder."""

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return L_AE for M models, (M,)."""
        return ((1 - y) * reconstruction_loss(x, out.reconstruction)).mean(dim=1)


class Autoencoder(AnoRand):
    """AnoRand's encoder and decoder alone, trained to reconstruct every row; z_0 = 0. The score is ||x - x̂||."""

    def training_set(self, X: np.ndarray, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows unchanged, all labelled normal."""
        return label_rows(X, X[:0])

    def forward(self, network: Network, x: Tensor) -> Outputs:
        """Return the reconstructions of rows (M, n, d); every logit is 0."""
        _, encoder, decoder = blocks(network)
        z = self.pad(block(encoder, x)[1])
        return Outputs(torch.zeros(x.shape[:2]), block(decoder, z)[1], z)

    def pad(self, z: Tensor) -> Tensor:
        """Put zeros in place of the noise detection block's layer, (M, n, 16) -> (M, n, 32)."""
        return torch.cat([torch.zeros(*z.shape[:2], self.hidden[-1]), z], dim=2)

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return the mean squared difference for M models, (M,)."""
        return reconstruction_loss(x, out.reconstruction).mean(dim=1)

    def combine(self, y_mlp: np.ndarray, y_ae: np.ndarray) -> np.ndarray:
        """Return y_AE, which rises with the distance."""
        return y_ae


class VAE(Autoencoder):
    """The same layers as a variational autoencoder: half of the encoder's output is the logarithm of a variance.

    Trained on ||x - x̂||² / 2 plus the KL divergence to a standard normal distribution; the score is deterministic and
    uses the reconstruction from the mean of the latent vector.
    """

    divergence: Tensor

    def widths(self, d: int) -> tuple[Widths, Widths, Widths]:
        """Return the widths of the blocks."""
        noise_detection, (*encoder, latent), decoder = super().widths(d)
        return noise_detection, (*encoder, 2 * latent), decoder

    def forward(self, network: Network, x: Tensor) -> Outputs:
        """Return the reconstructions of rows (M, n, d), from a random latent vector while gradients are enabled."""
        _, encoder, decoder = blocks(network)
        mean, logarithm = block(encoder, x)[1].chunk(2, dim=2)
        z = mean
        if torch.is_grad_enabled():
            self.divergence = (mean.square() + logarithm.exp() - 1 - logarithm).sum(dim=2) / 2
            z = mean + torch.randn(mean.shape, generator=self.latent_generator_) * (logarithm / 2).exp()
        return Outputs(torch.zeros(x.shape[:2]), block(decoder, self.pad(z))[1], self.pad(mean))

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return the negative evidence bound for M models, up to a constant, (M,)."""
        return ((x - out.reconstruction).square().sum(dim=2) / 2 + self.divergence).mean(dim=1)

    @cached_property
    def latent_generator_(self) -> torch.Generator:
        """The random generator of the latent vectors, separate from that of weights and row orders."""
        return torch.Generator().manual_seed(self.random_state + 1)


def on_pixels(kind: type[AnoRand]) -> type[AnoRand]:
    """Return a subclass for images in [0, 1], whose pixels are not standardised."""

    class Pixels(kind):  # type: ignore[misc, valid-type]
        def standardise(self, X: np.ndarray) -> None:
            super().standardise(X)  # each pixel's standard deviation stays the unit of noise
            self.mean_, self.scale_ = np.zeros(X.shape[1]), np.ones(X.shape[1])

    return Pixels


def label_rows(normal: np.ndarray, anomalies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return all rows (m, d) and their labels (m,): 0 for normal rows, 1 for anomalies."""
    return np.concatenate([normal, anomalies]), np.repeat([0, 1], [len(normal), len(anomalies)])


def norm(x: Tensor) -> Tensor:
    """Return the norm of each row, (M, n, d) -> (M, n); its gradient at 0 is finite."""
    return (x.square().sum(dim=2) + 1e-12).sqrt()


def gradient_norms(detector: AnoRand, rows: np.ndarray, weights: Sequence[float]) -> np.ndarray:
    """Return the norms of the gradients before training, (V, 3), for V values of w.

    They are those of w · L_CE in the noise detection block, of (1 - w) · L_AE in the encoder, and of (1 - w) · L_AE in
    the noise detection block.
    """
    detector.standardise(rows)
    train, labels = detector.training_set(rows, None)
    x, y = detector.scale(train)[None], torch.from_numpy(labels.astype(np.float32))[None]
    generators = [torch.Generator().manual_seed(detector.random_state)]
    network = [weight.requires_grad_() for weight in init_weights(detector.widths(x.shape[2]), generators)]
    out = detector.forward(network, x)
    noise_detection, encoder, _ = blocks(network)
    norms = []
    for w in weights:
        detection = w * detection_loss(out.logit, y).mean()
        reconstruction = (1 - w) * ((1 - y) * reconstruction_loss(x, out.reconstruction)).mean()
        for loss, part in ((detection, noise_detection), (reconstruction, encoder), (reconstruction, noise_detection)):
            gradients = torch.autograd.grad(loss, part, retain_graph=True, allow_unused=True)
            norms.append(float(sum(g.square().sum() for g in gradients if g is not None)) ** 0.5)
    return np.reshape(norms, (len(weights), 3))


class Variant(NamedTuple):
    """One change to AnoRand."""

    detector_class: type[AnoRand]
    title: str  # on the page
    rows: int | None = None  # of the training set, if it differs from the experiment's
    supervised: bool = False


LAYERS = {"-".join(map(str, h)): h for h in ((16, 8), (64, 32), (128, 64), (32,), (64,), (64, 32, 16))}
SIZED = {name: type("Sized", (AnoRand,), {"hidden": widths, "latent": widths[-1]}) for name, widths in LAYERS.items()}
VARIANTS = {
    "reference": Variant(AnoRand, "as this book reads it"),
    "noise-only": Variant(NoiseOnly, "5% disturbed, no SMOTE"),
    "smote-first": Variant(SmoteFirst, "SMOTE before the noise"),
    "permuted": Variant(Permuted, "features permuted among 5%, no noise"),
    "output-shared": Variant(OutputShared, "the decoder is given y_mlp"),
    "unsquared": Variant(Unsquared, "the norm of Eq. 2 as printed"),
    "no-detection": Variant(NoDetection, "w = 0"),
    "autoencoder": Variant(Autoencoder, "encoder and decoder alone"),
    "supervised-mlp": Variant(AnoRand, "real labels, w = 1", supervised=True),
    **{f"layers-{name}": Variant(detector_class, f"layers {name}") for name, detector_class in SIZED.items()},
    # in batches of the source's size
    **{f"rows-{rows}": Variant(AnoRand, f"{rows} training rows", rows) for rows in (500, 2000)},
}
LOSSES = {"mended": AnoRand, "equations as printed": PrintedEquations, "expansion as printed": PrintedExpansion}
# The first axis of the arrays on digits:
MODELS: dict[str, type[AnoRand]] = {"AE": on_pixels(Autoencoder), "VAE": on_pixels(VAE), "AnoRand": on_pixels(AnoRand)}
