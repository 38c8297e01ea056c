"""Fitted detectors as the arrays from which `scorers.js` computes the same scores, bit for bit where it says so."""

import decimal
from copy import deepcopy
from typing import Any

import numpy as np
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

from anogen.scorers.copod import TailScorer
from anogen.scorers.iforest import POWERS, mean_depth
from companion.live.coding import Arrays, encode, encode_integers, encode_runs, encode_table

BATCHES = (1, 50, 100, 150, 200, 300)  # sizes of a batch for which COPOD's and ECOD's logarithms are exported
EXACT = frozenset({"cblof", "copod", "ecod", "hbos", "iforest", "inne"})  # equal to Python's scores bit for bit
LEAF = 65535  # in place of a leaf's feature
NEARLY_ZERO = 1e-12  # an entry of a unit vector below this is rounding


def export_arrays(name: str, detector: Any, scorer: Any) -> tuple[str, Arrays]:
    """Return the kind of a scorer in `scorers.js`, and the arrays that it is made of."""
    match name:
        case "cblof":
            return "cblof", {"centres": encode(scorer.centres.numpy())}
        case "hbos":
            edges, terms = encode_table(scorer.edges), encode_table(scorer.terms.reshape(-1, 1))
            return "hbos", {"edges": edges, "terms": terms, "tol": float(scorer.tol)}
        case "iforest":
            return "iforest", _forest(detector, scorer)
        case "copod" | "ecod":
            return "tails", _tails(scorer)
        case "inne":
            return "inne", _balls(detector)
        case "deep-svdd" | "deep-svdd-untrained":
            return "sphere", _sphere(scorer)
        case "autoencoder":
            return "autoencoder", _autoencoder(detector)
        case "gmm":
            return "gmm", _gaussian(scorer)
        case "kde":
            return "kde", _images(detector.kde_.tree_.data) | {"width": scorer.width, "constant": scorer.constant}
        case "knn" if scorer.method == "largest":
            return "knn", _images(detector.neigh_._fit_X) | {"k": scorer.k}
        case "ocsvm":
            sums = {"gamma": scorer.gamma, "constant": scorer.all_near}
            return "ocsvm", _images(scorer.vectors.numpy()) | {"weights": encode(scorer.weights.numpy())} | sums
        case "pca":
            return "pca", _endpoints(scorer)
    raise ValueError(f"the page's engine has no scorer of {name}")


