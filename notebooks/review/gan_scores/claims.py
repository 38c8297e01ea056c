"""Claims of the review on the parts of a score, the latent space, the search and the encoders."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from notebooks.review.gan_scores.measures import TRUNCATIONS
from notebooks.review.gan_scores.score_parts import JUDGES, LAMBDAS, LATENT, SETS, WAYS
from notebooks.review.gan_scores.search_budget import EPSILONS, STARTS, TABLE_1
from notebooks.tailored.common.scores import DIGIT_SETS

PAGE = "gan-scores"
ALL = SETS[-1]
JOINT = WAYS.index("EGBAD")


def needs(*roles: str, page: str = PAGE) -> Callable[[], list[Any]]:
    """Return the experiments of some roles of a chapter."""
    return lambda: [chapter_experiments(page)[role] for role in roles]


def columns(values: np.ndarray, sets: Sequence[tuple[str, ...]]) -> list[float]:
    """Return the mean over classes and seeds of what each of some sets of parts reaches, of values (C, S, K)."""
    return [float(values[..., SETS.index(names)].mean()) for names in sets]


def means(record: Arrays, *keys: str) -> Iterator[np.ndarray]:
    """Return arrays (C, S, ...) as means over classes and seeds."""
    return (record[key].mean(axis=(0, 1)) for key in keys)


def pairs(what: str, names: Sequence[Any], first: np.ndarray, second: np.ndarray) -> dict[str, Number]:
    """Report two numbers for each name."""
    return {what.format(name): f"{a:.3f}, {b:.3f}" for name, a, b in zip(names, first, second, strict=True)}


@claim("review-c-01", page=PAGE, needs=needs("parts"))
def near_vectors_give_near_images(record: Arrays) -> Finding:
    """Rank correlation above 0.8 for near pairs, for every GAN; no step above 3 times the median on any line."""
    near, jump = record["near"].min(), record["jumps"].max()
    measured = {"least rank correlation": near, "longest step / median": jump}
    return Finding(near > 0.8 and jump <= 3, measured, "detector")


@claim("review-c-03", page=PAGE, needs=needs("parts"))
def normal_data_suffice(record: Arrays) -> Finding:
    """By normal class, which the source leaves open: AnoGAN's AUC above 0.8, on the mean over the seeds."""
    auc = record["full"][..., 0].mean(axis=1)
    measured = {f"AUC, class {i + 1} of {len(auc)}": value for i, value in enumerate(auc)}
    return over_sweep((auc > 0.8).tolist(), measured, cause="detector")


@claim("review-c-04", page=PAGE, needs=needs("parts"))
def both_parts_beat_one(record: Arrays) -> Finding:
    """By the discriminator's error: with λ of validation rows, AUC not more than 0.01 below the better part's."""
    measured, met = dict[str, Number](), []
    for judge in JUDGES:
        both, residual, other = columns(record["linear"], (("residual", judge), ("residual",), (judge,)))
        measured[f"AUC with {judge}: both, residual, {judge}"] = f"{both:.3f}, {residual:.3f}, {other:.3f}"
        met.append(both >= max(residual, other) - 0.01)
    return over_sweep(met, measured, cause="detector")


@claim("review-c-23", page=PAGE, needs=needs("parts"))
def the_best_weight_moves(record: Arrays) -> Finding:
    """By the discriminator's error: the best λ spans more than 0.2 over the training, and two classes differ.

    It is the best of the mean over the seeds of the AUC on validation rows; between classes, at the end.
    """
    best = LAMBDAS[record["validated"].mean(axis=1).argmax(axis=-1)]  # (C, M, 2)
    spans, ends = np.ptp(best, axis=1), best[:, -1]
    measured: dict[str, Number] = {}
    for j, judge in enumerate(JUDGES):
        chosen = " ".join(f"{v:.2f}" for v in ends[:, j])
        measured[f"λ with {judge}: least span, ends"] = f"{spans[:, j].min():.2f}, {chosen}"
    met = [spans[:, j].min() > 0.2 and np.ptp(ends[:, j]) > 0 for j in range(len(JUDGES))]
    return over_sweep(met, measured, cause="detector")


