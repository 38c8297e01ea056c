"""Claims of thesis 5.2.3, 6.3 and 7 on DEAN: the images of its ensemble, its submodels, the ensemble's size.

DEAN is compared with both forms of PyOD's Deep SVDD, untrained (before 3.6.3) and trained, and with five trainings of
each, except for images with the same fixed pixels. The thesis leaves a submodel's score open, so claims on scores are
decided for both: the deviation from the submodel's mean answer, whose average the thesis speaks of, and its ninth
power, as in the authors' code.
"""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import numpy as np
from scipy import stats

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim, over_sweep, over_trainings
from companion.studies.images import edge_centre, local_var
from notebooks.thesis.common.guided import KS as SVDD_KS
from notebooks.thesis.common.guided import masks
from notebooks.thesis.dean.experiments import KS, STOPS, THESIS
from notebooks.thesis.dean.submodels import TAKEN
from notebooks.thesis.deep_svdd.claims import experiment_on, over_implementations
from notebooks.thesis.deep_svdd.experiments import STOPS as SVDD_STOPS
from notebooks.thesis.other_detectors.claims_grid import FORMS
from notebooks.thesis.trainings.experiments import TRAININGS

PAGE = "dean"
MNIST = (28, 28)
FRAME = edge_centre(MNIST)[0]


def needs(*roles: str, each: Sequence[str] = (), retrained: bool = False) -> Callable[[], list[Any]]:
    """Return this chapter's experiments by role, then Deep SVDD's of `each` role, training by training, by form."""
    counted = range(TRAININGS if retrained else 1)
    return lambda: [
        *(chapter_experiments(PAGE)[role] for role in roles),
        *(experiment_on(form, role, training) for training in counted for form in FORMS for role in each),
    ]


def by_form(check: Callable[..., Finding], records: Sequence[Arrays], each: int = 1) -> Finding:
    """Decide with either form of Deep SVDD, whose records come `each` at a time, training after training."""
    checked = [check(*records[i : i + each]) for i in range(0, len(records), each)]
    findings = {form: over_trainings(checked[i :: len(FORMS)]) for i, form in enumerate(FORMS)}
    return over_implementations(findings, {f"met, {form}": str(finding.holds) for form, finding in findings.items()})


@claim("thesis-c-52", page=PAGE, needs=needs("first-4-quality", "first-frog-quality", "real-4", "real-frog"))
def images_are_noise(four: Arrays, frog: Arrays, real_four: Arrays, real_frog: Arrays) -> Finding:
    """At least 90% noise_like in both rows; where pure noise itself is not noise_like, the data is the cause."""
    shares = {f"noise like, {name}": float(of["noise_like"].mean()) for name, of in (("4", four), ("frog", frog))}
    failed = [pair for pair in ((four, real_four), (frog, real_frog)) if pair[0]["noise_like"].mean() < 0.9]
    by_data = all(real["noise_like"].mean() < 0.9 and (of["morans_i"] < 0.2).mean() >= 0.9 for of, real in failed)
    measured = shares | {
        "Moran's I < 0.2, frog": (frog["morans_i"] < 0.2).mean(),
        "nn_ratio of pure noise, frog": np.median(real_frog["noise_nn_ratio"]),
    }
    return Finding(not failed, measured, cause="data" if by_data else "detector")


@claim("thesis-c-56", page=PAGE, needs=needs("drawn-4", "drawn-4-quality"))
def nearly_normal_from_85(search: Arrays, quality: Arrays) -> Finding:
    """From k = 85: p_cls >= 0.9, nn_ratio <= 1.5, under 5% of all pixels 0.3 off the reference; means over pairs."""
    apart = np.abs(search["guided_images"].astype(float) - search["references"]) > 0.3
    met, measured = [], {"pairs": search["references"].shape[0]}
    for i, k in enumerate(KS):
        if k >= 0.85:
            p, near, off = (float(a[i].mean()) for a in (quality["guided_p_cls"], quality["guided_nn_ratio"], apart))
            met.append(p >= 0.9 and near <= 1.5 and off < 0.05)
            measured |= {f"p_cls at {k:.0%}": p, f"nn_ratio at {k:.0%}": near, f"share of pixels apart at {k:.0%}": off}
    return Finding(all(met), measured, cause="detector")


def smallest_visible_k(p: np.ndarray, ks: Sequence[float]) -> np.ndarray:
    """Return the smallest k with p_cls >= 0.9 of each pair, (P,), from (K, P); 1 where there is none."""
    return np.where(p >= 0.9, np.asarray(ks)[:, None], 1.0).min(axis=0)


@claim("thesis-c-57", page=PAGE, needs=needs("drawn-4-quality", each=("4-quality",)))
def the_shape_is_visible_earlier(dean: Arrays, *others: Arrays) -> Finding:
    """Smallest k with p_cls(4) >= 0.9, mean over the references and masks that both have: DEAN < Deep SVDD."""

    def check(svdd: Arrays) -> Finding:
        ours, theirs = smallest_visible_k(dean["guided_p_cls"], KS), smallest_visible_k(svdd["guided_p_cls"], SVDD_KS)
        pairs = min(len(ours), len(theirs))
        a, b = ours[:pairs].mean(), theirs[:pairs].mean()
        return Finding(a < b, {"smallest k, DEAN": a, "Deep SVDD": b, "pairs": pairs}, cause="detector")

    return by_form(check, others)


