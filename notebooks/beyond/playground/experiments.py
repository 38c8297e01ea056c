"""Chapter `playground`: detectors of points in the plane, small enough to be recomputed in a browser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, pi
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import nn

from anogen import detectors
from anogen.generators.evolution import EvolutionConfig, evolve
from anogen.scorers import Scorer, make_scorer
from companion.experiment import Arrays, Experiment, Inputs
from companion.studies.evaluation_data import score_rows

DECIMALS = 3  # of the training points: they are written into the page as they are
SEARCH, FINE = 1, 201  # key of the seeds; side of the grid on which the lowest score is looked for


class Entry(NamedTuple):
    """A detector of the playground."""

    name: str  # in the catalogue
    title: str
    note: str  # its options in words
    options: Mapping[str, Any] = {}


TANH_LAYERS = {
    "hidden_neuron_list": [24, 12, 1], "hidden_activation_name": "tanh", "dropout_rate": 0.0, "batch_norm": False,
    "epoch_num": 300, "batch_size": 60, "lr": 5e-3,
}  # fmt: skip
# Widths and sizes are chosen for the unit square and for a page that loads quickly; other options are defaults.
ENTRIES = {
    "knn": Entry("knn", "KNN", "distance from the fifth nearest training point"),
    "lof": Entry("lof", "LOF", "20 neighbours"),
    "kde": Entry("kde", "KDE", "bandwidth 0.03", {"bandwidth": 0.03}),
    "gmm": Entry("gmm", "GMM", "one component, with its mean where no point is"),
    "mixture": Entry("gmm", "GMM (five)", "five components", {"n_components": 5}),
    "ocsvm": Entry("ocsvm", "OCSVM", "kernel with γ = 40, ν = 0.1", {"gamma": 40.0, "nu": 0.1}),
    "cblof": Entry("cblof", "CBLOF", "eight clusters"),
    "hbos": Entry("hbos", "HBOS", "ten bins an axis"),
    "copod": Entry("copod", "COPOD", "each point scored alone"),
    "ecod": Entry("ecod", "ECOD", "each point scored alone"),
    "iforest": Entry("iforest", "IForest", "25 trees of 64 points", {"n_estimators": 25, "max_samples": 64}),
    "autoencoder": Entry("pyod-autoencoder", "Autoencoder", "tanh layers of 24, 12 and one unit", TANH_LAYERS),
    "deep-svdd": Entry("deep-svdd", "Deep SVDD", "ReLU layers of 16 and 8 units", {"hidden_neurons": [16, 8]}),
    "deep-svdd-untrained": Entry(
        "deep-svdd-untrained", "SVDD (untrained)", "the same, random", {"hidden_neurons": [16, 8]}
    ),
}


def points(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return `count` points in the unit square, (count, 2): two thirds on an arc, one third in a round cloud."""
    arc = 2 * count // 3
    angle = rng.uniform(0.05 * np.pi, 0.95 * np.pi, arc)
    curve = np.stack([0.5 + 0.34 * np.cos(angle), 0.4 + 0.42 * np.sin(angle)], axis=1)
    cloud = np.broadcast_to([0.5, 0.2], (count - arc, 2))
    return (np.concatenate([curve, cloud]) + rng.normal(0, 0.03, (count, 2))).clip(0, 1).round(DECIMALS)


