"""Claims of the tailored paper's Secs. 2 to 4.2: norms of seeds, what a GAN makes of them, and how scores are judged.

Where a criterion speaks of fakes, of norms below 5, the paper leaves open whether these are natural norms or uniform
ones; a claim that depends on it is judged for both. What a GAN makes is judged on one generator, training 0.
"""

from collections.abc import Mapping

import numpy as np
from scipy import stats

from companion.claims.base import (
    Arrays,
    Case,
    Comparison,
    Finding,
    Number,
    above,
    at_least,
    at_most,
    below,
    claim,
    mean_interval,
    true,
)
from notebooks.tailored.common.claims import GAN, ONE_GENERATOR, needs, on_fakes
from notebooks.tailored.tailored_gan.experiments import LAWS

DENSITIES = {"corrected": "the density of the norm", "printed": "Eq. 1 as printed"}
PROBABILITY = "arithmetic: the probability follows from the length of the seed alone"


def by_law(record: Arrays, key: str) -> dict[str, Number]:
    """Report an array (L, 2) for every length and law."""
    return {
        f"N = {n}, {law}": value
        for n, row in zip(record["lengths"], record[key], strict=True)
        for law, value in zip(LAWS, row, strict=True)
    }


def below_for_all_lengths(record: Arrays, key: str, what: str) -> tuple[Case, ...]:
    """Return a case for each density: a probability below 1e-4 for seeds of all lengths."""
    cases = []
    for law, column in zip(LAWS, record[key].T, strict=True):
        parts = (below(f"{what}, N = {n}", p, 1e-4) for n, p in zip(record["lengths"], column, strict=True))
        cases.append(Case(tuple(parts), DENSITIES[law]))
    return tuple(cases)


@claim("tailored-c-01", page=GAN, needs=needs(GAN, "norms"), identity=PROBABILITY)
def large_norms_are_rare(record: Arrays) -> Finding:
    """P(norm > 5) < 1e-4 for N = 64 and 128, by the corrected density and by the printed one."""
    cases = below_for_all_lengths(record, "above", "P(norm > 5)")
    return Finding(cases=cases, random=False, cause="source error")


@claim("tailored-c-02", page=GAN, needs=needs(GAN, "norms"), identity=PROBABILITY)
def small_norms_are_rare(record: Arrays) -> Finding:
    """P(norm < 1) < 1e-4 for N = 64 and 128, by the corrected density and by the printed one."""
    cases = below_for_all_lengths(record, "below", "P(norm < 1)")
    return Finding(cases=cases, random=False, cause="source error")


@claim("tailored-c-03", page=GAN, needs=needs(GAN, "norms"))
def equation_1_is_the_density(record: Arrays) -> Finding:
    """Kolmogorov-Smirnov at 1%: the claim holds if the printed Eq. 1 is not rejected.

    Not a matter of chance: the printed formula is, exactly, the density of the largest number instead of the largest
    absolute value.
    """
    printed = record["p_value"][:, LAWS.index("printed")]
    text = "p-value of simulated norms against Eq. 1, N = {}"
    parts = tuple(above(text.format(n), p, 0.01) for n, p in zip(record["lengths"], printed, strict=True))
    measured = {f"p-value, {name}": value for name, value in by_law(record, "p_value").items()}
    flip = "reading n_i for |n_i| in the definition of the norm"
    return Finding(cases=(Case(parts),), measured=measured, random=False, cause="source error", flip=flip)


@claim("tailored-c-04", page=GAN, needs=needs(GAN, "norms"), identity="arithmetic: the volumes of a ball and of a cube")
def a_ball_fills_nothing_of_its_cube(record: Arrays) -> Finding:
    """The ratio of the volumes, by its formula; negligible is below 1e-30."""
    volumes = zip(record["lengths"], record["log10_volume"], strict=True)
    parts = tuple(below(f"log10 of the ratio of volumes, N = {n}", volume, -30) for n, volume in volumes)
    return Finding(cases=(Case(parts),), random=False, cause="source error")


@claim("tailored-c-05", page=GAN, needs=needs(GAN, "cost"))
def the_chebyshev_norm_is_faster(record: Arrays) -> Finding:
    """Median time of max |n_i| below that of the root of the sum of squares, with the median's interval.

    One library's two functions on one processor do not tell which norm is faster; the criterion itself says so.
    """
    ratio = record["seconds"][:, 0] / record["seconds"][:, 1]
    rank = int(stats.binom.ppf(0.025, len(ratio), 0.5))  # the interval of a median, by the order of the values
    low, high = np.sort(ratio)[[max(rank - 1, 0), min(len(ratio) - rank, len(ratio) - 1)]]
    text, over = "time of the Chebyshev norm over that of the Euclidean norm, median", f"{len(ratio)} repeats"
    part = below(text, float(np.median(ratio)), 1, (low, high), over)
    limits = "the times are those of NumPy on one processor; a few per cent between them depend on the implementation"
    return Finding(cases=(Case((part,)),), random=False, cause="criterion", limits=limits)


