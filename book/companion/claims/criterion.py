"""A criterion evaluated on records: comparisons with thresholds, in every setting and training.

A claim's function returns a `Finding`: its cases, one for each reading of the source (*setting*) and for each
training of the detector. `companion.claims.decision` derives the verdict from the cases by one rule.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from scipy import stats

# `scale`: the criterion needs a larger computation than the record's, which does not decide it.
CAUSES = ("detector", "optimiser", "implementation", "data", "source error", "unstated choice", "scale", "criterion")
Number = float | int | str
Interval = tuple[float, float]
Sign = Literal[">=", ">", "<=", "<"]
WORDS: Mapping[str, str] = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": lambda a, b: a >= b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, "<": lambda a, b: a < b,
}  # fmt: skip


class Arrays(Protocol):
    """Arrays by name: a record or a plain dictionary."""

    def __getitem__(self, name: str, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Comparison:
    """One part of a criterion: a number, its 95 % interval if it has one, and the threshold it is compared with."""

    quantity: str  # what the number is, in words, with its unit
    value: float
    sign: Sign
    threshold: float
    interval: Interval | None = None
    over: str = ""  # what the interval is taken over, such as "32 images"
    scaled: bool = True  # whether the threshold is a chosen number, which may be varied; False for a yes-or-no question

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", float(self.value))
        object.__setattr__(self, "threshold", float(self.threshold))
        if self.interval is not None:
            low, high = map(float, self.interval)
            object.__setattr__(self, "interval", (low, high))
            if not self.over:
                raise ValueError(f"the interval of {self.quantity!r} needs `over`: say what it is taken over")

    def met(self, factor: float = 1.0) -> bool | None:
        """Return whether the number meets the threshold times `factor`; None if the interval contains it."""
        compare, threshold = _COMPARE[self.sign], self.threshold * (factor if self.scaled else 1.0)
        if self.interval is None:
            return compare(self.value, threshold)
        low, high = (compare(end, threshold) for end in self.interval)
        return low if low == high else None

    @property
    def criterion(self) -> str:
        """The threshold in words, such as "at least 65"."""
        return f"{WORDS[self.sign]} {self.threshold:g}"

    @property
    def movable(self) -> bool:
        """Whether the threshold is a chosen number other than 0, which a factor changes."""
        return self.scaled and self.threshold != 0

    @property
    def margin(self) -> float:
        """The distance to the threshold, positive where the criterion is met."""
        return (self.value - self.threshold) * (1 if self.sign in (">=", ">") else -1)


def at_least(
    quantity: str, value: float, threshold: float, interval: Interval | None = None, over: str = ""
) -> Comparison:
    """Return the comparison value >= threshold."""
    return Comparison(quantity, value, ">=", threshold, interval, over)


def at_most(
    quantity: str, value: float, threshold: float, interval: Interval | None = None, over: str = ""
) -> Comparison:
    """Return the comparison value <= threshold."""
    return Comparison(quantity, value, "<=", threshold, interval, over)


def above(
    quantity: str, value: float, threshold: float, interval: Interval | None = None, over: str = ""
) -> Comparison:
    """Return the comparison value > threshold."""
    return Comparison(quantity, value, ">", threshold, interval, over)


def below(
    quantity: str, value: float, threshold: float, interval: Interval | None = None, over: str = ""
) -> Comparison:
    """Return the comparison value < threshold."""
    return Comparison(quantity, value, "<", threshold, interval, over)


def true(question: str, answer: bool) -> Comparison:
    """Return a part of a criterion that is a question, answered with yes or no."""
    return Comparison(question, float(answer), ">=", 1.0, scaled=False)


def wilson(met: int, of: int) -> Interval:
    """Return the 95 % Wilson interval of a share."""
    low, high = stats.binomtest(int(met), int(of)).proportion_ci(0.95, method="wilson")
    return float(low), float(high)


def mean_interval(values: Sequence[float] | np.ndarray) -> Interval:
    """Return the 95 % interval of a mean by Student's t distribution, from at least two values."""
    array = np.asarray(values, dtype=float)
    if array.size < 2:
        raise ValueError("an interval of a mean needs at least two values")
    half = float(stats.t.ppf(0.975, array.size - 1) * array.std(ddof=1) / np.sqrt(array.size))
    return float(array.mean()) - half, float(array.mean()) + half


def difference_interval(first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray) -> Interval:
    """Return Welch's 95 % interval of the difference of two means, first less second, of independent values."""
    samples = [np.asarray(values, dtype=float) for values in (first, second)]
    if min(sample.size for sample in samples) < 2:
        raise ValueError("an interval of a difference needs at least two values of each kind")
    errors = [sample.var(ddof=1) / sample.size for sample in samples]
    gap, error = float(samples[0].mean() - samples[1].mean()), sum(errors)
    if error == 0:
        return gap, gap
    freedom = error**2 / sum(e**2 / (sample.size - 1) for e, sample in zip(errors, samples, strict=True))
    half = float(stats.t.ppf(0.975, freedom) * np.sqrt(error))
    return gap - half, gap + half


@dataclass(frozen=True)
class Case:
    """The criterion in one setting and one training: it is met if all its parts are."""

    parts: tuple[Comparison, ...]
    setting: str = ""  # a reading of the source or a choice that it leaves open, in words
    training: int | None = None  # number of the training, if the detector's training is random
    admissible: bool = True  # whether the reading counts: `book/verdicts/` lists the readings
    pooled: int = 0  # number of trainings over which the parts are means or shares, in a criterion on their mean
    decidable: bool = True  # False where the data or the scale cannot tell; the setting's name says why

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("a case needs at least one comparison")

    def met(self, factor: float = 1.0) -> bool | None:
        """Return whether the criterion is met with all thresholds times `factor`; None if that is uncertain."""
        if not self.decidable:
            return None
        parts = [part.met(factor) for part in self.parts]
        return False if False in parts else None if None in parts else True


