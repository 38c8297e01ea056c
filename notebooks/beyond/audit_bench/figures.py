"""Figure and tables of chapter `audit-bench`."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from anogen.auditing import FAULTS as EXPLAINED
from anogen.auditing import FINDINGS
from companion.claims.base import Arrays
from companion.figures.registry import implements
from companion.figures.style import GREY, VERMILION, new_figure, styled
from companion.figures.tables import Table
from notebooks.beyond.audit_bench.experiments import FAILED, FOUND, UNDECIDED
from notebooks.beyond.audit_bench.faults import FAULTS, REFUSED
from notebooks.beyond.audit_bench.judging import BARS, Judged, by_finding, false_alarms, sensitivity, share


def words(name: str) -> str:
    """Return a name as words."""
    return name.replace("_", " ").replace("-", " ")


def table_halves(halves: Mapping[str, Judged]) -> Table:
    """Return sensitivity and false alarms of each part of the bench, with Wilson's intervals."""
    head = ("part", "planted faults", "found by an expected finding", "found by any finding", "sound", "false alarms")
    rows = []
    for half, judged in halves.items():
        found, noticed, false = sensitivity(judged), share(judged.noticed), false_alarms(judged)
        count, others = str(len(judged.planted)), str(len(judged.alarms))
        rows.append([words(half), count, str(found), str(noticed), others, str(false)])
    bars = ["bar", "", f"at least {BARS['sensitivity']:.0%}", "", "", f"at most {BARS['false alarms']:.0%}"]
    return Table(head, [*rows, bars])


def table_findings(judged: Judged) -> Table:
    """Return, for each finding, its meaning, the faults planted for it that were found, and its false alarms."""
    explained = {name: fault.explanation for name, fault in EXPLAINED.items()} | {REFUSED: "The audit cannot be made."}
    rows = [
        [f"*{words(name)}*", explained[name], str(planted), str(alarms)]
        for name, (planted, alarms) in by_finding(judged).items()
    ]
    return Table(("finding", "meaning", "planted faults found", "false alarms"), rows)


def table_errors(record: Arrays, judged: Judged) -> Table:
    """Return the planted faults that were missed and the sound detectors that were not passed, with the data sets."""
    data, rows = record["data_names"], []
    for case, hit in judged.planted.items():
        expected = ", ".join(f"*{words(name)}*" for name in FAULTS[case].expected)
        rows += [] if hit.all() else [[words(case), "fault", expected, "missed on", ", ".join(data[~hit])]]
    for case, alarms in judged.alarms.items():
        rows += [
            [words(case), "sound", f"*{words(name)}*", "found on", ", ".join(data[made])]
            for name, made in zip(FINDINGS, alarms.T, strict=True)
            if made.any()
        ]
    return Table(("detector", "kind", "finding", "", "data sets"), rows or [["none", "", "", "", ""]])


@implements("anogen-fig-library")
def fig_library(paths: list[str], findings: np.ndarray) -> Figure:
    """Plot by detector and finding (C, D, F) the number of data sets on which it is found, as the areas of discs."""
    made = (findings == FOUND).sum(axis=1)
    order = np.argsort(made.sum(axis=1), kind="stable")
    names = [paths[i].partition(":")[2] for i in order]
    figure, [[ax]] = new_figure(height=2.4 + 0.27 * len(names))
    with styled():
        row, column = np.nonzero(made[order])
        ax.scatter(column, row, s=12 * made[order][row, column], color=VERMILION, linewidths=0)
        failed = (findings[order] == FAILED).all(axis=(1, 2))
        ax.scatter(np.zeros(failed.sum()), np.flatnonzero(failed), marker="x", color=GREY)
        ax.set(xticks=range(len(FINDINGS)), yticks=range(len(names)), yticklabels=names)
        ax.set_xticklabels([words(name) for name in FINDINGS], rotation=60, ha="right")
        ax.set(xlim=(-0.5, len(FINDINGS) - 0.5), ylim=(len(names) - 0.5, -0.5))
        ax.tick_params(labelsize=9)
        ax.grid(visible=True, color="#dddddd", linewidth=0.5)
    return figure


def table_library(paths: list[str], findings: np.ndarray) -> Table:
    """Return, for each detector, the findings with the number of data sets, and the checks that were not decided."""
    rows, total = [], findings.shape[1]
    for path, values in zip(paths, findings, strict=True):
        counts = (values == FOUND).sum(axis=0)
        made = [f"*{words(FINDINGS[i])}* {counts[i]}" for i in np.argsort(-counts, kind="stable") if counts[i]]
        failed = int((values == FAILED).all(axis=1).sum())
        open_ = [words(name) for name, column in zip(FINDINGS, values.T, strict=True) if (column == UNDECIDED).any()]
        library = path.partition(".")[0].replace("sklearn", "scikit-learn").replace("pyod", "PyOD")
        clean = int(((values != FOUND).all(axis=1) & (values != FAILED).all(axis=1)).sum())
        rows.append([
            path.partition(":")[2], library, f"{clean} of {total}", ", ".join(made) or "–",
            ", ".join(open_) or "–", str(failed) if failed else "–",
        ])  # fmt: skip
    head = ("detector", "library", "data sets without a finding", "findings (data sets)", "undecided", "failed")
    return Table(head, rows)
