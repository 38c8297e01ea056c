"""Claims of thesis 3, 5.1, 5.2.1 and on the colour images of 6.1.

The thesis does not state width, rule and reduction, so each claim is checked for all of them at the stated rate.
"""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from notebooks.thesis.autoencoder_cifar.colour import channel_means, tint
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, COMPARED, DIGIT_LATENTS, LATENTS
from notebooks.thesis.common.descent import WAYS

PAGE = "autoencoder-cifar"
SHAPE = (32, 32, 3)
GREY = 0.02  # the largest deviation of a channel's mean from the mean of all in an image without tint
SETTINGS = list(product(LATENTS, range(len(WAYS))))  # latent width and way to descend


def _needs(*roles: str) -> Callable[[], list[Any]]:
    """Return the function that returns the experiments of roles, with `*` for each class and width, in that order."""
    suffixes = [f"{name}-{latent}" for name in CLASSES for latent in LATENTS]
    return partial(_experiments, [role.replace("*", s) for role in roles for s in (suffixes if "*" in role else [""])])


def _experiments(roles: list[str]) -> list[Any]:
    experiments = chapter_experiments(PAGE)
    return [experiments[role] for role in roles]


def _by_class(records: tuple[Arrays, ...]) -> dict[str, dict[int, Arrays]]:
    """Arrange records as `_needs` ordered them: by class, then by width."""
    each = len(LATENTS)
    return {c: dict(zip(LATENTS, records[i * each : (i + 1) * each], strict=True)) for i, c in enumerate(CLASSES)}


def _halves(records: tuple[Arrays, ...]) -> tuple[dict[str, dict[int, Arrays]], dict[str, dict[int, Arrays]]]:
    half = len(records) // 2
    return _by_class(records[:half]), _by_class(records[half:])


def _spread(name: str, values: Any) -> dict[str, Number]:
    """Return the range of a quantity over the settings."""
    floats = [float(value) for value in values]
    return {f"{name}, lowest": min(floats), f"{name}, highest": max(floats)}


@claim(
    "thesis-c-05",
    page=PAGE,
    needs=lambda: _experiments([f"reconstruction-{data}-{w}" for data in ("mnist", "cifar10") for w in COMPARED]),
)
def colour_needs_more(*records: Arrays) -> Finding:
    """Error relative to the pixels' variance larger for frogs than for fours, at equal epochs, images and width.

    Taken over the widths and over two readings of the variance: of each pixel over the images, and of all values.
    """
    half = len(records) // 2
    settings = [(i, kind) for i in range(half) for kind in ("pixel_variance", "total_variance")]
    fours = [float(records[i]["errors"].mean() / records[i][kind]) for i, kind in settings]
    frogs = [float(records[half + i]["errors"].mean() / records[half + i][kind]) for i, kind in settings]
    measured = _spread("fours, unexplained share", fours) | _spread("frogs, unexplained share", frogs)
    return over_sweep([b > a for a, b in zip(fours, frogs, strict=True)], measured, cause="data")


@claim("thesis-c-06", page=PAGE, needs=lambda: _experiments(["counts-mnist"]))
def what_mnist_holds(record: Arrays) -> Finding:
    """60,000 and 10,000 grey images of 28 x 28 pixels; each of ten classes between 9% and 11.3% of the former."""
    share = record["train"] / record["train"].sum()
    sizes = tuple(record["shape"]), record["train"].sum(), record["test"].sum(), len(share)
    holds = sizes == ((28, 28), 60_000, 10_000, 10) and bool((share >= 0.09).all() and (share <= 0.113).all())
    return Finding(holds, _counted(record) | _spread("share of a class", share), cause="data")


@claim("thesis-c-07", page=PAGE, needs=lambda: _experiments(["counts-cifar10"]))
def what_cifar_holds(record: Arrays) -> Finding:
    """50,000 and 10,000 images of 32 x 32 x 3, exactly 5,000 and 1,000 of each of ten classes.

    Undecided where only a part of the training set is available, if that part does not contradict.
    """
    train, test = record["train"], record["test"]
    fits = tuple(record["shape"]) == SHAPE and len(test) == 10 and bool((test == 1_000).all())
    partial_set = train.sum() < 50_000 and bool((train <= 5_000).all())
    holds = None if fits and partial_set else fits and bool((train == 5_000).all())
    complete = {"classes with 5,000 training images": int((train == 5_000).sum())}
    return Finding(holds, _counted(record) | complete, cause="data")


