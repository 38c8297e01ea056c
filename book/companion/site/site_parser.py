"""The figures and tables of the built site, read from its pages, so that nothing counts which a reader cannot find."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from bs4 import BeautifulSoup


class Built(NamedTuple):
    """The place of a figure, and what it was made from."""

    page: str  # path of the page below the site's folder
    records: tuple[str, ...]  # none for a drawing
    scale: str | None


def built_figures(site: Path) -> dict[str, Built]:
    """Return the figures and tables of the built site by their id in the inventory.

    A figure counts if its page holds both the numbered figure with an image that exists and has an alternative text,
    and its provenance; a table, if its page holds it and its provenance. An absent site has neither.
    """
    built: dict[str, Built] = {}
    for path in sorted(site.glob("book/**/*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")
        for box in page.select("[data-figure]"):
            id_ = str(box["data-figure"])
            name = id_.lower().replace(".", "-")
            image = page.select_one(f'figure[id="{name}"] img[alt]:not([alt=""])')
            if page.find("table", id=name) or (image and (path.parent / unquote(str(image["src"]))).is_file()):
                records = tuple(str(box["data-records"]).split())
                place = Built(path.relative_to(site).as_posix(), records, str(box["data-scale"]) or None)
                built.setdefault(id_, place)
    return built
