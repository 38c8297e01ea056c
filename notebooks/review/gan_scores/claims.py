"""Claims of the review on the parts of a score, the latent space and the encoders; `claims_search` has the others.

The GANs of all classes and seeds are trainings, unless the class is a choice that the claim turns on.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Case, Finding, above, at_least, at_most, below, claim, true
from notebooks.review.common import trainings
from notebooks.review.gan_scores.score_parts import JUDGES, LAMBDAS, LATENT, SETS, WAYS, ScoreParts
from notebooks.tailored.common.scores import DIGIT_SETS

PAGE = "gan-scores"
ALL = SETS[-1]
JOINT = WAYS.index("EGBAD")
ERRORS = dict(zip(JUDGES, ("cross-entropy", "feature matching"), strict=True))  # of the discriminator, Eqs. 5 and 6
VARIED = 0.5  # least variety of samples, of that of real images, from which a bound can take some away
NOISE = 0.03  # two standard errors of an AUC of 0.85 from 300 normal and 300 other rows


def needs(*roles: str, page: str = PAGE) -> Callable[[], list[Any]]:
    """Return the experiments of some roles of a chapter."""
    return lambda: [chapter_experiments(page)[role] for role in roles]


def gans(values: np.ndarray) -> np.ndarray:
    """Return values (C, S, ...) of C classes and S seeds by GAN, (C·S, ...)."""
    return values.reshape(-1, *values.shape[2:])


def differences(quantity: str, values: np.ndarray, setting: str = "") -> list[Case]:
    """Return cases that are met where a difference (C, S) is above 0."""
    return trainings(((above(quantity, value, 0.0),) for value in gans(values)), setting)


def column(values: np.ndarray, *parts: str) -> np.ndarray:
    """Return the AUC of a score with these parts, (C, S), of values (C, S, K)."""
    return np.asarray(values[..., SETS.index(parts)])


@claim("review-c-01", page=PAGE, needs=needs("parts"))
def near_vectors_give_near_images(record: Arrays) -> Finding:
    """Rank correlation above 0.8 for near pairs; no step above 3 times the median on any line."""
    pairs = zip(gans(record["near"]), gans(record["jumps"]).max(axis=1), strict=True)
    parts = (
        (above("rank correlation of the distances of near vectors and of their images", near, 0.8),
         at_most("longest step on a line, in median steps", jump, 3.0))
        for near, jump in pairs
    )  # fmt: skip
    return Finding(cases=tuple(trainings(parts)), random=True, cause="detector")


@claim("review-c-03", page=PAGE, needs=needs("parts"))
def normal_data_suffice(record: Arrays) -> Finding:
    """By normal class, which the source leaves open: AnoGAN's AUC above 0.8."""
    cases = []
    for label, auc in zip(ScoreParts.classes, record["full"][..., 0], strict=True):
        cases += trainings(((above("AUC of AnoGAN's score", value, 0.8),) for value in auc), f"class {label} is normal")
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-04", page=PAGE, needs=needs("parts"))
def both_parts_beat_one(record: Arrays) -> Finding:
    """By the discriminator's error: with λ of validation rows, AUC on test rows above that of either part alone."""
    cases = []
    for judge, title in ERRORS.items():
        both, residual, other = (column(record["linear"], *p) for p in (("residual", judge), ("residual",), (judge,)))
        cases += differences(
            "AUC of both parts, less that of the better one", both - np.maximum(residual, other), title
        )
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-23", page=PAGE, needs=needs("parts"))
def the_best_weight_moves(record: Arrays) -> Finding:
    """By the discriminator's error: the best λ spans more than 0.2 over the training, and two classes differ.

    The best λ is that with the highest AUC on validation rows. Where one λ for the whole training loses less AUC than
    the noise of an AUC, the place of the maximum is noise, too, and the criterion cannot tell.
    """
    curves = record["validated"]  # (C, S, M, 2, L)
    best = LAMBDAS[curves.argmax(axis=-1)]
    fixed = curves.mean(axis=2, keepdims=True).argmax(axis=-1)[..., None]
    lost = (curves.max(axis=-1) - np.take_along_axis(curves, fixed, axis=-1)[..., 0]).max(axis=2)  # (C, S, 2)
    cases = []
    for j, title in enumerate(ERRORS.values()):
        spans, ends = np.ptp(best[..., j], axis=2), best[:, :, -1, j]  # (C, S)
        parts = (
            (above("range of the best λ over the training, the smaller of the classes'", span, 0.2),
             true("the best λ differs between the classes", bool(differ)))
            for span, differ in zip(spans.min(axis=0), np.ptp(ends, axis=0) > 0, strict=True)
        )  # fmt: skip
        cases += trainings(parts, title)
    loss = float(np.median(lost))
    flat = f"a fixed λ loses at most {loss:.3f} of AUC (median of the GANs): the place of so flat a maximum is noise"
    measured = {"AUC that a fixed λ loses at most, median of the GANs": loss}
    return Finding(
        cases=tuple(cases), measured=measured, random=True, cause="criterion", limits=flat if loss < NOISE else ""
    )


