"""Verdicts: each claim's fixed criterion, evaluated on its records."""

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

# `scale`: the criterion needs a larger computation than the record's, which does not decide it.
CAUSES = ("detector", "optimiser", "implementation", "data", "source error", "unstated choice", "scale")
VERDICTS = ("reproduced", "contradicted", "undecided", "untested")
Number = float | int | str
Check = TypeVar("Check", bound="Callable[..., Finding]")


class Arrays(Protocol):
    """Arrays by name: a record or a plain dictionary."""

    def __getitem__(self, name: str, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Finding:
    """The result of a claim check."""

    holds: bool | None  # whether the criterion is met; None if the record does not decide it
    measured: Mapping[str, Number] = field(default_factory=dict)  # the numbers behind the decision
    cause: str = ""  # of a failure, one of `CAUSES`; required unless the criterion is met

    def __post_init__(self) -> None:
        object.__setattr__(self, "holds", None if self.holds is None else bool(self.holds))
        plain: dict[str, Any] = dict(self.measured)
        for name, value in plain.items():
            plain[name] = value.item() if isinstance(value, np.generic | np.ndarray) else value
        object.__setattr__(self, "measured", plain)
        if self.cause not in ("", *CAUSES):
            raise ValueError(f"unknown cause {self.cause!r}: choose one of {', '.join(CAUSES)}")
        if not self.holds and not self.cause:
            raise ValueError("a criterion that is not met needs a cause: choose one of " + ", ".join(CAUSES))


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict, always computed from records and never stored."""

    claim: str
    verdict: str | None  # one of `VERDICTS`; None while the claim has no function or its record is missing or stale
    measured: Mapping[str, Number]
    criterion: str
    cause: str
    records: tuple[str, ...]
    page: str | None


@dataclass(frozen=True)
class ClaimCheck:
    """A registered claim: the function that decides it, and the experiments whose records it reads."""

    claim: str
    page: str
    needs: Callable[[], Sequence[Experiment]]
    function: Callable[..., Finding] | None  # None: not tested, for the reason in `why`
    why: str = ""


_checks: dict[str, ClaimCheck] = {}  # filled when the chapters' modules are imported


def _register(check: ClaimCheck) -> None:
    inventory.claim(check.claim)  # an unknown id is an error at import
    if check.claim in _checks:
        raise ValueError(f"claim {check.claim} has two checks: remove one")
    _checks[check.claim] = check


def claim(id_: str, *, page: str, needs: Callable[[], Sequence[Experiment]]) -> Callable[[Check], Check]:
    """Register the function that decides a claim from the records of `needs`; the chapter `page` shows the verdict."""

    def register(function: Check) -> Check:
        _register(ClaimCheck(id_, page, needs, function))
        return function

    return register


def untested(id_: str, *, page: str, why: str) -> None:
    """Register a claim as deliberately not tested, with the reason."""
    _register(ClaimCheck(id_, page, list, None, why))


def over_sweep(
    flags: Iterable[bool] | Mapping[Any, bool], measured: Mapping[str, Number] | None = None, *, cause: str = ""
) -> Finding:
    """Return the finding over all values of a choice that the source leaves open.

    The criterion holds if it is met for every value, and fails, with `cause`, if it is met for none. Otherwise the
    choice decides: the claim is undecided, with the cause *unstated choice*.
    """
    met = [bool(flag) for flag in (flags.values() if isinstance(flags, Mapping) else flags)]
    if not met:
        raise ValueError("a sweep needs at least one setting")
    counted = {**(measured or {}), "settings": len(met), "settings that meet the criterion": sum(met)}
    if all(met):
        return Finding(True, counted)
    if not any(met):
        return Finding(False, counted, cause)
    return Finding(None, counted, "unstated choice")


def yes_or_no(holds: bool | None) -> str:
    """Return whether a criterion is met, as text for the measured values."""
    return {True: "yes", False: "no", None: "trainings disagree"}[holds]


def over_trainings(findings: Sequence[Finding]) -> Finding:
    """Return the finding over several trainings; the numbers are those of the first, which the figure shows.

    If the trainings disagree, the claim is undecided: its verdict depends on a seed that the source does not state.
    """
    first, *others = findings
    if not others:
        return first
    measured = dict(first.measured)
    for key in first.measured:
        values = [value for finding in findings if not isinstance(value := finding.measured[key], str)]
        if values and min(values) < max(values):
            measured[f"{key}, range over the trainings"] = f"{min(values):.3g} to {max(values):.3g}"
    met = sum(finding.holds is True for finding in findings)
    measured |= {"trainings": len(findings), "trainings that meet the criterion": met}
    if len({finding.holds for finding in findings}) == 1:
        return replace(first, measured=measured)
    return Finding(None, measured, "unstated choice")


@cache
def claim_checks() -> Mapping[str, ClaimCheck]:
    """Return all registered claims by id; imports the chapters' modules."""
    for chapter in chapters().values():
        chapter.claims()
    return dict(_checks)


def verdict(id_: str, load: Callable[[Experiment], Any] | None = None) -> Verdict:
    """Return the verdict on a claim; by default `load` returns an experiment's committed or cached record."""
    check = claim_checks().get(id_)
    verdict = Verdict(id_, None, {}, inventory.claim(id_).criterion, "", (), check.page if check else None)
    if check is None:
        return verdict
    if check.function is None:
        return replace(verdict, verdict="untested", cause=check.why)
    try:
        needed = check.needs()
        loaded = [(load or records.load)(experiment) for experiment in needed]
    except records.MissingRecord:
        return verdict
    verdict = replace(verdict, records=tuple(record.id for record in loaded))
    if any(is_stale(*pair) for pair in zip(needed, loaded, strict=True)):
        return verdict
    finding = check.function(*loaded)
    word = {True: "reproduced", False: "contradicted", None: "undecided"}[finding.holds]
    return replace(verdict, verdict=word, measured=finding.measured, cause="" if finding.holds else finding.cause)


def is_stale(experiment: Experiment, record: Any) -> bool:
    """Return whether a record was computed by other code than today's."""
    return bool(record.meta["code"] != store.code_digest(experiment))
