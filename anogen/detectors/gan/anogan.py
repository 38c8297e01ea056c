"""Anomaly detectors of the review, by PyOD's protocol: AnoGAN, f-AnoGAN, EGBAD, GANomaly, an adversarial VAE.

Each is its networks, its players and how it copies a row; training, search and score are shared.
"""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import torch
from pyod.models.base import BaseDetector
from torch import Tensor, nn

from anogen.detectors.gan import encoders as inverse
from anogen.detectors.gan import latent_search as search
from anogen.detectors.gan import objectives
from anogen.detectors.gan.perceptrons import Encoder, Judge, Maker, Sizes, started
from anogen.detectors.gan.training import Data, Player, train
from anogen.errors import InputError

PARTS = ("residual", "discrimination", "features", "norm")


class Adversarial(BaseDetector):
    """What they share. The score is L_total = (1 - λ) L_res + λ L_disc (Eq. 7), of the row and its copy.

    Parameters
    ----------
    latent, width : of the networks.
    iterations, batch : of the training; each stage of a training in stages has as many.
    weight : λ, of feature matching (Eq. 6) beside the residual (Eq. 4).
    random_state : the same seed gives the same bits.
    """

    def __init__(
        self,
        latent: int = 16,
        width: int = 64,
        iterations: int = 3_000,
        batch: int = 64,
        weight: float = 0.1,
        contamination: float = 0.1,
        random_state: int = 0,
    ) -> None:
        super().__init__(contamination=contamination)
        self.latent, self.width, self.iterations, self.batch = latent, width, iterations, batch
        self.weight, self.random_state = weight, random_state

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Return the networks by name, before training."""
        return {"generator": Maker(sizes), "critic": Judge(sizes.dimension, sizes.width)}

    def stages(self) -> list[dict[str, Player]]:
        """Return the players of each stage of the training."""
        raise TypeError(f"{type(self).__name__} has no players")

    def copies(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the latent vectors of rows (b, d), (b, d_z), and the copies made of them, (b, d)."""
        with torch.no_grad():
            z = self.networks_["encoder"](x)[:, : self.latent]
            return z, self.networks_["generator"](z)

    def training(self, X: np.ndarray) -> Iterator[int]:
        """Train on rows X (n, d), and yield after each iteration how many are done."""
        rows = np.asarray(X, dtype=np.float64)
        if rows.ndim != 2 or len(rows) < 2:
            raise InputError(f"training data of shape {rows.shape} are no rows: give (n, d) with n of 2 or more")
        self.low_, high = float(rows.min()), float(rows.max())
        self.span_ = (high - self.low_) or 1.0
        unit = torch.from_numpy(np.rint(255 * (rows - self.low_) / self.span_).astype(np.uint8))
        sizes = Sizes(rows.shape[1], self.latent, self.width)
        self.networks_ = started(self.networks(sizes), self.random_state)
        data, done = Data(unit, torch.zeros(len(unit), dtype=torch.int64), self.batch), 0
        for stage, sides in enumerate(self.stages()):
            given: dict[str, Any] = {"iterations": self.iterations, "seed": self.random_state + 1_000_003 * stage}
            for item in train(self.networks_, sides, data, **given):
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
        self.decision_scores_ = self.decision_function(X)
        self._process_decision_scores()
        return self

    def unit(self, X: np.ndarray) -> Tensor:
        """Return rows as the networks see them, float32."""
        return torch.from_numpy(((np.asarray(X, dtype=np.float64) - self.low_) / self.span_).astype(np.float32))

    def parts(self, X: np.ndarray) -> dict[str, np.ndarray]:
        """Return what a score can be made of, each (n,): `PARTS`.

        The last is how far ‖z‖ is from the mode of its law, sqrt(d_z - 1).
        """
        return self.parts_of(self.unit(X), *self.copies(self.unit(X)))

    def parts_of(self, x: Tensor, z: Tensor, copy: Tensor) -> dict[str, np.ndarray]:
        """Return the parts for given latent vectors and copies."""
        critic = self.networks_["critic"]
        with torch.no_grad():
            values = (
                search.residual(x, copy),
                search.discrimination(critic, copy),
                search.feature_matching(critic, x, copy),
                (z.norm(dim=1) - (self.latent - 1) ** 0.5).abs(),
            )
        return {name: value.numpy().astype(np.float64) for name, value in zip(PARTS, values, strict=True)}

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the anomaly score of every row, (n,); larger is more anomalous."""
        parts = self.parts(X)
        return np.asarray((1 - self.weight) * parts["residual"] + self.weight * parts["features"])


class AnoGAN(Adversarial):
    """A GAN, and a search of its latent space for the best copy of each row.

    Parameters
    ----------
    settings : of the search, on L_total.
    starts : z_0 that are drawn, the same for every row, so that a row's score does not depend on where it stands or
        beside which others; the end with the lowest L_total counts.
    """

    def __init__(self, settings: search.Settings | None = None, starts: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.settings, self.starts = settings, starts

    def stages(self) -> list[dict[str, Player]]:
        """Train a GAN by the original objective."""
        return [objectives.players(self.networks_, self.latent)]

    def starting(self) -> Tensor:
        """Draw the starts z_0, (starts, d_z)."""
        return torch.randn(self.starts, self.latent, generator=torch.Generator().manual_seed(self.random_state))

    def copies(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Search from every start and keep the best end of each row."""
        generator, critic = self.networks_["generator"], self.networks_["critic"]
        loss = search.total(generator, critic, x, self.weight)
        ends = [search.found(loss, z.expand(len(x), -1), self.settings) for z in self.starting()]
        best = torch.stack([end.loss for end in ends]).argmin(dim=0)
        z = torch.stack([end.z for end in ends])[best, torch.arange(len(x))]
        with torch.no_grad():
            return z, generator(z)


