"""Claims of thesis 6.2 and 5.2.2 on the images of Deep SVDD.

The thesis names PyOD without a version. The release of its date, which trains nothing, is the primary reading; PyOD's
form of today is shown next to it, and neither is the method as published, which the thesis did not run. Every claim
is checked for five trainings of each form; the later ones have four images a class.
"""

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from companion.chapters import chapter_experiments
from companion.claims.base import (
    Arrays,
    Finding,
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
from companion.studies.ensemble import MAJORITY
from companion.studies.images import edge_centre, local_var
from companion.studies.judged import judged
from notebooks.thesis.common.guided import KS
from notebooks.thesis.deep_svdd.experiments import FURTHER, ORIGINAL, PYOD, STOPS
from notebooks.thesis.trainings.experiments import TRAININGS

NAMES = {**dict(zip(PYOD, ("untrained", "PyOD 3.6.7"), strict=True)), ORIGINAL: "original"}
READINGS = dict(zip(PYOD, ("PyOD 2.0.1 to 3.6.2, untrained", "PyOD 3.6.7, trained"), strict=True))
EXCLUDED = (READINGS[PYOD[1]],)  # younger than the thesis; shown, but it does not decide
DIGITS, COLOUR = (3, 4), ("frog", "airplane")
SETS = (*DIGITS, *COLOUR)
QUALITIES = [f"{c}-quality" for c in SETS]
MNIST, CIFAR = (28, 28), (32, 32, 3)
EDGES = (4, 3, 2, 1)  # widths of the frame that the thesis may call edge, in pixels
DRAWING = tuple(f"thesis-c-{number}" for number in range(39, 52))  # the claims of thesis 6.2
ByRole = Mapping[str, Arrays]  # records of one form, and of real images as `real-4`, ...
Check = Callable[[ByRole], Finding]
experiments = cache(chapter_experiments)


def claim_on_forms(
    id_: str, *roles: str, retrained: bool = True, further: bool = False
) -> Callable[[Check], Callable[..., Finding]]:
    """Register a claim that is checked for both forms of PyOD, with `retrained` in their further trainings, too.

    With `further`, the untrained form has more, those of `FURTHER`, of which only measures of the guided images are
    kept. `roles` are those of one form, then those of real images, which the forms share.
    """
    own = [role for role in roles if not role.startswith("real-")]
    shared = roles[len(own) :]

    def needs() -> list[Any]:
        later = range(1, TRAININGS if retrained else 1)
        return [
            *(experiment_on(form, role) for form in PYOD for role in own),
            *(experiments("deep-svdd")[role] for role in shared),
            *(experiment_on(form, role, training) for training in later for form in PYOD for role in own),
            *(experiments("deep-svdd")[f"further-{number}"] for number in (FURTHER if further else ())),
        ]

    def register(check: Check) -> Callable[..., Finding]:
        @wraps(check)  # so that links lead to the check
        def over_forms(*records: Arrays) -> Finding:
            end = len(records) - (len(FURTHER) if further else 0)
            records, more = records[:end], records[end:]
            first = len(PYOD) * len(own)
            real = dict(zip(shared, records[first : first + len(shared)], strict=True))
            searches = records[:first] + records[first + len(shared) :]  # form by form, training after training
            forms = [searches[i : i + len(own)] for i in range(0, len(searches), len(own))]
            findings = [check(dict(zip(own, form, strict=True)) | real) for form in forms]
            by_form = {name: findings[i :: len(PYOD)] for i, name in enumerate(READINGS.values())}
            by_form[READINGS[PYOD[0]]] += [check(dict.fromkeys(own, each)) for m in more for each in split_trainings(m)]
            return over_settings({name: over_trainings(found) for name, found in by_form.items()}, EXCLUDED)

        return claim(id_, page="deep-svdd", needs=needs)(over_forms)

    return register


def split_trainings(record: Arrays) -> list[Arrays]:
    """Return the arrays of each training of a record of `FurtherTrainings`."""
    names = ("guided_scores", "guided_quality", "free_err_rel", "unguided_free_err_rel", "test_normal_scores")
    return [{name: record[name][training] for name in names} for training in range(len(record["free_err_rel"]))]


def experiment_on(form: str, role: str, training: int = 0) -> Any:
    """Return the experiment on a form for a role such as `4`, `half` or `4-quality`; of a later training if not 0.

    A role with `-judged` is the ensemble's judgement of that search.
    """
    if role.endswith("-judged"):
        return judged(experiment_on(form, role.removesuffix("-judged"), training))
    if training == 0:
        return experiments("deep-svdd")[f"{form}-{role}"]
    name, _, kind = role.partition("-")
    parts = [form, *([name] if name != "4" else []), str(training), *([kind] if kind else [])]
    return experiments("trainings")["-".join(parts)]


@claim_on_forms("thesis-c-09", *(f"{d}-detection" for d in DIGITS))
def most_normals_lie_inside(form: ByRole) -> Finding:
    """With R = 90th percentile of the training scores: share of normals inside less that of anomalies > 0.3.

    For both digits.
    """
    parts = []
    for digit, record in zip(DIGITS, form.values(), strict=True):
        inside, normal = record["test_scores"][0] <= record["threshold"][0], record["test_labels"] == 0
        difference = inside[normal].mean() - inside[~normal].mean()
        parts.append(above(f"share of normals less share of anomalies inside, {digit}", difference, 0.3))
    return all_of(*parts)


@claim_on_forms("thesis-c-39", *QUALITIES)
def all_images_look_like_noise(form: ByRole) -> Finding:
    """At least 90% of the images in every set have Moran's I < 0.2."""
    return all_of(*(noise(f"share of noise, {c}", form[f"{c}-quality"]) for c in SETS))


def noise(quantity: str, quality: Arrays) -> Any:
    """Return the comparison of the share of images without structure, Moran's I < 0.2, with 90%."""
    return at_least(quantity, (quality["morans_i"] < 0.2).mean(), 0.9)


@claim_on_forms("thesis-c-40", *map(str, DIGITS))
def neighbours_differ_more_in_the_centre(form: ByRole) -> Finding:
    """local_var(centre) / local_var(edge) > 1.1, paired t test over 16 images p < 0.01, for both digits.

    For an edge of 4, 3, 2 and 1 pixels. Later trainings have four images for the test.
    """

    def check(width: int) -> Finding:
        by_digit = {digit: contrast(record["images"][:16], MNIST, width) for digit, record in form.items()}
        ratios = [above(f"centre / edge, {digit}", ratio, 1.1) for digit, (ratio, _) in by_digit.items()]
        return all_of(*ratios, *(below(f"p, {digit}", p, 0.01) for digit, (_, p) in by_digit.items()))

    return over_settings({f"an edge of {width} pixel{'s' * (width > 1)}": check(width) for width in EDGES})


def contrast(images: np.ndarray, shape: tuple[int, ...], width: int = 4) -> tuple[float, float]:
    """Return local_var(centre) / local_var(edge) of images (n, d), and p of a paired t test that they are equal."""
    regions = (frame(shape, width), edge_centre(shape)[1])
    edge, centre = (local_var(images.astype(float), shape, region) for region in regions)
    return float(centre.mean() / edge.mean()), float(stats.ttest_rel(centre, edge).pvalue)


def frame(shape: tuple[int, ...], width: int) -> np.ndarray:
    """Return the mask (h, w) of the outer pixels, in a frame of some width."""
    inside = np.ones((shape[0] - 2 * width, shape[1] - 2 * width), dtype=bool)
    return ~np.pad(inside, width)


@claim_on_forms("thesis-c-41", *map(str, DIGITS), *(f"real-{d}" for d in DIGITS))
def contrast_mirrors_the_digits(form: ByRole) -> Finding:
    """Rank correlation over pixels between the variance of the images and that of real pixels > 0.2, both digits.

    The criterion also names |generated - start|; but a population has no single start.
    """
    parts = []
    for digit in DIGITS:
        variance = form[str(digit)]["images"].astype(float).var(axis=0)
        correlation = stats.spearmanr(variance, form[f"real-{digit}"]["pixel_variance"])
        parts.append(above(f"rank correlation, {digit}", float(correlation.statistic), 0.2))
    return all_of(*parts, limits="the contrast that this statement explains is not seen in our images: thesis-c-40")


@claim_on_forms("thesis-c-42", *COLOUR, retrained=False)
def colour_images_are_all_alike(form: ByRole) -> Finding:
    """local_var(centre) / local_var(edge) in 0.95-1.05; channel means separate the classes with accuracy < 0.65.

    The accuracy needs sets of 16 images, which the first training alone has.
    """
    images = {c: form[c]["images"] for c in COLOUR}
    uneven = {c: abs(contrast(rows, CIFAR)[0] - 1) for c, rows in images.items()}
    parts = [at_most(f"centre / edge, its distance from 1, {c}", value, 0.05) for c, value in uneven.items()]
    accuracy = below("accuracy by channel means", colour_accuracy(*images.values()), 0.65)
    return all_of(*parts, accuracy, cost="16 images of each class for four more trainings would take two core-hours")


def colour_accuracy(first: np.ndarray, second: np.ndarray) -> float:
    """Return the held-out accuracy of a linear classifier of two sets of colour images (n, d) by channel means."""
    means = np.concatenate([rows.astype(float).reshape(len(rows), -1, 3).mean(axis=1) for rows in (first, second)])
    labels = np.repeat([0, 1], [len(first), len(second)])
    folds = RepeatedStratifiedKFold(n_splits=4, n_repeats=10, random_state=0)
    return float(cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), means, labels, cv=folds).mean())


