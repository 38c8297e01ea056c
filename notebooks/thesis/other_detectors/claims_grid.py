"""Claims of thesis 6.4 and 7 on nine detectors: Fig. 6.17, its ROC AUCs, the three groups.

The thesis's Deep SVDD is not known: PyOD's class trained nothing from 2.0.1 to 3.6.2. Claims on it are decided for both
forms; those that compare images, for every training of the detectors whose training is random.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from companion.claims.base import Arrays, Finding, Number, claim, over_sweep, over_trainings, yes_or_no
from notebooks.thesis.common.groups import THESIS, Drawn, group, perfect_group
from notebooks.thesis.deep_svdd.experiments import PYOD
from notebooks.thesis.other_detectors.experiments import DETECTORS, chapter_experiments
from notebooks.thesis.trainings import experiments as trainings

FORMS = PYOD[::-1]
ALL = (*DETECTORS, FORMS[1])
PAGE = "other-detectors"
IMAGES, QUALITY, DETECTION = "guided-{}", "guided-{}-quality", "detection-{}"
EXPERIMENTS = chapter_experiments(detectors=ALL)
KS = {detector: EXPERIMENTS[f"guided-{detector}"].parameters["ks"] for detector in ALL}


def each(kind: str, of: Sequence[str] = DETECTORS) -> list[str]:
    """Return the roles of a kind of experiments (`IMAGES`, `QUALITY`, `DETECTION`), one for each detector."""
    return [kind.format(detector) for detector in of]


def needs(*roles: str) -> Callable[[], list[Any]]:
    """Return a function that returns the experiments of some roles."""
    return lambda: [EXPERIMENTS[role] for role in roles]


def needs_trainings(of: Sequence[str], kinds: Sequence[str] = (QUALITY,)) -> Callable[[], list[Any]]:
    """Return the experiments of some kinds, then those of each further training of the randomly trained detectors."""

    def required_records() -> list[Any]:
        retrained = trainings.chapter_experiments()
        later = [
            retrained[kind.removeprefix("guided-").format(f"{d}-{t}")]
            for t in range(1, trainings.TRAININGS)
            for kind in kinds
            for d in randomly_trained(of)
        ]
        return [*needs(*(role for kind in kinds for role in each(kind, of)))(), *later]

    return required_records


def randomly_trained(of: Sequence[str]) -> tuple[str, ...]:
    """Return the detectors whose training is random and short, in their order."""
    return tuple(d for d in of if d in trainings.RANDOM)


def each_training(qualities: Sequence[Arrays], of: Sequence[str]) -> list[dict[str, Drawn]]:
    """Return the records that `needs_trainings` names by detector, for every training."""
    figure, later, retrained = by_detector(qualities[: len(of)], of), qualities[len(of) :], randomly_trained(of)
    others = [by_detector(later[i : i + len(retrained)], retrained) for i in range(0, len(later), len(retrained))]
    return [figure, *(figure | other for other in others)]


def by_detector(qualities: Sequence[Arrays], of: Sequence[str]) -> dict[str, Drawn]:
    """Return the records of qualities by detector."""
    return {detector: Drawn(quality, KS[detector]) for detector, quality in zip(of, qualities, strict=True)}


def over_settings(findings: Mapping[str, Finding], label: str = "met {}") -> Finding:
    """Return the finding over settings: the numbers of the first, which the figure shows, and which meet it."""
    first = next(iter(findings.values()))
    failed = next((finding for finding in findings.values() if not finding.holds), first)
    met = {label.format(name): yes_or_no(finding.holds) for name, finding in findings.items()}
    holds = [bool(finding.holds) for finding in findings.values()]
    return over_sweep(holds, {**first.measured, **met}, cause=failed.cause)


def over_forms(check: Callable[[dict[str, Any]], Finding], values: Mapping[str, Any]) -> Finding:
    """Decide with either form as Deep SVDD; report the measures of the form that trains."""
    others = {name: value for name, value in values.items() if name not in FORMS}
    return over_settings({form: check(others | {"deep-svdd": values[form]}) for form in FORMS}, "met with {}")


def claim_on_images(id_: str, *of: str) -> Callable[[Callable[[dict[str, Drawn]], Finding]], Callable[..., Finding]]:
    """Register a claim on the images of detectors, checked for every training and with either form of Deep SVDD."""

    def register(check: Callable[[dict[str, Drawn]], Finding]) -> Callable[..., Finding]:
        @wraps(check)  # so that links lead to the check
        def over_all(*qualities: Arrays) -> Finding:
            return over_trainings([over_forms(check, by) for by in each_training(qualities, of)])

        return claim(id_, page=PAGE, needs=needs_trainings(of))(over_all)

    return register


def mean_aucs(detections: Sequence[Arrays], of: Sequence[str] = DETECTORS) -> dict[str, float]:
    """Return the mean ROC AUC over the trainings, by detector."""
    return {detector: float(np.mean(d["auc"])) for detector, d in zip(of, detections, strict=True)}


@claim("thesis-c-04", page=PAGE, needs=needs(*each(DETECTION)))
def labels_lose_information(*detections: Arrays) -> Finding:
    """ROC AUC of the labels is at most that of the scores, for every detector and training."""
    losses = [float((d["auc"] - d["binary_auc"]).min()) for d in detections]
    measured = {f"least loss of {name}": loss for name, loss in zip(DETECTORS, losses, strict=True)}
    return Finding(min(losses) >= 0, measured, cause="detector")


@claim("thesis-c-17", page=PAGE, needs=needs(*each(IMAGES), *each(DETECTION)))
def one_search_serves_all(*records: Arrays) -> Finding:
    """For each detector every image from noise scores below the best of 150 noise images and of the first generation.

    The noise images are independent of the first population, of the same distribution and number.
    """
    n = len(DETECTORS)
    lowered = {}
    for name, search, detection in zip(DETECTORS, records[:n], records[n:], strict=True):
        start = min(float(detection["noise_scores"][0].min()), float(search["history"][:, 0].min()))
        lowered[f"{name}: start minus worst end"] = start - float(search["scores"].max())
    return Finding(min(lowered.values()) > 0, lowered, cause="optimiser")


@claim("thesis-c-19", page=PAGE, needs=needs(*each(QUALITY, ALL)))
def what_scores_well_may_look_wrong(*qualities: Arrays) -> Finding:
    """At least one detector has an image with score_rank < 0.05 that is noise_like, from noise or with fixed pixels."""

    def count(quality: Arrays, kind: str) -> int:
        return int(((quality[f"{kind}score_rank"] < 0.05) & quality[f"{kind}noise_like"]).sum())

    counts = {f"such images of {n}": count(q, "") + count(q, "guided_") for n, q in zip(ALL, qualities, strict=True)}
    return Finding(any(counts.values()), counts, cause="detector")


@claim_on_images("thesis-c-68", "hbos", "iforest", *FORMS)
def three_fail_even_for_large_k(by: Mapping[str, Drawn]) -> Finding:
    """HBOS, IForest, Deep SVDD: free_err_rel >= 0.5 at k = 80 and 90, and none is normal looking at k <= 70."""
    errors = {f"free_err_rel of {n} at {k:.0%}": d.free(k) for n, d in by.items() for k in (0.8, 0.9)}
    looks = {f"normal looking, {n}, k <= 70%": max(d.share(k) for k in (0, *d.ks) if k <= 0.7) for n, d in by.items()}
    return Finding(min(errors.values()) >= 0.5 and max(looks.values()) == 0, {**errors, **looks}, cause="detector")


@claim("thesis-c-69", page=PAGE, needs=needs(*each(QUALITY, ("copod", "gmm"))))
def noisy_centre_black_edge(*qualities: Arrays) -> Finding:
    """COPOD and GMM at k = 0: edge mean < 0.1, edge local_var < 0.05, centre local_var > 3 x that of the edge."""
    by = dict(zip(("copod", "gmm"), qualities, strict=True))
    measured, optima = (
        {f"{name}: {part}": value for name, quality in by.items() for part, value in _edge(quality, which).items()}
        for which in ("", "optimum_")
    )
    limits = {part: LIMITS[part.partition(": ")[2]] for part in measured}
    failed = [part for part, value in measured.items() if value >= limits[part]]
    # If the optimum meets every part that the search's image fails, the search is the cause.
    cause = "optimiser" if all(optima[part] < limits[part] for part in failed) else "detector"
    return Finding(not failed, measured, cause=cause)


LIMITS = {"edge mean": 0.1, "edge local_var": 0.05, "3 x edge / centre local_var": 1}


def _edge(quality: Arrays, which: str) -> dict[str, float]:
    """Return the measures that `LIMITS` bounds, of the search's images or of the optima."""
    edge, rough, centre = (
        float(np.mean(quality[f"{which}{key}"])) for key in ("edge_mean", "edge_local_var", "centre_local_var")
    )
    return dict(zip(LIMITS, (edge, rough, 3 * rough / centre if centre else np.inf), strict=True))


