"""Claims of thesis 6.2 and 5.2.2 on the images of Deep SVDD.

The thesis names PyOD without a version, so each claim is checked for two forms: PyOD as it was at the time, untrained,
and PyOD as it is now. Where they disagree, the implementation decides. Claims on images are checked for five trainings
of each; the later trainings have four images a class. No claim is about the method as published, which the thesis did
not run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from anogen.metrics.quality import edge_centre, local_var
from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, claim, over_sweep, over_trainings, yes_or_no
from notebooks.thesis.common.guided import KS
from notebooks.thesis.deep_svdd.experiments import ORIGINAL, PYOD, STOPS
from notebooks.thesis.trainings import experiments as trainings

JUDGED = dict(zip(PYOD, ("untrained", "PyOD 3.6.7"), strict=True))
NAMES = JUDGED | {ORIGINAL: "original"}
DIGITS, COLOUR = (3, 4), ("frog", "airplane")
MNIST, CIFAR = (28, 28), (32, 32, 3)
ENOUGH = 16  # images of a class that a classifier of two classes' colours needs
DRAWING = tuple(f"thesis-c-{number}" for number in range(39, 52))  # the claims of thesis 6.2
Check = Callable[..., Finding]


def claim_on_forms(
    id_: str, *roles: str, real: Sequence[int | str] = (), retrained: bool = False
) -> Callable[[Check], Check]:
    """Register a claim that is checked for both forms of PyOD.

    `roles` are those of one form, `real` the classes of the real images for comparison; with `retrained`, the further
    trainings are checked as well. The function takes the records of one form by role, those of real images by class.
    """
    later = range(1, trainings.TRAININGS) if retrained else range(0)

    def needs() -> list[Any]:
        experiments, others = chapter_experiments("deep-svdd"), trainings.chapter_experiments()
        by_form = [experiments[f"{form}-{role}"] for form in PYOD for role in roles]
        of_real = [experiments[f"real-{normal}"] for normal in real]
        further_trainings = [others[further(form, role, t)] for t in later for form in PYOD for role in roles]
        return by_form + of_real + further_trainings

    def register(check: Check) -> Check:
        @wraps(check)  # so that links lead to the check
        def over_forms(*records: Arrays) -> Finding:
            n, first = len(roles), len(PYOD) * len(roles)
            real_images = dict(zip(real, records[first : first + len(real)], strict=True))
            searches = records[:first] + records[first + len(real) :]
            forms = [dict(zip(roles, searches[i : i + n], strict=True)) for i in range(0, len(searches), n)]
            findings = [check(form, real_images) for form in forms]  # form by form, training after training
            return over_implementations([over_trainings(findings[i :: len(PYOD)]) for i in range(len(PYOD))])

        return claim(id_, page="deep-svdd", needs=needs)(over_forms)

    return register


def further(form: str, role: str, training: int) -> str:
    """Return the role in chapter `trainings` of a later training of a form's `4`, `3`, `half`, `4-quality`, ..."""
    name, _, kind = role.partition("-")
    return "-".join([form, *([name] if name != "4" else []), str(training), *([kind] if kind else [])])


def over_implementations(findings: Sequence[Finding]) -> Finding:
    """Return the finding over the forms, in their order, with the result and the numbers of each."""
    by_name = dict(zip(JUDGED.values(), findings, strict=True))
    numbers: dict[str, Any] = {f"met by {name}": yes_or_no(finding.holds) for name, finding in by_name.items()}
    numbers |= {f"{name}: {key}": value for name, finding in by_name.items() for key, value in finding.measured.items()}
    if any(f.holds is None for f in findings):  # one form's trainings disagree
        return Finding(None, numbers, "unstated choice")
    causes = {f.cause for f in findings if not f.holds}
    cause = "data" if "data" in causes else max(causes, default="")
    finding = over_sweep([bool(f.holds) for f in findings], numbers, cause=cause)
    return finding if finding.holds is not None else replace(finding, cause="implementation")


Form = Mapping[str, Arrays]
Real = Mapping[int | str, Arrays]


