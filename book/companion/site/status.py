"""The status of all figures, tables and claims, from the built site and the verdicts."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote

from bs4 import BeautifulSoup

from companion.claims import inventory
from companion.claims.amendments import missing_parts
from companion.claims.base import verdict


class Built(NamedTuple):
    """The place of a figure, and what it was made from."""

    page: str  # path of the page below the site's folder
    records: tuple[str, ...]  # none for a drawing
    scale: str | None


def built_figures(site: Path) -> dict[str, Built]:
    """Return the figures and tables of the built site by id, read from its pages; an absent site has none.

    They count with their provenance; a figure also needs an image that exists and has an alternative text.
    """
    built: dict[str, Built] = {}
    for path in sorted(site.glob("book/**/*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")
        for box in page.select("[data-figure][data-records]"):
            id_ = str(box["data-figure"])
            name = id_.lower().replace(".", "-")
            image = page.select_one(f'figure[id="{name}"] img[alt]:not([alt=""])')
            if page.find("table", id=name) or (image and (path.parent / unquote(str(image["src"]))).is_file()):
                records = tuple(str(box["data-records"]).split())
                place = Built(path.relative_to(site).as_posix(), records, str(box["data-scale"]) or None)
                built.setdefault(id_, place)
    return built


def status(built: Mapping[str, Built]) -> dict[str, list[dict[str, Any]]]:
    """Return the state of every figure, table and claim, given the figures of the built site.

    `record` is the first of the records. A claim's page is its chapter until the site has a page of it. A figure counts
    as done only with its record; only a concept diagram is done without one. It is `partial` where panels or cells of
    the source are `missing`.
    """
    pages = {PurePosixPath(place.page).stem: place.page for place in built.values()}  # chapter -> page of the site
    return {
        "figures": [_state(entry, built.get(entry.id)) for entry in inventory.figures()],
        "tables": [_state(entry, built.get(entry.id)) for entry in inventory.tables()],
        "claims": [_verdict(entry.id, pages) for entry in inventory.claims()],
        "own_claims": [_verdict(entry.id, pages) for entry in inventory.own_claims()],
    }


def _state(entry: inventory.Figure | inventory.Table, place: Built | None) -> dict[str, Any]:
    done = place is not None and (bool(place.records) or entry.drawn)
    with_record = place if place and done and place.records else None
    missing = missing_parts().get(entry.id) if done else None
    return {
        "id": entry.id,
        "state": "partial" if missing else "done" if done else "missing",
        "missing": missing,
        "page": place.page if place and done else None,
        "record": with_record.records[0] if with_record else None,
        "scale": with_record.scale if with_record else None,
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
