"""Verdicts on colour images follow from the records, in both directions."""

import numpy as np
import pytest

from anogen.errors import InputError
from anogen.metrics.images import morans_i
from companion.claims.base import claim_checks
from companion.claims.decision import conditions, decide
from notebooks.thesis.autoencoder.claims_architectures import SETS
from notebooks.thesis.autoencoder_cifar import claims as autoencoder_cifar
from notebooks.thesis.autoencoder_cifar.claims import TRAINED, channel_means, tint
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, DIGIT_LATENTS, LATENTS
from notebooks.thesis.common.descent import WAYS

BROWN, BLUE = (0.5, 0.45, 0.35), (0.5, 0.5, 0.6)
W = len(WAYS)
RNG = np.random.default_rng(0)


def coloured(colour, real=None, starts=4):
    """Return a record of descents, all of whose images have one colour, beside real images of another."""
    image = np.tile(colour, 32 * 32)
    return {"images": np.broadcast_to(image, (W, starts, 3072)), "real_mean": np.tile(real or colour, 32 * 32)}


def judged(p_cls=0.1, nn_ratio=1.0, morans_i=0.5, quality=0.1, ways=True):
    """Return the measures of four images, of every way to descend or of an evolution."""
    shape = (W, 4) if ways else (4,)
    measures = {"p_cls": p_cls, "nn_ratio": nn_ratio, "morans_i": morans_i, "quality": quality}
    return {key: np.full(shape, value) for key, value in measures.items()}


def classes(frog, airplane):
    """Return records as the claims take them: the frog's and the airplane's, for each training and width."""
    return [frog, airplane] * len(TRAINED)


FROG, AIRPLANE = coloured(BROWN), coloured(BLUE)
DRAWN = classes(FROG, AIRPLANE)
FORMLESS = classes(judged(), judged())
EVOLVED = {"images": np.full((4, 3072), 0.5)}
NOISE = {"images": RNG.random((W, 16, 3072)), "real_mean": FROG["real_mean"]}
GRAIN = judged(morans_i=0.1, ways=False)  # evolved images of independent pixels


@pytest.mark.parametrize(
    ("function", "records", "holds"),
    [
        (autoencoder_cifar.frogs_are_green_and_brown, DRAWN + FORMLESS, True),
        (autoencoder_cifar.frogs_are_green_and_brown, classes(AIRPLANE, AIRPLANE) + FORMLESS, False),
        (autoencoder_cifar.frogs_are_green_and_brown, DRAWN + classes(judged(0.9), judged()), False),
        (autoencoder_cifar.frogs_are_green_and_brown, DRAWN + classes(judged(0.9, 1.6), judged()), True),
        (autoencoder_cifar.frogs_are_green_and_brown, [AIRPLANE, AIRPLANE, *DRAWN[2:], *FORMLESS], None),
        (autoencoder_cifar.frogs_are_green_and_brown, classes(NOISE, NOISE) + FORMLESS, None),
        (autoencoder_cifar.airplanes_are_bluer, DRAWN + FORMLESS, True),
        (autoencoder_cifar.airplanes_are_bluer, classes(AIRPLANE, AIRPLANE) + FORMLESS, False),
        (autoencoder_cifar.airplanes_are_bluer, DRAWN + classes(judged(), judged(0.9)), False),
        (autoencoder_cifar.the_tint_is_that_of_the_class, DRAWN, True),
        (autoencoder_cifar.the_tint_is_that_of_the_class, classes(AIRPLANE, coloured(BLUE, BROWN)), False),
        (
            autoencoder_cifar.the_tint_is_that_of_the_class,
            classes(coloured(BLUE, BROWN), coloured(BROWN, BLUE)),
            False,  # the other way round
        ),
        (autoencoder_cifar.evolution_has_less_structure, FORMLESS + classes(GRAIN, GRAIN), True),
        (
            autoencoder_cifar.evolution_has_less_structure,
            FORMLESS + classes(GRAIN, judged(morans_i=0.6, ways=False)),
            False,
        ),
        (
            autoencoder_cifar.some_evolved_images_are_plain_noise,
            classes(EVOLVED, EVOLVED) + classes(GRAIN, GRAIN),
            True,
        ),
        (
            autoencoder_cifar.some_evolved_images_are_plain_noise,
            classes(EVOLVED, EVOLVED) + classes(GRAIN, judged(ways=False)),
            False,
        ),
        (
            autoencoder_cifar.some_evolved_images_are_plain_noise,
            classes({"images": AIRPLANE["images"][0]}, EVOLVED) + classes(GRAIN, GRAIN),
            False,  # noise, but tinted
        ),
    ],
)
def test_findings_on_colour(function, records, holds):
    assert function(*records).holds is holds