@claim_on_forms("thesis-c-09", *(f"{d}-detection" for d in DIGITS))
def most_normals_lie_inside(form: Form, real: Real) -> Finding:
    """With R = 90th percentile of the training scores: share of normals inside less that of anomalies > 0.3.

    For both digits, each the mean of three trainings.
    """
    differences = []
    for record in form.values():
        inside = record["test_scores"] <= record["threshold"][:, None]
        normal = record["test_labels"] == 0
        differences.append(inside[:, normal].mean(axis=1) - inside[:, ~normal].mean(axis=1))
    means = [d.mean() for d in differences]
    measured = {
        **{f"difference, {d}": mean for d, mean in zip(DIGITS, means, strict=True)},
        "smallest of a training": min(d.min() for d in differences),
    }
    return Finding(bool(min(means) > 0.3), measured, cause="detector")


@claim_on_forms("thesis-c-39", *(f"{c}-quality" for c in (*DIGITS, *COLOUR)), real=(*DIGITS, *COLOUR), retrained=True)
def all_images_look_like_noise(form: Form, real: Real) -> Finding:
    """At least 90% noise_like in every set; where pure noise itself is not noise_like, the data is the cause."""
    shares = {c: form[f"{c}-quality"]["noise_like"].mean() for c in real}
    independent = {c: (form[f"{c}-quality"]["morans_i"] < 0.2).mean() for c in real}
    failed = [c for c in real if shares[c] < 0.9]
    by_data = all(real[c]["noise_like"].mean() < 0.9 and independent[c] >= 0.9 for c in failed)
    measured = {
        **{f"noise like, {c}": share for c, share in shares.items()},
        **{f"Moran's I < 0.2, {c}": independent[c] for c in COLOUR},
        **{f"nn_ratio of pure noise, {c}": np.median(real[c]["noise_nn_ratio"]) for c in COLOUR},
    }
    return Finding(not failed, measured, cause="data" if by_data else "detector")


@claim_on_forms("thesis-c-40", *map(str, DIGITS), retrained=True)
def neighbours_differ_more_in_the_centre(form: Form, real: Real) -> Finding:
    """local_var(centre) / local_var(edge) > 1.1, paired t test over 16 images p < 0.01, for both digits.

    Later trainings have four images for the test.
    """
    measured: dict[str, Any] = {}
    met = []
    for d in DIGITS:
        ratio, p = contrast(form[str(d)]["images"][:16], MNIST)
        measured |= {f"centre / edge, {d}": ratio, f"p, {d}": p}
        met.append(ratio > 1.1 and p < 0.01)
    return Finding(all(met), measured, cause="detector")


def contrast(images: np.ndarray, shape: tuple[int, ...]) -> tuple[float, float]:
    """Return local_var(centre) / local_var(edge) of images (n, d), and p of a paired t test that they are equal."""
    edge, centre = (local_var(images.astype(float), shape, region) for region in edge_centre(shape))
    return float(centre.mean() / edge.mean()), float(stats.ttest_rel(centre, edge).pvalue)


@claim_on_forms("thesis-c-41", *map(str, DIGITS), real=DIGITS, retrained=True)
def contrast_mirrors_the_digits(form: Form, real: Real) -> Finding:
    """Rank correlation over pixels between the variance of the images and that of real pixels > 0.2, both digits.

    The criterion also names |generated - start|; but a population has no single start.
    """
    rho = {d: variance_correlation(form[str(d)]["images"], real[d]["pixel_variance"]) for d in DIGITS}
    return Finding(min(rho.values()) > 0.2, {f"rank correlation, {d}": r for d, r in rho.items()}, cause="detector")


def variance_correlation(images: np.ndarray, real_variance: np.ndarray) -> float:
    """Return Spearman's correlation over pixels of the variance of images (n, d) with that of real ones (d,)."""
    return float(stats.spearmanr(images.astype(float).var(axis=0), real_variance).statistic)