class FAnoGAN(Adversarial):
    """A GAN, and an encoder that is trained after it."""

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Add an encoder."""
        return {**super().networks(sizes), "encoder": Encoder(sizes)}

    def stages(self) -> list[dict[str, Player]]:
        """Train the GAN, then the encoder."""
        return [objectives.players(self.networks_, self.latent), inverse.afterwards(self.networks_)]


class EGBAD(Adversarial):
    """A bidirectional GAN: the encoder is trained with it, by a discriminator of pairs.

    Parameters
    ----------
    cycle : weight of the cycle's errors.
    """

    def __init__(self, cycle: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.cycle = cycle

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Return an encoder and a discriminator of pairs (x, z)."""
        judge = Judge(sizes.dimension + sizes.latent, sizes.width)
        return {"generator": Maker(sizes), "encoder": Encoder(sizes), "critic": judge}

    def stages(self) -> list[dict[str, Player]]:
        """Train all three together."""
        return [inverse.bidirectional(self.networks_, self.latent, self.cycle)]

    def parts_of(self, x: Tensor, z: Tensor, copy: Tensor) -> dict[str, np.ndarray]:
        """Judge the row and its copy beside the same latent vector."""
        judged = super().parts_of(torch.cat((x, z), dim=1), z, torch.cat((copy, z), dim=1))
        return judged | {"residual": search.residual(x, copy).numpy().astype(np.float64)}


class GANomaly(Adversarial):
    """An adversarial autoencoder with a second encoder; the score is the distance of the two codes.

    Its authors' code scales the scores by the least and largest of the test set; here no test data decide a score.
    """

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Add the two encoders."""
        return {**super().networks(sizes), "encoder": Encoder(sizes), "again": Encoder(sizes)}

    def stages(self) -> list[dict[str, Player]]:
        """Train all four together."""
        return [inverse.ganomaly(self.networks_)]

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the mean squared difference of the row's code and its copy's, (n,)."""
        z, copy = self.copies(self.unit(X))
        with torch.no_grad():
            return np.asarray((z - self.networks_["again"](copy)).square().mean(dim=1).numpy().astype(np.float64))


class AdversarialVAE(Adversarial):
    """A β-VAE with a discriminator, in the spirit of the β-VAEGAN of the review's authors.

    Parameters
    ----------
    beta : weight of the KL divergence.
    adversarial : without it, a β-VAE alone, whose discriminator stays untrained.
    """

    def __init__(self, beta: float = 0.1, adversarial: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.beta, self.adversarial = beta, adversarial

    def networks(self, sizes: Sizes) -> dict[str, nn.Module]:
        """Add an encoder of means and variances."""
        return {**super().networks(sizes), "encoder": Encoder(sizes, variance=True)}

    def stages(self) -> list[dict[str, Player]]:
        """Train all three together."""
        return [inverse.variational(self.networks_, self.latent, self.beta, self.adversarial)]
