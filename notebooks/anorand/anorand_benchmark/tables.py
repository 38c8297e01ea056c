"""Tables of chapter `anorand-benchmark`: a head and rows of text."""

import itertools
from collections.abc import Sequence

import numpy as np

from companion.claims.base import Arrays
from companion.datasets import adbench
from companion.figures.tables import Table
from companion.records import Record
from notebooks.anorand.anorand_benchmark import results as statistics
from notebooks.anorand.anorand_benchmark.claims import OURS
from notebooks.anorand.anorand_benchmark.data import TABLE_2
from notebooks.anorand.anorand_benchmark.methods import METHODS, SUPERVISED
from notebooks.anorand.anorand_benchmark.parts import TRAININGS
from notebooks.anorand.anorand_benchmark.results import Cell, Results, column_of, reported_values, set_of

ABSENT = "no verified copy"
NOT_YET = "not computed yet"
RARE = 3.0  # standard errors: a larger difference occurs by chance once in 370 cells
NOT_COMPUTED = {"GANomaly": "not computed: it was made for images"}  # columns of Table 2


def exceptions(record: Arrays) -> Table:
    """List the cells that differ from the published values, with the probable cause."""
    head = ("detector", "data set", "here", "published", "difference", "probable cause")
    rows = []
    for cell in statistics.compare_published(record):
        if not cell.agrees:
            apart = cell.ours - cell.published
            numbers = [_number(cell.ours), _number(cell.published), _number(apart, "+.3f")]
            rows.append([METHODS[cell.method].title, cell.set, *numbers, _cause(cell, record)])
    return Table(head, rows)


def _cause(cell: Cell, record: Arrays) -> str:
    if np.isnan(cell.ours):
        return "it failed"
    if (cell.method, cell.set) in _constant_cells(record):
        return "every row has the same, infinite score"
    if cell.method == "cblof":
        return "an older CBLOF, since corrected"
    return "chance" if abs(cell.ours - cell.published) < RARE * cell.error else "unknown"


def _constant_cells(record: Arrays) -> list[tuple[str, str]]:
    """Return the methods and files with equal scores in every repetition: ROC AUC is exactly one half."""
    return [
        (method, name)
        for method, values in zip(record["methods"].tolist(), record["roc_auc"], strict=True)
        for name, own in zip(record["sets"].tolist(), values, strict=True)
        if (own == 0.5).any() and (own[~np.isnan(own)] == 0.5).all()
    ]


def infinite_scores(pca: Arrays, records: Sequence[Arrays], names: Sequence[str]) -> Table:
    """Compare PCA in the records of the benchmark, without failures, with PCA by the full solver on data sets."""
    rows = []
    for name in names:
        f, (values, equal) = pca["sets"].tolist().index(name), statistics.pca_of(records, name)
        row = [name, f"{np.nanmax(pca['dependent'][f]):.0f}", f"{equal.sum()} of {len(equal)}"]
        row.append(f"{statistics.failed(pca, name).sum()} of {statistics.repetitions(pca, name)}")
        key = "average_precision"
        means = statistics.known_mean(values[key][~equal]), statistics.known_mean(pca[key][1, f])
        row += [_number(float(mean)) for mean in means]
        rows.append(row)
    head = ["data set", "dependent columns", "infinite", "infinite, other processor"]
    return Table([*head, "AUC PR, finite", "AUC PR, full solver"], rows)


def capped(records: Sequence[Record]) -> str:
    """Name the methods that were trained on fewer rows of artificial data than others, with the number of theirs."""
    titles: dict[int, list[str]] = {}
    for record in records:
        for method in (METHODS[name] for name in record["methods"].tolist()):
            if 0 < method.cap < record.parameter("train"):
                titles.setdefault(method.cap, []).append(method.title)
    return ", ".join(f"{' and '.join(names)} on {cap:,}" for cap, names in sorted(titles.items()))


