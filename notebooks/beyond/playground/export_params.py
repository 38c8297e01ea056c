"""Parameters of fitted detectors' scores as plain numbers, to recompute the scores without Python."""

from math import log, pi
from typing import Any

import numpy as np
from torch import nn

from companion.experiment import Arrays

# The attributes of a detector's scorer, by their names in the record.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "cblof": {"centres": "centres"},
    "copod": {},
    "ecod": {},
    "hbos": {"edges": "edges", "terms": "terms", "tol": "tol"},  # (d, b + 1), (d, b), and how far a value may be out
    "kde": {"width": "width", "constant": "constant"},
    "lof": {"k": "k", "density": "density", "reach": "k_distances"},  # of each training row, (n,)
}


def score_parameters(name: str, detector: Any, scorer: Any) -> Arrays:
    """Return the parameters of a fitted detector of the catalogue, without its training rows."""
    match name:
        case "knn":
            parameters = {"k": detector.n_neighbors}
        case "gmm":  # logarithms of weights with each component's constant (c,), means (c, d), factors (c, d, d)
            factors = detector.precisions_cholesky_
            determinants = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
            constants = np.log(detector.weights_) + determinants - log(2 * pi) * factors.shape[1] / 2
            parameters = {"constants": constants, "means": detector.means_, "factors": factors}
        case "ocsvm":
            machine = detector.detector_
            parameters = {"support": machine.support_vectors_, "weights": machine.dual_coef_[0]}
            parameters |= {"gamma": machine._gamma, "offset": -machine.intercept_[0]}
        case "iforest":
            nodes = ("roots", "features", "thresholds", "children", "leaves")
            parameters = {key: getattr(scorer.trees, key) for key in nodes}
            parameters |= {"expected": scorer.expected, "offset": scorer.offset}
        case "pyod-autoencoder":  # z = scale x + shift, both (d,), and the layers from z to its copy
            parameters = {"scale": scorer.scale, "shift": scorer.shift, **_layers(scorer.layers)}
        case "deep-svdd" | "deep-svdd-untrained":  # the layers from x to its place, and the centre
            whole = scorer.whole
            first = nn.Linear(*whole.weight.shape)
            first.weight, first.bias = (nn.Parameter(v, requires_grad=False) for v in (whole.weight.T, whole.bias))
            parameters = {"centre": whole.centre, **_layers([first, *whole.rest])}
        case _:
            parameters = {key: getattr(scorer, attribute) for key, attribute in ATTRIBUTES[name].items()}
    return {key: np.asarray(value) for key, value in parameters.items()}


def _layers(layers: Any) -> Arrays:
    """Return weights (out, in) and biases (out,) of the linear layers by their number, and what follows each."""
    arrays: Arrays = {}
    activations: list[str] = []
    for layer in layers:
        if isinstance(layer, nn.Linear):
            bias = np.zeros(layer.out_features) if layer.bias is None else layer.bias.numpy()
            arrays |= {f"weight{len(activations)}": layer.weight.numpy(), f"bias{len(activations)}": bias}
            activations.append("none")
        else:
            activations[-1:] = [type(layer).__name__.lower()]
    return arrays | {"activations": np.array(activations)}
