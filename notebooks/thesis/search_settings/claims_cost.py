"""Claims of thesis 5.3 on what either search costs, and on local minima."""

from itertools import product
from typing import Any

import numpy as np

from companion.claims.base import Arrays, Case, Comparison, Finding, Number, above, at_most, claim, true, wilson
from notebooks.thesis.autoencoder.claims import needs
from notebooks.thesis.autoencoder_cifar.experiments import CLASSES, DIGIT_LATENTS, LATENTS
from notebooks.thesis.common.readings import READINGS, over_readings
from notebooks.thesis.search_settings.claims import PAGE

PLACES = ("in the middle", "at a random place")


def _difference(evolved: np.ndarray, others: np.ndarray) -> Comparison:
    """Compare two success rates; Newcombe's interval of their difference, from that of either."""
    a, b = evolved.mean(), others.mean()
    (low, high), (lower, upper) = (wilson(hits.sum(), hits.size) for hits in (evolved, others))
    interval = a - b - np.hypot(a - low, upper - b), a - b + np.hypot(high - a, b - lower)
    return above(
        "success rate of the evolution minus that of the descent", a - b, 0, interval, f"{evolved.size} starts"
    )


@claim("thesis-c-16", page=PAGE, needs=needs(PAGE, "toy"))
def evolution_withstands_local_minima(record: Arrays) -> Finding:
    """Success rate of the evolution above that of plain descent from the same starts, in 2 and in 16 dimensions.

    Taken over the place of the optimum (in the middle, to which averaging leads, or random) and over two definitions
    of a descent's success: that of each starting point, and that of the best among the population's points.
    """
    cases = []
    rivals = {"each descent": "descended", "the best of 150 descents": "best_descended"}
    measured: dict[str, Number] = {}
    for (i, dimensions), (j, place) in product(enumerate(record["dimensions"]), enumerate(PLACES)):
        evolved = record["evolved"][i, j]
        name = f"{dimensions} dimensions, optimum {place}"
        measured[f"{name}: evolution"] = f"{evolved.mean():.0%}"
        for rival, key in rivals.items():
            cases.append(Case((_difference(evolved, record[key][i, j]),), f"{name}, {rival}"))
    met = {case.met() for case in cases}
    return Finding(
        cases=tuple(cases), measured=measured, cause="unstated choice" if True in met else "optimiser", random=False
    )


def _descents() -> list[Any]:
    *own, cost = needs(PAGE, *(f"descent-{w}" for w in DIGIT_LATENTS), "cost")()
    return [*own, *needs("autoencoder-cifar", *(f"descent-{c}-{w}" for w in LATENTS for c in CLASSES))(), cost]


@claim("thesis-c-13", page=PAGE, needs=_descents)
def descent_converges_fast(*records: Arrays) -> Finding:
    """Of the score's fall over 2,000 steps at most 10% is left after 500; 20 times faster than evolution.

    The autoencoders of digits and of colour images, of all widths, are trainings of their own.
    """
    *descents, cost = records
    faster, faster_cpu = (np.median(cost[key][:, 1] / cost[key][:, 0]) for key in ("seconds", "processor_seconds"))
    cases = []
    for way, name, admissible in READINGS:
        for training, record in enumerate(descents):
            start = record["start_scores"][way].mean()
            early, late = record["scores"][way].mean(axis=0)
            left = at_most(
                "share of the fall over 2,000 steps that is left after 500", (early - late) / (start - late), 0.1
            )
            parts = (left, true("an evolution takes at least 20 times as long", faster >= 20))
            cases.append(Case(parts, f"{name}, digits and colour images", training, admissible))
    return over_readings(
        cases,
        "optimiser",
        {"time of an evolution, relative to a descent": faster, "the same in processor time": faster_cpu},
    )
