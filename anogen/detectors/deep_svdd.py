"""Deep SVDD in three forms: PyOD's, PyOD's former untrained one, and the published convolutional one."""

from itertools import pairwise
from typing import Any, Self

import numpy as np
import torch
from pyod.models import deep_svdd
from pyod.models.base import BaseDetector
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from anogen.detectors.autoencoder import as_images, rows_of, training_rows
from anogen.detectors.mixins import SeededFitMixin, check_fitted, check_parameters, finish_fit, seeded
from anogen.errors import InputError

LEAK = 0.1  # slope of the leaky ReLU in the paper; the authors' code has 0.01
MIN_CENTRE = 0.1  # a unit whose centre is near 0 could be matched with zero weights
MIN_CONTRAST = 1e-3  # a quarter of a grey level: an image with less has no contrast to divide by


class DeepSVDD(SeededFitMixin, deep_svdd.DeepSVDD):
    """PyOD's Deep SVDD since 3.6.3, a trained network of dense layers, with a seeded fit."""


class UntrainedDeepSVDD(deep_svdd.DeepSVDD):
    """PyOD's Deep SVDD from 2.0.1 to 3.6.2: the initial network without training, and the centre 0.

    `loss.backward()` was commented out there, so the optimiser had no gradient to step along, and the centre computed
    from the data was not the one that was used. The score is ||φ(z)||² of the standardised row z for random φ; the
    options of the training change nothing.
    """

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Standardise the rows of X (n, d), and draw the weights from the seed."""
        X = np.asarray(X)
        self._set_n_classes(y)
        self.n_samples_, self.n_features_ = X.shape
        if self.preprocessing:
            self.scaler_ = StandardScaler().fit(X)
        with seeded(self.random_state):
            self.model_ = deep_svdd.InnerDeepSVDD(
                self.n_features, self.use_ae, self.hidden_neurons, self.hidden_activation,
                self.output_activation, self.dropout_rate, self.l2_regularizer,
            )  # fmt: skip
        width = self.n_features if self.use_ae else self.hidden_neurons[-1]
        self.c_ = torch.as_tensor(0.0 if self.c is None else self.c, dtype=torch.float32).expand(width)
        return finish_fit(self, X)


def lenet(image_shape: tuple[int, ...]) -> nn.Sequential:
    """Return the paper's network, without biases: (n, c, h, w) to (n, 32) for one channel, (n, 128) for three.

    Each block is a 5 x 5 convolution, batch normalisation without parameters, a leaky ReLU, and pooling by 2; h and w
    are multiples of 4, with three channels of 8, else `InputError`.
    """
    h, w, c = (*image_shape, 1)[:3]
    channels, width = ((8, 4), 32) if c == 1 else ((32, 64, 128), 128)
    smaller = 2 ** len(channels)
    if h % smaller or w % smaller:
        raise InputError(f"images of {h} x {w} pixels cannot be pooled: crop or pad them to multiples of {smaller}")
    blocks: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):  # a new layer uses the global generator
        for before, after in pairwise((c, *channels)):
            convolution = nn.Conv2d(before, after, 5, padding=2, bias=False)
            blocks += [convolution, nn.BatchNorm2d(after, eps=1e-4, affine=False), nn.LeakyReLU(LEAK), nn.MaxPool2d(2)]
        flat = channels[-1] * (h // smaller) * (w // smaller)
        return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(flat, width, bias=False))


def contrast(rows: Tensor) -> Tensor:
    """Return rows (n, d) less their mean, divided by their mean absolute value: the paper's contrast normalisation."""
    centred = rows - rows.mean(dim=1, keepdim=True)
    return centred / centred.abs().mean(dim=1, keepdim=True).clamp(min=MIN_CONTRAST)


class DeepSVDDLeNet(BaseDetector):
    """Deep SVDD as published (Ruff et al. 2018), with PyOD's protocol; rows are flattened images in [0, 1].

    The score is ||φ(x) - c||² of a bias-free convolutional network φ. The centre c is the mean output before training.
    The authors train φ as an autoencoder's encoder first; here its weights start at random (Glorot, uniform).

    Parameters
    ----------
    image_shape
        (h, w) or (h, w, 3).
    epochs, milestone, batch_size, learning_rate, weight_decay
        Of the training with Adam, as in the authors' code; the rate falls to a tenth after `milestone` epochs.
    random_state
        Seed of the weights and of the order of the rows.
    """

    def __init__(
        self,
        image_shape: tuple[int, ...] = (28, 28),
        epochs: int = 150,
        milestone: int = 50,
        batch_size: int = 200,
        learning_rate: float = 1e-4,
        weight_decay: float = 0.5e-6,
        random_state: int = 0,
        contamination: float = 0.1,
    ) -> None:
        super().__init__(contamination=contamination)
        self.image_shape = image_shape
        self.epochs = epochs
        self.milestone = milestone
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Train on the rows of X, (n, d); y is ignored."""
        check_parameters(self, {"epochs": 0, "batch_size": 1}, positive=("learning_rate",))
        rows = training_rows(X, self.image_shape)
        self._set_n_classes(y)
        generator = torch.Generator().manual_seed(self.random_state)
        self.network_ = lenet(self.image_shape)
        for layer in self.network_:
            if isinstance(layer, nn.Conv2d | nn.Linear):
                gain = nn.init.calculate_gain("leaky_relu", LEAK)
                nn.init.xavier_uniform_(layer.weight, gain, generator=generator)
        normalised = contrast(rows)
        self.range_ = normalised.min(), normalised.max()
        self.centre_ = self._initial_centre(rows)
        self._train(rows, generator)
        self.network_.requires_grad_(requires_grad=False).eval()
        return finish_fit(self, X)

    def prepare(self, x: Tensor) -> Tensor:
        """Return the network's input (n, c, h, w) of rows (n, d), contrast-normalised, scaled by the training range."""
        low, high = self.range_
        return as_images((contrast(x) - low) / (high - low).clamp(min=MIN_CONTRAST), self.image_shape)

    def distance(self, x: Tensor) -> Tensor:
        """Return the squared distances of the outputs of rows (n, d) to the centre, (n,)."""
        return (self.network_(self.prepare(x)) - self.centre_).square().sum(dim=1)

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the squared distance to the centre for every row of X, (n, d) -> (n,)."""
        check_fitted(self, "network_")
        with torch.inference_mode():
            return torch.cat([self.distance(rows) for rows in rows_of(X, self.image_shape).split(500)]).double().numpy()

    def _initial_centre(self, rows: Tensor) -> Tensor:
        """Return the mean output, with components near 0 moved away from it."""
        self.network_.train()  # batches are normalised by their own statistics: there are no others yet
        with torch.no_grad():
            centre = torch.cat([self.network_(self.prepare(part)) for part in rows.split(self.batch_size)]).mean(dim=0)
        return torch.where(centre.abs() < MIN_CENTRE, MIN_CENTRE * centre.sign(), centre)

    def _train(self, rows: Tensor, generator: torch.Generator) -> None:
        adam = torch.optim.Adam(self.network_.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay)
        self.network_.train()
        for epoch in range(self.epochs):
            adam.param_groups[0]["lr"] = self.learning_rate * (0.1 if epoch >= self.milestone else 1)
            for chosen in torch.randperm(len(rows), generator=generator).split(self.batch_size):
                adam.zero_grad()
                self.distance(rows[chosen]).mean().backward()
                adam.step()
