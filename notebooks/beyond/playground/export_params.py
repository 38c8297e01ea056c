"""Parameters of fitted detectors' scores as plain numbers, to recompute the scores without Python."""

from collections.abc import Callable
from math import log, pi
from typing import Any

import numpy as np
from torch import nn

from anogen.errors import InputError
from anogen.scorers import make_scorer
from companion.experiment import Arrays


def score_parameters(name: str, detector: Any) -> Arrays:
    """Return the parameters of a fitted detector of the catalogue, without its training rows.

    Raises
    ------
    InputError
        If the playground does not support the detector.
    """
    if name not in FORMS:
        raise InputError(f"the playground does not support {name}: choose from {', '.join(FORMS)}")
    return {key: np.asarray(value) for key, value in FORMS[name](detector).items()}


def _mixture(detector: Any) -> Arrays:
    """Return weights (c,) as logarithms with each component's constant, means (c, d), precision factors (c, d, d)."""
    factors = detector.precisions_cholesky_
    determinants = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    constant = np.log(detector.weights_) + determinants - log(2 * pi) * factors.shape[1] / 2
    return {"constants": constant, "means": detector.means_, "factors": factors}


def _kernels(detector: Any) -> Arrays:
    """Return the support vectors (m, d), their weights (m,), γ and -b."""
    machine = detector.detector_
    return {
        "support": machine.support_vectors_,
        "weights": machine.dual_coef_[0],
        "gamma": machine._gamma,
        "offset": -machine.intercept_[0],
    }


def _density(detector: Any) -> Arrays:
    """Return the bandwidth and the score's constant."""
    made: Any = make_scorer(detector)
    return {"width": made.width, "constant": made.constant}


def _local(detector: Any) -> Arrays:
    """Return k, and each training row's density and distance to its own k-th neighbour, (n,)."""
    made: Any = make_scorer(detector)
    return {"k": made.k, "density": made.density.numpy(), "reach": made.k_distances.numpy()}


def _trees(detector: Any) -> Arrays:
    """Return the nodes of all trees as `Trees` has them, the depth that is expected of all, and the offset."""
    made: Any = make_scorer(detector)
    nodes = {key: getattr(made.trees, key) for key in ("roots", "features", "thresholds", "children", "leaves")}
    return nodes | {"expected": made.expected, "offset": made.offset}


def _histograms(detector: Any) -> Arrays:
    """Return the edges (d, b + 1) and the terms (d, b) of all bins, and how far a value may be out."""
    made: Any = make_scorer(detector)
    return {"edges": made.edges, "terms": made.terms, "tol": made.tol}


def _layers(layers: Any, first: int = 0) -> Arrays:
    """Return weights (out, in) and biases (out,) of the linear layers by their number, and what follows each."""
    found: Arrays = {}
    activations: list[str] = []
    for layer in layers:
        if isinstance(layer, nn.Linear):
            number = len(activations) + first
            bias = np.zeros(layer.out_features) if layer.bias is None else layer.bias.numpy()
            found |= {f"weight{number}": layer.weight.numpy(), f"bias{number}": bias}
            activations.append("none")
        else:
            activations[-1:] = [type(layer).__name__.lower()]
    return found | {"activations": np.array(activations)}


def _reconstruction(detector: Any) -> Arrays:
    """Return z = scale x + shift, both (d,), and the layers from z to its copy."""
    made: Any = make_scorer(detector)
    return {"scale": made.scale.numpy(), "shift": made.shift.numpy(), **_layers(made.layers)}


def _sphere(detector: Any) -> Arrays:
    """Return the layers from x to its place, and the centre."""
    made: Any = make_scorer(detector)
    whole = made.whole
    first = nn.Linear(*whole.weight.shape)
    first.weight, first.bias = (nn.Parameter(v, requires_grad=False) for v in (whole.weight.T, whole.bias))
    return {"centre": whole.centre.numpy(), **_layers([first, *whole.rest])}


FORMS: dict[str, Callable[[Any], Arrays]] = {
    "cblof": lambda detector: {"centres": make_scorer(detector).centres},  # type: ignore[attr-defined]
    "copod": lambda _: {},
    "deep-svdd": _sphere,
    "deep-svdd-untrained": _sphere,
    "ecod": lambda _: {},
    "gmm": _mixture,
    "hbos": _histograms,
    "iforest": _trees,
    "kde": _density,
    "knn": lambda detector: {"k": detector.n_neighbors},
    "lof": _local,
    "ocsvm": _kernels,
    "pyod-autoencoder": _reconstruction,
}
