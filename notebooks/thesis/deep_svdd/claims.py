"""Claims of thesis 6.2 and 5.2.2 on the images of Deep SVDD.

The thesis names PyOD without a version, so each claim is checked for two forms: PyOD as it was at the time, untrained,
and PyOD as it is now. Where they disagree, the implementation decides. Claims on images are checked for five trainings
of each; the later trainings have four images a class. No claim is about the method as published, which the thesis did
not run.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, wraps
from typing import Any

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim, over_sweep, over_trainings, yes_or_no
from companion.studies.images import edge_centre, local_var
from notebooks.thesis.common.guided import KS
from notebooks.thesis.deep_svdd.experiments import ORIGINAL, PYOD, STOPS
from notebooks.thesis.trainings.experiments import TRAININGS

JUDGED = dict(zip(PYOD, ("untrained", "PyOD 3.6.7"), strict=True))
NAMES = JUDGED | {ORIGINAL: "original"}
DIGITS, COLOUR = (3, 4), ("frog", "airplane")
SETS = (*DIGITS, *COLOUR)
QUALITIES, REAL = [f"{c}-quality" for c in SETS], [f"real-{c}" for c in SETS]
MNIST, CIFAR = (28, 28), (32, 32, 3)
ENOUGH = 16  # images of a class that a classifier of two classes' colours needs
DRAWING = tuple(f"thesis-c-{number}" for number in range(39, 52))  # the claims of thesis 6.2
ByRole = Mapping[str, Arrays]  # records of one form, and of real images as `real-4`, ...
Check = Callable[[ByRole], Finding]
experiments = cache(chapter_experiments)


def claim_on_forms(id_: str, *roles: str, retrained: bool = False) -> Callable[[Check], Callable[..., Finding]]:
    """Register a claim that is checked for both forms of PyOD, with `retrained` in their further trainings, too.

    `roles` are those of one form, then those of real images, which the forms share.
    """
    own = [role for role in roles if not role.startswith("real-")]
    shared = roles[len(own) :]

    def needs() -> list[Any]:
        later = range(1, TRAININGS if retrained else 1)
        return [
            *(experiment_on(form, role) for form in PYOD for role in own),
            *(experiments("deep-svdd")[role] for role in shared),
            *(experiment_on(form, role, training) for training in later for form in PYOD for role in own),
        ]

    def register(check: Check) -> Callable[..., Finding]:
        @wraps(check)  # so that links lead to the check
        def over_forms(*records: Arrays) -> Finding:
            first = len(PYOD) * len(own)
            real = dict(zip(shared, records[first : first + len(shared)], strict=True))
            searches = records[:first] + records[first + len(shared) :]  # form by form, training after training
            forms = [searches[i : i + len(own)] for i in range(0, len(searches), len(own))]
            findings = [check(dict(zip(own, form, strict=True)) | real) for form in forms]
            by_name = {name: over_trainings(findings[i :: len(PYOD)]) for i, name in enumerate(JUDGED.values())}
            return over_implementations(by_name, {f"met by {n}": yes_or_no(f.holds) for n, f in by_name.items()})

        return claim(id_, page="deep-svdd", needs=needs)(over_forms)

    return register


def experiment_on(form: str, role: str, training: int = 0) -> Any:
    """Return the experiment on a form for a role such as `4`, `half` or `4-quality`; of a later training if not 0."""
    if training == 0:
        return experiments("deep-svdd")[f"{form}-{role}"]
    name, _, kind = role.partition("-")
    parts = [form, *([name] if name != "4" else []), str(training), *([kind] if kind else [])]
    return experiments("trainings")["-".join(parts)]


def over_implementations(findings: Mapping[str, Finding], met: Mapping[str, Number]) -> Finding:
    """Return the finding over forms of a detector by name, with the numbers of each after those of `met`.

    Where the forms disagree, the implementation decides; where the trainings of one do, an unstated choice.
    """
    numbers = {f"{name}: {key}": value for name, finding in findings.items() for key, value in finding.measured.items()}
    if any(finding.holds is None for finding in findings.values()):
        return Finding(None, {**met, **numbers}, "unstated choice")
    causes = {finding.cause for finding in findings.values() if not finding.holds}
    cause = "data" if "data" in causes else max(causes, default="")
    result = over_sweep([bool(f.holds) for f in findings.values()], {**met, **numbers}, cause=cause)
    return result if result.holds is not None else replace(result, cause="implementation")


@claim_on_forms("thesis-c-09", *(f"{d}-detection" for d in DIGITS))
def most_normals_lie_inside(form: ByRole) -> Finding:
    """With R = 90th percentile of the training scores: share of normals inside less that of anomalies > 0.3.

    For both digits, each the mean of three trainings.
    """
    differences = {}
    for digit, record in zip(DIGITS, form.values(), strict=True):
        inside, normal = record["test_scores"] <= record["threshold"][:, None], record["test_labels"] == 0
        differences[digit] = inside[:, normal].mean(axis=1) - inside[:, ~normal].mean(axis=1)
    measured = {f"difference, {digit}": values.mean() for digit, values in differences.items()}
    holds = min(measured.values()) > 0.3
    measured["smallest of a training"] = min(values.min() for values in differences.values())
    return Finding(holds, measured, cause="detector")


@claim_on_forms("thesis-c-39", *QUALITIES, *REAL, retrained=True)
def all_images_look_like_noise(form: ByRole) -> Finding:
    """At least 90% noise_like in every set; where pure noise itself is not noise_like, the data is the cause."""
    shares = {c: form[f"{c}-quality"]["noise_like"].mean() for c in SETS}
    independent = {c: (form[f"{c}-quality"]["morans_i"] < 0.2).mean() for c in SETS}
    failed = [c for c in SETS if shares[c] < 0.9]
    by_data = all(form[f"real-{c}"]["noise_like"].mean() < 0.9 and independent[c] >= 0.9 for c in failed)
    measured = {
        **{f"noise like, {c}": share for c, share in shares.items()},
        **{f"Moran's I < 0.2, {c}": independent[c] for c in COLOUR},
        **{f"nn_ratio of pure noise, {c}": np.median(form[f"real-{c}"]["noise_nn_ratio"]) for c in COLOUR},
    }
    return Finding(not failed, measured, cause="data" if by_data else "detector")


@claim_on_forms("thesis-c-40", *map(str, DIGITS), retrained=True)
def neighbours_differ_more_in_the_centre(form: ByRole) -> Finding:
    """local_var(centre) / local_var(edge) > 1.1, paired t test over 16 images p < 0.01, for both digits.

    Later trainings have four images for the test.
    """
    measured: dict[str, float] = {}
    met = []
    for digit, record in form.items():
        ratio, p = contrast(record["images"][:16], MNIST)
        measured |= {f"centre / edge, {digit}": ratio, f"p, {digit}": p}
        met.append(ratio > 1.1 and p < 0.01)
    return Finding(all(met), measured, cause="detector")


def contrast(images: np.ndarray, shape: tuple[int, ...]) -> tuple[float, float]:
    """Return local_var(centre) / local_var(edge) of images (n, d), and p of a paired t test that they are equal."""
    edge, centre = (local_var(images.astype(float), shape, region) for region in edge_centre(shape))
    return float(centre.mean() / edge.mean()), float(stats.ttest_rel(centre, edge).pvalue)


@claim_on_forms("thesis-c-41", *map(str, DIGITS), *(f"real-{d}" for d in DIGITS), retrained=True)
def contrast_mirrors_the_digits(form: ByRole) -> Finding:
    """Rank correlation over pixels between the variance of the images and that of real pixels > 0.2, both digits.

    The criterion also names |generated - start|; but a population has no single start.
    """
    rho = {}
    for digit in DIGITS:
        variance = form[str(digit)]["images"].astype(float).var(axis=0)
        correlation = stats.spearmanr(variance, form[f"real-{digit}"]["pixel_variance"])
        rho[f"rank correlation, {digit}"] = float(correlation.statistic)
    return Finding(min(rho.values()) > 0.2, rho, cause="detector")


@claim_on_forms("thesis-c-42", *COLOUR, retrained=True)
def colour_images_are_all_alike(form: ByRole) -> Finding:
    """local_var(centre) / local_var(edge) in 0.95-1.05; channel means separate the classes with accuracy < 0.65.

    The accuracy is asked of sets of 16 images. Of four, as later trainings have, it is only reported: it exceeds 0.65
    for about a fifth of such pairs of sets whose colours are drawn alike.
    """
    images = {c: form[c]["images"] for c in COLOUR}
    measured = {f"centre / edge, {c}": contrast(of_class, CIFAR)[0] for c, of_class in images.items()}
    even = all(0.95 <= ratio <= 1.05 for ratio in measured.values())
    accuracy = measured["accuracy by channel means"] = colour_accuracy(*images.values())
    many = min(map(len, images.values())) >= ENOUGH
    return Finding(even and (accuracy < 0.65 or not many), measured, cause="detector")


def colour_accuracy(first: np.ndarray, second: np.ndarray) -> float:
    """Return the held-out accuracy of a linear classifier of two sets of colour images (n, d) by channel means."""
    means = np.concatenate([rows.astype(float).reshape(len(rows), -1, 3).mean(axis=1) for rows in (first, second)])
    labels = np.repeat([0, 1], [len(first), len(second)])
    folds = RepeatedStratifiedKFold(n_splits=4, n_repeats=10, random_state=0)
    return float(cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), means, labels, cv=folds).mean())


@claim_on_forms("thesis-c-43", *QUALITIES, *REAL, retrained=True)
def colour_images_are_more_anomalous(form: ByRole) -> Finding:
    """|morans_i| of CIFAR-10 images < morans_i of MNIST images; nn_ratio larger; both as means over the sets.

    Where the MNIST images are farther out than pure noise is in CIFAR-10, nothing drawn there could be farther.
    """
    means = {
        f"{label}, {data}": float(np.mean([np.abs(form[f"{c}-quality"][name].mean()) for c in classes]))
        for label, name in (("Moran's I", "morans_i"), ("nn_ratio", "nn_ratio"))
        for data, classes in (("CIFAR-10", COLOUR), ("MNIST", DIGITS))
    }
    smooth, smooth_digits, far, far_digits = means.values()
    noise = max(np.median(form[f"real-{c}"]["noise_nn_ratio"]) for c in COLOUR)
    cause = "data" if smooth < smooth_digits and far_digits > noise else "detector"
    measured = means | {"nn_ratio of pure noise, CIFAR-10": noise}
    return Finding(smooth < smooth_digits and far > far_digits, measured, cause=cause)


@claim_on_forms("thesis-c-44", "4-quality", retrained=True)
def free_pixels_stay_visible(form: ByRole) -> Finding:
    """free_err_rel >= 0.6 at k = 95, as the mean over the pairs."""
    error = form["4-quality"]["free_err_rel"][KS.index(0.95)]
    measured = {"free_err_rel at 95%": error.mean(), "smallest": error.min()}
    return Finding(error.mean() >= 0.6, measured, cause="detector")


@claim_on_forms("thesis-c-45", "4", "4-quality", retrained=True)
def scores_hardly_change_with_k(form: ByRole) -> Finding:
    """|score(30) - score(95)| < 25% of the real scores' interquartile range while quality rises by more than 0.3."""
    scores, quality = form["4"]["guided_scores"].mean(axis=1), form["4-quality"]["guided_quality"].mean(axis=1)
    few, many = KS.index(0.3), KS.index(0.95)
    change = abs(scores[few] - scores[many]) / stats.iqr(form["4"]["test_normal_scores"])
    gain = quality[many] - quality[few]
    measured = {"change of the score, in interquartile ranges": change, "gain of quality": gain}
    return Finding(change < 0.25 and gain > 0.3, measured, cause="detector")


