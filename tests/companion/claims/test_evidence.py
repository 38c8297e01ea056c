"""No verdict of the book rests on one training of a random detector, unless it says so."""

from collections.abc import Iterator

import pytest

from companion.claims import base
from companion.claims.base import Finding, decide
from companion.claims.decision import TRAININGS
from companion.records import MissingRecord, store

pytestmark = pytest.mark.slow  # every claim is judged

NOT_RANDOM = {  # decided without trainings, and why that is enough
    "thesis-c-10": "the submodels of one ensemble are its trainings",
    "thesis-c-16": "starts on a function, without a detector",
    "thesis-c-62": "OCSVM is trained without random numbers",
    "thesis-c-64": "the criterion is about five trainings",
    "thesis-c-65": "OCSVM",
    "thesis-c-66": "OCSVM",
    "thesis-c-69": "COPOD and one Gaussian are trained without random numbers",
    "thesis-c-70": "COPOD and one Gaussian",
    "thesis-c-76": "COPOD and one Gaussian",
    "tailored-c-03": "an integral",
    "review-c-28": "times of the same networks in batches",
    "review-c-29": "times of the same networks",
    "review-c-30": "times of the same networks in batches",
    "review-c-40": "times of trainings, each repeated",
    "anorand-c-04": "times of trainings, each repeated",
    "anogen-c-01": "five detectors that are trained without random numbers",
    "anogen-c-03": "one Gaussian and KDE",
    **{f"anogen-c-{i}": "counts of eight detectors, each searched from five starts" for i in range(10, 14)},
    "anogen-c-14": "the time of one map",
    "anogen-c-15": "counts of six detectors",
    "anogen-c-18": "counts of 46 faults on seven data sets",
    "anogen-c-19": "counts of 40 detectors on seven data sets",
    **{f"anogen-c-{i}": "counts of three detectors that are trained without random numbers" for i in range(20, 23)},
}
DECIDED = ("reproduced", "reproduced in part", "not reproduced")


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    """Return the findings of all claims whose records are committed, by id."""

    def found() -> Iterator[tuple[str, Finding]]:
        for check in base.claim_checks().values():
            if check.function is not None and not check.identity:
                try:
                    yield check.claim, check.function(*map(store.load, check.needs()))
                except MissingRecord:
                    continue

    return dict(found())


def counted(finding: Finding) -> int:
    """Return the smallest number of trainings in an admissible setting."""
    by_setting: dict[str, set[int | None]] = {}
    pooled: dict[str, int] = {}
    for case in finding.all_cases:
        if case.admissible:
            by_setting.setdefault(case.setting, set()).add(case.training)
            pooled[case.setting] = max(case.pooled, pooled.get(case.setting, 0))
    return min(max(len(trainings), pooled[setting]) for setting, trainings in by_setting.items())


def test_what_is_not_reproduced_has_five_trainings_or_needs_none(findings: dict[str, Finding]) -> None:
    for claim, finding in findings.items():
        if decide(finding) == "not reproduced" and claim not in NOT_RANDOM:
            assert finding.random is True and counted(finding) >= TRAININGS, claim


def test_fewer_trainings_decide_only_at_a_stated_cost(findings: dict[str, Finding]) -> None:
    for claim, finding in findings.items():
        if decide(finding) in DECIDED and claim not in NOT_RANDOM:
            assert finding.random is True and (counted(finding) >= TRAININGS or finding.cost), claim


def test_what_needs_no_training_is_listed(findings: dict[str, Finding]) -> None:
    fixed = {claim for claim, found in findings.items() if found.random is False and decide(found) in DECIDED}
    assert fixed == NOT_RANDOM.keys() & findings.keys()
