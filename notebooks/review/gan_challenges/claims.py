"""Claims of the review on training, contamination, likelihoods and measures."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from scipy import stats

from companion.chapters import chapter_experiments
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
    difference_interval,
    mean_interval,
    true,
    untested,
)
from companion.experiment import Experiment
from companion.records import store
from notebooks.review.common import trainings
from notebooks.review.gan_challenges.experiments import (
    ALARMS,
    MODELS,
    TRAININGS,
    TUNED,
    Imbalance,
    Subsequences,
    WeightGrid,
)
from notebooks.review.gan_challenges.one_class import JUDGED, PATCHES, Copies, Likelihoods
from notebooks.review.gan_challenges.toys import METHODS, MODES, LatentLaw, OptimalDiscriminator

PAGE = "gan-challenges"
NORMAL, ALIKE = 4, 9  # the class that the criteria name, and the one that they hold to be close to it
RINGS = {  # roles of the chapter's experiments, by setting; the first is the primary one
    "ring and penalty of WGAN-GP's authors": "modes-authors",
    "broader ring, penalty of 10 at radius 0.4": "modes",
}
ARRIVED = 0.5  # share of a generator's samples near a mode, below which its training is too short to judge


def repeated(kind: Callable[..., Experiment]) -> Callable[[], list[Experiment]]:
    """Return a function that returns an experiment, and those with other seeds whose records are committed."""

    def experiments() -> list[Experiment]:
        others = (kind(seed=seed) for seed in range(1, TRAININGS))
        return [kind(), *(other for other in others if store.find_committed(other))]

    return experiments


def by_roles(*roles: str) -> Callable[[], list[Experiment]]:
    """Return a function that returns the chapter's experiments of some roles."""
    return lambda: [chapter_experiments(PAGE)[role] for role in roles]


def rings() -> list[Experiment]:
    """Return the experiments on eight points, in the order of `RINGS`; the last is always there."""
    *others, last = (chapter_experiments(PAGE)[role] for role in RINGS.values())
    return [*filter(store.find_committed, others), last]


def by_method(record: Arrays, key: str) -> Mapping[str, np.ndarray]:
    """Return an array (S,) of each method by its name."""
    values = record[key]
    return dict(zip(METHODS if len(values) == len(METHODS) else TUNED, values, strict=True))


def on_rings(
    records: tuple[Arrays, ...], rival: str, criterion: Callable[[str, float], Comparison], excluded: tuple[str, ...]
) -> Finding:
    """Judge the number of modes that a method covers, less that of the original GAN, with every seed.

    Where the original GAN covers all modes with every seed, no method can cover more: such a ring does not count.
    """
    cases, measured = list[Case](), dict[str, Number]()
    for setting, record in zip(list(RINGS)[-len(records) :], records, strict=True):
        covered, near = by_method(record, "covered"), by_method(record, "near")
        full = bool((covered["gan"] == MODES).all())
        quantity = "modes covered, less those of the original GAN"
        parts = ((criterion(quantity, float(n)),) for n in covered[rival] - covered["gan"])
        cases += trainings(parts, setting, admissible=not full and setting not in excluded)
        for name in ("gan", rival):
            modes, share = covered[name].mean(), near[name].mean()
            measured[f"{name}, {setting}"] = f"{modes:.1f} of {MODES} modes, {share:.0%} of the samples near one"
    arrived = by_method(records[0], "near")[rival].mean()
    limits = ""
    if not any(case.admissible for case in cases):
        return Finding(
            None, measured, random=True, cause="criterion",
            limits=f"the original GAN covers all {MODES} modes with every seed: no method can cover more",
        )  # fmt: skip
    if arrived < ARRIVED:
        limits = f"with its authors' ring {arrived:.0%} of the samples of {rival} are near a mode: too short a training"
    cases.sort(key=lambda case: not case.admissible)
    return Finding(cases=tuple(cases), measured=measured, random=True, cause="detector", limits=limits)


@claim("review-c-09", page=PAGE, needs=rings)
def wgan_gp_covers_more(*records: Arrays) -> Finding:
    """More modes by WGAN-GP, with its authors' penalty, than by the original GAN."""
    return on_rings(records, "wgan-gp", partial(above, threshold=0.0), tuple(RINGS)[1:])


@claim("review-c-35", page=PAGE, needs=rings)
def autoencoders_cover_no_less(*records: Arrays) -> Finding:
    """The adversarial autoencoder covers at least as many modes as the original GAN."""
    return on_rings(records, "adversarial vae", partial(at_least, threshold=0.0), ())


