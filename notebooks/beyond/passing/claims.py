"""The book's claims on the prior of a descent."""

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, all_of, at_least, claim, over_trainings
from companion.experiment import Experiment
from notebooks.beyond.passing.prior import PRIORS, Prior

AUTOENCODER = Prior.detectors.index("autoencoder")
SMOOTHEST = len(PRIORS) - 1  # Fourier coordinates with total variation
PIXELS = 0
HALF, GAIN = 0.5, 0.25


def needs() -> list[Experiment]:
    """Return the experiment."""
    return [chapter_experiments("passing")["prior"]]


@claim("anogen-c-23", page="passing", needs=needs)
def the_picture_comes_from_the_prior(record: Arrays) -> Finding:
    """Squared correlation of the trained and the untrained autoencoder's images, on each digit and training."""
    shared = record["shared"][AUTOENCODER, :, :, SMOOTHEST]  # (digits, trainings)
    return over_trainings([
        all_of(*(
            at_least(f"shared with the untrained, digit {digit}", float(value), HALF)
            for digit, value in zip(Prior.digits, by_digit, strict=True)
        ))
        for by_digit in shared.T
    ])  # fmt: skip


@claim("anogen-c-24", page="passing", needs=needs)
def the_prior_makes_pictures_look_normal(record: Arrays) -> Finding:
    """Gain in the share of images of the trained autoencoder that look normal, over digits and starts."""
    shares = record["normal"][AUTOENCODER, :, :, 0].mean(axis=(0, -1))  # (trainings, priors)
    gains = shares[:, SMOOTHEST] - shares[:, PIXELS]
    return over_trainings([all_of(at_least("gain in images that look normal", float(g), GAIN)) for g in gains])