def at_norm(record: Arrays, norm: float) -> int:
    """Return the index of a norm among those of the panels."""
    return int(np.argmin(np.abs(record["norms"] - norm)))


def of_one_generator(
    *parts: Comparison, measured: Mapping[str, Number] | None = None, setting: str = "", cause: str = "detector"
) -> Finding:
    """Return the finding on what one generator makes."""
    cases = (Case(parts, setting, 0),)
    return Finding(cases=cases, measured=measured or {}, random=True, cause=cause, cost=ONE_GENERATOR)


@on_fakes("tailored-c-07", GAN, "samples")
def classes_drift_together(record: Arrays) -> Finding:
    """Mean pairwise L2 between the ten class images at norm 15 < at norm 3, mean over the seeds."""
    near, far = (record["class_distance"][:, at_norm(record, norm)] for norm in (3, 15))
    text, over = "distance between classes at norm 15 over that at norm 3", f"{len(near)} seeds"
    part = below(text, float(np.mean(far / near)), 1, mean_interval(far / near), over)
    return of_one_generator(part, measured={"distance at norm 3": near.mean(), "at norm 15": far.mean()})


@on_fakes("tailored-c-08", GAN, "samples")
def seeds_drift_apart(record: Arrays) -> Finding:
    """Mean pairwise L2 between seeds of one class rises from norm 3 to 15: rank correlation > 0.8."""
    places = slice(at_norm(record, 3), at_norm(record, 15) + 1)
    rho = float(stats.spearmanr(record["norms"][places], record["seed_distance"][places]).statistic)
    ends = record["seed_distance"][[at_norm(record, 3), at_norm(record, 15)]]
    part = above("rank correlation of norm and distance between seeds", rho, 0.8)
    return of_one_generator(part, measured={"distance at norm 3": ends[0], "at norm 15": ends[1]})


@on_fakes("tailored-c-09", GAN, "samples")
def norm_0_gives_a_centroid(record: Arrays) -> Finding:
    """G(0, y) is classified as y for all ten classes, and nearer to the class's mean than the median real image."""
    right = record["centroid_predicted"] == np.arange(10)
    ratio = record["centroid_distance"] / record["real_distance"]
    text = "largest distance of G(0, y) to the class's mean, over that of the median real image"
    parts = (below(text, ratio.max(), 1), true("G(0, y) is classified as y for all ten classes", bool(right.all())))
    return of_one_generator(*parts, measured={"classified right": int(right.sum()), "nearer": int((ratio < 1).sum())})


@on_fakes("tailored-c-10", GAN, "samples")
def unused_seeds_give_anomalies(record: Arrays) -> Finding:
    """Distance to the nearest training image: median at [6, 7] > 95th percentile below 5; rank correlation > 0.8."""
    norms, nearest = record["nearest_norms"].ravel(), record["nearest"].ravel()
    rho = float(stats.spearmanr(norms, nearest).statistic)
    near = float(np.median(nearest[(norms >= 6) & (norms <= 7)]))
    limits = {
        "fakes of natural norms": float(np.percentile(record["fakes_nearest"], 95)),
        "fakes of uniform norms": float(np.percentile(nearest[norms < 5], 95)),
    }
    text = "median distance to the nearest training image at [6, 7], over the 95th percentile below 5"
    cases = tuple(
        Case((above(text, near / limit, 1), above("rank correlation of norm and distance", rho, 0.8)), setting, 0)
        for setting, limit in limits.items()
    )
    return Finding(cases=cases, random=True, cause="detector", cost=ONE_GENERATOR)


@on_fakes("tailored-c-12", GAN, "samples")
def near_anomalies_are_nearest_to_fakes(record: Arrays) -> Finding:
    """The features' median distance to the nearest fake is smallest for [6, 7] among the unit bands from 6 to 15."""
    near, others = record["band_distance"][0], record["band_distance"][1:].min()
    text = "distance to the nearest fake at [6, 7], over the smallest of the other bands"
    return of_one_generator(
        below(text, near / others, 1), measured={"at [6, 7]": near, "smallest of the others": others}
    )


