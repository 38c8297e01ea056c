"""How the parts of a score are put together: weights (Eqs. 7 and 9) or a support vector machine.

Both are chosen on validation rows, whose labels are known; test labels only judge what was chosen.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from anogen.metrics.detection import roc_auc
from notebooks.review.gan_challenges.measures import STEP, weights

Parts = Mapping[str, np.ndarray]  # by name, each (n,)
CAPACITIES, WIDTHS = (0.1, 1.0, 10.0, 100.0), (0.03, 0.1, 0.3, 1.0)  # C and gamma of the machine


class Labelled(NamedTuple):
    """Parts of the scores of some rows, and the rows' labels."""

    parts: Parts
    labels: np.ndarray  # (n,), 1 = anomalous


def scaled(parts: Parts, unit: Parts, normal: np.ndarray) -> dict[str, np.ndarray]:
    """Divide parts by their deviation over the normal rows (a mask) of others, so that weights compare them."""
    return {name: values / (unit[name][normal].std() or 1.0) for name, values in parts.items()}


def sweep(first: np.ndarray, second: np.ndarray, labels: np.ndarray, lambdas: np.ndarray) -> np.ndarray:
    """Return the AUC of (1 - λ) L_res + λ L_disc (Eq. 7) for every λ, (l,)."""
    return np.array([roc_auc((1 - weight) * first + weight * second, labels) for weight in lambdas])


def weighed(data: Labelled, names: Sequence[str]) -> np.ndarray:
    """Return the AUC of every weighting of some parts (Eq. 9) in steps of a tenth, in the order of `weights`."""
    stacked = np.stack([data.parts[name] for name in names])
    return np.array([roc_auc(np.array(chosen) / STEP @ stacked, data.labels) for chosen in weights(len(names))])


def linear(validation: Labelled, test: Labelled, names: Sequence[str]) -> tuple[float, float]:
    """Return the test AUC of the weights that are best on validation rows, and of those that are best on the test's.

    The second is what nobody who chooses weights can reach except by luck.
    """
    judged = weighed(test, names)
    return float(judged[np.argmax(weighed(validation, names))]), float(judged.max())


def machine(validation: Labelled, test: Labelled, names: Sequence[str]) -> float:
    """Return the test AUC of a support vector machine with a Gaussian kernel, fitted to validation rows.

    Every second pair of them decides on C and gamma (rows are normal and anomalous in turn); then all are used.
    """
    x, y = (np.stack([data.parts[name] for name in names], axis=1) for data in (validation, test))
    labels, fitting = validation.labels, np.arange(len(x)) // 2 % 2 == 0

    def tried(settings: tuple[float, float]) -> float:
        scores = _fitted(x[fitting], labels[fitting], *settings).decision_function(x[~fitting])
        return roc_auc(scores, labels[~fitting])

    best = max(product(CAPACITIES, WIDTHS), key=tried)
    return roc_auc(_fitted(x, labels, *best).decision_function(y), test.labels)


def _fitted(x: np.ndarray, labels: np.ndarray, capacity: float, width: float) -> Pipeline:
    return make_pipeline(StandardScaler(), SVC(C=capacity, gamma=width)).fit(x, labels)
