"""The page of all records that the site offers for download, described for search engines as data sets."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from companion.records import Record
from companion.site.html_nodes import element, joined, rendered, table, tag
from companion.site.metadata import dataset, raw_files, script
from companion.site.pages import Page, Standing, is_site, placeholder
from companion.site.record_info import duration, record

DATA = "book/data"
HEADS = ("record", "files", "scale", "seed", "computed in", "figures")
KINDS = ("npz", "json")


def record_link(page: Page, id_: str) -> element:
    """Return a record's name with its files; the site has those of figures, the repository, if it is known, has all."""
    return tag("li", tag("code", id_), *([": ", *joined(files, " ")] if (files := _files(page, record(id_))) else []))


def _path(app: Sphinx, found: Record, kind: str) -> str:
    return os.path.relpath(found.path.with_suffix(f".{kind}"), app.srcdir)


def _addresses(page: Page, found: Record) -> list[str]:
    """Return the files of a record that a page of the site offers, below the site's folder."""
    offered: Mapping[Any, Any] = page.env.dlfiles  # by texts up to Sphinx 8, by paths from 9 on
    paths = (_path(page.app, found, kind) for kind in KINDS)
    entries = (offered.get(path) or offered.get(Path(path)) for path in paths)
    return [f"_downloads/{entry[1]}" for entry in entries if entry]


def _files(page: Page, found: Record) -> list[element]:
    root = "../" * page.docname.count("/")
    files = [root + one for one in _addresses(page, found)]
    if not files and (folder := raw_files(page.app.config)):
        files = [f"{folder}/{_path(page.app, found, kind)}" for kind in KINDS]
    return [tag("a", one.rpartition(".")[2], href=one, download="") for one in files]


def collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page, for Sphinx's event `html-collect-pages`."""
    if not is_site(app):
        return
    page = Page(app, DATA)
    used: dict[str, list[Standing]] = {}
    for standing in page.standing.values():
        for id_ in standing.records:
            used.setdefault(id_, []).append(standing)
    if not used:
        return
    rows = [_row(page, record(id_), used[id_]) for id_ in sorted(used)]
    body = tag(
        "div",
        tag("h1", "Data"),
        tag("p", f"The {len(rows)} records behind the figures of this book: arrays (npz) and their provenance (json)."),
        table(HEADS, rows, class_="sortable"),
    )
    sets = [dataset(app, record(id_), _addresses(page, record(id_)), DATA) for id_ in sorted(used)]
    described = script({"@context": "https://schema.org", "@graph": sets})
    context = {
        "title": "Data",
        "body": rendered(app, body) + described,
        "description": f"All {len(rows)} records behind the figures of this book, to download.",
        "sidebars": [],
    }
    yield DATA, context, "page.html"


def link_to_data(page: Page, _place: placeholder) -> Iterator[element]:
    """Yield a link to the page; a printed book does not have it."""
    if is_site(page.app):
        yield tag("p", page.link(DATA, "", "All records behind the figures"), " can be downloaded.")


def _row(page: Page, found: Record, users: list[Standing]) -> list[Any]:
    meta = found.meta
    figures = joined(page.link(one.page, one.figure, one.figure.removeprefix("anogen-fig-")) for one in users)
    return [
        tag("code", found.id), tag("span", *joined(_files(page, found), " ")), str(meta["scale"]), str(meta["seed"]),
        tag("data", duration(float(meta["seconds"])), value=meta["seconds"]), tag("span", *figures),
    ]  # fmt: skip
