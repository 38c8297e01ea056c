"""What has changed since the first version, by source, with the reasons.

`book/verdicts/<source>.yaml` lists under `readings` each choice that the source leaves open, with those that count
for the verdicts (`admissible`), those that are only shown (`excluded`), and `why`. Under `claims` it has, by id, a
`criterion` that replaces the inventory's with the reason `why`, and the reason for a `change` of the verdict. The
inventory itself is never changed. `partial` says, by id, which panels or cells of a figure or table are missing, and
why. `anogen.yaml` is for the book's own claims. `first.yaml` has the verdicts of the first version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from companion.claims import inventory

FOLDER = Path(__file__).parents[2] / "verdicts"
SOURCES = ("thesis", "tailored", "review", "anorand", inventory.OWN)


@dataclass(frozen=True)
class Amendment:
    """What has changed for one claim; empty texts where nothing has."""

    criterion: str = ""
    why: str = ""
    change: str = ""

    def __post_init__(self) -> None:
        if bool(self.criterion) != bool(self.why):
            raise ValueError("a replaced criterion needs its reason, `why`, and a reason its criterion")


@dataclass(frozen=True)
class Reading:
    """A choice that a source leaves open, and how it may be read."""

    choice: str
    admissible: tuple[str, ...]  # these decide the verdicts
    excluded: tuple[str, ...]  # these are computed and shown, too
    why: str
    claims: tuple[str, ...]


@cache
def _raw(name: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def amendments() -> Mapping[str, Amendment]:
    """Return the amendments by claim id."""
    entries = {id_: entry for source in SOURCES for id_, entry in _raw(source)["claims"].items()}
    return {id_: Amendment(**{key: _line(text) for key, text in entry.items()}) for id_, entry in entries.items()}


def readings(source: str) -> tuple[Reading, ...]:
    """Return the choices that a source leaves open."""
    return tuple(
        Reading(
            choice=_line(entry["choice"]),
            admissible=tuple(entry["admissible"]),
            excluded=tuple(entry.get("excluded", ())),
            why=_line(entry["why"]),
            claims=tuple(entry["claims"].split()),
        )
        for entry in _raw(source)["readings"]
    )


def missing_parts() -> Mapping[str, str]:
    """Return what is missing of figures and tables that are shown in part, with the reason, by id."""
    return {id_: _line(text) for source in SOURCES for id_, text in _raw(source).get("partial", {}).items()}


def criterion(claim: str) -> str:
    """Return the criterion that replaces the inventory's, or an empty text."""
    return amendments().get(claim, Amendment()).criterion


def first_verdicts() -> Mapping[str, str]:
    """Return the verdicts of the first version by claim id, in its own words."""
    return {id_: word for word, ids in _raw("first").items() for id_ in ids.split()}


def _line(text: str) -> str:
    return " ".join(str(text).split())
