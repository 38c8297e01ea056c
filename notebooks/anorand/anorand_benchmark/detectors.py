"""Detectors that the benchmark needs and no library has as it needs them; `methods` imports their classes by path."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Self
from unittest.mock import patch

import numba
import numpy as np
import torch
from pyod.models.base import BaseDetector
from pyod.models.lof import LOF
from pyod.models.sod import SOD as PyodSOD
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from anogen.detectors.anorand import AnoRand, Outputs, block, blocks, detection_loss
from anogen.detectors.mixins import as_rows, check_fitted
from anogen.detectors.stacked_training import Network

CHUNK_SIZE = 1000  # rows whose shared neighbours are counted at a time
EPOCHS, BATCH = 100, 64  # ADBench's, for networks on tables
# An FT-Transformer has a token for every feature, and its blocks compare each with each. Above NARROW features it has
# one block, whose only query is the class token; and no training reads more values than VALUES.
NARROW = 40
VALUES = 10_000_000


class SyntheticMLP(AnoRand):
    """AnoRand's noise detection block alone: same labels, first weights, order of the rows and training (AnoRand 6).

    With the same random state, any advantage of AnoRand comes from the autoencoder. The score is the network's
    probability; `w` has no effect.
    """

    def forward(self, network: Network, x: Tensor) -> Outputs:
        """Return the logits of rows (M, n, d); the reconstruction is the row itself."""
        last, logit = block(blocks(network)[0], x)
        return Outputs(logit.squeeze(2), x, last)

    def loss(self, x: Tensor, out: Outputs, y: Tensor, w: Tensor) -> Tensor:
        """Return the cross entropy of M models, (M,)."""
        return detection_loss(out.logit, y).mean(dim=1)

    def combine(self, y_mlp: np.ndarray, y_ae: np.ndarray) -> np.ndarray:
        """Return the network's probability."""
        return y_mlp


