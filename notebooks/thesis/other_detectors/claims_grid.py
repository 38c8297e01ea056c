"""Claims of thesis 6.4 and 7 on nine detectors: Fig. 6.17, its ROC AUCs, the three groups.

The thesis's Deep SVDD is not known: PyOD's class trained nothing from 2.0.1 to 3.6.2. Claims on it are decided for both
forms; those that compare images, for every training of the detectors whose training is random.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from companion.claims.base import Arrays, Finding, claim, over_sweep, over_trainings, yes_or_no
from notebooks.thesis.common.groups import THESIS, Drawn, group, perfect_group
from notebooks.thesis.other_detectors.experiments import DETECTORS, grid_experiments
from notebooks.thesis.trainings import experiments as trainings

FORMS = ("deep-svdd", "deep-svdd-untrained")
ALL = (*DETECTORS, FORMS[1])
PAGE = "other-detectors"


def experiments() -> dict[str, Any]:
    """Return the experiments of the grid by role, with both forms of Deep SVDD."""
    return grid_experiments("laptop", ALL, 4, 30_000, 0)


KS = {detector: experiments()[f"guided-{detector}"].ks for detector in ALL}


def needs(*kinds: str, of: tuple[str, ...] = DETECTORS) -> Callable[[], list[Any]]:
    """Return the experiments of some kinds (`guided-{}`, `guided-{}-quality`, `detection-{}`) for each detector."""

    def required_records() -> list[Any]:
        roles = experiments()
        return [roles[kind.format(detector)] for kind in kinds for detector in of]

    return required_records


QUALITY, DETECTION = "guided-{}-quality", "detection-{}"


def needs_trainings(of: tuple[str, ...], kinds: Sequence[str] = (QUALITY,)) -> Callable[[], list[Any]]:
    """Return the experiments of `needs`, then those of each further training of the randomly trained detectors."""

    def required_records() -> list[Any]:
        retrained = trainings.chapter_experiments()
        later = [
            retrained[kind.removeprefix("guided-").format(f"{d}-{t}")]
            for t in range(1, trainings.TRAININGS)
            for kind in kinds
            for d in randomly_trained(of)
        ]
        return [*needs(*kinds, of=of)(), *later]

    return required_records


def randomly_trained(of: tuple[str, ...]) -> tuple[str, ...]:
    """Return the detectors whose training is random and short, in their order."""
    return tuple(d for d in of if d in trainings.RANDOM)


def each_training(qualities: tuple[Arrays, ...], of: tuple[str, ...]) -> list[dict[str, Drawn]]:
    """Return the records that `needs_trainings` names by detector, for every training."""
    figure, later, retrained = by_detector(qualities[: len(of)], of), qualities[len(of) :], randomly_trained(of)
    others = [by_detector(later[i : i + len(retrained)], retrained) for i in range(0, len(later), len(retrained))]
    return [figure, *(figure | other for other in others)]


def by_detector(qualities: tuple[Arrays, ...], of: tuple[str, ...]) -> dict[str, Drawn]:
    """Return the records of qualities by detector."""
    return {detector: Drawn(quality, KS[detector]) for detector, quality in zip(of, qualities, strict=True)}


def over_forms(check: Callable[[dict[str, Any]], Finding], values: Mapping[str, Any]) -> Finding:
    """Decide with either form as Deep SVDD; report the measures of the form that trains."""
    others = {name: value for name, value in values.items() if name not in FORMS}
    findings = [check(others | {"deep-svdd": values[form]}) for form in FORMS]
    met = {form: bool(finding.holds) for form, finding in zip(FORMS, findings, strict=True)}
    failed = next((finding for finding in findings if not finding.holds), findings[0])
    return over_sweep(
        met, {**findings[0].measured, **{f"met with {k}": yes_or_no(v) for k, v in met.items()}}, cause=failed.cause
    )


def over_all(check: Callable[[dict[str, Any]], Finding], qualities: tuple[Arrays, ...], of: tuple[str, ...]) -> Finding:
    """Decide every training, with either form of Deep SVDD."""
    return over_trainings([over_forms(check, by) for by in each_training(qualities, of)])


def aucs(detections: tuple[Arrays, ...], of: tuple[str, ...]) -> dict[str, float]:
    """Return the mean ROC AUC over the trainings, by detector."""
    return {detector: float(np.mean(d["auc"])) for detector, d in zip(of, detections, strict=True)}


@claim("thesis-c-04", page=PAGE, needs=needs(DETECTION))
def labels_lose_information(*detections: Arrays) -> Finding:
    """ROC AUC of the labels is at most that of the scores, for every detector and training."""
    lost = {n: float((d["auc"] - d["binary_auc"]).min()) for n, d in zip(DETECTORS, detections, strict=True)}
    measured = {f"least loss of {name}": loss for name, loss in lost.items()}
    return Finding(min(lost.values()) >= 0, measured, cause="detector")


@claim("thesis-c-17", page=PAGE, needs=needs("guided-{}", DETECTION))
def one_search_serves_all(*records: Arrays) -> Finding:
    """For each detector every image from noise scores below the best of 150 noise images and of the first generation.

    The noise images are independent of the first population, of the same distribution and number.
    """
    n = len(DETECTORS)
    lowered = {}
    for name, search, detection in zip(DETECTORS, records[:n], records[n:], strict=True):
        start = min(float(detection["noise_scores"][0].min()), float(search["history"][:, 0].min()))
        lowered[f"{name}: start minus worst end"] = start - float(search["scores"].max())
    return Finding(all(value > 0 for value in lowered.values()), lowered, cause="optimiser")


@claim("thesis-c-19", page=PAGE, needs=needs(QUALITY, of=ALL))
def what_scores_well_may_look_wrong(*qualities: Arrays) -> Finding:
    """At least one detector has an image with score_rank < 0.05 that is noise_like, from noise or with fixed pixels."""
    counts = {
        name: sum(
            int(((q[f"{kind}score_rank"] < 0.05) & q[f"{kind}noise_like"]).sum()) for kind in ("", "guided_")
        )
        for name, q in zip(ALL, qualities, strict=True)
    }  # fmt: skip
    return Finding(
        any(counts.values()), {f"such images of {n}": count for n, count in counts.items()}, cause="detector"
    )


@claim("thesis-c-68", page=PAGE, needs=needs_trainings(("hbos", "iforest", *FORMS)))
def three_fail_even_for_large_k(*qualities: Arrays) -> Finding:
    """HBOS, IForest, Deep SVDD: free_err_rel >= 0.5 at k = 80 and 90, and none is normal looking at k <= 70."""

    def check(by: dict[str, Drawn]) -> Finding:
        errors = {f"free_err_rel of {n} at {k:.0%}": d.free(k) for n, d in by.items() for k in (0.8, 0.9)}
        looks = {
            f"normal looking, {n}, k <= 70%": max(d.share(k) for k in (0, *d.ks) if k <= 0.7) for n, d in by.items()
        }
        holds = min(errors.values()) >= 0.5 and max(looks.values()) == 0
        return Finding(holds, {**errors, **looks}, cause="detector")

    return over_all(check, qualities, ("hbos", "iforest", *FORMS))


@claim("thesis-c-69", page=PAGE, needs=needs(QUALITY, of=("copod", "gmm")))
def noisy_centre_black_edge(*qualities: Arrays) -> Finding:
    """COPOD and GMM at k = 0: edge mean < 0.1, edge local_var < 0.05, centre local_var > 3 x that of the edge."""
    measured: dict[str, float] = {}
    failed: set[tuple[str, str]] = set()
    met_by_optimum: dict[tuple[str, str], bool] = {}
    for name, quality in zip(("copod", "gmm"), qualities, strict=True):
        for part, value, limit in _black_and_noisy(quality, ""):
            measured[f"{name}: {part}"] = value
            failed |= set() if value < limit else {(name, part)}
        met_by_optimum |= {(name, part): value < limit for part, value, limit in _black_and_noisy(quality, "optimum_")}
    # If the optimum meets every part that the search's image fails, the search is the cause.
    cause = "optimiser" if all(met_by_optimum[part] for part in failed) else "detector"
    return Finding(not failed, measured, cause=cause)


def _black_and_noisy(quality: Arrays, which: str) -> list[tuple[str, float, float]]:
    """Return the parts of the criterion: name, value, and upper limit."""
    edge, rough, centre = (
        float(np.mean(quality[f"{which}{key}"])) for key in ("edge_mean", "edge_local_var", "centre_local_var")
    )
    share = 3 * rough / centre if centre else np.inf
    return [("edge mean", edge, 0.1), ("edge local_var", rough, 0.05), ("3 x edge / centre local_var", share, 1)]


@claim("thesis-c-70", page=PAGE, needs=needs(QUALITY, of=("copod", "gmm")))
def the_noisy_centre_is_smaller_for_copod(copod: Arrays, gmm: Arrays) -> Finding:
    """The number of pixels more than 0.15 from the class mean: COPOD < GMM at k = 0."""
    both = {"copod": copod, "gmm": gmm}
    areas = {f"pixels of {name}": float(np.mean(quality["far_from_mean"])) for name, quality in both.items()}
    best = {f"pixels of {n}'s optimum": float(np.mean(q["optimum_far_from_mean"])) for n, q in both.items()}
    cause = "optimiser" if best["pixels of copod's optimum"] < best["pixels of gmm's optimum"] else "detector"
    return Finding(areas["pixels of copod"] < areas["pixels of gmm"], areas | best, cause=cause)


ORDERED = ("copod", "gmm", "hbos", "iforest", *FORMS)


@claim("thesis-c-71", page=PAGE, needs=needs_trainings(ORDERED))
def copod_and_gmm_look_more_normal(*qualities: Arrays) -> Finding:
    """Mean quality over k = 0..90: min(COPOD, GMM) > max(HBOS, IForest, Deep SVDD)."""

    def check(by: dict[str, Drawn]) -> Finding:
        means = {name: drawn.mean_quality() for name, drawn in by.items()}
        best = {name: drawn.best().mean_quality() for name, drawn in by.items()}
        cause = "optimiser" if _ahead(best) else "detector"
        return Finding(_ahead(means), {f"mean quality of {n}": v for n, v in means.items()}, cause=cause)

    return over_all(check, qualities, ORDERED)


def _ahead(means: Mapping[str, float]) -> bool:
    """Return whether COPOD and GMM are ahead of the other three."""
    return min(means["copod"], means["gmm"]) > max(means["hbos"], means["iforest"], means["deep-svdd"])


@claim("thesis-c-72", page=PAGE, needs=needs_trainings(ALL))
def three_groups(*qualities: Arrays) -> Finding:
    """At least 8 of 9 detectors are in the thesis's group: see `groups.group`."""

    def check(by: dict[str, Drawn]) -> Finding:
        groups = {name: group(drawn) for name, drawn in by.items()}
        differ = [name for name in THESIS if groups[name] != THESIS[name]]
        measured = {"agree": len(THESIS) - len(differ), **{f"group of {n}": g for n, g in groups.items()}}
        cause = "optimiser" if any(perfect_group(name, by[name]) == THESIS[name] for name in differ) else "detector"
        return Finding(len(differ) <= 1, measured, cause=cause)

    return over_all(check, qualities, ALL)


