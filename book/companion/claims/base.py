"""What a verdict is: a claim's fixed criterion, evaluated on the records that belong to it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol, TypeVar

import numpy as np

from companion import records
from companion.chapters import chapters
from companion.claims import inventory
from companion.experiment import Experiment
from companion.records import store

# `scale`: the criterion asks for more than was computed, and what was does not decide it;
# or what was decides nothing, and more of it might.
CAUSES = ("detector", "optimiser", "implementation", "data", "source error", "unstated choice", "scale")
VERDICTS = ("reproduced", "contradicted", "undecided", "untested")
Number = float | int | str
F = TypeVar("F", bound="Callable[..., Finding]")


class Arrays(Protocol):
    """What a claim's function reads: arrays by name, of a record or of a plain dictionary."""

    def __getitem__(self, name: str, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Finding:
    """What a claim's function found.

    Parameters
    ----------
    holds
        Whether the criterion is met; None if the record cannot tell.
    measured
        The numbers that the criterion was applied to, by name.
    cause
        Where a failure comes from, one of `CAUSES`; it must be named unless the criterion is met.
    """

    holds: bool | None
    measured: Mapping[str, Number] = field(default_factory=dict)
    cause: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "holds", None if self.holds is None else bool(self.holds))
        object.__setattr__(self, "measured", {name: _plain(value) for name, value in self.measured.items()})
        if self.cause not in ("", *CAUSES):
            raise ValueError(f"unknown cause {self.cause!r}: choose one of {', '.join(CAUSES)}")
        if not self.holds and not self.cause:
            raise ValueError("a criterion that is not met needs a cause: name one of " + ", ".join(CAUSES))


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict, always computed from records and never stored.

    `verdict` is one of `VERDICTS`, or None while the claim has no function or its record is missing or stale.
    """

    claim: str
    verdict: str | None
    measured: Mapping[str, Number]
    criterion: str
    cause: str
    records: tuple[str, ...]
    page: str | None


@dataclass(frozen=True)
class Judge:
    """A registered claim: the function that decides it and the experiments whose records it reads."""

    claim: str
    page: str
    needs: Callable[[], Sequence[Experiment]]
    function: Callable[..., Finding] | None  # None: not tested, `why` says why
    why: str = ""


_judges: dict[str, Judge] = {}  # filled when the chapters' modules are imported


def _register(judge: Judge) -> None:
    inventory.claim(judge.claim)  # an unknown id is an error at import
    if judge.claim in _judges:
        raise ValueError(f"claim {judge.claim} is judged twice")
    _judges[judge.claim] = judge


def claim(id_: str, *, page: str, needs: Callable[[], Sequence[Experiment]]) -> Callable[[F], F]:
    """Register the function that decides a claim.

    Parameters
    ----------
    id_
        The claim's id in the inventory.
    page
        The chapter that shows the verdict.
    needs
        Returns the experiments whose records the function takes, in its order; called only when they are needed.
    """

    def register(function: F) -> F:
        _register(Judge(id_, page, needs, function))
        return function

    return register


def untested(id_: str, *, page: str, why: str) -> None:
    """Register a claim as deliberately not tested, and why."""
    _register(Judge(id_, page, list, None, why))


def over_sweep(
    flags: Iterable[bool] | Mapping[Any, bool], measured: Mapping[str, Number] | None = None, *, cause: str = ""
) -> Finding:
    """Decide a criterion over all values of a choice that the source leaves open.

    Met everywhere: it holds. Met nowhere: it does not, and `cause` says why. Otherwise the choice decides, so the
    claim is undecided and the cause is the *unstated choice*.
    """
    met = [bool(flag) for flag in (flags.values() if isinstance(flags, Mapping) else flags)]
    if not met:
        raise ValueError("a sweep without settings decides nothing")
    counted = {**(measured or {}), "settings": len(met), "settings that meet the criterion": sum(met)}
    if all(met):
        return Finding(True, counted)
    if not any(met):
        return Finding(False, counted, cause)
    return Finding(None, counted, "unstated choice")


def in_a_word(holds: bool | None) -> str:
    """Write whether a criterion is met, for readers of the measured values."""
    return {True: "yes", False: "no", None: "trainings disagree"}[holds]


def over_trainings(findings: Sequence[Finding]) -> Finding:
    """Decide a criterion over several trainings of what it is about; the first, that of the figure, gives the numbers.

    Where the trainings disagree, the seed that the source does not give decides: the claim is undecided.
    """
    first, *others = findings
    if not others:
        return first
    measured = dict(first.measured)
    for key in first.measured:
        values = [value for finding in findings if not isinstance(value := finding.measured[key], str)]
        if values and min(values) < max(values):
            measured[f"{key}, range over the trainings"] = f"{min(values):.3g} to {max(values):.3g}"
    measured |= {
        "trainings": len(findings),
        "trainings that meet the criterion": sum(finding.holds is True for finding in findings),
    }
    if len({finding.holds for finding in findings}) == 1:
        return replace(first, measured=measured)
    return Finding(None, measured, "unstated choice")


@cache
def judges() -> Mapping[str, Judge]:
    """Return all registered claims by id; imports the chapters' modules."""
    for chapter in chapters().values():
        chapter.claims()
    return dict(_judges)


def verdict(id_: str, load: Callable[[Experiment], Any] | None = None) -> Verdict:
    """Return the verdict on a claim, from the records at hand.

    Parameters
    ----------
    id_
        The claim's id in the inventory.
    load
        How to get an experiment's record; committed or cached records by default.

    Raises
    ------
    InputError
        If the inventory has no such claim.
    """
    criterion = inventory.claim(id_).criterion
    judge = judges().get(id_)
    if judge is None:
        return Verdict(id_, None, {}, criterion, "", (), None)
    if judge.function is None:
        return Verdict(id_, "untested", {}, criterion, judge.why, (), judge.page)
    try:
        needed = judge.needs()
        loaded = [(load or records.load)(experiment) for experiment in needed]
    except records.MissingRecord:
        return Verdict(id_, None, {}, criterion, "", (), judge.page)
    names = tuple(record.id for record in loaded)
    if any(is_stale(*pair) for pair in zip(needed, loaded, strict=True)):
        return Verdict(id_, None, {}, criterion, "", names, judge.page)
    finding = judge.function(*loaded)
    word = {True: "reproduced", False: "contradicted", None: "undecided"}[finding.holds]
    return Verdict(id_, word, finding.measured, criterion, "" if finding.holds else finding.cause, names, judge.page)


def is_stale(experiment: Experiment, record: Any) -> bool:
    """Tell whether a record was computed by other code than today's."""
    return bool(record.meta["code"] != store.code_digest(experiment))


def _plain(value: Any) -> Number:
    """Return a numpy scalar or 0-d array as the Python number it holds."""
    return value.item() if isinstance(value, np.generic | np.ndarray) else value
