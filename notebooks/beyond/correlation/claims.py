"""Rank correlation of two tables over detectors and classes, and the claim of thesis 6.4 and 7 on it.

A cell is one detector on one class, with all its trainings, which are resampled together. Cells of one detector
resemble each other, so an interval that takes them as independent is too narrow; both kinds of intervals are given, and
the permutation moves whole detectors.

The rule of the claim was fixed when the chapter's other detectors had been computed, and their answer was known; DEAN
had not.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from anogen.errors import InputError
from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim
from companion.experiment import Experiment
from notebooks.beyond.correlation.experiments import DECIDES
from notebooks.thesis.other_detectors.claims_grid import FORMS
from notebooks.thesis.other_detectors.experiments import DETECTORS

OTHERS = tuple(name for name in DETECTORS if name not in ("dean", *FORMS))
LEVEL = 0.05  # of the test; the intervals hold the rest

Floats = NDArray[np.float64]


class Association(NamedTuple):
    """Spearman's rank correlation and its uncertainty."""

    rho: float
    cells: tuple[float, float]  # interval from a bootstrap over (detector, class), with all their trainings
    detectors: tuple[float, float]  # interval from a bootstrap over detectors, with all their classes
    p: float  # of a permutation of detectors

    @property
    def verdict(self) -> str:
        """`positive` or `negative` if both intervals exclude 0 and the test rejects it, else `undecided`."""
        for sign, word in ((1, "positive"), (-1, "negative")):
            if self.p < LEVEL and all(sign * end > 0 for end in (*self.cells, *self.detectors)):
                return word
        return "undecided"

    @property
    def including_zero(self) -> list[str]:
        """Those of the three that do not exclude 0, in words."""
        intervals = {"the interval over detectors": self.detectors, "the interval over cells": self.cells}
        including = [name for name, (low, high) in intervals.items() if low <= 0 <= high]
        return [*including, *(["the test that shuffles detectors"] if self.p >= LEVEL else [])]


def spearman(x: Floats, y: Floats) -> float:
    """Return Spearman's correlation of two tables, ties having mean ranks; 0 where one of them is constant."""
    a, b = rankdata(np.ravel(x)) - (x.size + 1) / 2, rankdata(np.ravel(y)) - (y.size + 1) / 2
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale > 0 else 0.0


def association(x: Floats, y: Floats, seed: int = 0, draws: int = 1_000) -> Association:
    """Correlate two tables (detectors, classes) or (detectors, classes, trainings), cells with NaN left out."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.shape != y.shape or x.ndim not in (2, 3):
        raise InputError(f"tables have shapes {x.shape} and {y.shape}: give (detectors, classes) twice")
    x, y = (table.reshape(*table.shape[:2], -1) for table in (x, y))
    known = np.asarray((np.isfinite(x) & np.isfinite(y)).all(axis=-1))
    kept = known.any(axis=1)
    x, y, known = x[kept], y[kept], known[kept]
    if len(x) < 3:
        raise InputError(f"only {len(x)} detectors have numbers in both tables: give at least three")
    rng = np.random.default_rng(seed)
    pairs = np.stack([x[known], y[known]])
    rho = spearman(*pairs)
    n, m = pairs.shape[1], len(x)
    cells = [spearman(*pairs[:, rng.integers(n, size=n)]) for _ in range(draws)]
    whole = [spearman(x[i][known[i]], y[i][known[i]]) for i in (rng.integers(m, size=m) for _ in range(draws))]
    more = 1
    for _ in range(draws):
        order = rng.permutation(m)
        both = known & known[order]
        more += abs(spearman(x[both], y[order][both])) >= abs(rho) - 1e-12
    ends = [100 * LEVEL / 2, 100 * (1 - LEVEL / 2)]
    over_cells, over_detectors = (tuple(np.percentile(values, ends).tolist()) for values in (cells, whole))
    return Association(rho, over_cells, over_detectors, more / (draws + 1))


def needs() -> list[Experiment]:
    """Return the experiments of the thesis's detectors on all digits: DEAN, either form of Deep SVDD, the others."""
    roles = chapter_experiments("correlation")
    return [roles["dean"], *(roles[f"digits-{name}"] for name in (*FORMS, *OTHERS))]


@claim("thesis-c-77", page="correlation", needs=needs)
def detecting_and_drawing_go_together(dean: Arrays, *others: Arrays) -> Finding:
    """Spearman's correlation of ROC AUC and quality, nine detectors, ten classes: positive, 0 outside of its interval.

    The interval is taken over cells and over detectors, of which the criterion names neither, and with either form of
    Deep SVDD. With 0 inside, nothing is decided: a larger study might find what this one does not.
    """
    measured: dict[str, Number] = {}
    answers: list[bool | None] = []
    for i, form in enumerate(FORMS):
        nine = [dean, others[i], *others[len(FORMS) :]]
        auc, quality = (np.array([record[key] for record in nine], dtype=float) for key in ("auc", DECIDES))
        correlation = association(auc, quality)
        measured[f"Spearman's correlation, {form}"] = correlation.rho
        for over, (low, high) in (("cells", correlation.cells), ("detectors", correlation.detectors)):
            measured[f"95% interval over {over}, {form}"] = f"{low:.2f} to {high:.2f}"
            answers.append(True if low > 0 else False if high < 0 else None)
        measured |= {"detectors": len(nine), "classes": len(dean["auc"])}
    if len(set(answers)) > 1:
        return Finding(None, measured, "unstated choice")
    cause = {True: "", False: "detector", None: "scale"}[answers[0]]
    return Finding(answers[0], measured, cause=cause)
