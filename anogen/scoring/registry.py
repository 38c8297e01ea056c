"""`scorer(detector)`: one registered function for each detector class, and a slow, correct fallback for all others."""

from functools import singledispatch

import numpy as np
import torch
from pyod.models.base import BaseDetector
from pyod.models.cblof import CBLOF
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from torch import Tensor

from anogen.detectors import Detector
from anogen.detectors.autoencoder import ConvAutoencoder
from anogen.errors import InputError
from anogen.scoring.base import Scorer
from anogen.scoring.cblof import CBLOFScorer
from anogen.scoring.networks import AutoencoderScorer


class FallbackScorer(Scorer):
    """Calls the detector's own `decision_function`: right for every detector, as slow as it is."""

    def __init__(self, detector: Detector, dimension: int) -> None:
        self.detector = detector
        self.dimension = dimension
        if isinstance(detector, COPOD | ECOD):  # they rank a row among the training rows and the rest of its batch
            self.semantics = "train+batch"

    def score(self, x: Tensor) -> Tensor:
        """Return the detector's own scores of rows (n, d) as (n,)."""
        scores = np.asarray(self.detector.decision_function(x.numpy()), dtype=np.float64)
        return torch.from_numpy(scores.reshape(-1))


@singledispatch
def scorer(detector: Detector, dimension: int | None = None) -> Scorer:
    """Return the scorer of a fitted detector.

    Parameters
    ----------
    detector
        Any fitted detector with PyOD's protocol.
    dimension
        Length d of a row; needed only where the fitted detector does not tell (`n_features_in_`, `image_shape`).

    Raises
    ------
    InputError
        If the detector is not fitted, or if the length of a row is not known.
    """
    if not hasattr(detector, "decision_function"):
        raise InputError(
            f"{type(detector).__name__} has no decision_function: give a fitted detector with PyOD's protocol"
        )
    if isinstance(detector, BaseDetector) and getattr(detector, "decision_scores_", None) is None:
        raise InputError(f"this {type(detector).__name__} is not fitted: call fit(X) first")
    dimension = dimension or getattr(detector, "n_features_in_", None)
    if dimension is None:
        raise InputError(
            f"{type(detector).__name__} does not tell the length of a row: call scorer(detector, dimension)"
        )
    return FallbackScorer(detector, dimension)


@scorer.register
def _(detector: CBLOF, dimension: int | None = None) -> Scorer:
    if not hasattr(detector, "cluster_centers_"):
        raise InputError("this CBLOF is not fitted: call fit(X) first")
    if detector.use_weights:  # the score then depends on the nearest cluster's size too
        return FallbackScorer(detector, detector.cluster_centers_.shape[1])
    return CBLOFScorer(detector)


@scorer.register
def _(detector: ConvAutoencoder, dimension: int | None = None) -> Scorer:
    if not hasattr(detector, "network_"):
        raise InputError("this autoencoder is not fitted: call fit(X) first")
    return AutoencoderScorer(detector)
