"""Claims of thesis 6.4 and 7 on nine detectors: Fig. 6.17, its ROC AUCs, the three groups.

Claims with Deep SVDD are checked for both forms of PyOD's: see `notebooks.thesis.deep_svdd.claims`. Those with
detectors whose training is random are checked for five trainings of each but DEAN, which takes too long.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from anogen.detectors import CATALOGUE
from companion import chapters
from companion.claims.base import (
    Arrays,
    Comparison,
    Finding,
    above,
    all_of,
    at_least,
    at_most,
    below,
    claim,
    mean_interval,
    over_settings,
    over_trainings,
)
from companion.studies.images import edge_centre, local_var, region_mean
from companion.studies.judged import judged
from notebooks.thesis.common.groups import THESIS, Drawn, group, perfect_group
from notebooks.thesis.common.guided import FAR
from notebooks.thesis.dean.claims import RIVALS, by_length, five
from notebooks.thesis.dean.claims import needs as dean_needs
from notebooks.thesis.deep_svdd.claims import EDGES, EXCLUDED, MNIST, READINGS, frame, split_trainings
from notebooks.thesis.deep_svdd.experiments import PYOD
from notebooks.thesis.other_detectors.experiments import DETECTORS, chapter_experiments
from notebooks.thesis.trainings import experiments as trainings

FORMS = PYOD[::-1]
ALL = (*DETECTORS, FORMS[1])
PAGE = "other-detectors"
IMAGES, QUALITY, DETECTION = "guided-{}", "guided-{}-quality", "detection-{}"
EXPERIMENTS = chapter_experiments(detectors=ALL)
KS = {detector: EXPERIMENTS[f"guided-{detector}"].parameters["ks"] for detector in ALL}
KIND = {IMAGES: "", QUALITY: "-quality", DETECTION: "-detection"}  # ends of the roles in chapter `trainings`
ONE_DEAN = "DEAN is trained once; " + five("ensembles with their searches", 18)


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
            retrained[f"{d}-{t}{KIND[kind]}"]
            for t in range(1, trainings.TRAININGS)
            for kind in kinds
            for d in randomly_trained(of)
        ]
        return [*needs(*(role for kind in kinds for role in each(kind, of)))(), *later]

    return required_records


def needs_judged(of: Sequence[str]) -> Callable[[], list[Any]]:
    """Return the ensemble's judgements of the images of detectors, in the order of `needs_trainings`."""
    return lambda: [judged(search) for search in needs_trainings(of, (IMAGES,))()]


def randomly_trained(of: Sequence[str]) -> tuple[str, ...]:
    """Return the detectors whose training is random and short, in their order."""
    return tuple(d for d in of if d in trainings.RANDOM)


def by_training(records: Sequence[Arrays], of: Sequence[str], kinds: int = 1) -> list[dict[str, Sequence[Arrays]]]:
    """Return the records that `needs_trainings` names, of each kind, by detector, for every training."""
    first = {detector: records[i : kinds * len(of) : len(of)] for i, detector in enumerate(of)}
    later, retrained = records[kinds * len(of) :], randomly_trained(of)
    block = kinds * len(retrained) or 1
    others = [later[i : i + block] for i in range(0, len(later), block)]
    return [first, *(first | {d: o[i :: len(retrained)] for i, d in enumerate(retrained)} for o in others)]


def each_training(qualities: Sequence[Arrays], of: Sequence[str]) -> list[dict[str, Drawn]]:
    """Return the records of qualities that `needs_trainings` names by detector, for every training."""
    return [{d: Drawn(quality, KS[d]) for d, (quality,) in by.items()} for by in by_training(qualities, of)]


def by_detector(qualities: Sequence[Arrays], of: Sequence[str]) -> dict[str, Drawn]:
    """Return the records of qualities by detector."""
    return {detector: Drawn(quality, KS[detector]) for detector, quality in zip(of, qualities, strict=True)}


def over_forms(check: Callable[[dict[str, Any]], Finding], values: Mapping[str, Any]) -> Finding:
    """Check with either form as Deep SVDD; the one of the thesis's date decides."""
    others = {name: value for name, value in values.items() if name not in PYOD}
    return over_settings({READINGS[form]: check(others | {"deep-svdd": values[form]}) for form in PYOD}, EXCLUDED)


def with_errors(judgement: Arrays, quality: Arrays) -> dict[str, np.ndarray]:
    """Return which images look normal to the ensemble, and the errors on the free pixels, as one record for `Drawn`."""
    looks = ("normal_looking", "guided_normal_looking")
    errors = ("free_err_rel", "unguided_free_err_rel")
    return {name: judgement[name] for name in looks} | {name: quality[name] for name in errors}


