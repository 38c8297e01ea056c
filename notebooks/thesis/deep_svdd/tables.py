"""Tables of chapter `deep-svdd`: a head and rows of text, from records of its forms by class and by name."""

from collections.abc import Mapping

import numpy as np

from companion.figures.tables import Table, percent
from companion.records import Record

ByForm = Mapping[str, Record]
ByClass = Mapping[int | str, ByForm]


def detecting(by_class: ByClass) -> Table:
    """Measure how well the forms detect, and what they label normal."""
    head = (
        "form",
        "class",
        "trainings",
        "ROC AUC: mean (range)",
        "normals inside",
        "anomalies inside",
        "uniform noise inside",
    )
    rows = []
    for number, detections in by_class.items():
        for form, record in detections.items():
            auc, threshold = record["auc"], record["threshold"]
            inside, normal = record["test_scores"] <= threshold[:, None], record["test_labels"] == 0
            noise = (record["noise_scores"] <= threshold[:, None]).mean()
            shares = map(percent, (inside[:, normal].mean(), inside[:, ~normal].mean(), noise))
            spread = f"{auc.mean():.3f} ({auc.min():.3f} to {auc.max():.3f})"
            rows.append([form, str(number), str(auc.size), spread, *shares])
    return Table(head, rows)


def from_noise(by_class: ByClass, qualities: ByClass) -> Table:
    """Measure what was drawn from noise."""
    head = (
        "form",
        "class",
        "noise like",
        "normal looking",
        "Moran's I",
        "distance",
        "score",
        "of real images",
        "rank < 5%",
    )
    rows = []
    for number, forms in by_class.items():
        for form, drawn in forms.items():
            quality = qualities[number][form]
            shares = [percent(quality[key].mean()) for key in ("noise_like", "normal_looking")]
            measures = [f"{quality[key].mean():.2f}" for key in ("morans_i", "nn_ratio")]
            scores = [f"{np.median(drawn[key]):.2g}" for key in ("scores", "test_normal_scores")]
            ranked = percent((quality["score_rank"] < 0.05).mean())
            rows.append([form, str(number), *shares, *measures, *scores, ranked])
    return Table(head, rows)


def fooled(qualities: ByClass) -> list[str]:
    """Return the forms for which noise was found that scores better than 95% of the real images."""
    found = [
        form
        for forms in qualities.values()
        for form, quality in forms.items()
        if (quality["noise_like"] & (quality["score_rank"] < 0.05)).any()
    ]
    return list(dict.fromkeys(found))


def still(drawn: Record) -> float:
    """Return the share of the generations looked at whose lowest score is that of the first population."""
    return float(np.isclose(drawn["history"], drawn["history"][:, :1], rtol=1e-6, atol=0).mean())


def left(drawn: Record) -> float:
    """Return the last score along the way as a share of the first population's lowest, median over the starts."""
    return float(np.median(drawn["history"][:, -1] / drawn["history"][:, 0]))


def beside_fixed(searches: ByForm, qualities: ByForm) -> Table:
    """Compare the least and the largest share of fixed pixels: means over the real images."""
    ks = next(iter(searches.values())).parameter("ks")
    ends = [f"{what} at {percent(k)}" for what in ("error of free pixels", "score") for k in (ks[0], ks[-1])]
    rows = []
    for form, search in searches.items():
        error, scores = qualities[form]["free_err_rel"].mean(axis=1), search["guided_scores"].mean(axis=1)
        values = (error[0], error[-1], scores[0], scores[-1], search["reference_scores"].mean())
        rows.append([form, *map("{:.2g}".format, values)])
    return Table(" | ".join(["form", *ends, "score of the real images"]), rows)


def from_normal(runs: ByForm, qualities: ByForm) -> Table:
    """Follow half-normal populations: means over the runs.

    `moved` is the root mean square change of a pixel since the first stop; `blind drift` is what a population does that
    nothing selects.
    """
    head = ("form", "generations", "score", "labelled normal", "recognised", "Moran's I", "moved", "blind drift")
    rows = []
    for form, run in runs.items():
        quality, images, stops = qualities[form], run["images"].astype(float), run.parameter("stops")
        moved = np.sqrt(((images - images[:, :1]) ** 2).mean(axis=(0, 2)))
        for i, stop in enumerate(stops):
            drift = run.parameter("sigma") * np.sqrt(4 / 3 * (stop - stops[0]) / run.parameter("population"))
            score, below = run["scores"][:, i], (run["scores"][:, i] < run["threshold"]).mean()
            measures = [f"{quality[key][:, i].mean():.2f}" for key in ("p_cls", "morans_i")]
            rows.append([form, f"{stop:,}", f"{score.mean():.2g}", percent(below), *measures])
            rows[-1] += [f"{moved[i]:.3f}", f"{drift:.3f}"]
    return Table(head, rows)
