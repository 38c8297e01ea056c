"""The state of the whole: every figure, table and claim of the inventory, in one dictionary."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from companion.claims import inventory
from companion.claims.base import verdict

Place = tuple[str, Sequence[str], str | None]  # page, record ids and scale of a figure


def status(built: Mapping[str, Place] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the state of every figure, table and claim, given page, record ids and scale of each built figure.

    The result is ``{"figures": [{"id", "state", "page", "record", "scale"}], "tables": [the same], "claims": [{"id",
    "verdict", "cause", "page", "record"}]}``. `record` is the first of the records, the one that the figure shows or
    the claim's criterion is about. A claim's page is its chapter until the site has a page of it. A figure counts as
    done only with its record; only a concept diagram is done without one.
    """
    built = built or {}
    pages = {PurePosixPath(page).stem: page for page, _, _ in built.values()}  # chapter -> page of the site
    return {
        "figures": [_state(entry, built.get(entry.id)) for entry in inventory.figures()],
        "tables": [_state(entry, built.get(entry.id)) for entry in inventory.tables()],
        "claims": [_verdict(entry.id, pages) for entry in inventory.claims()],
    }


def _state(entry: inventory.Figure | inventory.Table, place: Place | None) -> dict[str, Any]:
    page, records, scale = place or (None, (), None)
    done = page is not None and (bool(records) or entry.drawn)
    return {
        "id": entry.id,
        "state": "done" if done else "missing",
        "page": page if done else None,
        "record": records[0] if done and records else None,
        "scale": scale if done and records else None,
    }


def _verdict(id_: str, pages: Mapping[str, str]) -> dict[str, Any]:
    one = verdict(id_)
    return {
        "id": id_,
        "verdict": one.verdict,
        "cause": one.cause or None,
        "page": pages.get(one.page, one.page) if one.page else None,
        "record": one.records[0] if one.records else None,
    }