class FeatureBagging(BaseDetector):
    """The mean score of local outlier factors on random halves to wholes of the features (Lazarevic and Kumar 2005).

    PyOD's class of this name has the same rule, but imports a package that is no longer maintained.
    """

    def __init__(self, n_estimators: int = 10, random_state: int | None = None, contamination: float = 0.1) -> None:
        super().__init__(contamination=contamination)
        self.n_estimators = n_estimators
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: Any = None) -> Self:
        """Fit to the rows of X, (n, d); y is ignored."""
        X = as_rows(X)
        rng, d = np.random.default_rng(self.random_state), X.shape[1]
        self.n_features_in_ = d
        self._set_n_classes(y)
        sizes = rng.integers(max(1, d // 2), d + 1, self.n_estimators)
        self.features_ = [rng.choice(d, size, replace=False) for size in sizes]
        self.estimators_ = [LOF().fit(X[:, features]) for features in self.features_]
        self.decision_scores_ = np.mean([estimator.decision_scores_ for estimator in self.estimators_], axis=0)
        self._process_decision_scores()
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the mean score of every row of X, (n, d) -> (n,)."""
        check_fitted(self, "estimators_")
        X = as_rows(X, self)
        pairs = zip(self.estimators_, self.features_, strict=True)
        return np.mean([estimator.decision_function(X[:, features]) for estimator, features in pairs], axis=0)


class SOD(PyodSOD):
    """PyOD's subspace outlier detection (Kriegel et al. 2009), faster and with the same scores to the last bit.

    PyOD intersects the neighbours of every two rows as sets. The number of neighbours that two rows share is an entry
    of A Aᵀ, where A (n, n) has a 1 for each neighbour.
    """

    def _snn(self, X: np.ndarray) -> np.ndarray:
        """Return the rows that share the most neighbours with each row of X, (n, d) -> (n, ref_set)."""
        n = len(X)
        near = NearestNeighbors(
            n_neighbors=self.n_neighbors, algorithm=self.algorithm, leaf_size=self.leaf_size, metric=self.metric,
            p=self.p, metric_params=self.metric_params, n_jobs=self.n_jobs,
        ).fit(X).kneighbors(return_distance=False)  # fmt: skip
        ones = np.ones(near.size, dtype=np.uint32)
        neighbours = csr_array((ones, near.ravel(), np.arange(n + 1) * self.n_neighbors), shape=(n, n))
        references = np.empty((n, self.ref_set), dtype=np.uint32)
        for start in range(0, n, CHUNK_SIZE):
            shared = (neighbours[start : start + CHUNK_SIZE] @ neighbours.T).toarray()
            references[start : start + CHUNK_SIZE] = _argmax_others(shared, start, self.ref_set)
        return references


@numba.njit
def _argmax_others(shared: np.ndarray, start: int, count: int) -> np.ndarray:
    """Return the indices of the largest entries in each row, (m, n) -> (m, count), without the row itself, `start` + i.

    Most entries are equal; numba's sorting decides between them as it does for PyOD.
    """
    largest = np.empty((len(shared), count), dtype=np.uint32)
    for i in range(len(shared)):
        shared[i, start + i] = np.iinfo(np.uint32).max
        largest[i] = np.argsort(shared[i])[::-1][1 : count + 1]
    return largest


class TabularNetwork(ABC):
    """A network for tables by Gorishniy et al. (2021), trained with labels as ADBench trains it.

    The networks are those of the authors' package `rtdl_revisiting_models`, which is imported when one is fitted. The
    score is the log-odds of an anomaly. The caller of `fit` seeds PyTorch.
    """

    categories: tuple[None, ...] = ()  # what the network takes after a row: the absent categorical features
    max_values: int = 10**18  # that all epochs read together

    @abstractmethod
    def make(self, d: int) -> tuple[nn.Module, torch.optim.Optimizer]:
        """Return a new network for rows of d values, and its optimiser."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Self:
        """Train on rows X (n, d) with their labels y (n,), 1 for anomalies."""
        rows, labels = _tensor(X), _tensor(y)
        self.network_, optimiser = self.make(rows.shape[1])
        self.network_.train()
        for _ in range(self.epochs(rows.numel())):
            for batch in torch.randperm(len(rows)).split(BATCH):
                if len(batch) == 1:
                    continue  # a single row has no variance to normalise by
                optimiser.zero_grad()
                binary_cross_entropy_with_logits(self._output(rows[batch]), labels[batch]).backward()
                optimiser.step()
        self.network_.eval()
        return self

    def epochs(self, n_values: int) -> int:
        """Return the number of epochs for a training set of that many values."""
        return max(1, min(EPOCHS, self.max_values // n_values))

    def _output(self, rows: Tensor) -> Tensor:
        return self.network_(rows, *self.categories).squeeze(1)

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return the log-odds of every row of X, (n, d) -> (n,)."""
        with torch.inference_mode():
            return torch.cat([self._output(rows) for rows in _tensor(X).split(BATCH)]).double().numpy()


class ResNet(TabularNetwork):
    """Two residual blocks of width 128, with ADBench's options."""

    def make(self, d: int) -> tuple[nn.Module, torch.optim.Optimizer]:
        """Return a new network for rows of d values, and AdamW without decay."""
        size = {"n_blocks": 2, "d_block": 128, "d_hidden": 256, "d_hidden_multiplier": None}
        made = import_module("rtdl_revisiting_models").ResNet(d_in=d, d_out=1, dropout1=0.2, dropout2=0.0, **size)
        return made, torch.optim.AdamW(made.parameters(), lr=1e-3, weight_decay=0)


class FTTransformer(TabularNetwork):
    """The authors' default network, three blocks of width 192; above `NARROW` features that for one block, width 96."""

    categories = (None,)
    max_values = VALUES

    def make(self, d: int) -> tuple[nn.Module, torch.optim.Optimizer]:
        """Return a new network for rows of d values, and the authors' default optimiser."""
        network_class = import_module("rtdl_revisiting_models").FTTransformer
        options = network_class.get_default_kwargs(n_blocks=3 if d <= NARROW else 1)
        made = network_class(n_cont_features=d, cat_cardinalities=[], d_out=1, **options)
        return made, made.make_default_optimizer()


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def sample_triplets(loader: Any, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return examples, positives and negatives of a batch, (b, d) each, by DeepOD's rule for data without labels.

    They are likely inliers (by falling score), any other likely inliers, and likely outliers (by rising score).
    """
    rows, scores = loader.X, np.ravel(loader.init_scores)
    inliers, outliers = np.ravel(loader.inlier_ids), np.ravel(loader.outlier_ids)
    inlying = scores[inliers].sum() - scores[inliers]
    first = rng.choice(len(inliers), loader.batch_size, p=inlying / inlying.sum())
    other = (first + rng.integers(1, len(inliers), loader.batch_size)) % len(inliers)
    last = rng.choice(len(outliers), loader.batch_size, p=scores[outliers] / scores[outliers].sum())
    return rows[inliers[first]], rows[inliers[other]], rows[outliers[last]]


@contextmanager
def numpy_2_triplets(rng: np.random.Generator) -> Iterator[None]:
    """Replace the sampling of DeepOD's REPEN, whose assignment of one-element arrays numpy 2 refuses."""
    loader_class = import_module("deepod.models.tabular.repen").REPENLoader
    with patch.object(loader_class, "triplet_batch_generation", lambda loader: sample_triplets(loader, rng)):
        yield
