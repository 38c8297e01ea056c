"""Claims of thesis 6.3 and 7 on the images of DEAN.

DEAN is compared with both forms of PyOD's Deep SVDD: see `notebooks.thesis.deep_svdd.claims`. An ensemble takes too
long to train five times, so each claim on one says what that would cost.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats

from companion.chapters import chapter_experiments
from companion.claims.base import (
    Arrays,
    Finding,
    Number,
    above,
    all_of,
    at_least,
    at_most,
    below,
    claim,
    mean_interval,
    over_settings,
    over_trainings,
    true,
)
from companion.studies.ensemble import MAJORITY
from companion.studies.images import edge_centre, local_var
from companion.studies.judged import judged
from notebooks.thesis.common.guided import KS as SVDD_KS
from notebooks.thesis.common.guided import masks
from notebooks.thesis.dean.experiments import KS, STOPS
from notebooks.thesis.deep_svdd.claims import EXCLUDED, READINGS, experiment_on, noise
from notebooks.thesis.deep_svdd.experiments import PYOD
from notebooks.thesis.deep_svdd.experiments import STOPS as SVDD_STOPS
from notebooks.thesis.trainings.experiments import TRAININGS

PAGE = "dean"
MNIST = (28, 28)
FRAME = edge_centre(MNIST)[0]


def five(of: str, hours: int) -> str:
    """Return the cost of five trainings, for claims that rest on one."""
    return f"five {of} would take {hours} core-hours"


def needs(*roles: str, each: Sequence[str] = (), retrained: bool = False) -> Callable[[], list[Any]]:
    """Return this chapter's experiments by role, then Deep SVDD's of `each` role, training by training, by form."""
    counted = range(TRAININGS if retrained else 1)
    return lambda: [
        *(chapter_experiments(PAGE)[role] for role in roles),
        *(experiment_on(form, role, training) for training in counted for form in PYOD for role in each),
    ]


def by_form(check: Callable[..., Finding], records: Sequence[Arrays], each: int = 1) -> dict[str, Finding]:
    """Check with either form of Deep SVDD, whose records come `each` at a time, training after training."""
    checked = [check(*records[i : i + each]) for i in range(0, len(records), each)]
    return {name: over_trainings(checked[i :: len(PYOD)]) for i, name in enumerate(READINGS.values())}


def by_length(
    check: Callable[[Arrays], Finding], short: Mapping[str, Sequence[Arrays]], long: Sequence[Arrays]
) -> Finding:
    """Check with either form of Deep SVDD after the generations of the thesis and after as many as DEAN has.

    The trainings of the `short` searches are given by form.
    """
    after_30_000 = by_form(check, long)
    by_reading = {
        name: over_settings(
            {"30,000 generations": after_30_000[name], "1,000 generations": over_trainings([*map(check, short[form])])}
        )
        for form, name in READINGS.items()
    }
    return over_settings(by_reading, EXCLUDED)


def once(records: Sequence[Arrays]) -> dict[str, Sequence[Arrays]]:
    """Return one training of each form of Deep SVDD for `by_length`."""
    return {form: [record] for form, record in zip(PYOD, records, strict=True)}


@claim("thesis-c-52", page=PAGE, needs=needs("first-4-quality", "first-frog-quality"))
def images_are_noise(four: Arrays, frog: Arrays) -> Finding:
    """At least 90% of the images in both rows have Moran's I < 0.2."""
    parts = (noise("share of noise, 4", four), noise("share of noise, frog", frog))
    return all_of(*parts, random=True, cost=five("ensembles of each class with their searches", 5))


def _with_judged(role: str) -> Callable[[], list[Any]]:
    """Return a search of this chapter, and the ensemble's judgement of its images."""
    search = needs(role)
    return lambda: [*search(), *map(judged, search())]


