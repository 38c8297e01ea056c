"""The project's vocabulary: every figure, table, equation, claim and inconsistency of the four sources; own claims.

The entries are read once from ``inventory.yaml`` and never changed: what a source states, and the criterion that was
fixed for it beforehand, do not depend on what we measure. The book's own claims are listed apart, as `own_claims`, and
are in no count of the sources.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Self

import yaml

from anogen.errors import InputError

PATH = Path(__file__).parents[2] / "inventory.yaml"
TITLES = {"thesis": "Thesis", "tailored": "Tailored detectors", "review": "Review", "anorand": "AnoRand"}
OWN = "anogen"  # the key of this book, for its own claims
KINDS = {"fig": "Fig.", "table": "Table", "eq": "Eq.", "c": "claim"}
DRAWN = "concept diagram"  # the one kind of figure that is drawn and has no record


@dataclass(frozen=True)
class Entry:
    """What all entries share: an id such as ``thesis-fig-2.2`` and the key of its source."""

    id: str
    source: str

    @classmethod
    def read(cls, raw: dict[str, Any]) -> Self:
        """Build an entry from its YAML mapping; keys without a field of their own go to ``extra``."""
        known = {one.name for one in fields(cls)}
        values: dict[str, Any] = {key: value for key, value in raw.items() if key in known}
        rest = {key: value for key, value in raw.items() if key not in known}
        if "extra" in known:
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
        """Whether the figure is a drawing of an idea, without a record."""
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
    drawn: ClassVar = False  # no table does without a record


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
    """A testable statement of a source, or of this book, and the criterion that decides it."""

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
def raw() -> Mapping[str, Any]:
    """Return the whole inventory as it is written; its metadata, sources and parameters are not of any type below."""
    text = PATH.read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is ten times faster, where it is compiled in
    return MappingProxyType(yaml.load(text, loader))


@cache
def _entries(key: str, kind: type[Entry]) -> tuple[Any, ...]:
    return tuple(kind.read(one) for one in raw()[key])


# Each returns all entries of its kind, in the order of the sources.
figures: Callable[[], tuple[Figure, ...]] = partial(_entries, "figures", Figure)
tables: Callable[[], tuple[Table, ...]] = partial(_entries, "tables", Table)
equations: Callable[[], tuple[Equation, ...]] = partial(_entries, "equations", Equation)
claims: Callable[[], tuple[Claim, ...]] = partial(_entries, "claims", Claim)
own_claims: Callable[[], tuple[Claim, ...]] = partial(_entries, "own_claims", Claim)
inconsistencies: Callable[[], tuple[Inconsistency, ...]] = partial(_entries, "inconsistencies", Inconsistency)


def all_claims() -> tuple[Claim, ...]:
    """Return the claims of the sources, then those of this book."""
    return (*claims(), *own_claims())


@cache
def _index() -> Mapping[str, Item]:
    return {entry.id: entry for read in (figures, tables, equations, all_claims, inconsistencies) for entry in read()}


def by_id(id_: str) -> Item:
    """Return the entry with an id of any kind; the error for an unknown one names the nearest."""
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
        kind = type(entry).__name__.lower()
        raise InputError(f"{id_!r} is not a claim but a {kind}: claim ids look like 'thesis-c-02'")
    return entry


def number(id_: str) -> str:
    """Return how its source numbers a figure, table, equation or claim: ``thesis-fig-6.14`` is "Fig. 6.14"."""
    source_, kind, number_ = [*id_.split("-", 2), "", ""][:3]
    return f"{KINDS[kind]} {number_}" if source_ in TITLES and kind in KINDS else ""


def source(key: str) -> Mapping[str, Any]:
    """Return title, authors, year and BibTeX key of ``thesis``, ``tailored``, ``review``, ``anorand`` or this book."""
    sources = raw()["sources"]
    if key not in sources:
        raise InputError(f"no source {key!r}: choose one of {', '.join(sources)}")
    return MappingProxyType(sources[key])