@claim("thesis-c-70", page=PAGE, needs=needs(*each(QUALITY, ("copod", "gmm"))))
def the_noisy_centre_is_smaller_for_copod(*qualities: Arrays) -> Finding:
    """The number of pixels more than 0.15 from the class mean: COPOD < GMM at k = 0."""
    copod, gmm = (float(np.mean(quality["far_from_mean"])) for quality in qualities)
    best_copod, best_gmm = (float(np.mean(quality["optimum_far_from_mean"])) for quality in qualities)
    measured = {
        "pixels of copod": copod, "pixels of gmm": gmm,
        "pixels of copod's optimum": best_copod, "pixels of gmm's optimum": best_gmm,
    }  # fmt: skip
    return Finding(copod < gmm, measured, cause="optimiser" if best_copod < best_gmm else "detector")


ORDERED = ("copod", "gmm", "hbos", "iforest", *FORMS)


@claim_on_images("thesis-c-71", *ORDERED)
def copod_and_gmm_look_more_normal(by: Mapping[str, Drawn]) -> Finding:
    """Mean quality over k = 0..90: min(COPOD, GMM) > max(HBOS, IForest, Deep SVDD)."""
    means = {name: drawn.mean_quality() for name, drawn in by.items()}
    best = {name: drawn.optima_or_images().mean_quality() for name, drawn in by.items()}
    measured = {f"mean quality of {name}": mean for name, mean in means.items()}
    return Finding(_ahead(means), measured, cause="optimiser" if _ahead(best) else "detector")


