"""The claim of thesis 6.4 and 7 on ROC AUC and the quality of the images."""

import numpy as np

from companion.chapters import chapter_experiments
from companion.claims.base import Arrays, Finding, Number, claim
from companion.experiment import Experiment
from notebooks.beyond.correlation.experiments import DEAN, DECIDES, DETECTORS, MORE
from notebooks.beyond.correlation.relation import Relation, relate, tie_aware_power
from notebooks.thesis.other_detectors.claims_grid import FORMS
from notebooks.thesis.other_detectors.experiments import DETECTORS as THESIS

ALL = (*DETECTORS, *MORE)
OTHERS = [DEAN if name == "dean" else name for name in THESIS if name not in FORMS]
ASSUMED = 0.5  # correlation whose detection has the power that is stated


def needs() -> list[Experiment]:
    """Return the experiments of all detectors on digits."""
    roles = chapter_experiments("correlation")
    return [roles[f"digits-{name}"] for name in ALL]


def numbers(relation: Relation, label: str) -> dict[str, Number]:
    """Return the numbers of a relation by name."""
    low, high = relation.interval
    return {
        f"correlation within classes, {label}": relation.rho,
        f"95% interval over families, {label}": f"{low:.2f} to {high:.2f}",
        f"p of permuted detectors, {label}": relation.p,
    }


@claim("thesis-c-77", page="correlation", needs=needs)
def detecting_and_drawing_go_together(*records: Arrays) -> Finding:
    """Correlation of the ranks of ROC AUC and quality within classes, nine detectors: positive, 0 outside its interval.

    It is taken with either form of Deep SVDD. The criterion names nine detectors, with which a moderate relation is
    likely to be missed: the power is among the numbers, and so is the relation over all detectors of the chapter.
    """
    auc, quality = (np.array([record[key] for record in records], dtype=float) for key in ("auc", DECIDES))
    measured: dict[str, Number] = {}
    verdicts = set()
    for form in FORMS:
        nine = [form, *OTHERS]
        rows = [ALL.index(name) for name in nine]
        relation = relate(auc[rows], quality[rows], nine)
        measured |= numbers(relation, f"nine with {form}")
        verdicts.add(relation.verdict)
    power = tie_aware_power(auc, quality, n=len(OTHERS) + 1, rho=ASSUMED)
    measured[f"probability that nine detectors show a correlation of {ASSUMED:g}"] = power
    whole = relate(auc, quality, ALL)
    measured |= numbers(whole, f"{whole.detectors} detectors") | {"families": whole.families}
    measured |= {"verdict over all detectors": whole.verdict, "classes": len(whole.by_class)}
    holds = {"positive": True, "negative": False}.get(verdicts.pop()) if len(verdicts) == 1 else None
    limits = "" if holds is not None else "with nine detectors a moderate relation is likely to be missed"
    return Finding(holds, measured, {True: "", False: "detector", None: "scale"}[holds], random=False, limits=limits)
