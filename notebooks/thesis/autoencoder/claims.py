"""Claims of thesis 6.1 on an autoencoder's images, over what it leaves open: latent width, rule and reduction."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import torch

from anogen.errors import InputError
from anogen.generators.gradient import descend
from anogen.metrics.images import mean_pairwise
from anogen.scorers import Scorer
from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, claim, over_sweep
from companion.studies.images import bootstrap_difference
from notebooks.thesis.autoencoder.experiments import LATENT, VARIANTS, WIDTHS
from notebooks.thesis.common.descent import WAYS

DIGITS = (3, 4)
POPULATION = 150  # images of a generation
SHOWN = 16  # images in figures 6.1 and 6.2, which the criteria name
STATED = slice(len(WAYS))  # the variants at the stated learning rate


def needs(chapter: str, *roles: str, each: Sequence[str] = ()) -> Callable[[], list[Any]]:
    """Return the function that returns a chapter's experiments of roles, in which `*` is each of some texts in turn."""
    names = [role.replace("*", text) for role in roles for text in (each if "*" in role else [""])]
    return lambda: list(map(chapter_experiments(chapter).__getitem__, names))


def measure_all(records: Iterable[Any], measure: Callable[[Any], Any], shape: tuple[int, ...]) -> np.ndarray:
    """Return a measure of every record as one array, of the shape in which the records are arranged."""
    values = np.array([measure(record) for record in records])
    return values.reshape(*shape, *values.shape[1:])


SUFFIXES = [f"{d}" if w == LATENT else f"{d}-latent-{w}" for d, w in product(DIGITS, WIDTHS)]
EACH = len(SUFFIXES)  # records of a role
_needs = partial(needs, "autoencoder", each=SUFFIXES)
_measure = partial(measure_all, shape=(len(DIGITS), len(WIDTHS)))


def _looks(records: Sequence[Arrays], count: int | None = None) -> np.ndarray:
    """Return the share of normal-looking images among the first ones, (digits, widths, variants)."""
    return _measure(records, lambda quality: quality["normal_looking"][:, :count].mean(axis=1))


def _largest(shares: np.ndarray) -> tuple[tuple[int, int], str]:
    """Return the index of the largest share (widths, variants), and its setting in words."""
    width, variant = map(int, np.unravel_index(shares.argmax(), shares.shape))
    return (width, variant), f"width {WIDTHS[width]}, {VARIANTS[variant].rule}, {VARIANTS[variant].reduction}"


def _well_formed(records: Sequence[Arrays], digit: int) -> Finding:
    number = DIGITS.index(digit)
    shares = _looks(records, SHOWN)[number]
    looks, elsewhere = shares[:, STATED], shares[:, len(WAYS) :].max()
    recognised = _measure(records, lambda q: (q["predicted"][STATED, :SHOWN] == digit).all(axis=1))[number]
    best, setting = _largest(looks)
    measured = {
        "largest share normal looking": looks[best],
        "reached with": setting if looks[best] else "none",
        "smallest share": looks.min(),
        "largest share at other rates": elsewhere,
        f"settings where all are classified as {digit}": recognised.sum(),
    }
    cause = "optimiser" if elsewhere >= 0.8 else "detector"  # the same detectors, another rate
    return over_sweep(((looks >= 0.8) & recognised).ravel().tolist(), measured, cause=cause)


@claim("thesis-c-20", page="autoencoder", needs=_needs("gradient-*-quality"))
def threes_are_well_formed(*records: Arrays) -> Finding:
    """At least 80% of 16 images normal looking and all classified as 3."""
    return _well_formed(records, 3)


@claim("thesis-c-21", page="autoencoder", needs=_needs("gradient-*-quality"))
def fours_are_well_formed(*records: Arrays) -> Finding:
    """At least 80% of 16 images normal looking and all classified as 4."""
    return _well_formed(records, 4)


@claim("thesis-c-14", page="autoencoder", needs=_needs("gradient-*", "gradient-*-quality"))
def descents_end_in_local_minima(*records: Arrays) -> Finding:
    """Over 16 starts the final scores vary by more than 5% and div_ratio exceeds 0.3, for both digits."""

    def varies(pair: tuple[Arrays, Arrays]) -> np.ndarray:
        search, quality = pair
        scores, images = (search[key][STATED, :SHOWN] for key in ("scores", "images"))
        ratios = np.array([mean_pairwise(group.astype(float)) for group in images]) / quality["pairwise"]
        return np.asarray((scores.std(axis=1) / scores.mean(axis=1) > 0.05) & (ratios > 0.3))

    met = _measure(zip(records[:EACH], records[EACH:], strict=True), varies).all(axis=0)
    abnormal = 1 - _looks(records[EACH:], SHOWN)[..., STATED]
    measured = {"smallest share not normal looking": abnormal.min(), "largest share not normal looking": abnormal.max()}
    return over_sweep(met.ravel().tolist(), measured, cause="detector")


class _PiecewiseConstant(Scorer):
    """A score without a gradient, as trees and histograms have."""

    n_features_in_ = 1

    def score(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, 0].round()


