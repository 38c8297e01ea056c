"""Claims of thesis 3, 5.1, 5.2.1 and on 6.1's colour images, over what it leaves open: width, rule and reduction."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from anogen.metrics.images import checked
from companion.claims.base import (
    Arrays,
    Case,
    Finding,
    Number,
    above,
    at_least,
    below,
    claim,
    mean_interval,
    true,
)
from notebooks.thesis.autoencoder.architectures import ADMISSIBLE
from notebooks.thesis.autoencoder.claims import needs
from notebooks.thesis.autoencoder.claims_architectures import JUDGED, SETS, needs_architectures, readings
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, COMPARED, DIGIT_LATENTS, LATENTS
from notebooks.thesis.autoencoder_cifar.retrained import TRAININGS
from notebooks.thesis.common.readings import READINGS, describe, over_readings

PAGE = "autoencoder-cifar"
SHAPE = (32, 32, 3)
GREY = 0.02  # the largest deviation of a channel's mean from the mean of all in an image without tint
FROG, AIRPLANE = range(len(CLASSES))
NOISE = 0.2  # Moran's I below which `noise_like` calls neighbouring pixels independent
COST = "Four further trainings of each class and width take about one hour of one processor."
FEW = "There are three trainings of each network; two more of all take about five minutes of one processor."
FORMLESS = "share of images without a pattern"


def channel_means(x: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Return the mean red, green and blue (n, 3) of images x (n, d); those of a grey image are equal."""
    rows = checked(x, shape)
    images = rows.astype(np.float64).reshape(len(rows), -1, 3 if len(shape) == 3 else 1)
    return np.asarray(np.broadcast_to(images.mean(axis=1), (len(rows), 3)))


