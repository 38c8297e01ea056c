"""Claims of the review on the latent space, its search, and what a search costs."""

import numpy as np

from anogen.metrics.detection import roc_auc
from companion.claims.base import Arrays, Finding, claim
from notebooks.review.gan_review.experiments import LatentPlane
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


def by_start(record: Arrays, what: str, slow: int, fast: int, low: float) -> Finding:
    """Judge a ratio from random starts, which is how the source describes the search; the warm start is reported."""
    found = ratio(record, slow, fast)
    measured = {f"{what}, {start} start": value for start, value in found.items()}
    return Finding(found["random"] > low, measured, "implementation")


@claim("review-c-27", page=PAGE, needs=lambda: [InferenceTimes()])
def iterations_and_tolerance_set_the_time(record: Arrays) -> Finding:
    """Doubling n_max multiplies the time by 1.5 to 2.1, and a larger epsilon shortens it.

    A ratio of two cannot be told from another where equal searches take unequal times, by a factor of 1.5 or more.
    """
    ratios = {
        "n_max doubled": ratio(record, row(0.005, 1000, 1), row(0.005, 500, 1)),
        "epsilon 0.005 for 0.05": ratio(record, row(0.005, 500, 1), row(0.05, 500, 1)),
        "n_max 500 for 100": ratio(record, row(0.05, 500, 1), row(0.05, 100, 1)),
    }
    measured = {f"{what}, {start} start": value for what, found in ratios.items() for start, value in found.items()}
    measured["times of equal searches, 90th over 10th percentile"] = uneven = disturbed(record)
    if uneven >= UNEVEN:
        return Finding(None, measured, "scale")
    doubled, coarser, _ = (found["random"] for found in ratios.values())
    return Finding(1.5 <= doubled <= 2.1 and coarser > 1, measured, "unstated choice")


@claim("review-c-28", page=PAGE, needs=lambda: [InferenceTimes()])
def batches_search_faster(record: Arrays) -> Finding:
    """A sample takes less than a tenth of its time in a batch of 64."""
    return by_start(record, "batch 1 over batch 64", row(0.005, 500, 1), row(0.005, 500, 64), 10)


@claim("review-c-29", page=PAGE, needs=lambda: [InferenceTimes()])
def an_encoder_is_faster(record: Arrays) -> Finding:
    """An encoder takes less than a hundredth of the search's time, one sample at a time."""
    return by_start(record, "search over encoder", row(0.005, 500, 1), row(0, 0, 1), 100)


@claim("review-c-30", page=PAGE, needs=lambda: [InferenceTimes()])
def encoders_like_batches(record: Arrays) -> Finding:
    """Batches of 512 take less than a tenth of the time, with the same AUC to a millionth."""
    small, large = row(0, 0, 1), row(0, 0, 512)
    speed = ratio(record, small, large)["random"]
    apart = abs(float(record["measures"][0, small, 0] - record["measures"][0, large, 0]))
    return Finding(speed > 10 and apart < 1e-6, {"speed-up": speed, "difference of AUC": apart}, "implementation")


@claim("review-c-05", page=PAGE, needs=lambda: [LatentPlane()])
def generators_make_other_things(record: Arrays) -> Finding:
    """Some samples are of another class or of none for sure, the more so the longer z is (rank correlation above 0)."""
    bands, share = record["band_other"], float(record["sampled_other"])
    order = np.corrcoef(np.arange(len(bands)), bands.argsort(kind="stable").argsort(kind="stable"))[0, 1]
    measured = {"share of samples": share, "nearest norms": bands[0], "farthest": bands[-1], "rank correlation": order}
    return Finding(share > 0 and bands[-1] > bands[0] and order > 0, measured, "detector")


@claim("review-c-06", page=PAGE, needs=lambda: [LatentPlane()])
def searches_end_in_different_places(record: Arrays) -> Finding:
    """The coefficient of variation of the residual over the starts of an image is above 0.05, on the mean."""
    ends = record["losses"][:, :, -1].astype(float)
    variation = (ends.std(axis=1) / ends.mean(axis=1)).mean()
    return Finding(variation > 0.05, {"coefficient of variation": variation}, "detector")


@claim("review-c-07", page=PAGE, needs=lambda: [LatentPlane()])
def a_residual_remains(record: Arrays) -> Finding:
    """The best residual tells other images from normal ones with AUC above 0.8, and residuals fall along the way."""
    losses = record["losses"].astype(float)
    labels = np.arange(len(losses)) >= len(losses) // 2
    auc = roc_auc(losses[:, :, -1].min(axis=1), labels)
    falls = float((losses[:, :, -1] < losses[:, :, 0]).mean())
    return Finding(auc > 0.8 and falls > 0.95, {"AUC": auc, "share of ways that end lower": falls}, "detector")