@claim_on_forms("thesis-c-43", *QUALITIES)
def colour_images_are_more_anomalous(form: ByRole) -> Finding:
    """|morans_i| of CIFAR-10 images < morans_i of MNIST images, as means over the sets."""
    smooth, smooth_digits = (
        float(np.mean([np.abs(form[f"{c}-quality"]["morans_i"].mean()) for c in classes]))
        for classes in (COLOUR, DIGITS)
    )
    less = above("Moran's I of MNIST less that of CIFAR-10", smooth_digits - smooth, 0)
    return all_of(less, measured={"Moran's I, CIFAR-10": smooth, "Moran's I, MNIST": smooth_digits})


@claim_on_forms("thesis-c-44", "4-quality", further=True)
def free_pixels_stay_visible(form: ByRole) -> Finding:
    """free_err_rel >= 0.6 at k = 95, as the mean over the pairs."""
    error = form["4-quality"]["free_err_rel"][KS.index(0.95)]
    return all_of(at_least("free_err_rel at 95%", error.mean(), 0.6), measured={"smallest of a pair": error.min()})


@claim_on_forms("thesis-c-45", "4", "4-quality", further=True)
def scores_hardly_change_with_k(form: ByRole) -> Finding:
    """|score(30) - score(95)| < 25% of the real scores' interquartile range while quality rises by more than 0.3."""
    scores, quality = form["4"]["guided_scores"].mean(axis=1), form["4-quality"]["guided_quality"].mean(axis=1)
    few, many = KS.index(0.3), KS.index(0.95)
    change = abs(scores[few] - scores[many]) / stats.iqr(form["4"]["test_normal_scores"])
    return all_of(
        below("change of the score, in interquartile ranges", change, 0.25),
        above("gain of quality", quality[many] - quality[few], 0.3),
    )


