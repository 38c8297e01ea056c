"""Claims of thesis 5.2.3 and 6.3 on DEAN's submodels, one by one and together, and on the size of the ensemble.

The thesis leaves a submodel's score open, so claims on scores are decided for both: the deviation from the submodel's
mean answer, whose average the thesis speaks of, and its ninth power, as in the authors' code.
"""

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from notebooks.thesis.dean.claims import PAGE, needs
from notebooks.thesis.dean.experiments import THESIS
from notebooks.thesis.dean.submodels import TAKEN


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


@claim("thesis-c-53", page=PAGE, needs=needs("sizes", "sizes-quality"))
def the_edge_gets_darker(search: Arrays, quality: Arrays) -> Finding:
    """Rank correlation of the number of submodels, seven from 30 to 1750, with the edge's brightness <= -0.7.

    It is decided if no values of the missing sizes could change the answer.
    """
    sizes, edges = search["sizes"].tolist(), quality["edge_mean"].mean(axis=1)
    low, high = bounds_of_correlation(sizes, edges)
    measured: dict[str, Number] = {f"edge brightness, {m} submodels": e for m, e in zip(sizes, edges, strict=True)}
    measured |= {"lowest rank correlation still possible": low, "highest": high}
    return decided_by_sizes(True if high <= -0.7 else False if low > -0.7 else None, measured, sizes)


@claim("thesis-c-54", page=PAGE, needs=needs("sizes", "sizes-quality"))
def noise_whatever_the_size(search: Arrays, quality: Arrays) -> Finding:
    """Every image noise_like, or of quality < 0.2, for all seven sizes; one image that is not decides against it."""
    sizes, noisy = search["sizes"].tolist(), (quality["noise_like"] | (quality["quality"] < 0.2)).mean(axis=1)
    measured: dict[str, Number] = {f"share, {m} submodels": share for m, share in zip(sizes, noisy, strict=True)}
    measured["highest quality"] = quality["quality"].max()
    return decided_by_sizes(False if noisy.min() < 1 else True if set(THESIS) <= set(sizes) else None, measured, sizes)


@claim("thesis-c-55", page=PAGE, needs=needs("submodels"))
def more_submodels_detect_better(submodels: Arrays) -> Finding:
    """AUC(1500) >= AUC(30); without 1500 submodels it is undecided, and the largest ensemble's AUC is reported."""
    auc = dict(zip(submodels["sizes"].tolist(), submodels["ensemble_auc"], strict=True))
    largest = 1_500 if 1_500 in auc else max(auc)
    measured: dict[str, Number] = {
        f"AUC of {size} submodels, {score}": value
        for size in (30, largest)
        for score, value in zip(TAKEN, auc[size], strict=True)
    }
    if largest != 1_500:
        return decided_by_sizes(None, measured, list(auc))
    return over_sweep(auc[1_500] >= auc[30], measured, cause="detector")