def test_noise_does_not_meet_a_criterion_on_tints():
    for function, further in (
        (autoencoder_cifar.frogs_are_green_and_brown, FORMLESS),
        (autoencoder_cifar.airplanes_are_bluer, FORMLESS),
        (autoencoder_cifar.the_tint_is_that_of_the_class, []),
    ):
        found = function(*classes(NOISE, NOISE), *further)
        assert not any(case.met() for case in found.cases), function.__name__


def smoothed(images):
    """Return colour images whose pixels are means of 5 x 5 neighbours."""
    grid = images.reshape(-1, 32, 32, 3)
    shifts = [np.roll(grid, (i, j), axis=(1, 2)) for i in range(-2, 3) for j in range(-2, 3)]
    return np.mean(shifts, axis=0).reshape(len(images), -1)


@pytest.mark.parametrize(
    ("images", "holds"),
    [
        (RNG.random((4, 3072)), True),  # plain noise
        (smoothed(RNG.random((4, 3072))), False),
        (np.clip(RNG.random((4, 3072)) + np.tile([0.2, 0, -0.2], 1024), 0, 1), False),  # tinted noise
        (np.broadcast_to(np.tile(BROWN, 1024), (4, 3072)) + np.linspace(0, 0.2, 3072), False),  # a slope
    ],
)
def test_plain_noise_is_noise(images, holds):
    search, measures = {"images": images}, {"morans_i": morans_i(images, (32, 32, 3))}
    function = autoencoder_cifar.some_evolved_images_are_plain_noise
    assert function(*classes(search, search), *classes(measures, measures)).holds is holds


def test_one_training_is_not_enough_unless_its_cost_is_stated():
    assert len({training for training, _ in TRAINED}) == 1
    claims = autoencoder_cifar
    assert decide(claims.airplanes_are_bluer(*DRAWN, *FORMLESS)) == "inconclusive"
    assert decide(claims.evolution_has_less_structure(*FORMLESS, *classes(GRAIN, GRAIN))) == "reproduced"


def test_readings_on_colour():
    by_setting = conditions(autoencoder_cifar.airplanes_are_bluer(*DRAWN, *FORMLESS))
    assert by_setting[0].setting == f"width {LATENTS[0]}, plain steps on the sum"
    assert sum(condition.admissible for condition in by_setting) == len(LATENTS) * (W - 1)


def compared(digits=0.4, colours=0.1, descended=0.5, evolved=0.1, both=0.8, numbers=()):
    """Return the records of claim c-30: qualities of digits, evolved and by descent, and of colour images."""
    return (
        [{"numbers": np.array(numbers), "quality": np.full((2, len(numbers), 4), both)}]
        + [{"quality": np.full((2, 5, W - 1, 16), digits)}] * len(SETS)
        + classes(*[judged(quality=colours, morans_i=descended)] * 2)
        + classes(*[judged(quality=colours, morans_i=evolved, ways=False)] * 2)
    )


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        (compared(), "not reproduced"),
        (compared(digits=0.8), "inconclusive"),  # evolved digits are missing
        (compared(digits=0.8, colours=0.6), "not reproduced"),
        (compared(digits=0.4, colours=0.6), "not reproduced"),
        ([*compared()[:2], *compared(digits=0.8)[2:]], "inconclusive"),
        (compared(digits=0.8, numbers=range(10)), "reproduced in part"),  # those of the other network are missing
        (compared(digits=0.8, numbers=range(10), both=0.4), "inconclusive"),
    ],
)
def test_finding_on_digits_and_colours(records, verdict):
    assert decide(autoencoder_cifar.digits_are_drawn_and_colours_are_not(*records)) == verdict


def rebuilt(error, variance=0.1):
    return {"errors": np.full(3, error), "pixel_variance": np.array(variance), "total_variance": np.array(2 * variance)}


def counts(train, test, shape):
    return {"train": np.array(train), "test": np.array(test), "shape": np.array(shape)}


