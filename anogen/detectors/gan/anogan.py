"""Anomaly detectors of the review, with PyOD's protocol: AnoGAN, f-AnoGAN, EGBAD, GANomaly, an adversarial VAE.

Each defines its networks, its training steps and its reconstruction of a row; training and score are shared.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from pyod.models.base import BaseDetector
from torch import Tensor, nn

from anogen.detectors.gan import latent_search, objectives
from anogen.detectors.gan.latent_search import LatentSearchConfig
from anogen.detectors.gan.objectives import Critic, Encoder, Generator, Sizes, init_weights
from anogen.detectors.gan.training import Data, TrainStep, train
from anogen.detectors.mixins import as_rows, check_fitted, finish_fit
from anogen.errors import require

# Of a score; the last is the distance of ‖z‖ from the mode of its distribution, sqrt(d_z - 1).
PARTS = ("residual", "discrimination", "features", "norm")


@dataclass(eq=False, repr=False)
class GANDetector(BaseDetector):
    """Base class: the score of a row is L_total = (1 - λ) L_res + λ L_disc (Eq. 7) of its reconstruction.

    λ, the `weight`, is that of feature matching (Eq. 6) against the residual (Eq. 4). `latent` is the length d_z of the
    latent vectors, `width` that of each hidden layer; each training stage has `iterations` steps of `batch` rows.
    The fields of the class and of its subclasses are the parameters that scikit-learn's `get_params` and `clone` keep.
    """

    latent: int = 16
    width: int = 64
    iterations: int = 3_000
    batch: int = 64
    weight: float = 0.1
    contamination: float = 0.1
    random_state: int = 0

    def __post_init__(self) -> None:
        super().__init__(contamination=self.contamination)

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Return the networks by name, before training."""
        return {"generator": Generator(sizes), "critic": Critic(sizes.dimension, sizes.width)}

    def stages(self) -> list[dict[str, TrainStep]]:
        """Return the training steps of each stage."""
        raise TypeError(f"{type(self).__name__} defines no training steps: override stages()")

    def reconstruct(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the latent vectors (b, d_z) and the reconstructions (b, d) of rows (b, d)."""
        with torch.no_grad():
            z = self.networks_["encoder"](x)[:, : self.latent]
            return z, self.networks_["generator"](z)

    def training(self, X: np.ndarray) -> Iterator[int]:
        """Train on rows X (n, d), and yield the number of finished iterations after each."""
        rows = as_rows(X)
        require(len(rows) >= 2, f"{len(rows)} rows are too few: give {type(self).__name__} at least 2")
        self.n_features_in_ = rows.shape[1]
        self.low_, high = float(rows.min()), float(rows.max())
        self.span_ = (high - self.low_) or 1.0
        unit = torch.from_numpy(np.rint(255 * (rows - self.low_) / self.span_).astype(np.uint8))
        with torch.random.fork_rng(devices=[]):  # a new layer uses the global generator
            networks = self.networks(Sizes(rows.shape[1], self.latent, self.width))
        self.networks_ = init_weights(networks, self.random_state)
        data, done = Data(unit, torch.zeros(len(unit), dtype=torch.int64), self.batch), 0
        for stage, steps in enumerate(self.stages()):
            seed = self.random_state + 1_000_003 * stage
            for item in train(self.networks_, steps, data, iterations=self.iterations, seed=seed):
                if not isinstance(item, dict):
                    done += 1
                    yield done
        for network in self.networks_.values():
            network.requires_grad_(False)

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Train on the rows X (n, d), whose range becomes [0, 1]; labels are not used."""
        self._set_n_classes(y)
        for _ in self.training(X):
            pass
        return finish_fit(self, X)

    def unit(self, X: np.ndarray) -> Tensor:
        """Return rows scaled to the networks' range, float32; raises `InputError` for rows that do not fit."""
        check_fitted(self, "networks_")
        return torch.from_numpy(((as_rows(X, self) - self.low_) / self.span_).astype(np.float32))

    def parts(self, X: np.ndarray) -> dict[str, np.ndarray]:
        """Return the parts of a score by the names `PARTS`, each (n,)."""
        rows = self.unit(X)
        return self.parts_of(rows, *self.reconstruct(rows))

    def parts_of(self, x: Tensor, z: Tensor, reconstruction: Tensor) -> dict[str, np.ndarray]:
        """Return the parts of rows x, from their latent vectors z and reconstructions."""
        critic = self.networks_["critic"]
        with torch.no_grad():
            values = (
                latent_search.residual(x, reconstruction),
                latent_search.discrimination(critic, reconstruction),
                latent_search.feature_matching(critic, x, reconstruction),
                (z.norm(dim=1) - (self.latent - 1) ** 0.5).abs(),
            )
        return {name: value.double().numpy() for name, value in zip(PARTS, values, strict=True)}

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the anomaly score of every row, (n,); larger is more anomalous."""
        parts = self.parts(X)
        return np.asarray((1 - self.weight) * parts["residual"] + self.weight * parts["features"])


@dataclass(eq=False, repr=False)
class AnoGAN(GANDetector):
    """A GAN and a search of its latent space for the reconstruction of each row with the lowest L_total.

    The `starts` z_0 of the search are the same for every row, and each row stops by itself. A row's score still depends
    on the size of its batch: float32 rounds differently there, and the search amplifies that. Scored alone instead of
    with 11 others, digits (14 x 14 pixels, 1,000 iterations) changed their scores by at most 0.4%, and by 0.05% in the
    median; 30 rows of noise with 6 values (600 iterations) changed them by up to a factor of 3.5.
    """

    settings: LatentSearchConfig | None = None
    starts: int = 1

    def stages(self) -> list[dict[str, TrainStep]]:
        """Train a GAN by the original objective."""
        return [objectives.train_steps(self.networks_, self.latent)]

    def reconstruct(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Search from every start and keep the best end of each row."""
        generator, critic = self.networks_["generator"], self.networks_["critic"]
        loss = latent_search.total(generator, critic, x, self.weight)
        starts = torch.randn(self.starts, self.latent, generator=torch.Generator().manual_seed(self.random_state))
        ends = [latent_search.find(loss, z.expand(len(x), -1), self.settings) for z in starts]
        best = torch.stack([end.loss for end in ends]).argmin(dim=0)
        z = torch.stack([end.z for end in ends])[best, torch.arange(len(x))]
        with torch.no_grad():
            return z, generator(z)


class FAnoGAN(GANDetector):
    """f-AnoGAN: a GAN and an encoder that is trained after it."""

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Add an encoder."""
        return {**super().networks(sizes), "encoder": Encoder(sizes)}

    def stages(self) -> list[dict[str, TrainStep]]:
        """Train the GAN, then the encoder."""
        return [objectives.train_steps(self.networks_, self.latent), objectives.encoder_steps(self.networks_)]


@dataclass(eq=False, repr=False)
class EGBAD(GANDetector):
    """A bidirectional GAN: the encoder is trained with it, by a discriminator of pairs, and by `cycle` consistency."""

    cycle: float = 0.0

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Return an encoder and a discriminator of pairs (x, z)."""
        critic = Critic(sizes.dimension + sizes.latent, sizes.width)
        return {"generator": Generator(sizes), "encoder": Encoder(sizes), "critic": critic}

    def stages(self) -> list[dict[str, TrainStep]]:
        """Train all three together."""
        return [objectives.bidirectional_steps(self.networks_, self.latent, self.cycle)]

    def parts_of(self, x: Tensor, z: Tensor, reconstruction: Tensor) -> dict[str, np.ndarray]:
        """Score the row and its reconstruction, each paired with the same latent vector."""
        parts = super().parts_of(torch.cat((x, z), dim=1), z, torch.cat((reconstruction, z), dim=1))
        return parts | {"residual": latent_search.residual(x, reconstruction).double().numpy()}


class GANomaly(GANDetector):
    """An adversarial autoencoder with a second encoder; the score is the distance of the two codes.

    The authors' code scales the scores by the test set's minimum and maximum; here scores do not depend on test data.
    """

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Add the two encoders."""
        return {**super().networks(sizes), "encoder": Encoder(sizes), "again": Encoder(sizes)}

    def stages(self) -> list[dict[str, TrainStep]]:
        """Train all four together."""
        return [objectives.ganomaly_steps(self.networks_)]

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the mean squared difference of the row's code and its reconstruction's, (n,)."""
        z, reconstruction = self.reconstruct(self.unit(X))
        with torch.no_grad():
            return (z - self.networks_["again"](reconstruction)).square().mean(dim=1).double().numpy()


@dataclass(eq=False, repr=False)
class AdversarialVAE(GANDetector):
    """A β-VAE with a discriminator, in the spirit of the β-VAEGAN of the review's authors.

    Unless `adversarial`, it is a plain β-VAE whose discriminator stays untrained; `beta` weighs the KL divergence.
    """

    beta: float = 0.1
    adversarial: bool = True

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Add an encoder of means and variances."""
        return {**super().networks(sizes), "encoder": Encoder(sizes, variance=True)}

    def stages(self) -> list[dict[str, TrainStep]]:
        """Train all three together."""
        return [objectives.vae_steps(self.networks_, self.latent, self.beta, self.adversarial)]
