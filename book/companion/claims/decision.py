"""The rule by which a verdict follows from a finding.

1. In one setting, the trainings vote: the setting meets the criterion, or does not, if the 95 % Wilson interval of the
   share of trainings that meet it excludes one half; this takes at least four that agree, and five are required.
2. Over the admissible settings: met in all, the claim is *reproduced*; met in some, *reproduced in part*; met in none,
   *not reproduced*; otherwise *inconclusive*.
3. A number whose interval contains its threshold meets nothing and misses nothing.
4. With fewer than five trainings of a random detector, a claim is *inconclusive*, unless it is met and the finding
   states what five would cost.
5. Where the criterion is about a mean over five or more trainings, the intervals of the means decide instead of a vote.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from companion.claims.criterion import Case, Comparison, Finding, Interval, mean_interval, wilson

VERDICTS = ("reproduced", "reproduced in part", "not reproduced", "inconclusive", "not tested", "identity")
# A claim of this book is not reproduced from a source; its verdicts have other names.
OWN_NAMES = {"reproduced": "confirmed", "reproduced in part": "confirmed in part", "not reproduced": "refuted"}
OWN_VERDICTS = tuple(OWN_NAMES.get(verdict, verdict) for verdict in VERDICTS)
TRAININGS = 5  # the fewest on which a verdict about a random detector rests
VARIED = (0.9, 1.1)  # factors on all thresholds, to see whether the verdict depends on their exact values


@dataclass(frozen=True)
class Condition:
    """The outcome in one setting: over its trainings, or of the single case."""

    setting: str
    admissible: bool
    holds: bool | None  # None: undetermined
    met: int  # trainings that meet the criterion
    trainings: int  # 1 also where nothing is random
    numbers: tuple[Comparison, ...]  # the parts: means over the trainings, with 95 % intervals


def conditions(finding: Finding, factor: float = 1.0) -> tuple[Condition, ...]:
    """Return the outcome in every setting, in the order of the cases."""
    by_setting: dict[str, list[Case]] = {}
    for case in finding.all_cases:
        by_setting.setdefault(case.setting, []).append(case)
    return tuple(_condition(setting, cases, finding, factor) for setting, cases in by_setting.items())


def _condition(setting: str, cases: list[Case], finding: Finding, factor: float) -> Condition:
    by_training: dict[int | None, list[bool | None]] = {}
    for case in cases:
        by_training.setdefault(case.training, []).append(case.met(factor))
    outcomes = [False if False in met else None if None in met else True for met in by_training.values()]
    numbers = tuple(_mean(parts) for parts in zip(*(case.parts for case in cases), strict=True))
    by_vote = finding.random and cases[0].pooled < TRAININGS
    holds = _vote(outcomes, priced=bool(finding.cost)) if by_vote else outcomes[0]
    return Condition(setting, cases[0].admissible, holds, outcomes.count(True), len(outcomes), numbers)


def _vote(outcomes: list[bool | None], *, priced: bool) -> bool | None:
    """Return the outcome that a majority of the trainings shows beyond chance."""
    met, missed = outcomes.count(True), outcomes.count(False)
    if len(outcomes) < TRAININGS:
        return True if priced and met == len(outcomes) else None
    if wilson(met, len(outcomes))[0] > 0.5:
        return True
    return False if wilson(missed, len(outcomes))[0] > 0.5 else None


def _mean(parts: Iterable[Comparison]) -> Comparison:
    """Return the mean of the same part over the trainings, with its interval."""
    first, *others = parts = list(parts)
    if not others:
        return first
    values = np.array([part.value for part in parts])
    interval: Interval | None = mean_interval(values) if first.scaled else None
    over = f"{len(values)} trainings"
    return Comparison(first.quantity, float(values.mean()), first.sign, first.threshold, interval, over, first.scaled)


def decide(finding: Finding, *, identity: bool = False, factor: float = 1.0) -> str:
    """Return the verdict, with all thresholds times `factor`."""
    outcomes = [condition.holds for condition in conditions(finding, factor) if condition.admissible]
    if finding.limits or not outcomes:
        return "inconclusive"
    if all(outcomes):
        return "identity" if identity else "reproduced"
    if True in outcomes:
        return "reproduced in part"
    return "inconclusive" if None in outcomes else "not reproduced"


def flips(finding: Finding, *, identity: bool = False) -> Mapping[str, str]:
    """Return the verdicts that differ from today's if every threshold is 10 % lower or higher, by the change."""
    now = decide(finding, identity=identity)
    varied = {f"{factor - 1:+.0%}": decide(finding, identity=identity, factor=factor) for factor in VARIED}
    return {change: verdict for change, verdict in varied.items() if verdict != now}