@claim_on_forms("thesis-c-46", "4-quality", further=True)
def guidance_does_not_help(form: ByRole) -> Finding:
    """free_err_rel does not fall with k: its slope over k = 10..95 is above -0.002 per percent."""
    slope = np.polyfit(100 * np.array(KS), form["4-quality"]["free_err_rel"].mean(axis=1), 1)[0]
    return all_of(above("slope of the relative error of free pixels per percent", slope, -0.002))


@claim_on_forms("thesis-c-47", "half-judged", "half-quality")
def few_generations_give_a_four(form: ByRole) -> Finding:
    """Generation 1000: 80% of the images recognised by three of four classifiers; mean morans_i >= 0.3."""
    stop = STOPS.index(1_000)
    recognised = form["half-judged"]["votes"][:, stop] >= MAJORITY
    return all_of(
        at_least("share of images recognised as a 4", recognised.mean(), 0.8),
        at_least("Moran's I", form["half-quality"]["morans_i"][:, stop].mean(), 0.3),
    )


@claim_on_forms("thesis-c-48", "half", "half-quality", "real-4")
def the_four_is_an_average(form: ByRole) -> Finding:
    """Generation 1000: nearer to the class's mean image than to the nearest real image, as means over the runs."""
    stop, quality = STOPS.index(1_000), form["half-quality"]
    to_mean = np.linalg.norm(form["half"]["images"][:, stop].astype(float) - form["real-4"]["pixel_mean"], axis=1)
    to_real = quality["nn_ratio"][:, stop] * quality["nn_median"]
    ratio = to_mean.mean() / to_real.mean()
    return all_of(
        below("distance to the mean image, in distances to the nearest real image", ratio, 1),
        measured={"distance to the mean image": to_mean.mean(), "to the nearest real image": to_real.mean()},
    )


@claim_on_forms("thesis-c-49", "half-judged")
def more_generations_end_in_noise(form: ByRole) -> Finding:
    """Quality, mean over the runs, falls with the generations (rank correlation <= -0.9); all noise_like at the end.

    Both as the ensemble judges.
    """
    quality, noisy = form["half-judged"]["quality"].astype(float).mean(axis=0), form["half-judged"]["noise_like"]
    rho = float(stats.spearmanr(STOPS, quality).statistic) if np.ptp(quality) else 0.0
    return all_of(
        at_most("rank correlation of quality and generations", rho, -0.9),
        true("every run is noise-like at 250,000", bool(noisy[:, -1].all())),
        measured={"quality at 1,000": quality[0], "quality at 250,000": quality[-1]},
    )


@claim_on_forms("thesis-c-50", "half")
def noise_scores_better_than_normal_images(form: ByRole) -> Finding:
    """score(250000) < score(1000), and below the 5th percentile of real test images' scores, in every run."""
    first, last = (form["half"]["scores"][:, STOPS.index(generations)] for generations in (1_000, 250_000))
    low = np.percentile(form["half"]["test_normal_scores"], 5)
    return all_of(
        below("score at 250,000, of the 5th percentile of real images, highest of a run", last.max() / low, 1),
        above("fall of the score since 1,000, smallest of a run", (first - last).min(), 0),
        measured={"score at 1,000": first.mean(), "at 250,000": last.mean(), "5th percentile of real images": low},
    )


@claim_on_forms("thesis-c-51", "half")
def late_images_are_labelled_normal(form: ByRole) -> Finding:
    """Every score below PyOD's threshold at 100000 and 250000; the share below at the other stops is reported."""
    below_threshold = (form["half"]["scores"] < form["half"]["threshold"]).mean(axis=0)
    shares = dict(zip(STOPS, below_threshold, strict=True))
    late = [true(f"every run is labelled normal at {stop:,}", shares[stop] == 1) for stop in (100_000, 250_000)]
    return all_of(*late, measured={f"share labelled normal at {stop:,}": share for stop, share in shares.items()})