@claim("review-c-24", page=PAGE, needs=needs("parts"))
def an_svm_beats_weights(record: Arrays) -> Finding:
    """With all four parts: an SVM's AUC above that of any weights, and of those chosen on validation rows."""
    weights = {"best weights on the test rows": "best", "weights chosen on validation rows": "linear"}
    cases = []
    for title, key in weights.items():
        gain = column(record["machine"], *ALL) - column(record[key], *ALL)
        cases += differences("AUC of the SVM, less that of the weights", gain, title)
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-10", page=PAGE, needs=needs("parts"))
def anomalies_need_unlikely_vectors(record: Arrays) -> Finding:
    """More vectors of anomalies are outside the inner 99% of the chi law than of samples of the prior."""
    normal, other = gans(record["outside"]).T
    parts = ((above("share of anomalies' vectors outside the inner 99%", share, 0.01),) for share in other)
    measured = {"share of normal rows' vectors, mean": normal.mean()}
    return Finding(cases=tuple(trainings(parts)), measured=measured, random=True, cause="optimiser")


@claim("review-c-12", page=PAGE, needs=needs("parts"))
def the_norm_helps(record: Arrays) -> Finding:
    """By the discriminator's error, and by weights or an SVM: a higher AUC with the norm than without."""
    cases = []
    for title, key in {"weights": "linear", "SVM": "machine"}.items():
        for judge, error in ERRORS.items():
            without, with_norm = (column(record[key], *p) for p in (("residual", judge), ("residual", judge, "norm")))
            cases += differences("AUC with the norm, less that without", with_norm - without, f"{title}, {error}")
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-11", page=PAGE, needs=needs("parts"))
def truncation_trades_variety(record: Arrays) -> Finding:
    """With the bound of truncation, variety and distance from real images rise."""
    variety, distance = (np.diff(gans(record[key]), axis=1).min(axis=1) for key in ("div_ratio", "nn_ratio"))
    parts = (
        (above("smallest rise of the variety from bound to bound", v, 0.0),
         above("smallest rise of the distance from real images", d, 0.0))
        for v, d in zip(variety, distance, strict=True)
    )  # fmt: skip
    whole = float(record["div_ratio"][..., -1].mean())
    collapsed = f"without a bound the samples have {whole:.2f} of the variety of real images: the generators collapsed"
    return Finding(
        cases=tuple(trainings(parts)), measured={"variety without a bound": whole}, random=True, cause="detector",
        limits=collapsed if whole < VARIED else "", flip="generators whose samples vary as real images do",
    )  # fmt: skip


@claim("review-c-22", page=PAGE, needs=needs("parts"))
def image_distances_separate_better(record: Arrays) -> Finding:
    """By encoder and by what a latent distance is: the AUC of the distance of images is higher."""
    cases = []
    for w, way in enumerate(WAYS):
        for k, latent in enumerate(LATENT):
            gain = record["image"][..., w] - record["code"][..., w, k]
            cases += differences("AUC of the image distance, less that of the latent one", gain, f"{way}, {latent}")
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-31", page=PAGE, needs=needs("parts"))
def encoders_lose_nothing(record: Arrays) -> Finding:
    """By encoder: AUC not more than 0.02 below that of the search."""
    cases, full = [], gans(record["full"])
    for w, way in enumerate(WAYS, 1):
        gains = full[:, w] - full[:, 0]
        cases += trainings(((at_least("AUC of the encoder, less that of the search", g, -0.02),) for g in gains), way)
    return Finding(cases=tuple(cases), measured={"AUC of the search": full[:, 0].mean()}, random=True, cause="detector")


@claim("review-c-33", page=PAGE, needs=needs("parts"))
def joint_training_separates_better(record: Arrays) -> Finding:
    """By what a latent distance is: the joint encoder's AUC is above 0.5 and that of the one trained afterwards."""
    cases, code = [], gans(record["code"])
    for k, latent in enumerate(LATENT):
        parts = (
            (above("AUC of the joint encoder, less that of the other", joint - after, 0.0),
             above("AUC of the joint encoder", joint, 0.5))
            for after, joint in zip(code[:, 0, k], code[:, JOINT, k], strict=True)
        )  # fmt: skip
        cases += trainings(parts, latent)
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-34", page=PAGE, needs=needs("parts"))
def the_cycle_makes_inverses(record: Arrays) -> Finding:
    """Both relative errors are smaller with the cycle's loss than without."""
    inversion = gans(record["inversion"])[:, JOINT:]  # (C·S, without and with, 2)
    parts = (
        tuple(below(f"error of {name} with the cycle, over that without", ratio, 1.0) for name, ratio in pairs)
        for pairs in (zip(("E(G(z))", "G(E(x))"), with_ / without, strict=True) for without, with_ in inversion)
    )
    return Finding(cases=tuple(trainings(parts)), random=True, cause="detector")


@claim("review-c-15", page=PAGE, needs=needs("generated", "critic", page="tailored-mnist"))
def negatives_sharpen(detector: Arrays, critic: Arrays) -> Finding:
    """Mean AUROC over six sets: of a detector trained on generated anomalies, above that of the critic without any.

    The detectors learn from the samples of one GAN, which is the training that counts.
    """
    with_, without = (means_by_set(record) for record in (detector, critic))
    part = above("mean AUROC of the detectors, less that of the critic", with_.mean() - without.mean(), 0.0)
    measured = {"mean AUROC with": with_.mean(), "sets where it is higher": int((with_ > without).sum())}
    return Finding(
        cases=tuple(trainings([(part,)])), measured=measured, random=True, cause="scale",
        flip="five GANs, with detectors for each",
    )  # fmt: skip


def means_by_set(record: Arrays) -> np.ndarray:
    """Return the mean AUROC over the detectors on each of the digit sets."""
    columns: Sequence[int] = [record["names"].tolist().index(name) for name in DIGIT_SETS]
    return np.asarray(record["auroc"][:, columns].mean(axis=0))