@on_fakes("tailored-c-18", GAN, "samples")
def the_fakes_are_diverse(record: Arrays) -> Finding:
    """1,000 fakes: all ten classes are recognised, and div_ratio > 0.7 in every class."""
    predicted, shown = record["fake_predicted"], len(np.unique(record["fake_predicted"]))
    measured = {
        "fakes": predicted.size,
        "classes recognised": shown,
        "given their own class": float((predicted == np.arange(10)[:, None]).mean()),
    }
    parts = (
        above("smallest diversity of a class, relative to real images", record["div_ratio"].min(), 0.7),
        true("all ten classes are recognised", shown == 10),
    )
    return of_one_generator(*parts, measured=measured, cause="optimiser")


@on_fakes("tailored-c-19", GAN, "samples")
def the_penalty_makes_the_critic_lipschitz(record: Arrays) -> Finding:
    """Mean gradient norm between real images and fakes, after training, within 0.8 to 1.2."""
    slopes = record["slopes"]
    number = ("mean norm of the gradient", float(slopes.mean()))
    stated = (mean_interval(slopes), f"{len(slopes):,} points")
    parts = (at_least(*number, 0.8, *stated), at_most(*number, 1.2, *stated))
    return of_one_generator(*parts, measured={"largest": slopes.max()}, cause="optimiser")


@on_fakes("tailored-c-20", GAN, "alpha")
def a_larger_alpha_trades_agreement_for_likeness(record: Arrays) -> Finding:
    """Agreement and feature distance fall with α: no step to the next α raises either, in each training."""
    measured: dict[str, Number] = {}
    for key, name in (("agreement", "agreement"), ("distance", "feature distance")):
        means = record[key].mean(axis=1)
        measured |= {f"{name}, α = {alpha:g}": mean for alpha, mean in zip(record["alphas"], means, strict=True)}
    steps = {key: np.diff(record[key], axis=0).max(axis=0) for key in ("agreement", "distance")}
    cases = tuple(
        Case(
            (
                below("largest step of the agreement to the next α", steps["agreement"][i], 0),
                below("largest step of the feature distance to the next α", steps["distance"][i], 0),
            ),
            training=i,
        )
        for i in range(record["agreement"].shape[1])
    )
    limits = "the generator was trained further with each α for a short time, not from the start"
    return Finding(cases=cases, measured=measured, random=True, cause="scale", limits=limits)


@claim("tailored-c-22", page=GAN, needs=needs(GAN, "binormal"), identity="the definition of the AUROC")
def auroc_counts_pairs(record: Arrays) -> Finding:
    """The difference between AUROC and the counted pairs is below 1e-10."""
    difference = abs(float(record["auroc"]) - float(record["pairs"]))
    part = below("difference between AUROC and counted pairs", difference, 1e-10)
    return Finding(cases=(Case((part,)),), random=False, cause="implementation")


@claim("tailored-c-23", page=GAN, needs=needs(GAN, "binormal"), identity="fewer rows lie above a higher threshold")
def a_higher_threshold_lowers_both_rates(record: Arrays) -> Finding:
    """Neither rate rises anywhere as the threshold does."""
    parts = tuple(at_most(f"largest rise of the {n}", np.diff(record[n.lower()]).max(), 0) for n in ("TPR", "FPR"))
    return Finding(cases=(Case(parts),), random=False, cause="implementation")


@on_fakes("tailored-c-46", GAN, "samples")
def paths_begin_together_and_end_in_other_classes(record: Arrays) -> Finding:
    """At norm 0 all images of class 1 are identical; at norm 15 at least 3 of 5 are classified as something else."""
    start, ends = record["path"][:, 0].astype(int), record["path_predicted"][:, -1]
    parts = (
        at_least(f"of {len(ends)} seeds, those that end in another class", int((ends != 1).sum()), 3),
        true("the images at norm 0 are identical, as they must be", bool((start == start[0]).all())),
    )
    return of_one_generator(*parts, measured={"classes at norm 15": ", ".join(map(str, ends))})


# The criteria on `Samples`: what a generator makes, however long it was trained.
ON_SAMPLES = {
    "tailored-c-07": classes_drift_together,
    "tailored-c-08": seeds_drift_apart,
    "tailored-c-09": norm_0_gives_a_centroid,
    "tailored-c-10": unused_seeds_give_anomalies,
    "tailored-c-12": near_anomalies_are_nearest_to_fakes,
    "tailored-c-18": the_fakes_are_diverse,
    "tailored-c-19": the_penalty_makes_the_critic_lipschitz,
    "tailored-c-46": paths_begin_together_and_end_in_other_classes,
}