@claim("thesis-c-73", page=PAGE, needs=needs(DETECTION))
def three_of_the_best_four_need_no_guidance(*detections: Arrays) -> Finding:
    """Of the four best ROC AUCs three are the autoencoder's, OCSVM's and CBLOF's, and the fourth is DEAN's."""
    values = aucs(detections, DETECTORS)
    best = sorted(values, key=lambda name: values[name], reverse=True)[:4]
    measured: dict[str, float | str] = {
        "best four": ", ".join(best),
        **{f"ROC AUC of {n}": v for n, v in values.items()},
    }
    return Finding(set(best) == {"autoencoder", "ocsvm", "cblof", "dean"}, measured, cause="detector")


@claim("thesis-c-74", page=PAGE, needs=needs(DETECTION, of=ALL))
def the_least_normal_detect_worst(*detections: Arrays) -> Finding:
    """The mean ROC AUC of the thesis's group 3 is below that of its group 1."""

    def check(values: dict[str, float]) -> Finding:
        means = {g: float(np.mean([values[n] for n in THESIS if THESIS[n] == g])) for g in (1, 2, 3)}
        measured = {f"mean ROC AUC of group {g}": mean for g, mean in means.items()}
        return Finding(means[3] < means[1], measured, cause="detector")

    return over_forms(check, aucs(detections, ALL))