@dataclass(frozen=True, kw_only=True)
class Playground(Experiment):
    """Detectors fitted to the same points in the unit square, as images of two pixels.

    Arrays, for D detectors and S starts: `points` (n, 2); `axis` (g,), and `fields` (D, g, g), the scores at
    (axis[column], axis[row]), each point scored alone; `train_scores` (D, n); `lowest` (D, 2) and `lowest_scores` (D,),
    the known optimum, or else the best point of a fine grid, and `known` (D,), whether it is the optimum; `ends`
    (D, S, 2) and `end_scores` (D, S) of evolutions from noise; `differentiable` (D,); and, as `<key>.<name>`, the
    numbers that each detector's score depends on.
    """

    name = "playground"
    quick: ClassVar = {"count": 64, "grid": 9, "starts": 2, "generations": 20, "entries": ("knn", "gmm", "copod")}
    least: ClassVar = {"count": 64, "grid": 2, "starts": 2, "generations": 1}  # a tree of the forest sees 64 points
    axes: ClassVar = ("entries",)

    count: int = 240
    grid: int = 41
    starts: int = 6
    generations: int = 400
    population: int = 40
    entries: tuple[str, ...] = tuple(ENTRIES)

    def uses(self) -> tuple[str, ...]:
        """Return the detectors of the entries."""
        return tuple(ENTRIES[key].name for key in self.entries)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Fit one detector, and compute its scores."""
        (key,) = cell
        entry, train = ENTRIES[key], points(self.rng(0), self.count)
        detector = detectors.fit(entry.name, train, self.seed, **entry.options)
        score = make_scorer(detector, 2)
        point, lowest, known = self.lowest(score)
        ends = []  # of evolutions from noise
        for start in range(self.starts):
            seed, config = int(self.rng(SEARCH, start).integers(2**31)), EvolutionConfig(self.population)
            with torch.inference_mode():
                *_, (state, _) = evolve(score, [seed], n_generations=self.generations, config=config)
            ends.append(state.current_best()[0].double().numpy())
        return {
            "fields": score_rows(score, mesh(self.grid)).reshape(self.grid, self.grid),
            "train_scores": score_rows(score, torch.from_numpy(train)),
            "lowest": point,
            "lowest_scores": np.array(lowest),
            "known": np.array(known),
            "ends": np.stack(ends),
            "end_scores": score_rows(score, torch.from_numpy(np.stack(ends))),
            "differentiable": np.array(score.differentiable or key == "mixture"),  # whose fallback has no gradient
            **{f"{key}.{name}": value for name, value in score_parameters(entry.name, detector, score).items()},
        }

    def lowest(self, score: Scorer) -> tuple[np.ndarray, float, bool]:
        """Return the most normal point (2,), its score, and whether it is a known optimum or the best of a grid."""
        known = score.optimum()
        if known is not None:
            return known.samples[0].numpy(), known.score, True
        fine = mesh(FINE)
        scores = score_rows(score, fine)
        return fine[scores.argmin()].numpy(), float(scores.min()), False

    def collect(self, parts: Sequence[Arrays], inputs: Inputs) -> Arrays:
        """Stack the arrays that all detectors have, and keep the others under the detector's key."""
        own = {name: array for part in parts for name, array in part.items() if "." in name}
        shared = {name: np.stack([part[name] for part in parts]) for name in parts[0] if "." not in name}
        train = points(self.rng(0), self.count)
        return shared | own | {"points": train, "axis": axis(self.grid), "entries": np.array(self.entries)}


def axis(side: int) -> np.ndarray:
    """Return the coordinates of a grid, (g,)."""
    return np.arange(side) / (side - 1)


def mesh(side: int) -> torch.Tensor:
    """Return all points of a grid, row by row from the bottom, (g * g, 2)."""
    x, y = np.meshgrid(axis(side), axis(side))
    return torch.from_numpy(np.stack([x, y], axis=-1).reshape(-1, 2))


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
            nodes = zip(("features", "thresholds", "children", "leaves"), scorer.nodes, strict=True)
            parameters = {"roots": scorer.roots, "expected": scorer.expected, "offset": scorer.offset, **dict(nodes)}
        case "pyod-autoencoder":  # z = scale x + shift, both (d,), and the layers from z to its copy
            parameters = {"scale": scorer.scale, "shift": scorer.shift, **_layers(scorer.layers)}
        case "deep-svdd" | "deep-svdd-untrained":  # the layers from x to its place, and the centre
            first = nn.Linear(*scorer.weight.shape)
            first.weight, first.bias = (nn.Parameter(v, requires_grad=False) for v in (scorer.weight.T, scorer.bias))
            parameters = {"centre": scorer.centre, **_layers([first, *scorer.rest])}
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


def chapter_experiments(scale: str = "laptop", seed: int = 0) -> dict[str, Experiment]:
    """Return the chapter's only experiment: `playground`."""
    return {"playground": Playground.at(scale, seed=seed)}
