"""Tables of chapter `dean`: a head and rows of text, from records."""

from collections.abc import Mapping

import numpy as np

from anogen.detectors import parse_spec
from anogen.detectors.dean import DEAN
from companion.figures.style import short
from companion.figures.tables import Table, percent
from companion.records import Record
from notebooks.thesis.dean.ensembles import RANGES

USUAL = DEAN()  # its options, of which the chapter's experiments change neither the power nor the bag


def networks(record: Record) -> int:
    """Return how many submodels a record's detector has."""
    options = parse_spec(record.parameter("detector"))[1]
    return int(options.get("n_submodels", USUAL.n_submodels))


def effort(record: Record) -> str:
    """Write how long a search was."""
    return f"{record.parameter('generations'):,} generations of {record.parameter('population')} images"


def two_ranges(record: Record) -> Table:
    """Compare the two ways to scale the input."""
    head = (
        "mode",
        "ROC AUC",
        "different scores of noise",
        "median of noise",
        "of real images",
        "first generation",
        "last",
    )
    rows = []
    for i, way in enumerate(RANGES):
        noisy, real, fell = (record[key][i] for key in ("noise_scores", "normal_scores", "history"))
        medians = (f"{np.median(scores):.3g}" for scores in (noisy, real))
        levels = f"{record['levels'][i]} of {noisy.size}"
        rows.append([way, f"{record['auc'][i]:.3f}", levels, *medians, f"{fell[0]:.4g}", f"{fell[-1]:.4g}"])
    return Table(head, rows)


def bags(record: Record) -> Table:
    """Compare ensembles with and without bags: mean and range over the trainings."""
    head = (
        "pixels in a bag",
        "rank correlation",
        "AUC of a submodel",
        "of the ensemble, power",
        "of the ensemble, deviation",
    )
    rows = []
    for i, width in enumerate(record.parameter("bags")):
        both = record["ensemble_auc"][i]
        values = (record["rank_correlation"][i], record["submodel_auc"][i].mean(axis=-1), both[:, 1], both[:, 0])
        rows.append([str(width), *(f"{v.mean():.3f} ({v.min():.3f} to {v.max():.3f})" for v in values)])
    return Table(head, rows)


def from_noise(drawn: Mapping[str, Record], qualities: Mapping[str, Record], detections: Mapping[str, Record]) -> Table:
    """Measure what was drawn from noise, class by class."""
    head = (
        "class, submodels | ROC AUC | noise like | Moran's I | distance | score | of real images | in deviations | rank"
    )
    rows = []
    for name, search in drawn.items():
        history, real, quality = search["history"], np.median(search["test_normal_scores"]), qualities[name]
        middle, found = (np.median(history[:, place]) for place in (history.shape[1] // 2, -1))
        row = [name, f"{detections[name]['auc'].mean():.3f}", percent(quality["noise_like"].mean())]
        row += [f"{quality[key].mean():.2f}" for key in ("morans_i", "nn_ratio")]
        row += [short(found), short(real), f"{(found / real) ** (1 / USUAL.power):.2f}"]
        rows.append([*row, percent(quality["score_rank"].mean()), short(found / middle)])
    return Table(f"{head} | last half", rows)


def by_size(record: Record, quality: Record, edge: np.ndarray) -> Table:
    """Measure what was drawn on each size of the ensemble; `edge` (d,) are the pixels of the frame."""
    head = "submodels | that see a pixel | brightness of the frame | highest quality | noise like"
    rows = []
    for i, size in enumerate(record["sizes"]):
        sees = size * min(1, USUAL.bag / edge.size)
        row = [f"{size}", f"{sees:.0f}", f"{quality['edge_mean'][i].mean():.3f}", f"{quality['quality'][i].max():.3f}"]
        row += [percent(quality["noise_like"][i].mean())]
        rows.append(row + [percent(record[key][i][edge].mean()) for key in ("darker_lowers", "speck_raises")])
    return Table(f"{head} | darker is better | speck is worse", rows)


def by_k(search: Record, quality: Record, digit: int) -> Table:
    """Measure what was drawn beside fixed pixels: means over the pairs."""
    apart = (np.abs(search["guided_images"].astype(float) - search["references"]) > 0.3).mean(axis=(1, 2))
    against = search["guided_scores"].mean(axis=1) / np.median(search["test_normal_scores"])
    means = [quality[key].mean(axis=1) for key in ("free_err_rel", "guided_p_cls", "guided_nn_ratio")]
    rows = [
        [percent(k), *(f"{value:.2f}" for value in values), percent(far), short(score)]
        for k, *values, far, score in zip(search.parameter("ks"), *means, apart, against, strict=True)
    ]
    return Table(f"k | error of free pixels | p({digit}) | distance | pixels 0.3 off | score / real median", rows)


def by_stop(half: Record, quality: Record, edge: np.ndarray, digit: int) -> Table:
    """Measure what became of a half-normal population: means over the runs; `edge` (d,) are the pixels of the frame."""
    frame = half["images"].astype(float)[..., edge].mean(axis=-1)
    values = [half["scores"], *(quality[key] for key in ("score_rank", "p_cls", "nn_ratio", "morans_i")), frame]
    means = zip(*(value.mean(axis=0) for value in values), strict=True)
    rows = [[f"{stop:,}", *(f"{v:.3g}" for v in of)] for stop, of in zip(half.parameter("stops"), means, strict=True)]
    return Table(f"generations | score | rank | p({digit}) | distance | Moran's I | brightness of the frame", rows)
