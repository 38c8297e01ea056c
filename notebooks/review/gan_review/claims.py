"""Claims of the review on the latent space, its search, and what a search costs."""

import numpy as np
from scipy import stats

from anogen.metrics.detection import roc_auc
from companion.claims.base import Arrays, Case, Comparison, Finding, Number, above, at_most, below, claim
from companion.experiment import Experiment
from companion.records import store
from notebooks.review.common import trainings
from notebooks.review.gan_review.experiments import TRAININGS, LatentPlane
from notebooks.review.gan_review.inference import ROWS, STARTS, InferenceTimes

PAGE = "gan-review"
UNEVEN = 1.5


def row(epsilon: float, limit: int, batch: int) -> int:
    """Return the number of a row of Table 1."""
    return next(i for i, r in enumerate(ROWS) if (r.epsilon, r.limit, r.batch) == (epsilon, limit, batch))


def ratio(record: Arrays, slow: int, fast: int) -> dict[str, float]:
    """Return the ratio of two rows' processor seconds a sample, for searches from either start."""
    seconds = np.nanmedian(record["processor_seconds"], axis=2)
    return {start: float(seconds[k, slow] / seconds[k, fast]) for k, start in enumerate(STARTS)}


def disturbed(record: Arrays) -> float:
    """Return how unequal times are that should be equal: 90th over 10th percentile, of the searches without an end.

    With ε = 0.005 hardly any search stops before its limit, so that all of a row take the same number of steps.
    """
    rows = [i for i, r in enumerate(ROWS) if r.epsilon == 0.005 and r.batch == 1]
    low, high = np.nanpercentile(record["processor_seconds"][:, rows], (10, 90), axis=2)
    return float((high / low).max())


def longest(times: dict[str, float], what: str, low: float) -> Comparison:
    """Return the comparison of a ratio from random starts, which is how the source describes the search."""
    return above(f"{what}, from random starts", times["random"], low)


def warm(times: dict[str, float], what: str) -> dict[str, Number]:
    """Return the ratio from the start of an encoder, which is reported."""
    return {f"{what}, {start} start": value for start, value in times.items() if start != "random"}


@claim("review-c-27", page=PAGE, needs=lambda: [InferenceTimes()])
def iterations_and_tolerance_set_the_time(record: Arrays) -> Finding:
    """Doubling n_max multiplies the time by 1.5 to 2.1, and a larger epsilon shortens it.

    A ratio of two cannot be told from another where equal searches take unequal times, by a factor of 1.5 or more.
    """
    doubled = ratio(record, row(0.005, 1000, 1), row(0.005, 500, 1))
    coarser = ratio(record, row(0.005, 500, 1), row(0.05, 500, 1))
    fewer = ratio(record, row(0.05, 500, 1), row(0.05, 100, 1))
    uneven = disturbed(record)
    parts = (
        longest(doubled, "time with n_max doubled, over that without", 1.5),
        at_most("the same ratio", doubled["random"], 2.1),
        longest(coarser, "time with epsilon 0.005, over that with 0.05", 1.0),
    )
    measured = warm(doubled, "n_max doubled") | warm(coarser, "epsilon 0.005 for 0.05")
    measured |= {
        "n_max 500 for 100, random start": fewer["random"],
        "equal searches, 90th over 10th percentile": uneven,
    }
    noise = f"equal searches take times that differ by a factor of {uneven:.2f}: measure on an idle computer"
    return Finding(
        cases=(Case(parts),), measured=measured, random=False, cause="scale", limits=noise if uneven >= UNEVEN else ""
    )


@claim("review-c-28", page=PAGE, needs=lambda: [InferenceTimes()])
def batches_search_faster(record: Arrays) -> Finding:
    """A sample takes less than a tenth of its time in a batch of 64."""
    times, what = ratio(record, row(0.005, 500, 1), row(0.005, 500, 64)), "time in a batch of 1, over that in one of 64"
    part = longest(times, what, 10.0)
    return Finding(cases=(Case((part,)),), measured=warm(times, what), random=False, cause="implementation")


