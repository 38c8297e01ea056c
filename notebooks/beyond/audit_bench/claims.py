"""The claims of chapter `audit-bench`, on the second test."""

from companion.claims.base import Arrays, Case, Finding, at_least, at_most, claim
from companion.experiment import Experiment
from notebooks.beyond.audit_bench.experiments import chapter_experiments
from notebooks.beyond.audit_bench.judging import BARS, Share, false_alarms, judge, sensitivity

PAGE = "audit-bench"


def needs() -> list[Experiment]:
    """Return the experiment of the second test."""
    return [chapter_experiments()["second-test"]]


def _ratio(share: Share) -> float:
    return share.made / share.total


@claim("anogen-c-18", page=PAGE, needs=needs)
def planted_faults_are_found(record: Arrays) -> Finding:
    """Return the share of planted faults of which an expected finding is made."""
    part = at_least("faults found", _ratio(sensitivity(judge(record))), BARS["sensitivity"])
    return Finding(cause="implementation", cases=(Case((part,)),), random=False)


@claim("anogen-c-19", page=PAGE, needs=needs)
def sound_detectors_are_passed(record: Arrays) -> Finding:
    """Return the share of sound detectors with a finding."""
    part = at_most("sound detectors with a finding", _ratio(false_alarms(judge(record))), BARS["false alarms"])
    return Finding(cause="implementation", cases=(Case((part,)),), random=False)