def claim_on_images(
    id_: str, *of: str, by_ensemble: bool = False
) -> Callable[[Callable[[dict[str, Drawn]], Finding]], Callable[..., Finding]]:
    """Register a claim on the images of detectors, checked for every training and with either form of Deep SVDD.

    The measures are the ensemble's judgements if asked for.
    """

    def register(check: Callable[[dict[str, Drawn]], Finding]) -> Callable[..., Finding]:
        @wraps(check)  # so that links lead to the check
        def over_all(*qualities: Arrays) -> Finding:
            return over_trainings([over_forms(check, by) for by in each_training(qualities, of)])

        return claim(id_, page=PAGE, needs=needs_judged(of) if by_ensemble else needs_trainings(of))(over_all)

    return register


@claim("thesis-c-17", page=PAGE, needs=needs_trainings(ALL, (IMAGES, DETECTION)))
def one_search_serves_all(*records: Arrays) -> Finding:
    """On each detector every image from noise scores below the median of 150 noise images.

    The noise images are independent of the first population, of the same distribution and number.
    """

    def check(search: Arrays, detection: Arrays) -> Finding:
        worst, noise = search["scores"].max(), detection["noise_scores"][0]
        start = min(noise.min(), search["history"][:, 0].min())
        return all_of(
            below("share of noise images that score no higher than the worst image", (noise <= worst).mean(), 0.5),
            measured={"below the best of noise and of the first generation": "yes" if worst < start else "no"},
            cause="optimiser",
            cost=ONE_DEAN,
        )

    of_training = by_training(records, ALL, 2)
    names = {n: CATALOGUE[n].title for n in DETECTORS} | {form: f"Deep SVDD, {name}" for form, name in READINGS.items()}
    found = {name: over_trainings([check(*by[d]) for by in of_training]) for d, name in names.items()}
    return over_settings(found, [f"Deep SVDD, {name}" for name in EXCLUDED])


@claim_on_images("thesis-c-19", *ALL)
def what_scores_well_may_look_wrong(by: Mapping[str, Drawn]) -> Finding:
    """At least one detector has an image with score_rank < 0.05 that is noise_like, from noise or with fixed pixels."""

    def count(quality: Arrays, kind: str) -> int:
        return int(((quality[f"{kind}score_rank"] < 0.05) & quality[f"{kind}noise_like"]).sum())

    counts = {name: count(drawn.quality, "") + count(drawn.quality, "guided_") for name, drawn in by.items()}
    measured = {f"such images of {name}": n for name, n in counts.items() if n}
    return all_of(at_least("images that score well and are noise-like", sum(counts.values()), 1), measured=measured)


THREE = ("hbos", "iforest", *FORMS)


@claim("thesis-c-68", page=PAGE, needs=lambda: [*needs_judged(THREE)(), *needs_trainings(THREE)()])
def three_fail_even_for_large_k(*records: Arrays) -> Finding:
    """HBOS, IForest, Deep SVDD: free_err_rel >= 0.5 at k = 80 and 90, and none is normal looking at k <= 70."""

    def check(by: Mapping[str, Drawn]) -> Finding:
        errors = {name: min(drawn.free(k) for k in (0.8, 0.9)) for name, drawn in by.items()}
        looks = max(drawn.share(k) for drawn in by.values() for k in (0, *drawn.ks) if k <= 0.7)
        parts = [at_least(f"{name}: smaller error of free pixels at 80 and 90%", e, 0.5) for name, e in errors.items()]
        return all_of(*parts, at_most("largest share normal looking, k <= 70%", looks, 0))

    half = len(records) // 2
    both = [with_errors(*pair) for pair in zip(records[:half], records[half:], strict=True)]
    return over_trainings([over_forms(check, by) for by in each_training(both, THREE)])


def dark_edge(images: np.ndarray, width: int) -> tuple[Comparison, ...]:
    """Return the parts of thesis-c-69 for images (n, d) and an edge of some width."""
    rows, over = images.astype(float), f"{len(images)} images"
    edge, centre = frame(MNIST, width), edge_centre(MNIST)[1]
    mean, rough, inner = region_mean(rows, MNIST, edge), local_var(rows, MNIST, edge), local_var(rows, MNIST, centre)
    spread = [mean_interval(values) if len(values) > 1 else None for values in (mean, rough)]
    return (
        below("edge mean", mean.mean(), 0.1, spread[0], over),
        below("edge local_var", rough.mean(), 0.05, spread[1], over),
        above("centre local_var / edge local_var", inner.mean() / max(rough.mean(), 1e-9), 3),
    )


@claim("thesis-c-69", page=PAGE, needs=needs(*each(IMAGES, ("copod", "gmm"))))
def noisy_centre_black_edge(*searches: Arrays) -> Finding:
    """COPOD and GMM at k = 0: edge mean < 0.1, edge local_var < 0.05, centre local_var > 3 x that of the edge.

    For an edge of 4, 3, 2 and 1 pixels. Neither detector's training is random.
    """

    def check(search: Arrays, width: int) -> Finding:
        parts, best = dark_edge(search["images"], width), dark_edge(search["optimum_points"], width)
        searched = all(at_best.met() for part, at_best in zip(parts, best, strict=True) if not part.met())
        return all_of(*parts, cause="optimiser" if searched else "detector", random=False)

    return over_settings(
        {
            f"{name}, an edge of {width} pixel{'s' * (width > 1)}": check(search, width)
            for name, search in zip(("COPOD", "GMM"), searches, strict=True)
            for width in EDGES
        }
    )