@claim_on_forms("thesis-c-42", *COLOUR, retrained=True)
def colour_images_are_all_alike(form: Form, real: Real) -> Finding:
    """local_var(centre) / local_var(edge) in 0.95-1.05; channel means separate the classes with accuracy < 0.65.

    The accuracy is asked of sets of 16 images. Of four, as later trainings have, it is only reported: it exceeds 0.65
    for about a fifth of such pairs of sets whose colours are drawn alike.
    """
    ratios = {c: contrast(form[c]["images"], CIFAR)[0] for c in COLOUR}
    accuracy = colour_accuracy(*(form[c]["images"] for c in COLOUR))
    many = min(len(form[c]["images"]) for c in COLOUR) >= ENOUGH
    measured = {**{f"centre / edge, {c}": r for c, r in ratios.items()}, "accuracy by channel means": accuracy}
    met = all(0.95 <= r <= 1.05 for r in ratios.values()) and (accuracy < 0.65 or not many)
    return Finding(met, measured, cause="detector")


def colour_accuracy(first: np.ndarray, second: np.ndarray) -> float:
    """Return the accuracy of a linear classifier that tells two sets of colour images (n, d) by their channel means.

    It is measured on the quarter of the images that the classifier was not fitted to, over ten divisions into quarters.
    """
    means = np.concatenate([rows.astype(float).reshape(len(rows), -1, 3).mean(axis=1) for rows in (first, second)])
    labels = np.repeat([0, 1], [len(first), len(second)])
    folds = RepeatedStratifiedKFold(n_splits=4, n_repeats=10, random_state=0)
    return float(cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), means, labels, cv=folds).mean())


@claim_on_forms("thesis-c-43", *(f"{c}-quality" for c in (*DIGITS, *COLOUR)), real=(*DIGITS, *COLOUR), retrained=True)
def colour_images_are_more_anomalous(form: Form, real: Real) -> Finding:
    """|morans_i| of CIFAR-10 images < morans_i of MNIST images; nn_ratio larger; both as means over the sets.

    Where the MNIST images are farther out than pure noise is in CIFAR-10, nothing drawn there could be farther.
    """

    def mean(classes: Sequence[int | str], name: str) -> float:
        return float(np.mean([np.abs(form[f"{c}-quality"][name].mean()) for c in classes]))

    noise = max(np.median(real[c]["noise_nn_ratio"]) for c in COLOUR)
    smooth, far = [(mean(COLOUR, name), mean(DIGITS, name)) for name in ("morans_i", "nn_ratio")]
    measured = {
        "Moran's I, CIFAR-10": smooth[0], "Moran's I, MNIST": smooth[1],
        "nn_ratio, CIFAR-10": far[0], "nn_ratio, MNIST": far[1],
        "nn_ratio of pure noise, CIFAR-10": noise,
    }  # fmt: skip
    cause = "data" if smooth[0] < smooth[1] and far[1] > noise else "detector"
    return Finding(smooth[0] < smooth[1] and far[0] > far[1], measured, cause=cause)


def index_of_share(k: float) -> int:
    """Return the index of the images with a share k of fixed pixels."""
    return KS.index(k)


@claim_on_forms("thesis-c-44", "4-quality", retrained=True)
def free_pixels_stay_visible(form: Form, real: Real) -> Finding:
    """free_err_rel >= 0.6 at k = 95, as the mean over the pairs."""
    error = form["4-quality"]["free_err_rel"][index_of_share(0.95)]
    return Finding(
        error.mean() >= 0.6, {"free_err_rel at 95%": error.mean(), "smallest": error.min()}, cause="detector"
    )


@claim_on_forms("thesis-c-45", "4", "4-quality", retrained=True)
def scores_hardly_change_with_k(form: Form, real: Real) -> Finding:
    """|score(30) - score(95)| < 25% of the real scores' interquartile range while quality rises by more than 0.3."""
    scores, quality = form["4"]["guided_scores"].mean(axis=1), form["4-quality"]["guided_quality"].mean(axis=1)
    q1, q3 = np.percentile(form["4"]["test_normal_scores"], [25, 75])
    change = abs(scores[index_of_share(0.3)] - scores[index_of_share(0.95)]) / (q3 - q1)
    gain = quality[index_of_share(0.95)] - quality[index_of_share(0.3)]
    measured = {"change of the score, in interquartile ranges": change, "gain of quality": gain}
    return Finding(change < 0.25 and gain > 0.3, measured, cause="detector")


