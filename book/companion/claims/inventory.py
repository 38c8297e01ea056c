"""The project's vocabulary: every figure, table, equation, claim and inconsistency of the four sources.

The entries are read once from ``inventory.yaml`` and never changed: what a source states, and the criterion that was
fixed for it beforehand, do not depend on what we measure.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import yaml

from anogen.errors import InputError

PATH = Path(__file__).parents[2] / "inventory.yaml"
DRAWN = "concept diagram"  # the one kind of figure that is drawn and has no record


@dataclass(frozen=True)
class Entry:
    """What all entries share: an id such as ``thesis-fig-2.2`` and the key of its source."""

    id: str
    source: str

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Self:
        """Build an entry from its YAML mapping; keys without a field of their own go to ``extra``."""
        known = {one.name for one in fields(cls)} - {"extra"}
        values: dict[str, Any] = {key: value for key, value in raw.items() if key in known}
        rest = {key: value for key, value in raw.items() if key not in known}
        if "extra" in {one.name for one in fields(cls)}:
            values["extra"] = rest
        elif rest:
            raise ValueError(f"{raw.get('id')}: unknown keys {sorted(rest)}")
        return cls(**values)


@dataclass(frozen=True)
class Figure(Entry):
    """A figure of a source: what it shows, how it was made, and what the source says can be seen."""

    section: str
    shows: str
    kind: str
    method: dict[str, Any]
    paper_scale_compute: str
    expected_observation: str
    depends_on: list[str]
    rights: str = ""
    subfigures: list[str] = field(default_factory=list)

    @property
    def drawn(self) -> bool:
        """Whether the figure is a drawing of an idea, so that no record stands behind it."""
        return self.kind == DRAWN


@dataclass(frozen=True)
class Table(Entry):
    """A table of a source with its printed rows."""

    section: str
    what: str
    kind: str
    columns: Any
    rows: Any
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def drawn(self) -> bool:
        """Whether the table needs no record; none does without one."""
        return False


@dataclass(frozen=True)
class Equation(Entry):
    """A formula of a source, in LaTeX, with the corrected form where the printed one is wrong."""

    number: str | None
    meaning: str
    latex: str
    note: str = ""
    corrected_latex: str = ""


@dataclass(frozen=True)
class Claim(Entry):
    """A testable statement of a source and the criterion that decides it."""

    section: str
    statement: str
    criterion: str
    experiment: list[str]
    testability: str
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Inconsistency(Entry):
    """A place where a source contradicts itself, its formulas or its code."""

    location: str
    description: str
    severity: str
    proposed_handling: str


Item = Figure | Table | Equation | Claim | Inconsistency


@cache
def _raw() -> dict[str, Any]:
    text = PATH.read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is ten times faster, where it is compiled in
    data: dict[str, Any] = yaml.load(text, loader)
    return data


@cache
def figures() -> tuple[Figure, ...]:
    """Return all figures in the order of the sources."""
    return tuple(Figure.read(raw) for raw in _raw()["figures"])


@cache
def tables() -> tuple[Table, ...]:
    """Return all tables in the order of the sources."""
    return tuple(Table.read(raw) for raw in _raw()["tables"])


@cache
def equations() -> tuple[Equation, ...]:
    """Return all equations in the order of the sources."""
    return tuple(Equation.read(raw) for raw in _raw()["equations"])


@cache
def claims() -> tuple[Claim, ...]:
    """Return all claims in the order of the sources."""
    return tuple(Claim.read(raw) for raw in _raw()["claims"])


@cache
def inconsistencies() -> tuple[Inconsistency, ...]:
    """Return all known inconsistencies of the sources."""
    return tuple(Inconsistency.read(raw) for raw in _raw()["inconsistencies"])


@cache
def _index() -> Mapping[str, Item]:
    groups: tuple[tuple[Item, ...], ...] = (figures(), tables(), equations(), claims(), inconsistencies())
    return MappingProxyType({entry.id: entry for group in groups for entry in group})


def by_id(id_: str) -> Item:
    """Return the entry with an id of any kind.

    Raises
    ------
    InputError
        If no entry has this id; the message names the nearest one.
    """
    try:
        return _index()[id_]
    except KeyError:
        raise InputError(f"no entry {id_!r} in the inventory: did you mean {_nearest(str(id_))!r}?") from None


def _nearest(id_: str) -> str:
    """Return the id that a wrong one was probably meant to be; leading zeros are what is most often forgotten."""
    plain = {re.sub(r"\b0+(?=\d)", "", known).lower(): known for known in _index()}
    meant = re.sub(r"\b0+(?=\d)", "", id_).lower()
    return plain[difflib.get_close_matches(meant, plain, n=1, cutoff=0.0)[0]]


def claim(id_: str) -> Claim:
    """Return the claim with this id; raises InputError if the id is unknown or not a claim's."""
    entry = by_id(id_)
    if not isinstance(entry, Claim):
        raise InputError(
            f"{id_!r} is not a claim but a {type(entry).__name__.lower()}: claim ids look like 'thesis-c-02'"
        )
    return entry


def metric_definitions() -> Mapping[str, str]:
    """Return the definitions of the metrics that the criteria name."""
    return MappingProxyType({one["id"]: one["definition"] for one in _raw()["metric_definitions"]})


def extra_experiments() -> Mapping[str, str]:
    """Return the experiments behind claims that no figure shows: id and what it computes."""
    return MappingProxyType(_raw()["extra_experiments"])


def hyperparameters(key: str) -> Mapping[str, Any]:
    """Return what a source states, and what it leaves open, about its parameters: by subject, then `stated` and so on.

    Raises
    ------
    InputError
        If there is no such source.
    """
    source(key)
    return MappingProxyType(_raw()["hyperparameters"][key])


def meta() -> Mapping[str, Any]:
    """Return the inventory's own description: purpose, conventions and counts."""
    return MappingProxyType(_raw()["meta"])


def source(key: str) -> Mapping[str, Any]:
    """Return title, authors, year and BibTeX key of ``thesis``, ``tailored``, ``review`` or ``anorand``."""
    sources = _raw()["sources"]
    if key not in sources:
        raise InputError(f"no source {key!r}: choose one of {', '.join(sources)}")
    return MappingProxyType(sources[key])