@claim("thesis-c-56", page=PAGE, needs=_with_judged("drawn-4"))
def nearly_normal_from_85(search: Arrays, judgement: Arrays) -> Finding:
    """From k = 85: all recognised by three of four classifiers, nn_ratio_unit <= 1.5, under 5% of pixels 0.3 off."""
    apart = np.abs(search["guided_images"].astype(float) - search["references"]) > 0.3
    parts, over = [], f"{len(search['references'])} real images"
    for i, k in enumerate(KS):
        if k >= 0.85:
            off, near = apart[i].mean(axis=1), judgement["guided_nn_ratio_unit"][i].astype(float)
            votes = judgement["guided_votes"][i].min()
            parts += [
                below(f"share of pixels apart at {k:.0%}", off.mean(), 0.05, mean_interval(off), over),
                at_most(f"distance to training images at {k:.0%}", near.mean(), 1.5, mean_interval(near), over),
                at_least(f"fewest classifiers, of 4, that recognise an image at {k:.0%}", votes, MAJORITY),
            ]
    flip = "1,500 submodels, as in the thesis, on five ensembles"
    return all_of(*parts, cause="scale", random=True, flip=flip)


def smallest_visible_k(votes: np.ndarray, ks: Sequence[float]) -> np.ndarray:
    """Return the smallest k at which three of four classifiers recognise each pair, (P,), from (K, P); else 1."""
    return np.where(votes >= MAJORITY, np.asarray(ks)[:, None], 1.0).min(axis=0)


RIVALS = tuple(f"rival-{form}" for form in PYOD)


def _needs_visible() -> list[Any]:
    """Return the judgements of DEAN's images, then of Deep SVDD's after as many generations and after the thesis's."""
    return [judged(e) for e in needs("drawn-4", *RIVALS, each=("4",))()]


@claim("thesis-c-57", page=PAGE, needs=_needs_visible)
def the_shape_is_visible_earlier(dean: Arrays, *others: Arrays) -> Finding:
    """Smallest k at which three of four classifiers recognise a 4, mean over common references: DEAN < Deep SVDD."""

    def check(svdd: Arrays) -> Finding:
        ours, theirs = smallest_visible_k(dean["guided_votes"], KS), smallest_visible_k(svdd["guided_votes"], SVDD_KS)
        pairs = min(len(ours), len(theirs))
        earlier = ours[:pairs] - theirs[:pairs]
        return all_of(
            below(
                "smallest k of DEAN less that of Deep SVDD", earlier.mean(), 0, mean_interval(earlier), f"{pairs} pairs"
            ),
            measured={"smallest k, DEAN": ours[:pairs].mean(), "smallest k, Deep SVDD": theirs[:pairs].mean()},
            cause="scale",
            flip="1,500 submodels, as in the thesis, on five ensembles",
            cost=five("ensembles with their searches", 18),
        )

    return by_length(check, once(others[: len(RIVALS)]), others[len(RIVALS) :])


def errors(record: Arrays, ks: Sequence[float], k: float, pairs: int) -> list[np.ndarray]:
    """Return |image - reference| at every free pixel, for each of the first pairs; their mean is free_err_rel."""
    images = record["guided_images"][list(ks).index(k), :pairs].astype(float)
    fixed_pixels, differences = masks({"order": record["order"]}, k), []
    for image, reference, fixed in zip(images, record["references"], fixed_pixels, strict=False):
        t = reference[~fixed].astype(float)
        differences.append(np.abs(image[~fixed] - t) / (t * t - t + 0.5).mean())
    return differences


@claim("thesis-c-58", page=PAGE, needs=needs("drawn-4", *RIVALS, each=("4",)))
def free_pixels_are_nearer(dean: Arrays, *others: Arrays) -> Finding:
    """free_err_rel(DEAN) < free_err_rel(Deep SVDD) at every k from 10 to 90, paired t test p < 0.05.

    Over the references and masks that both have; where that is a single one, paired over its free pixels.
    """

    def check(svdd: Arrays) -> Finding:
        pairs = min(len(dean["references"]), len(svdd["references"]))
        lower, p = [], []
        for k in KS:
            a, b = errors(dean, KS, k, pairs), errors(svdd, SVDD_KS, k, pairs)
            ours, theirs = (a[0], b[0]) if pairs == 1 else (np.array([e.mean() for e in es]) for es in (a, b))
            lower.append(float(np.mean(theirs) - np.mean(ours)))
            p.append(float(stats.ttest_rel(ours, theirs).pvalue))
        return all_of(
            above("error of Deep SVDD less that of DEAN, smallest over k", min(lower), 0),
            below("largest p", max(p), 0.05),
            measured={"pairs": pairs, "smallest difference at k": KS[int(np.argmin(lower))]},
            cost=five("ensembles with their searches", 18),
        )

    return by_length(check, once(others[: len(RIVALS)]), others[len(RIVALS) :])