@claim_on_forms("thesis-c-46", "4-quality", retrained=True)
def guidance_does_not_help(form: Form, real: Real) -> Finding:
    """free_err_rel does not fall with k: its slope over k = 10..95 is above -0.002 per percent."""
    slope = np.polyfit(100 * np.array(KS), form["4-quality"]["free_err_rel"].mean(axis=1), 1)[0]
    return Finding(slope > -0.002, {"slope of free_err_rel per percent": slope}, cause="detector")


def index_of_stop(generations: int) -> int:
    """Return the index of the images after a number of generations."""
    return STOPS.index(generations)


@claim_on_forms("thesis-c-47", "half-quality", real=(4,), retrained=True)
def few_generations_give_a_four(form: Form, real: Real) -> Finding:
    """Generation 1000: p_cls(4) >= 0.8 and morans_i between 0.3 and the real median, as means over the runs."""
    p, smooth = (form["half-quality"][name][:, index_of_stop(1_000)] for name in ("p_cls", "morans_i"))
    median = np.median(real[4]["morans_i"])
    measured = {"p_cls": p.mean(), "smallest p_cls": p.min(), "Moran's I": smooth.mean(), "of real images": median}
    return Finding(p.mean() >= 0.8 and 0.3 <= smooth.mean() <= median, measured, cause="detector")


@claim_on_forms("thesis-c-48", "half", "half-quality", real=(4,), retrained=True)
def the_four_is_an_average(form: Form, real: Real) -> Finding:
    """Generation 1000: nearer to the class's mean image than to the nearest real image, as means over the runs."""
    images, quality = form["half"]["images"][:, index_of_stop(1_000)].astype(float), form["half-quality"]
    to_mean = np.linalg.norm(images - real[4]["pixel_mean"], axis=1)
    to_real = quality["nn_ratio"][:, index_of_stop(1_000)] * quality["nn_median"]
    measured = {"distance to the mean image": to_mean.mean(), "distance to the nearest real image": to_real.mean()}
    return Finding(to_mean.mean() < to_real.mean(), measured, cause="detector")


@claim_on_forms("thesis-c-49", "half-quality", retrained=True)
def more_generations_end_in_noise(form: Form, real: Real) -> Finding:
    """Quality, mean over the runs, falls with the generations (rank correlation <= -0.9); all noise_like at the end."""
    quality, noisy = form["half-quality"]["quality"].mean(axis=0), form["half-quality"]["noise_like"]
    rho = float(stats.spearmanr(STOPS, quality).statistic) if np.ptp(quality) else 0.0
    measured = {
        "rank correlation": rho, "quality at 1000": quality[0], "quality at 250000": quality[-1],
        "share noise like at 250000": noisy[:, -1].mean(),
    }  # fmt: skip
    return Finding(bool(rho <= -0.9 and noisy[:, -1].all()), measured, cause="detector")


@claim_on_forms("thesis-c-50", "half", retrained=True)
def noise_scores_better_than_normal_images(form: Form, real: Real) -> Finding:
    """score(250000) < score(1000), and below the 5th percentile of real test images' scores, in every run."""
    first, last = (form["half"]["scores"][:, index_of_stop(g)] for g in (1_000, 250_000))
    low = np.percentile(form["half"]["test_normal_scores"], 5)
    measured = {"score at 1000": first.mean(), "score at 250000": last.mean(), "5th percentile of real images": low}
    return Finding(bool((last < first).all() and (last < low).all()), measured, cause="detector")


@claim_on_forms("thesis-c-51", "half", retrained=True)
def late_images_are_labelled_normal(form: Form, real: Real) -> Finding:
    """Every score below PyOD's threshold at 100000 and 250000; the share below at the other stops is reported."""
    below = form["half"]["scores"] < form["half"]["threshold"]
    measured = {f"labelled normal at {g}": share for g, share in zip(STOPS, below.mean(axis=0), strict=True)}
    return Finding(bool(below[:, [index_of_stop(100_000), index_of_stop(250_000)]].all()), measured, cause="detector")