@claim("review-c-17", page=PAGE, needs=lambda: [OptimalDiscriminator()])
def the_discriminator_ends_undecided(record: Arrays) -> Finding:
    """Mean |D - 1/2| below 0.05 on real and on made numbers in the end."""
    parts = (
        (below("mean |D - 1/2| on real numbers", real, 0.05), below("mean |D - 1/2| on made numbers", made, 0.05))
        for real, made in record["apart"][:, -1]
    )
    return Finding(cases=tuple(trainings(parts)), random=True, cause="optimiser")


@claim("review-c-18", page=PAGE, needs=by_roles("discriminator", "discriminator-1"))
def the_error_of_normal_data_rises(*records: Arrays) -> Finding:
    """The cross-entropy of held-out real numbers is larger in the last tenth of the training than in the first."""
    marks = max(1, len(records[0]["marks"]) // 10)
    entropy = np.concatenate([record["entropy"] for record in records])
    rises = entropy[:, -marks:].mean(axis=1) - entropy[:, :marks].mean(axis=1)
    parts = ((above("rise of the cross-entropy of real numbers", rise, 0.0),) for rise in rises)
    return Finding(cases=tuple(trainings(parts)), random=True, cause="detector")


@claim(
    "review-c-19", page=PAGE, needs=lambda: [LatentLaw()],
    identity="the norm of a standard normal vector has a chi distribution",
)  # fmt: skip
def normal_vectors_lie_in_a_ring(record: Arrays) -> Finding:
    """For d = 64: the mean norm within 1% of sqrt(d), its deviation below 1, hardly anything below half of it."""
    row = int(np.flatnonzero(record["dimensions"] == 64)[0])
    norms = record["norms"][row].astype(float)
    parts = (
        below("relative distance of the mean norm from sqrt(d)", abs(norms.mean() / 8 - 1), 0.01),
        below("standard deviation of the norm", norms.std(), 1.0),
        below("P(norm < sqrt(d) / 2)", float(record["inner"][row]), 1e-6),
    )
    return Finding(cases=(Case(parts),), random=False, cause="source error")


@claim(
    "review-c-20", page=PAGE, needs=lambda: [LatentLaw()],
    identity="the density of a standard normal vector is largest at the origin",
)  # fmt: skip
def the_origin_is_likely_and_never_drawn(record: Arrays) -> Finding:
    """For d = 784: every sample is less likely than the origin, whose norm, 0, is below all of theirs."""
    row = int(np.flatnonzero(record["dimensions"] == 784)[0])
    share, least = float(record["below_origin"][row]), float(record["norms"][row].min())
    parts = (true("all samples are less likely than the origin", share == 1), above("least norm", least, 0.0))
    return Finding(cases=(Case(parts),), random=False, cause="data")


@claim("review-c-02", page=PAGE, needs=repeated(Copies))
def errors_point_at_the_patch(*records: Arrays) -> Finding:
    """Mean pixel AUROC above 0.85, for a white patch and for one of noise, which the criterion leaves open.

    The autoencoder of each class is a training.
    """
    cases = []
    for k, kind in enumerate(PATCHES):
        means = np.concatenate([record["patched"][:, k].mean(axis=1) for record in records])
        cases += trainings(((above("mean pixel AUROC", mean, 0.85),) for mean in means), f"patch: {kind}")
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-13", page=PAGE, needs=repeated(Copies))
def close_classes_are_copied_too_well(*records: Arrays) -> Finding:
    """Among fours: more than 5% of the anomalies below the 95th percentile of normal errors, of the nines still more.

    The class that is missed most is reported.
    """
    cases, most = [], []
    for i, record in enumerate(records):
        errors, classes = record["errors"][NORMAL].astype(float), record["classes"]
        missed = errors <= np.percentile(errors[classes == NORMAL], 95)
        shares = {c: float(missed[classes == c].mean()) for c in range(10) if c != NORMAL}
        total = float(missed[classes != NORMAL].mean())
        most.append(max(shares, key=lambda c: shares[c]))
        parts = (
            above("share of anomalies below the 95th percentile", total, 0.05),
            above(f"share of class {ALIKE}, less that of all", shares[ALIKE] - total, 0.0),
        )
        cases.append(Case(parts, training=i))
    measured = {"class missed most, by training": ", ".join(map(str, most))}
    return Finding(cases=tuple(cases), measured=measured, random=True, cause="detector")


@claim("review-c-38", page=PAGE, needs=repeated(Copies))
def copies_are_blurred(*records: Arrays) -> Finding:
    """The copies' mean |Laplacian| below 0.8 times that of the real images.

    The autoencoder of each class is a training.
    """
    ratios = np.concatenate([record["sharpness"][:, 1] / record["sharpness"][:, 0] for record in records])
    parts = ((below("mean |Laplacian| of the copies, over that of the images", ratio, 0.8),) for ratio in ratios)
    return Finding(cases=tuple(trainings(parts)), random=True, cause="detector")


@claim("review-c-14", page=PAGE, needs=lambda: [Copies(), Copies(dataset="cifar10")])
def colour_images_are_harder(digits: Arrays, colour: Arrays) -> Finding:
    """The mean one-class AUC on CIFAR-10 is lower than on MNIST by more than 0.15.

    The mean is one over ten trainings, one for each class, whose spread the interval includes.
    """
    first, second = digits["auc"], colour["auc"]
    part = above("mean AUC on MNIST, less that on CIFAR-10", first.mean() - second.mean(), 0.15,
                 difference_interval(first, second), "10 autoencoders each")  # fmt: skip
    return Finding(cases=(Case((part,), pooled=len(first)),), random=True, cause="detector")


@claim("review-c-16", page=PAGE, needs=by_roles("contamination", "contamination-1"))
def few_anomalies_harm(*records: Arrays) -> Finding:
    """By detector, which the source leaves open: AUC falls with 0, 1, 5, 10%, by more than 0.02 in all."""
    judged = np.isin(records[0]["shares"].round(4), (0, 0.01, 0.05, 0.1))
    shares, cases = records[0]["shares"][judged], list[Case]()
    aucs = np.concatenate([record["auc"][:, judged] for record in records], axis=2)  # (D, P, S)
    for name, auc in zip(JUDGED, aucs, strict=True):
        parts = (
            (above("fall of the AUC from 0 to 10% anomalies", row[0] - row[-1], 0.02),
             at_most("rank correlation of AUC and share", float(stats.spearmanr(shares, row).statistic), -0.9))
            for row in auc.T
        )  # fmt: skip
        cases += trainings(parts, name)
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-21", page=PAGE, needs=repeated(Likelihoods))
def other_data_are_as_likely(*records: Arrays) -> Finding:
    """The mean bound of MNIST under a VAE of Fashion-MNIST is at least that of Fashion-MNIST."""
    gains = (float(record["other"].mean() - record["own"].mean()) for record in records)
    parts = ((at_least("mean bound of the other data, less that of its own, bits a pixel", g, 0.0),) for g in gains)
    return Finding(cases=tuple(trainings(parts)), random=True, cause="detector")


@claim(
    "review-c-36", page=PAGE, needs=lambda: [WeightGrid()],
    identity="the number of weightings is a binomial coefficient",
)  # fmt: skip
def more_parts_cost_more(record: Arrays) -> Finding:
    """The grid has C(9 + k, k - 1) points, and trying them takes ever longer."""
    seconds = np.median(record["processor_seconds"], axis=0)
    parts = (
        true(
            "the grid has C(9 + k, k - 1) points for 1 to k parts", bool((record["counts"] == record["expected"]).all())
        ),
        above("smallest rise of the seconds with a part", np.diff(seconds).min(), 0.0),
    )
    measured = {"points for 1 to k parts": ", ".join(map(str, record["counts"]))}
    return Finding(cases=(Case(parts),), measured=measured, random=False, cause="implementation")


@claim(
    "review-c-37", page=PAGE, needs=lambda: [Imbalance()],
    identity="both numbers follow from the confusion matrix",
)  # fmt: skip
def f1_flatters_alarms_without_end(record: Arrays) -> Finding:
    """Alarms for everything among 95% anomalies: F1 = 0.974 and phi = 0."""
    row, column = ALARMS.index("always"), int(np.argmin(abs(record["shares"] - 0.95)))
    f1, phi = float(record["f1"][row, column]), float(record["phi"][row, column])
    parts = (below("distance of F1 from 0.974", abs(f1 - 0.974), 5e-4), true("phi is 0", phi == 0))
    return Finding(cases=(Case(parts),), random=False, cause="source error")


@claim("review-c-39", page=PAGE, needs=lambda: [Subsequences()])
def longer_subsequences_raise_false_alarms(record: Arrays) -> Finding:
    """By model, which the source leaves open: the mean false positive rate rises with every doubling of the length.

    The intervals are those of the mean over the seeds, each with series and a model of its own.
    """
    cases = []
    for name, rates in zip(MODELS, record["rates"], strict=True):  # (L, S)
        pairs = zip(record["lengths"], record["lengths"][1:], np.diff(rates, axis=0), strict=False)
        parts = (
            above(f"rise of the false positive rate from {a} to {b} samples", rise.mean(), 0.0,
                  mean_interval(rise), f"{len(rise)} seeds")
            for a, b, rise in pairs
        )  # fmt: skip
        cases.append(Case(tuple(parts), name, pooled=rates.shape[1]))
    return Finding(cases=tuple(cases), random=True, cause="detector")


untested("review-c-41", page=PAGE, why="it is how the source is divided, and this chapter is divided likewise")
