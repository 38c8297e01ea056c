"""Claims of thesis 5.2.3 and 6.3.2 on DEAN's submodels and the size of its ensemble.

The thesis leaves a submodel's score open, so claims on scores are decided for both: the deviation from the submodel's
mean answer, whose average the thesis speaks of, and its ninth power, as in the authors' code.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

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
    over_settings,
    over_trainings,
    true,
)
from notebooks.thesis.dean.claims import PAGE, five, needs
from notebooks.thesis.dean.experiments import THESIS
from notebooks.thesis.dean.submodels import TAKEN

SCORES = dict(zip(TAKEN, ("score: the deviation", "score: its ninth power"), strict=True))


@claim("thesis-c-10", page=PAGE, needs=needs("submodels", "cost"))
def quick_varied_and_comparable(submodels: Arrays, cost: Arrays) -> Finding:
    """Mean scores of normals vary by < 0.5 between submodels; mean pairwise rank correlation < 0.9."""
    alike = below("mean pairwise rank correlation", submodels["rank_correlation"].mean(), 0.9)
    varies = submodels["normal_scores"].std(axis=0) / submodels["normal_scores"].mean(axis=0)
    measured: dict[str, Number] = {"processor seconds a submodel": cost["processor_seconds"].mean()}
    measured["submodels"] = len(submodels["normal_scores"])
    return over_settings(
        {
            name: all_of(below("variation of the mean score", v, 0.5), alike, measured=measured, random=False)
            for name, v in zip(SCORES.values(), varies, strict=True)
        }
    )


@claim("thesis-c-11", page=PAGE, needs=needs("bagging"))
def bags_make_submodels_differ(bagging: Arrays) -> Finding:
    """With bags, rank correlation lower and ensemble AUC not lower than without, for every seed."""
    alike, auc = bagging["rank_correlation"], bagging["ensemble_auc"]

    def check(score: int, seed: int) -> Finding:
        return all_of(
            below("rank correlation with bags less that without", alike[0, seed] - alike[1, seed], 0),
            at_least("ROC AUC with bags less that without", auc[0, seed, score] - auc[1, seed, score], 0),
            flip="20 seeds of 100 submodels: four core-hours",
        )

    seeds = range(alike.shape[1])
    return over_settings(
        {name: over_trainings([check(i, seed) for seed in seeds]) for i, name in enumerate(SCORES.values())}
    )


@claim("thesis-c-12", page=PAGE, needs=needs("submodels"))
def only_the_ensemble_counts(submodels: Arrays) -> Finding:
    """The ensemble's AUC above the median of its submodels' AUCs, and at least their 90th percentile."""
    alone, together = submodels["submodel_auc"], submodels["ensemble_auc"][-1]
    median, ninth = np.percentile(alone, [50, 90])
    measured: dict[str, Number] = {"submodels": alone.size, "median AUC of a submodel": median, "best": alone.max()}

    def check(auc: float) -> Finding:
        parts = (
            at_least("ROC AUC of the ensemble less the 90th percentile of submodels", auc - ninth, 0),
            above("ROC AUC of the ensemble less the median of submodels", auc - median, 0),
        )
        return all_of(*parts, measured=measured, random=True, cost=five(f"ensembles of {alone.size}", 3))

    return over_settings({name: check(auc) for name, auc in zip(SCORES.values(), together, strict=True)})


def missing_sizes(sizes: Sequence[int]) -> str:
    """Return why a claim on all of the thesis's sizes is inconclusive, empty if all are computed."""
    missing = ", ".join(str(size) for size in THESIS if size not in sizes)
    return f"sizes not computed: {missing}" if missing else ""


SERIES = five("series of ensembles with their searches", 16)
SIZES = needs("sizes", "sizes-quality", "sizes-large", "sizes-large-quality")


def by_size(records: Sequence[Arrays], measure: Callable[[Arrays], np.ndarray]) -> tuple[list[int], np.ndarray]:
    """Return the sizes (Z,) of searches and qualities, in turn, and the means (Z,) of a measure of quality."""
    sizes = np.concatenate([search["sizes"] for search in records[::2]])
    return sizes.tolist(), np.concatenate([measure(quality).mean(axis=1) for quality in records[1::2]])


@claim("thesis-c-53", page=PAGE, needs=SIZES)
def the_edge_gets_darker(*records: Arrays) -> Finding:
    """Rank correlation of the number of submodels, seven from 30 to 1750, with the edge's brightness <= -0.7."""
    sizes, edges = by_size(records, lambda quality: quality["edge_mean"])
    rho = float(stats.spearmanr(sizes, edges).statistic)
    measured: dict[str, Number] = {f"edge brightness, {m} submodels": e for m, e in zip(sizes, edges, strict=True)}
    part = at_most("rank correlation of size and brightness", rho, -0.7)
    return all_of(part, measured=measured, random=True, cost=SERIES, limits=missing_sizes(sizes))


@claim("thesis-c-54", page=PAGE, needs=SIZES)
def noise_whatever_the_size(*records: Arrays) -> Finding:
    """Every image noise_like, for all seven sizes."""
    sizes, noisy = by_size(records, lambda quality: quality["noise_like"])
    measured = {"highest quality": max(quality["quality"].max() for quality in records[1::2])}
    part = true("every image is noise-like", noisy.min() == 1)
    return all_of(part, measured=measured, random=True, cost=SERIES, limits=missing_sizes(sizes))


@claim("thesis-c-55", page=PAGE, needs=needs("submodels", "submodels-large"))
def more_submodels_detect_better(*records: Arrays) -> Finding:
    """AUC(1500) >= AUC(30); without 1500 submodels it is inconclusive, and the largest ensemble's AUC is reported."""
    auc = {
        size: of_size
        for submodels in records
        for size, of_size in zip(submodels["sizes"].tolist(), submodels["ensemble_auc"], strict=True)
    }
    largest = 1_500 if 1_500 in auc else max(auc)

    def check(small: float, large: float) -> Finding:
        return all_of(
            at_least(f"ROC AUC of {largest:,} submodels less that of 30", large - small, 0),
            measured={f"ROC AUC of {largest:,} submodels": large, "of 30 submodels": small},
            random=True,
            cost=five("ensembles of 1,500", 7),
            limits="" if largest == 1_500 else "1,500 submodels are not computed",
        )

    return over_settings({n: check(*pair) for n, *pair in zip(SCORES.values(), auc[30], auc[largest], strict=True)})