@claim("review-c-24", page=PAGE, needs=needs("parts"))
def an_svm_beats_weights(record: Arrays) -> Finding:
    """With all four parts: an SVM's AUC above that of weights chosen on validation rows, and of any weights."""
    machine, chosen, best = (columns(record[key], [ALL])[0] for key in ("machine", "linear", "best"))
    measured = {"AUC, machine": machine, "weights of validation rows": chosen, "best weights of all": best}
    return over_sweep([machine > chosen, machine > best], measured, cause="detector")


@claim("review-c-10", page=PAGE, needs=needs("parts"))
def anomalies_need_unlikely_vectors(record: Arrays) -> Finding:
    """More vectors of anomalies than of normal rows are outside the inner 99% of the chi law."""
    normal, other = record["outside"].mean(axis=(0, 1))
    return Finding(other > normal, {"share outside, normal": normal, "anomalies": other}, "optimiser")


@claim("review-c-12", page=PAGE, needs=needs("parts"))
def the_norm_helps(record: Arrays) -> Finding:
    """By the discriminator's error, and by weights or an SVM: a higher AUC with the norm than without."""
    measured, met = dict[str, Number](), []
    for key in ("linear", "machine"):
        for judge in JUDGES:
            without, with_norm = columns(record[key], (("residual", judge), ("residual", judge, "norm")))
            measured[f"AUC, {key}, {judge}: without, with"] = f"{without:.4f}, {with_norm:.4f}"
            met.append(with_norm > without)
    return over_sweep(met, measured, cause="detector")


@claim("review-c-11", page=PAGE, needs=needs("parts"))
def truncation_trades_variety(record: Arrays) -> Finding:
    """With the bound of truncation, variety and distance from real images rise, on the mean over the GANs."""
    variety, distance = means(record, "div_ratio", "nn_ratio")
    measured = pairs("bound {:g}: div_ratio, nn_ratio", TRUNCATIONS, variety, distance)
    return Finding(bool((np.diff((variety, distance)) > 0).all()), measured, "detector")


@claim("review-c-22", page=PAGE, needs=needs("parts"))
def image_distances_separate_better(record: Arrays) -> Finding:
    """By encoder and by what a latent distance is: the AUC of the distance of images is higher."""
    image, code = means(record, "image", "code")
    measured = {
        f"AUC, {way}: images, " + ", ".join(LATENT): ", ".join(f"{v:.3f}" for v in (image[w], *code[w]))
        for w, way in enumerate(WAYS)
    }
    return over_sweep((image[:, None] > code).ravel().tolist(), measured, cause="unstated choice")


@claim("review-c-31", page=PAGE, needs=needs("parts"))
def encoders_lose_nothing(record: Arrays) -> Finding:
    """By encoder: AUC not more than 0.02 below that of the search."""
    searched, *encoded = record["full"].mean(axis=(0, 1))
    measured = {"AUC, AnoGAN": searched} | dict(zip((f"AUC, {way}" for way in WAYS), encoded, strict=True))
    return over_sweep([auc >= searched - 0.02 for auc in encoded], measured, cause="detector")


@claim("review-c-33", page=PAGE, needs=needs("parts"))
def joint_training_separates_better(record: Arrays) -> Finding:
    """By what a latent distance is: the AUC is higher for the joint encoder than for the one trained afterwards."""
    code = record["code"].mean(axis=(0, 1))
    measured = pairs("AUC {}: after, joint", LATENT, code[0], code[JOINT])
    return over_sweep((code[JOINT] > code[0]).tolist(), measured, cause="detector")


@claim("review-c-34", page=PAGE, needs=needs("parts"))
def the_cycle_makes_inverses(record: Arrays) -> Finding:
    """Both relative errors are smaller with the cycle's loss than without."""
    without, with_cycle = record["inversion"].mean(axis=(0, 1))[JOINT:]
    measured = pairs("error of {}: without, with", ("E(G(z))", "G(E(x))"), without, with_cycle)
    return Finding(bool((with_cycle < without).all()), measured, "detector")