@dataclass(frozen=True)
class Finding:
    """The result of a claim's criterion.

    `random` says whether the outcome depends on a random training or run of the detector: then a verdict needs at least
    five. `cost` says what five would cost, for a claim that is met and reported with fewer. `limits` says why the
    scale, the data or the criterion cannot tell: then the claim is inconclusive whatever the numbers are.
    """

    holds: bool | None = None  # instead of `cases`, for a criterion without thresholds and settings
    measured: Mapping[str, Number] = field(default_factory=dict)  # further numbers behind the decision
    cause: str = ""  # of a failure, one of `CAUSES`; required unless the criterion is met
    cases: tuple[Case, ...] = ()
    random: bool | None = None
    cost: str = ""
    limits: str = ""
    flip: str = ""  # what would turn the verdict, in words

    def __post_init__(self) -> None:
        plain: dict[str, Any] = dict(self.measured)
        for name, value in plain.items():
            plain[name] = value.item() if isinstance(value, np.generic | np.ndarray) else value
        object.__setattr__(self, "measured", plain)
        if self.cases:
            if self.random is False and any(case.training is not None for case in self.cases):
                raise ValueError("cases have trainings, but nothing is random: say random=True")
            outcomes = {case.met() for case in self.cases if case.admissible}
            if not outcomes:
                raise ValueError("no case is admissible: a verdict needs at least one")
            object.__setattr__(self, "holds", outcomes.pop() if len(outcomes) == 1 else None)
            object.__setattr__(self, "cases", tuple(self.cases))
        else:
            object.__setattr__(self, "holds", None if self.holds is None else bool(self.holds))
        if self.cause not in ("", *CAUSES):
            raise ValueError(f"unknown cause {self.cause!r}: choose one of {', '.join(CAUSES)}")
        if not self.holds and not self.cause:
            raise ValueError("a criterion that is not met needs a cause: choose one of " + ", ".join(CAUSES))

    @property
    def all_cases(self) -> tuple[Case, ...]:
        """The cases; where there are none but a plain answer, one case with it."""
        if self.cases or self.holds is None:
            return self.cases
        return (Case((true("the criterion is met", self.holds),)),)


def over_sweep(
    flags: Iterable[bool] | Mapping[Any, bool], measured: Mapping[str, Number] | None = None, *, cause: str = "",
    **stated: Any,
) -> Finding:  # fmt: skip
    """Return the finding over all values of a choice that the source leaves open, where each answers with yes or no.

    The keys of a mapping name the settings. Where the choice decides, the cause is *unstated choice*.
    """
    named = flags if isinstance(flags, Mapping) else {f"setting {i}": flag for i, flag in enumerate(flags, 1)}
    if not named:
        raise ValueError("a sweep needs at least one setting")
    cases = tuple(Case((true("the criterion is met", flag),), str(name)) for name, flag in named.items())
    met = [bool(flag) for flag in named.values()]
    why = "" if all(met) else "unstated choice" if any(met) else cause
    return Finding(None, measured or {}, why, cases, **stated)


def all_of(
    *parts: Comparison, measured: Mapping[str, Number] | None = None, cause: str = "detector", **stated: Any
) -> Finding:
    """Return the finding of a criterion in one setting and training; `cause` is that of a failure."""
    return Finding(None, measured or {}, cause, (Case(parts),), **stated)


def over_settings(findings: Mapping[str, Finding], excluded: Collection[str] = ()) -> Finding:
    """Return the finding over settings by name, the primary one first; those in `excluded` are only shown.

    The further numbers are those of the first setting. Where the admissible ones disagree, an unstated choice decides.
    """
    first = next(iter(findings.values()))
    cases = tuple(
        replace(
            case,
            setting=f"{name}, {case.setting}" if case.setting else name,
            admissible=case.admissible and name not in excluded,
        )
        for name, finding in findings.items()
        for case in finding.all_cases
    )
    counted = [finding for name, finding in findings.items() if name not in excluded]
    agree = len({finding.holds for finding in counted}) == 1
    failed = next((finding.cause for finding in counted if not finding.holds), "")
    return replace(first, cases=cases, cause=failed if agree else "unstated choice")


def over_trainings(findings: Sequence[Finding]) -> Finding:
    """Return the finding over several trainings; the further numbers are those of the first, which the figure shows."""
    first = findings[0]
    measured = dict(first.measured)
    for key in first.measured:
        values = [value for finding in findings if not isinstance(value := finding.measured.get(key, ""), str)]
        if values and min(values) < max(values):
            measured[f"{key}, range over the trainings"] = f"{min(values):.3g} to {max(values):.3g}"
    if any(not finding.all_cases for finding in findings):
        return replace(first, measured=measured, random=True)
    cases = tuple(replace(case, training=i) for i, finding in enumerate(findings) for case in finding.all_cases)
    causes = [finding.cause for finding in findings if finding.cause]
    agree = len({finding.holds for finding in findings}) == 1
    cause = "" if agree and first.holds else max(causes, key=causes.count) if agree else "unstated choice"
    return replace(first, measured=measured, cases=cases, cause=cause, random=True)