@claim_on_forms("thesis-c-46", "4-quality", retrained=True)
def guidance_does_not_help(form: ByRole) -> Finding:
    """free_err_rel does not fall with k: its slope over k = 10..95 is above -0.002 per percent."""
    slope = np.polyfit(100 * np.array(KS), form["4-quality"]["free_err_rel"].mean(axis=1), 1)[0]
    return Finding(slope > -0.002, {"slope of free_err_rel per percent": slope}, cause="detector")


@claim_on_forms("thesis-c-47", "half-quality", "real-4", retrained=True)
def few_generations_give_a_four(form: ByRole) -> Finding:
    """Generation 1000: p_cls(4) >= 0.8 and morans_i between 0.3 and the real median, as means over the runs."""
    p, smooth = (form["half-quality"][name][:, STOPS.index(1_000)] for name in ("p_cls", "morans_i"))
    median = np.median(form["real-4"]["morans_i"])
    measured = {"p_cls": p.mean(), "smallest p_cls": p.min(), "Moran's I": smooth.mean(), "of real images": median}
    return Finding(p.mean() >= 0.8 and 0.3 <= smooth.mean() <= median, measured, cause="detector")


@claim_on_forms("thesis-c-48", "half", "half-quality", "real-4", retrained=True)
def the_four_is_an_average(form: ByRole) -> Finding:
    """Generation 1000: nearer to the class's mean image than to the nearest real image, as means over the runs."""
    stop, quality = STOPS.index(1_000), form["half-quality"]
    to_mean = np.linalg.norm(form["half"]["images"][:, stop].astype(float) - form["real-4"]["pixel_mean"], axis=1)
    to_real = quality["nn_ratio"][:, stop] * quality["nn_median"]
    measured = {"distance to the mean image": to_mean.mean(), "distance to the nearest real image": to_real.mean()}
    return Finding(to_mean.mean() < to_real.mean(), measured, cause="detector")


