"""Verdicts: each claim's fixed criterion, evaluated on its records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeVar

from companion import records
from companion.chapters import chapters
from companion.claims import amendments, inventory
from companion.claims.criterion import (
    CAUSES,
    Arrays,
    Case,
    Comparison,
    Finding,
    Number,
    above,
    all_of,
    at_least,
    at_most,
    below,
    difference_interval,
    mean_interval,
    over_settings,
    over_sweep,
    over_trainings,
    true,
    wilson,
)
from companion.claims.decision import OWN_NAMES, OWN_VERDICTS, VERDICTS, Condition, conditions, decide, flips
from companion.experiment import Experiment
from companion.records import store

__all__ = [
    "CAUSES", "OWN_VERDICTS", "VERDICTS", "Arrays", "Case", "ClaimCheck", "Comparison", "Condition", "Finding",
    "Number", "Verdict",
    "above", "all_of", "at_least", "at_most", "below", "claim", "claim_checks", "difference_interval", "mean_interval",
    "over_settings",
    "over_sweep", "over_trainings", "true", "untested", "verdict", "wilson",
]  # fmt: skip
Check = TypeVar("Check", bound="Callable[..., Finding]")


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict, always computed from records and never stored."""

    claim: str
    verdict: str | None  # of `VERDICTS` or `OWN_VERDICTS`; None without a function, or if a record is missing or stale
    measured: Mapping[str, Number]
    criterion: str  # the one that decides: the inventory's, or the one that replaces it
    cause: str
    records: tuple[str, ...]
    page: str | None
    conditions: tuple[Condition, ...] = ()  # the outcome in every setting, the first of which is the primary one
    finding: Finding | None = None
    flips: Mapping[str, str] = field(default_factory=dict)  # other verdicts if all thresholds were 10 % lower or higher
    identity: str = ""  # why it is true by arithmetic or definition

    @property
    def replaced(self) -> str:
        """The inventory's criterion, if another one decides."""
        return inventory.claim(self.claim).criterion if amendments.criterion(self.claim) else ""


@dataclass(frozen=True)
class ClaimCheck:
    """A registered claim: the function that decides it, and the experiments whose records it reads."""

    claim: str
    page: str
    needs: Callable[[], Sequence[Experiment]]
    function: Callable[..., Finding] | None  # None: not tested, for the reason in `why`
    why: str = ""
    identity: str = ""


_checks: dict[str, ClaimCheck] = {}  # filled when the chapters' modules are imported


def _register(check: ClaimCheck) -> None:
    inventory.claim(check.claim)  # an unknown id is an error at import
    if check.claim in _checks:
        raise ValueError(f"claim {check.claim} has two checks: remove one")
    _checks[check.claim] = check


def claim(
    id_: str, *, page: str, needs: Callable[[], Sequence[Experiment]], identity: str = ""
) -> Callable[[Check], Check]:
    """Register the function that decides a claim from the records of `needs`; the chapter `page` shows the verdict.

    `identity` says why the claim is true by arithmetic or by definition, if it is; it is checked all the same.
    """

    def register(function: Check) -> Check:
        _register(ClaimCheck(id_, page, needs, function, identity=identity))
        return function

    return register


def untested(id_: str, *, page: str, why: str) -> None:
    """Register a claim as deliberately not tested, with the reason."""
    _register(ClaimCheck(id_, page, list, None, why))


@cache
def claim_checks() -> Mapping[str, ClaimCheck]:
    """Return all registered claims by id; imports the chapters' modules."""
    for chapter in chapters().values():
        chapter.claims()
    return dict(_checks)


def verdict(id_: str, load: Callable[[Experiment], Any] | None = None) -> Verdict:
    """Return the verdict on a claim; by default `load` returns an experiment's committed or cached record."""
    check = claim_checks().get(id_)
    criterion = amendments.criterion(id_) or inventory.claim(id_).criterion
    verdict = Verdict(id_, None, {}, criterion, "", (), check.page if check else None)
    if check is None:
        return verdict
    if check.function is None:
        return replace(verdict, verdict="not tested", cause=check.why)
    try:
        needed = check.needs()
        loaded = [(load or records.load)(experiment) for experiment in needed]
    except records.MissingRecord:
        return verdict
    verdict = replace(verdict, records=tuple(record.id for record in loaded))
    if any(is_stale(*pair) for pair in zip(needed, loaded, strict=True)):
        return verdict
    finding = check.function(*loaded)
    word = decide(finding, identity=bool(check.identity))
    names = OWN_NAMES if inventory.claim(id_).source == inventory.OWN else {}
    turned = flips(finding, identity=bool(check.identity))
    return replace(
        verdict, verdict=names.get(word, word), measured=finding.measured, finding=finding, identity=check.identity,
        cause="" if word in ("reproduced", "identity") else finding.cause,
        conditions=conditions(finding), flips={change: names.get(other, other) for change, other in turned.items()},
    )  # fmt: skip


def is_stale(experiment: Experiment, record: Any) -> bool:
    """Return whether a record was computed by other code than today's."""
    return bool(record.meta["code"] != store.code_digest(experiment))
