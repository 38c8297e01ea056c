"""Figures and tables of chapter `trainings`: the same detectors, trained and searched with other seeds."""

from collections.abc import Callable, Mapping, Sequence

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
    """Draw a row for each detector and a column for each training: the first image from noise and its score."""
    return _grid({name: [(r["images"][0], r["scores"][0]) for r in row] for name, row in searches.items()})


def _grid(rows: Mapping[str, Sequence[tuple[np.ndarray, np.ndarray]]]) -> Figure:
    """Draw rows of images (d,) and their scores, by label; columns are numbered."""
    images = np.array([[pictures(image) for image, _ in row] for row in rows.values()])
    scores = np.array([[score for _, score in row] for row in rows.values()])
    return image_grid(images, scores, list(rows), [str(number + 1) for number in range(images.shape[1])])


def table_classes(qualities: Trainings, searches: Trainings) -> Table:
    """Compare, for images of a class each, the training of the class's figure with the range over all."""
    change = "change between neighbours, centre / edge"
    head = ("detector, class", "noise like", "Moran's I", "nearest real image", change)
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
    """Draw a row for each detector and stop, a column for each training: the best image of the first run."""
    rows = {}
    for name, half in halves.items():
        for i, stop in enumerate(half[0].parameter("stops")):
            rows[f"{name}\n{stop:,}"] = [(r["images"][0, i], r["scores"][0, i]) for r in half]
    return _grid(rows)


def table_normal_seeded(halves: Trainings, qualities: Trainings) -> Table:
    """Compare the first and the last image of normal-seeded populations, training by training; means over the runs."""
    stops = next(iter(halves.values()))[0].parameter("stops")
    head = ["detector", "training", f"score at {stops[0]:,}", f"at {stops[-1]:,}", "5% of real images are below"]
    head += ["labelled normal at the end", "noise like at the end"]
    rows = []
    for name, trainings in halves.items():
        for number, (half, quality) in enumerate(zip(trainings, qualities[name], strict=True), 1):
            scores, low = half["scores"], float(np.percentile(half["test_normal_scores"], 5))
            first, last = (short(float(scores[:, at].mean())) for at in (0, -1))
            normal = percent(float((scores[:, -1] < half["threshold"]).mean()))
            noisy = percent(float(quality["noise_like"][:, -1].mean()))
            rows.append([name, str(number), first, last, short(low), normal, noisy])
    return Table(head, rows)


def table_measures(qualities: Trainings) -> Table:
    """Compare the training of Fig. 6.17 with the others: its value, and the range over all."""
    head = ("detector", "normal looking from noise", "at the best k of 50 to 85%", "mean quality", "error at k = 90%")
    rows = []
    for name, trainings in qualities.items():
        drawn = [Drawn(q, q.parameter("ks")) for q in trainings]
        shares = [d.share(0) for d in drawn], [d.best_share() for d in drawn]
        values = [d.mean_quality() for d in drawn], [d.free(0.9) for d in drawn]
        rows.append([name, *(_ranged(v, percent) for v in shares), *(_ranged(v, "{:.2f}".format) for v in values)])
    return Table(head, rows)


def _ranged(values: Sequence[float], written: Callable[[float], str]) -> str:
    return f"{written(values[0])} ({written(min(values))} to {written(max(values))})"


def groups(qualities: Trainings) -> dict[str, list[int]]:
    """Return each detector's group in each training."""
    return {name: [group(Drawn(q, q.parameter("ks"))) for q in trainings] for name, trainings in qualities.items()}


def aucs(detections: Trainings) -> dict[str, list[float]]:
    """Return the ROC AUC of each detector in each training."""
    return {name: [float(record["auc"][0]) for record in trainings] for name, trainings in detections.items()}


def table_groups(qualities: Trainings, detections: Trainings, *, compared: bool = True) -> Table:
    """Compare the group of each training with the thesis's, if asked for; in brackets the ROC AUC of that training."""
    rows, detecting = [], aucs(detections)
    for name, numbers in groups(qualities).items():
        detector = qualities[name][0].parameter("detector").partition(":")[0].removesuffix("-untrained")
        thesis = THESIS.get(detector) if compared else None
        cells = [f"{number} ({auc:.3f})" for number, auc in zip(numbers, detecting[name], strict=True)]
        rows.append([name, "none" if thesis is None else str(thesis), *cells])
    head = ["detector", "thesis", *(f"training {number + 1}" for number in range(len(rows[0]) - 2))]
    return Table(head, rows)


def table_distances(searches: Trainings, qualities: Trainings) -> Table:
    """Compare images of one training with those of others: mean L2 distances in units of that of two real images."""
    head = ("detector", "two starts of one training", "of two trainings", "ratio")
    rows = []
    for name, trainings in searches.items():
        real = float(qualities[name][0]["pairwise"])
        images = [record["images"].astype(float) for record in trainings]
        within = np.mean([mean_pairwise(starts) for starts in images]) / real
        between = np.mean([cdist(images[a], images[b]).mean() for a in range(len(images)) for b in range(a)]) / real
        rows.append([name, f"{within:.3f}", f"{between:.3f}", f"{between / within:.1f}" if within else "none"])
    return Table(head, rows)
