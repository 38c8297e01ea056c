"""The function `audit`: checks of a detector on the user's rows."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.auditing import checks
from anogen.auditing import checks_calls as calls
from anogen.auditing.case import (
    Case,
    Measures,
    far_rows,
    permuted_rows,
    probability_above,
    score_together,
    uniform_noise,
)
from anogen.auditing.checks_fitting import FITTED_FAULTS, fitting_checks
from anogen.auditing.checks_search import absurd_optimum
from anogen.auditing.data import AuditData
from anogen.auditing.detector import CountingScorer, DetectorUnderTest, one_line_errors, prepare
from anogen.auditing.findings import FINDINGS, Finding
from anogen.auditing.generated import search
from anogen.auditing.printing import capture
from anogen.auditing.provenance import source_of, versions_of
from anogen.auditing.report import AuditReport
from anogen.detectors.mixins import seeded
from anogen.errors import InputError, require
from anogen.progress import Progress, Report
from anogen.scorers.base import Orientation

FAST, FAST_SECONDS = 1e-3, 10.0  # seconds for a row, below which an audit takes at most ten seconds
CHECKS: dict[tuple[str, ...], Any] = {
    ("random",): checks.random,
    ("prefers_noise",): checks.prefers_noise,
    ("upside_down", "misses_outliers"): checks.outliers,
    ("saturated",): checks.saturated,
    ("batch_dependent",): checks.batch_dependent,
    ("leaks_batch",): calls.leaks_batch,
    ("blind_to_constant_features",): checks.blind_to_constant_features,
    ("dtype_sensitive",): calls.dtype_sensitive,
    ("accepts_nan",): calls.accepts_nan,
    ("ignores_features",): checks.ignores_features,
    ("threshold_inconsistent",): calls.threshold_inconsistent,
    ("changes_when_reloaded",): calls.changes_when_reloaded,
    ("absurd_optimum",): absurd_optimum,
    FITTED_FAULTS: fitting_checks,
    ("modifies_input",): calls.modifies_input,
}
WORDS = {True: "not found", False: "FOUND", None: "undecided"}
N_STEPS = len(CHECKS) + 1  # of the progress reports
MAX_SEED = 2**32 - 1  # of NumPy; one copy is fitted with the next seed


def audit(
    detector: Any,
    X: ArrayLike,
    y: ArrayLike | None = None,
    *,
    normal_label: object = None,
    image_shape: tuple[int, ...] | str | None = "auto",
    orientation: Orientation | None = None,
    copy: bool = True,
    fit_copies: bool = True,
    max_seconds: float = 30.0,
    search_seconds: float = 0.0,
    n_generations: int | None = None,
    random_state: int = 0,
    name: str | None = None,
    progress: Report | None = None,
) -> AuditReport:
    """Check a detector for the faults that `anogen.auditing.FAULTS` explains.

    At most 50 calls of the detector's score are made. A copy of the detector is audited, and only a class is fitted.
    NumPy's and PyTorch's global generators are seeded during the audit and restored. What the detector prints is
    counted, not shown. Its code runs in this process without a time limit; the command ``anogen audit`` runs it in
    another process, and ends it in time.
    A copy in memory is pickled and unpickled, never a file.

    Parameters
    ----------
    detector : object
        A fitted detector of PyOD, scikit-learn or with their protocol; a class, which is fitted to the data; a function
        without arguments that returns a fitted detector; or a score itself, as a function of rows (n, d) that returns
        (n,) or as a ``torch.nn.Module``.
    X : array_like
        Rows (n, d) or images (n, h, w) or (n, h, w, 3), at least 10. The report names the columns of a DataFrame; if it
        has text, or the detector was fitted to one, the detector is given DataFrames.
    y : array_like, optional
        Labels (n,).
    normal_label : object, optional
        The label of the normal rows; by default all rows are normal.
    image_shape : tuple of int, "auto", "signal" or None
        Shape (h, w) or (h, w, 3) of the image in a row; None for a table; "signal" for windows of a signal. "auto"
        recognises square grey images.
    orientation : {"anomaly", "normality"}, optional
        The meaning of a larger score; required for functions and networks. By default scikit-learn's outlier detectors
        are read as normality, all others as anomaly; the report states the choice.
    copy : bool
        Whether to audit a copy of a fitted detector, because some change when they score; one that cannot be copied is
        refused. If False, the detector itself is scored.
    fit_copies : bool
        Whether to fit copies to other data; without them, faults such as *untrained* stay undecided.
    max_seconds : float
        Time limit of the checks, which are left undecided after it; 10 for a detector that scores 1,000 rows a second.
    search_seconds : float
        Time limit for generating the rows that the detector scores as most normal; 0 to generate none.
    n_generations : int, optional
        Generations of that search, without a time limit, so that the result does not depend on the computer.
    random_state : int
        Seed of everything random.
    name : str, optional
        Name of the detector in the report.
    progress : callable, optional
        Called with a `Progress` after every step.

    Returns
    -------
    AuditReport
        The findings, with text, JSON, SARIF, HTML and pictures.

    Raises
    ------
    InputError
        If the rows or the detector cannot be audited.

    Examples
    --------
    >>> import numpy as np, anogen
    >>> rows = np.random.default_rng(0).normal(size=(60, 3))
    >>> report = anogen.audit(lambda X: np.abs(X).sum(axis=1), rows, orientation="anomaly")
    >>> report.passed
    True
    >>> report.findings["prefers_noise"].found
    False
    """
    for option, limit in (("max_seconds", max_seconds), ("search_seconds", search_seconds)):
        valid = isinstance(limit, int | float | np.number) and limit >= 0
        require(valid, f"{option} = {limit!r} is not a time limit: give 0 or more seconds")
    valid = n_generations is None or (isinstance(n_generations, int | np.integer) and n_generations >= 1)
    require(valid, f"n_generations = {n_generations!r} is not valid: give 1 or more")
    valid = isinstance(random_state, int | np.integer) and 0 <= random_state < MAX_SEED
    require(valid, f"random_state = {random_state!r} is not a seed: give a whole number from 0 to {MAX_SEED - 1}")
    parameters = {
        "normal_label": None if normal_label is None else str(normal_label), "image_shape": image_shape,
        "orientation": orientation, "copy": copy, "fit_copies": fit_copies,
        "max_seconds": max_seconds if np.isfinite(max_seconds) else None,
        "search_seconds": search_seconds, "n_generations": n_generations, "random_state": int(random_state),
    }  # fmt: skip
    rows = AuditData.from_arrays(X, y, normal_label, image_shape, random_state)
    with seeded(random_state), capture() as printed:  # seeded, so that the audit of a random detector can be repeated
        progress = printed.outside(progress or (lambda _: None))
        progress(Progress("audit", 0, N_STEPS))
        under = prepare(detector, rows.train, random_state, name, orientation, copy, rows.columns, rows.decoder)
        under = under if fit_copies else replace(under, build=None)
        score = CountingScorer(under.score, under.name)
        findings, measures, arrays = _check(score, under, rows, max_seconds, random_state, progress)
        seconds = score.seconds()
        generated: dict[str, Any] = {}
        if search_seconds or n_generations:
            with one_line_errors(f"rows could not be generated with {under.name}"):
                generated, pictures = search(
                    under, rows, arrays["real_scores"], seed=random_state, seconds=search_seconds or np.inf,
                    n_generations=n_generations, progress=progress,
                )  # fmt: skip
            arrays |= pictures
    return AuditReport(
        detector={
            "name": under.name,
            "kind": under.kind,
            "orientation": under.orientation,
            **source_of(under.name, detector),
        },
        data={
            "rows": rows.n_rows,
            "columns": len(rows.low),
            "column_names": rows.columns,
            "constant_columns": int(rows.constant.sum()),
            "image_shape": None if rows.image_shape is None else list(rows.image_shape),
            "shape_guessed": rows.is_shape_guessed,
            "signal": rows.is_signal,
            "levels": rows.levels,
            "rows_fitted": len(rows.train),
            "rows_scored": len(rows.real),
        },
        findings=findings,
        measures={k: None if v is None or not np.isfinite(v) else float(v) for k, v in measures.items()},
        generated=generated,
        calls=score.calls,
        seconds=seconds,
        random_state=random_state,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        arrays=arrays | {"real": rows.real, "low": rows.low, "high": rows.high},
        parameters=parameters,
        versions=versions_of(under.detector),
        printed=str(printed),
    )


def _check(
    score: CountingScorer, under: DetectorUnderTest, rows: AuditData, seconds: float, seed: int, progress: Report
) -> tuple[dict[str, Finding], Measures, dict[str, NDArray[Any]]]:
    """Run the checks; return the findings, their measures, and the scores of real rows and probes."""
    case, permuted_scores, shuffled = _prepare_case(score, under, rows, seconds, seed)
    constant = checks.constant(case)
    findings = {"constant": constant}
    for step, (names, check) in enumerate({} if constant.found else CHECKS.items(), 1):
        determined = (f"{name} {WORDS[item.passed]}" for name, item in findings.items())
        progress(Progress("audit", step, N_STEPS, ", ".join(determined)))
        findings |= {item.name: item for item in _run(check, names, case)}
    progress(Progress("audit", N_STEPS, N_STEPS))
    for name in FINDINGS:
        findings.setdefault(name, Finding(name, None, "not checked: the score is constant"))
    measures: Measures = {"shuffled_above_real": shuffled}
    for item in findings.values():
        measures |= item.evidence
    arrays = {"real_scores": case.first, "noise_scores": case.noise_scores, "shuffled_scores": permuted_scores}
    return {name: findings[name] for name in FINDINGS}, measures, arrays


def _prepare_case(
    score: CountingScorer, under: DetectorUnderTest, rows: AuditData, seconds: float, seed: int
) -> tuple[Case, NDArray[np.float64], float]:
    """Score real rows and probes; return the case, the scores of permuted rows, and how often these are above real."""
    rng, start = np.random.default_rng([seed, 1]), score.seconds()
    noise = uniform_noise(rows, rng)
    first = score(rows.real)
    if score.seconds() - start < FAST * len(rows.real):
        seconds = min(seconds, FAST_SECONDS) if np.isfinite(seconds) else seconds
    repeated = score(rows.real)
    with_noise, noise_scores = score_together(score, rows.real, noise)
    permuted = permuted_rows(rows, rng)
    with_permuted, permuted_scores = score_together(score, rows.real, permuted)
    far = far_rows(rows, np.random.default_rng([seed, 2]))
    case = Case(
        score, under, rows, seed, seconds, first, repeated, with_noise, noise, noise_scores, permuted, far
    )  # fmt: skip
    return case, permuted_scores, probability_above(permuted_scores, with_permuted)


def _run(check: Any, names: tuple[str, ...], case: Case) -> list[Finding]:
    """Run a check; it is undecided if the detector refuses its rows, the time is over, or it needs more than scores."""
    if not set(names) & getattr(case.under.detector, "decidable", set(names)):
        return [Finding(name, None, "scores of single rows cannot decide it") for name in names]
    if case.score.seconds() > case.seconds:
        return [Finding(name, None, "not checked: the time is over (allow more seconds)") for name in names]
    try:
        found = check(case)
    except InputError as error:
        return [Finding(name, None, f"not checked: {error}") for name in names]
    return found if isinstance(found, list) else [found]