def tint(x: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """Return how far the mean colour of each image is from grey (n,): the largest deviation of a channel."""
    means = channel_means(x, shape)
    return np.asarray(np.abs(means - means.mean(axis=1, keepdims=True)).max(axis=1))


def _range(name: str, values: ArrayLike) -> dict[str, Number]:
    """Return the range of a quantity over the settings."""
    return {f"{name}, lowest": float(np.min(values)), f"{name}, highest": float(np.max(values))}


_reconstructions = needs(PAGE, *(f"reconstruction-{data}-{w}" for data in ("mnist", "cifar10") for w in COMPARED))


@claim("thesis-c-05", page=PAGE, needs=_reconstructions)
def colour_needs_more(*records: Arrays) -> Finding:
    """Error relative to the pixels' variance larger for frogs than for fours, at equal epochs, images and width.

    Taken over the widths and over two readings of the variance: of each pixel over the images, and of all values.
    """
    kinds = {"pixel_variance": "variance of each pixel", "total_variance": "variance of all values"}
    cases = []
    for i, width in enumerate(COMPARED):
        for key, name in kinds.items():
            fours, frogs = (r["errors"] / r[key] for r in (records[i], records[len(COMPARED) + i]))
            for training, difference in enumerate(frogs - fours):
                part = above("unexplained share of frogs minus that of fours", difference, 0)
                cases.append(Case((part,), f"width {width}, {name}", training))
    return over_readings(cases, "data", cost=FEW)


@claim(
    "thesis-c-06",
    page=PAGE,
    needs=needs(PAGE, "counts-mnist"),
    identity="The counts define the data set; the check is that this copy has them.",
)
def what_mnist_holds(record: Arrays) -> Finding:
    """60,000 and 10,000 grey images of 28 x 28 pixels; each of ten classes between 9% and 11.3% of the former."""
    share = record["train"] / record["train"].sum()
    sizes = tuple(record["shape"]), record["train"].sum(), record["test"].sum(), len(share)
    parts = (
        true("60,000 and 10,000 grey images of 28 x 28 pixels in ten classes", sizes == ((28, 28), 60_000, 10_000, 10)),
        true("each class has 9% to 11.3% of the training images", bool(((share >= 0.09) & (share <= 0.113)).all())),
    )
    return Finding(
        cases=(Case(parts),), measured=_counted(record) | _range("share of a class", share), cause="data", random=False
    )


@claim(
    "thesis-c-07",
    page=PAGE,
    needs=needs(PAGE, "counts-cifar10"),
    identity="The counts define the data set; the check is that this copy, which is not complete, fits them.",
)
def what_cifar_holds(record: Arrays) -> Finding:
    """Images of 32 x 32 x 3; 1,000 test images of each of ten classes, and at most 5,000 training images."""
    train, test = record["train"], record["test"]
    parts = (
        true("the images have 32 x 32 x 3 values", tuple(record["shape"]) == SHAPE),
        true("1,000 test images of each of ten classes", len(test) == 10 and bool((test == 1_000).all())),
        true("no class has more than 5,000 training images", bool((train <= 5_000).all())),
    )
    complete = {"classes with 5,000 training images": int((train == 5_000).sum())}
    return Finding(cases=(Case(parts),), measured=_counted(record) | complete, cause="data", random=False)


def _counted(record: Arrays) -> dict[str, Number]:
    return {
        "training images": int(record["train"].sum()),
        "test images": int(record["test"].sum()),
        "shape": " x ".join(map(str, record["shape"])),
    }


DETECTION_WIDTHS = sorted(DIGIT_LATENTS, key=lambda width: (width != COMPARED[0], width))  # the default first


@claim("thesis-c-08", page=PAGE, needs=needs(PAGE, *(f"detection-4-{w}" for w in DETECTION_WIDTHS)))
def anomalies_are_rebuilt_worse(*records: Arrays) -> Finding:
    """ROC AUC > 0.90 and median error of anomalies > 1.5 times that of normal images, in every training."""
    cases = []
    for width, record in zip(DETECTION_WIDTHS, records, strict=True):
        for training, (auc, scores) in enumerate(zip(record["auc"], record["test_scores"], strict=True)):
            normal, others = (np.median(scores[record["test_labels"] == label]) for label in (0, 1))
            ratio = above("median error of anomalies, relative to that of normal images", others / normal, 1.5)
            cases.append(Case((above("ROC AUC", auc, 0.90), ratio), f"width {width}", training))
    return over_readings(cases, "detector", cost=FEW)


# The settings of the claims on colour images: training, latent width; the records of a role follow in this order.
TRAINED = tuple(product(range(TRAININGS), LATENTS))


def _needs(*kinds: str) -> Any:
    """Return the function that returns the experiments of some kinds, each for `TRAINED` and both classes."""
    trained = [(f"{latent}-training-{t}" if t else f"{latent}") for t, latent in TRAINED]
    return needs(PAGE, *(kind.replace("*", f"{name}-{end}") for kind in kinds for end in trained for name in CLASSES))


Pairs = Sequence[tuple[Arrays, Arrays]]  # the frog's and the airplane's record, one pair for each role


def trained(records: Sequence[Arrays]) -> Iterator[tuple[int, int, Pairs]]:
    """Return training, latent width and the records of both classes, one pair for each role."""
    for i, (training, latent) in enumerate(TRAINED):
        pairs = [(records[j], records[j + 1]) for j in range(2 * i, len(records), 2 * len(TRAINED))]
        yield training, latent, pairs


def _formless(quality: Arrays, way: int) -> float:
    """Return the share of images without a recognisable pattern: unlikely of the class, or far from it."""
    return float(((quality["p_cls"][way] < 0.5) | (quality["nn_ratio"][way] > 1.5)).mean())


def _colour(record: Arrays, way: int) -> np.ndarray:
    """Return the mean red, green and blue over all images of a way to descend, (3,)."""
    return np.asarray(channel_means(record["images"][way], SHAPE).mean(axis=0))


@claim("thesis-c-24", page=PAGE, needs=_needs("descent-*", "descent-*-quality"))
def frogs_are_green_and_brown(*records: Arrays) -> Finding:
    """Mean colour with G > B and R > B beyond an interval over the images; 80% of them without a pattern."""
    cases = []
    for training, latent, ((frog, _), (quality, _)) in trained(records):
        for way, name, admissible in READINGS:
            red, green, blue = channel_means(frog["images"][way], SHAPE).T
            over = f"{len(blue)} images"
            parts = (
                above("green minus blue", (green - blue).mean(), 0, mean_interval(green - blue), over),
                above("red minus blue", (red - blue).mean(), 0, mean_interval(red - blue), over),
                at_least(FORMLESS, _formless(quality, way), 0.8),
            )
            cases.append(Case(parts, f"width {latent}, {name}", training, admissible))
    return over_readings(cases, "detector")


@claim("thesis-c-25", page=PAGE, needs=_needs("descent-*", "descent-*-quality"))
def airplanes_are_bluer(*records: Arrays) -> Finding:
    """Mean blue of airplanes at least 0.02 above that of frogs; at least 80% of them without a recognisable pattern."""
    cases = []
    for training, latent, ((frog, airplane), (_, quality)) in trained(records):
        for way, name, admissible in READINGS:
            bluer = at_least(
                "blue of airplanes minus that of frogs", (_colour(airplane, way) - _colour(frog, way))[2], 0.02
            )
            parts = (bluer, at_least(FORMLESS, _formless(quality, way), 0.8))
            cases.append(Case(parts, f"width {latent}, {name}", training, admissible))
    return over_readings(cases, "detector")


@claim("thesis-c-26", page=PAGE, needs=_needs("descent-*"))
def the_tint_is_that_of_the_class(*records: Arrays) -> Finding:
    """Difference of the mean colours, airplane minus frog: cosine > 0.7 with that of the real classes."""
    cases = []
    for training, latent, ((frog, airplane),) in trained(records):
        real = np.subtract(*(channel_means(r["real_mean"][None], SHAPE)[0] for r in (airplane, frog)))
        for way, name, admissible in READINGS:
            difference = _colour(airplane, way) - _colour(frog, way)
            length = np.linalg.norm(difference) * np.linalg.norm(real)
            cosine = float(difference @ real / length) if length else 0.0
            part = above("cosine with the difference of the real classes", cosine, 0.7)
            cases.append(Case((part,), f"width {latent}, {name}", training, admissible))
    return over_readings(cases, "detector")


def _less_structure(descents: tuple[Arrays, Arrays], evolutions: tuple[Arrays, Arrays], way: int) -> Any:
    """Compare Moran's I of the descended images with that of the evolved ones, for the class with less difference."""
    pairs = zip(descents, evolutions, strict=True)
    differences = [float(down["morans_i"][way].mean() - evolved["morans_i"].mean()) for down, evolved in pairs]
    return above("Moran's I by descent minus by evolution, smaller of the classes'", min(differences), 0)


@claim("thesis-c-28", page=PAGE, needs=_needs("descent-*-quality", "evolution-*-quality"))
def evolution_has_less_structure(*records: Arrays) -> Finding:
    """Mean Moran's I of evolved images below that of descended ones, for both classes."""
    cases = [
        Case((_less_structure(descents, evolutions, way),), f"width {latent}, {name}", training, admissible)
        for training, latent, (descents, evolutions) in trained(records)
        for way, name, admissible in READINGS
    ]
    return over_readings(cases, "optimiser", cost=COST)


@claim("thesis-c-29", page=PAGE, needs=_needs("evolution-*", "evolution-*-quality"))
def some_evolved_images_are_plain_noise(*records: Arrays) -> Finding:
    """For each class an image with Moran's I below 0.2 whose channel means are within 0.02 of grey."""
    cases = []
    tints: dict[str, list[np.ndarray]] = {name: [] for name in CLASSES}
    for training, latent, (evolved, qualities) in trained(records):
        counts = []
        for name, images, quality in zip(CLASSES, evolved, qualities, strict=True):
            tints[name].append(tint(images["images"], SHAPE))
            counts.append(int(((quality["morans_i"] < NOISE) & (tints[name][-1] < GREY)).sum()))
        cases.append(
            Case(
                (at_least("images of plain noise, smaller of the classes'", min(counts), 1),),
                f"width {latent}",
                training,
            )
        )
    measured: dict[str, Number] = {}
    for name, values in tints.items():
        measured |= _range(f"deviation from grey, {name}", np.concatenate(values))
    return over_readings(cases, "detector", measured)


def _digits_and_colours() -> list[Any]:
    colours = _needs("descent-*-quality", "evolution-*-quality")
    return [*needs("autoencoder", "evolved")(), *needs_architectures(JUDGED)(), *colours()]


@claim("thesis-c-30", page=PAGE, needs=_digits_and_colours)
def digits_are_drawn_and_colours_are_not(evolved: Arrays, *records: Arrays) -> Finding:
    """Quality of digits > 0.5 > that of colour images by both methods; evolved colours with less structure.

    Digits were evolved on the trainings of which those by descent have a quality above 0.5; others miss it anyway.
    """
    digits, colours = records[: len(SETS)], records[len(SETS) :]
    ways = {name: way for way, name, admissible in READINGS if admissible}
    cases = []
    for training, latent, (descents, evolutions) in trained(colours):
        if training:
            continue
        for reading in readings(digits):
            way = ways[describe(ADMISSIBLE[reading.way])]
            by_evolution = reading.evolved(evolved, "quality")
            both = [q.mean(axis=1).min() for q in (reading.values(0, "quality"), by_evolution) if q is not None]
            drawn = above("quality of digits, smaller of the digits' and methods'", min(both), 0.5)
            objects = [q["quality"][way].mean() for q in descents] + [q["quality"].mean() for q in evolutions]
            below_half = below("quality of colour images, largest of both classes and methods", max(objects), 0.5)
            parts = (drawn, below_half, _less_structure(descents, evolutions, way))
            decidable = by_evolution is not None or not all(part.met() for part in parts)
            setting = f"{reading.setting}, colour at width {latent}"
            cases.append(Case(parts, setting, reading.training, decidable=decidable))
    return over_readings(cases, "detector", flip="another architecture, or further trainings of the colour images")
