"""Chapter 2 of the thesis: anomalies in the plane, and how a detector is judged."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from scipy.stats import hmean
from sklearn.metrics import f1_score

from anogen.metrics.detection import precision_recall_f1, roc_auc, roc_curve
from companion.experiment import Arrays, Experiment, Inputs, at_least

DETECTORS = ("KNN", "LOF", "IForest")  # rows of the score arrays
TRAININGS = ("all points", "normal regions only")  # the training sets of the detectors
KINDS = ("N_1", "N_2", "o_1", "o_2", "O_3")  # values of the array `kind`
LOF_NEIGHBOURS = 20  # PyOD's default: a group larger than this is a neighbourhood of its own

# Coordinates are ours: the thesis gives none. Each anomaly is at least five standard deviations from both regions.
CENTRES = np.array([[2.5, 6.5], [6.5, 2.5]])
SPREADS = np.array([0.6, 0.5])
ISOLATED = np.array([[2.2, 2.0], [5.2, 8.6]])
GROUP_CENTRE, GROUP_SPREAD = np.array([8.6, 6.2]), 0.2


@dataclass(frozen=True)
class Anomalies2D(Experiment):
    """Two dense regions, two isolated points and a small group, scored by three detectors (thesis Fig. 2.1)."""

    name = "anomalies-2d"
    exact = True
    quick: ClassVar = {"sizes": (100, 60), "groups": (4, 25), "grid": 31}

    sizes: tuple[int, int] = (200, 120)  # points in N_1 and N_2
    group: int = 8  # points in O_3 as plotted
    groups: tuple[int, ...] = (4, 8, 16, 25)  # points in O_3 in the sweep
    grid: int = 81  # the score field has grid x grid points

    def __post_init__(self) -> None:
        super().__post_init__()
        # a neighbourhood of 20 must fit into each region
        at_least(LOF_NEIGHBOURS + 1, **{f"sizes[{i}]": size for i, size in enumerate(self.sizes)})
        at_least(1, group=self.group, **{f"groups[{i}]": size for i, size in enumerate(self.groups)})
        at_least(2, grid=self.grid)

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Return points (n, 2), kind (n,), scores (3, n), limit (3,), axis (g,), field (3, g, g), above (s, 2, 3, 3).

        `limit` is the 99th percentile of the normal points' scores. `above` is the share of o_1, o_2 and O_3 (last
        axis) that a detector puts above it, for each group size, training and detector.
        """
        points, kind = self.sample_points(self.group)
        axis = np.linspace(0.0, 10.0, self.grid)
        mesh = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        detectors = [self.detector(name).fit(points) for name in DETECTORS]
        return {
            "points": points,
            "kind": kind,
            "scores": np.array([d.decision_scores_ for d in detectors]),
            "limit": np.array([_limit(d.decision_scores_, kind) for d in detectors]),
            "axis": axis,
            "field": np.array([d.decision_function(mesh).reshape(self.grid, self.grid) for d in detectors]),
            "groups": np.array(self.groups),
            "above": np.array([[self.share_above_limit(n, training) for training in TRAININGS] for n in self.groups]),
        }

    def sample_points(self, group: int) -> tuple[np.ndarray, np.ndarray]:
        """Return points (n, 2) and their kind (n,), an index into `KINDS`; the regions do not depend on `group`."""
        rng = self.rng(0)
        regions = [rng.normal(c, s, (n, 2)) for c, s, n in zip(CENTRES, SPREADS, self.sizes, strict=True)]
        collective = self.rng(1).normal(GROUP_CENTRE, GROUP_SPREAD, (group, 2))
        kind = np.repeat(np.arange(len(KINDS), dtype=np.int8), [*self.sizes, 1, 1, group])
        return np.concatenate([*regions, ISOLATED, collective]), kind

    def detector(self, name: str) -> Any:
        """Return the unfitted PyOD detector of that name, with PyOD's defaults."""
        return {"KNN": KNN, "LOF": LOF}[name]() if name != "IForest" else IForest(random_state=self.seed)

    def share_above_limit(self, group: int, training: str) -> np.ndarray:
        """Return the share (3, 3) of o_1, o_2 and O_3 that each detector scores above 99% of the normal points."""
        points, kind = self.sample_points(group)
        seen = np.full(len(points), True) if training == "all points" else kind <= KINDS.index("N_2")
        shares = []
        for name in DETECTORS:
            detector = self.detector(name).fit(points[seen])
            scores = np.empty(len(points))
            scores[seen] = detector.decision_scores_  # a point is not its own neighbour
            if not seen.all():
                scores[~seen] = detector.decision_function(points[~seen])
            above = scores > _limit(scores, kind)
            shares.append([above[kind == KINDS.index(k)].mean() for k in ("o_1", "o_2", "O_3")])
        return np.array(shares)


def _limit(scores: np.ndarray, kind: np.ndarray) -> float:
    return float(np.percentile(scores[kind <= KINDS.index("N_2")], 99))