def _ahead(means: Mapping[str, float]) -> bool:
    return min(means["copod"], means["gmm"]) > max(means["hbos"], means["iforest"], means["deep-svdd"])


@claim_on_images("thesis-c-72", *ALL)
def three_groups(by: Mapping[str, Drawn]) -> Finding:
    """At least 8 of 9 detectors are in the thesis's group: see `groups.group`."""
    groups = {name: group(drawn) for name, drawn in by.items()}
    differ = [name for name in THESIS if groups[name] != THESIS[name]]
    measured = {"agree": len(THESIS) - len(differ), **{f"group of {n}": g for n, g in groups.items()}}
    cause = "optimiser" if any(perfect_group(name, by[name]) == THESIS[name] for name in differ) else "detector"
    return Finding(len(differ) <= 1, measured, cause=cause)


@claim("thesis-c-73", page=PAGE, needs=needs(*each(DETECTION)))
def three_of_the_best_four_need_no_guidance(*detections: Arrays) -> Finding:
    """Of the four best ROC AUCs three are the autoencoder's, OCSVM's and CBLOF's, and the fourth is DEAN's."""
    aucs = mean_aucs(detections)
    best = sorted(aucs, key=lambda name: aucs[name], reverse=True)[:4]
    measured: dict[str, Number] = {f"ROC AUC of {name}": auc for name, auc in aucs.items()}
    holds = set(best) == {"autoencoder", "ocsvm", "cblof", "dean"}
    return Finding(holds, {"best four": ", ".join(best), **measured}, cause="detector")


@claim("thesis-c-74", page=PAGE, needs=needs(*each(DETECTION, ALL)))
def the_least_normal_detect_worst(*detections: Arrays) -> Finding:
    """The mean ROC AUC of the thesis's group 3 is below that of its group 1."""

    def check(aucs: dict[str, float]) -> Finding:
        means = {g: float(np.mean([aucs[n] for n in THESIS if THESIS[n] == g])) for g in (1, 2, 3)}
        measured = {f"mean ROC AUC of group {g}": mean for g, mean in means.items()}
        return Finding(means[3] < means[1], measured, cause="detector")

    return over_forms(check, mean_aucs(detections, ALL))


@claim("thesis-c-75", page=PAGE, needs=needs(*each(DETECTION), *each(QUALITY, ("dean",))))
def dean_detects_best_and_needs_guidance(*records: Arrays) -> Finding:
    """DEAN's ROC AUC is the highest of nine, and DEAN is not normal looking at k = 0."""
    aucs, dean = mean_aucs(records[:-1]), Drawn(records[-1], KS["dean"])
    best = max(aucs, key=lambda name: aucs[name])
    measured: dict[str, Number] = {
        "best": best, "ROC AUC of the best": aucs[best], "ROC AUC of dean": aucs["dean"],
        "share of dean's images normal looking": dean.share(0),
    }  # fmt: skip
    return Finding(best == "dean" and group(dean) != 1, measured, cause="detector")


@claim("thesis-c-76", page=PAGE, needs=needs(*each(DETECTION, ("copod", "gmm")), *each(QUALITY, ("copod", "gmm"))))
def equal_images_unequal_detection(*records: Arrays) -> Finding:
    """COPOD and GMM: mean quality differs by less than 0.15, ROC AUC by more than 0.1."""
    aucs, (copod, gmm) = mean_aucs(records[:2], ("copod", "gmm")), by_detector(records[2:], ("copod", "gmm")).values()
    apart = abs(copod.mean_quality() - gmm.mean_quality())
    best = abs(copod.optima_or_images().mean_quality() - gmm.optima_or_images().mean_quality())
    measured = {"difference of quality": apart, "at the optima": best}
    measured |= {f"ROC AUC of {name}": auc for name, auc in aucs.items()}
    unequal = abs(aucs["copod"] - aucs["gmm"]) > 0.1
    return Finding(apart < 0.15 and unequal, measured, cause="optimiser" if unequal and best < 0.15 else "detector")


@claim_on_images("thesis-c-79", "dean", *FORMS)
def guidance_helps_dean_most(by: Mapping[str, Drawn]) -> Finding:
    """The gain of 1 - free_err_rel from k = 0 to k = 90 is larger for DEAN than for Deep SVDD."""
    gains = {f"gain of {name}": drawn.free(0) - drawn.free(0.9) for name, drawn in by.items()}
    return Finding(gains["gain of dean"] > gains["gain of deep-svdd"], gains, cause="detector")
