"""Tables of chapter `which-detector`. A dash: not measured; a question mark: no answer is known."""

from collections.abc import Mapping

import numpy as np

from companion.figures.tables import Table
from notebooks.beyond.certificates.figures import title
from notebooks.beyond.which_detector.evidence import Evidence, recommendations
from notebooks.beyond.which_detector.experiments import TABLES

MISSING, UNKNOWN = "–", "?"
NAMES = {"campaign": "bank", "thyroid": "thyroid", "cardio": "cardio"}


def optional(value: float | None, form: str) -> str:
    """Write a number, a question mark for NaN, or a dash if there is none."""
    return MISSING if value is None else UNKNOWN if np.isnan(value) else format(value, form)


def optimum(e: Evidence) -> str:
    """Return how the optimum is known, and whether it looks normal."""
    if e.status is None:
        return MISSING if e.auc is None else UNKNOWN
    return e.status if e.optimum_looks_normal is None else f"{'odd' if e.has_odd_optimum else 'normal'}, {e.status}"


def table_images(evidence: Mapping[str, Evidence]) -> Table:
    """Return a row for each detector with a measurement on images, the highest ROC AUC first."""
    rows = []
    measured = {name: e for name, e in evidence.items() if e.findings is not None or e.auc is not None}
    for name, e in sorted(measured.items(), key=lambda item: -(item[1].auc or 0)):
        findings = MISSING if e.findings is None else str(len(e.findings))
        shares = optional(e.auc, ".3f"), optional(e.looks_normal, ".0%")
        rows.append(
            [title(name), findings, *shares, optional(e.gap, ".1f"), optimum(e), optional(e.samples_look_normal, ".0%")]
        )
    return Table(("detector", "findings", "AUC", "looks normal", "gap", "optimum", "samples"), rows)


def table_tables(evidence: Mapping[str, Evidence]) -> Table:
    """Return a row for each detector with a measurement on tables, the one with the fewest findings first."""
    rows = []
    measured = {name: e for name, e in evidence.items() if e.clean is not None or e.aucs}
    for name, e in sorted(
        measured.items(), key=lambda item: (-(item[1].clean or 0), -np.nan_to_num(item[1].mean_auc_tables))
    ):
        clean = MISSING if e.clean is None else f"{e.clean} of {e.audited}"
        near = f"{np.median(list(e.distances.values())):.1f}" if e.distances else MISSING
        rows.append([title(name), clean, *(optional(e.aucs.get(table), ".2f") for table in TABLES), near])
    return Table(("detector", "no finding", *(f"AUC {NAMES[table]}" for table in TABLES), "nearest"), rows)


def table_findings(evidence: Mapping[str, Evidence]) -> Table:
    """Return the names of the findings of each detector on images."""
    rows = [
        [title(name), ", ".join(f.replace("_", " ") for f in e.findings)] for name, e in evidence.items() if e.findings
    ]
    return Table(("detector", "findings on images"), rows)


def table_recommendations(evidence: Mapping[str, Evidence]) -> Table:
    """Return the purposes, each with its rule and the detectors that meet it."""
    rows = [[r.purpose, ", ".join(map(title, r.detectors)) or "none", r.rule] for r in recommendations(evidence)]
    return Table(("if you want ...", "detectors", "rule"), rows)


def unmeasured(evidence: Mapping[str, Evidence], *, on_tables: bool) -> list[str]:
    """Return the titles of the detectors without any measurement on images, or on tables."""
    return [
        title(name)
        for name, e in evidence.items()
        if (e.clean is None and not e.aucs if on_tables else e.findings is None and e.auc is None)
    ]