@claim("thesis-c-15", page="autoencoder", needs=_needs("gradient-*"))
def descent_needs_a_gradient_and_a_rate(*records: Arrays) -> Finding:
    """A detector without a gradient is rejected; the final score differs by more than 10% between learning rates.

    Taken over both digits and every width, by plain steps on the sum at 0.001, 0.01 and 0.1.
    """
    rejected = True
    with suppress(InputError):
        next(descend(_PiecewiseConstant(), torch.zeros(1, 1)))
        rejected = False
    rates = [i for i, v in enumerate(VARIANTS) if (v.rule, v.reduction) == ("plain", "sum")]
    finals = [record["scores"][rates].mean(axis=1) for record in records]
    spreads = [final.max() / final.min() - 1 for final in finals]
    measured = {
        "a detector without a gradient is refused": str(rejected),
        "smallest difference between rates": min(spreads),
        "largest difference between rates": max(spreads),
    }
    return over_sweep([rejected and spread > 0.10 for spread in spreads], measured, cause="optimiser")


@claim("thesis-c-22", page="autoencoder", needs=_needs("gradient-*", "gradient-*-quality"))
def fours_vary_more_than_threes(*records: Arrays) -> Finding:
    """Generated fours are farther apart than threes, with a 95% interval above 0, and so are training images."""
    real3, real4 = _measure(records[EACH:], lambda quality: quality["pairwise"])[:, 0]
    measured = {"training images of 3, mean distance": real3, "training images of 4, mean distance": real4}
    met = []
    for width, variant in np.ndindex(len(WIDTHS), len(WAYS)):
        three, four = (records[i]["images"][variant].astype(float) for i in (width, len(WIDTHS) + width))
        met.append(bootstrap_difference(four, three, seed=0)[0] > 0 and real4 > real3)
    return over_sweep(met, measured, cause="data" if real4 <= real3 else "detector")


@claim("thesis-c-23", page="autoencoder", needs=_needs("gradient-*-quality"))
def the_whole_distribution_is_covered(*records: Arrays) -> Finding:
    """div_ratio >= 0.5 for 32 images whose nearest real images lie in at least 10 of 16 clusters, for both digits."""
    diversity = _measure(records, lambda quality: quality["div_ratio"][STATED]).min(axis=0)
    clusters = _measure(records, lambda quality: quality["clusters"][STATED]).min(axis=0)
    # Noise is diverse, too: report the setting with the best images separately.
    looks = _looks(records)[..., STATED].sum(axis=0) / len(DIGITS)
    best, setting = _largest(looks)
    measured = {
        "setting that draws best": setting,
        "its share normal looking, mean of the digits": looks[best],
        "its div_ratio": diversity[best],
        "its clusters": clusters[best],
        "most clusters": clusters.max(),
    }
    return over_sweep(((diversity >= 0.5) & (clusters >= 10)).ravel().tolist(), measured, cause="detector")


@claim("thesis-c-27", page="autoencoder", needs=_needs("gradient-*-quality", "evolution-*-quality"))
def evolution_draws_like_the_gradient(*records: Arrays) -> Finding:
    """Shares of normal-looking images within 20 points of the gradient's and div_ratio >= 0.5, for both digits."""
    share = _measure(records[EACH:], lambda quality: quality["normal_looking"].mean())
    diversity = _measure(records[EACH:], lambda quality: quality["div_ratio"])
    differences = np.abs(share[..., None] - _looks(records[:EACH])[..., STATED])
    digit, width = np.unravel_index(share.argmax(), share.shape)
    measured = {
        "largest share normal looking by evolution": share.max(),
        "for": f"class {DIGITS[digit]}, width {WIDTHS[width]}",
        "smallest difference from a descent": differences.min(),
        "largest difference from a descent": differences.max(),
        "smallest div_ratio": diversity.min(),
    }
    met = (differences <= 0.20) & (diversity[..., None] >= 0.5)
    return over_sweep(met.all(axis=0).ravel().tolist(), measured, cause="optimiser")


@claim("thesis-c-18", page="search-settings", needs=_needs("gradient-*", "evolution-*"))
def evolution_is_expensive(*records: Arrays) -> Finding:
    """Images scored until the evolution is within 5% of the gradient's median score: more than 100 for each step.

    A run counts with its first logged generation within 5%, and with all of its generations if it never gets there.
    """
    ratios, never = [], 0
    for gradient, evolution in zip(records[:EACH], records[EACH:], strict=True):
        logged = evolution["history_generations"]
        for scores in gradient["scores"][STATED]:
            reached = evolution["history"] <= 1.05 * np.median(scores)
            generations = np.where(reached.any(axis=1), logged[reached.argmax(axis=1)], logged[-1])
            ratios.append(float(np.median(generations)) * POPULATION / float(gradient["history_iterations"][-1]))
            never += not reached.any()
    measured = {"images scored for each gradient step, lowest": min(ratios), "highest": max(ratios)}
    measured |= {"of so many comparisons": len(ratios), "in which no run got there": never}
    return over_sweep([ratio > 100 for ratio in ratios], measured, cause="optimiser")