def _counted(record: Arrays) -> dict[str, Number]:
    return {
        "training images": int(record["train"].sum()),
        "test images": int(record["test"].sum()),
        "shape": " x ".join(map(str, record["shape"])),
    }


@claim("thesis-c-08", page=PAGE, needs=lambda: _experiments([f"detection-4-{w}" for w in DIGIT_LATENTS]))
def anomalies_are_rebuilt_worse(*records: Arrays) -> Finding:
    """ROC AUC > 0.90 and median error of anomalies > 1.5 times that of normal images, in every training."""
    auc, ratio = {}, {}
    for width, record in zip(DIGIT_LATENTS, records, strict=True):
        anomalous = record["test_labels"] == 1
        scores = record["test_scores"]
        auc[width] = record["auc"]
        ratio[width] = np.median(scores[:, anomalous], 1) / np.median(scores[:, ~anomalous], 1)
    measured = _spread("ROC AUC", np.concatenate(list(auc.values())))
    measured |= _spread("ratio of median errors", np.concatenate(list(ratio.values())))
    met = [bool(auc[w].min() > 0.90 and ratio[w].min() > 1.5) for w in auc]
    return over_sweep(met, measured, cause="detector")


def _formless(quality: Arrays, way: int) -> float:
    """Return the share of images without a recognisable pattern: unlikely of the class, or far from its images."""
    return float(((quality["p_cls"][way] < 0.5) | (quality["nn_ratio"][way] > 1.5)).mean())


def _colour(record: Arrays, way: int) -> np.ndarray:
    """Return the mean red, green and blue over all images of a way, (3,)."""
    return channel_means(record["images"][way], SHAPE).mean(axis=0)


@claim("thesis-c-24", page=PAGE, needs=_needs("descent-*", "descent-*-quality"))
def frogs_are_green_and_brown(*records: Arrays) -> Finding:
    """Mean colour with G >= B and R >= B; at least 80% of the images without a recognisable pattern."""
    images, quality = _halves(records)
    colour = {(w, v): _colour(images["frog"][w], v) for w, v in SETTINGS}
    formless = {(w, v): _formless(quality["frog"][w], v) for w, v in SETTINGS}
    measured = (
        _spread("red minus blue", (c[0] - c[2] for c in colour.values()))
        | _spread("green minus blue", (c[1] - c[2] for c in colour.values()))
        | _spread("share without a pattern", formless.values())
    )
    met = [bool(min(colour[s][:2]) >= colour[s][2] and formless[s] >= 0.8) for s in SETTINGS]
    return over_sweep(met, measured, cause="detector")


@claim("thesis-c-25", page=PAGE, needs=_needs("descent-*", "descent-*-quality"))
def airplanes_are_bluer(*records: Arrays) -> Finding:
    """Mean blue of airplanes at least 0.02 above that of frogs; at least 80% of them without a recognisable pattern."""
    images, quality = _halves(records)
    bluer = {(w, v): _colour(images["airplane"][w], v)[2] - _colour(images["frog"][w], v)[2] for w, v in SETTINGS}
    formless = {(w, v): _formless(quality["airplane"][w], v) for w, v in SETTINGS}
    measured = _spread("airplanes' blue minus frogs'", bluer.values())
    measured |= _spread("share without a pattern", formless.values())
    return over_sweep([bool(bluer[s] >= 0.02 and formless[s] >= 0.8) for s in SETTINGS], measured, cause="detector")


@claim("thesis-c-26", page=PAGE, needs=_needs("descent-*"))
def the_tint_is_that_of_the_class(*records: Arrays) -> Finding:
    """Difference of the mean colours, airplane minus frog: cosine > 0.7 with that of the real classes."""
    images = _by_class(records)
    frog, airplane = (channel_means(images[c][LATENTS[0]]["real_mean"][None], SHAPE)[0] for c in CLASSES)
    real = airplane - frog
    cosines = []
    for w, v in SETTINGS:
        difference = _colour(images["airplane"][w], v) - _colour(images["frog"][w], v)
        length = np.linalg.norm(difference) * np.linalg.norm(real)
        cosines.append(float(difference @ real / length) if length else 0.0)
    return over_sweep([cosine > 0.7 for cosine in cosines], _spread("cosine", cosines), cause="detector")