@claim_on_forms("thesis-c-49", "half-quality", retrained=True)
def more_generations_end_in_noise(form: ByRole) -> Finding:
    """Quality, mean over the runs, falls with the generations (rank correlation <= -0.9); all noise_like at the end."""
    quality, noisy = form["half-quality"]["quality"].mean(axis=0), form["half-quality"]["noise_like"]
    rho = float(stats.spearmanr(STOPS, quality).statistic) if np.ptp(quality) else 0.0
    measured = {
        "rank correlation": rho, "quality at 1000": quality[0], "quality at 250000": quality[-1],
        "share noise like at 250000": noisy[:, -1].mean(),
    }  # fmt: skip
    return Finding(bool(rho <= -0.9 and noisy[:, -1].all()), measured, cause="detector")


@claim_on_forms("thesis-c-50", "half", retrained=True)
def noise_scores_better_than_normal_images(form: ByRole) -> Finding:
    """score(250000) < score(1000), and below the 5th percentile of real test images' scores, in every run."""
    first, last = (form["half"]["scores"][:, STOPS.index(generations)] for generations in (1_000, 250_000))
    low = np.percentile(form["half"]["test_normal_scores"], 5)
    measured = {"score at 1000": first.mean(), "score at 250000": last.mean(), "5th percentile of real images": low}
    return Finding((last < np.minimum(first, low)).all(), measured, cause="detector")


@claim_on_forms("thesis-c-51", "half", retrained=True)
def late_images_are_labelled_normal(form: ByRole) -> Finding:
    """Every score below PyOD's threshold at 100000 and 250000; the share below at the other stops is reported."""
    below = form["half"]["scores"] < form["half"]["threshold"]
    measured = {f"labelled normal at {stop}": share for stop, share in zip(STOPS, below.mean(axis=0), strict=True)}
    return Finding(bool(below[:, [STOPS.index(100_000), STOPS.index(250_000)]].all()), measured, cause="detector")