@claim("thesis-c-75", page=PAGE, needs=lambda: [*needs(DETECTION)(), *needs(QUALITY, of=("dean",))()])
def dean_detects_best_and_needs_guidance(*records: Arrays) -> Finding:
    """DEAN's ROC AUC is the highest of nine, and DEAN is not normal looking at k = 0."""
    values, dean = aucs(records[:-1], DETECTORS), Drawn(records[-1], KS["dean"])
    best = max(values, key=lambda name: values[name])
    measured: dict[str, float | str] = {
        "best": best,
        "ROC AUC of the best": values[best],
        "ROC AUC of dean": values["dean"],
    }
    measured["share of dean's images normal looking"] = dean.share(0)
    return Finding(best == "dean" and group(dean) != 1, measured, cause="detector")


@claim(
    "thesis-c-76",
    page=PAGE,
    needs=lambda: [*needs(DETECTION, of=("copod", "gmm"))(), *needs(QUALITY, of=("copod", "gmm"))()],
)
def equal_images_unequal_detection(*records: Arrays) -> Finding:
    """COPOD and GMM: mean quality differs by less than 0.15, ROC AUC by more than 0.1."""
    pair = ("copod", "gmm")
    values, by = aucs(records[:2], pair), by_detector(records[2:], pair)
    apart = abs(by["copod"].mean_quality() - by["gmm"].mean_quality())
    best = abs(by["copod"].best().mean_quality() - by["gmm"].best().mean_quality())
    measured = {"difference of quality": apart, "at the optima": best}
    measured |= {f"ROC AUC of {name}": value for name, value in values.items()}
    unequal = abs(values["copod"] - values["gmm"]) > 0.1
    return Finding(apart < 0.15 and unequal, measured, cause="optimiser" if unequal and best < 0.15 else "detector")


@claim("thesis-c-79", page=PAGE, needs=needs_trainings(("dean", *FORMS)))
def guidance_helps_dean_most(*qualities: Arrays) -> Finding:
    """The gain of 1 - free_err_rel from k = 0 to k = 90 is larger for DEAN than for Deep SVDD."""

    def check(by: dict[str, Drawn]) -> Finding:
        gains = {f"gain of {name}": d.free(0) - d.free(0.9) for name, d in by.items()}
        return Finding(gains["gain of dean"] > gains["gain of deep-svdd"], gains, cause="detector")

    return over_all(check, qualities, ("dean", *FORMS))