@claim("review-c-26", page=PAGE, needs=needs("budget", "budget-beats"))
def the_best_budget_is_inside(digits: Arrays, beats: Arrays) -> Finding:
    """By data set: the highest AUC over ε and n_max is inside the grid, and higher than on its whole border."""
    measured, met = dict[str, Number](), []
    for name, record in (("digits", digits), ("heartbeats", beats)):
        auc = record["auc"].mean(axis=0)
        inner, border = auc[1:-1, 1:-1].max(), max(auc[[0, -1]].max(), auc[:, [0, -1]].max())
        measured |= {f"AUC, {name}, inside": inner, f"{name}, on the border": border}
        met.append(bool(inner > border))
    return over_sweep(met, measured, cause="detector")


@claim("review-c-32", page=PAGE, needs=needs("budget", "budget-beats"))
def a_mean_decides_wrongly(digits: Arrays, beats: Arrays) -> Finding:
    """By data set, and for the review's two ε: more than 5% of the rows would have decided otherwise themselves."""
    measured, met = dict[str, Number](), []
    for name, record in (("digits", digits), ("heartbeats", beats)):
        for epsilon in TABLE_1:
            share = float(record["differs"][:, EPSILONS.index(epsilon)].mean())
            measured[f"share, {name}, ε = {epsilon:g}"] = share
            met.append(share > 0.05)
    return over_sweep(met, measured, cause="detector")


@claim("review-c-25", page=PAGE, needs=needs("budget", "budget-beats", "times"))
def starts_help_and_cost(digits: Arrays, beats: Arrays, times: Arrays) -> Finding:
    """By data set: AUC rises with the starts; time in proportion to them, within 20%."""
    seconds = np.median(times["start_seconds"], axis=0)
    shares = seconds / seconds[0] / np.array(STARTS)
    measured: dict[str, Number] = {f"time of {k} / {k} times that of 1": s for k, s in zip(STARTS, shares, strict=True)}
    proportional, met = bool((np.abs(shares - 1) <= 0.2).all()), []
    for name, record in (("digits", digits), ("heartbeats", beats)):
        auc = record["start_auc"].mean(axis=0)
        measured[f"AUC, {name}"] = ", ".join(f"{a:.4f}" for a in auc)
        met.append(proportional and bool((np.diff(auc) > 0).all()))
    return over_sweep(met, measured, cause="detector")


@claim("review-c-08", page=PAGE, needs=needs("sizes", "times"))
def sizes_have_a_best(record: Arrays, times: Arrays) -> Finding:
    """Errors fall with d_z, AUC is highest at none of the ends, and the search takes longer (rank correlation 0.9)."""
    error, auc = record["error"].mean(axis=0), record["auc"].mean(axis=0)
    seconds = np.median(times["dimension_seconds"], axis=0)
    slower = float(spearmanr(times["dimensions"], seconds).statistic)
    inside = 0 < int(auc.argmax()) < len(auc) - 1
    measured: dict[str, Number] = {
        f"d_z = {d}: error, AUC": f"{e:.4f}, {a:.3f}" for d, e, a in zip(record["dimensions"], error, auc, strict=True)
    }
    measured["rank correlation of time and d_z"] = slower
    return Finding(bool((np.diff(error) < 0).all()) and inside and slower >= 0.9, measured, "detector")


@claim("review-c-40", page=PAGE, needs=needs("times"))
def gans_train_longer(times: Arrays) -> Finding:
    """The WGAN-GP's training takes more than 5 times as long as that of the classifier on the same images."""
    each = np.median(times["iteration_seconds"], axis=0)
    seconds = each * times["iterations"]
    ratio = seconds[0] / seconds[1]
    measured = {"time of GAN / classifier": ratio, "of one iteration": each[0] / each[1]}
    return Finding(ratio > 5, measured, "implementation")


@claim("review-c-15", page=PAGE, needs=needs("generated", "critic", page="tailored-mnist"))
def negatives_sharpen(detector: Arrays, critic: Arrays) -> Finding:
    """Mean AUROC over six sets: of a detector trained on generated anomalies, above that of the critic without any."""
    with_, without = (
        np.array([record["auroc"][:, record["names"].tolist().index(name)].mean() for name in DIGIT_SETS])
        for record in (detector, critic)
    )
    measured = {"mean AUROC with": with_.mean(), "without": without.mean()}
    higher = {"sets where it is higher": int((with_ > without).sum())}
    return Finding(with_.mean() > without.mean(), measured | higher, "detector")
