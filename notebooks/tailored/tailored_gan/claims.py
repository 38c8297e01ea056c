"""Claims of the tailored paper's Secs. 2 to 4.2: norms of seeds, what a GAN makes of them, and how scores are judged.

Where a criterion speaks of fakes, of norms below 5, the paper leaves open whether these are natural norms or uniform
ones; a claim that depends on it is judged for both.
"""

import numpy as np
from scipy import stats

from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from notebooks.tailored.common.claims import GAN, needs
from notebooks.tailored.tailored_gan.experiments import LAWS


def by_law(record: Arrays, key: str) -> dict[str, Number]:
    """Report an array (L, 2) for every length and law."""
    return {
        f"N = {n}, {law}": value
        for n, row in zip(record["lengths"], record[key], strict=True)
        for law, value in zip(LAWS, row, strict=True)
    }


@claim("tailored-c-01", page=GAN, needs=needs(GAN, "norms"))
def large_norms_are_rare(record: Arrays) -> Finding:
    """P(norm > 5) < 1e-4 for N = 64 and 128, by the corrected density and by the printed one."""
    return over_sweep((record["above"] < 1e-4).ravel().tolist(), by_law(record, "above"), cause="source error")


@claim("tailored-c-02", page=GAN, needs=needs(GAN, "norms"))
def small_norms_are_rare(record: Arrays) -> Finding:
    """P(norm < 1) < 1e-4 for N = 64 and 128, by the corrected density and by the printed one."""
    return over_sweep((record["below"] < 1e-4).ravel().tolist(), by_law(record, "below"), cause="source error")


@claim("tailored-c-03", page=GAN, needs=needs(GAN, "norms"))
def equation_1_is_the_density(record: Arrays) -> Finding:
    """Kolmogorov-Smirnov at 1%: the claim holds if the printed Eq. 1 is not rejected."""
    printed = record["p_value"][:, LAWS.index("printed")]
    return Finding(bool((printed > 0.01).all()), by_law(record, "p_value"), cause="source error")


@claim("tailored-c-04", page=GAN, needs=needs(GAN, "norms"))
def a_ball_fills_nothing_of_its_cube(record: Arrays) -> Finding:
    """The ratio of the volumes, by its formula; negligible is below 1e-30."""
    names = [f"log10 of the ratio, N = {n}" for n in record["lengths"]]
    volumes = record["log10_volume"]
    return Finding(bool((volumes < -30).all()), dict(zip(names, volumes, strict=True)), cause="source error")


@claim("tailored-c-05", page=GAN, needs=needs(GAN, "cost"))
def the_chebyshev_norm_is_faster(record: Arrays) -> Finding:
    """Median time of max |n_i| below that of the root of the sum of squares."""
    chebyshev, euclid = np.median(record["seconds"], axis=0)
    measured = {"seconds, Chebyshev": chebyshev, "seconds, Euclidean": euclid, "ratio": chebyshev / euclid}
    return Finding(bool(chebyshev < euclid), measured, cause="implementation")


def at_norm(record: Arrays, norm: float) -> int:
    """Return the place of a norm among those of the panels."""
    return int(np.argmin(np.abs(record["norms"] - norm)))


@claim("tailored-c-07", page=GAN, needs=needs(GAN, "samples"))
def classes_drift_together(record: Arrays) -> Finding:
    """Mean pairwise L2 between the ten class images at norm 15 < at norm 3, mean over the seeds."""
    near, far = (float(record["class_distance"].mean(axis=0)[at_norm(record, norm)]) for norm in (3, 15))
    return Finding(far < near, {"distance at norm 3": near, "at norm 15": far}, cause="detector")


@claim("tailored-c-08", page=GAN, needs=needs(GAN, "samples"))
def seeds_drift_apart(record: Arrays) -> Finding:
    """Mean pairwise L2 between seeds of one class rises from norm 3 to 15: rank correlation > 0.8."""
    places = slice(at_norm(record, 3), at_norm(record, 15) + 1)
    rho = float(stats.spearmanr(record["norms"][places], record["seed_distance"][places]).statistic)
    ends = record["seed_distance"][[at_norm(record, 3), at_norm(record, 15)]]
    measured = {"rank correlation": rho, "distance at norm 3": ends[0], "at norm 15": ends[1]}
    return Finding(rho > 0.8, measured, cause="detector")


@claim("tailored-c-09", page=GAN, needs=needs(GAN, "samples"))
def norm_0_gives_a_centroid(record: Arrays) -> Finding:
    """G(0, y) is classified as y for all ten classes, and nearer to the class's mean than the median real image."""
    right = record["centroid_predicted"] == np.arange(10)
    nearer = record["centroid_distance"] < record["real_distance"]
    measured = {"classified right": int(right.sum()), "nearer than real images": int(nearer.sum())}
    return Finding(bool(right.all() and nearer.all()), measured, cause="detector")


