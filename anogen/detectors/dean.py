"""DEAN: an ensemble of small networks that are trained to output 1 for normal rows (thesis 5.2.3)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal, Self

import numpy as np
import torch
from pyod.models.base import BaseDetector
from torch import Tensor

from anogen.detectors.mixins import SerializableMixin, as_rows, check_fitted, check_parameters
from anogen.detectors.stacked_training import KerasAdam, Network, hidden, init_weights, train
from anogen.errors import InputError

STACK_SIZE = 8  # submodels that are trained as one tensor: one step's data stay in the cache, memory below 0.2 GB
CHUNK_SIZE = 1000  # rows that are scored at once
VALIDATION = 0.1  # share of the rows, the last ones, that decide when a submodel stops
COMMON = {"low", "span"}  # weights that all submodels share
MIN_RANGE = 10 * np.finfo(np.float64).eps  # a range below this is rounding


def submodel_outputs(network: Network, x: Tensor) -> Tensor:
    """Return the outputs of M submodels for rows of each, (M, n, bag) -> (M, n)."""
    return torch.selu(torch.bmm(hidden(network[:-1], x), network[-1])).squeeze(2)


def generator(random_state: int, number: int) -> torch.Generator:
    """Return the source of all random numbers of the submodel with this number."""
    seed = np.random.SeedSequence((random_state, number)).generate_state(1, np.uint64).item()
    return torch.Generator().manual_seed(seed)


def train_submodels(network: Network, x: Tensor, generators: Sequence[torch.Generator], **options: Any) -> Network:
    """Return the weights of M submodels that minimise the mean of |1 - f| on their rows x (M, n, bag).

    The options are those of `train`, and `learning_rate`.
    """
    learning_rate = options.pop("learning_rate")

    def loss(network: Network, batch: Tensor, order: Tensor) -> Tensor:
        return (1 - submodel_outputs(network, batch)).abs().mean(dim=1)

    adam = partial(KerasAdam, lr=learning_rate)
    n_validation = x.shape[1] - int(x.shape[1] * (1 - VALIDATION))
    return train(network, x, loss, generators, optimizer=adam, n_validation=n_validation, **options)


def combine_outputs(outputs: Tensor, q: Tensor, power: float, input_range: str) -> Tensor:
    """Return the ensemble's scores (n,) from outputs (M, n) of submodels whose mean training outputs are q (M,).

    guard: mean over the submodels of |f - q|^power, in float64. reference: the same in float32, with |f - q| clipped to
    [1e-9, 100], divided by the mean score of the batch.
    """
    if input_range == "guard":
        return (outputs.double() - q[:, None]).abs().pow(power).mean(dim=0)
    powers = (outputs - q[:, None].float()).abs().clamp(1e-9, 1e2).pow(power)
    errors = powers.double().mean(dim=0).float()  # in float32, equal powers would have means that differ by rounding
    return errors / (errors.mean() + 1e-9)


class DEAN(SerializableMixin, BaseDetector):
    """Deep ensemble anomaly detection with PyOD's protocol, all submodels as one batch; float32 weights.

    Each submodel sees its own `bag` of the d features, scaled to [0, 1] by their range in training, and is trained
    towards |1 - f| = 0. An image's score is mean_m |f_m(x) - q_m|^power with q_m the submodel's mean output in training
    (inventory: thesis-eq-dean-score, where the thesis leaves the submodel's score open). The defaults are those of the
    authors' code (repository KDD-OpenSource/DEAN, March 2025), Keras's conventions included: the last tenth of the rows
    is for validation, a last smaller batch is kept, early stopping does not restore the best weights. A
    parameter out of its range raises `InputError`.

    Parameters
    ----------
    n_submodels
        Number M of submodels. A submodel's random numbers depend on its number alone, so an ensemble is the beginning
        of every larger one: see `subset`.
    bag
        Number of features of a submodel; all of them if there are fewer.
    power
        Exponent of a submodel's deviation. In the authors' float32 the ninth power of a deviation below 1e-5 is 0, so
        that the most normal images are tied; here it is computed in float64.
    input_range
        Divisor of a feature. `guard`: its range, or 1 for a constant feature. `reference`: its range + 1e-9, as
        the authors do; the least noise in a constant pixel then becomes 1e7, |f - q| is clipped to 100, and all images
        with such noise have the same score. This mode also keeps float32 and the division by the batch's mean score,
        so that a score depends on the rest of the batch.
    epochs, batch_size, learning_rate, patience, neurons
        Of the training with Adam; a submodel stops after `patience` epochs without a new minimum of its validation
        loss. `neurons` are the widths of the hidden layers.
    random_state
        Seed of bags, weights and order of the rows.
    first
        Number of the first submodel: parts of an ensemble may be trained separately and joined by `join`.

    Examples
    --------
    >>> rows = np.random.default_rng(0).random((50, 8))
    >>> detector = DEAN(n_submodels=4, bag=5, epochs=3, random_state=0).fit(rows)
    >>> detector.subset(2).decision_function(rows[:3]).shape  # the ensemble's first 2 submodels
    (3,)
    """

    def __init__(
        self,
        n_submodels: int = 100,
        bag: int = 200,
        power: float = 9,
        input_range: Literal["guard", "reference"] = "guard",
        epochs: int = 50,
        batch_size: int = 512,
        learning_rate: float = 1e-4,
        patience: int = 10,
        neurons: Sequence[int] = (256, 256, 256),
        random_state: int = 0,
        first: int = 0,
        contamination: float = 0.1,
    ) -> None:
        super().__init__(contamination=contamination)
        self.n_submodels = n_submodels
        self.bag = bag
        self.power = power
        self.input_range = input_range
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.patience = patience
        self.neurons = neurons
        self.random_state = random_state
        self.first = first
        ones = dict.fromkeys(("n_submodels", "bag", "epochs", "batch_size", "patience"), 1)
        check_parameters(self, {**ones, "random_state": 0, "first": 0}, positive=("power", "learning_rate"))
        if not all(width >= 1 for width in self.neurons):
            raise InputError(f"neurons = {tuple(self.neurons)} are not widths of layers: give numbers of 1 or more")
        if self.input_range not in {"guard", "reference"}:
            raise InputError(f"unknown input_range {self.input_range!r}: choose guard or reference")

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Train on the rows of X, (n, d); y is ignored."""
        X = as_rows(X)
        if len(X) < 2:
            raise InputError(f"{len(X)} rows are too few: give DEAN at least 2, one to train with and one to validate")
        self._set_n_classes(y)
        low, span = X.min(axis=0), np.ptp(X, axis=0)
        span = span + 1e-9 if self.input_range == "reference" else np.where(span < MIN_RANGE, 1, span)
        self.low_, self.span_, self.n_features_in_ = low, span, X.shape[1]
        rows, bag = self.scale(X), min(self.bag, X.shape[1])
        widths = (bag, *self.neurons, 1)
        options = {key: getattr(self, key) for key in ("epochs", "batch_size", "learning_rate", "patience")}
        parts: list[tuple[Tensor, ...]] = []
        for numbers in (torch.arange(self.n_submodels) + self.first).split(STACK_SIZE):
            generators = [generator(self.random_state, int(number)) for number in numbers]
            bags = torch.stack([torch.randperm(X.shape[1], generator=g)[:bag] for g in generators])
            x = torch.stack([rows[:, bag] for bag in bags])
            network = train_submodels(init_weights([widths], generators)[:-1], x, generators, **options)
            chunks = [submodel_outputs(network, chunk) for chunk in x.split(CHUNK_SIZE, dim=1)]
            parts.append((bags, torch.cat(chunks, dim=1), *network))
        self.bags_, self.train_outputs_, *self.network_ = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        return self._finish()

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the score of every row of X, (n, d) -> (n,)."""
        check_fitted(self, "network_")
        rows = self.scale(as_rows(X, self))
        outputs = torch.cat([self.outputs(chunk) for chunk in rows.split(CHUNK_SIZE)], dim=1)
        return combine_outputs(outputs, self.q_, self.power, self.input_range).double().numpy()

    def outputs(self, rows: Tensor) -> Tensor:
        """Return the outputs of every submodel for scaled rows, (n, d) -> (M, n)."""
        outputs = []
        for bags, *network in zip(*(tensor.split(STACK_SIZE) for tensor in (self.bags_, *self.network_)), strict=True):
            outputs.append(submodel_outputs(network, torch.stack([rows[:, bag] for bag in bags])))
        return torch.cat(outputs)

    def scale(self, X: np.ndarray) -> Tensor:
        """Return rows scaled to the submodels' range, (n, d) -> (n, d) float32."""
        return torch.from_numpy(((X - self.low_) / self.span_).astype(np.float32))

    def subset(self, m: int) -> "DEAN":
        """Return the fitted detector that has only this ensemble's first m submodels; the weights are shared."""
        check_fitted(self, "network_")
        if not 1 <= m <= self.n_submodels:
            raise InputError(f"a subset of {m} submodels does not exist: choose 1 to {self.n_submodels}")
        weights = {key: array if key in COMMON else array[:m] for key, array in self.weights().items()}
        return DEAN(**self.get_params() | {"n_submodels": m}).with_weights(weights)

    @classmethod
    def join(cls, parts: Sequence["DEAN"]) -> "DEAN":
        """Return the ensemble of parts that were trained separately on the same rows, in the order of their numbers."""
        begins = parts[0].first + np.cumsum([0, *(part.n_submodels for part in parts)])
        alike = [part.get_params() | {"first": 0, "n_submodels": 0} for part in parts]
        if [part.first for part in parts] != begins[:-1].tolist() or any(params != alike[0] for params in alike):
            hint = "train them with equal options, each from where the previous one ends"
            raise InputError(f"these parts are not one ensemble: {hint}")
        weights = [part.weights() for part in parts]
        whole = {key: np.concatenate([w[key] for w in weights]) for key in weights[0]}
        whole |= {key: weights[0][key] for key in COMMON}
        return cls(**parts[0].get_params() | {"n_submodels": len(whole["bags"])}).with_weights(whole)

    def weights(self) -> dict[str, np.ndarray]:
        """Return the results of the training by name, without copying, 0.75 MB for a submodel of 200 features.

        `low` and `span` (d,), `bags` (M, bag), `train_outputs` (M, n) and the layers' weights `layer0`, ... (M, ...).
        """
        check_fitted(self, "network_")
        layers = {f"layer{i}": weight.numpy() for i, weight in enumerate(self.network_)}
        trained = {"bags": self.bags_.numpy(), "train_outputs": self.train_outputs_.numpy()}
        return {"low": self.low_, "span": self.span_} | trained | layers

    def with_weights(self, weights: Mapping[str, np.ndarray]) -> Self:
        """Set the weights that `weights` returned, instead of training, and return this detector."""
        self.low_, self.span_ = weights["low"], weights["span"]
        self.n_features_in_ = len(self.low_)
        self.bags_ = torch.from_numpy(weights["bags"])
        self.train_outputs_ = torch.from_numpy(weights["train_outputs"])
        self.network_ = [torch.from_numpy(weights[f"layer{i}"]) for i in range(2 * len(self.neurons) + 1)]
        self._set_n_classes(None)
        return self._finish()

    def _finish(self) -> Self:
        """Compute the mean outputs, the training scores and PyOD's threshold from the weights."""
        self.q_ = self.train_outputs_.double().mean(dim=1)
        scores = combine_outputs(self.train_outputs_, self.q_, self.power, self.input_range)
        self.decision_scores_ = scores.double().numpy()
        self._process_decision_scores()
        return self
