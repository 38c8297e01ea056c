"""The claim of thesis 6.4 and 7 on detecting and drawing: whether the one goes with the other.

The rule was fixed when the other detectors of the chapter had been computed, and their answer was known; DEAN had not.
"""

from typing import Any

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim
from notebooks.beyond.correlation.association import association
from notebooks.beyond.correlation.experiments import DECIDES
from notebooks.thesis.other_detectors.claims_grid import FORMS
from notebooks.thesis.other_detectors.experiments import DETECTORS

OTHERS = tuple(name for name in DETECTORS if name not in ("dean", *FORMS))


def needs() -> list[Any]:
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
    found: list[bool | None] = []
    for i, form in enumerate(FORMS):
        nine = [dean, others[i], *others[len(FORMS) :]]
        auc, quality = (np.array([record[key] for record in nine], dtype=float) for key in ("auc", DECIDES))
        one = association(auc, quality)
        measured[f"Spearman's correlation, {form}"] = one.rho
        for over, (low, high) in (("cells", one.cells), ("detectors", one.detectors)):
            measured[f"95% interval over {over}, {form}"] = f"{low:.2f} to {high:.2f}"
            found.append(True if low > 0 else False if high < 0 else None)
        measured |= {"detectors": len(nine), "classes": len(dean["auc"])}
    if len(set(found)) > 1:
        return Finding(None, measured, "unstated choice")
    cause = {True: "", False: "detector", None: "scale"}[found[0]]
    return Finding(found[0], measured, cause=cause)