def detected(auc, normal, other):
    """Return 3 trainings that give one score to normal images and another to anomalies."""
    labels = np.array([0, 0, 0, 1, 1, 1])
    scores = np.where(labels == 1, other, normal)
    return {"auc": np.full(3, auc), "test_labels": labels, "test_scores": np.tile(scores, (3, 1))}


@pytest.mark.parametrize(
    ("function", "records", "holds"),
    [
        (autoencoder_cifar.colour_needs_more, [rebuilt(0.02)] * 2 + [rebuilt(0.03)] * 2, True),
        (autoencoder_cifar.colour_needs_more, [rebuilt(0.03)] * 2 + [rebuilt(0.02)] * 2, False),
        (autoencoder_cifar.colour_needs_more, [rebuilt(0.02)] * 2 + [rebuilt(0.03), rebuilt(0.01)], None),
        (autoencoder_cifar.what_mnist_holds, [counts([6000] * 10, [1000] * 10, (28, 28))], True),
        (autoencoder_cifar.what_mnist_holds, [counts([7000, 5000] * 5, [1000] * 10, (28, 28))], False),
        (autoencoder_cifar.what_mnist_holds, [counts([400] * 10, [100] * 10, (28, 28))], False),
        (autoencoder_cifar.what_cifar_holds, [counts([5000] * 10, [1000] * 10, (32, 32, 3))], True),
        (autoencoder_cifar.what_cifar_holds, [counts([5000, *[2000] * 9], [1000] * 10, (32, 32, 3))], True),
        (autoencoder_cifar.what_cifar_holds, [counts([5000] * 10, [900, *[1000] * 9], (32, 32, 3))], False),
        (autoencoder_cifar.what_cifar_holds, [counts([6000, *[2000] * 9], [1000] * 10, (32, 32, 3))], False),
        (autoencoder_cifar.anomalies_are_rebuilt_worse, [detected(0.95, 1, 2)] * len(DIGIT_LATENTS), True),
        (autoencoder_cifar.anomalies_are_rebuilt_worse, [detected(0.95, 1, 1.4)] * len(DIGIT_LATENTS), False),
        (autoencoder_cifar.anomalies_are_rebuilt_worse, [detected(0.9, 1, 2)] * len(DIGIT_LATENTS), False),
        (
            autoencoder_cifar.anomalies_are_rebuilt_worse,
            [detected(0.8, 1, 2), *[detected(0.95, 1, 2)] * (len(DIGIT_LATENTS) - 1)],
            None,
        ),
    ],
)
def test_findings_on_data(function, records, holds):
    assert function(*records).holds is holds


def test_order_of_needed_records():
    drawn = autoencoder_cifar._needs("descent-*", "descent-*-quality")()
    order = [(name, f"autoencoder:latent={latent}") for _, latent in TRAINED for name in CLASSES]
    assert [(e.normal, e.detector) for e in drawn] == order * 2
    assert [e.name for e in drawn] == ["descent"] * len(order) + ["descent-quality"] * len(order)
    _, *both = claim_checks()["thesis-c-30"].needs()
    assert [e.name for e in both[: len(SETS)]] == ["autoencoder-architecture-judged"] * len(SETS)
    assert both[len(SETS)].name == "descent-quality"


def test_channel_means():
    image = np.zeros((2, 4, 3))
    image[..., 0], image[..., 1], image[0, :, 2] = 0.9, 0.3, 0.6  # blue in the upper half only
    assert channel_means(image.reshape(1, -1), (2, 4, 3)) == pytest.approx(np.array([[0.9, 0.3, 0.3]]))
    assert tint(image.reshape(1, -1), (2, 4, 3)) == pytest.approx([0.4])


def test_grey_image_has_no_tint():
    rows = np.random.default_rng(0).random((3, 16))
    assert channel_means(rows, (4, 4)) == pytest.approx(np.repeat(rows.mean(axis=1), 3).reshape(3, 3))
    assert tint(rows, (4, 4)) == pytest.approx(np.zeros(3))
    assert tint(np.repeat(rows, 3, axis=1), (4, 4, 3)) == pytest.approx(np.zeros(3))


def test_means_of_half_precision():
    rows = np.random.default_rng(0).random((1, 3072)).astype(np.float16)
    assert channel_means(rows, (32, 32, 3)) == pytest.approx(channel_means(rows.astype(float), (32, 32, 3)), abs=1e-12)


def test_wrong_shape_is_rejected():
    with pytest.raises(InputError, match="do not fit"):
        tint(np.zeros((1, 784)), (32, 32, 3))