@claim("tailored-c-10", page=GAN, needs=needs(GAN, "samples"))
def unused_seeds_give_anomalies(record: Arrays) -> Finding:
    """Distance to the nearest training image: median at [6, 7] > 95th percentile below 5; rank correlation > 0.8."""
    norms, nearest = record["nearest_norms"].ravel(), record["nearest"].ravel()
    rho = float(stats.spearmanr(norms, nearest).statistic)
    near = float(np.median(nearest[(norms >= 6) & (norms <= 7)]))
    limits = {
        "natural": float(np.percentile(record["fakes_nearest"], 95)),
        "uniform": float(np.percentile(nearest[norms < 5], 95)),
    }
    measured: dict[str, Number] = {"rank correlation": rho, "median at [6, 7]": near}
    measured |= {f"95th percentile below 5, {kind} norms": value for kind, value in limits.items()}
    return over_sweep([near > limit and rho > 0.8 for limit in limits.values()], measured, cause="detector")


@claim("tailored-c-12", page=GAN, needs=needs(GAN, "samples"))
def near_anomalies_are_nearest_to_fakes(record: Arrays) -> Finding:
    """The features' median distance to the nearest fake is smallest for [6, 7] among the unit bands from 6 to 15."""
    bands = record["band_distance"]
    measured = {"at [6, 7]": bands[0], "smallest of the others": bands[1:].min()}
    return Finding(bool(bands.argmin() == 0), measured, cause="detector")


@claim("tailored-c-18", page=GAN, needs=needs(GAN, "samples"))
def the_fakes_are_diverse(record: Arrays) -> Finding:
    """1,000 fakes: all ten classes are recognised, and div_ratio > 0.7 in every class."""
    predicted, least = record["fake_predicted"], record["div_ratio"].min()
    shown, hit = len(np.unique(predicted)), (predicted == np.arange(10)[:, None]).mean()
    measured: dict[str, Number] = {"fakes": predicted.size, "classes recognised": shown}
    measured |= {"given their own class": hit, "smallest div_ratio": least}
    return Finding(shown == 10 and least > 0.7, measured, cause="optimiser")


@claim("tailored-c-19", page=GAN, needs=needs(GAN, "samples"))
def the_penalty_makes_the_critic_lipschitz(record: Arrays) -> Finding:
    """Mean gradient norm between real images and fakes, after training, within 0.8 to 1.2."""
    mean = record["slopes"].mean()
    return Finding(0.8 <= mean <= 1.2, {"mean": mean, "largest": record["slopes"].max()}, cause="optimiser")


@claim("tailored-c-20", page=GAN, needs=needs(GAN, "alpha"))
def a_larger_alpha_trades_agreement_for_likeness(record: Arrays) -> Finding:
    """Agreement and feature distance fall with α, in the means over trainings.

    Where they do not, it fails only if one of them rises from the smallest α to the largest in every training: the GAN
    was trained further with each α, and for a short time.
    """
    measured: dict[str, Number] = {}
    falls, rises = [], []
    for key, name in (("agreement", "agreement"), ("distance", "feature distance")):
        means = record[key].mean(axis=1)
        measured |= {f"{name}, α = {alpha:g}": mean for alpha, mean in zip(record["alphas"], means, strict=True)}
        falls.append(bool((np.diff(means) < 0).all()))
        rises.append(bool((record[key][-1] > record[key][0]).all()))
    if all(falls):
        return Finding(True, measured)
    return Finding(False, measured, "optimiser") if any(rises) else Finding(None, measured, "scale")


@claim("tailored-c-22", page=GAN, needs=needs(GAN, "binormal"))
def auroc_counts_pairs(record: Arrays) -> Finding:
    """The difference between AUROC and the counted pairs is below 1e-10."""
    difference = abs(float(record["auroc"]) - float(record["pairs"]))
    return Finding(difference < 1e-10, {"difference": difference}, cause="implementation")


@claim("tailored-c-23", page=GAN, needs=needs(GAN, "binormal"))
def a_higher_threshold_lowers_both_rates(record: Arrays) -> Finding:
    """Neither rate rises anywhere as the threshold does."""
    rises = {f"largest rise of the {name}": np.diff(record[name.lower()]).max() for name in ("TPR", "FPR")}
    return Finding(max(rises.values()) <= 0, rises, cause="implementation")


@claim("tailored-c-46", page=GAN, needs=needs(GAN, "samples"))
def paths_begin_together_and_end_in_other_classes(record: Arrays) -> Finding:
    """At norm 0 all images of class 1 are identical; at norm 15 at least 3 of 5 are classified as something else."""
    start, ends = record["path"][:, 0].astype(int), record["path_predicted"][:, -1]
    same = bool((start == start[0]).all())
    measured = {"classes at norm 15": ", ".join(map(str, ends)), "identical at norm 0": str(same)}
    return Finding(same and int((ends != 1).sum()) >= 3, measured, cause="detector")
