"""What the site says about records and claims, read while it is built."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from companion.claims import base, inventory
from companion.records import store

NAMES = {"thesis": "the thesis", "tailored": "Kralik et al.", "review": "Lüer and Böhm", "anorand": "the AnoRand paper"}

verdict = cache(base.verdict)  # computed once a build, since it reads the records


def record(id_: str) -> store.Record:
    """Return a record of the book or of the reader's cache without its arrays; raises FileNotFoundError."""
    for folder in (store.committed_folder(), store.cached_folder()):
        if folder and (path := folder / f"{id_}.json").is_file():
            return store.Record(id_, {}, json.loads(path.read_text(encoding="utf8")), path.with_suffix(".npz"))
    raise FileNotFoundError(f"no record {id_}")


def entry(id_: str) -> Any:
    """Return the inventory's entry, or None for a figure that no source has."""
    try:
        return inventory.by_id(id_)
    except ValueError:
        return None


def name(id_: str) -> str:
    """Return how to speak of an id: ``thesis-fig-6.1`` is "the thesis, Fig. 6.1"."""
    number = inventory.number(id_)
    return f"{NAMES[id_.split('-', maxsplit=1)[0]]}, {number}" if number else id_


def claims_of(figure: str) -> list[inventory.Claim]:
    """Return the claims that the inventory ties to a figure."""
    return [claim for claim in inventory.all_claims() if figure in claim.experiment]


def duration(seconds: float) -> str:
    """Return a time of computation as a reader reads it."""
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"


def unique(values: Iterable[object]) -> str:
    """Return the values without repetitions, as text."""
    return ", ".join(dict.fromkeys(map(str, values)))
