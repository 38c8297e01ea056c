"""Claims of the review on the search: its tolerance, its starts, the dimension of its space, and times of training."""

from collections.abc import Iterator

import numpy as np

from companion.claims.base import Arrays, Case, Finding, Number, above, at_most, claim, true
from notebooks.review.common import trainings
from notebooks.review.gan_scores.claims import PAGE, needs
from notebooks.review.gan_scores.search_budget import EPSILONS, LIMITS, STARTS

RARELY = 0.95  # of the longest limit: where rows search that long on the mean, hardly any of them reaches the tolerance


def by_data(digits: Arrays, beats: Arrays) -> Iterator[tuple[str, Arrays]]:
    """Yield the records of both data sets by title."""
    return zip(("digits", "heartbeats"), (digits, beats), strict=True)


@claim("review-c-26", page=PAGE, needs=needs("budget", "budget-beats"))
def the_best_budget_is_inside(digits: Arrays, beats: Arrays) -> Finding:
    """By data set: the highest AUC over ε and n_max is inside the grid, and higher than on its whole border."""
    cases: list[Case] = []
    for name, record in by_data(digits, beats):
        gains = [auc[1:-1, 1:-1].max() - max(auc[[0, -1]].max(), auc[:, [0, -1]].max()) for auc in record["auc"]]
        cases += trainings(((above("highest AUC inside, less that on the border", g, 0.0),) for g in gains), name)
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-32", page=PAGE, needs=needs("budget", "budget-beats"))
def a_mean_decides_wrongly(digits: Arrays, beats: Arrays) -> Finding:
    """By data set and ε: more than 5% of the rows would have decided otherwise themselves.

    A tolerance that hardly any row reaches within the longest limit is not judged.
    """
    cases: list[Case] = []
    for name, record in by_data(digits, beats):
        searched = record["steps"][..., -1].mean(axis=0) / LIMITS[-1]
        for e, epsilon in enumerate(EPSILONS):
            parts = ((above("share of rows that decide otherwise", share, 0.05),) for share in record["differs"][:, e])
            cases += trainings(parts, f"{name}, ε = {epsilon:g}", admissible=bool(searched[e] < RARELY))
    if not any(case.admissible for case in cases):
        return Finding(None, random=True, cause="scale", limits="hardly any row reaches any of the tolerances")
    return Finding(cases=tuple(sorted(cases, key=lambda case: not case.admissible)), random=True, cause="detector")


@claim("review-c-25", page=PAGE, needs=needs("budget", "budget-beats", "times"))
def starts_help_and_cost(digits: Arrays, beats: Arrays, times: Arrays) -> Finding:
    """By data set: AUC rises with the starts; time in proportion to them, within 20%."""
    seconds = np.median(times["start_seconds"], axis=0)
    apart = float(np.abs(seconds / seconds[0] / np.array(STARTS) - 1).max())
    proportional = at_most("largest relative deviation of the time from proportion", apart, 0.2)
    cases: list[Case] = []
    for name, record in by_data(digits, beats):
        rises = np.diff(record["start_auc"], axis=1).min(axis=1)
        parts = ((above("smaller rise of AUC from 1 to 4 to 16 starts", rise, 0.0), proportional) for rise in rises)
        cases += trainings(parts, name)
    return Finding(cases=tuple(cases), random=True, cause="detector")


@claim("review-c-08", page=PAGE, needs=needs("sizes", "times"))
def sizes_have_a_best(record: Arrays, times: Arrays) -> Finding:
    """Errors fall with d_z and the AUC is highest at none of the ends; the search takes longer at the largest d_z.

    The two halves are settings of their own: a verdict on the error does not depend on the computer.
    """
    parts = (
        (true("the AUC is highest at none of the ends", 0 < int(auc.argmax()) < len(auc) - 1),
         above("smallest fall of the error from one dimension to the next", -np.diff(error).max(), 0.0))
        for error, auc in zip(record["error"], record["auc"], strict=True)
    )  # fmt: skip
    cases = trainings(parts, "information and detection")
    milliseconds = 1000 * (times["dimension_seconds"][:, -1] - times["dimension_seconds"][:, 0])
    longer = ((above("ms by which 100 steps take longer at the largest d_z", ms, 0.0),) for ms in milliseconds)
    cases += trainings(longer, "time of the search")
    measured: dict[str, Number] = {
        f"d_z = {d}: error, AUC": f"{e:.4f}, {a:.3f}"
        for d, e, a in zip(record["dimensions"], record["error"].mean(axis=0), record["auc"].mean(axis=0), strict=True)
    }
    return Finding(cases=tuple(cases), measured=measured, random=True, cause="detector")


@claim("review-c-40", page=PAGE, needs=needs("times"))
def gans_train_longer(times: Arrays) -> Finding:
    """An iteration of the WGAN-GP takes more than 5 times as long as one of the classifier on the same images."""
    each = np.median(times["iteration_seconds"], axis=0)
    seconds = each * times["iterations"]
    part = above("time of an iteration of the GAN, over that of the classifier", each[0] / each[1], 5.0)
    limits = "" if part.met() else "how many iterations each needs to reach a given quality is not measured"
    measured = {"with this book's numbers of iterations": seconds[0] / seconds[1]}
    return Finding(cases=(Case((part,)),), measured=measured, random=False, cause="implementation", limits=limits)
