"""Audits in pytest: one test for each finding."""

import subprocess
import sys

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
    with pytest.raises(AssertionError, match=r"FOUND +constant .*every row"):
        check_detector(lambda X: np.zeros(len(X)), ROWS, orientation="anomaly")
    ignored = [name for name in FINDINGS if name == "constant"]
    assert check_detector(lambda X: np.zeros(len(X)), ROWS, orientation="anomaly", ignore=ignored).faults == ignored


@pytest.mark.slow
def test_each_finding_is_one_test(tmp_path):
    (tmp_path / "test_mine.py").write_text(TESTS)
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-rA",
        "--no-header",
        "--tb=short",
        "-c",
        "/dev/null",
    ]
    out = subprocess.run(
        [*words, "--rootdir", ".", "."], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout
    lines = out.splitlines()
    assert sum("test_detector[KNN-" in line and "PASSED" in line for line in lines) > 10, out
    assert not [line for line in lines if line.startswith("FAILED") and "[KNN-" in line], out
    assert [line for line in lines if line.startswith("XFAIL") and "[Reversed-upside_down]" in line], out
    assert [line for line in lines if line.startswith("FAILED") and "[Reversed-prefers_noise]" in line], out
    assert "SKIPPED" in out and [line for line in lines if line.startswith("PASSED") and "audited_once" in line], out