def errors(record: Arrays, ks: Sequence[float], k: float, pairs: int) -> list[np.ndarray]:
    """Return |image - reference| at every free pixel, for each of the first pairs; their mean is free_err_rel."""
    images = record["guided_images"][list(ks).index(k), :pairs].astype(float)
    fixed_pixels, differences = masks({"order": record["order"]}, k), []
    for image, reference, fixed in zip(images, record["references"], fixed_pixels, strict=False):
        t = reference[~fixed].astype(float)
        differences.append(np.abs(image[~fixed] - t) / (t * t - t + 0.5).mean())
    return differences


@claim("thesis-c-58", page=PAGE, needs=needs("drawn-4", each=("4",)))
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
        measured = {"pairs": pairs, "smallest difference of the error": min(lower),
                    "at k": KS[int(np.argmin(lower))], "largest p": max(p)}  # fmt: skip
        return Finding(min(lower) > 0 and max(p) < 0.05, measured, cause="detector")

    return by_form(check, others)


@claim("thesis-c-59", page=PAGE, needs=needs("half", "half-quality"))
def half_normal_starts_stay_normal(half: Arrays, quality: Arrays) -> Finding:
    """p_cls(4) >= 0.9 at 1000 and 15000; edge local_var(15000) > edge local_var(1000); means over the runs."""
    p, rough = quality["p_cls"].mean(axis=0), roughness(half["images"], FRAME)
    measured: dict[str, Number] = {"runs": len(half["images"])}
    for i, stop in enumerate(STOPS):
        measured |= {f"p_cls at {stop}": p[i], f"edge local_var at {stop}": rough[i]}
    return Finding(p.min() >= 0.9 and rough[-1] > rough[0], measured, cause="detector")


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
        measured: dict[str, Number] = {}
        for name, pair in by_stop.items():
            for stop, ours, theirs in zip(STOPS, *pair, strict=True):
                measured |= {f"{name} at {stop}, DEAN": ours, f"{name} at {stop}, Deep SVDD": theirs}
        lower = {name: bool((ours < theirs).all()) for name, (ours, theirs) in by_stop.items()}
        return Finding(lower["background local_var"] and lower["nn_ratio"], measured, cause="detector")

    return by_form(check, others, each=2)


@claim(
    "thesis-c-78",
    page=PAGE,
    needs=needs("drawn-4-detection", "drawn-4-quality", each=("4-detection", "4-quality"), retrained=True),
)
def both_detect_what_they_cannot_draw(detection: Arrays, quality: Arrays, *others: Arrays) -> Finding:
    """ROC AUC > 0.8 for both, mean over the trainings, while every image from noise is noise_like."""

    def check(their_detection: Arrays, their_quality: Arrays) -> Finding:
        aucs = [float(record["auc"].mean()) for record in (detection, their_detection)]
        noisy = [float(record["noise_like"].mean()) for record in (quality, their_quality)]
        measured: dict[str, Number] = {}
        for name, auc, share in zip(("DEAN", "Deep SVDD"), aucs, noisy, strict=True):
            measured |= {f"ROC AUC, {name}": auc, f"noise like, {name}": share}
        return Finding(min(aucs) > 0.8 and min(noisy) == 1, measured, cause="detector")

    return by_form(check, others, each=2)


@claim("thesis-c-10", page=PAGE, needs=needs("submodels", "cost"))
def quick_varied_and_comparable(submodels: Arrays, cost: Arrays) -> Finding:
    """< 2 s of one processor to train; mean scores of normals vary by < 0.5; mean pairwise rank correlation < 0.9."""
    seconds, alike = float(cost["processor_seconds"].mean()), float(submodels["rank_correlation"].mean())
    varies = submodels["normal_scores"].std(axis=0) / submodels["normal_scores"].mean(axis=0)
    measured = {
        "processor seconds a submodel": seconds,
        **{f"variation of the mean score, {score}": v for score, v in zip(TAKEN, varies, strict=True)},
        "mean pairwise rank correlation": alike,
    }
    cause = "implementation" if alike < 0.9 and varies.min() < 0.5 else "detector"
    return over_sweep([seconds < 2 and v < 0.5 and alike < 0.9 for v in varies], measured, cause=cause)


@claim("thesis-c-11", page=PAGE, needs=needs("bagging"))
def bags_make_submodels_differ(bagging: Arrays) -> Finding:
    """With bags, rank correlation lower and ensemble AUC not lower than without: means over three seeds."""
    alike, auc = bagging["rank_correlation"], bagging["ensemble_auc"]
    (with_bags, without), (good, plain) = alike.mean(axis=1), auc.mean(axis=1)
    measured: dict[str, Number] = {
        "rank correlation with bags": with_bags,
        "without": without,
        "seeds with the lower correlation": int((alike[0] < alike[1]).sum()),
    }
    for i, score in enumerate(TAKEN):
        measured |= {f"AUC with bags, {score}": good[i], f"AUC without, {score}": plain[i]}
        measured[f"seeds with no lower AUC, {score}"] = int((auc[0, :, i] >= auc[1, :, i]).sum())
    return over_sweep((with_bags < without) & (good >= plain), measured, cause="detector")


