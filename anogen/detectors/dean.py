"""DEAN: an ensemble of small networks that are trained to answer 1 to whatever is normal (thesis 5.2.3).

>>> detector = DEAN(n_submodels=100, random_state=0).fit(rows)
>>> detector.subset(30).decision_function(others)  # the same ensemble's first 30 submodels
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import numpy as np
import torch
from pyod.models.base import BaseDetector
from torch import Tensor

from anogen.detectors.dean_training import Training, generator, initial, outputs, sizes
from anogen.detectors.serialization import Saved
from anogen.errors import InputError

# Submodels that are trained side by side: what one step touches then stays in the cache, and memory under 0.2 GB.
TOGETHER = 8
ROWS = 1000  # rows that are scored at once
NEARLY_CONSTANT = 10 * np.finfo(np.float64).eps  # a range below this is rounding


def combined(answers: Tensor, q: Tensor, power: float, input_range: str) -> Tensor:
    """Return the ensemble's scores (n,) from the answers (M, n) of submodels whose mean answers are q (M,).

    guard: mean over the submodels of |f - q|^power, in float64. reference: the same in float32, with |f - q| clipped to
    [1e-9, 100], divided by the mean score of the batch.
    """
    if input_range == "guard":
        return (answers.double() - q[:, None]).abs().pow(power).mean(dim=0)
    powers = (answers - q[:, None].float()).abs().clamp(1e-9, 1e2).pow(power)
    errors = powers.double().mean(dim=0).float()  # in float32, equal powers would have means that differ by rounding
    return errors / (errors.mean() + 1e-9)


class DEAN(Saved, BaseDetector):
    """Deep ensemble anomaly detection with PyOD's protocol, all submodels as one batch; float32 weights.

    Each submodel sees its own `bag` of the d features, scaled to [0, 1] by their range in training, and is trained
    towards |1 - f| = 0. An image's score is mean_m |f_m(x) - q_m|^power with q_m the submodel's mean answer in training
    (inventory: thesis-eq-dean-score, where the thesis leaves the submodel's score open). The defaults are those of the
    authors' code (repository KDD-OpenSource/DEAN, March 2025), Keras's conventions included: the last tenth of the rows
    validates, a last smaller batch is kept, early stopping does not go back to the best weights.

    Parameters
    ----------
    n_submodels
        Number M of submodels. A submodel's random numbers depend on its number alone, so an ensemble is the beginning
        of every larger one: see `subset`.
    bag
        Number of features that a submodel sees; all of them where there are no more.
    power
        Of a submodel's deviation. In the authors' float32 the ninth power of a deviation below 1e-5 is 0: the most
        normal images are tied. Here it is taken in float64, where it is not.
    input_range
        What to divide a feature by. `guard`: its range, or 1 where it never changes. `reference`: its range + 1e-9, as
        the authors do; a constant pixel's least noise then becomes 1e7, |f - q| is clipped to 100, and any image with
        such noise has the same score. This mode also keeps float32 and the division by the batch's mean score, so that
        a score depends on the rest of the batch.
    epochs, batch_size, learning_rate, patience, neurons
        Of the training with Adam; `neurons` are the widths of the hidden layers.
    random_state
        Seed of bags, weights and order of the rows.
    first
        Number of the first submodel: parts of an ensemble may be trained apart and `joined`.

    Raises
    ------
    InputError
        For a parameter out of its range.
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
        self._check()

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Train on the rows of X, (n, d); y is ignored."""
        X = _rows(X)
        if len(X) < 2:
            raise InputError(f"{len(X)} rows are too few: give DEAN at least 2, one to train with and one to validate")
        if not np.isfinite(X).all():
            raise InputError(
                f"{np.size(X) - np.isfinite(X).sum()} values of the training data are NaN or infinite: clean them"
            )
        self._set_n_classes(y)
        low, span = X.min(axis=0), np.ptp(X, axis=0)
        span = span + 1e-9 if self.input_range == "reference" else np.where(span < NEARLY_CONSTANT, 1, span)
        self.low_, self.span_, self.n_features_in_ = low, span, X.shape[1]
        rows, bag, m = self.scaled(X), min(self.bag, X.shape[1]), self.n_submodels
        widths = (bag, *self.neurons, 1)
        train = Training(self.epochs, self.batch_size, self.learning_rate, self.patience)
        self.bags_ = torch.empty(m, bag, dtype=torch.int64)
        self.network_ = [torch.empty(m, *size) for size in sizes(widths)]
        self.train_outputs_ = torch.empty(m, len(rows))
        for part in torch.arange(m).split(TOGETHER):
            generators = [generator(self.random_state, self.first + int(i)) for i in part]
            bags = torch.stack([torch.randperm(X.shape[1], generator=g)[:bag] for g in generators])
            x = torch.stack([rows[:, bag] for bag in bags])
            network = train(initial(widths, generators), x, generators)
            self.bags_[part] = bags
            for whole, trained in zip(self.network_, network, strict=True):
                whole[part] = trained
            self.train_outputs_[part] = torch.cat([outputs(network, few) for few in x.split(ROWS, dim=1)], dim=1)
        return self._finished()

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the score of every row of X, (n, d) -> (n,)."""
        self._need_fit()
        X = _rows(X)
        if X.shape[1] != self.n_features_in_:
            raise InputError(f"rows of {X.shape[1]} values do not fit this DEAN: give rows of {self.n_features_in_}")
        answers = torch.cat([self.answers(rows) for rows in self.scaled(X).split(ROWS)], dim=1)
        return combined(answers, self.q_, self.power, self.input_range).double().numpy()

    def answers(self, rows: Tensor) -> Tensor:
        """Return what every submodel answers to scaled rows, (n, d) -> (M, n)."""
        parts = zip(self.bags_.split(TOGETHER), *(weight.split(TOGETHER) for weight in self.network_), strict=True)
        return torch.cat([outputs(network, torch.stack([rows[:, bag] for bag in bags])) for bags, *network in parts])

    def scaled(self, X: np.ndarray) -> Tensor:
        """Return rows as the submodels see them, (n, d) -> (n, d) float32."""
        return torch.from_numpy(((X - self.low_) / self.span_).astype(np.float32))

    def subset(self, m: int) -> "DEAN":
        """Return the fitted detector that has only this ensemble's first m submodels; the weights are shared."""
        self._need_fit()
        if not 1 <= m <= self.n_submodels:
            raise InputError(f"a subset of {m} submodels does not exist: choose 1 to {self.n_submodels}")
        weights = self.weights()
        common = {"low", "span"}
        return DEAN(**self.get_params() | {"n_submodels": m}).with_weights(
            {key: array if key in common else array[:m] for key, array in weights.items()}
        )

    @classmethod
    def joined(cls, parts: Sequence["DEAN"]) -> "DEAN":
        """Return the ensemble whose parts were trained apart, on the same rows; each begins where the last one ends."""
        begins = parts[0].first + np.cumsum([0, *(part.n_submodels for part in parts)])
        alike = [part.get_params() | {"first": 0, "n_submodels": 0} for part in parts]
        if [part.first for part in parts] != begins[:-1].tolist() or any(params != alike[0] for params in alike):
            raise InputError(
                "these parts are not one ensemble: train them with equal options, each from where one ends"
            )
        weights = [part.weights() for part in parts]
        whole = {key: np.concatenate([w[key] for w in weights]) for key in weights[0]}
        whole |= {key: weights[0][key] for key in ("low", "span")}
        return cls(**parts[0].get_params() | {"n_submodels": len(whole["bags"])}).with_weights(whole)

    def weights(self) -> dict[str, np.ndarray]:
        """Return all that training gave, by name, 0.75 MB a submodel of 200 features; no copies.

        `low` and `span` (d,), `bags` (M, bag), `train_outputs` (M, n) and the layers' weights `layer0`, ... (M, ...).
        """
        self._need_fit()
        layers = {f"layer{i}": weight.numpy() for i, weight in enumerate(self.network_)}
        trained = {"bags": self.bags_.numpy(), "train_outputs": self.train_outputs_.numpy()}
        return {"low": self.low_, "span": self.span_} | trained | layers

    def with_weights(self, weights: Mapping[str, np.ndarray]) -> Self:
        """Return this detector with weights that `weights` gave, instead of training."""
        self.low_, self.span_ = weights["low"], weights["span"]
        self.n_features_in_ = len(self.low_)
        self.bags_ = torch.from_numpy(weights["bags"])
        self.train_outputs_ = torch.from_numpy(weights["train_outputs"])
        self.network_ = [torch.from_numpy(weights[f"layer{i}"]) for i in range(2 * len(self.neurons) + 1)]
        self._set_n_classes(None)
        return self._finished()

    def _finished(self) -> Self:
        """Derive what follows from the weights, and PyOD's threshold."""
        self.q_ = self.train_outputs_.double().mean(dim=1)
        scores = combined(self.train_outputs_, self.q_, self.power, self.input_range)
        self.decision_scores_ = scores.double().numpy()
        self._process_decision_scores()
        return self

    def _check(self) -> None:
        """Refuse parameters that no ensemble has."""
        for name in ("n_submodels", "bag", "epochs", "batch_size", "patience"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} = {getattr(self, name)} is too small: give 1 or more")
        for name in ("power", "learning_rate"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} = {getattr(self, name)} is too small: give more than 0")
        for name in ("random_state", "first"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} = {getattr(self, name)} is too small: give 0 or more")
        if not all(width >= 1 for width in self.neurons):
            raise InputError(f"neurons = {tuple(self.neurons)} are no widths of layers: give numbers from 1 on")
        if self.input_range not in {"guard", "reference"}:
            raise InputError(f"unknown input_range {self.input_range!r}: choose guard or reference")

    def _need_fit(self) -> None:
        if not hasattr(self, "network_"):
            raise InputError("this DEAN is not fitted: call fit(X) first")


def _rows(X: np.ndarray) -> np.ndarray:
    rows = np.asarray(X, dtype=np.float64)
    if rows.ndim != 2:
        raise InputError(f"an array of shape {rows.shape} holds no rows: give (n, d)")
    return rows
