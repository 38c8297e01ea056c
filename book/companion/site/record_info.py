"""What the site says about records and claims, read while it is built."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from companion.claims import base, inventory
from companion.records import store

NAMES = {"thesis": "the thesis", "tailored": "Kralik et al.", "review": "Lüer and Böhm", "anorand": "the AnoRand paper"}
KINDS = {"fig": "Fig.", "table": "Table", "eq": "Eq.", "c": "claim"}


class Source(NamedTuple):
    """The record behind a figure: its name, what is known about it, its file, whether it is the book's own."""

    id: str
    meta: Mapping[str, Any]
    path: Path
    committed: bool


def record(id_: str) -> Source:
    """Return what is known about the record `id_`: one of the book's own, or one in the reader's cache.

    Raises
    ------
    FileNotFoundError
        If there is none of that name.
    """
    for folder in (store.committed_folder(), store.cached_folder()):
        if folder and (path := folder / f"{id_}.json").is_file():
            meta = json.loads(path.read_text(encoding="utf8"))
            return Source(id_, meta, folder / f"{id_}.npz", committed=folder == store.committed_folder())
    raise FileNotFoundError(f"no record {id_}")


def entry(id_: str) -> Any:
    """Return the inventory's entry, or None for a figure that no source has."""
    try:
        return inventory.by_id(id_)
    except ValueError:
        return None


def name(id_: str) -> str:
    """Return how to speak of an id: ``thesis-fig-6.1`` is "the thesis, Fig. 6.1"."""
    source, _, rest = id_.partition("-")
    kind, _, number = rest.partition("-")
    return f"{NAMES[source]}, {KINDS[kind]} {number}" if source in NAMES and kind in KINDS else id_


@cache
def verdict(claim: str) -> base.Verdict:
    """Return the verdict on a claim; computed once a build, since it reads the records."""
    return base.verdict(claim)


def claims_of(figure: str) -> list[inventory.Claim]:
    """Return the claims that the inventory ties to a figure."""
    return [claim for claim in inventory.claims() if figure in claim.experiment]


def word(verdict: str | None) -> str:
    """Return a verdict as a reader reads it."""
    return verdict or "open"


def measured(verdict: base.Verdict) -> list[tuple[str, str]]:
    """Return the measured values as text, numbers with four significant digits."""
    return [
        (key, f"{value:.4g}" if isinstance(value, float) else str(value)) for key, value in verdict.measured.items()
    ]


def duration(seconds: float) -> str:
    """Return a time of computation as a reader reads it."""
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"


def unique(values: Sequence[object]) -> str:
    """Return the values without repetitions, as text."""
    return ", ".join(dict.fromkeys(str(value) for value in values))