def training_times(record: Arrays) -> Table:
    """List the median seconds to train each method on the same rows, and in how many runs AnoRand took less time."""
    methods, seconds = record["methods"].tolist(), record["equal_seconds"]
    longer = (seconds > seconds[:, [methods.index(OURS)]]).sum(axis=0)
    known = [m for m in range(len(methods)) if not np.isnan(seconds[:, m]).all()]
    order = sorted(known, key=lambda m: -np.nanmedian(seconds[:, m]))
    rows = [[METHODS[methods[m]].title, f"{np.nanmedian(seconds[:, m]):.3g}", str(longer[m])] for m in order]
    return Table(("method", "seconds, median", f"of {len(seconds)} runs, longer than AnoRand"), rows)


def effort(records: Sequence[Arrays]) -> Table:
    """List for each method the repetitions, the largest number of training rows, and the failures."""
    head = ("method", "in the source's list", "repetitions on a file", "training rows at most", "files without a value")
    rows = []
    for record in records:
        for m, name in enumerate(record["methods"].tolist()):
            counts = (~np.isnan(record["roc_auc"][m])).sum(axis=-1)
            tried = sorted(set(counts[counts > 0].tolist()))
            failed = [f for f, count in zip(record["sets"].tolist(), counts, strict=True) if not count]
            said = sorted({str(s) for s in record["failure"][m] if s})
            why = f"{len(failed)}" + (f" ({said[0].replace('|', '/')})" if failed and said else "")
            method = METHODS[name]
            listed = "yes" if method.listed and name != OURS else "-"
            cap = f"{method.cap:,}" if method.cap else "all"
            rows.append([method.title, listed, " or ".join(map(str, tried)), cap, why])
    return Table(head, rows)


def overall(results: Results) -> Table:
    """Rank the methods, and test each against AnoRand: Wilcoxon's test over data sets, adjusted by Holm's rule."""
    ranked, ours = results.ranks, results.values_of(OURS)
    others = [name for name in results.methods if name != OURS]
    p = [statistics.wilcoxon_p(ours, results.values_of(name)) for name in others]
    adjusted = dict(zip(others, statistics.holm(p), strict=True))
    rows = []
    for m in np.argsort(ranked.mean(axis=0)):
        name, ranks, values = results.methods[m], ranked[:, m], results.values[:, m]
        row = [METHODS[name].title, f"{ranks.mean():.2f}", str((ranks == 1).sum())]
        row.append(f"{100 * np.nanmean(values):.1f}")
        tested = name != OURS
        row += [f"{100 * np.nanmean(ours - values):+.1f}", f"{adjusted[name]:.2g}"] if tested else ["-", "-"]
        rows.append(row)
    head = ("method", "mean rank", "first", "AUC PR, %", "AnoRand's difference, points", "p, Holm")
    return Table(head, rows)


def absent() -> list[str]:
    """Name the data sets that are unavailable, wholly or in part."""
    names = []
    for name in dict.fromkeys(entry.set for entry in adbench.catalogue()):
        files = [entry for entry in adbench.catalogue() if entry.set == name]
        missing = sum(not entry.sha256 for entry in files)
        if missing:
            names.append(name if missing == len(files) else f"{name} ({missing} of {len(files)} files)")
    return names


def compare_table_2(results: Results | None) -> Table:
    """Compare Table 2 with the reported values, AUC PR in percent, a row per data set and method."""
    known, rows = reported_values(), []
    for printed, name in TABLE_2.items():
        for method in SUPERVISED:
            value, paper = _value(results, name, method)[0], known.get((name, column_of(method)), float("nan"))
            if not np.isnan(value) or not np.isnan(paper):
                rows.append([printed, SUPERVISED[method].title, *_compared(value, paper)])
        others = (column for column in NOT_COMPUTED if (name, column) in known)
        rows += [[printed, column, *_compared(float("nan"), known[name, column])] for column in others]
    return Table(("data set", "method", "here", "paper", "difference"), rows)


