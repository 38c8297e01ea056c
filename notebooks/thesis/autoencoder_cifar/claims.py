"""Claims of thesis 3, 5.1, 5.2.1 and on 6.1's colour images, over what it leaves open: width, rule and reduction."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from anogen.metrics.images import checked
from companion.claims.base import Arrays, Finding, Number, claim, over_sweep
from notebooks.thesis.autoencoder.claims import DIGITS, measure_all, needs
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, COMPARED, DIGIT_LATENTS, LATENTS
from notebooks.thesis.common.descent import WAYS

PAGE = "autoencoder-cifar"
SHAPE = (32, 32, 3)
GREY = 0.02  # the largest deviation of a channel's mean from the mean of all in an image without tint
FROG, AIRPLANE = range(len(CLASSES))
EACH = len(CLASSES) * len(LATENTS)  # records of a role with `*`


def channel_means(x: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Return the mean red, green and blue (n, 3) of images x (n, d); those of a grey image are equal."""
    rows = checked(x, shape)
    images = rows.astype(np.float64).reshape(len(rows), -1, 3 if len(shape) == 3 else 1)
    return np.asarray(np.broadcast_to(images.mean(axis=1), (len(rows), 3)))


def tint(x: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Return how far the mean colour of each image is from grey (n,): the largest deviation of a channel."""
    means = channel_means(x, shape)
    return np.asarray(np.abs(means - means.mean(axis=1, keepdims=True)).max(axis=1))


_needs = partial(needs, PAGE, each=[f"{name}-{latent}" for name, latent in product(CLASSES, LATENTS)])
_measure = partial(measure_all, shape=(len(CLASSES), len(LATENTS)))


def _range(name: str, values: ArrayLike) -> dict[str, Number]:
    """Return the range of a quantity over the settings."""
    return {f"{name}, lowest": float(np.min(values)), f"{name}, highest": float(np.max(values))}


_reconstructions = needs(PAGE, *(f"reconstruction-{data}-{w}" for data in ("mnist", "cifar10") for w in COMPARED))


@claim("thesis-c-05", page=PAGE, needs=_reconstructions)
def colour_needs_more(*records: Arrays) -> Finding:
    """Error relative to the pixels' variance larger for frogs than for fours, at equal epochs, images and width.

    Taken over the widths and over two readings of the variance: of each pixel over the images, and of all values.
    """
    kinds = ("pixel_variance", "total_variance")
    fours, frogs = np.array([[r["errors"].mean() / r[k] for k in kinds] for r in records]).reshape(2, -1)
    measured = _range("fours, unexplained share", fours) | _range("frogs, unexplained share", frogs)
    return over_sweep((frogs > fours).tolist(), measured, cause="data")


@claim("thesis-c-06", page=PAGE, needs=_needs("counts-mnist"))
def what_mnist_holds(record: Arrays) -> Finding:
    """60,000 and 10,000 grey images of 28 x 28 pixels; each of ten classes between 9% and 11.3% of the former."""
    share = record["train"] / record["train"].sum()
    sizes = tuple(record["shape"]), record["train"].sum(), record["test"].sum(), len(share)
    holds = sizes == ((28, 28), 60_000, 10_000, 10) and bool((share >= 0.09).all() and (share <= 0.113).all())
    return Finding(holds, _counted(record) | _range("share of a class", share), cause="data")


@claim("thesis-c-07", page=PAGE, needs=_needs("counts-cifar10"))
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


@claim("thesis-c-08", page=PAGE, needs=_needs(*(f"detection-4-{w}" for w in DIGIT_LATENTS)))
def anomalies_are_rebuilt_worse(*records: Arrays) -> Finding:
    """ROC AUC > 0.90 and median error of anomalies > 1.5 times that of normal images, in every training."""
    auc = np.array([record["auc"] for record in records])
    normal, others = (
        np.array([np.median(r["test_scores"][:, r["test_labels"] == label], axis=1) for r in records])
        for label in (0, 1)
    )
    ratio = others / normal
    measured = _range("ROC AUC", auc) | _range("ratio of median errors", ratio)
    return over_sweep(map(all, (auc > 0.90) & (ratio > 1.5)), measured, cause="detector")


def _formless(quality: Arrays) -> np.ndarray:
    """Return the shares (ways,) of images without a recognisable pattern: unlikely of the class, or far from it."""
    return np.asarray(((quality["p_cls"] < 0.5) | (quality["nn_ratio"] > 1.5)).mean(axis=1))


def _colour(record: Arrays) -> np.ndarray:
    """Return the mean red, green and blue over all images of each way, (ways, 3)."""
    return np.array([channel_means(images, SHAPE).mean(axis=0) for images in record["images"]])


def _mean(key: str) -> Callable[[Arrays], np.ndarray]:
    """Return the function that returns the mean of a measure by each way, (ways,); evolution is a single way."""
    return lambda quality: np.asarray(np.atleast_2d(quality[key]).mean(axis=1))


@claim("thesis-c-24", page=PAGE, needs=_needs("descent-*", "descent-*-quality"))
def frogs_are_green_and_brown(*records: Arrays) -> Finding:
    """Mean colour with G >= B and R >= B; at least 80% of the images without a recognisable pattern."""
    red, green, blue = np.moveaxis(_measure(records[:EACH], _colour)[FROG], -1, 0)
    formless = _measure(records[EACH:], _formless)[FROG]
    measured = _range("red minus blue", red - blue) | _range("green minus blue", green - blue)
    measured |= _range("share without a pattern", formless)
    met = (green >= blue) & (red >= blue) & (formless >= 0.8)
    return over_sweep(met.ravel().tolist(), measured, cause="detector")


@claim("thesis-c-25", page=PAGE, needs=_needs("descent-*", "descent-*-quality"))
def airplanes_are_bluer(*records: Arrays) -> Finding:
    """Mean blue of airplanes at least 0.02 above that of frogs; at least 80% of them without a recognisable pattern."""
    blue = _measure(records[:EACH], _colour)[..., 2]
    bluer, formless = blue[AIRPLANE] - blue[FROG], _measure(records[EACH:], _formless)[AIRPLANE]
    measured = _range("airplanes' blue minus frogs'", bluer) | _range("share without a pattern", formless)
    return over_sweep(((bluer >= 0.02) & (formless >= 0.8)).ravel().tolist(), measured, cause="detector")


@claim("thesis-c-26", page=PAGE, needs=_needs("descent-*"))
def the_tint_is_that_of_the_class(*records: Arrays) -> Finding:
    """Difference of the mean colours, airplane minus frog: cosine > 0.7 with that of the real classes."""
    frog, airplane = _measure(records, lambda r: channel_means(r["real_mean"][None], SHAPE)[0])[:, 0]
    real, drawn = airplane - frog, _measure(records, _colour)
    cosines = []
    for difference in (drawn[AIRPLANE] - drawn[FROG]).reshape(-1, 3):
        length = np.linalg.norm(difference) * np.linalg.norm(real)
        cosines.append(float(difference @ real / length) if length else 0.0)
    return over_sweep([cosine > 0.7 for cosine in cosines], _range("cosine", cosines), cause="detector")


@claim("thesis-c-28", page=PAGE, needs=_needs("descent-*-quality", "evolution-*-quality"))
def evolution_has_less_structure(*records: Arrays) -> Finding:
    """Mean Moran's I of evolved images below that of descended ones, for both classes."""
    descended, evolved = (_measure(group, _mean("morans_i")) for group in (records[:EACH], records[EACH:]))
    measured = _range("Moran's I, evolution", evolved) | _range("Moran's I, descent", descended)
    return over_sweep((evolved < descended).all(axis=0).ravel().tolist(), measured, cause="optimiser")


@claim("thesis-c-29", page=PAGE, needs=_needs("evolution-*", "evolution-*-quality"))
def some_evolved_images_are_plain_noise(*records: Arrays) -> Finding:
    """For each class an image that is noise-like and whose channel means are within 0.02 of grey."""
    tints = [tint(record["images"], SHAPE) for record in records[:EACH]]
    measured: dict[str, Number] = {}
    for i, name in enumerate(CLASSES):
        own = slice(i * len(LATENTS), (i + 1) * len(LATENTS))
        measured |= _range(f"deviation from grey, {name}", np.concatenate(tints[own]))
        for label, key in (("Moran's I", "morans_i"), ("nn_ratio", "nn_ratio")):
            measured |= _range(f"{label}, {name}", np.concatenate([q[key] for q in records[EACH:][own]]))
    noise = [q["noise_like"] & (t < GREY) for q, t in zip(records[EACH:], tints, strict=True)]
    noisy = _measure(noise, np.any)
    return over_sweep(map(all, noisy.T), measured, cause="data")


def _digits_and_classes() -> list[Any]:
    digits = [f"{d}" if w == 4 else f"{d}-latent-{w}" for w in DIGIT_LATENTS for d in DIGITS]
    kinds = ("gradient-*-quality", "evolution-*-quality")
    return needs("autoencoder", *kinds, each=digits)() + _needs("descent-*-quality", "evolution-*-quality")()


@claim("thesis-c-30", page=PAGE, needs=_digits_and_classes)
def digits_are_drawn_and_colours_are_not(*records: Arrays) -> Finding:
    """Quality of digits > 0.5 > that of colour images by both methods; evolved colours farther from real images."""
    size, each = (len(DIGIT_LATENTS), len(DIGITS)), len(DIGIT_LATENTS) * len(DIGITS)
    gradient = measure_all(records[:each], _mean("quality"), size)[..., : len(WAYS)]
    evolution = measure_all(records[each : 2 * each], _mean("quality"), size)
    descents, evolutions = records[2 * each : 2 * each + EACH], records[2 * each + EACH :]
    descended, evolved = (_measure(group, _mean("quality")) for group in (descents, evolutions))
    digits = np.minimum(gradient, evolution).min(axis=1)[:, None]  # (widths of digits, 1, ways)
    colours = np.maximum(descended, evolved).max(axis=0)  # (widths, ways)
    farther = (_measure(evolutions, _mean("nn_ratio")) > _measure(descents, _mean("nn_ratio"))).all(axis=0)
    measured = _range("quality, digits", np.append(gradient, evolution))
    measured |= _range("quality, colour images", np.append(descended, evolved))
    measured["settings where evolved colours are farther"] = int(farther.sum())
    return over_sweep(((digits > 0.5) & (colours < 0.5) & farther).ravel().tolist(), measured, cause="detector")