@claim("thesis-c-59", page=PAGE, needs=_with_judged("half"))
def half_normal_starts_stay_normal(half: Arrays, judgement: Arrays) -> Finding:
    """All recognised by three of four classifiers at 1000 and 15000; edge local_var(15000) > edge local_var(1000)."""
    votes, rough = judgement["votes"].min(axis=0), roughness(half["images"], FRAME)
    recognised = [
        at_least(f"fewest classifiers, of 4, that recognise an image at {stop:,}", value, MAJORITY)
        for stop, value in zip(STOPS, votes, strict=True)
    ]
    grows = above("gain of edge local_var", rough[-1] - rough[0], 0)
    measured: dict[str, Number] = {"runs": len(half["images"])}
    return all_of(*recognised, grows, measured=measured, random=True, cost=five("ensembles with a run each", 5))


def roughness(images: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Return local_var over a region, mean over the runs, (T,), of images (R, T, d)."""
    rows = images.astype(float).reshape(-1, images.shape[-1])
    return np.asarray(local_var(rows, MNIST, region).reshape(images.shape[:2]).mean(axis=0))


@claim(
    "thesis-c-60",
    page=PAGE,
    needs=needs("half", "half-quality", "real-4", each=("half", "half-quality"), retrained=True),
)
def less_noise_than_deep_svdd(half: Arrays, quality: Arrays, real: Arrays, *others: Arrays) -> Finding:
    """At 1000 and 15000: background local_var and nn_ratio lower than Deep SVDD's; means over the runs.

    The background is the pixels that are black in every training image; the outer frame is reported, too.
    """
    regions = {"background": (real["pixel_mean"] == 0).reshape(MNIST), "edge": FRAME}
    shared = [SVDD_STOPS.index(stop) for stop in STOPS]

    def check(svdd: Arrays, measures: Arrays) -> Finding:
        by_stop = {
            f"{name} local_var": (roughness(half["images"], region), roughness(svdd["images"], region)[shared])
            for name, region in regions.items()
        }
        by_stop["nn_ratio"] = (quality["nn_ratio"].mean(axis=0), measures["nn_ratio"].mean(axis=0)[shared])
        less = {
            f"{name} at {stop:,}, DEAN less Deep SVDD": float(ours - theirs)
            for name, pair in by_stop.items()
            for stop, ours, theirs in zip(STOPS, *pair, strict=True)
        }
        edge = {key: less.pop(key) for key in list(less) if key.startswith("edge")}
        return all_of(*(below(key, value, 0) for key, value in less.items()), measured=edge)

    found = over_settings(by_form(check, others, each=2), EXCLUDED)
    return replace(found, limits="DEAN has one ensemble and one run; " + five("ensembles with a run each", 5))


@claim(
    "thesis-c-78",
    page=PAGE,
    needs=needs("drawn-4-detection", "drawn-4-quality", each=("4-detection", "4-quality"), retrained=True),
)
def both_detect_what_they_cannot_draw(detection: Arrays, quality: Arrays, *others: Arrays) -> Finding:
    """ROC AUC > 0.8 for both, mean over the trainings, while every image from noise is noise_like."""

    def check(their_detection: Arrays, their_quality: Arrays) -> Finding:
        return all_of(
            above("ROC AUC of Deep SVDD", their_detection["auc"][0], 0.8),
            above("ROC AUC of DEAN", detection["auc"].mean(), 0.8),
            true("every image of Deep SVDD is noise-like", bool(their_quality["noise_like"].all())),
            true("every image of DEAN is noise-like", bool(quality["noise_like"].all())),
            cost="DEAN is trained once; " + five("ensembles with their searches", 18),
        )

    return over_settings(by_form(check, others, each=2), EXCLUDED)