@claim("thesis-c-12", page=PAGE, needs=needs("submodels"))
def only_the_ensemble_counts(submodels: Arrays) -> Finding:
    """The ensemble's AUC above the median of its submodels' AUCs, and at least their 90th percentile."""
    alone, together = submodels["submodel_auc"], submodels["ensemble_auc"][-1]
    median, ninth = np.percentile(alone, [50, 90])
    measured: dict[str, Number] = {"submodels": alone.size, "median AUC of a submodel": median,
                                   "90th percentile": ninth, "best": alone.max()}  # fmt: skip
    measured |= {f"AUC of the ensemble, {score}": auc for score, auc in zip(TAKEN, together, strict=True)}
    return over_sweep((together > median) & (together >= ninth), measured, cause="detector")


def bounds_of_correlation(sizes: Sequence[int], values: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest rank correlation with the thesis's sizes, over all values of the missing sizes."""
    known = [(THESIS.index(size), value) for size, value in zip(sizes, values, strict=True) if size in THESIS]
    indices, order = [index for index, _ in known], np.argsort([value for _, value in known])
    n = len(THESIS)
    ranks = np.array(list(permutations(range(n))))
    ranks = ranks[(np.argsort(ranks[:, indices], axis=1) == order).all(axis=1)]
    rho = 1 - 6 * ((ranks - np.arange(n)) ** 2).sum(axis=1) / (n * (n * n - 1))
    return float(rho.min()), float(rho.max())


def decided_by_sizes(holds: bool | None, measured: dict[str, Number], sizes: Sequence[int]) -> Finding:
    """Return a finding with the thesis's sizes that were not computed; if undecided, their absence is the cause."""
    missing = ", ".join(str(size) for size in THESIS if size not in sizes) or "none"
    cause = "scale" if holds is None else "detector"
    return Finding(holds, measured | {"sizes not computed": missing}, cause=cause)


SIZES = needs("sizes", "sizes-quality", "sizes-large", "sizes-large-quality")


def by_size(records: Sequence[Arrays], measure: Callable[[Arrays], np.ndarray]) -> tuple[list[int], np.ndarray]:
    """Return the sizes (Z,) of searches and qualities, in turn, and the means (Z,) of a measure of quality."""
    sizes = np.concatenate([search["sizes"] for search in records[::2]])
    return sizes.tolist(), np.concatenate([measure(quality).mean(axis=1) for quality in records[1::2]])


@claim("thesis-c-53", page=PAGE, needs=SIZES)
def the_edge_gets_darker(*records: Arrays) -> Finding:
    """Rank correlation of the number of submodels, seven from 30 to 1750, with the edge's brightness <= -0.7.

    It is decided if no values of the missing sizes could change the answer.
    """
    sizes, edges = by_size(records, lambda quality: quality["edge_mean"])
    low, high = bounds_of_correlation(sizes, edges.tolist())
    measured: dict[str, Number] = {f"edge brightness, {m} submodels": e for m, e in zip(sizes, edges, strict=True)}
    measured |= {"lowest rank correlation still possible": low, "highest": high}
    return decided_by_sizes(True if high <= -0.7 else False if low > -0.7 else None, measured, sizes)


@claim("thesis-c-54", page=PAGE, needs=SIZES)
def noise_whatever_the_size(*records: Arrays) -> Finding:
    """Every image noise_like, or of quality < 0.2, for all seven sizes; one image that is not decides against it."""
    sizes, noisy = by_size(records, lambda quality: quality["noise_like"] | (quality["quality"] < 0.2))
    measured: dict[str, Number] = {f"share, {m} submodels": share for m, share in zip(sizes, noisy, strict=True)}
    measured["highest quality"] = max(quality["quality"].max() for quality in records[1::2])
    return decided_by_sizes(False if noisy.min() < 1 else True if set(THESIS) <= set(sizes) else None, measured, sizes)


@claim("thesis-c-55", page=PAGE, needs=needs("submodels", "submodels-large"))
def more_submodels_detect_better(*records: Arrays) -> Finding:
    """AUC(1500) >= AUC(30); without 1500 submodels it is undecided, and the largest ensemble's AUC is reported."""
    auc = {
        size: of_size
        for submodels in records
        for size, of_size in zip(submodels["sizes"].tolist(), submodels["ensemble_auc"], strict=True)
    }
    largest = 1_500 if 1_500 in auc else max(auc)
    measured: dict[str, Number] = {
        f"AUC of {size} submodels, {score}": value
        for size in (30, largest)
        for score, value in zip(TAKEN, auc[size], strict=True)
    }
    if largest != 1_500:
        return decided_by_sizes(None, measured, list(auc))
    return over_sweep(auc[1_500] >= auc[30], measured, cause="detector")
