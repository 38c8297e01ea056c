"""The book's claims on sparse counterfactuals."""

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Comparison, Finding, all_of, at_most, below, claim, wilson
from companion.experiment import Experiment
from notebooks.beyond.counterfactuals.experiments import DETECTORS

SEEDED = ("gmm", "hbos", "knn")  # trained without random numbers
SPARSE = 0  # the first method of the records
MAX_COLUMNS, MAX_PIXELS = 4, 78
HALF = 0.5


def needs() -> list[Experiment]:
    """Return the experiments on the table and on images."""
    roles = chapter_experiments("counterfactuals")
    return [roles["table"], roles["images"]]


def needs_images() -> list[Experiment]:
    """Return the experiment on images."""
    return needs()[1:]


def places() -> list[tuple[str, int]]:
    """Return name and place of each detector that is trained without random numbers."""
    return [(name, DETECTORS.index(name)) for name in SEEDED]


@claim("anogen-c-20", page="counterfactuals", needs=needs)
def few_changes_suffice(table: Arrays, images: Arrays) -> Finding:
    """Medians of the numbers of changed columns and pixels."""
    parts: list[Comparison] = []
    for record, limit, unit in ((table, MAX_COLUMNS, "columns"), (images, MAX_PIXELS, "pixels")):
        medians = np.median(record["changed"][:, SPARSE], axis=1)
        parts += [at_most(f"changed {unit}, {name}", float(medians[i]), limit) for name, i in places()]
    return all_of(*parts, random=False)


@claim("anogen-c-21", page="counterfactuals", needs=needs)
def other_detectors_disagree(table: Arrays, images: Arrays) -> Finding:
    """Shares of other detectors that score the counterfactuals as normal."""
    parts: list[Comparison] = []
    for record, kind in ((table, "bank marketing"), (images, "images")):
        agree = record["agree"][:, SPARSE]
        parts += [
            below(f"others agree with {name}, {kind}", float(np.delete(agree[i], i, axis=1).mean()), HALF)
            for name, i in places()
        ]
    return all_of(*parts, random=False)


@claim("anogen-c-22", page="counterfactuals", needs=needs_images)
def they_do_not_look_normal(images: Arrays) -> Finding:
    """Shares of counterfactuals that look normal to the ensemble, with Wilson's intervals."""
    judged = images["judged"][:, SPARSE]
    parts = []
    for name, i in places():
        interval = wilson(int(judged[i].sum()), judged.shape[1])
        parts.append(below(f"look normal, {name}", float(judged[i].mean()), HALF, interval, "images"))
    return all_of(*parts, random=False)
