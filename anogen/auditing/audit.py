"""The function `audit`: six checks of a detector on the user's rows."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anogen.auditing import checks
from anogen.auditing.checks import Measures
from anogen.auditing.data import AuditData
from anogen.auditing.detector import CountingScorer, DetectorUnderTest, one_line_errors, prepare
from anogen.auditing.findings import FINDINGS, Finding
from anogen.auditing.generated import search
from anogen.auditing.report import AuditReport, source_of, versions_of
from anogen.detectors.mixins import seeded
from anogen.errors import require
from anogen.progress import Progress, Report
from anogen.scorers.base import Orientation

N_STEPS = 7  # of the progress reports
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
    max_seconds: float = 30.0,
    search_seconds: float = 0.0,
    n_generations: int | None = None,
    random_state: int = 0,
    name: str | None = None,
    progress: Report | None = None,
) -> AuditReport:
    """Check whether a detector is untrained, constant, random, batch-dependent, blind or fooled by noise.

    At most 50 calls of the detector's score are made. A copy of the detector is audited, and only a class is fitted.
    NumPy's and PyTorch's global generators are seeded during the audit and restored. The detector's code runs in this
    process without a time limit; the command ``anogen audit`` runs it in another process, and ends it in time.

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
    max_seconds : float
        Time limit for fitting the copies that tell whether the detector is untrained.
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
        "orientation": orientation, "copy": copy, "max_seconds": max_seconds if np.isfinite(max_seconds) else None,
        "search_seconds": search_seconds, "n_generations": n_generations, "random_state": int(random_state),
    }  # fmt: skip
    progress = progress or (lambda _: None)
    rows = AuditData.from_arrays(X, y, normal_label, image_shape, random_state)
    with seeded(random_state):  # so that the audit of a random detector can be repeated
        progress(Progress("audit", 0, N_STEPS))
        under = prepare(
            detector, rows.train, random_state, name, orientation, copy, rows.columns, rows.decoder
        )  # fmt: skip
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
        findings={key: findings[key] for key in FINDINGS if key in findings},
        measures={k: None if v is None or not np.isfinite(v) else float(v) for k, v in measures.items()},
        generated=generated,
        calls=score.calls,
        seconds=seconds,
        random_state=random_state,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        arrays=arrays | {"real": rows.real, "low": rows.low, "high": rows.high},
        parameters=parameters,
        versions=versions_of(under.detector),
    )


def _check(
    score: CountingScorer, under: DetectorUnderTest, rows: AuditData, seconds: float, seed: int, progress: Report
) -> tuple[dict[str, Finding], Measures, dict[str, NDArray[Any]]]:
    """Run the six checks; return the findings, their measures, and the scores of real rows and probes."""
    rng = np.random.default_rng([seed, 1])
    noise = checks.uniform_noise(rows, rng)
    first = score(rows.real)
    repeated = score(rows.real)
    progress(Progress("audit", 1, N_STEPS))
    with_noise, noise_scores = checks.score_together(score, rows.real, noise)
    with_permuted, permuted_scores = checks.score_together(score, rows.real, checks.permuted(rows, rng))
    findings = {"constant": checks.constant(with_noise, noise_scores)}
    remaining: dict[str, Callable[[], Finding]] = {
        "random": lambda: checks.random(first, repeated),
        "prefers_noise": lambda: checks.prefers_noise(score, rows, with_noise, noise_scores),
        "blind_to_constant_features": lambda: checks.blind(score, rows, rng),
        "batch_dependent": lambda: checks.batch_dependent(score, rows.real, first, repeated, noise),
        "untrained": lambda: checks.untrained(under, rows, seed, seconds - score.seconds()),
    }
    for step, (key, check) in enumerate(remaining.items(), 2):
        determined = (f"{name} {'FOUND' if finding.found else 'not found'}" for name, finding in findings.items())
        progress(Progress("audit", step, N_STEPS, ", ".join(determined)))
        findings[key] = (
            Finding(key, None, "not checked: the score is constant") if findings["constant"].found else check()
        )
    if not findings["constant"].found:
        findings["prefers_noise"] = checks.prefers_anomalies(findings["prefers_noise"], score, rows, seed)
    progress(Progress("audit", N_STEPS, N_STEPS))
    shuffled = checks.probability_above(permuted_scores, with_permuted)
    measures: Measures = {"shuffled_above_real": shuffled, "roc_auc": None}
    for finding in findings.values():
        measures |= finding.evidence
    arrays = {"real_scores": first, "noise_scores": noise_scores, "shuffled_scores": permuted_scores}
    return findings, measures, arrays
