"""The bench of the audit: its size and parts, its verdicts on made-up findings, and one of each kind recomputed."""

import numpy as np
import pytest

from anogen.auditing import FINDINGS
from companion.claims.decision import decide
from notebooks.beyond.audit_bench import claims, sound
from notebooks.beyond.audit_bench.experiments import BASES, DATASETS, FOUND, AuditBench
from notebooks.beyond.audit_bench.faults import FAULTS, REFUSED
from notebooks.beyond.audit_bench.judging import Share, by_finding, false_alarms, first_tests, judge, sensitivity


def test_the_bench_is_large_enough_and_its_parts_share_nothing():
    assert len(FAULTS) >= 40 and len(sound.MODELS) >= 40 and sum(map(len, DATASETS.values())) >= 10
    for parts in (DATASETS, sound.HALVES, BASES):
        assert len(set().union(*parts.values())) == sum(map(len, parts.values()))
    for half in ("development", "test", "second-test"):
        faults = [fault for fault in FAULTS.values() if fault.half == half]
        assert {name for fault in faults for name in fault.expected} == {*FINDINGS, REFUSED}
    assert len(faults) >= 40 and len(sound.SECOND_TEST) >= 40


def test_claims_hold_at_the_bars_only():
    def decided(found, alarms):
        findings = np.zeros((20, 2, len(FINDINGS)), dtype=np.int8)
        findings[:found, 0, FINDINGS.index("saturated")] = findings[:alarms, 1, 0] = FOUND
        cases = np.array(["four-levels", "neighbours-4"])
        record = {"findings": findings, "refused": np.zeros((20, 2), bool), "case_names": cases}
        return [decide(check(record)) for check in (claims.planted_faults_are_found, claims.sound_detectors_are_passed)]

    assert decided(19, 0) == ["reproduced", "reproduced"] and decided(18, 1) == ["not reproduced", "not reproduced"]


def test_expected_findings_count_as_found_and_any_finding_of_a_sound_detector_as_a_false_alarm():
    cases = ["flipped-sign", "raises", "neighbours-3", "forest-100"]
    findings = np.zeros((2, 4, len(FINDINGS)), dtype=np.int8)
    findings[0, 0, FINDINGS.index("upside_down")] = findings[1, 0, FINDINGS.index("random")] = FOUND
    findings[1, 2, 0] = findings[:, 3, FINDINGS.index("absurd_optimum")] = FOUND
    refused = np.array([[False, True, False, False], [False, False, False, False]])
    judged = judge({"findings": findings, "refused": refused, "case_names": np.array(cases)})
    assert sensitivity(judged) == (2, 4) and false_alarms(judged) == (1, 4)
    assert by_finding(judged)["upside_down"] == (Share(1, 2), Share(0, 4))
    assert by_finding(judged)["untrained"][1] == (1, 4)


def test_the_first_test_stays_what_it_was():
    judged = {half: judge(findings) for half, findings in first_tests().items()}
    assert sensitivity(judged["test"]) == (301, 328) and false_alarms(judged["test"]) == (1, 184)
    assert sensitivity(judged["development"]) == (160, 162) and false_alarms(judged["development"]) == (0, 120)


def test_intervals_are_wilsons():
    low, high = Share(0, 100).interval
    assert low == pytest.approx(0, abs=1e-12) and high == pytest.approx(0.0370, abs=1e-4)
    assert Share(0, 0).interval == (0.0, 1.0)


@pytest.mark.parametrize(
    "case", [case for i, case in enumerate(AuditBench().case_names) if case in FAULTS and i % 3 < 2]
)
def test_each_planted_fault_of_the_development_half_is_found(case):
    """On synthetic rows, for the two bases that take little time."""
    result = AuditBench().compute(("synthetic-heavy-tails", case), {})
    found = {name for name, value in zip(FINDINGS, result["findings"], strict=True) if value == FOUND}
    assert found & set(FAULTS[case].expected) or (REFUSED in FAULTS[case].expected and result["refused"])


def test_a_planted_fault_is_found_and_a_sound_detector_is_not_accused():
    judged = judge(AuditBench.at("quick").run())
    assert sensitivity(judged) == (2, 2) and false_alarms(judged) == (0, 1)
