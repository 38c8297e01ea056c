"""Audits in pytest: one test for each finding, in the manner of scikit-learn's `parametrize_with_checks`."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from numpy.typing import ArrayLike

from anogen.auditing import FAULTS, AuditReport, audit
from anogen.auditing.report import words


def check_detector(detector: Any, X: ArrayLike, *, ignore: Iterable[str] = (), **options: Any) -> AuditReport:
    """Raise AssertionError, which lists the findings, unless an audit finds none.

    Parameters
    ----------
    detector : object
        A fitted detector, a class, a factory or a function, as for `anogen.audit`.
    X : array_like
        Normal rows (n, d).
    ignore : iterable of str
        Names of findings that do not count.
    **options
        Other arguments of `anogen.audit`.

    Returns
    -------
    AuditReport
        The report, of which the verdict may be "insufficient".

    Examples
    --------
    >>> import numpy as np
    >>> from anogen.testing import check_detector
    >>> from pyod.models.knn import KNN
    >>> rows = np.random.default_rng(0).normal(size=(100, 3))
    >>> check_detector(KNN().fit(rows), rows).faults
    []
    """
    report = audit(detector, X, **options).judge(accepted=dict.fromkeys(ignore, "ignored"))
    if report.failures:
        raise AssertionError(report.text())
    return report


def parametrize_with_checks(
    detectors: Iterable[Any],
    X: ArrayLike | Callable[[], ArrayLike],
    *,
    expected_failed_checks: Mapping[str, str] | Callable[[Any], Mapping[str, str]] | None = None,
    **options: Any,
) -> Any:
    """Return a pytest decorator that makes one test of each finding for each detector.

    The test function has the arguments ``detector`` and ``check``, and calls ``check(detector)``, which fails if the
    fault is found and skips the test if it is undecided. A detector is audited once, when its first test runs.

    Parameters
    ----------
    detectors : iterable of object
        Fitted detectors, classes or functions, as for `anogen.audit`.
    X : array_like or callable
        Normal rows (n, d), or a function that returns them.
    expected_failed_checks : dict of str or callable, optional
        Findings that are expected, each with the reason, or a function of the detector that returns them; their tests
        are marked ``xfail``.
    **options
        Other arguments of `anogen.audit`.

    Returns
    -------
    decorator
        ``pytest.mark.parametrize`` over detectors and checks.

    Examples
    --------
    >>> import numpy as np
    >>> from anogen.testing import parametrize_with_checks
    >>> from pyod.models.knn import KNN
    >>> @parametrize_with_checks([KNN], lambda: np.random.default_rng(0).normal(size=(100, 3)))
    ... def test_detector(detector, check):
    ...     check(detector)
    """
    import pytest

    detectors = list(detectors)

    @cache
    def report(index: int) -> AuditReport:
        return audit(detectors[index], X() if callable(X) else X, **options)

    def make_check(index: int, fault: str) -> Callable[[Any], None]:
        def check(detector: Any) -> None:
            assert detector is detectors[index], "pass the detector of this test to check"
            finding = report(index).findings[fault]
            if finding.passed is None:
                pytest.skip(finding.detail)
            if finding.found:
                raise AssertionError(f"{words(fault)}: {finding.detail}. {finding.explanation} {finding.advice}")

        check.__name__ = f"check_{fault}"
        return check

    cases = []
    for index, detector in enumerate(detectors):
        expected = expected_failed_checks(detector) if callable(expected_failed_checks) else expected_failed_checks
        name = getattr(detector, "__name__", type(detector).__name__)
        for fault in FAULTS:
            marks = [pytest.mark.xfail(reason=expected[fault])] if expected and fault in expected else []
            cases.append(pytest.param(detector, make_check(index, fault), marks=marks, id=f"{name}-{fault}"))
    return pytest.mark.parametrize(("detector", "check"), cases)
