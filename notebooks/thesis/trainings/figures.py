"""Figures and tables of chapter `trainings`: the same detectors, trained and searched with other seeds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.spatial.distance import cdist

from anogen.metrics.images import mean_pairwise
from companion.figures.registry import implements
from companion.figures.style import image_grid, pictures, short
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.thesis.common.groups import THESIS, Drawn, group
from notebooks.thesis.deep_svdd.claims import contrast

Trainings = Mapping[str, Sequence[Record]]  # of each detector, the training of Fig. 6.17 first


@implements("anogen-fig-trainings-[0-9]", "anogen-fig-trainings-digits-*", "anogen-fig-trainings-colour-*")
def fig_trainings(searches: Trainings) -> Figure:
    """Draw a row for each detector and a column for each training: the first image from noise.

    Above it is the share of held-out real images with a lower score.
    """
    return _grid({name: [(r["images"][0], share_below(r)) for r in row] for name, row in searches.items()})


def share_below(record: Record) -> float:
    """Return the share of held-out real images that score below the first image from noise, to two digits."""
    return round(float((record["test_normal_scores"] < record["scores"][0]).mean()), 2)


def _relative(record: Record, score: Any) -> float:
    """Return the mean of scores in units of the median held-out real image's."""
    return float(np.mean(score) / np.median(record["test_normal_scores"]))


def _grid(rows: Mapping[str, Sequence[tuple[np.ndarray, float]]]) -> Figure:
    """Draw rows of images (d,) and their scores, by label; columns are numbered."""
    images = np.array([[pictures(image) for image, _ in row] for row in rows.values()])
    scores = np.array([[score for _, score in row] for row in rows.values()])
    return image_grid(images, scores, list(rows), [str(number + 1) for number in range(images.shape[1])])


def table_classes(qualities: Trainings, searches: Trainings) -> Table:
    """Return, for images of a class each, the range of measures over all trainings."""
    head = ("detector, class", "noise-like", "Moran's I", "nearest real image", "differences, centre / edge")
    rows = []
    for name, trainings in qualities.items():
        shares = [float(q["noise_like"].mean()) for q in trainings]
        smooth, far = ([float(q[key].mean()) for q in trainings] for key in ("morans_i", "nn_ratio"))
        ratio = [contrast(r["images"], pictures(r["images"]).shape[1:])[0] for r in searches[name]]
        numbers = (_ranged(smooth, "{:.3f}".format), *(_ranged(v, "{:.2f}".format) for v in (far, ratio)))
        rows.append([name.replace("\n", ", "), _ranged(shares, percent), *numbers])
    return Table(head, rows)


@implements("anogen-fig-trainings-half-*")
def fig_normal_seeded(halves: Trainings) -> Figure:
    """Draw the best image of the first run at the first, middle and last stop of each detector, a column a training."""
    rows = {}
    for name, half in halves.items():
        stops = half[0].parameter("stops")
        for i in sorted({0, len(stops) // 2, len(stops) - 1}):
            rows[f"{name}\n{stops[i]:,}"] = [(r["images"][0, i], _relative(r, r["scores"][0, i])) for r in half]
    return _grid(rows)


def table_normal_seeded(halves: Trainings, qualities: Trainings) -> Table:
    """Compare the first and the last image of normal-seeded populations, training by training; means over the runs."""
    stops = next(iter(halves.values()))[0].parameter("stops")
    head = ["detector", "training", f"score at {stops[0]:,}", f"at {stops[-1]:,}", "noise-like at the end"]
    rows = []
    for name, trainings in halves.items():
        for number, (half, quality) in enumerate(zip(trainings, qualities[name], strict=True), 1):
            first, last = (short(_relative(half, half["scores"][:, at])) for at in (0, -1))
            rows.append([name, str(number), first, last, percent(float(quality["noise_like"][:, -1].mean()))])
    return Table(head, rows)


def table_measures(qualities: Trainings) -> Table:
    """Return the range of measures over all trainings."""
    head = ("detector", "normal-looking from noise", "at the best share of 50 to 85%", "mean quality", "error at 90%")
    rows = []
    for name, trainings in qualities.items():
        drawn = [Drawn(q, q.parameter("ks")) for q in trainings]
        shares = [d.share(0) for d in drawn], [d.best_share() for d in drawn]
        values = [d.mean_quality() for d in drawn], [d.free(0.9) for d in drawn]
        rows.append([name, *(_ranged(v, percent) for v in shares), *(_ranged(v, "{:.2f}".format) for v in values)])
    return Table(head, rows)


def _ranged(values: Sequence[float], written: Callable[[float], str]) -> str:
    low, high = written(min(values)), written(max(values))
    return low if low == high else f"{low} to {high}"


def groups(qualities: Trainings) -> dict[str, list[int]]:
    """Return each detector's group in each training."""
    return {name: [group(Drawn(q, q.parameter("ks"))) for q in trainings] for name, trainings in qualities.items()}


def aucs(detections: Trainings) -> dict[str, list[float]]:
    """Return the ROC AUC of each detector in each training."""
    return {name: [float(record["auc"][0]) for record in trainings] for name, trainings in detections.items()}


def table_groups(qualities: Trainings, detections: Trainings, *, compared: bool = True) -> Table:
    """Compare the groups of all trainings with the thesis's, if asked for."""
    rows, detecting = [], aucs(detections)
    for name, numbers in groups(qualities).items():
        detector = qualities[name][0].parameter("detector").partition(":")[0].removesuffix("-untrained")
        thesis = THESIS.get(detector) if compared else None
        cells = [", ".join(map(str, numbers)), _ranged(detecting[name], "{:.3f}".format)]
        rows.append([name, "–" if thesis is None else str(thesis), *cells])
    return Table(("detector", "group in the thesis", "groups here, by training", "ROC AUC"), rows)


def distance_ratios(searches: Trainings) -> dict[str, float]:
    """Return how many times as far apart images of two trainings are as those of two starts; 0 if those are equal."""
    return {name: between / within if within else 0.0 for name, (within, between) in _distances(searches).items()}


def _distances(searches: Trainings) -> dict[str, tuple[float, float]]:
    """Return the mean L2 distances between images of two starts, and between those of two trainings."""
    distances = {}
    for name, trainings in searches.items():
        images = [record["images"].astype(float) for record in trainings]
        within = np.mean([mean_pairwise(starts) for starts in images])
        between = np.mean([cdist(images[a], images[b]).mean() for a in range(len(images)) for b in range(a)])
        distances[name] = float(within), float(between)
    return distances


def table_distances(searches: Trainings, qualities: Trainings) -> Table:
    """Compare images of one training with those of others: mean L2 distances in units of that of two real images."""
    head, rows = ("detector", "two starts of one training", "two trainings", "ratio"), []
    for name, (within, between) in _distances(searches).items():
        real = float(qualities[name][0]["pairwise"])
        ratio = f"{between / within:.1f}" if within else "–"
        rows.append([name, f"{within / real:.3f}", f"{between / real:.3f}", ratio])
    return Table(head, rows)
