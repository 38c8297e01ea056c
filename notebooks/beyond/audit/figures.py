"""Figure and table of chapter `audit`."""

import numpy as np
from matplotlib.figure import Figure

from anogen.auditing import FINDINGS
from companion.figures.registry import implements
from companion.figures.style import GREY, VERMILION, new_figure, styled
from companion.figures.tables import Table
from companion.records import Record
from notebooks.beyond.audit.experiments import MEASURES


@implements("anogen-fig-audit")
def fig_audit(names: list[str], findings: np.ndarray, asked: np.ndarray) -> Figure:
    """Plot the findings (D, F) bool by detector; `asked` (D,) says which were tested for being untrained."""
    faults = FINDINGS[: findings.shape[1]]
    figure, [[ax]] = new_figure(height=2.2 + 0.27 * len(names))
    known = np.ones_like(findings)
    known[:, 0] = asked
    with styled():
        row, column = np.nonzero(findings)
        ax.scatter(column, row, s=70, color=VERMILION)
        row, column = np.nonzero(~findings & known)
        ax.scatter(column, row, s=30, facecolors="none", edgecolors=GREY)
        ax.set(xticks=range(len(faults)), yticks=range(len(names)), yticklabels=names)
        ax.set_xticklabels([name.replace("_", " ") for name in faults], rotation=60, ha="right")
        ax.set(xlim=(-0.5, len(faults) - 0.5), ylim=(len(names) - 0.5, -0.5))
    return figure


def table_measures(names: list[str], record: Record) -> Table:
    """Return the measures of the audit, by detector."""
    columns = {
        "ROC AUC": ("roc_auc", ".3f"),
        "noise above real": ("noise_above_real", ".0%"),
        "shuffled above real": ("shuffled_above_real", ".0%"),
        "real above black": ("black_below_real", ".0%"),
        "change with the batch": ("change_with_batch", ".2f"),
    }
    rows = []
    for name, measures in zip(names, record["measures"], strict=True):
        values = [(measures[MEASURES.index(key)], form) for key, form in columns.values()]
        rows.append([name, *("–" if np.isnan(value) else format(value, form) for value, form in values)])
    return Table(("detector", *columns), rows)
