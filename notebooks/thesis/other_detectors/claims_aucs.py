"""Claims of thesis 6.4 and 7 on the ROC AUCs of nine detectors."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from companion import chapters
from companion.claims.base import (
    Arrays,
    Finding,
    above,
    all_of,
    at_least,
    below,
    claim,
    mean_interval,
    over_settings,
    over_trainings,
)
from notebooks.thesis.common.groups import STEPS, THESIS, Drawn
from notebooks.thesis.other_detectors.claims_grid import (
    ALL,
    DETECTION,
    KS,
    ONE_DEAN,
    PAGE,
    by_detector,
    by_training,
    each,
    needs,
    needs_judged,
    needs_trainings,
    over_forms,
)
from notebooks.thesis.other_detectors.experiments import DETECTORS


@claim(
    "thesis-c-04",
    page=PAGE,
    needs=needs(*each(DETECTION)),
    identity="labels are a function of the scores and cannot hold more; "
    "only where a ROC curve is not concave could their ROC AUC be higher",
)
def labels_lose_information(*detections: Arrays) -> Finding:
    """ROC AUC of the labels is at most that of the scores, for every detector and training."""
    losses = [float((d["auc"] - d["binary_auc"]).min()) for d in detections]
    measured = {f"least loss of {name}": loss for name, loss in zip(DETECTORS, losses, strict=True)}
    return all_of(at_least("smallest loss of ROC AUC", min(losses), 0), measured=measured, random=False)


WIDTHS = (2, 8, 16)  # of the autoencoder, next to that of Fig. 6.17, each with three trainings


def claim_on_aucs(
    id_: str, needs_own: Callable[[], list[Any]] = list
) -> Callable[[Callable[..., Finding]], Callable[..., Finding]]:
    """Register a claim on ROC AUCs by detector, checked for every training, form of Deep SVDD and autoencoder's width.

    The records of `needs_own` are passed, too.
    """

    def required_records() -> list[Any]:
        of_width = chapters.chapter_experiments("autoencoder-cifar")
        widths = [of_width[f"detection-4-{width}"] for width in WIDTHS]
        return [*needs_own(), *widths, *needs_trainings(ALL, (DETECTION,))()]

    def register(check: Callable[..., Finding]) -> Callable[..., Finding]:
        @wraps(check)
        def over_all(*records: Arrays) -> Finding:
            count = len(needs_own())
            own, records = records[:count], records[count:]
            widths, detections = records[: len(WIDTHS)], records[len(WIDTHS) :]
            aucs = [{d: float(r["auc"][0]) for d, (r,) in by.items()} for by in by_training(detections, ALL)]
            by_width = {"autoencoder of width 4": aucs}
            for width, record in zip(WIDTHS, widths, strict=True):
                pairs = zip(aucs, record["auc"], strict=False)
                by_width[f"autoencoder of width {width}"] = [by | {"autoencoder": float(auc)} for by, auc in pairs]
            return over_settings(
                {
                    name: over_trainings([over_forms(lambda by: check(by, *own), by) for by in of_training])
                    for name, of_training in by_width.items()
                }
            )

        return claim(id_, page=PAGE, needs=required_records)(over_all)

    return register


@claim_on_aucs("thesis-c-73")
def three_of_the_best_four_need_no_guidance(aucs: Mapping[str, float]) -> Finding:
    """Of the four best ROC AUCs three are the autoencoder's, OCSVM's and CBLOF's, and the fourth is DEAN's."""
    best = {"autoencoder", "ocsvm", "cblof", "dean"}
    lead = min(aucs[name] for name in best) - max(auc for name, auc in aucs.items() if name not in best)
    measured = {f"ROC AUC of {name}": auc for name, auc in aucs.items()}
    return all_of(
        above("lowest ROC AUC of the four less highest of the others", lead, 0), measured=measured, cost=ONE_DEAN
    )


@claim("thesis-c-74", page=PAGE, needs=needs_trainings(ALL, (DETECTION,)))
def the_least_normal_detect_worst(*detections: Arrays) -> Finding:
    """The mean ROC AUC of the thesis's group 3 is below that of its group 1."""

    def check(by: Mapping[str, Sequence[Arrays]]) -> Finding:
        means = [float(np.mean([by[n][0]["auc"][0] for n in THESIS if THESIS[n] == g])) for g in (1, 2, 3)]
        measured = {f"mean ROC AUC of group {g}": mean for g, mean in enumerate(means, 1)}
        return all_of(above("mean ROC AUC of group 1 less that of group 3", means[0] - means[2], 0), measured=measured)

    return over_trainings([over_forms(check, by) for by in by_training(detections, ALL)])


@claim_on_aucs("thesis-c-75", needs_judged(("dean",)))
def dean_detects_best_and_needs_guidance(aucs: Mapping[str, float], judgement: Arrays) -> Finding:
    """DEAN's ROC AUC is the highest of nine, and DEAN is not normal looking at k = 0, by the ensemble."""
    best = max((name for name in aucs if name != "dean"), key=lambda name: aucs[name])
    lead, share = aucs["dean"] - aucs[best], Drawn(judgement, KS["dean"]).share(0)
    return all_of(
        above("ROC AUC of DEAN less the highest of the others", lead, 0),
        below("share of DEAN's images normal looking", share, 0.5),
        measured={"ROC AUC of DEAN": aucs["dean"], "best of the others": best},
        cost=ONE_DEAN,
        flip="1,500 submodels, as in the thesis",
    )


def _detection_and_judgements() -> list[Any]:
    return [*needs(*each(DETECTION, ("copod", "gmm")))(), *needs_judged(("copod", "gmm"))()]


@claim("thesis-c-76", page=PAGE, needs=_detection_and_judgements)
def equal_images_unequal_detection(*records: Arrays) -> Finding:
    """COPOD and GMM: mean quality, by the ensemble, differs by less than 0.15, ROC AUC by more than 0.1."""
    aucs = [float(np.mean(record["auc"])) for record in records[:2]]
    copod, gmm = by_detector(records[2:], ("copod", "gmm")).values()
    quality = [np.mean([d.values("quality", k) for k in STEPS if k], axis=0) for d in (copod, gmm)]  # by pair
    at_start = [float(d.values("quality", 0).mean()) for d in (copod, gmm)]
    apart = ((quality[0] - quality[1]) * (len(STEPS) - 1) + at_start[0] - at_start[1]) / len(STEPS)
    interval, over = mean_interval(apart), f"{len(apart)} real images"
    return all_of(
        below("mean quality of COPOD less that of GMM", apart.mean(), 0.15, interval, over),
        above("mean quality of COPOD less that of GMM", apart.mean(), -0.15, interval, over),
        above("difference of ROC AUC", abs(aucs[0] - aucs[1]), 0.1),
        measured={"ROC AUC of COPOD": aucs[0], "ROC AUC of GMM": aucs[1]},
        random=False,
    )