@claim(
    "thesis-c-70",
    page=PAGE,
    needs=lambda: [*needs(*each(IMAGES, ("copod", "gmm")))(), chapters.chapter_experiments("deep-svdd")["real-4"]],
)
def the_noisy_centre_is_smaller_for_copod(copod: Arrays, gmm: Arrays, real: Arrays) -> Finding:
    """The number of pixels more than 0.15 from the class mean: COPOD < GMM at k = 0.

    In the whole image and without an edge of 1 to 4 pixels; also the strength of the noise, local_var in the centre.
    """

    def check(quantity: str, measure: Callable[[np.ndarray], np.ndarray]) -> Finding:
        ours, theirs = (measure(search["images"].astype(float)) for search in (copod, gmm))
        best = [float(measure(search["optimum_points"].astype(float)).mean()) for search in (copod, gmm)]
        # The images of the two detectors are not paired, so any order gives the interval of the difference.
        difference, over = ours - theirs, f"{len(ours)} images of each"
        part = below(f"{quantity}, COPOD less GMM", difference.mean(), 0, mean_interval(difference), over)
        measured = {"COPOD": ours.mean(), "GMM": theirs.mean(), "COPOD's optimum": best[0], "GMM's optimum": best[1]}
        return all_of(part, measured=measured, cause="optimiser" if best[0] < best[1] else "detector", random=False)

    def area(width: int) -> Callable[[np.ndarray], np.ndarray]:
        inside = ~frame(MNIST, width).ravel() if width else np.ones(real["pixel_mean"].size, dtype=bool)
        return lambda images: (np.abs(images - real["pixel_mean"]) > FAR)[:, inside].sum(axis=1)

    areas = {f"area without an edge of {width}": check("pixels", area(width)) for width in EDGES}
    strength = check("local_var in the centre", lambda images: local_var(images, MNIST, edge_centre(MNIST)[1]))
    return over_settings({"area in the whole image": check("pixels", area(0)), **areas, "strength": strength})


ORDERED = ("copod", "gmm", "hbos", "iforest", *FORMS)


@claim_on_images("thesis-c-71", *ORDERED, by_ensemble=True)
def copod_and_gmm_look_more_normal(by: Mapping[str, Drawn]) -> Finding:
    """Mean quality over k = 0..90: min(COPOD, GMM) > max(HBOS, IForest, Deep SVDD)."""
    means = {name: drawn.mean_quality() for name, drawn in by.items()}
    best = {name: drawn.optima_or_images().mean_quality() for name, drawn in by.items()}
    measured = {f"mean quality of {name}": mean for name, mean in means.items()}
    part = above("mean quality, lower of COPOD and GMM less highest of the others", _lead(means), 0)
    return all_of(part, measured=measured, cause="optimiser" if _lead(best) > 0 else "detector")


def _lead(means: Mapping[str, float]) -> float:
    return min(means["copod"], means["gmm"]) - max(means["hbos"], means["iforest"], means["deep-svdd"])


@claim_on_images("thesis-c-72", *ALL, by_ensemble=True)
def three_groups(by: Mapping[str, Drawn]) -> Finding:
    """At least 8 of 9 detectors are in the thesis's group: see `groups.group`."""
    groups = {name: group(drawn) for name, drawn in by.items()}
    differ = [name for name in THESIS if groups[name] != THESIS[name]]
    part = at_least("detectors in the thesis's group", len(THESIS) - len(differ), 8)
    cause = "optimiser" if any(perfect_group(name, by[name]) == THESIS[name] for name in differ) else "detector"
    return all_of(part, measured={f"group of {n}": g for n, g in groups.items()}, cause=cause, cost=ONE_DEAN)


@claim(
    "thesis-c-79",
    page=PAGE,
    needs=dean_needs(
        "drawn-4-quality", "rival-further", *map("{}-quality".format, RIVALS), each=("4-quality",), retrained=True
    ),
)
def guidance_helps_dean_most(dean: Arrays, further: Arrays, *others: Arrays) -> Finding:
    """The gain of 1 - free_err_rel from k = 0 to k = 90 is larger for DEAN than for Deep SVDD."""

    def gain(quality: Arrays, detector: str) -> float:
        drawn = Drawn(quality, KS[detector])
        return drawn.free(0) - drawn.free(0.9)

    def check(svdd: Arrays) -> Finding:
        ours, theirs = gain(dean, "dean"), gain(svdd, "deep-svdd")
        part = above("gain of DEAN less gain of Deep SVDD", ours - theirs, 0)
        return all_of(part, measured={"gain of DEAN": ours, "gain of Deep SVDD": theirs}, cost=ONE_DEAN)

    untrained, trained = others[: len(RIVALS)]
    short = {PYOD[0]: [untrained, *split_trainings(further)], PYOD[1]: [trained]}
    return by_length(check, short, others[len(RIVALS) :])