@claim("thesis-c-28", page=PAGE, needs=_needs("descent-*-quality", "evolution-*-quality"))
def evolution_has_less_structure(*records: Arrays) -> Finding:
    """Mean Moran's I of evolved images below that of descended ones, for both classes."""
    descent, evolution = _halves(records)
    evolved = {(c, w): float(evolution[c][w]["morans_i"].mean()) for c in CLASSES for w in LATENTS}
    descended = {(c, w, v): float(descent[c][w]["morans_i"][v].mean()) for c in CLASSES for w, v in SETTINGS}
    measured = _spread("Moran's I, evolution", evolved.values()) | _spread("Moran's I, descent", descended.values())
    met = [all(evolved[c, w] < descended[c, w, v] for c in CLASSES) for w, v in SETTINGS]
    return over_sweep(met, measured, cause="optimiser")


@claim("thesis-c-29", page=PAGE, needs=_needs("evolution-*", "evolution-*-quality"))
def some_evolved_images_are_plain_noise(*records: Arrays) -> Finding:
    """For each class an image that is noise-like and whose channel means are within 0.02 of grey."""
    images, quality = _halves(records)
    tints = {(c, w): tint(images[c][w]["images"], SHAPE) for c in CLASSES for w in LATENTS}
    measured: dict[str, Number] = {}
    for c in CLASSES:
        measured |= _spread(f"deviation from grey, {c}", np.concatenate([tints[c, w] for w in LATENTS]))
        measured |= _spread(f"Moran's I, {c}", np.concatenate([quality[c][w]["morans_i"] for w in LATENTS]))
        measured |= _spread(f"nn_ratio, {c}", np.concatenate([quality[c][w]["nn_ratio"] for w in LATENTS]))
    met = [all((quality[c][w]["noise_like"] & (tints[c, w] < GREY)).any() for c in CLASSES) for w in LATENTS]
    return over_sweep(map(bool, met), measured, cause="data")


def _digits_and_classes() -> list[Any]:
    digits = chapter_experiments("autoencoder")
    suffixes = [f"{d}" if w == 4 else f"{d}-latent-{w}" for w in DIGIT_LATENTS for d in (3, 4)]
    of_digits = [digits[f"{kind}-{s}-quality"] for kind in ("gradient", "evolution") for s in suffixes]
    return of_digits + _needs("descent-*-quality", "evolution-*-quality")()


@claim("thesis-c-30", page=PAGE, needs=_digits_and_classes)
def digits_are_drawn_and_colours_are_not(*records: Arrays) -> Finding:
    """Quality of digits > 0.5 > that of colour images by both methods; evolved colours farther from real images."""
    each = 2 * len(DIGIT_LATENTS)
    gradient, evolution = records[:each], records[each : 2 * each]
    colour_descent, colour_evolution = _halves(records[2 * each :])

    def digits(i: int, way: int) -> list[float]:
        """Return the qualities of both digits by both methods, at the i-th width."""
        pairs = [(gradient[2 * i + d]["quality"][way], evolution[2 * i + d]["quality"]) for d in (0, 1)]
        return [float(values.mean()) for pair in pairs for values in pair]

    def colours(width: int, way: int) -> list[float]:
        pairs = [(colour_descent[c][width]["quality"][way], colour_evolution[c][width]["quality"]) for c in CLASSES]
        return [float(values.mean()) for pair in pairs for values in pair]

    def farther(width: int, way: int) -> bool:
        return all(
            colour_evolution[c][width]["nn_ratio"].mean() > colour_descent[c][width]["nn_ratio"][way].mean()
            for c in CLASSES
        )

    grey = [value for i in range(len(DIGIT_LATENTS)) for way in range(len(WAYS)) for value in digits(i, way)]
    coloured = [value for w, v in SETTINGS for value in colours(w, v)]
    measured = _spread("quality, digits", grey) | _spread("quality, colour images", coloured)
    measured["settings where evolved colours are farther"] = sum(farther(w, v) for w, v in SETTINGS)
    met = [
        min(digits(i, v)) > 0.5 > max(colours(w, v)) and farther(w, v)
        for i in range(len(DIGIT_LATENTS))
        for w, v in SETTINGS
    ]
    return over_sweep(met, measured, cause="detector")