def compare_ours(results: Results) -> Table:
    """Compare AnoRand's values in Table 2 with the reported ones, next to the median difference of other methods."""
    known, rows, ours = reported_values(), [], "anorand-labels"
    for name, (_, *others) in differences_to_reported(results).items():
        value, paper = _value(results, name, ours)[0], known[name, column_of(ours)]
        rows.append([name, *_compared(value, paper), f"{np.median(others):+.1f}" if others else "-"])
    return Table(("data set", "here", "paper", "difference", "difference of other methods, median"), rows)


def _compared(value: float, paper: float) -> list[str]:
    """Return our value, the paper's and the difference, in percent."""
    return [_number(100 * value, ".1f"), _number(100 * paper, ".1f"), _number(100 * (value - paper), "+.1f")]


def differences_to_reported(results: Results) -> dict[str, list[float]]:
    """Return by data set each method's difference to the reported value in points, AnoRand first."""
    known = reported_values()
    methods = sorted(results.methods, key=lambda name: column_of(name) != METHODS[OURS].title)
    differences: dict[str, list[float]] = {}
    for name, method in itertools.product(results.sets, methods):
        value = float(results.values_of(method)[results.sets.index(name)])
        if (name, column_of(method)) in known and not np.isnan(value):
            differences.setdefault(name, []).append(100 * (value - known[name, column_of(method)]))
    return differences


def reasons(results: Results | None) -> Table:
    """List the reasons of empty cells in Table 2."""
    rows = [[column, "all", why] for column, why in NOT_COMPUTED.items()]
    available = {set_of(name) for name in adbench.known()}
    rows += [["all", printed, ABSENT] for printed, name in TABLE_2.items() if name not in available]
    for method in SUPERVISED:
        said: dict[str, list[str]] = {}
        for printed, name in TABLE_2.items():
            value, why = _value(results, name, method)
            if np.isnan(value) and name in available:
                said.setdefault(why, []).append(printed)
        for why, names in said.items():
            rows.append([SUPERVISED[method].title, "all" if len(names) > 10 else ", ".join(names), why])
    return Table(("method", "data sets", "why there is no value"), rows)


def _value(results: Results | None, name: str, method: str) -> tuple[float, str]:
    """Return a method's value on a data set, or NaN and the reason."""
    if name not in map(set_of, adbench.known()):
        return float("nan"), ABSENT
    if results is None or method not in results.methods or name not in results.sets:
        return float("nan"), NOT_YET
    value = float(results.values_of(method)[results.sets.index(name)])
    return value, results.failures.get((name, method), "").replace("|", "/")


def _number(value: float, form: str = ".3f") -> str:
    return "-" if np.isnan(value) else format(value, form)


def artificial(records: Sequence[Arrays]) -> Table:
    """List the mean AUC PR and ROC AUC of all detectors on artificial data, the best first."""
    rows = []
    for record in records:
        measures = (statistics.known_mean(record[key]) for key in ("average_precision", "roc_auc"))
        rows += list(zip(record["methods"].tolist(), *measures, strict=True))
    rows.sort(key=lambda row: -np.nan_to_num(row[1]))
    return Table(("detector", "AUC PR", "ROC AUC"), [[METHODS[m].title, _number(a), _number(b)] for m, a, b in rows])


def score_variants(record: Arrays) -> Table:
    """Compare AnoRand's printed score with its parts: mean AUC PR over the data sets, and the number of better sets."""
    names, ap = record["scores"].tolist(), record["ap"].mean(axis=2)  # (F, 2, K)
    head = ["score"]
    for training in TRAININGS:
        head += [f"AUC PR, {training}", "better than printed"]
    rows = []
    for k, name in enumerate(names):
        row = [METHODS[name].title if name in METHODS else name]
        for t in range(len(TRAININGS)):
            own = ap[:, t, k]
            row.append(_number(100 * own.mean(), ".1f"))
            row.append(f"{(own > ap[:, t, names.index('printed')]).sum()} of {len(own)}")
        rows.append(row)
    return Table(tuple(head), rows)
