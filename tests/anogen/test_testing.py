"""Audits in pytest: one test for each finding."""

import numpy as np
import pytest
from pyod.models.knn import KNN

from anogen.auditing import FINDINGS
from anogen.testing import check_detector

ROWS = np.random.default_rng(0).standard_normal((60, 3))
TESTS = """
import numpy as np
from pyod.models.knn import KNN

from anogen.testing import parametrize_with_checks

ROWS = np.random.default_rng(0).standard_normal((60, 3))
audits = []


def rows():
    audits.append(1)
    return ROWS


class Reversed(KNN):
    def decision_function(self, X):
        return -super().decision_function(X)


def expected(detector):
    return {"upside_down": "it is reversed"} if isinstance(detector, Reversed) else {}


detectors = [KNN().fit(ROWS), Reversed().fit(ROWS)]


@parametrize_with_checks(detectors, rows, expected_failed_checks=expected, fit_copies=False)
def test_detector(detector, check):
    check(detector)


def test_each_detector_is_audited_once():
    assert len(audits) == 2
"""


def test_check_detector_lists_the_findings_of_a_faulty_detector():
    assert check_detector(KNN().fit(ROWS), ROWS, fit_copies=False).verdict == "insufficient"
    with pytest.raises(AssertionError, match=r"FOUND +constant"):
        check_detector(lambda X: np.zeros(len(X)), ROWS, orientation="anomaly")
    ignored = [name for name in FINDINGS if name == "constant"]
    assert check_detector(lambda X: np.zeros(len(X)), ROWS, orientation="anomaly", ignore=ignored).faults == ignored


class Outcomes(dict):
    """A plugin of pytest that keeps the outcome of each test."""

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self[report.nodeid.partition("::")[2]] = "xfailed" if hasattr(report, "wasxfail") else report.outcome


def test_each_finding_is_one_test(tmp_path, capfd):
    (tmp_path / "test_mine.py").write_text(TESTS)
    outcomes = Outcomes()
    words = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-c",
        "/dev/null",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    pytest.main(words, plugins=[outcomes])
    sound = [outcome for name, outcome in outcomes.items() if "[KNN-" in name]
    assert len(sound) == len(FINDINGS) and set(sound) == {"passed", "skipped"} and sound.count("passed") > 10
    assert outcomes["test_detector[Reversed-upside_down]"] == "xfailed"
    assert outcomes["test_detector[Reversed-prefers_noise]"] == "failed"
    assert outcomes["test_each_detector_is_audited_once"] == "passed"