@dataclass(frozen=True)
class RocCurve(Experiment):
    """ROC curves of a good, a random and a perfect detector, and checks of F1 (thesis Fig. 2.2, Eqs. 2.1-2.4)."""

    name = "roc-curve"
    exact = True
    quick: ClassVar = {"points": 2000, "tables": 50}
    least: ClassVar = {"points": 200, "tables": 1}  # with fewer points, 1% is not even two anomalies

    points: int = 20_000  # half of them anomalous; in `rare`, 1%
    d_prime: float = 2.326  # distance of the two score distributions in standard deviations: AUC Phi(d'/sqrt 2) = 0.95
    tables: int = 200  # random confusion tables on which F1 is checked
    thresholds: tuple[float, ...] = (0.5, 0.9, 0.99, 0.999)  # quantiles of the scores at which `rare` raises alarms

    def compute(self, cell: tuple, inputs: Inputs) -> Arrays:
        """Return `<name>_fpr`, `<name>_tpr` and `<name>_auc` for good, random and perfect, then `f1_*` and `rare_*`."""
        labels = (np.arange(self.points) % 2).astype(np.int8)
        rng = self.rng(0)
        scores = {
            "good": rng.normal(size=self.points) + self.d_prime * labels,  # binormal
            "random": rng.random(self.points),
            "perfect": rng.random(self.points) + labels,  # every anomaly above every normal point
        }
        arrays: Arrays = {}
        for name, score in scores.items():
            arrays[f"{name}_auc"] = np.array(roc_auc(score, labels))
            arrays[f"{name}_fpr"], arrays[f"{name}_tpr"] = _thin(*roc_curve(score, labels))
        return {**arrays, **self.check_f1(), **self.rare()}

    def check_f1(self) -> Arrays:
        """Compare F1 on random confusion tables with the harmonic mean (Eq. 2.3) and with scikit-learn."""
        rng = self.rng(1)
        to_mean, to_library = [], []
        for _ in range(self.tables):
            counts = rng.integers(1, 200, size=4)  # true positives, false positives, false negatives, true negatives
            labels, predicted = np.repeat([1, 0, 1, 0], counts), np.repeat([1, 1, 0, 0], counts)
            precision, recall, f1 = precision_recall_f1(predicted, labels)
            to_mean.append(abs(f1 - hmean([precision, recall])))
            to_library.append(abs(f1 - f1_score(labels, predicted)))
        return {"f1_to_harmonic_mean": np.array(max(to_mean)), "f1_to_library": np.array(max(to_library))}

    def rare(self) -> Arrays:
        """Evaluate the good detector, and one without alarms, on points of which 1% are anomalous.

        `rare_table` has a row per threshold: precision, recall, F1, accuracy, false positive rate.
        """
        labels = (np.arange(self.points) < self.points // 100).astype(np.int8)
        scores = self.rng(2).normal(size=self.points) + self.d_prime * labels
        rows = [_label_metrics(scores > np.quantile(scores, q), labels) for q in self.thresholds]
        return {
            "rare_share": np.array(labels.mean()),
            "rare_thresholds": np.array(self.thresholds),
            "rare_table": np.array(rows),
            "rare_never": np.array(_label_metrics(np.zeros_like(labels), labels)),
        }


def _label_metrics(predicted: np.ndarray, labels: np.ndarray) -> list[float]:
    """Return precision, recall, F1, accuracy and false positive rate of binary labels."""
    predicted = predicted.astype(np.int8)
    accuracy, fpr = np.mean(predicted == labels), np.mean(predicted[labels == 0])
    return [*precision_recall_f1(predicted, labels), float(accuracy), float(fpr)]


def _thin(fpr: np.ndarray, tpr: np.ndarray, keep: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return at most `keep` points of a curve, evenly spaced along its length, both ends included."""
    length = np.concatenate([[0.0], np.cumsum(np.diff(fpr) + np.diff(tpr))])  # the curve is monotone: city-block length
    index = np.unique(np.searchsorted(length, np.linspace(0.0, length[-1], keep)).clip(max=len(length) - 1))
    index[-1] = len(length) - 1
    return fpr[index], tpr[index]


QUICK: dict[str, Any] = {"points": 2000}


def chapter_experiments(scale: str = "laptop", seed: int = 0, points: int = RocCurve.points) -> dict[str, Experiment]:
    """Return the chapter's experiments: `anomalies` (Fig. 2.1), `roc` (Fig. 2.2), further seeds for the claims."""
    roles: dict[str, Experiment] = {
        "anomalies": Anomalies2D.at(scale, seed=seed),
        "roc": RocCurve.at(scale, seed=seed, points=points),
    }
    further = () if scale == "quick" else (1, 2, 3, 4)  # the book's own records serve every reader
    return roles | {f"anomalies-{number}": Anomalies2D.at(scale, seed=number) for number in further}