def grey_levels(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct values of rows, at most 256, and the number of each value's own."""
    levels, index = np.unique(rows, return_inverse=True)
    if len(levels) > 256:
        raise ValueError(f"{len(levels)} distinct pixel values: the page's engine has bytes for 256")
    return levels, index.reshape(rows.shape)


def _tails(scorer: TailScorer) -> Arrays:
    levels, index = grey_levels(scorer.train)
    counts = np.stack([np.bincount(column, minlength=256) for column in index.T])
    places = [
        (number, at, step)
        for number, size in enumerate(BATCHES)
        for at, step in _log_errors(scorer.neg_log_tail(size)).items()
    ]
    return {
        "levels": encode(levels), "counts_low": encode_runs(counts % 256), "counts_high": encode_runs(counts // 256),
        "n": len(scorer.train), "mean": encode(scorer.mean), "moments": encode(np.stack(scorer.moments)),
        "average": scorer.average, "log_sizes": list(BATCHES), "log_places": [int(v) for one in places for v in one],
    }  # fmt: skip


def _log_errors(values: np.ndarray) -> dict[int, int]:
    """Return the places of values of -ln(k/N), k = 1 ... N, that are not rounded correctly, and by how many units."""
    n = len(values)
    with decimal.localcontext(prec=40):
        exact = np.array([float(-decimal.Decimal(k / n).ln()) for k in range(1, n + 1)])
    steps = np.ascontiguousarray(values).view(np.int64) - exact.view(np.int64)
    steps[-1] = 0  # -ln 1 is 0, of either sign
    return {int(at): int(steps[at]) for at in np.flatnonzero(steps)}


def _forest(detector: Any, scorer: Any) -> Arrays:
    """Return the nodes of all trees in preorder: a leaf is its own child in the scorer's arrays."""
    features, thresholds, children, _ = scorer.nodes
    nodes = np.arange(len(features))
    is_leaf = children[:, 0] == nodes
    if not (children[~is_leaf, 0] == nodes[~is_leaf] + 1).all():
        raise ValueError("the trees are not in preorder")
    rows = np.concatenate([e.tree_.n_node_samples for e in detector.detector_.estimators_])[is_leaf]
    largest = int(rows.max())
    return {
        "features": encode(np.where(is_leaf, LEAF, features).astype(np.uint16)),
        "thresholds": encode(thresholds[~is_leaf]), "rows": encode((rows - 1).astype(np.uint16)),
        "mean_depths": encode(mean_depth(np.arange(1, largest + 1))), "powers": encode(POWERS),
        "expected": float(scorer.expected), "offset": float(scorer.offset),
    }  # fmt: skip


def _balls(detector: Any) -> Arrays:
    centres = detector._centroids.reshape(detector._centroids_radius.size, -1)
    images, places = np.unique(centres, axis=0, return_inverse=True)
    levels, index = grey_levels(images)
    return {
        "levels": encode(levels), "images": encode_runs(index), "places": encode(places.ravel().astype(np.uint16)),
        "radii": encode(detector._centroids_radius.ravel()), "values": encode(detector._ratio.ravel()),
        "balls": detector._centroids_radius.shape[1],
    }  # fmt: skip


def _sphere(scorer: Any) -> Arrays:
    arrays: Arrays = {"weight": scorer.weight.numpy(), "bias": scorer.bias.numpy(), "centre": scorer.centre.numpy()}
    relu = [False]
    for layer in scorer.rest:
        match layer:
            case nn.Linear():
                relu.append(False)
                arrays[f"weight{len(relu) - 1}"] = layer.weight.numpy()
                if layer.bias is not None:
                    arrays[f"bias{len(relu) - 1}"] = layer.bias.numpy()
            case nn.ReLU():
                relu[-1] = True
            case nn.Dropout() | nn.Identity():
                pass  # without effect on a trained network
            case _:
                raise ValueError(f"the page's engine has no layer {type(layer).__name__}")
    return {name: encode(array) for name, array in arrays.items()} | {"relu": relu}


def _autoencoder(detector: Any) -> Arrays:
    """Return the layers of a convolutional autoencoder, with the sizes (maps, h, w) of what they take and give."""
    h, w, maps = (*detector.image_shape, 1)[:3]
    layers: list[dict[str, Any]] = []
    arrays: Arrays = {}
    for layer in _fused(detector.network_):
        before, place = [maps, h, w], dict[str, Any]()
        match layer:
            case nn.Conv2d() | nn.ConvTranspose2d():
                k, stride, padding = (int(value[0]) for value in (layer.kernel_size, layer.stride, layer.padding))
                transposed, maps = isinstance(layer, nn.ConvTranspose2d), layer.out_channels
                h, w = (stride * v if transposed else (v + 2 * padding - k) // stride + 1 for v in (h, w))
                small, large = (before, [maps, h, w]) if transposed else ([maps, h, w], before)
                place = {"small": small, "large": large, "k": k, "stride": stride, "padding": padding}
                name = "transposed" if transposed else "convolution"
            case nn.MaxPool2d(kernel_size=2, ceil_mode=False):
                h, w = h // 2, w // 2
                name, place = "pool", {"small": [maps, h, w]}
            case nn.Upsample(scale_factor=2, mode="nearest"):
                h, w = 2 * h, 2 * w
                name, place = "enlarge", {"small": before}
            case nn.LeakyReLU(negative_slope=0.01):
                name = "leaky"
            case nn.Linear():
                name, place = "linear", {"inputs": layer.in_features}
            case nn.ReLU() | nn.Sigmoid():
                name = type(layer).__name__.lower()
            case nn.Flatten() | nn.Unflatten():  # the order of the values stays
                maps, h, w = getattr(layer, "unflattened_size", (maps, h, w))
                continue
            case _:
                raise ValueError(f"the page's engine has no layer {type(layer).__name__}")
        for kind, value in layer.named_parameters():
            arrays[f"{kind}{len(layers)}"] = encode(value.detach().numpy())
        layers.append({"name": name} | place)
    return arrays | {"layers": layers}


def _fused(network: nn.Sequential) -> list[nn.Module]:
    """Return the layers with batch normalisation as part of the convolutions before it, in float64."""
    layers: list[nn.Module] = []
    for layer in network:
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(deepcopy(layers[-1]).double(), deepcopy(layer).double())  # type: ignore[type-var]
        else:
            layers.append(layer)
    return layers


def _images(rows: Any) -> Arrays:
    levels, index = grey_levels(np.asarray(rows, dtype=np.float64))
    return {"levels": encode(levels), "images": encode_runs(index)}


def _gaussian(scorer: Any) -> Arrays:
    """Return the factor of the precision matrix: its diagonal, and in 24 bits the rest of the pixels that vary."""
    factor, mean = scorer.matrix.numpy(), scorer.mean.numpy()
    upper = np.triu(factor, 1)
    varying = np.flatnonzero((upper != 0).any(axis=0) | (upper != 0).any(axis=1))
    upper = upper[np.ix_(varying, varying)]
    steps = np.maximum(abs(upper).max(axis=0), np.finfo(float).tiny) / (2**23 - 1)  # the first column is empty
    whole = np.rint(upper / steps).astype(np.int32)
    return {
        "mean": encode(mean), "diagonal": encode(np.diag(factor)), "varying": encode(varying.astype(np.uint16)),
        "columns": encode_integers(whole.T[np.tril_indices(len(varying), -1)]), "steps": encode(steps),
        "constant": scorer.constant,
    }  # fmt: skip


def _endpoints(scorer: Any) -> Arrays:
    """Return the axes that a float64 sum contains: an axis without variance has 1e30 times the weight of another."""
    weights, endpoints = scorer.weights.numpy(), scorer.endpoints.numpy()
    kept = weights > weights.max() * np.finfo(float).eps / len(weights)
    largest = np.where(abs(endpoints[kept]) > NEARLY_ZERO, endpoints[kept], 0).astype(np.float32)
    return {
        "endpoints": encode(largest), "weights": encode(weights[kept]), "mean": encode(scorer.mean.numpy()),
        "scale": encode(scorer.scale.numpy()),
    }  # fmt: skip