@claim("review-c-29", page=PAGE, needs=lambda: [InferenceTimes()])
def an_encoder_is_faster(record: Arrays) -> Finding:
    """An encoder takes less than a hundredth of the search's time, one sample at a time."""
    times, what = ratio(record, row(0.005, 500, 1), row(0, 0, 1)), "time of the search, over that of the encoder"
    part = longest(times, what, 100.0)
    return Finding(cases=(Case((part,)),), measured=warm(times, what), random=False, cause="implementation")


@claim("review-c-30", page=PAGE, needs=lambda: [InferenceTimes()])
def encoders_like_batches(record: Arrays) -> Finding:
    """Batches of 512 take less than a tenth of the time, with the same AUC to a millionth."""
    small, large = row(0, 0, 1), row(0, 0, 512)
    apart = abs(float(record["measures"][0, small, 0] - record["measures"][0, large, 0]))
    parts = (
        above("time of a sample in a batch of 1, over that in one of 512", ratio(record, small, large)["random"], 10.0),
        below("difference of the AUC", apart, 1e-6),
    )
    return Finding(cases=(Case(parts),), random=False, cause="implementation")


def planes() -> list[Experiment]:
    """Return the GAN of the figures, and those of four more whose records are committed, without images."""
    others = (LatentPlane(seed=seed, grid=2) for seed in range(1, TRAININGS))
    return [LatentPlane(), *(other for other in others if store.find_committed(other))]


@claim("review-c-05", page=PAGE, needs=planes)
def generators_make_other_things(*records: Arrays) -> Finding:
    """Some samples are of another class or of none for sure, the more so the longer z is (rank correlation above 0).

    Equal shares have equal ranks; where all are equal, the correlation is 0.
    """

    def criterion(record: Arrays) -> tuple[Comparison, ...]:
        bands = record["band_other"]
        order = float(stats.spearmanr(np.arange(len(bands)), bands).statistic) if np.ptp(bands) else 0.0
        return (
            above("share of samples of another class or of none", float(record["sampled_other"]), 0.0),
            above("that share with the longest z, less that with the shortest", bands[-1] - bands[0], 0.0),
            above("rank correlation of that share and the norm", order, 0.0),
        )

    return Finding(cases=tuple(trainings(map(criterion, records))), random=True, cause="detector")


@claim("review-c-06", page=PAGE, needs=planes)
def searches_end_in_different_places(*records: Arrays) -> Finding:
    """The coefficient of variation of the residual over the starts of an image is above 0.05, on the mean."""

    def criterion(record: Arrays) -> tuple[Comparison, ...]:
        ends = record["losses"][:, :, -1].astype(float)
        variation = (ends.std(axis=1) / ends.mean(axis=1)).mean()
        return (above("coefficient of variation of the residual over the starts", variation, 0.05),)

    return Finding(
        cases=tuple(trainings(map(criterion, records))), random=True, cause="scale",
        limits="a latent plane, made for the pictures, has far fewer local minima than a space of many dimensions",
        flip="the same measurement with 16 or more latent dimensions",
    )  # fmt: skip


@claim("review-c-07", page=PAGE, needs=planes)
def a_residual_remains(*records: Arrays) -> Finding:
    """The best residual tells other images from normal ones with AUC above 0.8, and residuals fall along the way."""

    def criterion(record: Arrays) -> tuple[Comparison, ...]:
        losses = record["losses"].astype(float)
        labels = np.arange(len(losses)) >= len(losses) // 2
        falls = float((losses[:, :, -1] < losses[:, :, 0]).mean())
        return (
            above("AUC of the best residual", roc_auc(losses[:, :, -1].min(axis=1), labels), 0.8),
            above("share of searches that end lower than they start", falls, 0.95),
        )

    return Finding(cases=tuple(trainings(map(criterion, records))), random=True, cause="detector")
